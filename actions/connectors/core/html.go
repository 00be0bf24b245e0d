package core

import (
	"context"
	"net/url"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

func htmlExtract() actions.Action {
	values := listField("values", "Values", "What is taken out of the page.")
	values.Example = []any{map[string]any{"name": "title", "selector": "h1"}}
	name := field("name", "Name", actions.Text, "What it is called in the output.", "title")
	name.Required = true
	values.Fields = []actions.Field{
		name,
		field("selector", "Selector", actions.Text, "Which elements, as CSS says: h1, .price, a[href], table tr:nth-child(2) td; where it is not given, the element of each itself.", "h1"),
		choice("take", "Take", "What is taken of an element.", "text", "text", "Its text", "html", "The HTML within it", "outer_html", "Its own HTML", "attribute", "An attribute", "table", "The rows of the table"),
		field("attribute", "Attribute", actions.Text, "Of an attribute: its name. With a base address links are made whole.", "href"),
		flag("all", "All", "Takes all that are found, as a list, in place of the first.", false),
		flag("header", "Header", "Of a table: the first row has the names, and the others become objects.", true),
		flag("required", "Required", "The step fails where nothing is found; otherwise the value is null, or an empty list.", false),
	}
	page := field("html", "HTML", actions.LongText, "The page, or a part of one.", "<h1>Tea</h1>")
	page.Required, page.Blank = true, true
	return dataStep(actions.Action{
		ID: "html_extract", Name: "Extract from HTML", Description: "Takes texts, attributes, lists and tables out of HTML by CSS selectors.",
		Input: []actions.Field{page, values,
			field("each", "For each", actions.Text, "A selector: the output is a list with the values of each element that it finds, as .product.", ".product"),
			field("base_url", "Base address", actions.Text, "Where the page lies, by which relative links are made whole.", "https://example.com/shop/")},
		Sample: map[string]any{"title": "Tea"},
	}, runExtract, func(v map[string]any) error { _, err := planExtract(v); return err }, "values", "each", "base_url")
}

// extraction is one value that is taken.
type extraction struct {
	at, name, take, attribute string
	selector                  cascadia.SelectorGroup // nil: the element itself
	written                   string
	all, header, required     bool
}

type extracting struct {
	each   cascadia.SelectorGroup
	values []extraction
	base   *url.URL
	room   room // bytes
	nodes  room // values of tables
	steps  int
}

const maxSelector = 500

func planExtract(v map[string]any) (*extracting, error) {
	x := &extracting{room: room{most: maxBytes}, nodes: room{most: maxNodes}}
	var err error
	if text := textOf(v, "each"); text != "" {
		if x.each, err = selectorOf("each", text); err != nil {
			return x, err
		}
	}
	if text := textOf(v, "base_url"); text != "" {
		if x.base, err = url.Parse(text); err != nil || !x.base.IsAbs() {
			return x, wrong("base_url", "%s is no address; write it as https://example.com/.", shown(text))
		}
	}
	list := items(v, "values")
	if len(list) > 100 {
		return x, wrong("values", "there are %d; at most 100 are taken.", len(list))
	}
	names := map[string]bool{}
	for i, item := range list {
		at := itemName("values", i)
		given, _ := item.(map[string]any)
		e := extraction{at: at, name: textOf(given, "name"), take: textOf(given, "take"), attribute: strings.ToLower(textOf(given, "attribute")), written: textOf(given, "selector"),
			all: isTrue(given, "all"), header: given["header"] != false, required: isTrue(given, "required")}
		if e.written != "" {
			if e.selector, err = selectorOf(at+"/selector", e.written); err != nil {
				return x, err
			}
		}
		switch {
		case names[e.name]:
			return x, wrong(at+"/name", "two values are called %s.", shown(e.name))
		case (e.take == "attribute") != (e.attribute != ""):
			return x, wrong(at+"/attribute", "name the attribute where one is taken, as href, and leave it out elsewhere.")
		case e.selector == nil && x.each == nil:
			return x, wrong(at+"/selector", "say which element, as h1; it may be left out only where each is given.")
		}
		names[e.name] = true
		x.values = append(x.values, e)
	}
	return x, nil
}

// selectorOf reads a selector. What would cost too much for each element is refused.
func selectorOf(input, text string) (cascadia.SelectorGroup, error) {
	lower := strings.ToLower(text)
	switch {
	case len(text) > maxSelector:
		return nil, wrong(input, "the selector has more than %d bytes.", maxSelector)
	case strings.Contains(lower, "#=") || strings.Contains(lower, ":matches") || strings.Count(lower, ":has(") > 1:
		return nil, wrong(input, "regular expressions and several :has() are not taken in a selector; take more and keep what is needed with core.filter_list.")
	}
	group, err := cascadia.ParseGroup(text)
	if err != nil {
		return nil, wrong(input, "%s is no CSS selector: %s.", shown(text), fault.Clip(err.Error(), 150))
	}
	return group, nil
}

// parseHTML reads a page, within the depth that its reader takes.
func parseHTML(ctx context.Context, input, text string) (*html.Node, error) {
	doc, err := html.ParseWithOptions(heldReader{ctx, strings.NewReader(text)}, html.ParseOptionEnableScripting(false))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, wrong(input, "the HTML cannot be read: %s.", fault.Clip(err.Error(), 150))
	}
	return doc, nil
}

func runExtract(ctx context.Context, in actions.Input) (any, error) {
	x, err := planExtract(in.Values)
	if err != nil {
		return nil, err
	}
	doc, err := parseHTML(ctx, "html", textOf(in.Values, "html"))
	if err != nil {
		return nil, err
	}
	if x.each == nil {
		return x.of(ctx, doc, true)
	}
	found, err := x.find(ctx, doc, x.each, true)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, n := range found {
		one, err := x.of(ctx, n, false)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// of gives the values of one element, or of the page.
func (x *extracting) of(ctx context.Context, root *html.Node, page bool) (any, error) {
	out := map[string]any{}
	for i := range x.values {
		e := &x.values[i]
		found := []*html.Node{root}
		if e.selector != nil {
			var err error
			if found, err = x.find(ctx, root, e.selector, e.all); err != nil {
				return nil, err
			}
		}
		if len(found) == 0 && e.required {
			where := "the page"
			if !page {
				where = "an element of each"
			}
			return nil, wrong(e.at, "%s has nothing that %s finds.", where, shown(e.written))
		}
		list := []any{}
		for _, n := range found {
			v, err := x.take(ctx, e, n)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		switch {
		case e.all:
			out[e.name] = list
		case len(list) > 0:
			out[e.name] = list[0]
		default:
			out[e.name] = nil
		}
	}
	return out, nil
}

// find gives the elements below one that a selector finds, in the page's order.
func (x *extracting) find(ctx context.Context, root *html.Node, selector cascadia.SelectorGroup, all bool) ([]*html.Node, error) {
	var out []*html.Node
	for n := range root.Descendants() {
		x.steps++
		if x.steps&255 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if n.Type != html.ElementNode || !selector.Match(n) {
			continue
		}
		if out = append(out, n); !all {
			return out, nil
		}
	}
	return out, nil
}

func (x *extracting) take(ctx context.Context, e *extraction, n *html.Node) (v any, err error) {
	switch e.take {
	case "attribute":
		v = x.attribute(n, e.attribute)
	case "table":
		return x.table(ctx, e, n)
	case "html", "outer_html":
		v, err = x.markup(n, e.take == "outer_html")
	default:
		v = textWithin(n, maxBytes-x.room.taken)
	}
	if text, _ := v.(string); err == nil && x.room.take(len(text)+8) != nil {
		return nil, tooLong()
	}
	return v, err
}

// links are the attributes that hold an address.
const links = " href src action data poster cite formaction "

func (x *extracting) attribute(n *html.Node, name string) any {
	for _, a := range n.Attr {
		if a.Key != name {
			continue
		}
		if x.base != nil && strings.Contains(links, " "+name+" ") {
			if ref, err := x.base.Parse(strings.TrimSpace(a.Val)); err == nil {
				return ref.String()
			}
		}
		return a.Val
	}
	return nil
}

// markup is an element's HTML. What is written is bounded as it grows.
func (x *extracting) markup(n *html.Node, outer bool) (string, error) {
	w := &boundedWriter{most: maxBytes - x.room.taken}
	if outer {
		if err := html.Render(w, n); err != nil {
			return "", tooLong()
		}
		return strings.TrimSpace(w.String()), nil
	}
	for c := range n.ChildNodes() {
		if err := html.Render(w, c); err != nil {
			return "", tooLong()
		}
	}
	return strings.TrimSpace(w.String()), nil
}

// boundedWriter refuses what would make it longer than it may be.
type boundedWriter struct {
	strings.Builder
	most int
}

func (w *boundedWriter) Write(p []byte) (int, error) {
	if w.Len()+len(p) > w.most {
		return 0, tooLong()
	}
	return w.Builder.Write(p)
}

func (w *boundedWriter) WriteString(s string) (int, error) {
	if w.Len()+len(s) > w.most {
		return 0, tooLong()
	}
	return w.Builder.WriteString(s)
}

func (w *boundedWriter) WriteByte(c byte) error {
	if w.Len() >= w.most {
		return tooLong()
	}
	return w.Builder.WriteByte(c)
}
