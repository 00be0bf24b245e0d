package ui

import (
	"bytes"
	"encoding/json"
	"sort"
	"strconv"
	"strings"
)

// Value is a JSON value prepared for the tree view.
type Value struct {
	Name   string // of the member; empty at the top
	Kind   string // "object", "list", "text", "number", "word"
	Text   string // of a plain value
	Inside []Value
}

// ValueOf prepares a decoded JSON value. Members are in the order of their names.
func ValueOf(name string, v any) Value {
	switch v := v.(type) {
	case map[string]any:
		out := Value{Name: name, Kind: "object"}
		names := make([]string, 0, len(v))
		for n := range v {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			out.Inside = append(out.Inside, ValueOf(n, v[n]))
		}
		return out
	case []any:
		out := Value{Name: name, Kind: "list"}
		for i, item := range v {
			out.Inside = append(out.Inside, ValueOf(strconv.Itoa(i), item))
		}
		return out
	case string:
		return Value{Name: name, Kind: "text", Text: strconv.Quote(v)}
	case nil:
		return Value{Name: name, Kind: "word", Text: "null"}
	case bool:
		return Value{Name: name, Kind: "word", Text: strconv.FormatBool(v)}
	}
	return Value{Name: name, Kind: "number", Text: Pretty(v)}
}

// size says how much is inside a folded value.
func (v Value) size() string {
	if v.Kind == "list" {
		return Count(len(v.Inside), "item", "items")
	}
	return Count(len(v.Inside), "field", "fields")
}

func (v Value) class() string {
	switch v.Kind {
	case "text":
		return "s"
	case "number":
		return "n"
	}
	return "c"
}

// Pretty writes a value as indented JSON.
func Pretty(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}
