package mend

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is what stands, in order; what goes on or is forgotten is taken out.
type shelf struct {
	mu    sync.Mutex
	list  []run.Parked
	fails bool
}

func (s *shelf) Parked(_ context.Context, after run.Parked, limit int) ([]run.Parked, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails {
		return nil, fault.New(fault.Unavailable, "No.")
	}
	var out []run.Parked
	for _, p := range s.list {
		if p.Run > after.Run && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *shelf) Unpark(_ context.Context, p run.Parked) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(s.list, func(q run.Parked) bool { return p == q })
	return nil
}

func (s *shelf) put(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range n {
		s.list = append(s.list, run.Parked{Workspace: "w", Run: fmt.Sprintf("%04d", i), Path: "do"})
	}
}

func (s *shelf) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.list)
}

// TestGoesOn: every step goes on, those too that a person dealt with and those after one that cannot yet.
func TestGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		var mu sync.Mutex
		seen, busy := map[string]int{}, true
		w := New(s, func(ctx context.Context, a run.Actor, id, path string, input map[string]any) error {
			mu.Lock()
			defer mu.Unlock()
			if a.Workspace != "w" || path != "do" || input != nil {
				t.Errorf("%+v %s %v", a, path, input)
			}
			seen[id]++
			switch {
			case id == "0003":
				return fault.New(fault.Conflict, "It is not parked.")
			case id == "0004":
				return fault.New(fault.NotFound, "It is gone.")
			case id == "0005" && busy:
				return fault.New(fault.Unavailable, "Busy.")
			}
			return s.Unpark(ctx, run.Parked{Workspace: "w", Run: id, Path: path}) // as the commit does
		}, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		go w.Run(ctx)
		synctest.Wait()
		s.put(250)
		w.Wake()
		synctest.Wait()
		if s.left() != 1 || len(seen) != 250 {
			t.Errorf("%d stand, %d were told", s.left(), len(seen))
		}
		mu.Lock()
		busy = false
		mu.Unlock()
		time.Sleep(every)
		synctest.Wait()
		if s.left() != 0 || seen["0000"] != 1 || seen["0005"] != 2 {
			t.Errorf("%d stand; %v", s.left(), seen["0005"])
		}
		s.mu.Lock()
		s.fails = true
		s.mu.Unlock()
		s.put(1)
		time.Sleep(every)
		synctest.Wait()
		s.mu.Lock()
		s.fails = false
		s.mu.Unlock()
		time.Sleep(every)
		synctest.Wait()
		if s.left() != 0 {
			t.Error("after the store failed nothing goes on")
		}
		cancel()
		synctest.Wait()
	})
}

// TestStopsInTheMiddle: what is not done when the process ends is left as it is.
func TestStopsInTheMiddle(t *testing.T) {
	s := &shelf{}
	s.put(250)
	ctx, cancel := context.WithCancel(t.Context())
	var asked, done atomic.Int32
	w := New(s, func(ctx context.Context, _ run.Actor, id, path string, _ map[string]any) error {
		if asked.Add(1) == 120 {
			cancel()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		done.Add(1)
		return s.Unpark(ctx, run.Parked{Workspace: "w", Run: id, Path: path})
	}, slog.New(slog.DiscardHandler))
	w.Run(ctx)
	if n := int(asked.Load()); s.left() != 250-int(done.Load()) || n < 120 || n > 120+atOnce {
		t.Errorf("%d stand after %d of %d", s.left(), done.Load(), n)
	}
}
