// Package webhook takes events in over HTTP: it finds the trigger of a URL, checks the signature over the bytes as they
// came, reads the body within bounds, and answers when the event is on disk. What an event starts is not known here.
package webhook

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// Secrets opens what signatures are checked with.
type Secrets interface {
	SecretValue(ctx context.Context, workspace, slug string) (run.Secret, error)
	Credentials(ctx context.Context, workspace, slug string) (run.Connection, run.Values, error)
}

// Triggers finds the trigger of a URL's key.
type Triggers interface {
	ByKey(ctx context.Context, key string) (*triggers.Trigger, error)
}

const (
	// MaxBody is the largest body that is taken where Config says nothing.
	MaxBody = 10 << 20
	// MaxFiles is the largest with files.
	MaxFiles = 200 << 20
	// inFlight bounds the bodies in memory over all requests.
	inFlight = 256 << 20
	// answerWithin is how long a request waits for a run that answers it.
	answerWithin = 30 * time.Second
	readWithin   = 30 * time.Second
	// firstRoom is how much is made ready before anything came.
	firstRoom = 64 << 10
)

// Files keeps what comes as a file until its holder releases it, and from then on as long as an event refers to it.
type Files interface {
	KeepFile(ctx context.Context, holder string, r io.Reader) (value.Large, error)
	Release(holder string)
}

// Handler serves /hooks/{key} and /hooks/{key}/{rest...}.
type Handler struct {
	Triggers Triggers
	Starter  triggers.Starter
	Secrets  Secrets
	Now      func() time.Time
	MaxBody  int64  // zero: MaxBody
	MaxFiles int64  // of a body with files; zero: MaxFiles
	Files    Files  // nil: no file is taken
	BaseURL  string // what the server's own addresses begin with, for senders that sign the URL; empty: they are refused
	Log      *slog.Logger
	Ending   <-chan struct{} // closed when the server ends soon: requests that wait for their run are answered; nil: never

	Took    func(t *triggers.Trigger, event string) // is told of the events that were taken in; nil: nobody is
	Waits   Waits                                   // runs that wait for an event
	LinkKey []byte                                  // signs the addresses of such runs

	Subscriptions Subscriptions // those that are kept at vendors; nil: none are

	bytes    atomic.Int64 // of the bodies being read and kept
	arriving room
	parsing  room
	sending  room // of those that send files

	refusals refusals
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard(w.Header())
	t, err := h.Triggers.ByKey(r.Context(), r.PathValue("key"))
	if err == nil {
		err = h.serve(w, r, t)
	}
	if err == nil {
		return
	}
	if status, message := h.refuse(w, r, err); t != nil {
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		t.Refused(run.Refusal{At: h.Now().UTC().Truncate(time.Millisecond), Status: status, Message: explained(message, err), From: from})
	}
	h.drain(w, r, err, h.drains(r, t)) // last, since it sends the answer off
}

// guard keeps a browser from doing anything with an answer.
func guard(header http.Header) {
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, t *triggers.Trigger) error {
	if t.Spec == nil && t.Def.Uses != "webhook" { // a form's or a mail's key is none of this door
		return unknownURL()
	}
	if err := allow(r, t); err != nil {
		return err
	}
	switch r.Method {
	case http.MethodHead: // Intercom asks so before it saves a URL
		w.WriteHeader(http.StatusOK)
		return nil
	case http.MethodOptions:
		w.Header().Set("Allow", strings.Join(methods(t), ", "))
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	s, err := schemeOf(t)
	if err != nil {
		return err
	}
	kept, err := h.kept(r, t)
	if err != nil {
		return err
	}
	if s.open != nil {
		if answer, ok := s.open(r); ok {
			if kept != nil && !kept.greets() {
				return unknownURL()
			}
			answer.write(w)
			return nil
		}
	}
	if !slices.Contains(methods(t), r.Method) && r.Method != s.greets {
		w.Header().Set("Allow", strings.Join(methods(t), ", "))
		return refusal{http.StatusMethodNotAllowed, "This URL takes " + strings.Join(methods(t), ", ") + ", not " + fault.Clip(r.Method, 20) + "."}
	}
	now := h.Now().UTC().Truncate(time.Millisecond)
	in, err := h.receive(w, r, t, s, kept, now)
	defer in.release()
	if err != nil {
		if s.asks != "" && fault.CodeOf(err) == fault.Unauthorized {
			w.Header().Set("WWW-Authenticate", s.asks)
		}
		return err
	}
	if kept != nil && s.told != nil {
		if in.proof.body, err = h.tell(r.Context(), t, s, kept, in.proof.body); err != nil {
			return err
		}
		if in.proof.body == nil {
			w.WriteHeader(http.StatusAccepted)
			return nil
		}
	}
	if s.greet != nil {
		if answer, ok := s.greet(&inbound{Request: r, body: in.proof.body, now: now}, in.proof.key); ok {
			answer.write(w)
			return nil
		}
	}
	happening, err := h.happening(r, t, s, in)
	if err != nil {
		return err
	}
	happening.At = now
	if kept.several() {
		happening.Same = sameBody(in.proof.body)
	}
	if t.Spec != nil && t.Spec.Each != "" {
		return h.each(w, r, t, s, happening)
	}
	if in.proof.token != "" {
		taken, err := h.keep(r.Context(), t, happening, in.proof)
		if err != nil {
			return err
		}
		return writeTaken(w, taken, nil)
	}
	waits := respondMode(t)
	answers := make(chan run.Answer, 2)
	if waits != "accepted" {
		happening.Answer = answers
	}
	taken, err := triggers.Intake(r.Context(), h.Starter, t, happening)
	if err != nil {
		return err
	}
	if h.Took != nil && taken.FirstEvent == "" {
		h.Took(t, taken.Event.ID)
	}
	in.release() // what is waited for from here on is the run
	if taken.Started() && waits != "accepted" {
		if a, ok := h.await(r.Context(), answers, waits); ok {
			return writeAnswer(w, a, waits, taken)
		}
	}
	return writeTaken(w, taken, s.answer)
}

// methods are those a trigger takes.
func methods(t *triggers.Trigger) []string {
	if t.Spec != nil {
		return []string{http.MethodPost}
	}
	list, _ := t.Def.With["methods"].([]any)
	var out []string
	for _, item := range list {
		if name, ok := item.(string); ok {
			out = append(out, strings.ToUpper(name))
		}
	}
	if out == nil {
		out = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	}
	return out
}

// respondMode says whether the request waits for its run: "accepted" never, "auto" for a step that answers, "ended" for
// the end.
func respondMode(t *triggers.Trigger) string {
	mode, _ := t.Def.With["respond"].(string)
	switch {
	case mode == "ended":
		return mode
	case mode == "accepted" || !t.Answers:
		return "accepted"
	}
	return "auto"
}

// await waits for what answers the request; false: nothing did in time, or the run ended without.
func (h *Handler) await(ctx context.Context, answers <-chan run.Answer, mode string) (run.Answer, bool) {
	timer := time.NewTimer(answerWithin)
	defer timer.Stop()
	for {
		select {
		case a := <-answers:
			if mode == "ended" && a.Status == run.Running {
				continue
			}
			return a, mode == "ended" && a.Status.Ended() || a.Status == run.Running
		case <-timer.C:
			return run.Answer{}, false
		case <-ctx.Done():
			return run.Answer{}, false
		case <-h.Ending:
			return run.Answer{}, false
		}
	}
}

// read takes the whole body in, within the bounds. release gives its bytes back to the budget.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	limit := h.maxBody()
	b := &budget{h: h, most: limit}
	release = sync.OnceFunc(b.release)
	if err := plain(w, r, limit); err != nil {
		return nil, release, err
	}
	if r.ContentLength > smallBody {
		if err := b.room(r.Context(), r.ContentLength); err != nil {
			return nil, release, err
		}
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(readWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, release, err
	}
	in := http.MaxBytesReader(w, r.Body, limit)
	room := make([]byte, 0, max(512, min(r.ContentLength+1, firstRoom))) // a sender that only says it sends much holds little
	for {
		if len(room) == cap(room) {
			room = append(room, 0)[:len(room)]
		}
		n, err := in.Read(room[len(room):cap(room)])
		room = room[:len(room)+n]
		if _, err := b.hold(r.Context(), int64(n)); err != nil {
			return nil, release, err
		}
		if err == io.EOF {
			return room, release, nil
		}
		if err != nil {
			return nil, release, unread(err, limit)
		}
	}
}

// plain refuses a body that says itself that it is too large, or that it is compressed.
func plain(w http.ResponseWriter, r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return tooLarge(limit)
	}
	if encoding := strings.Join(r.Header.Values("Content-Encoding"), ", "); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return refusal{http.StatusUnsupportedMediaType, "Compressed bodies are not taken; send the body without Content-Encoding."}
	}
	return nil
}

// unread says why a body could not be read to its end.
func unread(err error, limit int64) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge(limit)
	}
	return notWhole
}

var notWhole = refusal{http.StatusBadRequest, "The body did not arrive whole."}

func (h *Handler) maxBody() int64 { return cmp.Or(h.MaxBody, MaxBody) }

func tooLarge(limit int64) error {
	return refusal{http.StatusRequestEntityTooLarge, "The body is larger than " + strconv.FormatInt(limit>>20, 10) + " MB."}
}

// refusal is an answer that no fault's code stands for.
type refusal struct {
	status  int
	message string
}

func (r refusal) Error() string { return r.message }

// refuse answers an error, and gives what it answered. The texts say nothing that the sender could use to probe.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) (status int, message string) {
	status, message = http.StatusInternalServerError, fault.MessageOf(err)
	var own refusal
	if errors.As(err, &own) {
		status, message = own.status, own.message
	} else {
		switch fault.CodeOf(err) {
		case fault.NotFound:
			status, message = http.StatusNotFound, "There is no live trigger at this URL."
		case fault.InvalidInput, fault.TooLarge:
			status = http.StatusBadRequest
		case fault.Unauthorized:
			status = http.StatusUnauthorized
		case fault.Conflict:
			status = http.StatusConflict
		case fault.RateLimited:
			status = http.StatusTooManyRequests
		case fault.Unavailable, fault.Timeout, fault.Cancelled:
			status = http.StatusServiceUnavailable
		}
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	if status >= 500 && r.Context().Err() == nil {
		h.refusals.say(h.Log, status, message, err)
	}
	writeJSON(w, status, map[string]any{"status": "refused", "error": fault.Clip(message, 300)})
	return status, message
}

func unknownURL() error {
	return fault.New(fault.NotFound, "There is no live trigger at this URL.")
}
