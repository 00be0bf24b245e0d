package outbound

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
)

// TestChoices: options are loaded with what they depend on, searched where the vendor can, and here where it cannot.
func TestChoices(t *testing.T) {
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RequestURI()
		list := []any{}
		for i := range 600 {
			list = append(list, map[string]any{"id": i + 1, "name": fmt.Sprintf("Board %d", i+1), "owner": map[string]any{"name": "Ada"}})
		}
		if r.FormValue("q") == "none" || r.FormValue("q") == "refuse" {
			list = []any{}
		}
		if r.FormValue("q") == "refuse" {
			w.WriteHeader(403)
		}
		if r.URL.Path == "/nested" {
			give(w, map[string]any{"sets": []any{map[string]any{"words": []any{"a", "b"}}, map[string]any{}, map[string]any{"words": []any{"c", "d"}}}})
			return
		}
		give(w, map[string]any{"boards": list, "words": []any{"red", "", "blue", 7}})
	}))
	t.Cleanup(server.Close)
	choices := func(search actions.Spot, label string) *actions.Choices {
		return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/{project}/boards"}, Page: actions.Page{Items: "/boards"}, Value: "/id", Label: label,
			Needs: []actions.Field{{ID: "project", Type: actions.Text, In: actions.InPath}}, Search: search}
	}
	picked := choices(actions.Spot{}, "")
	picked.Pick, picked.Equals = "/name", "Board 7"
	owners := choices(actions.Spot{}, "")
	owners.Value = "/owner/name"
	both := choices(actions.Spot{In: actions.InQuery, Name: "q"}, "/name")
	both.Known, both.Pick, both.Or, both.Equals = []actions.Option{{Value: "7", Label: "Seven"}, {Value: "0", Label: "All that they refuse"}}, "/name", "/id", "7"
	fields := []actions.Field{{ID: "project", Label: "Project", Type: actions.Text, Link: `/p/(\d+)`}, {ID: "picked", Type: actions.Text, Choices: picked},
		{ID: "inner", Type: actions.Text, Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/nested"}, Page: actions.Page{Items: "/sets/*/words"}}}, {ID: "board", Label: "Board", Type: actions.Text, Choices: choices(actions.Spot{In: actions.InQuery, Name: "q"}, "{/name} of {/owner/name}")},
		{ID: "group", Type: actions.Group, Fields: []actions.Field{{ID: "board", Type: actions.Text, Choices: choices(actions.Spot{}, "")}}}, {ID: "plain", Type: actions.Text},
		{ID: "word", Type: actions.Text, Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/words"}, Page: actions.Page{Items: "/words"}}}, {ID: "owner", Type: actions.Text, Choices: owners},
		{ID: "known", Type: actions.Texts, Choices: actions.KnownNames("a.made", "a.gone")}, {ID: "both", Type: actions.Text, Choices: both}}
	app := actions.Connector{ID: "fake", Name: "Fake", Auth: []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Type: actions.Text, Secret: true}}}},
		Actions: []actions.Action{{ID: "act", Effect: actions.Once, Input: fields}}, Triggers: []actions.Trigger{{ID: "new", Input: fields}}}
	connection := run.Connection{Connector: "fake", Method: "token", State: run.Connected, BaseURL: server.URL, Grants: run.Grants{Scenarios: []string{"s"}}}
	b := &book{connections: map[string]run.Connection{"c": connection}, values: map[string]run.Values{"c": {"token": "t"}}}
	client := newClient(t, Config{Connectors: actions.CatalogueOf(app), Connections: b, Outbox: b, Allow: loopback})
	ask := func(uses, field, search, scenario string, input map[string]any) (string, error) {
		asked = ""
		got, err := client.Choices(t.Context(), run.Choosing{Workspace: "default", Scenario: scenario, Uses: uses, Field: field, Connection: "c", Input: input, Search: search})
		text := fmt.Sprint(len(got.Choices), " ", got.More)
		if len(got.Choices) > 0 {
			text += fmt.Sprint(" ", got.Choices[0])
		}
		return text + " by " + asked, err
	}
	in := map[string]any{"project": "p/1", "board": 7, "other": "x"}
	for _, c := range []struct {
		uses, field, search, scenario string
		input                         map[string]any
		want                          string // or a part of the error
	}{
		{"fake.act", "board", "", "s", in, "500 true {1 Board 1 of Ada} by /p%2F1/boards"},
		{"fake.new", "board", "", "s", in, "500 true {1 Board 1 of Ada} by /p%2F1/boards"},
		{"fake.act@1", "board", "none", "s", in, "0 false by /p%2F1/boards?q=none"},
		{"fake.act", "group.board", "59", "s", in, "16 false {59 59} by /p%2F1/boards"},
		{"fake.act", "board", "", "s", map[string]any{"project": 12}, "500 true {1 Board 1 of Ada} by /12/boards"},
		{"fake.act", "word", "", "s", nil, "3 false {red red} by /words"},
		{"fake.act", "owner", "", "s", in, "1 false {Ada Ada} by /p%2F1/boards"},
		{"fake.act", "owner", "", "s", map[string]any{"project": 7}, "1 false {Ada Ada} by /7/boards"},
		{"fake.act", "board", "", "s", map[string]any{"project": ""}, "Fill in Project first"},
		{"fake.act", "board", "", "s", nil, "Fill in Project first"},
		{"fake.act", "board", "", "s", map[string]any{"project": ""}, "Fill in Project first"},
		{"fake.act", "board", "", "s", map[string]any{"project": "{{ trigger.p }}"}, "Fill in Project first"},
		{"fake.act", "known", "", "s", nil, "2 false {a.made a.made} by "},
		{"fake.new", "known", "Gone", "s", nil, "1 false {a.gone a.gone} by "},
		{"fake.act", "both", "", "s", in, "2 false {7 Seven} by /p%2F1/boards"},
		{"fake.act", "both", "refuse", "s", in, "1 true {0 All that they refuse} by /p%2F1/boards?q=refuse"},
		{"fake.act", "both", "e", "s", nil, "Fill in Project first"},
		{"fake.act", "board", "", "other", in, "is not granted to this scenario"},
		{"fake.act", "board", "", "s", map[string]any{"project": " https://acme.test/p/7?x=1 "}, "500 true {1 Board 1 of Ada} by /7/boards"},
		{"fake.act", "picked", "", "s", in, "1 false {7 7} by /p%2F1/boards"},
		{"fake.act", "inner", "", "s", nil, "4 false {a a} by /nested"},
		{"fake.act", "board", "refuse", "s", in, "403"},
		{"fake.act", "plain", "", "s", in, `The input "plain" of fake.act has no options`},
		{"fake.act", "group.none", "", "s", in, "has no options"},
		{"fake.none", "board", "", "s", in, `There is no action or trigger "fake.none"`},
	} {
		got, err := ask(c.uses, c.field, c.search, c.scenario, c.input)
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s %s %q for %s: %s, not %s", c.uses, c.field, c.search, c.scenario, got, c.want)
		}
	}
	connection.Sandbox = true
	b.connections["c"] = connection
	if got, err := client.Choices(t.Context(), run.Choosing{Workspace: "default", Scenario: "s", Uses: "fake.act", Field: "board", Connection: "c", Input: in}); err != nil || !got.Sandboxed || len(got.Choices) != 0 {
		t.Errorf("in the sandbox: %+v %v", got, err)
	}
}
