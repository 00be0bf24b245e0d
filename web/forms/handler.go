// Package forms holds the hosted pages: forms that people fill in and chats, each at an address that whoever has it may use.
// They show nothing of the workspace but what their trigger says.
package forms

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
)

// Page is what stands at an address.
type Page struct {
	scenario.Form
	Scenario string // its name
}

// Sent is what somebody sends.
type Sent struct {
	Key    string // of the address
	Chat   bool
	Values map[string]any
	Files  []value.Large // that Values refers to
	User   string        // the visitor's id; empty: none is said
	Hash   string        // its proof
	Token  string        // that the page had: a second one is the first; empty: it had none
}

// Reply is what became of it.
type Reply struct {
	Text   string // what the run answers; empty: nothing
	Failed bool   // the run ended without carrying it out
	Later  bool   // the run goes on, and was to answer
}

// Handler serves the pages.
type Handler struct {
	// Open gives the page at an address; NotFound: there is none.
	Open func(ctx context.Context, key string, chat bool) (Page, error)
	// Visitor checks who a visitor says they are; Unauthorized: it is not so, or has to be said.
	Visitor func(ctx context.Context, key string, chat bool, user, hash string) (string, error)
	// Send makes what is sent durable; Conflict: its token was sent before with something else.
	Send   func(ctx context.Context, s Sent) (Reply, error)
	Keep   func(ctx context.Context, r io.Reader) (value.Large, error) // keeps a file
	Chrome func(*http.Request) ui.Chrome

	room room
}

// The most that is taken.
const (
	mostBody  = 1 << 20  // bytes of what is sent
	mostFiles = 10 << 20 // bytes of it where there are files
	mostUser  = 1000     // bytes of an id, or of its proof

	mostDrained = 64 << 20 // bytes that are read and not taken
)

// The names of what a page sends beside its fields. No field can be called so.
const (
	tokenInput = "form-token"
	userInput  = "form-user"
	hashInput  = "form-hash"
)

// visit is one request for a page.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	key  string
	chat bool
	page Page
	user string // as the address or the page says it
	hash string
}

// Show serves GET /forms/{key}. What a field begins with may stand in the address, under its name.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := h.visit(w, r, false)
	if v == nil {
		return err
	}
	query := r.URL.Query()
	if id := v.page.Identity; id != nil {
		v.user, v.hash = query.Get(id.Field), query.Get(scenario.HashParam)
	}
	p := newForm(v)
	if done, err := h.admit(v, p.title()); done {
		return err
	}
	p.prefill(query)
	return h.form(v, http.StatusOK, p)
}

// Submit serves POST /forms/{key}: the fields, each under its name.
func (h *Handler) Submit(w http.ResponseWriter, r *http.Request) error {
	v, err := h.visit(w, r, false)
	if v == nil {
		return err
	}
	p := newForm(v)
	release, err := h.read(v, p.Files)
	defer release()
	if err != nil {
		return h.refuse(v, p, err)
	}
	v.user, v.hash, p.Token = r.PostForm.Get(userInput), r.PostForm.Get(hashInput), r.PostForm.Get(tokenInput)
	if done, err := h.admit(v, p.title()); done {
		return err
	}
	values, ok := p.take(r)
	if !ok {
		p.Wrong = "Some of what you filled in cannot be taken. Look at what is marked."
		return h.form(v, http.StatusUnprocessableEntity, p)
	}
	files, err := h.keep(r, p, values)
	if err != nil {
		return h.refuse(v, p, err)
	}
	reply, err := h.Send(r.Context(), Sent{Key: v.key, Values: values, Files: files, User: v.user, Hash: v.hash, Token: known(p.Token)})
	if err != nil {
		return h.refuse(v, p, err)
	}
	if v.page.Redirect != "" { // by the page: a policy would stop a form that is led elsewhere
		w.Header().Set("Refresh", "0; url="+v.page.Redirect)
	}
	return ui.Render(w, r, http.StatusOK, thanksPage(h.Chrome(r), p, reply))
}

// visit finds the page at an address. Where there is none it has been answered, and the visit is nil.
func (h *Handler) visit(w http.ResponseWriter, r *http.Request, chat bool) (*visit, error) {
	v := &visit{w: w, r: r, key: r.PathValue("key"), chat: chat}
	var err error
	v.page, err = h.Open(r.Context(), v.key, chat)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, ui.Render(w, r, http.StatusNotFound, closedPage(h.Chrome(r), "There is nothing here", "No page is open at this address. It may have been closed, or the address may not be whole."))
	}
	if err != nil {
		return nil, err
	}
	frames(w.Header(), v.page.Allow)
	return v, nil
}

// frames lets the pages of some origins show this one within them.
func frames(header http.Header, allow []string) {
	if len(allow) > 0 {
		const none = "frame-ancestors 'none'"
		header.Set("Content-Security-Policy", strings.Replace(header.Get("Content-Security-Policy"), none, "frame-ancestors "+strings.Join(allow, " "), 1))
	}
}

// admit lets a visitor in whose id is proved, where one is asked for; else it has answered.
func (h *Handler) admit(v *visit, title string) (done bool, err error) {
	if len(v.user) > mostUser || len(v.hash) > mostUser {
		v.user, v.hash = "?", "?"
	}
	_, err = h.Visitor(v.r.Context(), v.key, v.chat, v.user, v.hash)
	switch fault.CodeOf(err) {
	case "":
		return false, nil
	case fault.Unauthorized:
		if wantsJSON(v.r) {
			return true, writeJSON(v.w, http.StatusForbidden, said{Error: fault.MessageOf(err)})
		}
		return true, ui.Render(v.w, v.r, http.StatusForbidden, closedPage(h.Chrome(v.r), title, fault.MessageOf(err)))
	}
	return true, err
}

func (h *Handler) form(v *visit, status int, p form) error {
	p.User, p.Hash = v.user, v.hash
	if known(p.Token) == "" {
		p.Token = rand.Text()
	}
	return ui.Render(v.w, v.r, status, formPage(h.Chrome(v.r), p))
}

// refuse shows the form again, with what was typed, and says why it was not taken.
func (h *Handler) refuse(v *visit, p form, err error) error {
	status := 0
	var kind wrongKind
	switch code := fault.CodeOf(err); {
	case errors.As(err, &kind):
		status = http.StatusUnsupportedMediaType
		err = fault.New(fault.InvalidInput, "%s", kind.Error())
	case code == fault.TooLarge:
		status = http.StatusRequestEntityTooLarge
		v.w.Header().Set("Connection", "close")
	case code == fault.InvalidInput:
		status = http.StatusBadRequest
	case code == fault.Conflict:
		status, p.Token = http.StatusConflict, ""
		err = fault.New(fault.Conflict, "You have sent this page before, with other answers; those were taken. Send it again if these shall be taken too.")
	case code == fault.Unavailable || code == fault.Timeout || code == fault.Cancelled:
		status = http.StatusServiceUnavailable
		v.w.Header().Set("Retry-After", "5")
		err = fault.New(fault.Unavailable, "It cannot be taken in right now, and nothing was sent. Send it again in a moment.")
	default:
		return err
	}
	p.Wrong = fault.MessageOf(err)
	return h.form(v, status, p)
}

// wrongKind is a body that no form sends.
type wrongKind struct{}

func (wrongKind) Error() string {
	return "A page like this one is sent as a form, not as anything else."
}

var nothing = func() {}

// read takes in what is sent, within bounds. release lets go of it.
func (h *Handler) read(v *visit, files bool) (release func(), err error) {
	kinds := v.r.Header.Values("Content-Type")
	if len(kinds) != 1 {
		return nothing, wrongKind{}
	}
	kind, _, err := mime.ParseMediaType(kinds[0])
	if err != nil || kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data" {
		return nothing, wrongKind{}
	}
	most := int64(mostBody)
	if files {
		most = mostFiles
		deadline := time.Now().Add(filesWithin)
		if err := http.NewResponseController(v.w).SetReadDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return nothing, err
		}
	}
	raw := v.r.Body
	if v.r.ContentLength > most {
		drain(raw)
		return nothing, tooLarge(most)
	}
	leave, err := h.room.take(v.r.Context(), v.r.ContentLength)
	if err != nil {
		return nothing, err
	}
	release = func() {
		if v.r.MultipartForm != nil {
			v.r.MultipartForm.RemoveAll()
		}
		leave()
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
	if kind == "multipart/form-data" {
		err = v.r.ParseMultipartForm(inMemory)
	} else {
		err = v.r.ParseForm()
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return release, nil
	case errors.As(err, &large):
		drain(raw)
		return release, tooLarge(most)
	}
	v.r.PostForm = url.Values{}
	return release, fault.Wrap(err, fault.InvalidInput, "What you sent did not come whole. Send it again.")
}

// drain reads on what is not taken, so far as people choose files: a browser that is cut off shows no page, but a broken
// connection.
func drain(body io.Reader) { io.CopyN(io.Discard, body, mostDrained) }

func tooLarge(most int64) error {
	return fault.New(fault.TooLarge, "That is more than can be taken here: it may have at most %d MB in all.", most>>20)
}

var tokenText = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// known is a token that a page can have had; empty: it can not.
func known(token string) string {
	if len(token) >= 16 && len(token) <= 64 && tokenText.MatchString(token) {
		return token
	}
	return ""
}
