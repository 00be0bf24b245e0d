package expr

import (
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// order compares two numbers or two texts.
func order(operator string, a, b any) int {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	}
	d, ok := value.CompareNumbers(a, b)
	if !ok {
		hint := ""
		if a == nil || b == nil {
			hint = " Write ?? and what should stand in for one that may be missing."
		}
		fail("%s compares two numbers or two texts, not %s and %s.%s", operator, kindOf(a), kindOf(b), hint)
	}
	return d
}

func less(a, b any) bool        { return order("<", a, b) < 0 }
func lessOrEqual(a, b any) bool { return order("<=", a, b) <= 0 }
func more(a, b any) bool        { return order(">", a, b) > 0 }
func moreOrEqual(a, b any) bool { return order(">=", a, b) >= 0 }

// sameScalar says whether two values, of which one is no list and no object, are equal. A text is never a number.
func sameScalar(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	}
	d, ok := value.CompareNumbers(a, b)
	return ok && d == 0
}

func startsWith(a, b any) bool {
	x, y, ok := texts("startsWith", a, b)
	return ok && strings.HasPrefix(x, y)
}

func endsWith(a, b any) bool {
	x, y, ok := texts("endsWith", a, b)
	return ok && strings.HasSuffix(x, y)
}

// texts gives both sides of an operator on texts; with null the answer is no.
func texts(operator string, a, b any) (x, y string, ok bool) {
	if a == nil || b == nil {
		return "", "", false
	}
	x, okX := a.(string)
	y, okY := b.(string)
	if !okX || !okY {
		hint := ""
		if _, list := a.([]any); list && operator == "contains" {
			hint = " Whether an item is in a list asks: item in list."
		}
		fail("%s looks at two texts, not at %s and %s.%s", operator, kindOf(a), kindOf(b), hint)
	}
	return x, y, true
}
