package actionstest

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/routers"

	"github.com/stepmill/stepmill/actions"
)

// TestScopes: of what x-scopes lists one is enough, of what security lists together all are needed.
func TestScopes(t *testing.T) {
	const answers = `"responses": {"200": {"description": "Good."}}`
	router, err := load([]byte(`{"openapi": "3.0.3", "info": {"title": "Acme", "version": "1"}, "servers": [{"url": "https://acme.test/v1"}], "paths": {
		"/any": {"get": {"x-scopes": ["read", "chat:write:bot"], ` + answers + `}}, "/none": {"get": {"x-scopes": ["none"], ` + answers + `}}, "/open": {"get": {` + answers + `}},
		"/all": {"get": {"security": [{"basic": []}, {"oauth": ["read", "hook"]}, {"oauth": ["admin"]}], ` + answers + `}}},
		"components": {"securitySchemes": {"basic": {"type": "http", "scheme": "basic"}, "oauth": {"type": "http", "scheme": "bearer"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	d := &description{routers: []routers.Router{router}}
	for _, k := range []struct {
		path       string
		asked, own []string
		want       string
	}{
		{"/any", []string{"read"}, nil, ""},
		{"/any", []string{"chat:write"}, nil, ""},
		{"/any", []string{"other"}, nil, "GET /any is allowed by the scopes read or chat:write only"},
		{"/any", []string{"other"}, []string{"read"}, ""},
		{"/any", nil, nil, ""}, // the app's own settings decide
		{"/all", []string{"read"}, nil, "the scopes read hook or admin only"},
		{"/all", []string{"read"}, []string{"hook"}, ""},
		{"/all", []string{"admin"}, nil, ""},
		{"/none", []string{"other"}, nil, ""},
		{"/open", []string{"other"}, nil, ""},
		{"/unknown", []string{"other"}, nil, ""},
	} {
		c := &actions.Connector{Auth: []actions.Auth{{Method: "token"}, {Method: "oauth", OAuth: &actions.OAuth{Scopes: k.asked}}}}
		got := d.ungranted(c, k.own, &request{method: "GET", uri: k.path, base: "https://acme.test/v1"})
		if k.want == "" && got != "" || !strings.Contains(got, k.want) {
			t.Errorf("%s with %v and %v: %q", k.path, k.asked, k.own, got)
		}
	}
	if (*description)(nil).ungranted(nil, nil, nil) != "" {
		t.Error("what is not described is refused")
	}
}
