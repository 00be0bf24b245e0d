package schedule

import (
	"testing"
	"time"
)

// TestFarAhead: schedules go on where Go counts a zone's changes by a rule, of which it ends leap years a day early.
func TestFarAhead(t *testing.T) {
	for _, name := range []string{"Europe/Zurich", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "UTC", "Asia/Tokyo"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		leap, err := Parse(map[string]any{"cron": "0 12 29 2 *"}, zone)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, year := range []int{2028, 2032, 2036, 2040, 2044, 2048} {
			if at = leap.Next(at); !at.Equal(time.Date(year, 2, 29, 12, 0, 0, 0, zone)) {
				t.Fatalf("%s: the leap day of %d comes at %s", name, year, at)
			}
		}
		daily, err := Parse(map[string]any{"cron": "30 12 * * *"}, zone)
		if err != nil {
			t.Fatal(err)
		}
		at = time.Date(2037, 1, 1, 0, 0, 0, 0, zone)
		for day := 0; day < 365*24; day++ {
			want := time.Date(2037, 1, 1+day, 12, 30, 0, 0, zone)
			if at = daily.Next(at); !at.Equal(want) {
				t.Fatalf("%s: day %d is %s, not %s", name, day, at, want)
			}
		}
		hourly, err := Parse(map[string]any{"cron": "0 * * * *"}, zone)
		if err != nil {
			t.Fatal(err)
		}
		at = time.Date(2040, 12, 29, 23, 30, 0, 0, time.UTC)
		for range 24 * 5 {
			next := hourly.Next(at)
			if d := next.Sub(at); d <= 0 || d > time.Hour {
				t.Fatalf("%s: after %s comes %s", name, at, next)
			}
			at = next
		}
	}
}
