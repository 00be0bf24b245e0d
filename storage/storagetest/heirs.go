package storagetest

import (
	"maps"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

// keysOf are the keys of triggers by their ids.
func keysOf(list []scenario.StoredTrigger) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		out[t.ID] = t.Key
	}
	return out
}

// inherited: a trigger that is given another id keeps its URL, and what belongs to it.
func inherited(t *testing.T, s *storage.Store) {
	made := must[scenario.Stored](t)(s.CreateScenario(t.Context(), system, scenario.Stored{Slug: "s", Name: "s", Draft: []byte(`{}`), Triggers: []scenario.StoredTrigger{{ID: "draft", Uses: "webhook"}}}))
	save := func(list ...scenario.StoredTrigger) map[string]string {
		t.Helper()
		made.Triggers = list
		return keysOf(must[scenario.Stored](t)(s.SaveDraft(t.Context(), system, made, 0)).Triggers)
	}
	publish := func(list ...scenario.StoredTrigger) map[string]string {
		t.Helper()
		var release []*scenario.Trigger
		for _, one := range list {
			release = append(release, &scenario.Trigger{ID: one.ID, Uses: one.Uses})
		}
		must[scenario.Stored](t)(s.Publish(t.Context(), system, made.ID, scenario.Release{Definition: []byte(`{}`), Facts: []byte(`{}`), Triggers: release}))
		return keysOf(must[[]scenario.StoredTrigger](t)(s.LiveTriggers(t.Context(), made.ID)))
	}
	hook := func(id string) scenario.StoredTrigger { return scenario.StoredTrigger{ID: id, Uses: "webhook"} }
	is := func(what string, got map[string]string, want map[string]string) {
		t.Helper()
		if !maps.Equal(got, want) {
			t.Errorf("%s the keys are %v, not %v", what, got, want)
		}
	}

	// In a draft that was never published, there and back.
	k := keysOf(made.Triggers)["draft"]
	is("with another id", save(hook("trigger")), map[string]string{"trigger": k})
	is("with the old one again", save(hook("draft")), map[string]string{"draft": k})
	is("with another id again", save(hook("trigger")), map[string]string{"trigger": k})
	is("published", publish(hook("trigger")), map[string]string{"trigger": k})

	// Of what is live the draft shows the URL that it will have, however often it is saved before.
	save()
	is("of the draft", save(hook("hook2")), map[string]string{"trigger": k, "hook2": k})
	if list := must[[]scenario.Stored](t)(s.Scenarios(t.Context(), system)); keysOf(list[0].Triggers)["hook2"] != k {
		t.Errorf("listed, they are %+v", list[0].Triggers)
	}
	is("live", keysOf(must[[]scenario.StoredTrigger](t)(s.LiveTriggers(t.Context(), made.ID))), map[string]string{"trigger": k})
	is("that would be taken over", must[map[string]string](t)(s.Heirs(t.Context(), system, made.ID, made.Triggers)), map[string]string{"hook2": "trigger"})

	// What belongs to the trigger goes with it.
	waits := gathered(t, s, made, run.Gather{Key: "k", Due: start})
	key := run.DedupeKey{Key: "same", Until: time.Now().Add(time.Hour)}
	first := accept(made, key)
	first.Cursor = &run.Cursor{Workspace: system.Workspace, ScenarioID: made.ID, Trigger: "trigger", Value: "7"}
	taken(t, s, first)
	asked := run.Subscription{ID: id(), Workspace: system.Workspace, ScenarioID: made.ID, Scenario: "s", Trigger: "trigger", Uses: "webhook", URL: "https://s.test/hooks/" + k, State: run.SubscriptionLive, Asked: true, CreatedAt: start}
	if err := s.WantSubscription(t.Context(), asked, "CANARY"); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSubscription(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	is("published with another id", publish(hook("hook2")), map[string]string{"hook2": k})
	if e := must[run.Event](t)(s.Event(t.Context(), system, waits.ID)); e.Trigger != "hook2" || e.Outcome != run.Held {
		t.Errorf("what waits is %+v", e)
	}
	again := accept(made, key)
	again.Event.Trigger, again.Run.Trigger = "hook2", "hook2"
	if taken(t, s, again); again.FirstEvent != first.Event.ID {
		t.Errorf("the same event is another: %+v", again)
	}
	if at, err := s.Cursor(t.Context(), system.Workspace, made.ID, "hook2"); err != nil || at != "7" {
		t.Errorf("it has come to %q: %v", at, err)
	}

	if keys := must[[]run.SubscriptionKey](t)(s.SubscriptionKeys(t.Context(), system.Workspace, made.ID, "hook2")); len(keys) != 1 || keys[0].Secret.Reveal() != "CANARY" {
		t.Errorf("what its vendor was asked for is %v", keys)
	}

	// Two that are new, one of another kind, and one that was live before by itself, take nothing over.
	got := publish(hook("a"), hook("b"))
	if len(got) != 2 || got["a"] == k || got["b"] == k {
		t.Errorf("of two that are new the keys are %v", got)
	}
	b := got["b"]
	if got := publish(hook("a")); len(got) != 1 {
		t.Errorf("%v", got)
	}
	is("put back, and the other gone,", publish(hook("b")), map[string]string{"b": b})
	if got := publish(scenario.StoredTrigger{ID: "form", Uses: "form"}); got["form"] == b {
		t.Errorf("of another kind the keys are %v", got)
	}
}
