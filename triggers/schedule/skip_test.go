package schedule

import (
	"testing"
	"time"
)

// TestSkip: of the times that were missed none is made up for but one that is due just now, however short the interval.
func TestSkip(t *testing.T) {
	r := newRig(t, map[string]any{"every": "10s", "missed": "skip"}, "2026-01-01 00:00")
	r.step(10*time.Second, 1)
	r.restart()
	r.step(45*time.Second, 1)
	r.step(0, 0)
	r.step(5*time.Second, 1)
	r.restart()
	r.step(10*time.Minute, 1)
}
