package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// versions is a store of any number of scenarios.
type versions struct {
	Store
	reads int
}

func (v *versions) Version(context.Context, run.Actor, string, int) (scenario.Version, error) {
	v.reads++
	return scenario.Version{Definition: []byte(`{"stepmill": 1, "name": "s", "trigger": {"uses": "webhook", "if": "trigger.a == 1"}, "steps": []}`)}, nil
}

// TestProgramsAreBounded is §2.A 17: of the compiled versions so many are kept and no more, and a kept one is not compiled
// again.
func TestProgramsAreBounded(t *testing.T) {
	store := &versions{}
	p := newPrograms(store, Compile)
	get := func(n int) {
		if _, err := p.get(t.Context(), &run.Run{ScenarioID: fmt.Sprint(n), Version: 1}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range keptPrograms + 200 {
		get(n)
	}
	before := store.reads
	for range 100 {
		get(keptPrograms + 199)
	}
	if p.kept.Len() != keptPrograms || store.reads != before || before != keptPrograms+200 {
		t.Errorf("%d are kept; %d were read, then %d", p.kept.Len(), before, store.reads)
	}
}

// TestHeavy: a program whose runs take long to begin is left alone for a while, and only it; one that was kept from the processor
// once is not.
func TestHeavy(t *testing.T) {
	p := newPrograms(&versions{}, Compile)
	slow, other, now := &run.Run{ScenarioID: "slow", Version: 1}, &run.Run{ScenarioID: "slow", Version: 2}, time.Unix(1000, 0)
	p.weigh(slow, time.Hour, now) // of one that is not kept nothing is
	for _, r := range []*run.Run{slow, other} {
		if _, err := p.get(t.Context(), r); err != nil || p.heavy(r, now) {
			t.Fatal(err, "heavy before anything ran")
		}
	}
	for range 1000 {
		p.weigh(other, time.Hour, now) // stalled
		for range 20 {
			p.weigh(other, aheadFor/100, now)
		}
	}
	for i := range 3 {
		if p.heavy(slow, now) {
			t.Fatalf("heavy after %d", i)
		}
		p.weigh(slow, time.Second, now)
	}
	if !p.heavy(slow, now.Add(heavyFor-1)) || p.heavy(slow, now.Add(heavyFor)) || p.heavy(other, now) {
		t.Error("the wrong programs are heavy, or for another time")
	}
	later := now.Add(heavyFor)
	if p.weigh(slow, aheadFor/2, later); p.heavy(slow, later) {
		t.Error("a quick one makes a program heavy")
	}
	if p.weigh(slow, 4*aheadFor, later); !p.heavy(slow, later) {
		t.Error("a program that is still slow is tried again and again")
	}
	for range 100 {
		p.weigh(other, aheadFor+aheadFor/2, now)
	}
	if !p.heavy(other, now) {
		t.Error("a program that always takes a little too long is never found heavy")
	}
}
