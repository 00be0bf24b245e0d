package engine_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// picky is a disk on which what a call gave cannot be written.
type picky struct{ faulty }

func (p *picky) Commit(ctx context.Context, writes []*run.Write) []error {
	for i, w := range writes {
		if w.Append != nil && slices.ContainsFunc(w.Append.Entries, func(e run.Entry) bool { return e.Kind == run.StepSucceeded && e.Path == "a" }) {
			errs := p.faulty.Commit(ctx, slices.Delete(slices.Clone(writes), i, i+1))
			return slices.Insert(errs, i, error(fault.Wrap(value.ErrUnwritable, fault.Internal, "This cannot be written.")))
		}
	}
	return p.faulty.Commit(ctx, writes)
}

// TestUnwritable: a run whose journal cannot be written fails and says why. To claim it anew would make its last call again, each time,
// and change nothing; the next run in its line goes on.
func TestUnwritable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &picky{faulty: faulty{Disk: sim.NewDisk()}}
		s := p.publish(t, `, "order_by": "k"`, `[{"id": "before", "wait": {"for": "5s"}}, {"id": "a", "uses": "app.call"}]`)
		e, stop := startOn(p)
		defer stop()
		var ids []string
		for range 2 {
			id, err := accept(e, s)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		time.Sleep(10 * time.Minute)
		for _, id := range ids {
			r, err := p.Run(t.Context(), actor, id)
			if err != nil || r.Status != run.Failed || r.Error == nil || r.Error.Message != "This cannot be written." {
				t.Errorf("the run is %s: %+v %v", r.Status, r.Error, err)
			}
			entries, err := p.Journal(t.Context(), actor, id, 0)
			if err != nil {
				t.Fatal(err)
			}
			for i, entry := range entries {
				if entry.Seq != int64(i)+1 {
					t.Errorf("entry %d has the number %d", i, entry.Seq)
				}
			}
		}
		if n := p.calls.Load(); n != 2 {
			t.Errorf("%d calls were made", n)
		}
	})
}
