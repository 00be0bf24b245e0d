package subscribe

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestRefused is a vendor that does not take the credentials: that shows, is tried again ever less often, and at once when
// the connection is mended.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	w.github.set(func() { w.github.status = http.StatusUnauthorized })
	w.publish("s", issues("issues"))
	w.settle()
	h := w.health()
	if h.State != Failed || h.Class != fault.Unauthorized || !strings.Contains(h.Error, "does not take the token") || !h.NextAt.Equal(w.now().Add(afterFail)) {
		t.Errorf("%+v", h)
	}
	for range 12 {
		w.pass(mostFail)
		w.settle()
	}
	if h = w.health(); !h.NextAt.Equal(w.now().Add(mostFail)) || w.github.count("POST") != 13 {
		t.Errorf("%+v, asked %d times", h, w.github.count("POST"))
	}
	w.github.set(func() { w.github.status = 0 })
	w.settle()
	if w.health().State != Failed {
		t.Error("it was asked early")
	}
	w.pass(time.Second)
	c, err := w.store.Connection(t.Context(), actor, "gh")
	if err == nil {
		_, err = w.store.UpdateConnection(t.Context(), actor, c, run.Values{"token": "another"})
	}
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	if h = w.health(); h.State != Live || h.Error != "" {
		t.Errorf("mended: %+v", h)
	}
}

// TestUnknownThere is a vendor that does not know what is asked for: what that was is said.
func TestUnknownThere(t *testing.T) {
	w := newWorld(t)
	w.github.set(func() { w.github.status = http.StatusNotFound })
	w.publish("s", issues("issues"))
	w.settle()
	if h := w.health(); h.State != Failed || h.Class != fault.NotFound || !strings.Contains(h.Error, `It was asked for Owner "`) || !strings.Contains(h.Error, `, Repository "`) {
		t.Errorf("%+v", h)
	}
}

// TestAskedToWait holds to what a vendor says about when to come again.
func TestAskedToWait(t *testing.T) {
	w := newWorld(t)
	w.graph.set(func() {
		w.graph.status, w.graph.header = http.StatusTooManyRequests, http.Header{"Retry-After": {"900"}}
	})
	w.publish("s", messagesIn("c1"))
	w.settle()
	if h := w.health(); h.Class != fault.RateLimited || h.NextAt.Before(w.now().Add(15*time.Minute)) {
		t.Errorf("%+v", h)
	}
}

// TestUnreachable says plainly why a vendor on the internet is not asked, and asks none.
func TestUnreachable(t *testing.T) {
	for _, c := range []struct{ base, vendor, trigger, want string }{
		{"http://127.0.0.1:8080", "", "gh", "GitHub cannot reach http://127.0.0.1:8080; start with --base-url"},
		{"http://localhost:8080", "", "gh", "GitHub cannot reach"},
		{"http://10.1.2.3", "", "gh", "GitHub cannot reach"},
		{"http://[::1]:8080", "", "ms", "Microsoft Teams cannot reach"},
		{"http://stepmill.example.com", "", "ms", "Microsoft Teams sends to https:// only"},
		{"http://stepmill.example.com", "", "gh", ""},
		{"http://127.0.0.1:8080", "http://127.0.0.1:9", "ms", ""},
	} {
		w := newWorld(t)
		w.base = c.base
		w.restart(nil)
		gh, err := w.store.Connection(t.Context(), actor, c.trigger)
		if err != nil {
			t.Fatal(err)
		}
		gh.BaseURL = c.vendor
		if _, err := w.store.UpdateConnection(t.Context(), actor, gh, nil); err != nil {
			t.Fatal(err)
		}
		trigger := issues("issues")
		if c.trigger == "ms" {
			trigger = messagesIn("c")
		}
		w.publish("s", trigger)
		h := w.health()
		if c.want != "" && (h.State != Failed || !strings.HasPrefix(h.Error, c.want)) || c.want == "" && h.State != Wanted {
			t.Errorf("%+v: %+v", c, h)
		}
		if c.want == "" {
			continue // whoever is there may be asked
		}
		w.settle()
		if len(w.rows()) != 0 || w.github.count("POST")+w.graph.count("POST") != 0 {
			t.Errorf("%+v: it was asked", c)
		}
	}
}

// TestOtherBase starts the server at another address: without one that vendors reach what stands goes on, with one it moves.
func TestOtherBase(t *testing.T) {
	w := newWorld(t)
	w.publish("s", issues("issues"))
	w.settle()
	first := w.only(w.github)
	w.base = "http://127.0.0.1:8080"
	w.restart(nil)
	w.keeper.Store = elsewhere{w.store}
	w.settle()
	if w.only(w.github).id != first.id || w.health().State != Failed {
		t.Errorf("%+v", w.health())
	}
	w.base = "https://other.example.com"
	w.restart(nil)
	w.settle()
	if second := w.only(w.github); !strings.HasPrefix(second.url, w.base+"/hooks/") || w.health().State != Live {
		t.Errorf("%+v", second)
	}
}

// elsewhere is a store whose connections are those of vendors on the internet.
type elsewhere struct{ Store }

func (e elsewhere) Connection(ctx context.Context, a run.Actor, ref string) (run.Connection, error) {
	c, err := e.Store.Connection(ctx, a, ref)
	c.BaseURL = ""
	return c, err
}

// TestConnection follows a trigger to another connection, without one, and to one of a sandbox.
func TestConnection(t *testing.T) {
	w := newWorld(t)
	w.connect("gh2", "github", run.Connection{Method: "token", BaseURL: w.github.URL}, run.Values{"token": "t"})
	w.connect("box", "github", run.Connection{Method: "token", Sandbox: true}, run.Values{"token": "t"})
	to := func(slug string) {
		trigger := issues("issues")
		trigger["connection"] = slug
		w.publish("s", trigger)
		w.settle()
	}
	to("gh")
	first := w.only(w.github)
	to("gh2")
	second := w.only(w.github)
	if first.id == second.id {
		t.Error("by another connection it is the same")
	}
	c, _ := w.store.Connection(t.Context(), actor, "gh2")
	if err := w.store.DeleteConnection(t.Context(), actor, c.ID); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if h := w.health(); h.State != Failed || !strings.Contains(h.Error, `no connection "gh2"`) || w.only(w.github).id != second.id {
		t.Errorf("without its connection: %+v", h)
	}
	to("box")
	if h := w.health(); h.State != Sandbox || h.Error != "" {
		t.Errorf("%+v", h)
	}
	w.pass(2 * leftFor)
	w.settle()
	if len(w.rows()) != 0 {
		t.Errorf("kept: %+v", w.rows())
	}
}

// TestReplaced gives a subscription another secret. No event is lost: the new one stands before the old one goes, and what
// the old one still sends is taken.
func TestReplaced(t *testing.T) {
	w := newWorld(t)
	s := w.publish("s", issues("issues"))
	w.settle()
	first := w.only(w.github)
	if err := w.keeper.Replace(t.Context(), actor, s.ID, "trigger"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is kept, and registered: both stand
		due, _ := w.keeper.turn(t.Context())
		for _, one := range due {
			w.keeper.act(t.Context(), one)
		}
	}
	if n := len(w.github.standing()); n != 2 {
		t.Errorf("between the two %d stand", n)
	}
	w.settle()
	second := w.only(w.github)
	for i, h := range []hook{first, second} {
		if status, answer := w.github.signed(h, "issues", "d", `{"n": `+string(rune('0'+i))+`}`); status != 200 {
			t.Errorf("%d: %d %s", i, status, answer)
		}
	}
	if second.secret == first.secret || w.health().State != Live {
		t.Errorf("%+v", second)
	}
	if err := w.keeper.Replace(t.Context(), actor, s.ID, "none"); fault.CodeOf(err) != fault.NotFound {
		t.Error(err)
	}
	if err := w.keeper.Replace(t.Context(), run.SystemActor("other"), s.ID, "trigger"); fault.CodeOf(err) != fault.NotFound {
		t.Error(err)
	}
}

// TestStubborn is a vendor that does not remove what it has: of Graph a new one is tried all the same, and after a day it is
// let be. Nothing that comes by it is taken then.
func TestStubborn(t *testing.T) {
	w := newWorld(t)
	s := w.publish("s", messagesIn("c1"))
	w.settle()
	first := w.only(w.graph)
	w.graph.set(func() { w.graph.status = http.StatusForbidden })
	if err := w.store.DeleteScenario(t.Context(), actor, s.ID); err != nil {
		t.Fatal(err)
	}
	w.load()
	for range mostAsked + 4 {
		w.settle()
		w.pass(mostFail)
	}
	if n := w.graph.count("DELETE"); n != mostAsked || len(w.rows()) != 0 {
		t.Errorf("asked %d times, kept %+v", n, w.rows())
	}
	if status, _ := w.graph.notify(first, first.secret, `"resource": "x"`); status != http.StatusNotFound {
		t.Errorf("it still sends: %d", status)
	}

	w = newWorld(t)
	w.publish("s", messagesIn("c1"))
	w.settle()
	w.keeper.Vendor = unremovable{w.keeper.Vendor}
	w.publish("s", messagesIn("c2"))
	for range 6 {
		w.settle()
		w.pass(5 * time.Minute)
	}
	if n := len(w.graph.standing()); n != 2 || w.health().State != Live {
		t.Errorf("%d stand, %+v", n, w.health())
	}
}

// unremovable does not remove anything.
type unremovable struct{ Vendor }

func (u unremovable) Subscribe(ctx context.Context, ask run.SubscriptionAsk) (run.Subscribed, error) {
	if ask.Verb == run.Remove {
		return run.Subscribed{}, fault.New(fault.Unauthorized, "No.")
	}
	return u.Vendor.Subscribe(ctx, ask)
}

// TestShort is a vendor whose subscriptions end as soon as they are made: they are not made one after the other.
func TestShort(t *testing.T) {
	w := newWorld(t)
	w.graph.set(func() { w.graph.short = time.Second })
	w.publish("s", messagesIn("c1"))
	w.settle()
	if h := w.health(); h.State != Failed || !strings.Contains(h.Error, "are the clocks right?") || w.graph.count("POST") != 1 {
		t.Errorf("%+v, asked %d times", h, w.graph.count("POST"))
	}
	w = newWorld(t)
	w.graph.set(func() { w.graph.short = 20 * time.Minute }) // less than it was asked for, and enough
	w.publish("s", messagesIn("c1"))
	w.settle()
	w.pass(11 * time.Minute)
	w.settle()
	if h := w.health(); h.State != Live || w.graph.count("PATCH") != 1 {
		t.Errorf("%+v, renewed %d times", h, w.graph.count("PATCH"))
	}
}

// TestUnread is a database that cannot be read for a while: nothing is taken for gone.
func TestUnread(t *testing.T) {
	w := newWorld(t)
	w.publish("s", issues("issues"))
	w.settle()
	for name, s := range map[string]Store{"versions": unreadable{Store: w.store, version: true}, "triggers": unreadable{Store: w.store, triggers: true}, "connections": unreadable{Store: w.store, connection: true},
		"subscriptions": unreadable{Store: w.store, subscriptions: true}} {
		w.keeper.Store = s
		if name == "versions" || name == "triggers" {
			w.keeper.live = nil // as of a book that could not be filled
		}
		w.pass(time.Hour)
		w.settle()
		if len(w.github.standing()) != 1 {
			t.Fatalf("without %s it was removed", name)
		}
		w.load()
	}
	w.keeper.Store = w.store
	w.settle()
	w.holds(w.github, "read again")
	if n := w.github.count("POST"); n != 1 {
		t.Errorf("it was registered %d times", n)
	}
}

// unreadable fails to read some of what there is.
type unreadable struct {
	Store
	version, triggers, connection, subscriptions bool
}

var errUnread = fault.New(fault.Unavailable, "The database cannot be read.")

func (u unreadable) Version(ctx context.Context, a run.Actor, id string, n int) (scenario.Version, error) {
	if u.version {
		return scenario.Version{}, errUnread
	}
	return u.Store.Version(ctx, a, id, n)
}

func (u unreadable) LiveTriggers(ctx context.Context, id string) ([]scenario.StoredTrigger, error) {
	if u.triggers {
		return nil, errUnread
	}
	return u.Store.LiveTriggers(ctx, id)
}

func (u unreadable) Connection(ctx context.Context, a run.Actor, ref string) (run.Connection, error) {
	if u.connection {
		return run.Connection{}, errUnread
	}
	return u.Store.Connection(ctx, a, ref)
}

func (u unreadable) Subscriptions(ctx context.Context) ([]run.Subscription, error) {
	if u.subscriptions {
		return nil, errUnread
	}
	return u.Store.Subscriptions(ctx)
}
