package fault

import (
	"slices"
	"testing"
)

func TestInOrder(t *testing.T) {
	a, b, c, no := Problem{Line: 1, Column: 9}, Problem{Line: 1, Column: 20}, Problem{Line: 3}, Problem{Message: "no place"}
	if got, want := InOrder([]Problem{no, c, b, a, b}), []Problem{a, b, c, no}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}
