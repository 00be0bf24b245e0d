package outbound

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// TestRecordFields: what every account has and what this one lists are joined, each field once; a sandbox gives the sample; what goes wrong
// is said.
func TestRecordFields(t *testing.T) {
	status, body := 200, any(map[string]any{"fields": []any{map[string]any{"name": "email", "options": []any{"x"}}, map[string]any{"name": "plan"}, map[string]any{"name": "plan"}, map[string]any{"name": ""}}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		give(w, body)
	}))
	t.Cleanup(server.Close)
	list := actions.Action{ID: "list_fields", Effect: actions.Read, Input: []actions.Field{{ID: "kind", Type: actions.Text, Required: true, In: actions.InQuery}, actions.LimitField()}, Request: &actions.Request{Method: "GET", Path: "/fields"},
		Sample: map[string]any{"fields": []any{map[string]any{"name": "sample"}}}}
	read := func(item any) []actions.RecordField {
		f := actions.RecordField{Name: value.Text(value.At(item, "/name")), Type: actions.Text}
		if value.At(item, "/options") != nil {
			f.Options = []actions.Option{{Value: "x", Label: "X"}}
		}
		return []actions.RecordField{f}
	}
	app := actions.Connector{ID: "fake", Name: "Fake", Auth: []actions.Auth{{Method: "token", Fields: []actions.Field{{ID: "token", Type: actions.Text, Secret: true}}}}, Actions: []actions.Action{list},
		Records: []actions.Record{{ID: "contact", Fields: actions.RecordFields{Known: []actions.RecordField{{Name: "email", Label: "Address"}}, List: actions.Operation{Action: "list_fields", With: map[string]any{"kind": "contact"}, At: "/fields"}, Read: read}},
			{ID: "deal", Fields: actions.RecordFields{Known: []actions.RecordField{{Name: "title"}}}}}}
	b := &book{connections: map[string]run.Connection{"c": {Connector: "fake", Method: "token", State: run.Connected, BaseURL: server.URL, Grants: run.Grants{Scenarios: []string{"s"}}}, "sandbox": {Connector: "fake", Method: "token", Sandbox: true}},
		values: map[string]run.Values{"c": {"token": "t"}}}
	client := newClient(t, Config{Connectors: actions.CatalogueOf(app), Connections: b, Outbox: b, Allow: loopback})
	ask := func(connector, record, connection, scenario string) (string, bool, error) {
		got, sandboxed, err := client.RecordFields(t.Context(), run.RecordAsk{Workspace: "default", Scenario: scenario, Connector: connector, Record: record, Connection: connection})
		var names []string
		for _, f := range got {
			names = append(names, f.Name+f.Label+strings.Repeat("!", len(f.Options)))
		}
		return strings.Join(names, " "), sandboxed, err
	}
	if got, sandboxed, err := ask("fake", "contact", "c", "s"); got != "emailAddress! plan" || sandboxed || err != nil {
		t.Errorf("%s %t %v", got, sandboxed, err)
	}
	if got, sandboxed, err := ask("fake", "contact", "sandbox", "s"); got != "emailAddress sample" || !sandboxed || err != nil {
		t.Errorf("a sandbox: %s %t %v", got, sandboxed, err)
	}
	if got, _, err := ask("fake", "deal", "c", "s"); got != "title" || err != nil {
		t.Errorf("one that lists none: %s %v", got, err)
	}
	for _, c := range []struct{ connector, record, connection, scenario, says string }{
		{"none", "contact", "c", "s", "There is no connector"}, {"fake", "contakt", "c", "s", "Did you mean"}, {"fake", "contact", "none", "s", "no connection"}, {"fake", "contact", "c", "other", "is not granted"}} {
		if _, _, err := ask(c.connector, c.record, c.connection, c.scenario); err == nil || !strings.Contains(fault.MessageOf(err), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	body = map[string]any{"no": "list"}
	if _, _, err := ask("fake", "contact", "c", "s"); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("without a list: %v", err)
	}
	status = 503
	if _, _, err := ask("fake", "contact", "c", "s"); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("away: %v", err)
	}
}
