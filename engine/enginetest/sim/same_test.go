package sim

import (
	"fmt"
	"reflect"
	"testing"
)

// TestSameSeed: a seed gives the same scenarios, events, crashes and faults each time, whatever was drawn before it; the lives of
// a world share its scenarios and differ in the rest; and a calm one ends the same each time it is played.
func TestSameSeed(t *testing.T) {
	played := 0
	for number := range uint64(60) {
		one := world(t, number)
		world(t, number+1000)
		other := world(t, number)
		seen := map[string]bool{}
		for n := range uint64(PerWorld) {
			a, b := planned(t, one, n), planned(t, other, n)
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("seed %d draws another life the second time:\n%+v\n%+v", a.seed, a, b)
			}
			if !reflect.DeepEqual(a.scenarios, one.plan.scenarios) || a.calm != one.plan.calm || a.calm && !reflect.DeepEqual(a.events, one.plan.events) {
				t.Errorf("seed %d is of another world:\n%+v", a.seed, a)
			}
			seen[fmt.Sprint(a.acts, a.ends, a.faults, a.outage, a.flaky, a.fsync, a.places)] = true
		}
		if len(seen) < PerWorld/2 {
			t.Errorf("of the %d lives of world %d only %d differ", PerWorld, number, len(seen))
		}
		if one.plan.calm {
			played++
			n := number % PerWorld
			first, second := one.play(t, planned(t, one, n), memory), other.play(t, planned(t, other, n), memory)
			if first.outcome() != second.outcome() {
				t.Errorf("seed %d ends otherwise the second time:\n%s", one.Seed(n), differ(first.outcome(), second.outcome()))
			}
		}
	}
	if played == 0 {
		t.Error("no calm life was played")
	}
}

func world(t *testing.T, number uint64) *World {
	w, err := NewWorld(number)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func planned(t *testing.T, w *World, n uint64) *plan {
	p, err := w.planOf(n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
