package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestTemplatesPublished: every template is published by the server with connections to the servers that hold requests to the
// vendors' descriptions. What polls asks for its list, what is subscribed to is registered, and no request is refused. Systems
// that people sign in to by OAuth alone are left out: TestOAuth is about these.
func TestTemplatesPublished(t *testing.T) {
	shelf := &vendors{t: t, list: map[string]stand{}}
	shelf.of("slack") // it skips where there are no descriptions
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	for _, slug := range []string{"stripe", "shop"} {
		s.call("POST", "/api/v1/secrets", `{"slug": "`+slug+`", "value": "s3cret"}`, 201, nil)
	}
	for c := range connectors.Catalogue.All() {
		way := slices.IndexFunc(c.Auth, func(a actions.Auth) bool { return a.OAuth == nil && a.Method != "service_account" })
		if c.ID == "core" {
			continue
		}
		made := map[string]any{"slug": c.ID, "name": c.Name, "connector": c.ID, "sandbox": true, "values": map[string]any{}}
		if way >= 0 {
			made = connectionTo(c, c.Auth[way].Method, shelf.of(c.ID).url)
		}
		b, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		s.call("POST", "/api/v1/connections", string(b), 201, nil)
	}
	asked, before := map[string]int{}, map[string]int{}
	for app, at := range shelf.list {
		before[app] = at.taken()
	}
	for _, tpl := range templates() {
		doc, _, err := scenario.Decode(tpl.Definition)
		if err != nil {
			t.Fatal(err)
		}
		s.publish(tpl.ID, string(tpl.Definition))
		uses := doc.AllTriggers()[0].Uses
		app, _, _ := strings.Cut(uses, ".")
		c, spec := connectors.Catalogue.Get(app), connectors.Catalogue.Trigger(uses)
		if spec == nil || spec.Poll == nil && spec.Subscribe == nil || !slices.ContainsFunc(c.Auth, func(a actions.Auth) bool { return a.OAuth == nil && a.Method != "service_account" }) {
			continue
		}
		asked[app]++
	}
	for app, times := range asked {
		at := shelf.of(app)
		eventually(t, app+" is asked", func() bool { return at.taken() >= before[app]+times || len(at.contract.Refused()) > 0 })
		if refused := at.contract.Refused(); len(refused) > 0 {
			t.Errorf("%s refused %v", app, refused)
		}
	}
	if len(asked) < 6 {
		t.Errorf("only %v were asked", asked)
	}
}
