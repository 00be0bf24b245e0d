package value

import (
	"encoding/json"
	"math"
	"math/big"
)

// CompareNumbers compares exactly, also a whole number with a float and those beyond 64 bits; false: one of the two is no number.
func CompareNumbers(a, b any) (int, bool) {
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
