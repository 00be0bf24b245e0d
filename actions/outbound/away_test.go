package outbound

import (
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestApart: calls that are sent away come back one after another, and of a vendor's wait none much later than it says.
func TestApart(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	broken := &valve{fails: failsInRow - 1}
	broken.failed(now)
	asked := &valve{}
	asked.heed(plea{code: fault.RateLimited, wait: time.Minute}, now)
	var last time.Duration
	for i := range 100_000 {
		d := broken.later(time.Minute)
		if d != min(time.Duration(i)*apart, longestAway) || d < last {
			t.Fatalf("the %d. comes back %s later", i, d)
		}
		last = d
		if d := asked.later(time.Minute); d > 6*time.Second+5*time.Second-turnPatience {
			t.Fatalf("the %d. comes back %s after it may", i, d)
		}
	}
	now = now.Add(time.Hour)
	broken.failed(now) // the probe
	if d := broken.later(time.Minute); d != 0 {
		t.Errorf("of those that are sent away anew the first comes back %s later", d)
	}
}
