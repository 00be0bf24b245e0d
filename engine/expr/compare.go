package expr

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
)

// order compares two numbers or two texts.
func order(operator string, a, b any) int {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	}
	d, ok := compareNumbers(a, b)
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

// compareNumbers compares exactly, also a whole number with a float and those beyond 64 bits.
func compareNumbers(a, b any) (int, bool) {
	x, okX := a.(int)
	y, okY := b.(int)
	if okX && okY {
		return compareOrdered(x, y), true
	}
	f, okX := a.(float64)
	g, okY := b.(float64)
	if okX && okY {
		return compareOrdered(f, g), true
	}
	p, okX := exact(a)
	q, okY := exact(b)
	if !okX || !okY {
		return 0, false
	}
	return p.Cmp(q), true
}

func compareOrdered[N int | float64](a, b N) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func exact(v any) (*big.Float, bool) {
	switch v := v.(type) {
	case int:
		return new(big.Float).SetInt64(int64(v)), true
	case float64:
		if math.IsNaN(v) {
			return nil, false
		}
		return new(big.Float).SetFloat64(v), true
	case json.Number:
		n, ok := new(big.Int).SetString(v.String(), 10)
		if !ok {
			return nil, false
		}
		return new(big.Float).SetInt(n), true
	}
	return nil, false
}

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
	d, ok := compareNumbers(a, b)
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
