package actions

import (
	"strings"
	"testing"
	"time"
)

// TestLimits lints what is known of the vendors, and holds the lint to finding what is wrong.
func TestLimits(t *testing.T) {
	for _, vendor := range strings.Fields(`core intercom salesforce hubspot pipedrive slack microsoft_teams zoom google_analytics google_sheets google_drive mixpanel amplitude jira linear github notion dropbox mailchimp`) {
		l := linter{at: vendor}
		if l.limits(LimitsOf(vendor)); len(l.problems) > 0 {
			t.Error(l.problems)
		}
	}
	for says, of := range map[string]Limits{
		"no header that says what is left": {Headers: []Limit{{Reset: "X-Reset"}}},
		"when the limit of X-Left opens":   {Headers: []Limit{{Remaining: "X-Left"}}},
		"no unit":                          {Headers: []Limit{{Remaining: "X-Left", Window: time.Minute, Unit: "weeks"}}},
		"fits every answer":                {Signals: []Signal{{Wait: time.Minute}}},
		`"message" is no JSON Pointer`:     {Signals: []Signal{{Pointer: "message"}}},
		`"after" is no JSON Pointer`:       {Signals: []Signal{{Status: 429, WaitAt: "after"}}},
		`not "conflict"`:                   {Signals: []Signal{{Status: 409, Code: "conflict"}}},
		"not in lower case":                {Signals: []Signal{{Pointer: "/m", Contains: "Slow"}}},
	} {
		l := linter{at: "x"}
		if l.limits(of); len(l.problems) != 1 || !strings.Contains(l.problems[0], says) {
			t.Errorf("%s: %q", says, l.problems)
		}
	}
	c := Connector{ID: "x", Limits: &Limits{Signals: []Signal{{}}}}
	if !strings.Contains(strings.Join(Lint(c), " "), "fits every answer") {
		t.Error("a connector's own limits are not linted")
	}
}
