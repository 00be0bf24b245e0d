package outbound

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// things is an app whose things are listed, found and made, as answer does it.
func things(t *testing.T, answer http.HandlerFunc, sandbox bool) (invoke func(action string, input map[string]any) run.Result, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Method+" "+r.URL.RequestURI())
		w.Header().Set("Content-Type", "application/json")
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	shape, sample := actions.ListOf(map[string]any{"id": 1})
	list := actions.Action{ID: "list", Effect: actions.Read, Input: []actions.Field{{ID: "q", Type: actions.Text, In: actions.InQuery}, actions.LimitField()}, Output: shape, Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/things"},
		Page:    &actions.Page{Kind: actions.NextToken, Items: "/items", Next: "/next", At: actions.Spot{In: actions.InQuery, Name: "at"}, Size: 5, Sizes: actions.Spot{In: actions.InQuery, Name: "size"}}}
	create := actions.Action{ID: "create", Effect: actions.Once, Input: []actions.Field{{ID: "q", Name: "name", Type: actions.Text, Required: true}}, Sample: map[string]any{"id": 1}, Request: &actions.Request{Method: "POST", Path: "/things", Body: actions.JSONBody}}
	update := actions.Action{ID: "update", Effect: actions.Idempotent, Input: []actions.Field{{ID: "id", Type: actions.Integer, Required: true, In: actions.InPath}, {ID: "q", Name: "name", Type: actions.Text}}, Sample: map[string]any{"id": 1}, Request: &actions.Request{Method: "PATCH", Path: "/things/{id}", Body: actions.JSONBody}}
	pages := list
	pages.ID, pages.Page = "pages", &actions.Page{Kind: actions.Numbered, Items: "/items", At: actions.Spot{In: actions.InQuery, Name: "page"}, Size: 5}
	sure := list
	sure.ID, sure.Page = "sure", &actions.Page{Items: "/items", Sure: "/ok"}
	app := actions.Connector{ID: "fake", Name: "Fake", Auth: []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Type: actions.Text, Secret: true}}}},
		Actions: []actions.Action{list, pages, sure, create, actions.FindOrCreate("find_or_create", "Find or create", "Finds a thing, or makes it.", list, create, "/items"),
			actions.CreateOrUpdate("create_or_update", "Create or update", "Changes a thing, or makes it.", list, create, update, "/items", "/id")}}
	b := &book{connections: map[string]run.Connection{"c": {Connector: "fake", Method: "token", State: run.Connected, BaseURL: server.URL, Sandbox: sandbox}}, values: map[string]run.Values{"c": {"token": "t"}}}
	client := newClient(t, Config{Connectors: actions.CatalogueOf(app), Connections: b, Outbox: b, Allow: loopback})
	return func(action string, input map[string]any) run.Result {
		return client.Invoke(t.Context(), run.Call{Workspace: "default", Action: "fake." + action, Connection: "c", Input: input, Effect: run.Effect(map[string]actions.Effect{"list": actions.Read, "pages": actions.Read, "sure": actions.Read}[action]), Key: "k", Attempt: 1})
	}, asked
}

// outcome is what a call gave, or the class of its failure.
func outcome(r run.Result) string {
	if r.Failure != nil {
		return r.Failure.Class
	}
	text, _ := value.Encode(r.Output) // nothing, on an error
	return string(text)
}

// TestLists: an action that lists reads as many parts as it needs, and says whether there are more.
func TestLists(t *testing.T) {
	invoke, asked := things(t, func(w http.ResponseWriter, r *http.Request) {
		var from, size int
		fmt.Sscan(r.FormValue("at"), &from)
		fmt.Sscan(r.FormValue("size"), &size)
		end := min(from+size, 12)
		out := map[string]any{"items": numbers(from, end)}
		if end < 12 {
			out["next"] = fmt.Sprint(end)
		}
		give(w, out)
	}, false)
	for _, c := range []struct {
		limit any
		items int
		more  bool
		parts int
	}{{nil, 12, false, 3}, {12, 12, false, 3}, {11, 11, true, 3}, {5, 5, true, 2}, {3, 3, true, 1}, {1, 1, true, 1}, {10_000, 12, false, 3}} {
		*asked = nil
		input := map[string]any{}
		if c.limit != nil {
			input["limit"] = c.limit
		}
		r := invoke("list", input)
		if r.Failure != nil {
			t.Errorf("limit %v: %+v", c.limit, r.Failure)
			continue
		}
		items, _ := value.At(r.Output, "/items").([]any)
		if len(items) != c.items || value.At(r.Output, "/more") != c.more || len(*asked) != c.parts {
			t.Errorf("limit %v: %d items, more %v, by %v", c.limit, len(items), value.At(r.Output, "/more"), *asked)
		}
	}
	for _, limit := range []any{0, -1, 10_001} {
		if r := invoke("list", map[string]any{"limit": limit}); r.Failure == nil || !strings.Contains(r.Failure.Message, "from 1 to 10,000") {
			t.Errorf("limit %v: %+v", limit, r)
		}
	}
}

// TestListsOfTheVendor: an answer without what every one of the vendor's has is no empty list.
func TestListsOfTheVendor(t *testing.T) {
	answer := map[string]any{}
	invoke, _ := things(t, func(w http.ResponseWriter, _ *http.Request) { give(w, answer) }, false)
	if r := invoke("sure", map[string]any{}); r.Failure == nil || r.Failure.Class != "unavailable" || !strings.Contains(r.Failure.Message, `did not come from`) || !strings.Contains(r.Failure.Message, `"ok"`) {
		t.Errorf("an answer from elsewhere: %+v", r)
	}
	answer["ok"] = true
	if r := invoke("sure", map[string]any{}); r.Failure != nil {
		t.Errorf("an empty list: %+v", r.Failure)
	}
}

// TestListsElsewhere: parts after the first are asked for at their own address, with the token alone.
func TestListsElsewhere(t *testing.T) {
	d := &doing{action: &actions.Action{Input: []actions.Field{{ID: "q", In: actions.InBody}}}, input: map[string]any{"q": "x"}}
	w := &walk{d: d, request: &actions.Request{Method: "POST", Path: "/list", Body: actions.JSONBody},
		page: &actions.Page{Kind: actions.NextToken, At: actions.Spot{In: actions.InBody, Name: "cursor"}, Path: "/list/continue", Size: 5, Sizes: actions.Spot{In: actions.InBody, Name: "size"}}}
	for _, want := range []string{`/list {"q":"x","size":5}`, `/list/continue {"cursor":"c2"}`} {
		req, err := w.build()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(req.Body)
		if got := req.URL + " " + string(body); err != nil || got != want {
			t.Errorf("%s, not %s (%v)", got, want, err)
		}
		w.token = "c2"
	}
}

// TestFindOrCreate: a thing is made only where none is found; a look that is lost leaves no doubt about it.
func TestFindOrCreate(t *testing.T) {
	for name, c := range map[string]struct {
		found   any
		status  int
		sandbox bool
		asked   string
		want    string
	}{
		"it is there":         {[]any{map[string]any{"id": 7}}, 200, false, "GET /things?q=x&size=5", `{"found":true,"item":{"id":7}}`},
		"it is not":           {[]any{}, 200, false, "GET /things?q=x&size=5 POST /things", `{"found":false,"item":{"id":8}}`},
		"the vendor says 404": {nil, 404, false, "GET /things?q=x&size=5 POST /things", `{"found":false,"item":{"id":8}}`},
		"the look is refused": {nil, 403, false, "GET /things?q=x&size=5", string(fault.Unauthorized)},
		"the look fails":      {nil, 503, false, "GET /things?q=x&size=5", string(fault.Unavailable)},
		"nothing leaves here": {nil, 0, true, "", `{"found":false,"item":{"id":1}}`},
	} {
		invoke, asked := things(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				give(w, map[string]any{"id": 8})
				return
			}
			w.WriteHeader(c.status)
			give(w, map[string]any{"items": c.found})
		}, c.sandbox)
		r := invoke("find_or_create", map[string]any{"q": "x"})
		if got := outcome(r); got != c.want || strings.Join(*asked, " ") != c.asked {
			t.Errorf("%s: %s %+v by %v", name, got, r.Failure, *asked)
		}
	}
}

// TestCreateOrUpdate: a thing that is there is changed under its own identity, another is made.
func TestCreateOrUpdate(t *testing.T) {
	for name, c := range map[string]struct {
		found   any
		status  int
		sandbox bool
		asked   string
		want    string
	}{
		"it is there":         {[]any{map[string]any{"id": 7}}, 200, false, "GET /things?q=x&size=5 PATCH /things/7", `{"created":false,"item":{"id":7}}`},
		"it is not":           {[]any{}, 200, false, "GET /things?q=x&size=5 POST /things", `{"created":true,"item":{"id":8}}`},
		"the vendor says 404": {nil, 404, false, "GET /things?q=x&size=5 POST /things", `{"created":true,"item":{"id":8}}`},
		"the look is refused": {nil, 403, false, "GET /things?q=x&size=5", string(fault.Unauthorized)},
		"nothing leaves here": {nil, 0, true, "", `{"created":true,"item":{"id":1}}`},
	} {
		invoke, asked := things(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.Method {
			case "POST":
				give(w, map[string]any{"id": 8})
			case "PATCH":
				give(w, map[string]any{"id": 7})
			default:
				w.WriteHeader(c.status)
				give(w, map[string]any{"items": c.found})
			}
		}, c.sandbox)
		r := invoke("create_or_update", map[string]any{"q": "x"})
		if got := outcome(r); got != c.want || strings.Join(*asked, " ") != c.asked {
			t.Errorf("%s: %s %+v by %v", name, got, r.Failure, *asked)
		}
	}
}

// TestNumberedParts: a list is asked for by the number of its part until one is not whole.
func TestNumberedParts(t *testing.T) {
	invoke, asked := things(t, func(w http.ResponseWriter, r *http.Request) {
		var page int
		fmt.Sscan(r.FormValue("page"), &page)
		give(w, map[string]any{"items": numbers((page-1)*5, min(page*5, 12))})
	}, false)
	r := invoke("pages", map[string]any{"q": "x"})
	items, _ := value.At(r.Output, "/items").([]any)
	if want := "GET /things?page=1&q=x GET /things?page=2&q=x GET /things?page=3&q=x"; r.Failure != nil || len(items) != 12 || strings.Join(*asked, " ") != want {
		t.Errorf("%d items by %v: %+v", len(items), *asked, r.Failure)
	}
}
