package engine

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
)

// TestCeiling: one scenario leaves half of the room to the others, whoever waits goes on when there is room, the one with the
// fewest first, and who goes away leaves nothing behind.
func TestCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCeiling(8)
		var mu sync.Mutex
		began := map[string]int{}
		take := func(ctx context.Context, scenario string) {
			go func() {
				if c.take(ctx, scenario) == nil {
					mu.Lock()
					defer mu.Unlock()
					began[scenario]++
				}
			}()
			synctest.Wait()
		}
		want := func(hangs, other, used int) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			if began["hangs"] != hangs || began["other"] != other || c.used != used {
				t.Errorf("%v began, %d of the room is used", began, c.used)
			}
		}
		for range 20 {
			take(t.Context(), "hangs")
		}
		want(4, 0, 4)
		for range 3 {
			take(t.Context(), "other")
		}
		want(4, 2, 6)
		c.free("hangs")
		synctest.Wait()
		want(4, 3, 6) // the one with fewer goes first
		ctx, cancel := context.WithCancel(t.Context())
		take(ctx, "gone")
		take(ctx, "gone")
		before := c.used
		cancel()
		synctest.Wait()
		mu.Lock()
		gone := began["gone"]
		mu.Unlock()
		for range gone {
			c.free("gone")
		}
		if c.used > before || len(c.waiting["gone"]) != 0 {
			t.Errorf("who went away left %d used and %d waiting", c.used, len(c.waiting["gone"]))
		}
		for range 40 {
			synctest.Wait()
			if c.by["hangs"] > 0 {
				c.free("hangs")
			}
			if c.by["other"] > 0 {
				c.free("other")
			}
		}
		synctest.Wait()
		want(20, 3, 0)
		if len(c.waiting)+len(c.by) != 0 {
			t.Errorf("left are %v %v", c.waiting, c.by)
		}
	})
}
