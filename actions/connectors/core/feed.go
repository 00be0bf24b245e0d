package core

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const mostEntries = 1000

// feed reads what news sites, blogs and podcasts publish: https://www.rssboard.org/rss-specification, RFC 4287 and
// https://www.jsonfeed.org/version/1.1/.
func feed() actions.Action {
	item := map[string]any{"id": "https://example.com/posts/7", "title": "Tea", "link": "https://example.com/posts/7", "published": "2026-01-31T09:30:00Z", "updated": nil, "author": "Ada",
		"summary": "A good cup.", "content": nil, "categories": []any{"drinks"}, "files": []any{}}
	sample := map[string]any{"title": "Posts", "link": "https://example.com", "description": "All about tea", "items": []any{item}}
	return actions.Action{
		ID: "feed", Name: "Read a feed (RSS)", Effect: actions.Read, Timeout: 30 * time.Second, Guarantee: "It only reads, so it is asked again after a crash.",
		Description: "Reads a feed of news, posts or podcasts: RSS, Atom or JSON Feed. A schedule before it, and Seen before? by id behind it, give what is new.",
		Input: []actions.Field{
			{ID: "url", Label: "URL", Help: "Of the feed itself, as https://example.com/feed.xml.", Type: actions.Text, Required: true, Holds: actions.URL, Example: "https://example.com/feed.xml"},
			{ID: "limit", Label: "At most", Help: "How many entries, the first ones in the feed, up to 1000.", Type: actions.Integer, Default: 100, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			most, err := wholeOf(in.Values, "limit", 100, 1, mostEntries)
			if err != nil {
				return nil, err
			}
			at := strings.TrimSpace(textOf(in.Values, "url"))
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodGet, URL: at, Header: http.Header{"Accept": {"application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"}}})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			if resp.Unread != "" {
				return nil, fault.New(fault.InvalidInput, "The feed cannot be read: %s.", resp.Unread)
			}
			return readFeed(ctx, resp, at, most)
		},
	}
}

func readFeed(ctx context.Context, resp actions.Response, at string, most int) (any, error) {
	base, _ := url.Parse(at)
	if object, ok := resp.Value.(map[string]any); ok && object["items"] != nil {
		return jsonFeed(object, most), nil
	}
	text := string(resp.Body)
	if start := strings.ToLower(strings.TrimSpace(text)); strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") {
		return nil, wrong("url", "a web page lies there, not a feed; look in its source for type=\"application/rss+xml\", which has the address of the feed beside it.")
	}
	root, err := readXML(ctx, map[string]any{"text": markupAsText(strings.TrimLeft(text, " \t\r\n"))})
	if err != nil {
		return nil, err
	}
	doc, _ := root.(map[string]any)
	if _, ok := doc["rss"]; ok {
		channel := childOf(childOf(doc, "rss"), "channel")
		return rssFeed(channel, listOf(channel["item"]), base, most), nil
	}
	if rdf, ok := doc["rdf:RDF"].(map[string]any); ok { // RSS 1.0 has its items beside the channel
		return rssFeed(childOf(rdf, "channel"), listOf(rdf["item"]), base, most), nil
	}
	for _, prefix := range []string{"", "atom:"} {
		if atom, ok := doc[prefix+"feed"].(map[string]any); ok {
			return atomFeed(atom, prefix, base, most), nil
		}
	}
	for name := range doc {
		return nil, wrong("url", "what lies there is XML, and no feed: its element is <%s>, not rss, feed or rdf:RDF.", fault.Clip(name, 60))
	}
	return nil, wrong("url", "no feed lies there.")
}

func rssFeed(channel map[string]any, list []any, base *url.URL, most int) map[string]any {
	items := []any{}
	for _, entry := range list[:min(len(list), most)] {
		e, _ := entry.(map[string]any)
		link := resolved(base, textOrNull(e["link"]))
		if guid, ok := e["guid"].(map[string]any); link == nil && (!ok || guid["@isPermaLink"] != "false") && strings.HasPrefix(textIn(e["guid"]), "http") {
			link = textOrNull(e["guid"])
		}
		files := []any{}
		for _, f := range listOf(e["enclosure"]) {
			files = append(files, fileAt(base, f, "@url"))
		}
		items = append(items, map[string]any{"id": either(e["guid"], link, e["title"]), "title": textOrNull(e["title"]), "link": link, "published": dated(either(e["pubDate"], e["dc:date"])), "updated": nil,
			"author": either(e["author"], e["dc:creator"]), "summary": textOrNull(e["description"]), "content": textOrNull(e["content:encoded"]), "categories": texts(e["category"], ""), "files": files})
	}
	return map[string]any{"title": textOrNull(channel["title"]), "link": resolved(base, textOrNull(channel["link"])), "description": textOrNull(channel["description"]), "items": items}
}

func atomFeed(feed map[string]any, p string, base *url.URL, most int) map[string]any {
	items := []any{}
	list := listOf(feed[p+"entry"])
	for _, entry := range list[:min(len(list), most)] {
		e, _ := entry.(map[string]any)
		link, files := atomLinks(e[p+"link"], base)
		published := dated(textOrNull(e[p+"published"]))
		items = append(items, map[string]any{"id": either(e[p+"id"], link), "title": textOrNull(e[p+"title"]), "link": link, "published": published, "updated": dated(textOrNull(e[p+"updated"])),
			"author": authors(e[p+"author"], p+"name"), "summary": textOrNull(e[p+"summary"]), "content": textOrNull(e[p+"content"]), "categories": texts(e[p+"category"], "@term"), "files": files})
	}
	link, _ := atomLinks(feed[p+"link"], base)
	return map[string]any{"title": textOrNull(feed[p+"title"]), "link": link, "description": textOrNull(feed[p+"subtitle"]), "items": items}
}

// atomLinks are the page of an entry, and the files that belong to it.
func atomLinks(v any, base *url.URL) (link any, files []any) {
	files = []any{}
	for _, l := range listOf(v) {
		object, _ := l.(map[string]any)
		switch textIn(object["@rel"]) {
		case "", "alternate":
			if link == nil {
				link = resolved(base, textOrNull(object["@href"]))
			}
		case "enclosure":
			files = append(files, fileAt(base, l, "@href"))
		}
	}
	return link, files
}

func jsonFeed(feed map[string]any, most int) map[string]any {
	items := []any{}
	list := listOf(feed["items"])
	for _, entry := range list[:min(len(list), most)] {
		e, _ := entry.(map[string]any)
		people := e["authors"]
		if people == nil {
			people = e["author"]
		}
		files := []any{}
		for _, f := range listOf(e["attachments"]) {
			object, _ := f.(map[string]any)
			files = append(files, map[string]any{"url": object["url"], "type": object["mime_type"], "size": object["size_in_bytes"]})
		}
		items = append(items, map[string]any{"id": either(e["id"], e["url"]), "title": textOrNull(e["title"]), "link": textOrNull(e["url"]), "published": dated(textOrNull(e["date_published"])), "updated": dated(textOrNull(e["date_modified"])),
			"author": authors(people, "name"), "summary": textOrNull(e["summary"]), "content": either(e["content_html"], e["content_text"]), "categories": texts(e["tags"], ""), "files": files})
	}
	return map[string]any{"title": textOrNull(feed["title"]), "link": textOrNull(feed["home_page_url"]), "description": textOrNull(feed["description"]), "items": items}
}

func childOf(v map[string]any, name string) map[string]any {
	object, _ := v[name].(map[string]any)
	return object
}

// listOf is what an element that may stand several times holds.
func listOf(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// textIn is the text of an element, of several the first's.
func textIn(v any) string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if text := textIn(item); text != "" {
				return text
			}
		}
		return ""
	case map[string]any:
		return strings.TrimSpace(textOf(v, "#text"))
	}
	return strings.TrimSpace(value.Text(v))
}

// textOrNull is the text of an element, or null.
func textOrNull(v any) any { return either(v) }

// either is the text of the first that has one, or null.
func either(list ...any) any {
	for _, v := range list {
		if text := textIn(v); text != "" {
			return text
		}
	}
	return nil
}

// texts are those of elements that stand several times, or of their attribute.
func texts(v any, attribute string) []any {
	out := []any{}
	for _, item := range listOf(v) {
		if object, ok := item.(map[string]any); ok && attribute != "" {
			item = object[attribute]
		}
		if text := textIn(item); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// authors are the names of people, by commas.
func authors(v any, name string) any {
	var names []string
	for _, item := range listOf(v) {
		object, _ := item.(map[string]any)
		if text := textIn(object[name]); text != "" {
			names = append(names, text)
		}
	}
	return either(strings.Join(names, ", "))
}

// fileAt is a file that an entry names.
func fileAt(base *url.URL, v any, at string) map[string]any {
	object, _ := v.(map[string]any)
	var size any
	if n, err := strconv.Atoi(textIn(object["@length"])); err == nil && n > 0 {
		size = n
	}
	return map[string]any{"url": resolved(base, textOrNull(object[at])), "type": textOrNull(object["@type"]), "size": size}
}

// resolved is a link that is read from where the feed lies.
func resolved(base *url.URL, v any) any {
	text, ok := v.(string)
	if !ok || base == nil {
		return v
	}
	if u, err := base.Parse(text); err == nil {
		return u.String()
	}
	return text
}

// dated is a date as every other step gives one; null where it is none.
func dated(v any) any {
	text, ok := v.(string)
	if !ok {
		return nil
	}
	t, err := dating{}.read("date", text)
	if err != nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
