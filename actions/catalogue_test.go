package actions

import (
	"slices"
	"testing"
)

// TestCatalogue: a connector is made when it is first asked for, once, and its parts are found by their names.
func TestCatalogue(t *testing.T) {
	made := map[string]int{}
	entry := func(id string) Entry {
		return Entry{id, func() Connector {
			made[id]++
			return Connector{ID: id, Name: "The " + id, Actions: []Action{{ID: "send"}}, Triggers: []Trigger{{ID: "event"}}, Limits: &Limits{Headers: []Limit{{Remaining: "X-" + id}}}}
		}}
	}
	c := NewCatalogue(entry("slack"), entry("jira"))
	if len(made) > 0 || !slices.Equal(c.IDs(), []string{"slack", "jira"}) || c.Get("nobody") != nil || c.Action("nobody.send") != nil {
		t.Errorf("asked for nothing, and made are %v", made)
	}
	send, again := c.Action("jira.send"), c.Action("jira.send@1")
	if send == nil || send != again || send != &c.Get("jira").Actions[0] || c.Of("jira.send") != c.Get("jira") || c.Action("jira.event") != nil {
		t.Errorf("jira.send is %v and %v", send, again)
	}
	if event := c.Trigger("jira.event"); event == nil || event != c.Trigger("jira.event@1") || c.Trigger("jira.send") != nil || c.Trigger("webhook") != nil {
		t.Errorf("jira.event is %v", event)
	}
	if made["jira"] != 1 || made["slack"] != 0 {
		t.Errorf("made are %v", made)
	}
	if c.Limits("jira").Headers[0].Remaining != "X-jira" || len(c.Limits("nobody").Headers) == 0 {
		t.Error("the limits are not its own, or not those of most")
	}

	more := c.With(Connector{ID: "slack", Name: "Another"}, Connector{ID: "acme"})
	var ids []string
	for one := range more.All() {
		ids = append(ids, one.ID)
	}
	if !slices.Equal(ids, []string{"slack", "jira", "acme"}) || more.Get("slack").Name != "Another" || c.Get("slack").Name != "The slack" || len(c.IDs()) != 2 {
		t.Errorf("with further ones: %v", ids)
	}
	for one := range more.All() {
		if one.ID == "slack" {
			break // an All that goes on after it was told to stop panics
		}
	}

	var none *Catalogue
	if none.Get("slack") != nil || none.Action("slack.send") != nil || len(none.IDs()) != 0 || none.With(Connector{ID: "a"}).Get("a") == nil {
		t.Error("a nil catalogue is not empty")
	}
}
