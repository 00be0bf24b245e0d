package triggers

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
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
	trigger.Failed(now.Add(time.Hour), fault.New(fault.Unavailable, "Jira is away."))
	m.look(t.Context())
	if kept := store.kept["trigger"]; kept.Error != "Jira is away." || !kept.ErrorAt.Equal(now.Add(time.Hour)) {
		t.Errorf("kept is %+v", kept)
	}
	(&Trigger{}).Refused(run.Refusal{}) // of no book: nobody looks
	(&Trigger{}).Failed(now, nil)
}
