package expr

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"github.com/stepmill/stepmill/engine/value"
)

func numberFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "numbers", signature, summary, examples}, min: least, max: most, call: call}
	}
	round := func(name, summary string, how func(float64) float64, example, result string) entry {
		return f(name, name+"(number) → number", summary, 1, 1, func(a *args) (any, error) {
			if n, ok := a.list[0].(int); ok {
				return n, nil
			}
			return a.gives(how(a.number(0)))
		}, Example{example, result})
	}
	return []entry{
		round("round", "To the nearest whole number, halves away from zero.", math.Round, `round(2.5)`, `3`),
		round("floor", "Down to a whole number.", math.Floor, `floor(2.9)`, `2`),
		round("ceil", "Up to a whole number.", math.Ceil, `ceil(2.1)`, `3`),
		f("abs", "abs(number) → number", "Without its sign.", 1, 1, func(a *args) (any, error) {
			if n, ok := a.list[0].(int); ok && n < 0 {
				return negate(n), nil
			} else if ok {
				return n, nil
			}
			return a.gives(math.Abs(a.number(0)))
		}, Example{`abs(-2)`, `2`}, Example{`abs(-2.5)`, `2.5`}),
		f("round_to", "round_to(number, digits) → number", "To that many digits after the point.", 2, 2, func(a *args) (any, error) {
			return a.gives(roundTo(a.number(0), a.whole(1, 0)))
		}, Example{`round_to(2.345, 2)`, `2.35`}),
		f("format_number", "format_number(number, [digits], [thousands], [point]) → text", "With digits after the point and separated thousands.", 1, 4, func(a *args) (any, error) {
			return a.made(formatNumber(a.number(0), a.whole(1, 0), a.shortOr(2, maxMark, ","), a.shortOr(3, maxMark, ".")))
		}, Example{`format_number(1234567.891, 2)`, `"1,234,567.89"`}, Example{`format_number(1234.5, 2, ".", ",")`, `"1.234,50"`}),
		f("currency", "currency(amount, code) → text", "An amount with its currency, in that currency's digits.", 2, 2, func(a *args) (any, error) {
			code := strings.ToUpper(a.text(1))
			unit, err := currency.ParseISO(code)
			if err != nil {
				return a.fails("%q is no currency; use a code as EUR.", code)
			}
			digits, _ := currency.Standard.Rounding(unit)
			return a.made(code + " " + formatNumber(a.number(0), digits, ",", "."))
		}, Example{`currency(1234.5, "EUR")`, `"EUR 1,234.50"`}, Example{`currency(1234, "JPY")`, `"JPY 1,234"`}),
		f("int", "int(value) → number", "As a whole number, cut behind the point.", 1, 1, toInt, Example{`int("42")`, `42`}, Example{`int(2.9)`, `2`}),
		f("float", "float(value) → number", "As a number.", 1, 1, func(a *args) (any, error) {
			if _, ok := a.list[0].(string); ok {
				text := a.text(0)
				n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
				if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
					return a.fails("%s is not a number.", quote(text))
				}
				return n, nil
			}
			return a.gives(a.number(0))
		}, Example{`float("2.5")`, `2.5`}),
		f("min", "min(values…) → value", "The least of a list, or of the values.", 1, -1, func(a *args) (any, error) { return extreme(a, -1) }, Example{`min(3, 1, 2)`, `1`}, Example{`min([3, 1])`, `1`}),
		f("max", "max(values…) → value", "The greatest of a list, or of the values.", 1, -1, func(a *args) (any, error) { return extreme(a, 1) }, Example{`max(3, 1, 2)`, `3`}),
		f("mean", "mean(list) → number", "The average; null of an empty list.", 1, 1, func(a *args) (any, error) {
			items := a.items(0)
			sum := 0.0
			for _, item := range items {
				n, ok := about(item)
				if !ok {
					return a.fails("the list holds %s.", kindOf(item))
				}
				sum += n
			}
			if len(items) == 0 {
				return a.gives(nil)
			}
			return a.gives(sum / float64(len(items)))
		}, Example{`mean([1, 2, 6])`, `3`}),
		f("median", "median(list) → number", "The middle one; null of an empty list.", 1, 1, func(a *args) (any, error) {
			var list []float64
			for _, item := range a.items(0) {
				n, ok := about(item)
				if !ok {
					return a.fails("the list holds %s.", kindOf(item))
				}
				list = append(list, n)
			}
			if len(list) == 0 {
				return a.gives(nil)
			}
			slices.Sort(list)
			return a.gives((list[(len(list)-1)/2] + list[len(list)/2]) / 2)
		}, Example{`median([5, 1, 3])`, `3`}),
		f("random", "random() → number", "A number from 0 to below 1, taken once an attempt.", 0, 0, func(a *args) (any, error) {
			b := a.s.random()
			n := new(big.Int).SetBytes(b[:6])
			return float64(n.Int64()) / (1 << 48), nil
		}, Example{`random() < 1`, `true`}),
		f("random_int", "random_int(number, number) → number", "A whole number from the first to the second, both included, taken once an attempt.", 2, 2, func(a *args) (any, error) {
			from, to := a.whole(0, 0), a.whole(1, 0)
			if a.err != nil || from > to || to-from < 0 {
				return a.fails("the first number must not be greater than the second.")
			}
			b := a.s.random()
			span := new(big.Int).Add(big.NewInt(int64(to-from)), big.NewInt(1))
			n := new(big.Int).Mod(new(big.Int).SetBytes(b[:]), span)
			return from + int(n.Int64()), nil
		}, Example{`random_int(5, 5)`, `5`}),
	}
}

func toInt(a *args) (any, error) {
	switch v := a.list[0].(type) {
	case int:
		return v, nil
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(a.text(0)))
		if err != nil {
			return a.fails("%s is not a whole number of 64 bits.", quote(v))
		}
		return n, nil
	}
	n := math.Trunc(a.number(0))
	if n >= 1<<63 || n < -(1<<63) || math.IsNaN(n) {
		return a.fails("the number does not fit a whole number of 64 bits.")
	}
	return a.gives(int(n))
}

// roundTo rounds the number as it is written, so that 2.345 gives 2.35 although no float is exactly 2.345.
func roundTo(n float64, digits int) float64 {
	digits = min(max(digits, 0), 15)
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(math.Abs(n), 'f', -1, 64))
	if !ok {
		return n
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	r.Add(r.Mul(r, scale), big.NewRat(1, 2))
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	out, _ := new(big.Rat).Quo(new(big.Rat).SetInt(whole), scale).Float64()
	return math.Copysign(out, n)
}

func formatNumber(n float64, digits int, thousands, point string) string {
	digits = min(max(digits, 0), 15)
	text := strconv.FormatFloat(math.Abs(roundTo(n, digits)), 'f', digits, 64)
	whole, part, _ := strings.Cut(text, ".")
	var b strings.Builder
	if n < 0 && strings.Trim(text, "0.") != "" {
		b.WriteByte('-')
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(thousands)
		}
		b.WriteRune(c)
	}
	if digits > 0 {
		b.WriteString(point + part)
	}
	return b.String()
}

func extreme(a *args, sign int) (any, error) {
	list := a.list
	if len(list) == 1 {
		list = a.items(0)
	}
	var best any
	for i, v := range list {
		kind := value.Kind(v)
		if kind != "number" && kind != "text" || i > 0 && kind != value.Kind(best) {
			return a.fails("numbers or texts are compared, and value %d is %s.", i+1, kindOf(v))
		}
		if text, ok := v.(string); ok && !a.pay(a.s.read(text)) {
			return nil, a.err
		}
		if i == 0 || order(a.name, v, best)*sign > 0 {
			best = v
		}
	}
	return a.gives(best)
}
