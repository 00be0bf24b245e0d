package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
)

// shortens holds that what a mark lets go of leaves the journal and what only that part referred to leaves the disk, that the mark
// begins what is left, and that the run's bytes are those.
func shortens(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	keep := func(text string) value.Large {
		return must[value.Large](t)(s.Keep(t.Context(), "me", []byte(text)))
	}
	early, always, seldom, old := keep(`"early"`), keep(`"always"`), keep(`"seldom"`), keep(`"old"`)
	r := taken(t, s, accept(sc))
	write := func(kinds ...run.Kind) *run.Append {
		a := appended(r, run.Running, kinds...)
		for i := range a.Entries {
			a.Entries[i].Path = "loop"
		}
		return a
	}
	put := func(a *run.Append) {
		t.Helper()
		if err := commit(t, s, &run.Write{Append: a})[0]; err != nil {
			t.Fatal(err)
		}
		r = a.Run
	}
	a := write(run.StepSucceeded, run.StepStarted) // entries 2 and 3: the loop begins with the third
	a.Entries[0].Output = early
	put(a)
	var marks []int64
	bytes := func() int64 {
		return must[[]run.Old](t)(s.OldRuns(t.Context(), system.Workspace, sc.ID, 0, 10))[0].Bytes
	}
	var sizes []int64
	for n := range 60 { // rounds, each in two writes, every fifth with a mark amid the first of them
		a = write(run.StepWaiting, run.LoopMarked, run.StepKept, run.RoundStarted)
		if n%5 != 0 {
			a = write(run.StepWaiting, run.RoundStarted)
		} else {
			cut := &run.Cut{After: 3, Rounds: n}
			if len(marks) >= 2 {
				cut.Before = marks[len(marks)-2]
			}
			a.Entries[1].Cut, a.Entries[2].Output = cut, always
			marks = append(marks, a.Entries[1].Seq)
		}
		put(a)
		a = write(run.StepStarted, run.StepSucceeded)
		a.Entries[1].Output = strings.Repeat("x", 2000)
		switch n {
		case 7:
			a.Entries[1].Output, a.Entries[0].Input = old, early
		case 8, 57:
			a.Entries[1].Output = seldom
		}
		put(a)
		sizes = append(sizes, bytes())
	}
	list := must[[]run.Entry](t)(s.Journal(t.Context(), system, r.ID, 0))
	before := marks[len(marks)-3]
	var seqs []int64
	for _, e := range list {
		seqs = append(seqs, e.Seq)
	}
	if len(seqs) < 5 || !slices.Equal(seqs[:4], []int64{1, 2, 3, before}) || seqs[len(seqs)-1] != r.Seq || len(seqs) != int(r.Seq-before)+4 {
		t.Errorf("left are the entries %v, with the marks %v", seqs, marks)
	}
	if in := must[run.Replay](t)(s.Replay(t.Context(), r.ID)); len(listed(t, in)) != len(list) {
		t.Errorf("the run is taken up from %d entries, and has %d", len(listed(t, in)), len(list))
	}
	if last := sizes[len(sizes)-1]; last > 2*sizes[14] || last < 20_000 {
		t.Errorf("the run has %v bytes after each round", sizes)
	}
	s.Release("me")
	if _, _, err := s.SweepBlobs(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for l, want := range map[value.Large]bool{early: true, always: true, seldom: true, old: false} {
		if _, err := s.Kept(t.Context(), l); (err == nil) != want {
			t.Errorf("the value of %d bytes is there: %v", l.Bytes, err == nil)
		}
	}
	if text := must[[]byte](t)(s.Value(t.Context(), system, r.ID, seldom)); string(text) != `"seldom"` {
		t.Errorf("%s", text)
	}
	first, hidden, err := s.Excerpt(t.Context(), system, r.ID, run.Excerpt{First: 4, Last: 4})
	if err != nil || fmt.Sprint(first[3].Seq, first[4].Seq) != fmt.Sprint(before, r.Seq-3) || hidden != r.Seq-3-before-1 {
		t.Errorf("of its beginning and its end are read %d and %d, with %d between: %v", first[3].Seq, first[4].Seq, hidden, err)
	}
}
