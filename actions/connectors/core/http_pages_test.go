package core

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// scripted answers requests by their addresses.
type scripted struct {
	actions.Doer
	answers map[string]string // by path and query; "Link: …" stands in a first line
	asked   []string
}

func (s *scripted) Sandboxed() bool { return false }

func (s *scripted) Judge(actions.Response) error { return fault.New(fault.NotFound, "No.") }

func (s *scripted) HTTP(_ context.Context, req actions.HTTPRequest) (actions.Response, error) {
	at := strings.TrimPrefix(req.URL, "https://api.test")
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return actions.Response{}, err
		}
		at += string(body)
	}
	if cursor := req.Header.Get("X-Cursor"); cursor != "" {
		at += "#" + cursor
	}
	s.asked = append(s.asked, at)
	text, ok := s.answers[at]
	if !ok {
		return actions.Response{Status: 404}, nil
	}
	header := http.Header{}
	if link, rest, ok := strings.Cut(text, "\n"); ok {
		header.Set("Link", strings.TrimPrefix(link, "Link: "))
		text = rest
	}
	v, err := value.Decode([]byte(text), value.Limits{})
	return actions.Response{Status: 200, Header: header, Body: []byte(text), Value: v}, err
}

// TestEndlessPages: parts that are empty and lead on are left after a few, and counted anew once one has items.
func TestEndlessPages(t *testing.T) {
	a := actionOf(t, "http_request")
	in, err := actions.Coerce(a.Input, map[string]any{"url": "https://api.test/a", "pages": map[string]any{"by": "token", "items": "r", "next": "n", "param": "c"}})
	if err != nil {
		t.Fatal(err)
	}
	do := &scripted{answers: map[string]string{"/a": `{"r": [], "n": 1}`}}
	for i := 1; i < 40; i++ {
		items := ""
		if i == 5 {
			items = "7"
		}
		do.answers[fmt.Sprintf("/a?c=%d", i)] = fmt.Sprintf(`{"r": [%s], "n": %d}`, items, i+1)
	}
	if _, err := a.Run(t.Context(), actions.Input{Values: in}, do); err == nil || len(do.asked) != 16 || !strings.Contains(fault.MessageOf(err), "10 parts in a row, up to part 16,") {
		t.Errorf("%v, asked %v", err, do.asked)
	}
}

// TestPages: a list in parts is read by whatever leads from one to the next, up to its limit, and never to another address.
func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		input   string
		answers map[string]string
		want    string // or the beginning of an error after a !
		asked   string
	}{
		"link":                      {`{"url": "https://api.test/a?x=1", "pages": {"by": "link"}}`, map[string]string{"/a?x=1": "Link: <https://api.test/a?x=1&p=2>; rel=\"next\", </z>; rel=last\n[1, 2]", "/a?x=1&p=2": "Link: </a>; rel=\"prev\"\n[3]"}, `[1,2,3] false`, "/a?x=1 /a?x=1&p=2"},
		"a link without an address": {`{"url": "https://api.test/a", "pages": {"by": "link"}}`, map[string]string{"/a": "Link: </b>; rel=next\n[1]", "/b": `[2]`}, `[1,2] false`, "/a /b"},
		"url":                       {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "data.list", "next": "data.next"}}`, map[string]string{"/a": `{"data": {"list": [1], "next": "/b?c=d"}}`, "/b?c=d": `{"data": {"list": [2], "next": null}}`}, `[1,2] false`, "/a /b?c=d"},
		"token":                     {`{"url": "https://api.test/a?n=%20", "pages": {"by": "token", "items": "r", "next": "c", "param": "cursor"}}`, map[string]string{"/a?n=%20": `{"r": [1], "c": "x y"}`, "/a?n=%20&cursor=x+y": `{"r": [2], "c": ""}`}, `[1,2] false`, "/a?n=%20 /a?n=%20&cursor=x+y"},
		"offset":                    {`{"url": "https://api.test/a?skip=9", "pages": {"by": "offset", "param": "skip", "size": 2}}`, map[string]string{"/a?skip=0": `[1, 2]`, "/a?skip=2": `[3]`}, `[1,2,3] false`, "/a?skip=0 /a?skip=2"},
		"offset, with a pause":      {`{"url": "https://api.test/a", "pages": {"by": "offset", "param": "skip", "pause": "1ms"}}`, map[string]string{"/a?skip=0": `[1]`, "/a?skip=1": `[]`}, `[1] false`, "/a?skip=0 /a?skip=1"},
		"offset, unsized":           {`{"url": "https://api.test/a", "pages": {"by": "offset", "param": "skip"}}`, map[string]string{"/a?skip=0": `[1]`, "/a?skip=1": `[]`}, `[1] false`, "/a?skip=0 /a?skip=1"},
		"number":                    {`{"url": "https://api.test/a", "pages": {"by": "number", "param": "page", "first": 0, "size": 1}}`, map[string]string{"/a?page=0": `[1]`, "/a?page=1": `[2]`, "/a?page=2": `[]`}, `[1,2] false`, "/a?page=0 /a?page=1 /a?page=2"},
		"no more than asked":        {`{"url": "https://api.test/a", "pages": {"by": "number", "param": "page", "limit": 3}}`, map[string]string{"/a?page=1": `[1, 2]`, "/a?page=2": `[3, 4]`}, `[1,2,3] true`, "/a?page=1 /a?page=2"},
		"as many as asked":          {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "r", "next": "n", "limit": 1}}`, map[string]string{"/a": `{"r": [1], "n": "/b"}`}, `[1] true`, "/a"},
		"to another address":        {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "r", "next": "n"}}`, map[string]string{"/a": `{"r": [1], "n": "https://evil.test/b"}`}, "!The next part of the list lies at evil.test", "/a"},
		"without TLS":               {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "r", "next": "n"}}`, map[string]string{"/a": `{"r": [1], "n": "http://api.test/b"}`}, "!The next part", "/a"},
		"to itself":                 {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "r", "next": "n"}}`, map[string]string{"/a": `{"r": [1], "n": "/a"}`}, "!The part 1 of the list leads to itself", "/a"},
		"no list":                   {`{"url": "https://api.test/a", "pages": {"by": "link", "items": "rows"}}`, map[string]string{"/a": `{"items": []}`}, `!The input pages/items: there is no list at "rows"`, "/a"},
		"no list, deeper":           {`{"url": "https://api.test/a", "pages": {"by": "link", "items": "wrong.path"}}`, map[string]string{"/a": `{"path": []}`}, `!The input pages/items: there is no list at "wrong.path"`, "/a"},
		"no list as a whole":        {`{"url": "https://api.test/a", "pages": {"by": "link"}}`, map[string]string{"/a": `{"items": []}`}, `!The answer of part 1 is no list`, "/a"},
		"empty parts, then items":   {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "r", "next": "n"}}`, map[string]string{"/a": `{"r": [], "n": "/b"}`, "/b": `{"r": [], "n": "/c"}`, "/c": `{"r": [1]}`}, `[1] false`, "/a /b /c"},
		"no URL":                    {`{"url": "https://api.test/a", "pages": {"by": "url", "items": "r", "next": "n"}}`, map[string]string{"/a": `{"r": [], "n": "http://[::"}`}, "!What leads to the next part", "/a"},
		"not found":                 {`{"url": "https://api.test/a", "pages": {"by": "link"}}`, nil, "!No.", "/a"},
		"token in the body": {`{"url": "https://api.test/a", "method": "POST", "json": {"query": "q", "variables": {"n": 2}}, "pages": {"by": "token", "in": "body", "param": "variables.after", "items": "d.nodes", "next": "d.info.end", "more": "d.info.has"}}`,
			map[string]string{`/a{"query":"q","variables":{"n":2}}`: `{"d": {"nodes": [1], "info": {"end": "x", "has": true}}}`, `/a{"query":"q","variables":{"after":"x","n":2}}`: `{"d": {"nodes": [2], "info": {"end": "y", "has": false}}}`}, `[1,2] false`,
			`/a{"query":"q","variables":{"n":2}} /a{"query":"q","variables":{"after":"x","n":2}}`},
		"token in an empty body":  {`{"url": "https://api.test/a", "method": "post", "json": {}, "pages": {"by": "token", "in": "body", "param": "page.after", "items": "r", "next": "n"}}`, map[string]string{`/a{}`: `{"r": [1], "n": 7}`, `/a{"page":{"after":7}}`: `{"r": [2]}`}, `[1,2] false`, `/a{} /a{"page":{"after":7}}`},
		"token in a form":         {`{"url": "https://api.test/a", "method": "POST", "form": {"q": "x"}, "pages": {"by": "token", "in": "body", "param": "cursor", "items": "r", "next": "n"}}`, map[string]string{`/aq=x`: `{"r": [1], "n": "z"}`, `/acursor=z&q=x`: `{"r": [2]}`}, `[1,2] false`, `/aq=x /acursor=z&q=x`},
		"token in a header":       {`{"url": "https://api.test/a", "headers": {"x-cursor": "first"}, "pages": {"by": "token", "in": "header", "param": "X-Cursor", "items": "r", "next": "n"}}`, map[string]string{`/a#first`: `{"r": [1], "n": "z"}`, `/a#z`: `{"r": [2]}`}, `[1,2] false`, `/a#first /a#z`},
		"number in the body":      {`{"url": "https://api.test/a", "method": "POST", "json": {"a.b": 0}, "pages": {"by": "number", "in": "body", "param": "page", "more": "more", "items": "r"}}`, map[string]string{`/a{"a.b":0,"page":1}`: `{"r": [1], "more": 1}`, `/a{"a.b":0,"page":2}`: `{"r": [2]}`}, `[1,2] false`, `/a{"a.b":0,"page":1} /a{"a.b":0,"page":2}`},
		"a link, by POST":         {`{"url": "https://api.test/a", "method": "POST", "json": {"q": 1}, "pages": {"by": "link"}}`, map[string]string{`/a{"q":1}`: "Link: </b>; rel=next\n[1]", `/b{"q":1}`: `[2]`}, `[1,2] false`, `/a{"q":1} /b{"q":1}`},
		"the same token again":    {`{"url": "https://api.test/a", "method": "POST", "json": {}, "pages": {"by": "token", "in": "body", "param": "c", "items": "r", "next": "n"}}`, map[string]string{`/a{}`: `{"r": [1], "n": "z"}`, `/a{"c":"z"}`: `{"r": [2], "n": "z"}`}, "!The part 2 of the list leads to itself", `/a{} /a{"c":"z"}`},
		"no body for a parameter": {`{"url": "https://api.test/a", "method": "POST", "text": "x", "pages": {"by": "number", "in": "body", "param": "p"}}`, nil, "!The input pages/in: the request has no JSON or form body", ""},
		"no place in the body":    {`{"url": "https://api.test/a", "method": "POST", "json": {"v": 1}, "pages": {"by": "number", "in": "body", "param": "v.p"}}`, nil, `!The input pages/param: the JSON body has no place for "p": above it stands a value of the kind number`, ""},
		"a DELETE":                {`{"url": "https://api.test/a", "method": "DELETE", "pages": {"by": "link"}}`, nil, "!The input pages: a list in parts is asked for by GET, or by POST", ""},
		"no next":                 {`{"url": "https://api.test/a", "pages": {"by": "token", "param": "c"}}`, nil, "!The input pages/next", ""},
		"a pause of words":        {`{"url": "https://api.test/a", "pages": {"by": "link", "pause": "a while"}}`, nil, "!The input pages/pause: \"a while\" is no duration", ""},
		"no parameter":            {`{"url": "https://api.test/a", "pages": {"by": "offset"}}`, nil, "!The input pages/param", ""},
		"too many":                {`{"url": "https://api.test/a", "pages": {"by": "link", "limit": 20000}}`, nil, "!The input pages/limit", ""},
		"and a download":          {`{"url": "https://api.test/a", "download": true, "pages": {"by": "link"}}`, nil, "!The input download", ""},
		"unknown way":             {`{"url": "https://api.test/a", "pages": {"by": "magic"}}`, nil, "!", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := value.Decode([]byte(c.input), value.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			a := actionOf(t, "http_request")
			v, err := actions.Coerce(a.Input, in.(map[string]any))
			do, got := &scripted{answers: c.answers}, ""
			if err == nil {
				var out any
				if out, err = a.Run(t.Context(), actions.Input{Values: v, Key: "k", Now: now()}, do); err == nil {
					object := out.(map[string]any)
					got = value.Text(object["items"]) + " " + value.Text(object["more"])
				}
			}
			if says, fails := strings.CutPrefix(c.want, "!"); fails && (err == nil || !strings.HasPrefix(fault.MessageOf(err), says)) || !fails && (err != nil || got != c.want) {
				t.Errorf("%s, %v; want %s", got, err, c.want)
			}
			if asked := strings.Join(do.asked, " "); asked != c.asked {
				t.Errorf("asked for %s, want %s", asked, c.asked)
			}
		})
	}
}
