package core

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func xmlAction() actions.Action {
	return dataStep(actions.Action{
		ID: "xml", Name: "XML", Description: "Reads XML into an object, or writes an object as XML. Attributes are members as @id, text beside them is #text, and elements that stand several times are lists.",
		Input: []actions.Field{
			choice("mode", "Mode", "Which way.", "parse", "parse", "Read XML into an object", "write", "Write an object as XML"),
			field("text", "XML", actions.LongText, "To read: the document. A document type in it is passed over and nothing outside is ever fetched.", "<order id=\"7\"><item>Tea</item></order>"),
			field("value", "Object", actions.Object, "To write: an object whose one member is the root element.", map[string]any{"order": map[string]any{"@id": 7, "item": "Tea"}}),
			field("lists", "Always lists", actions.Texts, "To read: elements that are a list also where they stand once, as item.", []any{"item"}),
			choice("types", "Types", "To read: what texts become.", "text", "text", "Texts, as they are written", "guess", "Numbers, true and false where they are written so"),
			choice("names", "Prefixes", "To read: what becomes of the prefix of a name, as of soap:Body.", "keep", "keep", "It stays", "drop", "It is left out, and so are the declarations of namespaces"),
			flag("attributes", "Attributes", "To read: keeps attributes.", true),
			flag("trim", "Trim", "To read: leaves out spaces around texts.", true),
			field("order", "Order", actions.Texts, "To write: elements that come first among their neighbours, in this order; others follow by their names.", []any{"id", "name"}),
			flag("declaration", "Declaration", "To write: begins with the line that says it is XML in UTF-8.", true),
			flag("indent", "Indent", "To write: on lines, for people to read.", true),
		},
		Sample: map[string]any{"order": map[string]any{"@id": "7", "item": "Tea"}},
	}, func(ctx context.Context, in actions.Input) (any, error) {
		if textOf(in.Values, "mode") == "write" {
			return writeXML(ctx, in.Values)
		}
		return readXML(ctx, in.Values)
	}, nil)
}

// xmlWriter writes objects as elements.
type xmlWriter struct {
	ctx    context.Context
	out    strings.Builder
	room   room
	order  []string
	indent bool
	count  int
}

func writeXML(ctx context.Context, v map[string]any) (any, error) {
	root, _ := v["value"].(map[string]any)
	var name string
	for member := range root {
		name = member
	}
	_, isList := root[name].([]any)
	if len(root) == 1 && isList {
		return nil, wrong("value", "the root element %s is a list, and XML has one root: put an element around it, as {\"list\": {%[1]q: […]}}.", fault.Clip(name, 60))
	}
	if len(root) != 1 || strings.HasPrefix(name, "@") || name == "#text" {
		return nil, wrong("value", "an object whose one member is the root element is needed, as {\"order\": {…}}; it has %s.", counted(len(root), "member"))
	}
	w := &xmlWriter{ctx: ctx, room: room{most: maxBytes}, order: textsOf(v, "order"), indent: v["indent"] != false}
	if v["declaration"] != false {
		w.out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
		w.line(0)
	}
	if err := w.element(name, root[name], name, 0); err != nil {
		return nil, err
	}
	if w.indent {
		w.out.WriteByte('\n')
	}
	return w.out.String(), nil
}

func (w *xmlWriter) line(depth int) {
	if w.indent {
		w.out.WriteByte('\n')
		for range depth {
			w.out.WriteString("  ")
		}
	}
}

func (w *xmlWriter) write(texts ...string) error {
	for _, text := range texts {
		if w.room.take(len(text)) != nil {
			return tooLong()
		}
		w.out.WriteString(text)
	}
	return nil
}

// element writes one element; at names it in errors.
func (w *xmlWriter) element(name string, v any, at string, depth int) error {
	w.count++
	if err := tick(w.ctx, w.count); err != nil {
		return err
	}
	switch {
	case !xmlName(name):
		return wrong("value", "%s is no name that an XML element can have, at %s.", shown(name), at)
	case depth > value.MaxDepth:
		return fault.New(fault.TooLarge, "The input value: elements stand within one another more than %d deep, at %s.", value.MaxDepth, fault.Clip(at, 100))
	case w.room.take(2*depth+4) != nil:
		return tooLong()
	}
	members, isObject := v.(map[string]any)
	text := ""
	var inner []string
	if err := w.write("<", name); err != nil {
		return err
	}
	if !isObject {
		text = value.Text(v)
	}
	for _, member := range w.sorted(members) {
		switch {
		case member == "#text":
			text = value.Text(members[member])
		case strings.HasPrefix(member, "@"):
			if err := w.attribute(member[1:], members[member], at); err != nil {
				return err
			}
		default:
			inner = append(inner, member)
		}
	}
	if text == "" && len(inner) == 0 {
		return w.write("/>")
	}
	if err := w.write(">"); err != nil {
		return err
	}
	if err := w.text(text, at, false); err != nil {
		return err
	}
	for _, member := range inner {
		if err := w.members(member, members[member], at+"/"+member, text == "", depth+1); err != nil {
			return err
		}
	}
	if len(inner) > 0 && text == "" {
		w.line(depth)
	}
	return w.write("</", name, ">")
}

// members writes an element for each item of a list, or one.
func (w *xmlWriter) members(name string, v any, at string, lines bool, depth int) error {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		if _, within := item.([]any); within {
			return wrong("value", "a list stands within a list, which XML cannot say, at %s.", at)
		}
		if lines {
			w.line(depth)
		}
		if err := w.element(name, item, at, depth); err != nil {
			return err
		}
	}
	return nil
}

// sorted are names in the order that is asked, then by themselves.
func (w *xmlWriter) sorted(members map[string]any) []string {
	names := sortedNames(members)
	if len(w.order) == 0 {
		return names
	}
	slices.SortStableFunc(names, func(a, b string) int {
		i, j := slices.Index(w.order, a), slices.Index(w.order, b)
		if i < 0 {
			i = len(w.order)
		}
		if j < 0 {
			j = len(w.order)
		}
		return i - j
	})
	return names
}

func (w *xmlWriter) attribute(name string, v any, at string) error {
	if !xmlName(name) {
		return wrong("value", "%s is no name that an attribute can have, at %s.", shown("@"+name), at)
	}
	switch v.(type) {
	case nil:
		return nil
	case []any, map[string]any:
		return wrong("value", "the attribute %s is %s; it can only be a text, a number or a boolean, at %s.", shown("@"+name), value.AKind(v), at)
	}
	if err := w.write(" ", name, `="`); err != nil {
		return err
	}
	if err := w.text(value.Text(v), at, true); err != nil {
		return err
	}
	return w.write(`"`)
}

// text writes a text with its signs escaped; what XML has no way to say is an error.
func (w *xmlWriter) text(text, at string, quoted bool) error {
	if i := strings.IndexFunc(text, func(r rune) bool { return !xmlRune(r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return wrong("value", "a text holds the control character U+%04X, which XML cannot hold, at %s.", r, at)
	}
	escape := xmlTexts
	if quoted {
		escape = xmlQuoted
	}
	return w.write(escape.Replace(text))
}

var (
	xmlTexts  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	xmlQuoted = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "\r", "&#xD;", "\n", "&#xA;", "\t", "&#x9;")
)

// xmlRune says that XML 1.0 can hold a character (its section 2.2).
func xmlRune(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// xmlName says that an element or attribute can be called so.
func xmlName(name string) bool {
	if name == "" || len(name) > 500 || !utf8.ValidString(name) || strings.Count(name, ":") > 1 || strings.HasPrefix(name, ":") || strings.HasSuffix(name, ":") {
		return false
	}
	for i, r := range name {
		switch {
		case r == '_' || r == ':' || unicode.IsLetter(r):
		case i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r)):
		default:
			return false
		}
	}
	return true
}
