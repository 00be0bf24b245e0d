package notion

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of one request. Source: https://developers.notion.com/reference/request-limits
const (
	mostText   = 2000 // characters of one text
	mostBlocks = 100
)

// richText is a text as Notion's list of texts, none of which is too long.
func richText(text string) []any {
	out := []any{}
	for rest := []rune(text); len(rest) > 0; {
		n := min(len(rest), mostText)
		out = append(out, map[string]any{"type": "text", "text": map[string]any{"content": string(rest[:n])}})
		rest = rest[n:]
	}
	return out
}

// lineKinds are the beginnings of lines, the longer ones first where one begins with another.
var lineKinds = []struct{ begin, kind string }{
	{"### ", "heading_3"}, {"## ", "heading_2"}, {"# ", "heading_1"}, {"- [ ] ", "to_do"}, {"- [x] ", "to_do"}, {"[ ] ", "to_do"}, {"[x] ", "to_do"},
	{"- ", "bulleted_list_item"}, {"* ", "bulleted_list_item"}, {"1. ", "numbered_list_item"}, {"> ", "quote"},
}

var (
	imageForm  = regexp.MustCompile(`^!\[([^\]]*)\]\((https?://[^)\s]+)\)$`)
	numberForm = regexp.MustCompile(`^[0-9]{1,3}\. `)
	fenceForm  = regexp.MustCompile("^```([A-Za-z+# ]*)$")
)

// code is what stands between two fences.
func code(language string, lines []string) map[string]any {
	if language = strings.ToLower(strings.TrimSpace(language)); language == "" {
		language = "plain text"
	}
	return map[string]any{"object": "block", "type": "code", "code": map[string]any{"language": language, "rich_text": richText(strings.Join(lines, "\n"))}}
}

// block is a line of a text as a block.
func block(line string) map[string]any {
	if m := imageForm.FindStringSubmatch(line); m != nil {
		return map[string]any{"object": "block", "type": "image", "image": map[string]any{"type": "external", "external": map[string]any{"url": m[2]}, "caption": richText(m[1])}}
	}
	if m := numberForm.FindString(line); m != "" {
		line = "1. " + line[len(m):]
	}
	if line == "---" {
		return map[string]any{"object": "block", "type": "divider", "divider": map[string]any{}}
	}
	kind, text := "paragraph", line
	for _, k := range lineKinds {
		if rest, ok := strings.CutPrefix(line, k.begin); ok {
			kind, text = k.kind, rest
			break
		}
	}
	inner := map[string]any{"rich_text": inline(text)}
	if kind == "to_do" {
		inner["checked"] = strings.HasPrefix(strings.TrimPrefix(line, "- "), "[x]")
	}
	return map[string]any{"object": "block", "type": kind, kind: inner}
}

// children are the blocks of a content and of a list of them. Empty lines only part paragraphs.
func children(in map[string]any) []any {
	out := []any{}
	var fenced []string // nil: no fence is open
	language := ""
	for line := range strings.Lines(value.Text(in["content"])) {
		line = strings.TrimRight(line, " \r\n")
		switch fence := fenceForm.FindStringSubmatch(line); {
		case fenced != nil && line == "```":
			out, fenced = append(out, code(language, fenced[1:])), nil
		case fenced != nil:
			fenced = append(fenced, line)
		case fence != nil:
			fenced, language = []string{""}, fence[1]
		case line != "":
			out = append(out, block(line))
		}
	}
	if fenced != nil {
		out = append(out, code(language, fenced[1:]))
	}
	more, _ := in["blocks"].([]any)
	return append(out, more...)
}

// first are the children of a new page, which Notion takes so many of at once.
func first(in map[string]any) ([]any, error) {
	out := children(in)
	if len(out) > mostBlocks {
		return nil, fault.New(fault.InvalidInput, "The input content: with the blocks it has %d blocks, and Notion takes %d with a new page; append the rest by append_content.", len(out), mostBlocks)
	}
	return out, nil
}

// typed writes values by their properties' names in Notion's form. kinds are the properties' types; of one that is not known the value decides
// where guess is set, and otherwise the fault says which there are.
func typed(values map[string]any, kinds map[string]string, guess bool) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if object, ok := v.(map[string]any); ok {
			out[name] = object
			continue
		}
		kind, known := kinds[name]
		if !known && !guess {
			return nil, unknown("properties", name, kinds)
		}
		if !known {
			kind = map[string]string{"number": "number", "boolean": "checkbox", "list": "multi_select"}[value.Kind(v)]
		}
		inner, err := property(name, kind, v)
		if err != nil {
			return nil, err
		}
		out[name] = map[string]any{inner.kind: inner.v}
	}
	return out, nil
}

// unknown is the fault of a property that is not there: it says which there are.
func unknown(input, name string, kinds map[string]string) error {
	names := slices.Sorted(maps.Keys(kinds))
	hint := fault.DidYouMean(name, names)
	switch {
	case len(names) == 0:
		hint = " It has none that the connection may see: add the property in Notion, or share the data source with the integration."
	case hint == "":
		hint = " There are " + fault.Clip(strings.Join(names, ", "), 200) + "."
	}
	return fault.New(fault.InvalidInput, "The input %s: Notion has no property %q there.%s", input, fault.Clip(name, 60), hint)
}

type written struct {
	kind string
	v    any
}

// property is a value as Notion has it in a property of a type; null empties it. Source: https://developers.notion.com/reference/page-property-values
func property(name, kind string, v any) (written, error) {
	text := value.Text(v)
	empty := v == nil || text == ""
	switch kind {
	case "title", "rich_text", "":
		if kind == "" {
			kind = "rich_text"
		}
		return written{kind, richText(text)}, nil
	case "number":
		n, err := number(v)
		if err != nil {
			return written{}, fault.New(fault.InvalidInput, "The input properties/%s: the property is a number, and %q is none.", name, fault.Clip(text, 60))
		}
		return written{kind, n}, nil
	case "checkbox":
		if v != true && v != false && text != "true" && text != "false" && !empty {
			return written{}, fault.New(fault.InvalidInput, "The input properties/%s: the property is a checkbox, so true or false is needed, not %q.", name, fault.Clip(text, 60))
		}
		return written{kind, v == true || text == "true"}, nil
	case "url", "email", "phone_number":
		if empty {
			return written{kind, nil}, nil
		}
		return written{kind, text}, nil
	case "select", "status":
		if empty {
			return written{kind, nil}, nil
		}
		return written{kind, map[string]any{"name": text}}, nil
	case "date":
		if empty {
			return written{kind, nil}, nil
		}
		if !isDate(text) {
			return written{}, fault.New(fault.InvalidInput, "The input properties/%s: the property is a date, so %s is needed, not %q.", name, aDate, fault.Clip(text, 60))
		}
		return written{kind, map[string]any{"start": text}}, nil
	case "multi_select":
		options := each("name", apart(v))
		for _, option := range options {
			if text := value.Text(value.At(option, "/name")); strings.Contains(text, ",") {
				return written{}, fault.New(fault.InvalidInput, "The input properties/%s: the option %q has a comma, which Notion takes in none.", name, fault.Clip(text, 60))
			}
		}
		return written{kind, options}, nil
	case "relation":
		pages := each("id", apart(v))
		for i, page := range pages {
			if text, ok := value.At(page, "/id").(string); ok {
				pages[i] = map[string]any{"id": actions.Field{Link: pageLink}.Tidy(text)}
			}
		}
		return written{kind, pages}, nil
	case "people":
		return written{kind, each("id", apart(v))}, nil
	case "files":
		files := []any{}
		for _, item := range each("url", v) {
			files = append(files, map[string]any{"type": "external", "name": fault.Clip(value.Text(value.At(item, "/url")), 100), "external": item})
		}
		return written{kind, files}, nil
	}
	return written{}, fault.New(fault.InvalidInput, "The input properties/%s: Notion computes a property of the type %s itself.", name, kind)
}

const aDate = "a day as 2026-01-31 or a time as 2026-01-31T09:30:00+01:00"

// isDate says that a text is a day, or a time that begins with one, as Notion reads dates.
func isDate(text string) bool {
	day := text[:min(len(text), len(time.DateOnly))]
	_, err := time.Parse(time.DateOnly, day)
	return err == nil && (text == day || text[len(day)] == 'T')
}

func number(v any) (any, error) {
	if text, ok := v.(string); ok {
		if text = strings.TrimSpace(text); text == "" {
			return nil, nil
		}
		n, err := value.Decode([]byte(text), value.Limits{})
		if err != nil || value.Kind(n) != "number" {
			return nil, fault.New(fault.InvalidInput, "It is no number.")
		}
		return n, nil
	}
	if v != nil && value.Kind(v) != "number" {
		return nil, fault.New(fault.InvalidInput, "It is no number.")
	}
	return v, nil
}

// apart splits a text at its commas into a list of texts; a list stays as it is.
func apart(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	list := []any{}
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// each makes an object with one member of each item; a value that is no list is one item.
func each(member string, v any) []any {
	list, ok := v.([]any)
	if !ok && v != nil && v != "" {
		list = []any{v}
	}
	out := []any{}
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			out = append(out, object)
			continue
		}
		out = append(out, map[string]any{member: value.Text(item)})
	}
	return out
}

// kindsOf are the types of the properties of a data source, or of a page.
func kindsOf(thing any) map[string]string {
	out := map[string]string{}
	properties, _ := value.At(thing, "/properties").(map[string]any)
	for name, p := range properties {
		out[name] = value.Text(value.At(p, "/type"))
	}
	return out
}

// plain says that some value needs its property's type.
func plain(values map[string]any) bool {
	for _, v := range values {
		if _, ok := v.(map[string]any); !ok {
			return true
		}
	}
	return false
}

// equals is a filter for a property that is a value. Source: https://developers.notion.com/reference/filter-data-source-entries
func equals(name, kind string, v any) (map[string]any, error) {
	condition := "equals"
	var of any = value.Text(v)
	switch kind {
	case "number":
		n, err := number(v)
		if err != nil {
			return nil, fault.New(fault.InvalidInput, "The input value: the property %s is a number, and %q is none.", name, fault.Clip(value.Text(v), 60))
		}
		of = n
	case "checkbox":
		of = v == true || v == "true"
	case "multi_select", "relation", "people", "created_by", "last_edited_by":
		condition = "contains"
	case "title", "rich_text", "url", "email", "phone_number", "select", "status":
	case "date", "created_time", "last_edited_time":
		if text := value.Text(v); !isDate(text) {
			return nil, fault.New(fault.InvalidInput, "The input value: the property %s is a date, so %s is needed, not %q.", name, aDate, fault.Clip(text, 60))
		}
	case "unique_id":
		text := value.Text(v)
		n, err := number(text[strings.LastIndexByte(text, '-')+1:]) // of ENG-42 the number
		if err != nil {
			return nil, fault.New(fault.InvalidInput, "The input value: %q is no id as ENG-42.", fault.Clip(text, 60))
		}
		of = n
	default:
		return nil, fault.New(fault.InvalidInput, "The input property: Notion cannot look for a property of the type %s.", kind)
	}
	if kind == "created_time" || kind == "last_edited_time" {
		return map[string]any{"timestamp": kind, kind: map[string]any{condition: of}}, nil
	}
	return map[string]any{"property": name, kind: map[string]any{condition: of}}, nil
}
