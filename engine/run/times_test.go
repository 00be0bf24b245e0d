package run

import (
	"testing"
	"time"
)

// TestTimes: a time is written in TimeFormat and read as it was written.
func TestTimes(t *testing.T) {
	zone := time.FixedZone("east", 5400)
	for _, at := range []time.Time{time.Unix(0, 0), time.Date(2026, 2, 28, 23, 59, 59, 999_999_999, zone), time.Date(1, 1, 1, 0, 0, 0, 7e6, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 450e6, time.UTC)} {
		written := string(appendTime(nil, at))
		if want := at.UTC().Format(TimeFormat); written != want {
			t.Errorf("%s is written as %s", want, written)
		}
		if back := moment(written); !back.Equal(at.Truncate(time.Millisecond)) || back.Location() != time.UTC {
			t.Errorf("%s is read as %s", written, back)
		}
	}
}
