package drafts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
)

// addressed is a desk whose webhooks and forms have URLs, and its mails addresses.
func addressed(t *testing.T) *desk {
	d := newDesk(t)
	d.Address = func(t *scenario.Trigger, key string) (url, mail string) {
		switch {
		case t.Uses == "webhook":
			return "/hooks/" + key, ""
		case t.Uses == "form":
			return fmt.Sprint("/", t.With["mode"], "/", key), ""
		case t.Uses == "email":
			return "", key + "@x"
		}
		return "", ""
	}
	return d
}

func withTriggers(text string) []byte {
	return []byte(`{"stepmill": 1, "name": "S", ` + text + `, "steps": [{"id": "s", "uses": "core.set"}]}`)
}

// TestLostURLs: who takes a URL away by publishing is told so before and then, and not again.
func TestLostURLs(t *testing.T) {
	for name, c := range map[string]struct{ live, draft, at, warns string }{
		"the same":          {`"trigger": {"uses": "webhook"}`, `"trigger": {"uses": "webhook", "name": "n"}`, "", ""},
		"another id":        {`"trigger": {"uses": "webhook"}`, `"triggers": [{"id": "hook", "uses": "webhook"}]`, "", ""},
		"and one more":      {`"trigger": {"uses": "webhook"}`, `"triggers": [{"id": "trigger", "uses": "webhook"}, {"id": "hook", "uses": "webhook"}]`, "", ""},
		"gone":              {`"triggers": [{"id": "a", "uses": "webhook"}, {"id": "b", "uses": "manual"}]`, `"trigger": {"id": "b", "uses": "manual"}`, "/trigger", `The trigger "a" is live, and not in this draft: once this is published, its URL is answered 404. Put it back, or give its sender another trigger's URL first.`},
		"which is not said": {`"triggers": [{"id": "a", "uses": "webhook"}]`, `"triggers": [{"id": "b", "uses": "webhook"}, {"id": "c", "uses": "webhook"}]`, "/triggers", `The trigger "a" is live, and not in this draft`},
		"another kind":      {`"trigger": {"uses": "webhook"}`, `"trigger": {"uses": "form"}`, "/trigger", `The trigger "trigger" is live as "webhook", and "form" here: once this is published, its URL is answered 404.`},
		"another page":      {`"trigger": {"uses": "form"}`, `"trigger": {"uses": "form", "with": {"mode": "chat"}}`, "/trigger", `has another URL here than it has live: once this is published, its old URL is answered 404`},
		"a mail":            {`"trigger": {"uses": "email"}`, `"trigger": {"uses": "manual"}`, "/trigger", "mail to its address is refused"},
		"without a URL":     {`"trigger": {"uses": "manual"}`, `"trigger": {"uses": "webhook"}`, "", ""},
		"switched off":      {`"trigger": {"uses": "webhook"}`, `"trigger": {"uses": "webhook", "disabled": true}`, "/trigger/disabled", `The trigger "trigger" is switched off: what comes to its URL stands in the inbox as filtered and starts nothing, until somebody replays it.`},
		"a page off":        {`"trigger": {"uses": "form"}`, `"trigger": {"uses": "form", "disabled": true}`, "/trigger/disabled", "is switched off: its page says so and takes nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			d := addressed(t)
			d.create(t, "s", string(withTriggers(c.live)))
			if _, err := d.Publish(t.Context(), ada, "s", "", 0); err != nil {
				t.Fatal(err)
			}
			said := func(list []fault.Problem, what string, want bool) {
				t.Helper()
				if want = want && c.warns != ""; !want && len(list) > 0 {
					t.Errorf("%s says %+v", what, list)
				} else if want && (len(list) != 1 || !strings.Contains(list[0].Message, c.warns) || list[0].Path != c.at || list[0].Severity != fault.Warning || list[0].Line == 0) {
					t.Errorf("%s says %+v", what, list)
				}
			}
			before, err := d.Problems(t.Context(), ada, "s", withTriggers(c.draft))
			if err != nil {
				t.Fatal(err)
			}
			said(before, "what is written", true)
			saved, err := d.Save(t.Context(), ada, "s", withTriggers(c.draft), 0)
			if err != nil {
				t.Fatal(err)
			}
			said(saved.Problems, "what is saved", true)
			done, err := d.Publish(t.Context(), ada, "s", "", 0)
			if err != nil {
				t.Fatal(err)
			}
			said(done.Problems, "publishing", true)
			after, err := d.Store.Scenario(t.Context(), ada, "s")
			if err != nil {
				t.Fatal(err)
			}
			said(after.Problems, "what is live", strings.Contains(c.at, "disabled"))
		})
	}
	d := addressed(t)
	if _, err := d.Problems(t.Context(), ada, "none", withTriggers(`"trigger": {"uses": "webhook"}`)); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("of a scenario that is not there: %v", err)
	}
}
