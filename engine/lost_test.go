package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

var actor = run.SystemActor(run.DefaultWorkspace)

// faulty is a disk of which one commit goes wrong, and an outside that counts its calls.
type faulty struct {
	*sim.Disk
	n     int        // the commit, from 1
	kept  bool       // all of it is, and only the answer is lost
	code  fault.Code // of the answer
	made  atomic.Int32
	calls atomic.Int32
}

func (f *faulty) Commit(ctx context.Context, writes []*run.Write) []error {
	errs := make([]error, len(writes))
	wrong := int(f.made.Add(1)) == f.n
	if !wrong || f.kept {
		errs = f.Disk.Commit(ctx, writes)
	}
	for i := range errs {
		if wrong {
			errs[i] = fault.New(f.code, "The disk did not answer.")
		}
	}
	return errs
}

// Invoke answers after a minute, or when it is cut.
func (f *faulty) Invoke(ctx context.Context, _ run.Call) run.Result {
	f.calls.Add(1)
	select {
	case <-time.After(time.Minute):
	case <-ctx.Done():
	}
	return run.Result{}
}

func (f *faulty) publish(t *testing.T, trigger, steps string) scenario.Stored {
	return f.publishAs(t, "s", `"trigger": {"uses": "webhook"`+trigger+`}`, steps)
}

func (f *faulty) publishAs(t *testing.T, slug, triggers, steps string) scenario.Stored {
	text := []byte(`{"stepmill": 1, "name": "s", ` + triggers + `, "steps": ` + steps + `}`)
	s, err := f.CreateScenario(t.Context(), actor, scenario.Stored{Slug: slug})
	if err == nil {
		facts, _ := json.Marshal(run.Facts{"app.call": {Effect: run.Idempotent, Timeout: time.Hour}})
		s, err = f.Publish(t.Context(), actor, s.ID, scenario.Release{Definition: text, Facts: facts})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (f *faulty) start() (*engine.Engine, func()) { return startOn(f) }

func startOn(f interface {
	engine.Store
	engine.Invoker
}) (*engine.Engine, func()) {
	return startWith(engine.Config{Store: f, Invoker: f})
}

func startWith(cfg engine.Config) (*engine.Engine, func()) {
	cfg.Owner, cfg.Log = engine.NewID(), slog.New(slog.DiscardHandler)
	e := engine.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- e.Serve(ctx, 0) }()
	return e, func() {
		cancel()
		<-done
		e.Close()
	}
}

func accept(e *engine.Engine, s scenario.Stored) (string, error) {
	start := &run.Start{Version: s.Version, Accept: run.Accept{Event: run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: "trigger",
		Outcome: run.Accepted, Value: []byte("null")}}}
	err := e.Accept(context.Background(), start)
	return start.Accept.Event.RunID, err
}

func (f *faulty) ends(t *testing.T, id string) {
	t.Helper()
	time.Sleep(5 * time.Minute)
	if r, err := f.Run(t.Context(), actor, id); err != nil || r.Status != run.Succeeded {
		t.Errorf("the run is %s, hold %d: %v", r.Status, r.Hold, err)
	}
}

// TestLostCommits: whichever commit goes wrong, and however, the runs end.
func TestLostCommits(t *testing.T) {
	for _, trigger := range []string{``, `, "order_by": "k"`, `, "concurrency": 1`} {
		for n := 1; n <= 7; n++ {
			for _, code := range []fault.Code{fault.Unavailable, fault.Internal} {
				for _, kept := range []bool{true, false} {
					t.Run(fmt.Sprintf("%d %s %v %s", n, code, kept, trigger), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							f := &faulty{Disk: sim.NewDisk(), n: n, code: code, kept: kept}
							s := f.publish(t, trigger, `[{"id": "a", "uses": "app.call"}, {"id": "w", "wait": {"for": "5s"}}]`)
							e, stop := f.start()
							defer stop()
							first, err := accept(e, s)
							if err == nil || kept {
								defer f.ends(t, first)
							}
							synctest.Wait()
							second, err := accept(e, s)
							if err == nil || kept {
								defer f.ends(t, second)
							}
							synctest.Wait()
							if strings.Contains(trigger, "order_by") {
								_ = e.Resume(t.Context(), actor, second, "a", nil) // a person tells it something while it stands behind the first
							}
						})
					})
				}
			}
		}
	}
}

// TestCutBeforeMade: a run that is taken in when the time of its step is up makes the step's call no more.
func TestCutBeforeMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{Disk: sim.NewDisk()}
		s := f.publish(t, ``, `[{"id": "g", "timeout": "10s", "on_error": {"do": "ignore"}, "group": {"steps": [{"id": "a", "uses": "app.call"}]}}]`)
		e, stop := f.start()
		id, err := accept(e, s)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		e.Kill()
		stop()
		time.Sleep(20 * time.Second)
		if err := f.ForgetLeases(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, stop = f.start()
		defer stop()
		f.ends(t, id)
		if n := f.calls.Load(); n != 1 {
			t.Errorf("the call was made %d times", n)
		}
	})
}
