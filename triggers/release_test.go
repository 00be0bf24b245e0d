package triggers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// holds is a store of held events, and an engine that takes them out of it as the real ones do.
type holds struct {
	mu sync.Mutex
	*shelf
	taker
	gone   bool
	after  func()                  // each commit
	bad    map[string]error        // by event: it cannot be started
	failed map[string]*run.Failure // of what was started
	given  map[string]string       // why events were given up
}

func (h *holds) Holding(context.Context) ([]run.Holding, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.held) == 0 || !h.gone && h.scenario.Status != scenario.Live {
		return nil, nil
	}
	return []run.Holding{{Workspace: "w", ScenarioID: "1", Gone: h.gone}}, nil
}

func (h *holds) HeldEvents(_ context.Context, _ run.Actor, _ string, limit int) ([]run.Event, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.held[:min(limit, len(h.held))]), nil
}

func (h *holds) GiveUp(_ context.Context, _ run.Actor, ids []string, why string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		h.given[id] = why
		h.drop(id)
	}
	return nil
}

func (h *holds) drop(id string) bool {
	i := slices.IndexFunc(h.held, func(e run.Event) bool { return e.ID == id })
	if i >= 0 {
		h.held = slices.Delete(h.held, i, i+1)
	}
	return i >= 0
}

func (h *holds) Accept(ctx context.Context, start *run.Start) error {
	return h.AcceptAll(ctx, []*run.Start{start}, nil)
}

func (h *holds) AcceptAll(_ context.Context, starts []*run.Start, _ *run.Cursor) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != nil {
		return h.refuse
	}
	for _, start := range starts {
		id := start.Accept.Event.ID
		start.Accept.Event.RunID = "of " + id
		if err := h.bad[id]; err != nil && (start.Failure == nil || fault.CodeOf(err) == fault.Internal) {
			return err
		}
		if !slices.ContainsFunc(h.held, func(e run.Event) bool { return e.ID == id }) {
			return fault.New(fault.Conflict, "The event does not wait any more.")
		}
	}
	for _, start := range starts {
		h.drop(start.Accept.Event.ID)
		h.taken = append(h.taken, *start)
		h.failed[start.Accept.Event.ID] = start.Failure
	}
	h.after()
	return nil
}

func newReleaser(definition string, n int) (*Releaser, *holds) {
	_, s, _ := newHand(definition)
	h := &holds{shelf: s, after: func() {}, bad: map[string]error{}, failed: map[string]*run.Failure{}, given: map[string]string{}}
	for i := range n {
		s.held = append(s.held, run.Event{ID: fmt.Sprint(i), Workspace: "w", ScenarioID: "1", Trigger: "trigger", Outcome: run.Held, Value: json.RawMessage(`{"n":1}`)})
	}
	log := slog.New(slog.DiscardHandler)
	return &Releaser{Store: h, Starter: h, Book: NewBook(nil, nil, log), Now: func() time.Time { return moment }, Log: log}, h
}

func TestRelease(t *testing.T) {
	for _, c := range []struct {
		name         string
		prepare      func(*holds)
		taken, stays int
		code         fault.Code
	}{
		{"all, oldest first", func(*holds) {}, 250, 0, ""},
		{"paused", func(h *holds) { h.scenario.Status = scenario.Paused }, 0, 250, ""},
		{"paused again meanwhile", func(h *holds) { h.after = func() { h.scenario.Status = scenario.Paused } }, 100, 150, ""},
		{"the disk is full", func(h *holds) { h.refuse = fault.New(fault.Unavailable, "The disk is full.") }, 0, 250, fault.Unavailable},
		{"its scenario is gone", func(h *holds) { h.gone = true }, 0, 0, ""},
	} {
		r, h := newReleaser(document(`{"uses": "webhook"}`), 250)
		c.prepare(h)
		var err error
		for more := true; more && err == nil; {
			more, err = r.Once(t.Context())
		}
		if len(h.taken) != c.taken || len(h.held) != c.stays || (err != nil) != (c.code != "") || err != nil && fault.CodeOf(err) != c.code {
			t.Errorf("%s: %d taken, %d stay, %v", c.name, len(h.taken), len(h.held), err)
		}
		for i, start := range h.taken {
			if e := start.Accept.Event; e.ID != fmt.Sprint(i) || e.Outcome != run.Accepted || !start.Accept.Held || start.Version != 4 || len(start.Accept.Dedupe) > 0 {
				t.Fatalf("%s: the %dth is %+v", c.name, i, start)
			}
		}
		if len(h.given) > 0 != h.gone {
			t.Errorf("%s: given up are %v", c.name, h.given)
		}
	}
}

// TestReleaseAfterBad: an event that cannot be started holds none behind it: it is a failed run, or where even that cannot be
// kept, it says why in the inbox.
func TestReleaseAfterBad(t *testing.T) {
	r, h := newReleaser(document(`{"uses": "webhook"}`), 4)
	h.held[0].Value = json.RawMessage(`{`)
	h.bad["1"] = fault.New(fault.InvalidInput, "No.")
	h.bad["2"] = fault.New(fault.Internal, "Never.")
	if more, err := r.Once(t.Context()); !more || err != nil {
		t.Fatal(more, err)
	}
	if len(h.held) != 0 || len(h.taken) != 3 || h.failed["0"] == nil || h.failed["1"] == nil || h.failed["1"].Message != "No." || h.failed["3"] != nil {
		t.Errorf("held are %v, started %+v", h.held, h.failed)
	}
	if why := h.given["2"]; len(h.given) != 1 || !strings.Contains(why, "Never.") {
		t.Errorf("given up are %v", h.given)
	}
	// What is not the event's own fault is tried again.
	r, h = newReleaser(document(`{"uses": "webhook"}`), 3)
	h.bad["0"], h.bad["1"] = fault.New(fault.InvalidInput, "No."), fault.New(fault.Unavailable, "The disk is full.")
	if _, err := r.Once(t.Context()); fault.CodeOf(err) != fault.Unavailable || len(h.held) != 2 {
		t.Errorf("%v, held are %v", err, h.held)
	}
}

// TestReleaserLooks: what is held starts at a word, and also without one.
func TestReleaserLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, h := newReleaser(document(`{"uses": "webhook"}`), 0)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			r.Run(ctx)
			close(done)
		}()
		synctest.Wait()
		hold := func(id string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.held = append(h.held, run.Event{ID: id, Workspace: "w", ScenarioID: "1", Outcome: run.Held, Value: json.RawMessage(`1`)})
		}
		took := func() int {
			h.mu.Lock()
			defer h.mu.Unlock()
			return len(h.taken)
		}
		refuse := func(err error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.refuse = err
		}
		time.Sleep(time.Second)
		hold("a")
		nudge(r.Book.held)
		synctest.Wait()
		if took() != 1 {
			t.Error("a word is not heard")
		}
		hold("b")
		time.Sleep(releaseLooks + releaseRests)
		synctest.Wait()
		if took() != 2 {
			t.Error("nobody looks without a word")
		}
		refuse(fault.New(fault.Unavailable, "The disk is full."))
		hold("c")
		time.Sleep(releaseLooks + releaseRests)
		refuse(nil)
		time.Sleep(releaseAgain + releaseRests)
		synctest.Wait()
		if took() != 3 {
			t.Error("it is not tried again soon")
		}
		cancel()
		<-done
	})
}
