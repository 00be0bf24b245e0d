package triggers

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// memory keeps what was seen.
type memory struct {
	kept  map[string]run.Seen
	late  []run.Seen
	since time.Time
	rows  int // written
	fails error
}

func (m *memory) Seen(context.Context) (out []run.Seen, err error) {
	for _, s := range m.kept {
		out = append(out, s)
	}
	return out, m.fails
}

func (m *memory) SeenSince(_ context.Context, since time.Time) ([]run.Seen, error) {
	m.since = since
	return m.late, m.fails
}

func (m *memory) SaveSeen(_ context.Context, list []run.Seen) error {
	if m.fails != nil {
		return m.fails
	}
	for _, s := range list {
		m.kept[s.Trigger] = s
		m.rows++
	}
	return nil
}

// TestMonitor: silence is noticed by a clock, also right after a restart, and ended by an event of any outcome.
func TestMonitor(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() {
		s.definition = document(`{"uses": "webhook", "expect": {"every": "1h"}, "dedupe": {"key": "{{ trigger.id }}"}, "if": "trigger.id != 3"}`)
	})
	now, store := moment, &memory{kept: map[string]run.Seen{}}
	monitor := func() *Monitor {
		return &Monitor{Book: b, Store: store, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(said, nil)), Next: func(*Trigger) time.Time { t.Error("a webhook has no next time"); return now }}
	}
	m := monitor()
	health := func() run.Health {
		t.Helper()
		list := m.Health(t.Context(), "w", "1")
		if len(list) != 1 || list[0].Scenario != "s" || list[0].Uses != "webhook" || list[0].Expect != time.Hour {
			t.Fatalf("%+v", list)
		}
		return list[0]
	}
	now = moment.Add(2 * time.Hour)
	if h := health(); !h.SilentSince.IsZero() {
		t.Errorf("before what was kept is known it is called silent: %+v", h)
	}
	store.fails = fault.New(fault.Unavailable, "The disk is gone.")
	if m.look(t.Context()); !health().SilentSince.IsZero() || !strings.Contains(said.String(), "tried again") {
		t.Error("it could not be read, and is called silent")
	}
	store.fails, store.late = nil, []run.Seen{{Workspace: "w", ScenarioID: "1", Trigger: "trigger", At: moment.Add(90 * time.Minute), Outcome: run.Held}}
	if m.look(t.Context()); lastOf(health()) != "queued at 13:30" || !health().SilentSince.IsZero() || !store.since.Equal(now.Add(-lookBack)) {
		t.Errorf("%+v, looked since %s", health(), store.since)
	}
	if kept := store.kept["trigger"]; !kept.At.Equal(moment.Add(90 * time.Minute)) { // another crash must not lose it
		t.Errorf("what was found is not kept: %+v", kept)
	}
	now = moment.Add(151 * time.Minute)
	if m.look(t.Context()); !health().SilentSince.Equal(moment.Add(90*time.Minute)) || strings.Count(said.String(), "is silent") != 1 {
		t.Errorf("%+v\n%s", health(), said)
	}
	if m.look(t.Context()); strings.Count(said.String(), "is silent") != 1 {
		t.Error("the log is told again")
	}
	trigger, err := b.Of(t.Context(), "w", "1", "trigger")
	if err != nil {
		t.Fatal(err)
	}
	keep := &taker{}
	for i, c := range []struct {
		id   int
		want string
	}{{1, "accepted"}, {2, "accepted"}, {3, "filtered"}} {
		now = now.Add(time.Minute)
		if _, err := Intake(t.Context(), keep, trigger, Happening{Value: map[string]any{"id": c.id}, At: now}); err != nil {
			t.Fatal(err)
		}
		if got := lastOf(health()); !strings.HasPrefix(got, c.want) || !health().SilentSince.IsZero() {
			t.Errorf("%d: %s", i, got)
		}
	}
	last := now
	now = now.Add(time.Minute)
	if _, err := Intake(t.Context(), keep, trigger, Happening{Value: map[string]any{"id": 9}, At: now, Past: true}); err != nil || !health().At.Equal(last) {
		t.Errorf("what makes up for the past counts as an event: %v %+v", err, health())
	}
	keep.refuse = fault.New(fault.Unavailable, "The disk is full.")
	if _, err := Intake(t.Context(), keep, trigger, Happening{Value: map[string]any{"id": 4}, At: now}); err == nil || health().Error != "The disk is full." || !health().At.Equal(last) {
		t.Errorf("%+v", health())
	}
	store.fails = fault.New(fault.Unavailable, "The disk is gone.")
	m.look(t.Context())
	store.fails = nil
	ctx, end := context.WithCancel(t.Context())
	end()
	m.Run(ctx) // keeps what is left at the end
	if kept := store.kept["trigger"]; !kept.At.Equal(last) || kept.Error == "" {
		t.Errorf("kept is %+v", kept)
	}
	if other := m.Health(t.Context(), "other", ""); len(other) != 0 {
		t.Errorf("another workspace sees %+v", other)
	}

	// After a restart it is known at once.
	b.pulse, store.late, now = newPulse(), nil, last.Add(time.Hour)
	m = monitor()
	if m.look(t.Context()); !health().SilentSince.Equal(last) || !store.since.Equal(last.Add(-2*saveEvery)) {
		t.Errorf("%+v, looked since %s", health(), store.since)
	}
	s.set(func() { s.rows[0].Status = scenario.Paused })
	if err := b.Load(t.Context(), ""); err != nil || !health().SilentSince.IsZero() || !health().Paused {
		t.Errorf("a paused one is silent: %v %+v", err, health())
	}
}

// A paused schedule fires at no next time.
func TestNextOfPaused(t *testing.T) {
	b, s, said := newBook(t)
	m := &Monitor{Book: b, Store: &memory{kept: map[string]run.Seen{}}, Now: func() time.Time { return moment }, Log: slog.New(slog.NewTextHandler(said, nil)), Next: func(*Trigger) time.Time { return moment.Add(time.Hour) }}
	for _, c := range []struct {
		status scenario.Status
		want   time.Time
	}{{scenario.Live, moment.Add(time.Hour)}, {scenario.Paused, time.Time{}}} {
		s.set(func() {
			s.definition = document(`{"uses": "schedule", "with": {"every": "1h"}}`)
			s.rows[0].Uses, s.rows[0].Status = "schedule", c.status
			s.rows[0].Version++
		})
		if err := b.Load(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if list := m.Health(t.Context(), "w", "1"); len(list) != 1 || !list[0].Next.Equal(c.want) {
			t.Errorf("%s: %+v", c.status, list)
		}
	}
}

func TestOf(t *testing.T) {
	b, s, _ := newBook(t)
	for trigger, want := range map[string]fault.Code{"trigger": "", "none": fault.NotFound, "": fault.NotFound} {
		if _, err := b.Of(t.Context(), "w", "1", trigger); fault.CodeOf(err) != want {
			t.Errorf("%q: %v", trigger, err)
		}
	}
	if _, err := b.Of(t.Context(), "w", "1", ""); !strings.Contains(fault.MessageOf(err), "has no live schedule") {
		t.Errorf("a scenario without a schedule: %v", err)
	}
	if _, err := b.Of(t.Context(), "other", "1", "trigger"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
	s.set(func() {
		s.definition = document(`{"uses": "schedule", "with": {"every": "1h"}}`)
		s.rows[0].Uses, s.rows[0].Version = "schedule", 2
	})
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if found, err := b.Of(t.Context(), "w", "1", ""); err != nil || found.ID != "trigger" {
		t.Errorf("the only schedule: %v", err)
	}
	s.set(func() { second := s.rows[0]; second.ID, second.Key = "two", "k2"; s.rows = append(s.rows, second) })
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Of(t.Context(), "w", "1", ""); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("one of two: %v", err)
	}
}

func lastOf(h run.Health) string { return string(h.Outcome) + " at " + h.At.Format("15:04") }

// TestLacks: what keeps a trigger from taking anything in is said until it is mended, with since when.
func TestLacks(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook"}`) })
	now, lacks := moment, "Its secret is missing."
	m := &Monitor{Book: b, Store: &memory{kept: map[string]run.Seen{}}, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(said, nil)),
		Lacks: func(context.Context) func(*Trigger) string { return func(*Trigger) string { return lacks } }}
	m.look(t.Context())
	now = moment.Add(time.Hour)
	if h := m.Health(t.Context(), "w", "1")[0]; !h.Failing || h.Error != lacks || !h.ErrorAt.Equal(moment) {
		t.Errorf("%+v", h)
	}
	lacks = ""
	if h := m.Health(t.Context(), "w", "1")[0]; h.Failing || !h.ErrorAt.Equal(moment) {
		t.Errorf("it is mended, and %+v", h)
	}
}

// TestLookFailedOverRestart: a list that could not be looked at last still fails after a restart, until a look does not; one that could be
// looked at since does not fail again.
func TestLookFailedOverRestart(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition, s.rows[0].Uses = document(`{"uses": "shop.new"}`), "shop.new" })
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	trigger, err := b.Of(t.Context(), "w", "1", "trigger")
	if err != nil || trigger.Spec == nil || trigger.Spec.Poll == nil {
		t.Fatalf("%+v (%v)", trigger, err)
	}
	now, store := moment, &memory{kept: map[string]run.Seen{}}
	var m *Monitor
	restart := func() run.Health {
		t.Helper()
		if m != nil {
			m.look(t.Context())
		}
		b.pulse = newPulse()
		trigger.pulse = b.pulse
		m = &Monitor{Book: b, Store: store, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(said, nil))}
		m.look(t.Context())
		return m.Health(t.Context(), "w", "1")[0]
	}
	restart()
	trigger.LookFailed(moment, fault.New(fault.Unauthorized, "The shop answered 401."))
	now = moment.Add(time.Hour)
	if h := restart(); !h.Failing || h.Error != "The shop answered 401." || !h.ErrorAt.Equal(moment) {
		t.Errorf("after a look that failed it is %+v", h)
	}
	if h := restart(); !h.Failing {
		t.Errorf("after two restarts it is %+v", h)
	}
	trigger.Looked()
	if h := restart(); h.Failing || h.Error != "The shop answered 401." || !h.ErrorAt.Equal(moment) {
		t.Errorf("after a look that did not fail it is %+v", h)
	}
	written := store.rows
	trigger.Looked() // as before: nothing is to be kept
	if restart(); store.rows != written {
		t.Errorf("%d rows were written for nothing", store.rows-written)
	}
}
