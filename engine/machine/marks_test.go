package machine

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// TestMarksDamaged: what is missing of a journal without a mark that lets go of it, or a mark that fits nothing, is an error and not
// another state.
func TestMarksDamaged(t *testing.T) {
	const text = `{"stepmill": 1, "name": "test", "steps": [{"id": "g", "group": {"steps": [{"id": "a", "uses": "pure.a"}]}}, {"id": "l", "repeat": {"while": "true", "max": 9, "steps": [{"id": "x", "uses": "pure.x"}]}}]}`
	entry := func(seq int64, kind run.Kind, path string, d run.Data) run.Entry {
		return run.Entry{Seq: seq, Kind: kind, Path: path, Data: d}
	}
	begun := []run.Entry{entry(1, run.RunQueued, "", run.Data{}), entry(2, run.RunStarted, "", run.Data{}), entry(3, run.StepStarted, "g", run.Data{}),
		entry(4, run.StepStarted, "g.a", run.Data{Attempt: 1}), entry(5, run.StepSucceeded, "g.a", run.Data{}), entry(6, run.StepSucceeded, "g", run.Data{}),
		entry(7, run.StepStarted, "l", run.Data{}), entry(8, run.RoundStarted, "l[0]", run.Data{}), entry(9, run.StepStarted, "l[0].x", run.Data{Attempt: 1})}
	cut := &run.Cut{After: 7, Before: 20, Rounds: 4}
	for name, c := range map[string]struct {
		upTo int
		next run.Entry
		want string
	}{
		"a mark":                 {9, entry(30, run.LoopMarked, "l", run.Data{Cut: cut}), ""},
		"no mark":                {9, entry(30, run.RoundStarted, "l[1]", run.Data{}), "entry 30 where 10 should follow"},
		"a mark of another part": {9, entry(30, run.LoopMarked, "l", run.Data{Cut: &run.Cut{After: 12, Rounds: 4}}), "entry 30 where 10 should follow"},
		"an earlier one":         {9, entry(8, run.LoopMarked, "l", run.Data{Cut: cut}), "entry 8 where 10 should follow"},
		"a mark that says where": {9, entry(10, run.LoopMarked, "l", run.Data{}), `marks "l", which is no repeat`},
		"a mark of a group":      {3, entry(4, run.LoopMarked, "g", run.Data{Cut: &run.Cut{}}), `marks "g", which is no repeat`},
		"a mark of nothing":      {6, entry(7, run.LoopMarked, "nix", run.Data{Cut: &run.Cut{}}), `the step "nix", which had not begun`},
		"one before it began":    {6, entry(7, run.LoopMarked, "l", run.Data{Cut: &run.Cut{}}), `marks "l", which is no repeat`},
		"what is kept of nobody": {6, entry(7, run.StepKept, "nix[0].a", run.Data{}), `the step "nix[0].a", which had not begun`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, []byte(text), nil, nil)
			m := New(p.program, p.input)
			for _, e := range begun[:c.upTo] {
				if err := m.Apply(e); err != nil {
					t.Fatal(err)
				}
			}
			err := m.Apply(c.next)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}
