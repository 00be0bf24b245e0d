package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestEnd: a run that is told to end does so wherever it is: one that is queued never begins, one that moves or waits is cancelled.
func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{Disk: sim.NewDisk()}
		s := f.publish(t, `, "concurrency": 1`, `[{"id": "a", "uses": "app.call"}, {"id": "w", "wait": {"for": "24h"}}]`)
		e, stop := startWith(engine.Config{Store: f, Invoker: f})
		defer stop()
		var ids []string
		for range 4 { // the first calls, three stand behind it
			id, err := accept(e, s)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		synctest.Wait()
		for _, id := range ids[1:3] {
			if err := e.End(t.Context(), actor, id); err != nil {
				t.Error(err)
			}
			if err := e.End(t.Context(), actor, id); err != nil { // it is told already
				t.Error(err)
			}
		}
		time.Sleep(5 * time.Minute) // the first waits, the last calls and waits
		if n := f.calls.Load(); n != 2 {
			t.Errorf("%d calls were made", n)
		}
		for _, id := range []string{ids[0], ids[3]} {
			if err := e.End(t.Context(), actor, id); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
		for _, id := range ids {
			r, err := f.Run(t.Context(), actor, id)
			if err != nil || r.Status != run.Cancelled {
				t.Errorf("a run is %s: %v", r.Status, err)
			}
			if err := e.End(t.Context(), actor, id); fault.CodeOf(err) != fault.Conflict {
				t.Errorf("one that has ended: %v", err)
			}
		}
	})
}
