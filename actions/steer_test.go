package actions_test

import (
	"slices"
	"testing"

	"github.com/stepmill/stepmill/actions/connectors"
)

// TestSteers: the fields that decide where credentials go are found in all that connectors say of addresses.
func TestSteers(t *testing.T) {
	want := map[string][]string{
		"core bearer": {"hosts"}, "slack token": nil, "github token": nil, "github oauth": {"authorize_url", "token_url"},
		"jira basic": {"site"}, "jira oauth": {"site", "authorize_url", "token_url"}, "microsoft_teams oauth": {"tenant", "authorize_url", "token_url"},
		"salesforce server": {"login", "token_url"}, "amplitude api_key": {"region"}, "google_drive service_account": {"token_url"},
	}
	for c := range connectors.Catalogue.All() {
		for _, auth := range c.Auth {
			fields, known := want[c.ID+" "+auth.Method]
			if !known {
				continue
			}
			delete(want, c.ID+" "+auth.Method)
			var got []string
			for _, f := range c.Steers(auth.Method) {
				got = append(got, f.ID)
			}
			slices.Sort(got)
			slices.Sort(fields)
			if !slices.Equal(got, fields) {
				t.Errorf("%s by %s is steered by %v, not by %v", c.ID, auth.Method, got, fields)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not looked at: %v", want)
	}
}
