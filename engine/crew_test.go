package engine

import (
	"sync"
	"testing"
	"testing/synctest"
)

// TestCrew: everything is carried out beside the caller, also what begins while all others wait for it and after the end; a few
// goroutines are kept, and none at the end.
func TestCrew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew()
		var all sync.WaitGroup
		release := make(chan struct{})
		const many = 3 * keptIdle
		for range many {
			all.Add(1)
			c.do(func() { defer all.Done(); <-release })
		}
		synctest.Wait()
		close(release) // that all of them run at once is what lets them end
		all.Wait()
		synctest.Wait()
		if kept := c.idle.Load(); kept != keptIdle {
			t.Errorf("%d goroutines are kept", kept)
		}
		for range many {
			all.Add(1)
			c.do(all.Done)
			synctest.Wait()
			if kept := c.idle.Load(); kept != keptIdle {
				t.Fatalf("%d goroutines after one more", kept)
			}
		}
		c.close()
		synctest.Wait()
		if left := c.idle.Load(); left != 0 {
			t.Errorf("%d goroutines are left", left)
		}
		all.Add(1)
		c.do(all.Done)
		all.Wait()
	})
}
