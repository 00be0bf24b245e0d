package actions_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestLintSubscribe spoils what a good connector says of its subscriptions, one thing at a time.
func TestLintSubscribe(t *testing.T) {
	good := func() actions.Connector {
		sample := map[string]any{"id": "1"}
		return actions.Connector{ID: "acme", Name: "Acme", Category: "Test", Color: "#000000", Monogram: "A", Description: "A test.", BaseURL: "https://acme.test",
			Triggers: []actions.Trigger{{ID: "event", Name: "Event", Description: "Something.", Kind: actions.EventKind, Sample: sample, Output: value.ShapeOf(sample), Verify: actions.Verification{Preset: "github"},
				Input: []actions.Field{{ID: "place", Label: "Place", Help: "Where.", Type: actions.Text, Required: true, In: actions.InPath}, {ID: "topics", Label: "Topics", Help: "Which.", Type: actions.Texts, In: actions.InNone}},
				Subscribe: &actions.Subscribe{Register: &actions.Request{Method: "POST", Path: "/{place}/hooks", Body: actions.JSONBody}, URL: actions.Spot{Name: "url"}, Secret: actions.Spot{Name: "secret"},
					Topics: actions.Spot{Name: "events"}, Ends: actions.Spot{Name: "until"}, As: actions.RFC3339, ID: "/id", Keep: map[string]string{"resource": "/resource"},
					Renew: &actions.Request{Method: "PUT", Path: "/{place}/hooks/{subscription}", Body: actions.JSONBody}, Remove: &actions.Request{Method: "DELETE", Path: "/{place}/hooks/{subscription}"},
					List: &actions.Request{Method: "GET", Path: "/{place}/hooks"}, Sends: "/url", Lives: time.Hour, Before: 20 * time.Minute, Sample: sample}}}}
	}
	if problems := actions.Lint(good()); len(problems) != 0 {
		t.Errorf("the good one: %v", problems)
	}
	for want, spoil := range map[string]func(*actions.Trigger, *actions.Subscribe){
		"its events do not come in":             func(t *actions.Trigger, _ *actions.Subscribe) { t.Kind = actions.PollKind },
		"one that removes, and where its id is": func(_ *actions.Trigger, s *actions.Subscribe) { s.Remove = nil },
		"that registers, one that removes":      func(_ *actions.Trigger, s *actions.Subscribe) { s.Register = nil },
		"and where its id":                      func(_ *actions.Trigger, s *actions.Subscribe) { s.ID = "" },
		"nothing tells the vendor where its":    func(_ *actions.Trigger, s *actions.Subscribe) { s.URL = actions.Spot{} },
		"nothing that the vendor knows signs":   func(_ *actions.Trigger, s *actions.Subscribe) { s.Secret = actions.Spot{} },
		"and it names both":                     func(t *actions.Trigger, _ *actions.Subscribe) { t.Verify.Secret = "token" },
		"and no input topics says which":        func(t *actions.Trigger, _ *actions.Subscribe) { t.Input = t.Input[:1] },
		"where what stands there sends to":      func(_ *actions.Trigger, s *actions.Subscribe) { s.Sends = "" },
		"no sample of the answer":               func(_ *actions.Trigger, s *actions.Subscribe) { s.Sample = nil },
		`"id" is no JSON Pointer`:               func(_ *actions.Trigger, s *actions.Subscribe) { s.ID = "id" },
		`"x" is no JSON Pointer`:                func(_ *actions.Trigger, s *actions.Subscribe) { s.Keep["resource"] = "x" },
		`"" in "path" is no place`:              func(_ *actions.Trigger, s *actions.Subscribe) { s.URL = actions.Spot{In: actions.InPath} },
		"that subscribing uses itself":          func(t *actions.Trigger, _ *actions.Subscribe) { t.Input[1].ID = "wanted" },
		"what is kept as place has":             func(_ *actions.Trigger, s *actions.Subscribe) { s.Keep = map[string]string{"place": "/x"} },
		"it does not end, and is renewed":       func(_ *actions.Trigger, s *actions.Subscribe) { s.Lives = 0 },
		"at most half of that":                  func(_ *actions.Trigger, s *actions.Subscribe) { s.Before = 40 * time.Minute },
		"must be 10m0s or more":                 func(_ *actions.Trigger, s *actions.Subscribe) { s.Lives, s.Before = time.Minute, time.Second },
		"how the end is written":                func(_ *actions.Trigger, s *actions.Subscribe) { s.As = actions.NoClock },
		"the path asks for {other}":             func(_ *actions.Trigger, s *actions.Subscribe) { s.Remove.Path = "/{other}/{subscription}" },
		"the path asks for {subscription}":      func(_ *actions.Trigger, s *actions.Subscribe) { s.Register.Path += "/{subscription}" },
		`the path "hooks" does not begin with`:  func(_ *actions.Trigger, s *actions.Subscribe) { s.List.Path = "hooks" },
	} {
		c := good()
		spoil(&c.Triggers[0], c.Triggers[0].Subscribe)
		if problems := strings.Join(actions.Lint(c), "\n"); !strings.Contains(problems, want) {
			t.Errorf("%s: %s", want, problems)
		}
	}
}
