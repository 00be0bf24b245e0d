package webhook

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/triggers"
)

// saidEvery is how often the log says of one reason that events are not taken: a full disk refuses thousands in a second.
const saidEvery = 5 * time.Second

// refusals says in the log why events are not taken: the first of a reason at once, then how many there were meanwhile.
type refusals struct {
	mu     sync.Mutex
	counts map[string]int // by the reason: how many since it was last said
}

func (r *refusals) say(log *slog.Logger, status int, reason string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, said := r.counts[reason]; said {
		r.counts[reason]++
		return
	}
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[reason] = 0
	log.Error("an event was not taken", "status", status, "error", err)
	time.AfterFunc(saidEvery, func() { r.again(log, status, reason, err) })
}

func (r *refusals) again(log *slog.Logger, status int, reason string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.counts[reason]
	if n == 0 {
		delete(r.counts, reason)
		return
	}
	r.counts[reason] = 0
	log.Error("more events were not taken", "events", n, "status", status, "error", err)
	time.AfterFunc(saidEvery, func() { r.again(log, status, reason, err) })
}

// What is still read of a body that is refused. A sender that reads no answer before it has sent everything would find its connection
// reset, and not learn why.
const (
	drained     = 16 << 20        // bytes, of a body that may hold no files
	drainWithin = 5 * time.Second // for so much of it as pace
)

// drains is how much is read of a refused request.
func (h *Handler) drains(r *http.Request, t *triggers.Trigger) int64 {
	if t != nil {
		if s, err := schemeOf(t); err == nil && h.streams(r, t, s) {
			return cmp.Or(h.MaxFiles, MaxFiles) + 2*drained
		}
	}
	return drained
}

// drain sends the answer to an error off, and reads on for a while: up to so many bytes.
func (h *Handler) drain(w http.ResponseWriter, r *http.Request, err error, most int64) {
	if errors.Is(err, notWhole) { // nothing comes any more
		return
	}
	if r.Body == http.NoBody || strings.EqualFold(r.Header.Get("Expect"), "100-continue") { // to read would be to ask for it
		return
	}
	out := http.NewResponseController(w)
	if out.Flush() != nil {
		return
	}
	for ; most > 0; most -= pace {
		select {
		case <-h.Ending:
			return
		default:
		}
		if out.SetReadDeadline(time.Now().Add(drainWithin)) != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, r.Body, pace); err != nil { // what comes of it changes nothing: the answer is sent
			return
		}
	}
}
