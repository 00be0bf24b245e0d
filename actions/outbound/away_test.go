package outbound

import (
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestApart: calls that are sent away come back one after another, over all probes, and of a vendor's wait none much later than
// it says.
func TestApart(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	asked := &valve{}
	asked.heed(plea{code: fault.RateLimited, wait: time.Minute}, now)
	for i := range 100_000 {
		if d := asked.later(time.Minute); d > 6*time.Second+5*time.Second-turnPatience {
			t.Fatalf("the %d. comes back %s after it may", i, d)
		}
	}
	for _, k := range []struct{ calls, laps int }{{1, 1}, {100, 1}, {10_000, 1}, {100_000, 4}} {
		broken := &valve{fails: failsInRow - 1}
		broken.failed(now)
		comes := map[time.Time]int{}
		from := now
		for i := range k.calls {
			if i == k.calls/2 { // a probe in between makes no second row of them
				from = broken.opens
				broken.take(from)
				broken.probes = 0
			}
			at := broken.back(from)
			if at.Before(broken.opens) || at.Sub(from) > longestAway {
				t.Fatalf("the %d. comes back after %s", i, at.Sub(from))
			}
			comes[at.Truncate(time.Second)]++
		}
		for at, n := range comes {
			if n > k.laps*int(time.Second/apart)+k.laps {
				t.Errorf("of %d, %d come back in the second after %s", k.calls, n, at.Sub(now))
			}
		}
	}
}
