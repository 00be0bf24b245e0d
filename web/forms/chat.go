package forms

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/ui"
)

const (
	mostLines = 40   // of what was said before, that a page without a script sends along
	mostLine  = 4000 // bytes of each
)

// chat is a chat as it is shown.
type chat struct {
	form
	Conversation string
	Lines        []line
	Typed        string
	Asked        string // the message whose answer is still to come; empty: none
	AskedToken   string
}

// line is something that was said.
type line struct {
	Own  bool // by the visitor
	Text string
}

// The words of answers that no run gives.
const (
	textFailed = "That could not be carried out. Write again, or try later."
	textLater  = "The answer takes longer. It will come; you may look for it again, or write on."
	textFollow = "The answer takes longer. It will stand here as soon as it is there."
	textTaken  = "Received."
)

// ShowChat serves GET /chat/{key}.
func (h *Handler) ShowChat(w http.ResponseWriter, r *http.Request) error {
	v, err := h.visit(w, r, true)
	if v == nil {
		return err
	}
	if id := v.page.Identity; id != nil {
		v.user, v.hash = r.URL.Query().Get(id.Field), r.URL.Query().Get(scenario.HashParam)
	}
	c := chat{form: newForm(v)}
	if done, err := h.admit(v, c.title()); done {
		return err
	}
	return h.chat(v, http.StatusOK, c)
}

// said is the answer to a script.
type said struct {
	Answer string `json:"answer"`
	Later  bool   `json:"later,omitempty"` // asked again with the same token it may be there
	Error  string `json:"error,omitempty"` // why the message was not taken
	Next   string `json:"next,omitempty"`  // the next message's token
}

// Say serves POST /chat/{key} with `message`, `conversation` and the page's token. A script is answered in JSON, a form with the
// page.
func (h *Handler) Say(w http.ResponseWriter, r *http.Request) error {
	v, err := h.visit(w, r, true)
	if v == nil {
		return err
	}
	c := chat{form: newForm(v)}
	release, err := h.read(v, false)
	defer release()
	if err != nil {
		return h.unsaid(v, c, err)
	}
	v.user, v.hash, c.Token, c.Conversation = r.PostForm.Get(userInput), r.PostForm.Get(hashInput), r.PostForm.Get(tokenInput), known(r.PostForm.Get("conversation"))
	if done, err := h.admit(v, c.title()); done {
		return err
	}
	c.Lines = linesOf(r.PostForm["line"])
	if c.Conversation == "" {
		c.Conversation = rand.Text()
	}
	c.Typed = strings.TrimSpace(fields.Text(r.PostForm.Get("message")))
	switch {
	case c.Typed == "":
		return h.unsaid(v, c, fault.New(fault.InvalidInput, "Write something first."))
	case utf8.RuneCountInString(c.Typed) > fields.Most:
		return h.unsaid(v, c, fault.New(fault.InvalidInput, "At most 10,000 characters."))
	}
	reply, err := h.Send(r.Context(), Sent{Key: v.key, Chat: true, Values: map[string]any{"message": c.Typed, "conversation": c.Conversation},
		User: v.user, Hash: v.hash, Token: known(c.Token)})
	if err != nil {
		return h.unsaid(v, c, err)
	}
	if wantsJSON(r) {
		answer := said{Answer: textOf(reply), Later: reply.Later, Next: rand.Text()}
		if reply.Later { // the script asks again by itself
			answer.Answer = textFollow
		}
		return writeJSON(w, http.StatusOK, answer)
	}
	if !r.PostForm.Has("again") {
		c.Lines = append(c.Lines, line{true, c.Typed})
	}
	if reply.Later {
		c.Asked, c.AskedToken = c.Typed, known(c.Token)
	} else {
		c.Lines = append(c.Lines, line{false, textOf(reply)})
	}
	c.Typed, c.Token = "", ""
	return h.chat(v, http.StatusOK, c)
}

func textOf(r Reply) string {
	switch {
	case r.Failed:
		return textFailed
	case r.Later:
		return textLater
	case r.Text == "":
		return textTaken
	}
	return r.Text
}

// unsaid says why a message was not taken, and keeps what was typed.
func (h *Handler) unsaid(v *visit, c chat, err error) error {
	status, text := http.StatusUnprocessableEntity, fault.MessageOf(err)
	switch code := fault.CodeOf(err); {
	case code == fault.InvalidInput:
	case code == fault.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case code == fault.Conflict: // its token was another message's
		status, text, c.Token = http.StatusConflict, "The message before was taken. Send this one again.", ""
	case code == fault.Unavailable || code == fault.Timeout || code == fault.Cancelled:
		status, text = http.StatusServiceUnavailable, "Your message cannot be taken in right now. Send it again in a moment."
		v.w.Header().Set("Retry-After", "5")
	case isKind(err):
		status, text = http.StatusUnsupportedMediaType, err.Error()
	default:
		return err
	}
	if wantsJSON(v.r) {
		answer := said{Error: text}
		if status == http.StatusConflict {
			answer.Next = rand.Text()
		}
		return writeJSON(v.w, status, answer)
	}
	c.Wrong = text
	return h.chat(v, status, c)
}

func isKind(err error) bool { _, ok := err.(wrongKind); return ok }

func (h *Handler) chat(v *visit, status int, c chat) error {
	c.User, c.Hash = v.user, v.hash
	if known(c.Token) == "" {
		c.Token = rand.Text()
	}
	if c.Conversation == "" {
		c.Conversation = rand.Text()
	}
	return ui.Render(v.w, v.r, status, chatPage(h.Chrome(v.r), c))
}

// linesOf reads what a page without a script sends along of what was said before: it is shown to who sent it, and nobody else.
func linesOf(list []string) []line {
	if len(list) > mostLines {
		list = list[len(list)-mostLines:]
	}
	var out []line
	for _, text := range list {
		rest, own := strings.CutPrefix(text, "+")
		if !own {
			rest = strings.TrimPrefix(text, "-")
		}
		out = append(out, line{own, fault.Clip(fields.Text(rest), mostLine)})
	}
	return out
}

// text is a line as a page sends it along.
func (l line) text() string {
	if l.Own {
		return "+" + l.Text
	}
	return "-" + l.Text
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	return err
}
