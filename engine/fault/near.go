package fault

import (
	"strconv"
	"strings"
)

// Nearest gives the name that a person most likely meant by the one they wrote, or "" when none is near: that with the
// fewest letters to change, at most a third of those written.
func Nearest(written string, names []string) string {
	if len(written) > 60 {
		return ""
	}
	best, least := "", 2+len(written)/3
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

// edits counts the letters to add, drop or change between two texts (Levenshtein's distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, change)
		}
	}
	return row[len(b)]
}
