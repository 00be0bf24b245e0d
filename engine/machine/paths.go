package machine

import "strings"

// comparePaths orders paths by their names, and the items of a loop by their numbers.
func comparePaths(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i < len(a) && i < len(b) && isDigit(a[i]) && isDigit(b[i]) { // of two numbers the one with more digits is larger
		if d := digits(a[i:]) - digits(b[i:]); d != 0 && strings.LastIndexByte(a[:i], '[') > strings.LastIndexByte(a[:i], ']') {
			return d
		}
	}
	return strings.Compare(a, b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
