package triggers

import (
	"context"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// bench is one scenario that was never published, until it is.
type bench struct{ stored scenario.Stored }

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
	b := &bench{scenario.Stored{ID: "9", Slug: "draft", Workspace: "w", Status: scenario.Draft, Draft: []byte(document(`{"uses": "webhook", "if": "1 +", "dedupe": {"key": "{{ trigger.id }}"}}`)),
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
