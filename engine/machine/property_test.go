package machine

import (
	"container/heap"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stepmill/stepmill/engine/enginetest/draw"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// shrinking lets rapid decide what is drawn, so that it can shrink it.
type shrinking struct{ t *rapid.T }

func (s shrinking) Pick(name string, n int) int { return rapid.IntRange(0, n-1).Draw(s.t, name) }

// drawn makes a program of a scenario that is drawn with actions of these effects.
func drawn(t *rapid.T, effects ...string) *Program {
	return compiled(t, &draw.Drawer{Source: shrinking{t}, Apps: effects}, 3)
}

func compiled(t *rapid.T, d *draw.Drawer, depth int) *Program {
	text, err := json.Marshal(map[string]any{"stepmill": 1, "name": "n", "steps": d.Steps(depth)})
	if err != nil {
		t.Fatal(err)
	}
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%s: %v %v", text, problems, err)
	}
	program, problems := Compile(doc.Scenario, facts(doc.Scenario))
	if len(problems) > 0 {
		t.Fatalf("%s: %v", text, problems)
	}
	t.Logf("%s", text)
	return program
}

// life is one run of a program in a world that answers the same whenever it is asked the same.
type life struct {
	t       *rapid.T
	program *Program
	seed    string
	crashAt int // the decision after which it crashes; negative: never
	torn    bool
	marks   Marks

	m         *Machine
	now       time.Time
	journal   []run.Entry // without what was cut
	whole     []run.Entry
	flying    map[string]*run.Call
	decisions int
	invoked   map[string]int // how often, by path and attempt
	unknown   map[string]bool
	crashed   bool
	spins     int
	mended    int
}

func (l *life) chance(what string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(l.seed + what))
	h.Write([]byte{0})
	return h.Sum32()
}

func (l *life) input() Input {
	return Input{Run: "run", Scenario: "s", Trigger: "t", Value: map[string]any{"n": 3}, Marks: l.marks}
}

func (l *life) live() {
	l.m, l.now = New(l.program, l.input()), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l.flying, l.invoked, l.unknown = map[string]*run.Call{}, map[string]int{}, map[string]bool{}
	l.take(l.m.Queue(l.now, "e"))
	if l.m.Status() == run.Queued {
		l.take(l.m.Start(l.now, nil))
	}
	for ; l.spins < 2000; l.spins++ {
		switch due := l.m.Due(); {
		case l.m.Status().Ended():
			return
		case len(l.flying) > 0:
			l.answer()
		case !due.IsZero():
			l.now = due
			l.take(l.m.Wake(l.now))
		case l.m.Status() == run.Incomplete || l.m.Status() == run.Uncertain:
			l.person()
		default:
			l.t.Fatalf("the run (crash at %d torn %v) stands still as %s, ending %+v, counts %v:\n%s", l.crashAt, l.torn, l.m.Status(), l.m.ending, l.m.counts, l.outcome())
		}
	}
	l.t.Fatal("the run does not end")
}

// answer gives the answer of one call in flight; which one follows from the calls there are.
func (l *life) answer() {
	paths := slices.Sorted(maps.Keys(l.flying))
	best := slices.MinFunc(paths, func(a, b string) int { return int(l.chance(a)>>8) - int(l.chance(b)>>8) })
	call := l.flying[best]
	delete(l.flying, best)
	r := run.Result{Output: call.Path}
	if l.chance(fmt.Sprint("fails", call.Path, call.Attempt))%4 == 0 {
		r = run.Result{Failure: &run.Failure{Class: []string{"unavailable", "invalid_input", "timeout", "not_found"}[l.chance("class"+call.Path)%4], Message: "no"}}
		if r.Failure.Class == "unavailable" && l.chance("later"+call.Path)%2 == 0 { // no try for a while
			r.Failure.Class, r.Failure.HeldFor = "rate_limited", (time.Minute).Milliseconds()
		}
	}
	l.take(l.m.Answer(l.now, call.Path, call.Attempt, r))
}

// person mends what is parked, and lets what is uncertain be skipped.
func (l *life) person() {
	for _, n := range l.m.sorted() {
		var d Decision
		var err error
		switch n.state {
		case parked:
			if l.mended++; l.mended > 6 {
				d = l.m.Cancel(l.now, "enough", true)
				break
			}
			maps.DeleteFunc(l.unknown, func(path string, _ bool) bool { // a person takes it on themselves, with all that is inside
				return path == n.path || strings.HasPrefix(path, n.path+".") || strings.HasPrefix(path, n.path+"[")
			})
			d, err = l.m.Resume(l.now, n.path, nil, "me")
		case doubtful:
			d, err = l.m.Settle(l.now, n.path, Skip, nil)
		default:
			continue
		}
		if err != nil {
			l.t.Fatal(err)
		}
		l.take(d)
		return
	}
	l.t.Fatal("nothing to mend")
}

func (l *life) take(d Decision) {
	keep := len(d.Entries)
	l.decisions++
	crash := !l.crashed && l.decisions == l.crashAt
	if crash && l.torn {
		keep = d.Facts
	}
	for _, e := range d.Entries[:keep] {
		if l.whole = append(l.whole, e); e.Seq != int64(len(l.whole)) {
			l.t.Fatalf("entry %d has number %d", len(l.whole), e.Seq)
		}
		l.journal = append(l.journal, e)
		if e.Cut != nil {
			l.cut(e.Cut)
		}
	}
	if !crash {
		l.folds()
		l.act(d)
		return
	}
	l.crashed = true
	if !l.torn { // the calls went out, and nobody heard the answer
		for _, c := range d.Commands {
			if c.Invoke != nil {
				l.went(c.Invoke)
			}
		}
	}
	for _, call := range l.flying {
		l.unknown[call.Path] = l.unknown[call.Path] || call.Effect == run.Once
	}
	l.restart()
}

// folds holds the journal to what was decided: who folds it has nothing more to decide, and stands at the same steps in the same
// states.
func (l *life) folds() {
	m := New(l.program, l.input())
	for _, e := range l.journal {
		if err := m.Apply(e); err != nil {
			l.t.Fatal(err)
		}
	}
	if d := m.Advance(l.now); len(d.Entries) > 0 {
		l.t.Fatalf("folding the journal of what was decided leaves more to decide: %+v", d.Entries)
	}
	text := func(m *Machine) string {
		var b strings.Builder
		for _, n := range m.sorted() {
			state := n.state
			if state == halting { // it looks again whether it is empty
				state = inside
			}
			fmt.Fprintln(&b, n.path, state)
		}
		return b.String()
	}
	if want, got := text(l.m), text(m); got != want && l.m.ending == nil {
		l.t.Fatalf("the journal folds to\n%s and the machine stands at\n%s", got, want)
	}
}

func (l *life) act(d Decision) {
	for _, c := range d.Commands {
		switch {
		case c.Cut != "":
			delete(l.flying, c.Cut)
		case c.Invoke != nil:
			l.went(c.Invoke)
			l.flying[c.Invoke.Path] = c.Invoke
		}
	}
}

func (l *life) went(call *run.Call) {
	if l.unknown[call.Path] {
		l.t.Fatalf("%s was made again, though whether it happened was not known", call.Path)
	}
	if !l.crashed {
		l.invoked[call.Path]++
	}
	if call.Effect == run.Once && l.crashed {
		l.invoked[call.Path]++
	}
}

// cut leaves out what the journal is not needed whole for, or only the later part of it.
func (l *life) cut(c *run.Cut) {
	from := c.After
	if l.chance(fmt.Sprint("cut", c.Before))%3 == 0 {
		from += (c.Before - from) / 2
	}
	l.journal = slices.DeleteFunc(l.journal, func(e run.Entry) bool { return e.Seq > from && e.Seq < c.Before })
}

func (l *life) restart() {
	b, err := run.AppendEntries(nil, l.journal)
	if err != nil {
		l.t.Fatal(err)
	}
	entries, err := run.DecodeEntries(b)
	if err != nil {
		l.t.Fatal(err)
	}
	l.flying, l.m = map[string]*run.Call{}, New(l.program, l.input())
	for _, e := range entries {
		if err := l.m.Apply(e); err != nil {
			l.t.Fatal(err)
		}
	}
	for _, n := range l.m.sorted() {
		if n.state == calling && n.step.fact.Effect == run.Once {
			l.unknown[n.path] = true
		}
	}
	if l.m.Status() == run.Queued {
		l.take(l.m.Start(l.now, nil))
		return
	}
	l.take(l.m.Lost(l.now))
}

// outcome is what a person would see of a run in the end.
func (l *life) outcome() string {
	var b strings.Builder
	f := l.m.Failure()
	if l.m.Status() != run.Failed {
		f = nil
	}
	fmt.Fprintf(&b, "%s %s %+v\n", l.m.Status(), value.Text(l.m.Output()), f)
	steps := run.Steps(l.whole)
	slices.SortFunc(steps, func(a, b run.Step) int { return strings.Compare(a.Path, b.Path) })
	for _, s := range steps {
		fmt.Fprintf(&b, "%s %s %s %s\n", s.Path, s.Status, value.Text(s.Input), value.Text(s.Output))
	}
	return b.String()
}

// TestCrash: whatever the scenario, whatever the answers, and whenever the process dies, the run ends as it would have.
func TestCrash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := drawn(t, "idempotent", "read", "pure")
		seed := fmt.Sprint(rapid.IntRange(0, 1000).Draw(t, "seed"))
		plain := &life{t: t, program: program, seed: seed, crashAt: -1}
		plain.live()
		want := plain.outcome()
		for crash := 1; crash <= plain.decisions; crash++ {
			for _, torn := range []bool{false, true} {
				l := &life{t: t, program: program, seed: seed, crashAt: crash, torn: torn}
				l.live()
				if got := l.outcome(); got != want {
					t.Fatalf("after a crash at decision %d (torn %v) it ends as\n%s\nand not as\n%s", crash, torn, got, want)
				}
			}
		}
	})
}

// TestShortened: the same, also where what a repeat did long ago is left out of the journal; and what is left tells of no step
// otherwise than the whole does.
func TestShortened(t *testing.T) {
	short := 0
	rapid.Check(t, func(t *rapid.T) {
		serial := rapid.IntRange(0, 3).Draw(t, "serial") > 0 // else how far others come beside a step that fails hangs on the order of answers
		program := compiled(t, &draw.Drawer{Source: shrinking{t}, Apps: []string{"idempotent", "read", "pure"}, Rounds: true, Serial: serial}, 2)
		seed := fmt.Sprint(rapid.IntRange(0, 1000).Draw(t, "seed"))
		marks := Marks{Every: rapid.IntRange(1, 9).Draw(t, "every"), Kept: rapid.IntRange(1, 3).Draw(t, "kept")}
		plain := &life{t: t, program: program, seed: seed, crashAt: -1}
		plain.live()
		want := plain.outcome()
		for crash := 0; crash <= plain.decisions; crash += 1 + plain.decisions/10 {
			for _, torn := range []bool{false, true} {
				l := &life{t: t, program: program, seed: seed, crashAt: crash, torn: torn, marks: marks}
				l.live()
				if got := l.outcome(); serial && got != want {
					t.Fatalf("after a crash at decision %d (torn %v) it ends as\n%s\nand not as\n%s", crash, torn, got, want)
				}
				if len(l.journal) < len(l.whole) {
					short++
				}
				l.tells()
			}
		}
	})
	if short < 100 {
		t.Fatalf("%d journals were shortened", short)
	}
}

// tells holds what is left of a journal to the whole of it.
func (l *life) tells() {
	whole := map[string]run.Step{}
	for _, s := range run.Steps(l.whole) {
		whole[s.Path] = s
	}
	for _, s := range run.Steps(l.journal) {
		if w, ok := whole[s.Path]; !ok || s.Status != run.StepIsUnknown && (s.Status != w.Status || value.Text(s.Output) != value.Text(w.Output)) {
			l.t.Fatalf("the step %s is told as %s %v, and was %s %v", s.Path, s.Status, s.Output, w.Status, w.Output)
		}
	}
}

// TestOnce: a call of effect once is never made again by itself after a crash left its outcome unknown.
func TestOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := drawn(t, "once", "idempotent")
		seed := fmt.Sprint(rapid.IntRange(0, 1000).Draw(t, "seed"))
		plain := &life{t: t, program: program, seed: seed, crashAt: -1}
		plain.live()
		for crash := 1; crash <= plain.decisions; crash++ {
			l := &life{t: t, program: program, seed: seed, crashAt: crash}
			l.live()
		}
	})
}

// TestCounts: the counters and timers that a machine keeps say what its nodes say.
func TestCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &life{t: t, program: drawn(t, "idempotent", "pure"), seed: "1", crashAt: -1}
		l.live()
		if !l.m.Status().Ended() {
			return
		}
		for s, n := range l.m.counts {
			if n != 0 || len(l.m.nodes) != 0 {
				t.Fatalf("after its end there are %d nodes, %d of state %d", len(l.m.nodes), n, s)
			}
		}
		heap.Init(&l.m.timers)
		if _, ok := l.m.nextTimer(); ok {
			t.Fatal("a timer is left")
		}
	})
}
