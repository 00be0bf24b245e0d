package runs

import "testing"

func TestLacks(t *testing.T) {
	for _, c := range []struct {
		hidden, gone int64
		want         string
	}{{0, 0, ""}, {0, -3, ""}, {1, 0, "1 entry not shown"}, {0, 12000, "12,000 entries no longer kept"}, {5000, 1, "5,000 entries not shown, 1 entry no longer kept"}} {
		if got := lacks(c.hidden, c.gone); got.Short != c.want || (got.Whole == "") != (c.want == "") {
			t.Errorf("%d, %d: %+v", c.hidden, c.gone, got)
		}
	}
}
