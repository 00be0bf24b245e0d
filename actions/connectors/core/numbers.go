package core

import (
	"encoding/json"
	"math/big"
	"slices"

	"github.com/stepmill/stepmill/engine/value"
)

// exactNumber is a number as it is written in decimal: 0.1 is a tenth.
func exactNumber(v any) (*big.Rat, bool) {
	if i, ok := v.(int); ok {
		return new(big.Rat).SetInt64(int64(i)), true
	}
	return new(big.Rat).SetString(value.Text(v))
}

// shortNumber gives an exact number as a value: whole ones with every digit, others as the nearest float.
func shortNumber(n *big.Rat) any {
	if n.IsInt() {
		if n.Num().IsInt64() {
			return int(n.Num().Int64())
		}
		if text := n.Num().String(); len(text) <= 1000 {
			return json.Number(text)
		}
	}
	f, _ := n.Float64()
	return f
}

// sum adds up exactly; of whole numbers without making fractions of them.
type sum struct {
	small int64
	rest  *big.Rat
}

func (s *sum) add(v any) {
	if i, ok := v.(int); ok {
		if next := s.small + int64(i); (next > s.small) == (i > 0) || i == 0 {
			s.small = next
			return
		}
	}
	n, ok := exactNumber(v)
	if !ok {
		return
	}
	if s.rest == nil {
		s.rest = new(big.Rat)
	}
	s.rest.Add(s.rest, n)
}

func (s *sum) total() *big.Rat {
	out := new(big.Rat).SetInt64(s.small)
	if s.rest != nil {
		out.Add(out, s.rest)
	}
	return out
}

// median is the middle of numbers, or the mean of the two in the middle.
func median(numbers []any) any {
	if len(numbers) == 0 {
		return nil
	}
	list := slices.Clone(numbers)
	slices.SortFunc(list, func(a, b any) int { d, _ := value.CompareNumbers(a, b); return d })
	middle := len(list) / 2
	if len(list)%2 == 1 {
		return list[middle]
	}
	var s sum
	s.add(list[middle-1])
	s.add(list[middle])
	return shortNumber(s.total().Quo(s.total(), big.NewRat(2, 1)))
}
