package actions_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLintLines spoils what a good connector says of a protocol that is not HTTP, one thing at a time.
func TestLintLines(t *testing.T) {
	good := func() actions.Connector {
		field := func(id string) actions.Field {
			return actions.Field{ID: id, Label: id, Help: "Text.", Type: actions.Text}
		}
		return actions.Connector{ID: "acme", Name: "Acme", Category: "Test", Color: "#000000", Monogram: "A", Description: "A test.", Untested: "It has nothing to read.",
			Auth: []actions.Auth{{Method: "line", Name: "Line", Help: "Somewhere.", Protocol: "talk", Fields: []actions.Field{field("host"), field("port")}}},
			Actions: []actions.Action{{ID: "talk", Name: "Talk", Description: "Talks.", Guarantee: "None.", Effect: actions.Once, Protocol: "talk", Sample: map[string]any{},
				Run: func(context.Context, actions.Input, actions.Doer) (any, error) { return nil, nil }}}}
	}
	if problems := actions.Lint(good()); len(problems) != 0 {
		t.Errorf("the good one: %v", problems)
	}
	for want, spoil := range map[string]func(*actions.Connector){
		"it speaks talk, and no field host or port":    func(c *actions.Connector) { c.Auth[0].Fields = c.Auth[0].Fields[:1] },
		"it speaks other, for which there is no code":  func(c *actions.Connector) { c.Actions[0].Protocol = "other" },
		"it speaks talk, for which there is no code, ": func(c *actions.Connector) { c.Actions[0].Run = nil },
	} {
		c := good()
		spoil(&c)
		if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, want) {
			t.Errorf("%q is not among the problems:\n%s", want, problems)
		}
	}
}

// TestLintRules spoils a rule of the error table, and a field that is found in URLs.
func TestLintRules(t *testing.T) {
	for want, rule := range map[string]actions.ErrorRule{
		"has {word} in its words":                          {Status: 400, Code: "invalid_input", Message: "Acme refused: {word}"},
		"has {Header:X} in its words":                      {Status: 400, Code: "invalid_input", Remedy: "Add {Header:X}."},
		`asks for the text "x" at no place`:                {Status: 400, Equals: "x", Code: "invalid_input"},
		"fits every answer":                                {Code: "invalid_input"},
		`asks for the text "yx" at no place, in two ways`:  {Status: 400, Pointer: "/a", Equals: "y", Contains: "x", Code: "invalid_input"},
		`asks for the text "X" at no place, in two ways, `: {Status: 400, Pointer: "/a", Contains: "X", Code: "invalid_input"},
	} {
		c := actions.Connector{ID: "acme", Errors: actions.ErrorTable{rule}}
		if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, want) {
			t.Errorf("%q is not among the problems:\n%s", want, problems)
		}
	}
	if problems := strings.Join(actions.Lint(actions.Connector{ID: "acme", Errors: actions.ErrorTable{{Contains: "scope", Code: "unauthorized", Message: "Acme refused: {}"}}}), "\n"); strings.Contains(problems, "error table") {
		t.Errorf("a rule of a text is not taken:\n%s", problems)
	}
	for _, f := range []actions.Field{{ID: "doc", Type: actions.Text, Link: "("}, {ID: "doc", Type: actions.Text, Link: "a"}, {ID: "doc", Type: actions.Boolean, Link: "(a)"}} {
		c := actions.Connector{ID: "acme", Actions: []actions.Action{{ID: "read", Input: []actions.Field{f}}}}
		if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, "finds its value in a URL by") {
			t.Errorf("%q is taken:\n%s", f.Link, problems)
		}
	}
	days := actions.Connector{ID: "acme", Actions: []actions.Action{{ID: "read", Input: []actions.Field{{ID: "at", Type: actions.Text, Days: true}}}}}
	if problems := strings.Join(actions.Lint(days), "\n"); !strings.Contains(problems, "takes days, and is no time") {
		t.Errorf("a text that takes days is taken:\n%s", problems)
	}
}

// TestLintLists spoils how options are chosen, and how a list is polled.
func TestLintLists(t *testing.T) {
	ask := &actions.Request{Method: "GET", Path: "/things", Base: "https://other.acme.test"}
	chosen := func(pick, equals string) *actions.Choices {
		return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/things"}, Value: "/id", Pick: pick, Equals: equals}
	}
	items := func(map[string]any, any) ([]any, error) { return nil, nil }
	for _, c := range []struct {
		choices *actions.Choices
		poll    actions.Poll
		want    string // empty: nothing of that
	}{
		{&actions.Choices{Request: ask, Value: "/id"}, actions.Poll{}, `the address "https://other.acme.test" of its request is none`},
		{chosen("/kind", ""), actions.Poll{}, "nothing says by what"},
		{chosen("kind", "a"), actions.Poll{}, `picked by "kind", which is no JSON Pointer`},
		{chosen("/kind", "a"), actions.Poll{Request: ask, Returns: true, Time: "/at"}, "what leaves its list is forgotten"},
		{chosen("/kind", "a"), actions.Poll{Request: ask, Returns: true, Order: actions.NewestFirst}, "what leaves its list is forgotten"},
		{chosen("/kind", "a"), actions.Poll{Request: ask, Items: items, Page: actions.Page{Kind: actions.Numbered}}, "its parts cannot be counted by them"},
		{chosen("/kind", "a"), actions.Poll{Request: &actions.Request{Method: "GET", Path: "/a"}, Items: items, Returns: true, Page: actions.Page{ID: "/id", Sure: "/ok"}}, ""},
		{chosen("/kind", "a"), actions.Poll{Request: ask, Returns: true, Page: actions.Page{ID: "/id"}}, "nothing tells its answer from that of something in between"},
	} {
		app := actions.Connector{ID: "acme", Also: []string{"https://files.acme.test"}, Actions: []actions.Action{{ID: "read", Input: []actions.Field{{ID: "thing", Type: actions.Text, Choices: c.choices}}}},
			Triggers: []actions.Trigger{{ID: "new", Kind: actions.PollKind, Poll: &c.poll}}}
		problems := strings.Join(actions.Lint(app), "\n")
		if !strings.Contains(problems, c.want) || c.want == "" && strings.Contains(problems, "list") {
			t.Errorf("%q is not among the problems:\n%s", c.want, problems)
		}
	}
}
