package main

import (
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// TestGatheredWhilePaused: what waits for others goes on waiting while its scenario is paused, and starts after.
func TestGatheredWhilePaused(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "batch": {"size": 2}}`)
	f.happen(1)
	f.pause(true)
	f.happen(2)
	f.happen(3)
	f.pass(time.Hour)
	f.got()
	f.pause(false)
	f.pass(0)
	f.got(`{"events":[1,2]}`)
	f.happen(4)
	f.pass(0)
	f.got(`{"events":[3,4]}`)
}

// TestHeldOverCrash: what was held starts though the process died right after its scenario was resumed, and so does what was
// on its way in meanwhile and still took the scenario for paused.
func TestHeldOverCrash(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "order_by": "k"}`)
	f.pause(true)
	f.happen(1)
	f.happen(2)
	if _, err := f.o.SetPaused(t.Context(), f.actor(), f.s.ID, false); err != nil {
		t.Fatal(err)
	}
	if a := f.happen(3); a.Event.Outcome != run.Held {
		t.Errorf("the trigger is known to be live already: %+v", a)
	}
	f.crash()
	if a := f.happen(4); a.Event.Outcome != run.Held || a.Started() {
		t.Errorf("it overtakes what is held: %+v", a)
	}
	f.pass(0)
	f.got("1", "2", "3", "4")
	if a := f.happen(5); !a.Started() {
		t.Errorf("it is held behind nothing: %+v", a)
	}
	f.got("5")
}

func (f *flowing) pause(paused bool) {
	f.t.Helper()
	if _, err := f.o.SetPaused(f.t.Context(), f.actor(), f.s.ID, paused); err != nil {
		f.t.Fatal(err)
	}
	if err := f.book.Load(f.t.Context(), f.s.ID); err != nil {
		f.t.Fatal(err)
	}
}

// TestUngathered: events that wait when their trigger is published without what they waited for start singly, those held
// while it was paused go into batches where it gathers since, and those of a deleted scenario say why they start nothing.
func TestUngathered(t *testing.T) {
	f := flows(t, `{"uses": "webhook", "batch": {"size": 5}}`)
	f.happen(1)
	f.happen(2)
	f.publish(`{"uses": "webhook"}`)
	f.pass(0)
	f.got("1", "2")

	f.pause(true)
	f.happen(3)
	f.happen(4)
	f.publish(`{"uses": "webhook", "batch": {"size": 2}}`)
	f.pause(false)
	f.pass(0)
	f.got(`{"events":[3,4]}`)

	f.happen(5)
	if err := f.o.DeleteScenario(t.Context(), f.actor(), f.s.ID); err != nil {
		t.Fatal(err)
	}
	if err := f.book.Load(t.Context(), f.s.ID); err != nil {
		t.Fatal(err)
	}
	f.pass(0)
	f.got()
	if left, err := f.o.Gatherings(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}
