// Package draw draws scenarios at random, for tests that hold whatever the scenario is. It knows the form in which people
// write them and nothing of how they are carried out; what is drawn is decided by a Source, so that a property test can
// shrink it and a simulator can draw it again from its seed.
package draw

import (
	"fmt"
	"math/rand/v2"
)

// Source decides what is drawn.
type Source interface {
	// Pick gives a number from 0 to n-1; the name says what for.
	Pick(name string, n int) int
}

// Seeded is a Source that gives the same numbers for the same seed.
type Seeded struct{ rand *rand.Rand }

// NewSeeded makes the source of a seed.
func NewSeeded(seed uint64) *Seeded { return &Seeded{rand.New(rand.NewPCG(seed, 0))} }

// Pick gives the next number.
func (s *Seeded) Pick(_ string, n int) int { return s.rand.IntN(n) }

// Drawer draws the steps of one scenario.
type Drawer struct {
	Source
	// Apps are the first halves of its actions' names, "once" of once.do; the first of them takes back what was done.
	Apps   []string
	Calls  []string // slugs of the scenarios that it may call; none: it calls none
	Asks   bool     // it may wait for events and for decisions
	Limits bool     // its steps may run out of time
	Serial bool     // one thing at a time: neither branches nor items beside one another
	Smooth bool     // no step stops it or a loop
	Rounds bool     // repeats may go round often

	ids  int
	deep int // repeats around what is drawn
}

// Steps draws a list of steps, in the form that JSON gives. Depth bounds how deep steps stand inside one another.
func (d *Drawer) Steps(depth int) []any { return d.list(depth, false) }

func (d *Drawer) id() string { d.ids++; return fmt.Sprintf("s%d", d.ids) }

func (d *Drawer) either(name string) bool { return d.Pick(name, 2) == 0 }

func (d *Drawer) list(depth int, inLoop bool) []any {
	out := []any{}
	for range d.Pick("steps", 3) + min(1, depth) {
		out = append(out, d.step(depth, inLoop))
	}
	return out
}

func (d *Drawer) step(depth int, inLoop bool) map[string]any {
	s := map[string]any{"id": d.id()}
	kind := d.Pick("kind", 10)
	switch {
	case depth == 0:
		kind %= 3
	case d.Rounds && d.deep == 0 && d.either("rounds"):
		kind = 8
	}
	inner := func(loop bool) []any { return d.list(depth-1, loop) }
	switch kind {
	default:
		d.act(s)
	case 1:
		if inLoop && !d.Smooth && d.either("stop") {
			s["stop"] = map[string]any{"as": []string{"break", "continue"}[d.Pick("as", 2)]}
			s["if"] = []string{"true", "index == 1", "false"}[d.Pick("if", 3)]
			return s
		}
		s["wait"] = d.wait()
	case 3:
		s["router"] = map[string]any{"mode": "all", "parallel": d.either("parallel") && !d.Serial, "branches": []any{
			map[string]any{"id": "a", "if": "true", "steps": inner(false)}, map[string]any{"id": "b", "if": "1 == 2", "steps": inner(false)}, map[string]any{"id": "c", "steps": inner(false)}}}
	case 4:
		s["group"] = map[string]any{"steps": inner(inLoop)}
	case 5, 6:
		s["for_each"] = map[string]any{"items": []any{1, 2, 3}[:d.Pick("items", 4)], "concurrency": d.together(3), "on_item_error": []string{"stop", "skip"}[d.Pick("skip", 2)],
			"collect": "{{ index }}", "steps": inner(true)}
	case 7:
		if d.Serial {
			s["group"] = map[string]any{"steps": inner(inLoop)}
			break
		}
		branches := []any{}
		for i := range 1 + d.Pick("branches", 3) {
			b := map[string]any{"id": fmt.Sprintf("b%d", i), "steps": inner(false)}
			d.onError(b, depth)
			branches = append(branches, b)
		}
		s["parallel"] = map[string]any{"branches": branches}
	case 8:
		if d.Rounds && d.deep < 2 {
			d.rounds(s, depth)
			break
		}
		s["repeat"] = map[string]any{"while": "true", "max": 2, "steps": append(inner(false), map[string]any{"id": d.id(), "if": "true", "stop": map[string]any{"as": "break"}})}
	}
	if d.Pick("guarded", 3) == 0 {
		s["if"] = []string{"true", "trigger.n == 3"}[d.Pick("if", 2)]
	}
	if d.Limits && d.Pick("limited", 8) == 0 && s["wait"] == nil {
		s["timeout"] = "2s"
	}
	d.onError(s, depth)
	return s
}

// rounds makes a step a repeat: until its last step says, by its path, that it was the round for that, or too often. One inside
// another goes round a few times only.
func (d *Drawer) rounds(s map[string]any, depth int) {
	most := 12 >> (2 * d.deep)
	d.deep++
	steps := d.list(depth-1, true)
	d.deep--
	id := d.id()
	last := map[string]any{"id": id, "uses": d.Apps[len(d.Apps)-1] + ".do", "with": map[string]any{"n": "{{ trigger.n }}"}}
	until := fmt.Sprintf(`string(steps.%s ?? "") contains "[%d].%s"`, id, d.Pick("rounds", most), id)
	if !d.Smooth && d.Pick("most", 3) == 0 {
		most = 1 + most/2
	}
	repeat := map[string]any{"until": until, "max": most, "steps": append(steps, last)}
	if d.Pick("every", 3) == 0 {
		repeat["every"] = "5s"
	}
	s["repeat"] = repeat
}

// together draws how many items of a loop are worked on at once.
func (d *Drawer) together(most int) int {
	if d.Serial {
		return 1
	}
	return 1 + d.Pick("concurrency", most)
}

// act makes a step an action, or a call of another scenario.
func (d *Drawer) act(s map[string]any) {
	s["with"] = map[string]any{"n": "{{ trigger.n }}", "r": "{{ random() }}"}
	s["retry"] = map[string]any{"attempts": 1 + d.Pick("attempts", 2), "initial": "1s"}
	if len(d.Calls) > 0 && d.Pick("call", 5) == 0 {
		s["call"] = map[string]any{"scenario": d.Calls[d.Pick("called", len(d.Calls))], "async": d.Pick("async", 3) == 0}
		return
	}
	s["uses"] = d.Apps[d.Pick("app", len(d.Apps))] + ".do"
	if d.Pick("undo", 4) == 0 {
		s["undo"] = map[string]any{"id": d.id(), "uses": d.Apps[0] + ".undo"}
	}
	if d.Pick("each", 5) == 0 {
		s["each"] = map[string]any{"items": "{{ [1, 2] }}", "concurrency": d.together(2)}
	}
}

// wait draws what is waited for: mostly a time.
func (d *Drawer) wait() map[string]any {
	if !d.Asks || d.either("sleeps") {
		return map[string]any{"for": "5s"}
	}
	limit := map[string]any{}
	if d.either("bounded") {
		limit["timeout"] = []string{"900ms", "20s"}[d.Pick("timeout", 2)]
	}
	if d.either("event") {
		return map[string]any{"event": limit}
	}
	limit["message"] = "May it?"
	return map[string]any{"approval": limit}
}

func (d *Drawer) onError(s map[string]any, depth int) {
	switch d.Pick("on_error", 9) {
	case 0:
		s["on_error"] = map[string]any{"do": "ignore"}
	case 1:
		s["on_error"] = map[string]any{"do": "resume", "output": "{{ error.class }}"}
	case 2:
		steps := []any{}
		if depth > 0 {
			steps = d.list(depth-1, false)
		}
		s["on_error"] = map[string]any{"do": "handle", "steps": steps, "then": []string{"continue", "stop"}[d.Pick("then", 2)]}
	case 3:
		s["on_error"] = map[string]any{"do": []string{"rollback", "commit", "park"}[d.Pick("do", 3)]}
	}
}
