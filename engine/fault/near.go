package fault

import (
	"strconv"
	"strings"
)

// Nearest gives the name that a person most likely meant by the one they wrote, or "" when none is near: that with the
// fewest letters to change, one of four, two of five, four of ten.
func Nearest(written string, names []string) string {
	if len(written) > 60 {
		return ""
	}
	best, least := "", 1+max(1, min((len(written)-1)/2, 1+len(written)/3))
	for _, name := range names {
		if d := edits(strings.ToLower(written), strings.ToLower(name)); d < least && d < len(name) {
			best, least = name, d
		}
	}
	return best
}

// DidYouMean is the sentence that names the nearest, with a space before it; "" when none is near.
func DidYouMean(written string, names []string) string {
	if best := Nearest(written, names); best != "" {
		return " Did you mean " + strconv.Quote(best) + "?"
	}
	return ""
}

// edits counts the letters to add, drop, change or swap with the next between two texts (the distance of optimal string alignment).
func edits(a, b string) int {
	above, row, before := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range len(b) {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(row[j]+1, above[j+1]+1, change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
