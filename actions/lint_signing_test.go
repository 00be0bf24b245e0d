package actions_test

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLintSigning: who signs as AWS asks has the fields that the signature is made of.
func TestLintSigning(t *testing.T) {
	field := func(id string) actions.Field {
		return actions.Field{ID: id, Label: id, Help: "Text.", Type: actions.Text}
	}
	c := actions.Connector{ID: "acme", Name: "Acme", Category: "Test", Color: "#000000", Monogram: "A", Description: "A test.", BaseURL: "https://acme.test", Untested: "It has nothing to read.",
		Auth: []actions.Auth{{Method: "aws", Name: "Keys", Help: "Somewhere.", Fields: []actions.Field{field("id"), field("key"), field(actions.FieldRegion), field(actions.FieldService), field(actions.FieldSession)},
			Apply: []actions.Place{{In: actions.InAWS, Name: "{id}", Value: "{key}"}}}}}
	if problems := actions.Lint(c); len(problems) != 0 {
		t.Errorf("the good one: %v", problems)
	}
	c.DocsURL = "https://docs.acme.test"
	if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, "nothing says what is done in the vendor's screens, step by step") {
		t.Errorf("without a set-up: %s", problems)
	}
	c.SetUp = map[string][]string{"aws": {"Open the settings"}, "other": {"Open it."}}
	if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, "step of setting it up") || !strings.Contains(problems, `it says how "other" is set up, and has no such sign-in`) {
		t.Errorf("with a wrong set-up: %s", problems)
	}
	c.DocsURL, c.SetUp = "", nil
	c.Auth[0].Fields = c.Auth[0].Fields[:4]
	if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, "the session token is missing") {
		t.Errorf("without a session token: %s", problems)
	}
	c.Auth[0].Apply[0].In = "nowhere"
	if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, `credentials do not go into "nowhere"`) {
		t.Errorf("nowhere: %s", problems)
	}
}
