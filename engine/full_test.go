package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// full is a disk that can be full for a while.
type full struct {
	faulty
	now atomic.Bool
}

func (f *full) Commit(ctx context.Context, writes []*run.Write) []error {
	if !f.now.Load() {
		return f.faulty.Commit(ctx, writes)
	}
	errs := make([]error, len(writes))
	for i := range errs {
		errs[i] = fault.New(fault.Unavailable, "The disk is full.")
	}
	return errs
}

// TestFullDiskAnswers: who tells a run something while nothing can be written hears so at once, whether it moves or sleeps, and
// what could not be written is when it can.
func TestFullDiskAnswers(t *testing.T) {
	for name, steps := range map[string]string{"moves": `[{"id": "a", "uses": "app.call"}]`, "sleeps": `[{"id": "w", "wait": {"event": {}}}]`} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &full{faulty: faulty{Disk: sim.NewDisk()}}
				s := f.publish(t, ``, steps)
				e, stop := startOn(f)
				defer stop()
				id, err := accept(e, s)
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				f.now.Store(true)
				for i, says := range []string{"may still be done", "nothing was done"} {
					began := time.Now()
					err := e.Cancel(t.Context(), actor, id)
					if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(fault.MessageOf(err), says) {
						t.Errorf("the answer %d is %v", i, err)
					}
					if took := time.Since(began); took > 2*time.Second {
						t.Errorf("the answer %d took %s", i, took)
					}
				}
				time.Sleep(time.Minute)
				f.now.Store(false)
				time.Sleep(time.Minute)
				if r, err := f.Run(t.Context(), actor, id); err != nil || r.Status != run.Cancelled {
					t.Errorf("the run is %s: %v", r.Status, err)
				}
				if err := e.Cancel(t.Context(), actor, id); fault.CodeOf(err) != fault.Conflict {
					t.Errorf("once it has ended the answer is %v", err)
				}
			})
		})
	}
}
