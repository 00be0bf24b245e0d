package expr

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// The operators are called by the language's machine in a way that knows no error: they panic with a *fault.Error, which
// the machine turns into the error of the evaluation, with the place.

func fail(format string, args ...any) {
	panic(fault.New(fault.InvalidInput, format, args...))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// fetch reads a member of an object, or an item of a list, from its end where the index is negative.
func fetch(from, key any) any {
	switch from := from.(type) {
	case map[string]any:
		if name, ok := key.(string); ok {
			return from[name]
		}
		fail("A member of an object is named by a text, not by %s.", kindOf(key))
	case []any:
		return from[index(len(from), key)]
	case nil:
		fail("There is no %s in null; where it may be missing write ?. before it.", said(key))
	}
	fail("There is no %s in %s.", said(key), kindOf(from))
	return nil
}

func index(length int, key any) int {
	i, ok := whole(key)
	if !ok {
		fail("An item of a list is named by a whole number, not by %s.", said(key))
	}
	at := i
	if at < 0 {
		at += length
	}
	if at < 0 || at >= length {
		fail("There is no item %d in a list of %d; where it may be missing write get(list, \"[%d]\").", i, length, i)
	}
	return at
}

// readable lets through what an optional chain may go on in.
func readable(from, key any) any {
	switch list := from.(type) {
	case nil:
	case []any:
		index(len(list), key)
	default:
		fetch(from, key)
	}
	return from
}

// said is a member's name or an index in a message.
func said(key any) string {
	if name, ok := key.(string); ok {
		return fault.Clip(name, 60)
	}
	if _, ok := finite(key); ok {
		return value.Text(key)
	}
	return kindOf(key)
}

// holds is a condition's answer: null counts as false.
func holds(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case nil:
		return false
	}
	fail("A condition must be true or false, not %s; compare it with something.", kindOf(v))
	return false
}

func memberName(v any) any {
	if name, ok := v.(string); ok {
		return name
	}
	fail("A member of an object is named by a text, not by %s.", kindOf(v))
	return nil
}

// numbers gives both as whole numbers where they are, else both as floats.
func numbers(operator string, a, b any) (x, y int, whole bool, f, g float64) {
	x, okX := a.(int)
	y, okY := b.(int)
	if okX && okY {
		return x, y, true, 0, 0
	}
	f, okX = finite(a)
	g, okY = finite(b)
	if !okX || !okY {
		refuseNumbers(operator, a, b)
	}
	return 0, 0, false, f, g
}

// finite is a number as a float; those beyond 64 bits are none, since the result would not be exact.
func finite(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func refuseNumbers(operator string, a, b any) {
	for _, v := range []any{a, b} {
		if n, ok := v.(json.Number); ok {
			fail("%s is beyond 64 bits, and cannot be calculated with exactly; write float(…) for about as much.", fault.Clip(n.String(), 40))
		}
	}
	fail("%s cannot calculate with %s and %s; both must be numbers. Write ?? 0 behind one that may be missing, and float(…) for a number in a text.", operator, kindOf(a), kindOf(b))
}

func tooLarge(operator string) {
	fail("The result of %s is too large for a whole number of 64 bits; write float(…) for about as much.", operator)
}

func result(operator string, f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		fail("The result of %s is not a finite number.", operator)
	}
	return f
}

func sumOf(a, b any) any {
	x, y, whole, f, g := numbers("+", a, b)
	if !whole {
		return result("+", f+g)
	}
	sum := x + y
	if (sum > x) != (y > 0) && y != 0 {
		tooLarge("+")
	}
	return sum
}

func subtract(a, b any) any {
	x, y, whole, f, g := numbers("-", a, b)
	if !whole {
		return result("-", f-g)
	}
	rest := x - y
	if (rest < x) != (y > 0) && y != 0 {
		tooLarge("-")
	}
	return rest
}

func multiply(a, b any) any {
	x, y, whole, f, g := numbers("*", a, b)
	if !whole {
		return result("*", f*g)
	}
	if x == 0 || y == 0 {
		return 0
	}
	product := x * y
	if product/y != x || x == math.MinInt && y == -1 || y == math.MinInt && x == -1 {
		tooLarge("*")
	}
	return product
}

// divide gives a whole number where the division has no rest.
func divide(a, b any) any {
	x, y, whole, f, g := numbers("/", a, b)
	if whole {
		f, g = float64(x), float64(y)
	}
	switch {
	case g == 0:
		fail("%s cannot be divided by zero.", value.Text(a))
	case whole && x == math.MinInt && y == -1:
		tooLarge("/")
	case whole && x%y == 0:
		return x / y
	}
	return result("/", f/g)
}

func remainder(a, b any) any {
	x, okX := whole(a)
	y, okY := whole(b)
	switch {
	case !okX || !okY:
		if _, ok := finite(a); ok {
			if _, ok := finite(b); ok {
				fail("%% takes whole numbers, not %s and %s.", value.Text(a), value.Text(b))
			}
		}
		refuseNumbers("%", a, b)
	case y == 0:
		fail("%d cannot be divided by zero.", x)
	case y == -1:
		return 0
	}
	return x % y
}

// power is exact where base and exponent are whole and the result fits.
func power(a, b any) any {
	x, y, whole, f, g := numbers("**", a, b)
	if !whole {
		return result("**", math.Pow(f, g))
	}
	if y >= 0 && y < 64 || y >= 0 && x >= -1 && x <= 1 {
		if n := new(big.Int).Exp(big.NewInt(int64(x)), big.NewInt(int64(y)), nil); n.IsInt64() {
			return int(n.Int64())
		}
	}
	return result("**", math.Pow(float64(x), float64(y)))
}

func negate(v any) any {
	switch n := v.(type) {
	case int:
		if n == math.MinInt {
			tooLarge("-")
		}
		return -n
	case float64:
		return -n
	case json.Number:
		if text, ok := strings.CutPrefix(n.String(), "-"); ok {
			return json.Number(text)
		}
		return json.Number("-" + n.String())
	}
	fail("- cannot turn %s around; it must be a number.", kindOf(v))
	return nil
}

func positive(v any) any {
	if value.Kind(v) != "number" {
		fail("+ before %s makes no sense; it must be a number.", kindOf(v))
	}
	return v
}

// whole reads a whole number; a float that is one counts.
func whole(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v), true
		}
	}
	return 0, false
}

// slice gives a part of a text or a list, counted in characters or items, from the end where negative.
func slice(s *state, a []any) (any, error) {
	bounds := [2]int{0, math.MaxInt}
	for i := range bounds {
		if a[i+1] == nil {
			continue
		}
		n, ok := whole(a[i+1])
		if !ok {
			return nil, fault.New(fault.InvalidInput, "A part is named by whole numbers, not by %s.", kindOf(a[i+1]))
		}
		bounds[i] = n
	}
	clamp := func(length int) (int, int) {
		for i, n := range bounds {
			if n < 0 {
				n += length
			}
			bounds[i] = min(max(n, 0), length)
		}
		return min(bounds[0], bounds[1]), bounds[1]
	}
	switch v := a[0].(type) {
	case []any:
		from, to := clamp(len(v))
		return v[from:to:to], nil
	case string:
		if err := s.read(v); err != nil {
			return nil, err
		}
		from, to := clamp(utf8.RuneCountInString(v))
		begin, end, at := len(v), len(v), 0
		for i := range v {
			if at == from {
				begin = i
			}
			if at == to {
				end = i
			}
			at++
		}
		return v[min(begin, end):end], nil
	}
	return nil, fault.New(fault.InvalidInput, "A part is taken of a list or a text, not of %s.", kindOf(a[0]))
}
