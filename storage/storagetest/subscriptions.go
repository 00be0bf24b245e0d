package storagetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

// subscriptions holds that a subscription comes back as it was kept, that its secret opens for those who check with it and
// only once the vendor may know it, and that what the vendor told stays until somebody acted upon that very word.
func subscriptions(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	keys := func(a run.Actor, trigger string) []run.SubscriptionKey {
		return must[[]run.SubscriptionKey](t)(s.SubscriptionKeys(ctx, a.Workspace, "sc", trigger))
	}
	only := func() run.Subscription {
		t.Helper()
		list := must[[]run.Subscription](t)(s.Subscriptions(ctx))
		if len(list) != 1 {
			t.Fatalf("there are %+v", list)
		}
		return list[0]
	}
	in := run.Subscription{ID: id(), Workspace: system.Workspace, ScenarioID: "sc", Scenario: "s", Trigger: "t", Uses: "github.event", Connection: "c", Input: map[string]any{"repo": "r"},
		Topics: []string{"issues"}, URL: "https://s.test/hooks/k/1", Purpose: "p", Note: "n", State: run.Wanted, CreatedAt: start}
	if err := s.WantSubscription(ctx, in, "CANARY"); err != nil {
		t.Fatal(err)
	}
	if got := only(); !reflect.DeepEqual(got, in) {
		t.Errorf("kept %+v\nas   %+v", in, got)
	}
	if got := keys(system, "t"); len(got) != 0 {
		t.Errorf("before the vendor is asked its secret opens: %v", got)
	}
	in.State, in.Asked, in.VendorID, in.Kept, in.Attempts, in.Class, in.Error = run.SubscriptionLive, true, "7", map[string]string{"a": "b"}, 2, fault.Timeout, "late"
	in.ExpiresAt, in.RenewedAt, in.TriedAt, in.NextAt = start.Add(time.Hour), start, start.Add(time.Second), start.Add(time.Minute)
	if err := s.SaveSubscription(ctx, in); err != nil {
		t.Fatal(err)
	}
	if got := only(); !reflect.DeepEqual(got, in) {
		t.Errorf("saved %+v\nas    %+v", in, got)
	}
	if got := keys(system, "t"); len(got) != 1 || got[0].Secret.Reveal() != "CANARY" || got[0].ID != in.ID || !got[0].Greets() {
		t.Errorf("%v", got)
	}
	if len(keys(other, "t")) != 0 || len(keys(system, "u")) != 0 {
		t.Error("another workspace or trigger is given the secret")
	}
	tell := func(word run.SubscriptionWord) {
		t.Helper()
		if err := s.TellSubscription(ctx, system.Workspace, in.ID, word); err != nil {
			t.Fatal(err)
		}
	}
	tell(run.ToldRenew)
	tell(run.ToldRemoved)
	tell(run.ToldRenew)
	if got := only(); got.Told != run.ToldRemoved || got.NextAt.After(time.Now()) {
		t.Errorf("told: %+v", got)
	}
	acted := in
	for _, word := range []run.SubscriptionWord{run.ToldRenew, run.ToldRemoved} {
		acted.Told = word
		if err := s.SaveSubscription(ctx, acted); err != nil {
			t.Fatal(err)
		}
		if got := only().Told; (got == "") != (word == run.ToldRemoved) {
			t.Errorf("after %q was acted upon %q is told", word, got)
		}
	}
	foreign := in
	foreign.Workspace = other.Workspace
	code(t, s.SaveSubscription(ctx, foreign), fault.NotFound)
	code(t, s.TellSubscription(ctx, other.Workspace, in.ID, run.ToldRenew), fault.NotFound)
	if err := s.ForgetSubscription(ctx, foreign); err != nil || only().ID != in.ID {
		t.Errorf("another workspace took it away (%v)", err)
	}
	if err := s.ForgetSubscription(ctx, in); err != nil {
		t.Fatal(err)
	}
	if left := must[[]run.Subscription](t)(s.Subscriptions(ctx)); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}
