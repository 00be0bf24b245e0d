package triggers

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// bench is one scenario that was never published, until it is, with what is waited for and what came.
type bench struct {
	stored scenario.Stored
	kept   map[string]run.Captured
	events []run.Event
	broken error
}

func (b *bench) SaveCapture(_ context.Context, c run.Captured) error {
	if b.broken == nil {
		b.kept[c.Workspace+c.ScenarioID+c.Trigger] = c
	}
	return b.broken
}

func (b *bench) ForgetCapture(_ context.Context, workspace, scenarioID, trigger string) error {
	delete(b.kept, workspace+scenarioID+trigger)
	return b.broken
}

func (b *bench) Captures(context.Context) ([]run.Captured, error) {
	return slices.Collect(maps.Values(b.kept)), b.broken
}

// Events gives the events one by one.
func (b *bench) Events(_ context.Context, _ run.Actor, f run.EventFilter) (run.EventPage, error) {
	for i, e := range b.events {
		if e.ID > f.Cursor && !e.At.Before(f.Since) && e.At.Before(f.Until) && f.OldestFirst && f.Scenario == "9" && f.Trigger == "trigger" {
			page := run.EventPage{Events: b.events[i : i+1]}
			if i < len(b.events)-1 {
				page.NextCursor = e.ID
			}
			return page, nil
		}
	}
	return run.EventPage{}, nil
}

func (b *bench) Scenario(_ context.Context, _ run.Actor, ref string) (scenario.Stored, error) {
	if ref != b.stored.Slug && ref != b.stored.ID {
		return scenario.Stored{}, fault.New(fault.NotFound, "There is no scenario.")
	}
	return b.stored, nil
}

// TestCaptures: a request to a draft's trigger is taken as a sample while somebody waits for one, once, and at no other time.
func TestCaptures(t *testing.T) {
	book, rows, _ := newBook(t)
	rows.set(func() { rows.definition = document(`{"uses": "webhook"}`) })
	now := moment
	b := &bench{kept: map[string]run.Captured{}, stored: scenario.Stored{ID: "9", Slug: "draft", Workspace: "w", Status: scenario.Draft, Draft: []byte(document(`{"uses": "webhook", "if": "1 +", "dedupe": {"key": "{{ trigger.id }}"}}`)),
		Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "webhook", Key: "dk"}, {ID: "clock", Uses: "schedule", Key: "ck"}}}}
	c := &Captures{Book: book, Store: b, Catalogue: catalogue(), Now: func() time.Time { return now }}
	ctx, actor := t.Context(), run.SystemActor("w")
	code := func(what string, err error, want fault.Code) {
		t.Helper()
		if fault.CodeOf(err) != want {
			t.Errorf("%s: %v, not %s", what, err, want)
		}
	}
	unknown := func(what string) {
		t.Helper()
		_, err := c.ByKey(ctx, "dk")
		code(what, err, fault.NotFound)
	}
	unknown("nobody waits")
	for trigger, want := range map[string]fault.Code{"none": fault.NotFound, "clock": fault.InvalidInput} {
		_, err := c.Wait(ctx, actor, "draft", trigger)
		code(trigger, err, want)
	}
	_, err := c.Wait(ctx, actor, "none", "")
	code("no scenario", err, fault.NotFound)

	got, err := c.Wait(ctx, actor, "draft", "")
	if err != nil || !got.Until.Equal(now.Add(captureFor)) {
		t.Fatalf("%+v %v", got, err)
	}
	trigger, err := c.ByKey(ctx, "dk")
	if err != nil || !trigger.Samples || trigger.Workspace != "w" || trigger.ScenarioID != "9" {
		t.Fatalf("%+v %v", trigger, err)
	}
	keep := &taker{}
	a, err := Intake(ctx, keep, trigger, Happening{Value: map[string]any{"body": 1}, Delivery: "d", At: now})
	if err != nil || a.Event.Outcome != run.Sampled || a.Event.RunID != "" || len(a.Dedupe) != 0 {
		t.Errorf("%+v %v", a, err)
	}
	c.Took(trigger, "e1")
	c.Took(trigger, "e2")
	if got, err := c.State(ctx, actor, "draft", "trigger"); err != nil || got.Event != "e1" {
		t.Errorf("%+v %v", got, err)
	}
	unknown("a sample came")

	if _, err := c.Wait(ctx, actor, "draft", "trigger"); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(ctx, actor, "draft", "trigger"); err != nil {
		t.Fatal(err)
	}
	unknown("it was stopped")
	if len(b.kept) != 0 {
		t.Errorf("it is kept that one waits: %v", b.kept)
	}
	if _, err := c.Wait(ctx, actor, "draft", "trigger"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(captureFor + time.Second)
	unknown("the time is over")
	if got, err := c.State(ctx, actor, "draft", "trigger"); err != nil || !got.Until.IsZero() {
		t.Errorf("%+v %v", got, err)
	}

	if _, err := c.Wait(ctx, actor, "draft", "trigger"); err != nil {
		t.Fatal(err)
	}
	b.stored.Draft = []byte(`{"stepmill": 1, "trigger": {"uses": "webhook", "id": "renamed"}, "steps": []}`)
	_, err = c.ByKey(ctx, "dk")
	code("the draft has no such trigger any more", err, fault.InvalidInput)
	b.stored.Version = 1
	unknown("it is published, and the book does not know it")
	b.stored.Slug, b.stored.ID = "", ""
	unknown("it was deleted")
}

// TestCapturesOverRestart: what is waited for, and what came, is known after a restart as before it.
func TestCapturesOverRestart(t *testing.T) {
	book, rows, _ := newBook(t)
	rows.set(func() { rows.definition = document(`{"uses": "webhook"}`) })
	now := moment
	b := &bench{kept: map[string]run.Captured{}, stored: scenario.Stored{ID: "9", Slug: "draft", Workspace: "w", Draft: []byte(document(`{"uses": "webhook"}`)), Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "webhook", Key: "dk"}}}}
	again := func() *Captures {
		t.Helper()
		c := &Captures{Book: book, Store: b, Catalogue: catalogue(), Now: func() time.Time { return now }}
		if err := c.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		return c
	}
	state := func(c *Captures, want run.Capture) {
		t.Helper()
		if got, err := c.State(t.Context(), run.SystemActor("w"), "draft", "trigger"); err != nil || got != want {
			t.Errorf("%+v %v, not %+v", got, err, want)
		}
	}
	c := again()
	state(c, run.Capture{})
	waits, err := c.Wait(t.Context(), run.SystemActor("w"), "draft", "trigger")
	if err != nil {
		t.Fatal(err)
	}
	c = again()
	state(c, waits)
	if trigger, err := c.ByKey(t.Context(), "dk"); err != nil || !trigger.Samples {
		t.Errorf("%+v %v", trigger, err)
	}
	b.events = []run.Event{{ID: "e1", At: now.Add(-time.Second), Source: run.SourceRequest}, {ID: "e2", At: now.Add(time.Second), Source: run.SourceTest}, {ID: "e3", At: now.Add(time.Second), Source: run.SourceRequest},
		{ID: "e4", At: now.Add(time.Minute), Source: run.SourceRequest}}
	waits.Event = "e3"
	state(again(), waits)
	now = now.Add(time.Hour)
	state(again(), waits)
	b.events = nil
	state(again(), run.Capture{})
	b.stored.Triggers[0].Uses = "schedule"
	again()
	b.broken = fault.New(fault.Unavailable, "The disk is full.")
	b.stored.Triggers[0].Uses = "webhook"
	if err := c.Load(t.Context()); err != b.broken {
		t.Error(err)
	}
	if _, err := c.Wait(t.Context(), run.SystemActor("w"), "draft", "trigger"); err != b.broken {
		t.Error(err)
	}
	if err := c.Stop(t.Context(), run.SystemActor("w"), "draft", "trigger"); err != b.broken {
		t.Error(err)
	}
}
