package core

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

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
			field("param", "Parameter", actions.Text, "By token, offset and number: which parameter says it. In a JSON body it may stand deeper, as variables.after.", "cursor"),
			choice("in", "Parameter of", "By token, offset and number: where the parameter goes.", inURL, inURL, "The URL", inBody, "The JSON or form body", inHeader, "The headers"),
			field("more", "More", actions.Text, "Where the answer says whether something follows, as pageInfo.hasNextPage: what is false, 0, empty or not there ends the list. Not given: the list ends where nothing leads on.", "has_more"),
			first,
			field("size", "Page size", actions.Integer, "By offset and number: how many items a whole page has; a smaller one is the last. Not given: an empty one is.", 100),
			limit,
			field("pause", "Pause", actions.Text, "How long to wait before each further part, as 500ms or 2s, within the step's timeout. Not given: not at all; a service that asks to be left in peace is waited for anyway.", "1s")}}
}

// The places of the parameter that says which part is asked for.
const (
	inURL    = "query"
	inBody   = "body"
	inHeader = "header"
)

// paging is how the parts of a list are asked for.
type paging struct {
	by, param, in     string
	items, next, more path
	first, size       int
	limit             int
	pause             time.Duration
}

func pagingOf(v map[string]any) (*paging, error) {
	in, ok := v["pages"].(map[string]any)
	if !ok {
		return nil, nil
	}
	p := &paging{by: textOf(in, "by"), param: textOf(in, "param"), in: textOf(in, "in")}
	var err error
	for _, at := range []struct {
		name string
		into *path
	}{{"items", &p.items}, {"next", &p.next}, {"more", &p.more}} {
		if *at.into, err = pathOf("pages/"+at.name, textOf(in, at.name)); err != nil {
			return nil, err
		}
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
	if text := textOf(in, "pause"); text != "" {
		if p.pause, err = time.ParseDuration(text); err != nil || p.pause < 0 || p.pause > time.Minute {
			return nil, wrong("pages/pause", "%s is no duration up to a minute; write it as 500ms or 2s.", shown(text))
		}
	}
	method := strings.ToUpper(strings.TrimSpace(textOf(v, "method")))
	switch {
	case v["download"] == true:
		return nil, wrong("download", "it stands beside pages; a list is read, not kept as a file.")
	case (p.by == "url" || p.by == "token") && textOf(in, "next") == "":
		return nil, wrong("pages/next", "by %s it is needed: where the answer says what follows.", p.by)
	case p.places() && p.param == "":
		return nil, wrong("pages/param", "by %s it is needed: which parameter says it.", p.by)
	case p.places() && p.in == inBody && v["json"] == nil && v["form"] == nil:
		return nil, wrong("pages/in", "the request has no JSON or form body; give one, and be it empty.")
	case method != http.MethodGet && method != http.MethodPost:
		return nil, wrong("pages", "a list in parts is asked for by GET, or by POST where the service searches so, not by %s.", method)
	}
	return p, nil
}

// checkPages finds what would fail a list in parts whatever the event is, and the input that it is wrong with. What is a template stands
// for something that is right.
func checkPages(with, pages map[string]any, written func(string) bool) (field string, err error) {
	in := map[string]any{"by": "link"}
	for name, v := range pages {
		switch text, _ := v.(string); {
		case !strings.Contains(text, "{{"):
			in[name] = v
		case name == "next" || name == "param":
			in[name] = "x"
		}
	}
	coerced, err := actions.Coerce([]actions.Field{pagesField()}, map[string]any{"pages": in})
	if err != nil { // the fields say so already
		return "", nil
	}
	v := maps.Clone(with)
	v["pages"] = coerced["pages"]
	if !written("method") {
		v["method"] = http.MethodGet
	}
	if _, err = pagingOf(v); err == nil {
		return "", nil
	}
	field, _, _ = strings.Cut(strings.TrimPrefix(fault.MessageOf(err), "The input "), ":")
	return field, err
}

// places says that a parameter of the request says which part is asked for.
func (p *paging) places() bool { return p.by == "token" || p.by == "offset" || p.by == "number" }

// start is what the parameter says of the first part; nil: nothing.
func (p *paging) start() any {
	switch p.by {
	case "offset":
		return 0
	case "number":
		return p.first
	}
	return nil
}

// request asks for a part: at is its URL, mark what the parameter says; nil: the parameter stays as it is.
func (p *paging) request(v map[string]any, at url.URL, mark any, open func(value.File) (io.ReadCloser, error)) (actions.HTTPRequest, error) {
	v = maps.Clone(v)
	switch {
	case mark == nil:
	case p.in == inHeader:
		headers, _ := v["headers"].(map[string]any)
		headers = maps.Clone(headers)
		if headers == nil {
			headers = map[string]any{}
		}
		for name := range headers {
			if strings.EqualFold(name, p.param) {
				delete(headers, name)
			}
		}
		headers[p.param] = mark
		v["headers"] = headers
	case p.in == inBody && v["json"] != nil:
		names := strings.Split(p.param, ".")
		if object, ok := v["json"].(map[string]any); ok && object[p.param] != nil {
			names = []string{p.param}
		}
		body, err := placed(v["json"], names, mark)
		if err != nil {
			return actions.HTTPRequest{}, err
		}
		v["json"] = body
	case p.in == inBody:
		form, _ := v["form"].(map[string]any)
		form = maps.Clone(form)
		form[p.param] = mark
		v["form"] = form
	default:
		with(&at, p.param, value.Text(mark))
	}
	req, err := httpInput(v, open)
	req.URL = at.String()
	return req, err
}

// placed is a copy of a body in which a value stands below these names.
func placed(body any, names []string, v any) (any, error) {
	if len(names) == 0 {
		return v, nil
	}
	object, ok := body.(map[string]any)
	if !ok && body != nil {
		return nil, wrong("pages/param", "the JSON body has no place for %s: above it stands a value of the kind %s, no object.", shown(names[0]), value.Kind(body))
	}
	if object = maps.Clone(object); object == nil {
		object = map[string]any{}
	}
	var err error
	object[names[0]], err = placed(object[names[0]], names[1:], v)
	return object, err
}

// step is where the next part lies, and what the parameter says of it.
type step struct {
	at   url.URL
	mark any
}

// sendPages asks for part after part. What the first request does not say about the next stays as it is.
func sendPages(ctx context.Context, do actions.Doer, v map[string]any, p *paging, failing func(int) bool) (any, error) {
	open := func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) }
	whole, err := httpInput(v, open)
	if err != nil {
		return nil, err
	}
	first, err := url.Parse(whole.URL)
	if err != nil {
		return nil, wrong("url", "%q cannot be read.", fault.Clip(whole.URL, 100))
	}
	here := step{*first, p.start()}
	items, size, empty, more := []any{}, 0, 0, false
	var status int
	var header http.Header
	for parts := 1; ; parts++ {
		req, err := p.request(v, here.at, here.mark, open)
		if err != nil {
			return nil, err
		}
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
		answered(&resp, textOf(v, "answer"))
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
		next, err := p.after(here, resp, len(list), len(items), parts)
		if err != nil {
			return nil, err
		}
		more = len(list) > room || next != nil && len(items) == p.limit
		if next == nil || len(items) == p.limit {
			break
		}
		if next.at.Scheme != first.Scheme || next.at.Host != first.Host {
			return nil, fault.New(fault.InvalidInput, "The next part of the list lies at %s, another address than %s; it is not followed there.", fault.Clip(next.at.Host, 100), first.Host)
		}
		if next.at.String() == here.at.String() && value.Text(next.mark) == value.Text(here.mark) {
			return nil, fault.New(fault.InvalidInput, "The part %d of the list leads to itself.", parts)
		}
		if empty == mostEmptyParts {
			return nil, fault.New(fault.InvalidInput, "The list does not end: %d parts in a row, up to part %d, have no items and lead on all the same. Look whether pages/items and pages/next say the right places.", empty, parts)
		}
		if parts == mostParts {
			return nil, fault.New(fault.TooLarge, "The list has more than %d parts.", mostParts)
		}
		here = *next
		select {
		case <-ctx.Done():
			return nil, fault.New(fault.Timeout, "The time of the step is over after %d parts of the list, with a pause of %s before each.", parts, p.pause)
		case <-time.After(p.pause):
		}
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
func (p *paging) after(here step, resp actions.Response, got, all, parts int) (*step, error) {
	if p.more.written != "" && !says(p.more.get(resp.Value)) {
		return nil, nil
	}
	text := ""
	switch p.by {
	case "link":
		text = linked(resp.Header)
	case "url":
		text = value.Text(p.next.get(resp.Value))
	case "token":
		if here.mark = p.next.get(resp.Value); value.Text(here.mark) == "" {
			return nil, nil
		}
		return &here, nil
	default:
		if got == 0 || got < p.size {
			return nil, nil
		}
		if here.mark = any(all); p.by == "number" {
			here.mark = p.first + parts
		}
		return &here, nil
	}
	if text == "" {
		return nil, nil
	}
	next, err := here.at.Parse(text)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "What leads to the next part of the list is no URL: %q.", fault.Clip(text, 100))
	}
	return &step{at: *next}, nil
}

// says reads whether an answer says that more follows.
func says(v any) bool {
	switch strings.ToLower(value.Text(v)) {
	case "", "false", "0", "no", "[]", "{}":
		return false
	}
	return true
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
