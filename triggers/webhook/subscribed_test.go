package webhook

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// TestGraphLifecycle takes what Graph says of a subscription out of a body, and leaves the rest.
func TestGraphLifecycle(t *testing.T) {
	life := func(word string) string { return `{"lifecycleEvent":"` + word + `"}` }
	event := `{"resource":"r"}`
	for _, c := range []struct{ body, words, rest string }{
		{`{"value":[` + event + `]}`, "[]", `{"value":[` + event + `]}`},
		{`{"value":[` + life("missed") + `]}`, "[missed]", ""},
		{`{"value":[` + life("reauthorizationRequired") + `,` + event + `,` + life("subscriptionRemoved") + `]}`, "[renew removed]", `{"value":[` + event + `]}`},
		{`{"value":[` + life("somethingNew") + `]}`, "[]", ""},
		{`{"value":[` + life("somethingNew") + `,` + event + `]}`, "[]", `{"value":[` + event + `]}`},
	} {
		words, rest, err := graphLifecycle([]byte(c.body))
		if fmt.Sprint(words) != c.words || string(rest) != c.rest || err != nil {
			t.Errorf("%s gives %v, %s, %v", c.body, words, rest, err)
		}
	}
	if _, _, err := graphLifecycle([]byte(`{`)); err == nil {
		t.Error("what is no JSON says something")
	}
}

// TestIdentity joins what tells an event from others; nothing of it there is none.
func TestIdentity(t *testing.T) {
	event := map[string]any{"a": "x", "b": map[string]any{"c": 7}}
	for want, pointers := range map[string][]string{"x\n7": {"/a", "/b/c"}, "x\n": {"/a", "/none"}, "": {"/none", "/b/none"}} {
		if got := identity(event, pointers); got != want {
			t.Errorf("%v is %q", pointers, got)
		}
	}
	if identity(event, nil) != "" {
		t.Error("of nothing it is something")
	}
}

// TestMailchimpForms: two changes of one member in a second are two events, one that is sent again is one, and a form that does not say what
// happened is refused.
func TestMailchimpForms(t *testing.T) {
	w := newWorld(t, nil)
	spec := *connectors.Catalogue.Trigger("mailchimp.event")
	spec.Verify = actions.Verification{}
	w.spec = &spec
	kind := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for i, c := range []struct {
		form   string
		status int
		events int
	}{
		{"type=profile&fired_at=2026-03-26+21%3A35%3A57&data[id]=1&data[merges][FNAME]=Ada", 200, 1},
		{"type=profile&fired_at=2026-03-26+21%3A35%3A57&data[id]=1&data[merges][FNAME]=Ada", 200, 1},
		{"type=profile&fired_at=2026-03-26+21%3A35%3A57&data[id]=1&data[merges][FNAME]=Grace", 200, 2},
		{"fired_at=2026-03-26+21%3A35%3A57&data[id]=1", 400, 2},
		{"type=&data[id]=1", 400, 2},
	} {
		if status, answer, _ := w.send(t, "POST", "", c.form, kind); status != c.status || len(w.taken) != c.events {
			t.Errorf("%d: %d %s, %d events", i, status, answer, len(w.taken))
		}
	}
}

// lines are subscriptions that answer as they are told.
type lines struct {
	keys []run.SubscriptionKey
	err  error
}

func (l lines) Keys(context.Context, scenario.StoredTrigger) ([]run.SubscriptionKey, error) {
	return l.keys, l.err
}

func (l lines) Tell(context.Context, scenario.StoredTrigger, string, run.SubscriptionWord) error {
	return l.err
}

// TestKeptAtVendors finds the subscription of the URL that is called, and of no other; where they cannot be read nothing is taken.
func TestKeptAtVendors(t *testing.T) {
	trigger := &triggers.Trigger{Spec: connectors.Catalogue.Trigger("github.event")}
	at := func(h *Handler, rest string) (*kept, error) {
		r, _ := http.NewRequest("POST", "/", nil)
		r.SetPathValue("rest", rest)
		return h.kept(r, trigger)
	}
	keys := []run.SubscriptionKey{{ID: "1", State: run.Left}, {ID: "2", State: run.SubscriptionLive}, {ID: "3", State: run.Wanted}}
	for rest, greets := range map[string]bool{"1": false, "2": true, "3": true, "": false, "2/": false} {
		k, err := at(&Handler{Subscriptions: lines{keys: keys}}, rest)
		if err != nil || k.greets() != greets || !k.several() || (k.here != nil) != (rest == "1" || rest == "2" || rest == "3") {
			t.Errorf("%q: %+v %v", rest, k, err)
		}
	}
	if k, err := at(&Handler{}, "1"); err != nil || k.here != nil || k.greets() {
		t.Errorf("nothing keeps any: %+v %v", k, err)
	}
	if _, err := at(&Handler{Subscriptions: lines{err: fault.New(fault.Unavailable, "No.")}}, "1"); fault.CodeOf(err) != fault.Unavailable {
		t.Error(err)
	}
	trigger.Spec = connectors.Catalogue.Trigger("intercom.event")
	if k, err := at(&Handler{}, "1"); k != nil || err != nil || k.several() {
		t.Errorf("of a trigger that does not subscribe: %+v %v", k, err)
	}
}
