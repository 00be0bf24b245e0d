package outbound

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// listing is a vendor with a list of n items, and a client for it by one kind of paging.
func listing(t *testing.T, page actions.Page, answer func(w http.ResponseWriter, r *http.Request, self string), with ...func(*actions.Poll)) (look func(each func(run.Part) (bool, error)) (run.Looked, error), asked *int) {
	t.Helper()
	asked = new(int)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked++
		w.Header().Set("Content-Type", "application/json")
		answer(w, r, server.URL)
	}))
	t.Cleanup(server.Close)
	app := actions.Connector{ID: "fake", Name: "Fake", BaseURL: "https://fake.example", Auth: []actions.Auth{{Method: "token",
		Fields: []actions.Field{{ID: "token", Type: actions.Text, Secret: true}}, Apply: []actions.Place{{In: actions.InHeader, Name: "Authorization", Value: "Bearer {token}"}}}},
		Triggers: []actions.Trigger{{ID: "new", Kind: actions.PollKind, Sample: map[string]any{"id": "s"}, Poll: &actions.Poll{Page: page, Request: &actions.Request{Method: "GET", Path: "/items"}}}}}
	for _, change := range with {
		change(app.Triggers[0].Poll)
	}
	b := &book{connections: map[string]run.Connection{"c": {Connector: "fake", Method: "token", State: run.Connected, BaseURL: server.URL}}, values: map[string]run.Values{"c": {"token": "secret-1"}}}
	client := newClient(t, Config{Connectors: actions.CatalogueOf(app), Connections: b, Allow: loopback})
	return func(each func(run.Part) (bool, error)) (run.Looked, error) {
		return client.Poll(t.Context(), run.Look{Workspace: "default", Uses: "fake.new", Connection: "c", Input: map[string]any{}}, each)
	}, asked
}

// numbers are items from one number up to another.
func numbers(from, to int) []any {
	list := []any{}
	for i := from; i < to; i++ {
		list = append(list, map[string]any{"id": i})
	}
	return list
}

func give(w http.ResponseWriter, v any) { json.NewEncoder(w).Encode(v) }

func whole(t *testing.T, look func(func(run.Part) (bool, error)) (run.Looked, error)) (ids string, err error) {
	t.Helper()
	var list []string
	_, err = look(func(p run.Part) (bool, error) {
		for _, item := range p.Items {
			list = append(list, fmt.Sprint(item.(map[string]any)["id"]))
		}
		return true, nil
	})
	return strings.Join(list, " "), err
}

// TestGrantedToPoll: a trigger needs the connection to be granted to its scenario; no list of actions shuts it out.
func TestGrantedToPoll(t *testing.T) {
	for name, c := range map[string]struct {
		grants  run.Grants
		refused bool
	}{
		"its scenario":     {run.Grants{Scenarios: []string{"s"}}, false},
		"another scenario": {run.Grants{Scenarios: []string{"t"}}, true},
		"some actions":     {run.Grants{Actions: []string{"fake.make"}}, false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { give(w, numbers(0, 1)) }))
		app := actions.Connector{ID: "fake", Name: "Fake", Auth: []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Type: actions.Text, Secret: true}}}},
			Triggers: []actions.Trigger{{ID: "new", Kind: actions.PollKind, Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/"}}}}}
		b := &book{connections: map[string]run.Connection{"c": {Connector: "fake", Method: "token", State: run.Connected, BaseURL: server.URL, Grants: c.grants}}, values: map[string]run.Values{"c": {"token": "t"}}}
		client := newClient(t, Config{Connectors: actions.CatalogueOf(app), Connections: b, Allow: loopback})
		_, err := client.Poll(t.Context(), run.Look{Workspace: "default", Scenario: "s", Uses: "fake.new", Connection: "c", Input: map[string]any{}}, func(run.Part) (bool, error) { return true, nil })
		if refused := err != nil && strings.Contains(fault.MessageOf(err), "is not granted to this scenario"); refused != c.refused || !refused && err != nil {
			t.Errorf("granted to %s: %v", name, err)
		}
		server.Close()
	}
}

// TestPages: each kind of paging reads the whole list, once.
func TestPages(t *testing.T) {
	query := actions.Spot{In: actions.InQuery, Name: "at"}
	from := func(r *http.Request) int { n, _ := strconv.Atoi(r.FormValue("at")); return n }
	for name, c := range map[string]struct {
		page   actions.Page
		answer func(w http.ResponseWriter, r *http.Request, self string)
	}{
		"whole": {actions.Page{}, func(w http.ResponseWriter, r *http.Request, _ string) { give(w, numbers(0, 7)) }},
		"token": {actions.Page{Kind: actions.NextToken, Items: "/items", Next: "/next", At: query}, func(w http.ResponseWriter, r *http.Request, _ string) {
			end := min(from(r)+3, 7)
			out := map[string]any{"items": numbers(from(r), end), "next": nil}
			if end < 7 {
				out["next"] = strconv.Itoa(end)
			}
			give(w, out)
		}},
		"cursor that stays, and a flag": {actions.Page{Kind: actions.NextToken, Items: "/items", Next: "/next", More: "/more", At: query}, func(w http.ResponseWriter, r *http.Request, _ string) {
			end := min(from(r)+3, 7)
			give(w, map[string]any{"items": numbers(from(r), end), "next": strconv.Itoa(end), "more": end < 7})
		}},
		"offset": {actions.Page{Kind: actions.Offset, Items: "/items", ID: "/id", At: query, Size: 3, Sizes: actions.Spot{In: actions.InQuery, Name: "count"}}, func(w http.ResponseWriter, r *http.Request, _ string) {
			size, _ := strconv.Atoi(r.FormValue("count"))
			give(w, map[string]any{"items": numbers(min(from(r), 7), min(from(r)+size, 7))})
		}},
		"link": {actions.Page{Kind: actions.LinkHeader}, func(w http.ResponseWriter, r *http.Request, self string) {
			end := min(from(r)+3, 7)
			w.Header().Add("Link", `<https://elsewhere.example/>; rel="first", </items?at=0>; title="a, b"; rel=prev`)
			if end < 7 {
				w.Header().Add("Link", fmt.Sprintf(`<%s/items?at=%d>; rel="last next"`, self, end))
			}
			give(w, numbers(from(r), end))
		}},
		"url": {actions.Page{Kind: actions.NextURL, Items: "/items", Next: "/next"}, func(w http.ResponseWriter, r *http.Request, _ string) {
			end := min(from(r)+3, 7)
			out := map[string]any{"items": numbers(from(r), end)}
			if end < 7 {
				out["next"] = fmt.Sprintf("/items?at=%d", end)
			}
			give(w, out)
		}},
	} {
		look, asked := listing(t, c.page, c.answer)
		if ids, err := whole(t, look); err != nil || ids != "0 1 2 3 4 5 6" {
			t.Errorf("%s: %q (%v)", name, ids, err)
		}
		*asked = 0
		looked, err := look(func(run.Part) (bool, error) { return false, nil })
		if err != nil || !looked.Whole || *asked != 1 {
			t.Errorf("%s, where the first part is enough: %+v, %d requests (%v)", name, looked, *asked, err)
		}
	}
}

// TestPagesRefused: what leads nowhere, elsewhere or in a ring is an error, and credentials go to no other host.
func TestPagesRefused(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked, with %q", r.Header.Get("Authorization"))
	}))
	defer other.Close()
	query := actions.Spot{In: actions.InQuery, Name: "at"}
	url, token := actions.Page{Kind: actions.NextURL, Items: "/items", Next: "/next"}, actions.Page{Kind: actions.NextToken, Items: "/items", Next: "/next", At: query}
	offset := actions.Page{Kind: actions.Offset, Items: "/items", ID: "/id", At: query, Size: 3}
	for name, c := range map[string]struct {
		page   actions.Page
		answer func(w http.ResponseWriter, r *http.Request, self string)
		code   fault.Code
	}{
		"another host": {url, func(w http.ResponseWriter, _ *http.Request, _ string) {
			give(w, map[string]any{"items": numbers(0, 1), "next": other.URL + "/items"})
		}, fault.Unavailable},
		"no address": {url, func(w http.ResponseWriter, _ *http.Request, _ string) {
			give(w, map[string]any{"items": numbers(0, 1), "next": "http://%zz"})
		}, fault.Unavailable},
		"the same address": {url, func(w http.ResponseWriter, _ *http.Request, _ string) {
			give(w, map[string]any{"items": numbers(0, 1), "next": "/items?x=1"})
		}, fault.Unavailable},
		"the same token": {token, func(w http.ResponseWriter, _ *http.Request, _ string) {
			give(w, map[string]any{"items": numbers(0, 1), "next": "x"})
		}, fault.Unavailable},
		"no list": {token, func(w http.ResponseWriter, _ *http.Request, _ string) { give(w, map[string]any{"items": "none"}) }, fault.Unavailable},
		"a page for people": {token, func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<h1>hello</h1>"))
		}, fault.Unavailable},
		"a list that moves": {offset, func(w http.ResponseWriter, r *http.Request, _ string) {
			if r.FormValue("at") == "0" {
				give(w, map[string]any{"items": numbers(0, 3)})
				return
			}
			give(w, map[string]any{"items": numbers(4, 7)}) // 3 has moved up
		}, fault.Conflict},
		"too many requests": {token, func(w http.ResponseWriter, _ *http.Request, _ string) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(429)
		}, fault.RateLimited},
	} {
		look, _ := listing(t, c.page, c.answer)
		_, err := whole(t, look)
		if fault.CodeOf(err) != c.code || strings.Contains(fmt.Sprint(err), "secret-1") {
			t.Errorf("%s: %v", name, err)
		}
		if told, ok := err.(*fault.Error); c.code == fault.RateLimited && (!ok || told.RetryAfter != 90*time.Second) {
			t.Errorf("%s: %#v", name, err)
		}
	}
	client := newClient(t, Config{})
	if _, err := client.Poll(context.Background(), run.Look{Uses: "intercom.event"}, nil); fault.CodeOf(err) != fault.InvalidInput {
		t.Error(err)
	}
}

// TestPagesBounded: a list without end is read so far and no further.
func TestPagesBounded(t *testing.T) {
	n := 0
	look, asked := listing(t, actions.Page{Kind: actions.NextToken, Items: "/items", Next: "/next", At: actions.Spot{In: actions.InQuery, Name: "at"}}, func(w http.ResponseWriter, _ *http.Request, _ string) {
		n++
		give(w, map[string]any{"items": numbers(0, 2), "next": fmt.Sprint(n)})
	})
	looked, err := look(func(run.Part) (bool, error) { return true, nil })
	if err != nil || looked.Whole || *asked != mostParts {
		t.Errorf("%+v after %d parts (%v)", looked, *asked, err)
	}
	own := fault.New(fault.Internal, "mine")
	if _, err := look(func(run.Part) (bool, error) { return true, own }); err != own {
		t.Errorf("the caller's error came back as %v", err)
	}
}

// TestPollItems: a trigger may make its items of what was asked for and of the answer.
func TestPollItems(t *testing.T) {
	page := actions.Page{Kind: actions.NextToken, Next: "/next", At: actions.Spot{In: actions.InQuery, Name: "at"}, ID: "/id"}
	look, _ := listing(t, page, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.FormValue("at") == "" {
			give(w, map[string]any{"rows": []any{"a", "b"}, "next": "2"})
			return
		}
		give(w, map[string]any{"rows": []any{"c", 7}})
	}, func(p *actions.Poll) {
		p.Items = func(in map[string]any, answer any) (out []any, err error) {
			for _, row := range answer.(map[string]any)["rows"].([]any) {
				if row == 7 {
					return nil, fault.New(fault.Unavailable, "The row is a number.")
				}
				out = append(out, map[string]any{"id": row})
			}
			return out, nil
		}
	})
	if ids, err := whole(t, look); ids != "a b" || fault.MessageOf(err) != "The row is a number." {
		t.Errorf("%q %v", ids, err)
	}
}
