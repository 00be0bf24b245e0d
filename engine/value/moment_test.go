package value

import (
	"fmt"
	"testing"
	"time"
)

// TestMoments: times as systems write them.
func TestMoments(t *testing.T) {
	want := time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC)
	for _, v := range []any{"2026-01-31T09:30:00Z", "2026-01-31T10:30:00+01:00", "2026-01-31T09:30:00.000+0000", "2026-01-31T09:30:00", "2026-01-31 09:30:00", fmt.Sprintf("%d.000100", want.Unix()), want.Unix(), float64(want.Unix()), want.UnixMilli()} {
		if got, ok := Moment(v); !ok || !got.Equal(want) {
			t.Errorf("%v is %s", v, got)
		}
	}
	for _, v := range []any{nil, "", "soon", "NaN", "-Inf", "0001-01-01T00:00:00Z", 0, int64(-5), true, map[string]any{}} {
		if got, ok := Moment(v); ok {
			t.Errorf("%v is taken for %s", v, got)
		}
	}
}
