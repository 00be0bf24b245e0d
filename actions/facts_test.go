package actions_test

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestFacts: what the help leaves out is said, and a label only where it says more than its value.
func TestFacts(t *testing.T) {
	for want, f := range map[string]actions.Field{
		"":                             {Help: "Text."},
		`Not given: ["4xx"].`:          {Default: []any{"4xx"}},
		"Not given: false.":            {Default: false},
		"One of is_set, gt (is more).": {Options: []actions.Option{{Value: "is_set", Label: "Is set"}, {Value: "gt", Label: "is more"}}},
		"Not given: a. One of a. What the account has can be chosen from.": {Default: "a", Options: []actions.Option{{Value: "a"}}, Choices: &actions.Choices{}},
		"There are a.b, c (More).":                              {Choices: &actions.Choices{Known: []actions.Option{{Value: "a.b", Label: "a.b"}, {Value: "c", Label: "More"}}}},
		"There are a. What the account has can be chosen from.": {Choices: &actions.Choices{Known: actions.KnownNames("a").Known, Request: &actions.Request{}}},
	} {
		if got := f.Facts(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
