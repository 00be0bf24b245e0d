package engine_test

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// begun is a disk that lists the runs that began on it.
type begun struct {
	faulty
	runs []string
}

func (b *begun) Commit(ctx context.Context, writes []*run.Write) []error {
	errs := b.faulty.Commit(ctx, writes)
	for i, w := range writes {
		if w.Accept != nil && w.Accept.Started() && errs[i] == nil {
			b.runs = append(b.runs, w.Accept.Run.ID)
		}
		if w.Append != nil && errs[i] == nil {
			for _, start := range w.Append.Starts {
				b.runs = append(b.runs, start.Run.ID)
			}
		}
	}
	return errs
}

// TestCallsItself: a scenario that calls itself tenfold, by itself or over another, ends after so many runs, and its calls fail
// with why; one that calls others often is not counted.
func TestCallsItself(t *testing.T) {
	call := func(scenario string) string {
		return `[{"id": "l", "for_each": {"items": "{{ 1..10 }}", "steps": [{"id": "c", "call": {"scenario": "` + scenario + `", "async": true}, "on_error": {"do": "ignore"}}]}}]`
	}
	for name, c := range map[string]struct {
		first, second, third string
		runs                 int
	}{
		"itself":       {first: call("s-1"), runs: 21},
		"over another": {first: call("s-2"), second: call("s-1"), runs: 31},
		"others":       {first: call("s-2"), second: call("s-3"), third: `[]`, runs: 111},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &begun{faulty: faulty{Disk: sim.NewDisk()}}
				var s scenario.Stored
				for slug, steps := range map[string]string{"s-3": c.third, "s-2": c.second, "s-1": c.first} {
					if p := f.publishAs(t, slug, `"triggers": [{"id": "trigger", "uses": "webhook"}, {"id": "called", "uses": "scenario"}]`, cmp.Or(steps, `[]`)); slug == "s-1" {
						s = p
					}
				}
				e, stop := startWith(engine.Config{Store: f, Invoker: f, MaxAgain: 20, MaxActive: 1})
				defer stop()
				first, err := accept(e, s)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				callers, err := f.Callers(t.Context(), first)
				if err != nil || callers.Again > 20 || name != "others" && callers.Again != 20 {
					t.Errorf("%+v %v", callers, err)
				}
				failed := 0
				for _, id := range f.runs {
					r, err := f.Run(t.Context(), actor, id)
					if err != nil || r.Status != run.Succeeded {
						t.Errorf("a run is %s: %v", r.Status, err)
					}
					journal, err := f.Journal(t.Context(), actor, id, 0)
					if err != nil {
						t.Error(err)
					}
					for _, entry := range journal {
						if entry.Failure != nil {
							failed++
							if entry.Failure.Class != "too_large" || !strings.Contains(entry.Failure.Message, "calls itself") {
								t.Errorf("%+v", entry.Failure)
							}
						}
					}
				}
				if len(f.runs) != c.runs || (failed == 0) != (name == "others") {
					t.Errorf("%d runs, %d failed calls", len(f.runs), failed)
				}
			})
		})
	}
}
