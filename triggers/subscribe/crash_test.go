package subscribe

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// TestCrashes ends the process at each thing that it does outside itself, before that is done and after, through lives in
// which a subscription is registered, takes another's place, and is removed. Afterwards what is wanted stands once, what
// it signs with is known here, and nothing else stands.
func TestCrashes(t *testing.T) {
	for _, app := range []string{"github", "graph"} {
		for _, after := range []bool{false, true} {
			blown := 0
			for n := 1; ; n++ {
				f := &fuse{left: n, after: after}
				name := fmt.Sprintf("%s, ended at its %d. deed, done %v", app, n, after)
				w := newWorld(t)
				v, one, other := w.github, issues("issues"), issues("push")
				if app == "graph" {
					v, one, other = w.graph, messagesIn("c1"), messagesIn("c2")
				}
				w.restart(f)
				s := w.publish("s", one)
				w.live(f)
				w.holds(v, name+", registering")
				w.publish("s", other)
				w.live(f)
				w.holds(v, name+", changing")
				if app == "graph" { // one that its vendor has forgotten
					v.drop(w.only(v).id)
					w.pass(50 * time.Hour)
					w.live(f)
					w.holds(v, name+", renewing")
				}
				if err := w.store.DeleteScenario(t.Context(), actor, s.ID); err != nil {
					t.Fatal(err)
				}
				w.load()
				w.live(f)
				w.pass(2 * time.Hour)
				w.live(f)
				if left := v.standing(); len(left) != 0 || len(w.rows()) != 0 {
					t.Errorf("%s: the scenario is gone, and there stands %+v, is kept %+v", name, left, w.rows())
				}
				if !f.blown {
					break
				}
				blown++
			}
			if blown < 12 {
				t.Errorf("%s: it did only %d things", app, blown)
			}
		}
	}
}

// live lets the process live until the fuse ends it, and then begins another that lives on.
func (w *world) live(f *fuse) {
	w.t.Helper()
	for range 40 {
		due, _ := w.keeper.turn(w.t.Context())
		for _, one := range due {
			w.keeper.act(w.t.Context(), one)
		}
		if f.blown {
			w.restart(nil)
			w.settle()
			w.pass(time.Minute) // what was tried in vain is tried again
			w.settle()
			return
		}
		if len(due) == 0 {
			return
		}
	}
	w.t.Fatal("it finds no end")
}

// holds asks that one subscription stands at the vendor, that its secret opens here, and that nothing else is meant to be.
func (w *world) holds(v *vendor, name string) {
	w.t.Helper()
	list := v.standing()
	rows := slices.DeleteFunc(w.rows(), func(s run.Subscription) bool { return s.State == run.Left })
	if len(list) != 1 || len(rows) != 1 || rows[0].State != run.SubscriptionLive || rows[0].URL != list[0].url || rows[0].VendorID != list[0].id {
		w.t.Errorf("%s: the vendor has %+v, kept is %+v", name, list, rows)
		return
	}
	keys, err := w.store.SubscriptionKeys(w.t.Context(), rows[0].Workspace, rows[0].ScenarioID, rows[0].Trigger)
	if err != nil || !slices.ContainsFunc(keys, func(k run.SubscriptionKey) bool { return k.ID == rows[0].ID && k.Secret.Reveal() == list[0].secret }) {
		w.t.Errorf("%s: its secret is not the one that is kept (%v)", name, err)
	}
}

// TestLostAnswer is a registration whose answer is cut off: it is found at the vendor and not made twice.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t)
	w.github.set(func() { w.github.cut = true })
	w.publish("s", issues("issues"))
	w.settle()
	if h := w.health(); h.State != Failed || len(w.github.standing()) != 1 {
		t.Errorf("%+v, %+v", h, w.github.standing())
	}
	w.github.set(func() { w.github.cut = false })
	w.restart(nil)
	w.pass(time.Minute)
	w.settle()
	w.holds(w.github, "after a lost answer")
	if n := w.github.count("POST"); n != 1 {
		t.Errorf("it was asked for %d times", n)
	}
}

// TestLostAndGone is a registration whose answer was cut off and whose scenario was deleted before it was looked for.
func TestLostAndGone(t *testing.T) {
	w := newWorld(t)
	w.github.set(func() { w.github.cut = true })
	s := w.publish("s", issues("issues"))
	w.settle()
	w.github.set(func() { w.github.cut = false })
	if err := w.store.DeleteScenario(t.Context(), actor, s.ID); err != nil {
		t.Fatal(err)
	}
	w.restart(nil)
	w.settle()
	if len(w.github.standing()) != 0 {
		t.Errorf("%+v", w.github.standing())
	}
}

// TestStrays are subscriptions at URLs of a trigger that nothing here knows of, as a backup that was put back leaves them:
// they go, and somebody else's stays.
func TestStrays(t *testing.T) {
	w := newWorld(t)
	s := w.publish("s", issues("issues"))
	w.github.keep(&hook{url: publicBase + "/hooks/" + w.rowKey(s) + "/0190", secret: "old", events: []string{"issues"}})
	w.github.keep(&hook{url: "https://ci.example.com/hook", secret: "theirs", events: []string{"push"}})
	w.settle()
	w.pass(13 * time.Hour)
	w.settle()
	list := w.github.standing()
	if len(list) != 2 || list[0].url != "https://ci.example.com/hook" || w.health().State != Live {
		t.Errorf("%+v", list)
	}
}
