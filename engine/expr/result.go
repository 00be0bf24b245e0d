package expr

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// weigh charges for a value that is looked at as a whole.
func (s *state) weigh(v any, depth int) error {
	switch v := v.(type) {
	case string:
		return s.read(v)
	case []any:
		if err := s.descend(len(v), depth); err != nil {
			return err
		}
		for _, item := range v {
			if err := s.weigh(item, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := s.descend(len(v), depth); err != nil {
			return err
		}
		for _, item := range v {
			if err := s.weigh(item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// text is a value as it stands within text, bounded before it is written.
func (s *state) text(v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, s.read(text)
	}
	b, err := s.encode(v)
	if err != nil || v == nil {
		return "", err
	}
	return string(b), nil
}

func (s *state) encode(v any) ([]byte, error) {
	before := s.steps
	m := measure{s: s}
	if err := m.add(v, 0); err != nil {
		s.steps = before
		m = measure{s: s, sorted: true} // so that which of its faults a value is refused for does not depend on chance
		return nil, cmp.Or(m.add(v, 0), err)
	}
	b, err := value.Encode(v)
	if err != nil {
		return nil, err
	}
	if len(b) > maxText {
		return nil, tooLong()
	}
	return b, s.charge(len(b) / 64)
}

// measure adds up about what a value takes as JSON, and fails as soon as that is too much.
type measure struct {
	s      *state
	sorted bool
	size   int
}

func (m *measure) add(v any, depth int) error {
	switch v := v.(type) {
	case string:
		m.size += len(v) + 2
	case json.Number:
		m.size += len(v)
	case []any:
		if err := m.s.descend(len(v), depth); err != nil {
			return err
		}
		m.size += 2
		for _, item := range v {
			m.size++
			if err := m.add(item, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := m.s.descend(len(v), depth); err != nil {
			return err
		}
		m.size += 2
		return m.members(v, depth)
	default:
		m.size++
	}
	if m.size > maxText {
		return tooLong()
	}
	return nil
}

func (m *measure) members(v map[string]any, depth int) error {
	names := maps.Keys(v)
	if m.sorted {
		names = slices.Values(sortedNames(v))
	}
	for name := range names {
		m.size += len(name) + 4
		if err := m.add(v[name], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// settle gives a value as value.Normalize would, as a copy that shares nothing, within the bounds of a result.
func (s *state) settle(v any, depth int) (any, error) {
	if s.results++; s.results > maxResult || s.bytes > maxBytes || depth > maxDepth {
		return nil, tooMuch()
	}
	switch v := v.(type) {
	case nil, bool, int, json.Number:
		return v, nil
	case string:
		if s.bytes += len(v); s.bytes > maxBytes {
			return nil, tooMuch()
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v), nil
		}
	case []any:
		out := make([]any, 0, min(len(v), maxResult-s.results+1))
		for _, item := range v {
			one, err := s.settle(item, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, min(len(v), maxResult-s.results+1))
		for name, item := range v {
			s.bytes += len(name)
			one, err := s.settle(item, depth+1)
			if err != nil {
				return nil, err
			}
			out[name] = one
		}
		return out, nil
	}
	return value.Normalize(v)
}

// tooMuch says the same of all the bounds of a result: which of them is met first depends on the order of members.
func tooMuch() error {
	return fault.New(fault.InvalidInput, "The result is too large: it holds more than 500,000 values, more than %d levels, or texts of more than 32 MB.", maxDepth)
}
