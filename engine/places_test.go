package engine

import "testing"

// TestWaits: while it is looked up whose runs wait in the store, what comes goes behind them; what is said meanwhile holds after it.
func TestWaits(t *testing.T) {
	w, p := newWaits(), newPlaces(4)
	has := func(what string, want ...bool) {
		t.Helper()
		for i, scenario := range []string{"a", "b"} {
			if got := w.has(scenario); got != want[i] {
				t.Errorf("%s: %s waits: %v", what, scenario, got)
			}
		}
	}
	has("new", false, false)
	w.add("a")
	has("added", true, false)
	w.look()
	has("looked up", true, false)
	w.add("b")
	w.forget()
	has("said meanwhile", false, true)
	w.all()
	has("nobody knows", true, true)
	w.look()
	has("nobody knows, and it is looked up", true, true)
	w.all()
	w.forget()
	has("nobody knows again", true, true)
	w.look()
	w.forget()
	has("nobody", false, false)
	if w.any(p) {
		t.Error("somebody waits")
	}
	w.add("a")
	if !w.any(p) {
		t.Error("there is room for a")
	}
	for p.take("a") {
	}
	if w.any(p) {
		t.Error("there is no room for a")
	}
	if w.add("b"); !w.any(p) {
		t.Error("there is room for b")
	}
}
