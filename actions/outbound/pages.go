package outbound

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of one walk through a list.
const (
	mostParts  = 100
	mostItems  = 10_000
	mostListed = 32 << 20 // bytes of all answers
)

// walk is a list under way: where its next part begins.
type walk struct {
	d       *doing
	request *actions.Request
	page    *actions.Page
	rows    bool                                               // of a list of rows Prepare is told which
	fixed   []placed                                           // in every part's request
	take    func(in map[string]any, answer any) ([]any, error) // as Poll.Items

	token  string
	next   string // URL of the next part
	offset int64  // how many items stand before the next part
	number int64  // how many parts were read
	anchor string // identity of the last item that was read, which the next part begins with
}

// pages goes through a list part by part, until it ends, each says that it is enough, or a bound is met: then whole is
// false. Each gets a part's items and how many stand before the first.
func (w *walk) pages(ctx context.Context, each func(items []any, before int64) (more bool, err error)) (whole bool, err error) {
	items, bytes := 0, 0
	for range mostParts {
		resp, err := w.part(ctx)
		if err != nil {
			return false, err
		}
		list, err := w.items(resp)
		if err != nil {
			return false, err
		}
		fresh, before, err := w.joined(list)
		if err != nil {
			return false, err
		}
		more, err := each(fresh, before)
		if err != nil || !more {
			return true, err
		}
		if more, err = w.advance(resp, list); err != nil || !more {
			return true, err
		}
		items, bytes = items+len(fresh), bytes+len(resp.Body)
		if items >= mostItems || bytes >= mostListed {
			return false, nil
		}
	}
	return false, nil
}

// part asks for the next part.
func (w *walk) part(ctx context.Context) (actions.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, within(w.d.call, w.d.action))
	defer cancel()
	req, err := w.build()
	if err != nil {
		return actions.Response{}, err
	}
	return w.d.HTTP(ctx, req)
}

func (w *walk) build() (actions.HTTPRequest, error) {
	if w.next != "" {
		return actions.HTTPRequest{Method: http.MethodGet, URL: w.next}, nil
	}
	more, p := slices.Clone(w.fixed), w.page
	if w.token != "" && p.Path != "" {
		return build(&actions.Request{Method: w.request.Method, Base: w.request.Base, Path: p.Path, Body: w.request.Body}, nil, nil, placed{p.At, w.token})
	}
	if p.Sizes.Name != "" {
		more = append(more, placed{p.Sizes, int64(p.Size)})
	}
	if w.token != "" {
		more = append(more, placed{p.At, w.token})
	}
	if p.Kind == actions.Offset && p.At.Name != "" {
		more = append(more, placed{p.At, w.offset})
	}
	if p.Kind == actions.Numbered {
		more = append(more, placed{p.At, w.number + 1})
	}
	if w.rows {
		w.d.input["row"], w.d.input["last"] = w.offset+1, w.offset+int64(p.Size)
	}
	return build(w.request, w.d.action.Input, w.d.input, more...)
}

// items finds a part's list in its answer. An object that lacks it has an empty one, as some vendors write it.
func (w *walk) items(resp actions.Response) ([]any, error) {
	if sure := w.page.Sure; sure != "" {
		if err := actions.Sure(w.d.who(), resp.Value, sure); err != nil {
			return nil, err
		}
	}
	if w.take != nil {
		return w.take(w.d.input, resp.Value)
	}
	if strings.Contains(w.page.Items, "/*") {
		var out []any
		for _, v := range all(resp.Value, w.page.Items) {
			list, _ := v.([]any)
			out = append(out, list...)
		}
		return out, nil
	}
	v := value.At(resp.Value, w.page.Items)
	if list, ok := v.([]any); ok {
		return list, nil
	}
	if members, ok := v.(map[string]any); ok && w.page.Members {
		var out []any
		for _, name := range slices.Sorted(maps.Keys(members)) {
			out = append(out, members[name])
		}
		return out, nil
	}
	if _, object := resp.Value.(map[string]any); v == nil && object && w.page.Items != "" {
		return nil, nil
	}
	return nil, fault.New(fault.Unavailable, "%s answered with something that is no list.", w.d.who())
}

// joined leaves out of a part what was read before. Parts of an Offset list overlap by an item: where that is missing,
// items before it went away, and some moved into a part that was read already.
func (w *walk) joined(list []any) (fresh []any, before int64, err error) {
	before = w.offset
	if w.anchor == "" {
		return list, before, nil
	}
	for i, item := range list {
		if w.identity(item) == w.anchor {
			return list[i+1:], before + int64(i) + 1, nil
		}
	}
	return nil, 0, fault.New(fault.Conflict, "The list of %s moved while it was read; it is read again.", w.d.who())
}

func (w *walk) identity(item any) string {
	if w.page.ID == "" {
		return ""
	}
	return value.Text(value.At(item, w.page.ID))
}

// advance finds where the next part begins; false: there is none.
func (w *walk) advance(resp actions.Response, list []any) (bool, error) {
	p := w.page
	if p.More != "" {
		if more, _ := value.At(resp.Value, p.More).(bool); !more {
			return false, nil
		}
	}
	switch p.Kind {
	case actions.NextToken:
		token := value.Text(value.At(resp.Value, p.Next))
		if token != "" && token == w.token {
			return false, fault.New(fault.Unavailable, "%s leads from a part of its list to the same part again.", w.d.who())
		}
		w.token = token
		return token != "", nil
	case actions.Offset:
		w.offset += int64(len(list))
		if len(list) > 0 {
			if w.anchor = w.identity(list[len(list)-1]); w.anchor != "" || w.rows {
				w.offset-- // of rows the last one too: some systems refuse a part that begins below the last row there is
			}
		}
		return len(list) > 0 && len(list) >= p.Size, nil
	case actions.Numbered:
		w.number++
		return len(list) > 0 && len(list) >= p.Size, nil
	case actions.NextURL:
		return w.follow(value.Text(value.At(resp.Value, p.Next)))
	case actions.LinkHeader:
		return w.follow(nextLink(resp.Header))
	}
	return false, nil
}

// follow takes the URL that an answer names for the next part, where it stays within the base URL's origin.
func (w *walk) follow(text string) (bool, error) {
	if text == "" {
		return false, nil
	}
	base, err := url.Parse(w.d.base)
	if err != nil {
		return false, err
	}
	next, err := base.Parse(text)
	if err != nil || !sameOrigin(base, next) || next.User != nil {
		return false, fault.New(fault.Unavailable, "%s leads to a part of its list at another host, which is not asked.", w.d.who())
	}
	if next.String() == w.next {
		return false, fault.New(fault.Unavailable, "%s leads from a part of its list to the same part again.", w.d.who())
	}
	w.next = next.String()
	return true, nil
}

// nextLink is the address whose rel is "next" in the Link headers, RFC 8288; empty: there is none.
func nextLink(header http.Header) string {
	for _, line := range header.Values("Link") {
		for line != "" {
			_, rest, found := strings.Cut(line, "<")
			if !found {
				break
			}
			target, params, found := strings.Cut(rest, ">")
			if !found {
				break
			}
			params, line, _ = strings.Cut(params, ",")
			for _, param := range strings.Split(params, ";") {
				name, text, _ := strings.Cut(strings.TrimSpace(param), "=")
				if !strings.EqualFold(strings.TrimSpace(name), "rel") {
					continue
				}
				for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(text), `"`)) {
					if strings.EqualFold(rel, "next") {
						return target
					}
				}
			}
		}
	}
	return ""
}
