package core

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// path leads to a field of an item, as "author.name" or "lines[0].price". A member whose whole name is written so comes first,
// so that the columns of a table may have any name. The empty path is the item itself.
type path struct {
	written string
	parts   []string
}

const maxPath = 32

func pathOf(input, text string) (path, error) {
	if len(text) > 500 {
		return path{}, wrong(input, "the field's name has more than 500 bytes.")
	}
	p := path{written: text, parts: strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '[' || r == ']' })}
	switch {
	case len(p.parts) > maxPath:
		return path{}, wrong(input, "%s goes deeper than %d levels.", shown(text), maxPath)
	case strings.Contains(text, "{{"):
		return path{}, wrong(input, "%s is an expression; write the field's name, as author.name.", shown(text))
	}
	return p, nil
}

// pathsOf reads the paths of an input that lists them.
func pathsOf(v map[string]any, name string) ([]path, error) {
	var out []path
	for i, text := range textsOf(v, name) {
		p, err := pathOf(itemName(name, i), text)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// of gives what stands there; false: there is nothing, not even null. An index may count from the end, as lines[-1].
func (p path) of(v any) (any, bool) {
	if len(p.parts) == 0 {
		return v, true
	}
	if object, ok := v.(map[string]any); ok {
		if got, ok := object[p.written]; ok {
			return got, true
		}
	}
	for _, name := range p.parts {
		switch have := v.(type) {
		case map[string]any:
			got, ok := have[name]
			if !ok {
				return nil, false
			}
			v = got
		case []any:
			i, err := strconv.Atoi(name)
			if i < 0 {
				i += len(have)
			}
			if err != nil || i < 0 || i >= len(have) {
				return nil, false
			}
			v = have[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// get is of without the word on whether there is something.
func (p path) get(v any) any {
	got, _ := p.of(v)
	return got
}

// name is what the field is called in an output: the last part of the path.
func (p path) name() string {
	if len(p.parts) == 0 {
		return "value"
	}
	return p.parts[len(p.parts)-1]
}

// keyText is a value as keys are compared: 12 and "12" are the same, as are true and "true"; null and "" are no key.
func keyText(v any, fold bool) (string, bool) {
	var text string
	switch have := v.(type) {
	case nil:
		return "", false
	case string:
		text = have
	case int:
		text = strconv.Itoa(have)
	case float64, json.Number, bool:
		text = value.Text(have)
	default:
		text = "\x00" + value.Text(have)
	}
	if fold {
		text = strings.ToLower(text)
	}
	return text, text != ""
}

// keyOf joins the keys of several fields; false: one of them is missing.
func keyOf(item any, paths []path, fold bool) (string, bool) {
	if len(paths) == 1 {
		return keyText(paths[0].get(item), fold)
	}
	var b strings.Builder
	for _, p := range paths {
		text, ok := keyText(p.get(item), fold)
		if !ok {
			return "", false
		}
		b.WriteString(strconv.Itoa(len(text)))
		b.WriteByte(':')
		b.WriteString(text)
	}
	return b.String(), true
}

// identity tells an item from others by fields, where those that are missing are the same as null; no fields: by all of it.
func identity(item any, paths []path, fold bool) string {
	if len(paths) == 0 {
		paths = []path{{}}
	}
	var b strings.Builder
	for _, p := range paths {
		text := value.Text(p.get(item))
		if _, isText := p.get(item).(string); isText {
			text = strconv.Quote(text) // the text "1" is not the number
		}
		if fold {
			text = strings.ToLower(text)
		}
		b.WriteString(strconv.Itoa(len(text)))
		b.WriteByte(':')
		b.WriteString(text)
	}
	return b.String()
}

// object gives an item that must have fields.
func object(input string, i int, item any) (map[string]any, error) {
	have, ok := item.(map[string]any)
	if !ok {
		return nil, fault.New(fault.InvalidInput, "The input %s: item %d is %s; only objects, which have fields, can be merged.", input, i, value.AKind(item))
	}
	return have, nil
}

// sortedNames are an object's members' names.
func sortedNames(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
