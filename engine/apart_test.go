package engine_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest/sim"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// slowShelf takes a second to keep a value, and notes how many it keeps at once.
type slowShelf struct {
	mu        sync.Mutex
	now, most int
	kept      int
}

func (s *slowShelf) Keep(_ context.Context, _ string, data []byte) (value.Large, error) {
	s.add(1)
	defer s.add(-1)
	time.Sleep(time.Second)
	return value.Large{Hash: "0", Bytes: len(data)}, nil
}

func (s *slowShelf) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now += n
	s.kept += max(-n, 0)
	s.most = max(s.most, s.now)
}

func (s *slowShelf) seen() (kept, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, s.most
}

func (s *slowShelf) Hold(context.Context, string, value.Large) error { return nil }
func (s *slowShelf) Release(string)                                  {}
func (s *slowShelf) Kept(context.Context, value.Large) ([]byte, error) {
	return nil, fault.New(fault.Internal, "It is not read here.")
}

// TestKeepsApartInTurn: runs that make large values do it a few at a time, and those above the room one by one, so that the others find
// processors and memory.
func TestKeepsApartInTurn(t *testing.T) {
	for _, c := range []struct {
		input string
		most  int
	}{
		{`{{ map(1..45, repeat(\"x\", 200000)) }}`, 1},
		{`{{ map(1..15, repeat(\"x\", 200000)) }}`, 2},
		{`{{ repeat(\"x\", 200000) }}`, 6},
	} {
		t.Run(c.input, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, shelf := &faulty{Disk: sim.NewDisk()}, &slowShelf{}
				s := f.publish(t, ``, `[{"id": "a", "uses": "app.call", "with": {"n": "`+c.input+`"}}]`)
				e := engine.New(engine.Config{Store: f, Invoker: f, Blobs: shelf, Owner: engine.NewID(), Log: slog.New(slog.DiscardHandler)})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- e.Serve(ctx, time.Hour) }()
				synctest.Wait()
				for range 6 {
					if _, err := accept(e, s); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(5 * time.Minute)
				if kept, most := shelf.seen(); kept != 6 || most != c.most {
					t.Errorf("%d were kept, %d at once, not %d", kept, most, c.most)
				}
				cancel()
				<-done
				e.Close()
			})
		})
	}
}
