package run

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// covering is one entry being covered.
type covering struct {
	veil     *Veil
	patterns []value.Pattern
	plain    bool // texts are hidden at their paths only
	veiled   map[string]any
}

// given covers what a replay of a part takes over: each step's by what that step masks.
func (c *covering) given(x any) any {
	replayed, _ := x.(map[string]any)
	steps, _ := replayed["steps"].(map[string]any)
	if steps == nil {
		return x
	}
	covered := make(map[string]any, len(steps))
	for path, had := range steps {
		object, ok := had.(map[string]any)
		if !ok {
			covered[path] = had
			continue
		}
		object = maps.Clone(object)
		at := "/input/steps/" + escape(path)
		if output, ok := object["output"]; ok {
			object["output"] = c.walk(output, at+"/output", c.veil.masks[stepID(path)])
		}
		for _, name := range []string{"error", Handled} {
			if failure, ok := object[name]; ok {
				object[name] = c.walk(failure, at+"/"+name, nil)
			}
		}
		if hidden, ok := object["hidden"]; ok {
			c.hide(at+"/hidden", hidden)
			object["hidden"] = Masked
		}
		covered[path] = object
	}
	replayed = maps.Clone(replayed)
	replayed["steps"] = covered
	return replayed
}

// walk gives a value without what is hidden. It copies what it changes.
func (c *covering) walk(x any, at string, patterns []value.Pattern) any {
	if x == nil {
		return nil
	}
	if slices.ContainsFunc(patterns, whole) {
		c.hide(at, x)
		return Masked
	}
	switch v := x.(type) {
	case string:
		return c.text(v, at)
	case int, float64, json.Number:
		if !c.plain && c.veil.known[value.Text(v)] != nil {
			c.hide(at, v)
			return Masked
		}
	case map[string]any:
		var out map[string]any
		for name, member := range v {
			inner := within(patterns, func(p value.Pattern) (value.Pattern, bool) { return p.Member(name) })
			before := len(c.veiled)
			covered := c.walk(member, at+"/"+escape(name), inner)
			if len(c.veiled) == before {
				continue
			}
			if out == nil {
				out = maps.Clone(v)
			}
			out[name] = covered
		}
		if out != nil {
			return out
		}
	case []any:
		var out []any
		for i, item := range v {
			inner := within(patterns, func(p value.Pattern) (value.Pattern, bool) { return p.Item(i) })
			before := len(c.veiled)
			covered := c.walk(item, at+"/"+strconv.Itoa(i), inner)
			if len(c.veiled) == before {
				continue
			}
			if out == nil {
				out = slices.Clone(v)
			}
			out[i] = covered
		}
		if out != nil {
			return out
		}
	}
	return x
}

func (c *covering) text(s, at string) string {
	if c.plain || len(s) < shortestHidden {
		return s
	}
	shown := Masked
	if c.veil.known[s] == nil {
		shown = HideTexts(s, c.veil.Hidden())
	}
	if shown != s {
		c.hide(at, s)
	}
	return shown
}

func (c *covering) hide(at string, x any) {
	if c.veiled == nil {
		c.veiled = map[string]any{}
	}
	c.veiled[at] = x
}

// A place in a value is a JSON pointer (RFC 6901).
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func split(at string) []string {
	if at == "" {
		return nil
	}
	keys := strings.Split(at[1:], "/")
	for i, key := range keys {
		keys[i] = strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~")
	}
	return keys
}

// get finds a part of a value.
func get(v any, keys []string) (any, bool) {
	for _, key := range keys {
		switch in := v.(type) {
		case map[string]any:
			member, ok := in[key]
			if !ok {
				return nil, false
			}
			v = member
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			v = in[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// set puts a part of a value in its place, in the value itself; a place that is not there is passed over.
func set(v any, keys []string, to any) any {
	if len(keys) == 0 {
		return to
	}
	switch in := v.(type) {
	case map[string]any:
		if member, ok := in[keys[0]]; ok {
			in[keys[0]] = set(member, keys[1:], to)
		}
	case []any:
		if i, err := strconv.Atoi(keys[0]); err == nil && i >= 0 && i < len(in) {
			in[i] = set(in[i], keys[1:], to)
		}
	}
	return v
}
