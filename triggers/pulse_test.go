package triggers

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestRefused: requests that were not taken in are remembered, so many of them, and the last of them over a restart.
func TestRefused(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook"}`) })
	now, store := moment, &memory{kept: map[string]run.Seen{}}
	m := &Monitor{Book: b, Store: store, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(said, nil)), More: func(_ *Trigger, h *run.Health) { h.Failing = true }}
	trigger, err := b.Of(t.Context(), "w", "1", "trigger")
	if err != nil {
		t.Fatal(err)
	}
	for i := range mostRefusals + 3 {
		trigger.Refused(run.Refusal{At: now.Add(time.Duration(i) * time.Second), Status: 401, Message: fmt.Sprintf("No. %d", i), From: "192.0.2.1"})
	}
	h := m.Health(t.Context(), "w", "1")[0]
	if len(h.Refused) != mostRefusals || h.Refused[0].Message != "No. 22" || h.Refused[mostRefusals-1].Message != "No. 3" || h.Error != "No. 22" || !h.At.IsZero() || !h.Failing {
		t.Errorf("%+v", h)
	}
	m.look(t.Context())
	if kept := store.kept["trigger"]; len(kept.Refused) != mostRefusals || kept.Refused[0].Message != "No. 22" {
		t.Errorf("kept is %+v", kept)
	}
	trigger.LookFailed(now.Add(time.Hour), fault.New(fault.Unavailable, "Jira is away."))
	m.look(t.Context())
	if kept := store.kept["trigger"]; kept.Error != "Jira is away." || !kept.ErrorAt.Equal(now.Add(time.Hour)) {
		t.Errorf("kept is %+v", kept)
	}
	(&Trigger{}).Refused(run.Refusal{}) // of no book: nobody looks
	(&Trigger{}).LookFailed(now, nil)
	(&Trigger{}).Looked()
}

// TestRefusedOverRestart: what was refused is known after a crash but for the last seconds, and costs one row however much came.
func TestRefusedOverRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, s, said := newBook(t)
		s.set(func() { s.definition = document(`{"uses": "webhook"}`) })
		store := &memory{kept: map[string]run.Seen{}}
		monitor := func() *Monitor {
			return &Monitor{Book: b, Store: store, Now: time.Now, Log: slog.New(slog.NewTextHandler(said, nil))}
		}
		trigger, err := b.Of(t.Context(), "w", "1", "trigger")
		if err != nil {
			t.Fatal(err)
		}
		refuse := func(message string) { trigger.Refused(run.Refusal{At: time.Now(), Status: 401, Message: message}) }
		m := monitor()
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx) })
		synctest.Wait()
		for i := range 10000 {
			refuse(fmt.Sprintf("No. %d", i))
		}
		time.Sleep(saveSoon)
		synctest.Wait() // for the writing, which the race detector sees by this only
		if kept := store.kept["trigger"]; store.rows != 1 || kept.Error != "No. 9999" || len(kept.Refused) != mostRefusals || kept.Refused[0].Message != "No. 9999" {
			t.Errorf("%d rows were written, kept is %+v", store.rows, kept)
		}
		// A look that failed is on disk at once, and so is one that did not fail any more.
		trigger.LookFailed(time.Now(), fault.New(fault.Unavailable, "Jira is away."))
		synctest.Wait()
		if kept := store.kept["trigger"]; store.rows != 2 || !kept.LookFailed || kept.Error != "Jira is away." {
			t.Errorf("%d rows were written, kept is %+v", store.rows, kept)
		}
		trigger.Looked()
		trigger.Looked()
		synctest.Wait()
		if kept := store.kept["trigger"]; store.rows != 3 || kept.LookFailed {
			t.Errorf("%d rows were written, kept is %+v", store.rows, kept)
		}
		time.Sleep(saveSoon / 2)
		refuse("The last.")
		end()
		running.Wait()

		b.pulse = newPulse()
		if trigger, err = Compile(trigger.StoredTrigger, scenario.Version{Definition: []byte(s.definition)}, nil); err != nil {
			t.Fatal(err)
		}
		trigger.pulse = b.pulse
		m = monitor()
		time.Sleep(time.Second)
		refuse("Before anything was read.")
		m.save(t.Context(), true) // must not take the place of what is not read yet
		m.look(t.Context())
		h := m.Health(t.Context(), "w", "1")[0]
		if len(h.Refused) != mostRefusals || h.Refused[0].Message != "Before anything was read." || h.Refused[1].Message != "The last." || h.Refused[2].Message != "No. 9999" || h.Error != "Before anything was read." {
			t.Errorf("%+v", h)
		}
		if kept := store.kept["trigger"]; len(kept.Refused) != mostRefusals || kept.Refused[1].Message != "The last." {
			t.Errorf("kept is %+v", kept)
		}
	})
}

// TestRefusing: a trigger refuses its requests from one that is refused until one is taken in; what its last version refused, or one that
// is switched off, is past.
func TestRefusing(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook"}`) })
	now, store := moment.Add(time.Hour), &memory{kept: map[string]run.Seen{}}
	m := &Monitor{Book: b, Store: store, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(said, nil))}
	m.look(t.Context())
	trigger, err := b.Of(t.Context(), "w", "1", "trigger")
	if err != nil {
		t.Fatal(err)
	}
	want := func(what string, refusing bool) {
		t.Helper()
		now = now.Add(countEvery)
		wrong := map[bool]int{true: 1}[refusing]
		if got := m.Wrong(t.Context(), "w"); got != wrong {
			t.Errorf("%s: of %d triggers something is wrong", what, got)
		}
		if h := m.Health(t.Context(), "w", "")[0]; h.Refusing != refusing || h.Failing || h.Wrong() != refusing {
			t.Errorf("%s: %+v", what, h)
		}
	}
	refuse := func(at time.Time) { trigger.Refused(run.Refusal{At: at, Status: 401, Message: "No."}) }
	want("before anything came", false)
	refuse(trigger.Since.Add(-time.Second))
	want("before its version went live", false)
	refuse(now)
	want("after a refusal", true)
	if _, err := Intake(t.Context(), &taker{}, trigger, Happening{Value: map[string]any{"id": 1}, At: now}); err != nil {
		t.Fatal(err)
	}
	want("after an event", false)
	now = now.Add(time.Minute)
	refuse(now)
	if got := m.Wrong(t.Context(), "w"); got != 1 {
		t.Errorf("%d", got)
	}
	for range 3 {
		refuse(now)
	}
	want("after an event and more refusals", true)
	if got := m.Wrong(t.Context(), "other"); got != 0 {
		t.Errorf("in another workspace it is wrong with %d", got)
	}
	s.set(func() { s.rows[0].Status = scenario.Paused })
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	want("switched off", false)
}

// TestWrongIsCheap: pages that come one after the other look once.
func TestWrongIsCheap(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook"}`) })
	now, looks := moment, 0
	m := &Monitor{Book: b, Store: &memory{kept: map[string]run.Seen{}}, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(said, nil)),
		More: func(*Trigger, *run.Health) { looks++ }}
	m.look(t.Context())
	looks = 0
	for range 100 {
		m.Wrong(t.Context(), "w")
	}
	if now = now.Add(countEvery); looks != 1 {
		t.Errorf("there were %d looks", looks)
	}
	if m.Wrong(t.Context(), "w"); looks != 2 {
		t.Errorf("later there were %d", looks)
	}
}
