package actions_test

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLintOAuth spoils what a good connector says of its tokens, one thing at a time.
func TestLintOAuth(t *testing.T) {
	good := func() actions.Connector {
		return actions.Connector{ID: "acme", Name: "Acme", Category: "Test", Color: "#000000", Monogram: "A", Description: "A test.", BaseURL: "https://{host}", Untested: "It has nothing to read.",
			Auth: []actions.Auth{actions.OAuthApp("Somewhere.", actions.OAuth{Grant: actions.Code, Authorize: "https://acme.test/authorize", Token: "https://acme.test/token", Scopes: []string{"a"},
				Client: actions.ClientInBasic, Values: []actions.TokenValue{{Name: "host", Pointer: "/host"}},
				After: &actions.TokenStep{URL: "https://{host}/me", Account: "/name"}})}}
	}
	if problems := actions.Lint(good()); len(problems) != 0 {
		t.Errorf("the good one: %v", problems)
	}
	for want, spoil := range map[string]func(*actions.Auth, *actions.OAuth){
		`authorize URL "javascript:`:            func(_ *actions.Auth, o *actions.OAuth) { o.Authorize = "javascript:alert(1)" },
		`authorize URL "data:`:                  func(_ *actions.Auth, o *actions.OAuth) { o.Authorize = "data:text/html,x" },
		`token URL "http:`:                      func(_ *actions.Auth, o *actions.OAuth) { o.Token = "http://acme.test/token" },
		"asks for {tenant}":                     func(_ *actions.Auth, o *actions.OAuth) { o.Token = "https://{tenant}.acme.test/token" },
		"has neither parameters nor a fragment": func(_ *actions.Auth, o *actions.OAuth) { o.Authorize += "?x=1" },
		"the parameter state of":                func(_ *actions.Auth, o *actions.OAuth) { o.Extra = map[string]string{"state": "x"} },
		"no way for an app":                     func(_ *actions.Auth, o *actions.OAuth) { o.Client = "" },
		"no way to come by a token":             func(_ *actions.Auth, o *actions.OAuth) { o.Grant = "guess" },
		"nobody signs in at the vendor":         func(_ *actions.Auth, o *actions.OAuth) { o.Grant = actions.Client },
		"the field client_secret is missing":    func(a *actions.Auth, _ *actions.OAuth) { a.Fields = append(a.Fields[:1:1], a.Fields[2:]...) },
		"no field lets people choose":           func(a *actions.Auth, _ *actions.OAuth) { a.Fields = append(a.Fields[:2:2], a.Fields[3:]...) },
		"has no place there, or the name of":    func(_ *actions.Auth, o *actions.OAuth) { o.Values = append(o.Values, o.Values[0]) },
		"is no JSON Pointer":                    func(_ *actions.Auth, o *actions.OAuth) { o.Account = "name" },
		"picks one of several, and no field":    func(_ *actions.Auth, o *actions.OAuth) { o.After.Pick, o.After.Choose = "/url", "site" },
		"a parameter of the token request asks": func(_ *actions.Auth, o *actions.OAuth) { o.Params = map[string]string{"account": "{account}"} },
		"the base URL asks for {cloud}":         func(a *actions.Auth, _ *actions.OAuth) { a.BaseURL = "https://api.acme.test/{cloud}" },
		"which does not show who it is":         func(_ *actions.Auth, o *actions.OAuth) { o.Client = actions.ClientUnasked },
	} {
		c := good()
		spoil(&c.Auth[0], c.Auth[0].OAuth)
		if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, want) {
			t.Errorf("%q is not among the problems:\n%s", want, problems)
		}
	}
}

// TestLintScopes: an action needs no scope that is not asked for, unless it says so.
func TestLintScopes(t *testing.T) {
	lint := func(scopes []string, a actions.Action) string {
		c := actions.Connector{ID: "acme", Auth: []actions.Auth{actions.OAuthApp("Somewhere.", actions.OAuth{Grant: actions.Code, Scopes: scopes})},
			Actions: []actions.Action{a}, Triggers: []actions.Trigger{{ID: "new", Description: a.Description, Scopes: a.Scopes}}}
		return strings.Join(actions.Lint(c), "\n")
	}
	plain := actions.Action{ID: "get", Description: "Gets it."}
	for _, k := range []struct {
		scopes []string
		action actions.Action
		want   string
	}{
		{[]string{"read"}, plain.Needing("Write.All"), ""},
		{[]string{"read"}, actions.Action{Description: "Gets it; needs the scope read."}, ""},
		{[]string{"read", "write"}, plain.Needing("write"), "the scope write is asked for by itself"},
		{nil, plain.Needing("write"), "no way to sign in asks for any"},
		{[]string{"read"}, actions.Action{Description: "Gets it; needs the scopes read write.all."}, "needs the scope write.all, which its data does not"},
		{[]string{"read"}, actions.Action{Description: "Gets it.", Scopes: []string{"write"}}, "and its description does not say so"},
	} {
		got := lint(k.scopes, k.action)
		if k.want != "" && !strings.Contains(got, k.want) || k.want == "" && strings.Contains(got, "scope") {
			t.Errorf("%q: %s; want %q", k.action.Description, got, k.want)
		}
	}
	if got := plain.Needing("a", "b").Description; got != "Gets it. It needs the scopes a b." {
		t.Error(got)
	}
	if got := (actions.Trigger{Description: "New."}).Needing("a"); got.Description != "New. It needs the scope a." || len(got.Scopes) != 1 {
		t.Errorf("%+v", got)
	}
}
