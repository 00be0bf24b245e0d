package core

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of a list that is read part by part.
const (
	mostParts      = 1000
	mostEmptyParts = 10 // in a row, each of which leads on
	mostPageItems  = 10_000
)

// pagesField is the input that makes an answer a list in parts.
func pagesField() actions.Field {
	limit := field("limit", "At most", actions.Integer, "How many items, up to 10,000.", 1000)
	limit.Default = 1000
	first := field("first", "First page", actions.Integer, "By number: the number of the first page.", 1)
	first.Default = 1
	return actions.Field{ID: "pages", Label: "Pages", Type: actions.Group, In: actions.InNone, Help: "For a list that comes in parts: all of them are read, and items has what is in them.",
		Fields: []actions.Field{
			need(choice("by", "Goes on by", "What leads to the next part.", "", "link", "The header Link, rel next", "url", "A URL in the answer", "token", "A token in the answer, for a parameter",
				"offset", "A parameter with how many items came before", "number", "A parameter with the number of the page")),
			field("items", "Items", actions.Text, "Where the list stands in the answer, as data.items; not given: the answer is the list.", "results"),
			field("next", "Next", actions.Text, "By URL and token: where that stands in the answer, as meta.next.", "next"),
			field("param", "Parameter", actions.Text, "By token, offset and number: which parameter of the URL says it.", "cursor"),
			first,
			field("size", "Page size", actions.Integer, "By offset and number: how many items a whole page has; a smaller one is the last. Not given: an empty one is.", 100),
			limit}}
}

// paging is how the parts of a list are asked for.
type paging struct {
	by, param   string
	items, next path
	first, size int
	limit       int
}

func pagingOf(v map[string]any) (*paging, error) {
	in, ok := v["pages"].(map[string]any)
	if !ok {
		return nil, nil
	}
	p := &paging{by: textOf(in, "by"), param: textOf(in, "param")}
	var err error
	if p.items, err = pathOf("pages/items", textOf(in, "items")); err != nil {
		return nil, err
	}
	if p.next, err = pathOf("pages/next", textOf(in, "next")); err != nil {
		return nil, err
	}
	for _, n := range []struct {
		name                   string
		into                   *int
		otherwise, least, most int
	}{{"first", &p.first, 1, 0, 1 << 30}, {"size", &p.size, 0, 0, mostPageItems}, {"limit", &p.limit, 1000, 1, mostPageItems}} {
		if *n.into, err = wholeOf(in, n.name, n.otherwise, n.least, n.most); err != nil {
			return nil, wrong("pages/"+n.name, "it is from %d to %d.", n.least, n.most)
		}
	}
	switch {
	case (p.by == "url" || p.by == "token") && textOf(in, "next") == "":
		return nil, wrong("pages/next", "by %s it is needed: where the answer says what follows.", p.by)
	case (p.by == "token" || p.by == "offset" || p.by == "number") && p.param == "":
		return nil, wrong("pages/param", "by %s it is needed: which parameter of the URL says it.", p.by)
	}
	return p, nil
}

// sendPages asks for part after part. What the first request does not say about the next stays as it is.
func sendPages(ctx context.Context, do actions.Doer, req actions.HTTPRequest, p *paging, failing func(int) bool) (any, error) {
	if req.Method != http.MethodGet {
		return nil, wrong("pages", "a list in parts is asked for by GET, not %s.", req.Method)
	}
	first, err := url.Parse(req.URL)
	if err != nil {
		return nil, wrong("url", "%q cannot be read.", fault.Clip(req.URL, 100))
	}
	at := *first
	if p.by == "offset" || p.by == "number" {
		start := 0
		if p.by == "number" {
			start = p.first
		}
		with(&at, p.param, strconv.Itoa(start))
	}
	items, size, empty, more := []any{}, 0, 0, false
	var status int
	var header http.Header
	for parts := 1; ; parts++ {
		req.URL = at.String()
		resp, err := do.HTTP(ctx, req)
		if err != nil {
			return nil, err
		}
		if do.Sandboxed() {
			return map[string]any{"status": 200, "headers": map[string]any{}, "body": nil, "items": []any{}, "more": false}, nil
		}
		if failing(resp.Status) {
			return nil, do.Judge(resp)
		}
		if err := unread(resp); err != nil {
			return nil, err
		}
		status, header = resp.Status, resp.Header
		list, err := p.list(resp.Value, parts)
		if err != nil {
			return nil, err
		}
		if empty++; len(list) > 0 {
			empty = 0
		}
		if size += len(resp.Body); size > maxBytes {
			return nil, fault.New(fault.TooLarge, "The parts of the list have more than %d MB together; ask for fewer items, or for smaller ones.", maxBytes>>20)
		}
		room := p.limit - len(items)
		items = append(items, list[:min(room, len(list))]...)
		next, err := p.after(at, resp, len(list), len(items), parts)
		if err != nil {
			return nil, err
		}
		more = len(list) > room || next != nil && len(items) == p.limit
		if next == nil || len(items) == p.limit {
			break
		}
		if next.Scheme != first.Scheme || next.Host != first.Host {
			return nil, fault.New(fault.InvalidInput, "The next part of the list lies at %s, another address than %s; it is not followed there.", fault.Clip(next.Host, 100), first.Host)
		}
		if next.String() == at.String() {
			return nil, fault.New(fault.InvalidInput, "The part %d of the list leads to itself.", parts)
		}
		if empty == mostEmptyParts {
			return nil, fault.New(fault.InvalidInput, "The list does not end: %d parts in a row, up to part %d, have no items and lead on all the same. Look whether pages/items and pages/next say the right places.", empty, parts)
		}
		if parts == mostParts {
			return nil, fault.New(fault.TooLarge, "The list has more than %d parts.", mostParts)
		}
		at = *next
	}
	return map[string]any{"status": status, "headers": headersOf(header), "body": nil, "items": items, "more": more}, nil
}

// list is the part's items.
func (p *paging) list(answer any, part int) ([]any, error) {
	list, ok := p.items.get(answer).([]any)
	switch {
	case ok:
		return list, nil
	case p.items.written == "":
		return nil, fault.New(fault.InvalidInput, "The answer of part %d is no list; say at pages/items where in it the list stands.", part)
	}
	return nil, fault.New(fault.InvalidInput, "The input pages/items: there is no list at %q in the answer of part %d.", p.items.written, part)
}

// after is where the next part lies; nil: there is none.
func (p *paging) after(at url.URL, resp actions.Response, got, all, parts int) (*url.URL, error) {
	text := ""
	switch p.by {
	case "link":
		text = linked(resp.Header)
	case "url":
		text = value.Text(p.next.get(resp.Value))
	case "token":
		token := value.Text(p.next.get(resp.Value))
		if token == "" {
			return nil, nil
		}
		with(&at, p.param, token)
		return &at, nil
	default:
		if got == 0 || got < p.size {
			return nil, nil
		}
		n := all
		if p.by == "number" {
			n = p.first + parts
		}
		with(&at, p.param, strconv.Itoa(n))
		return &at, nil
	}
	if text == "" {
		return nil, nil
	}
	next, err := at.Parse(text)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "What leads to the next part of the list is no URL: %q.", fault.Clip(text, 100))
	}
	return next, nil
}

// with sets one parameter of a URL and leaves the others as they are written.
func with(u *url.URL, name, v string) {
	var kept []string
	for _, pair := range strings.Split(u.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); pair != "" && (err != nil || plain != name) {
			kept = append(kept, pair)
		}
	}
	u.RawQuery = strings.Join(append(kept, url.QueryEscape(name)+"="+url.QueryEscape(v)), "&")
}

var nextLink = regexp.MustCompile(`<([^<>]*)>\s*;[^<]*\brel\s*=\s*"?next"?`)

// linked is the URL of a Link header whose relation is next; "": there is none.
func linked(h http.Header) string {
	for _, text := range h.Values("Link") {
		if m := nextLink.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return ""
}

func headersOf(h http.Header) map[string]any {
	out := map[string]any{}
	for name, list := range h {
		out[strings.ToLower(name)] = strings.Join(list, ", ")
	}
	return out
}
