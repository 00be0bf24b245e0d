package subscribe

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestGitHub tells the life of a webhook: registered, its events taken and others refused, changed without a gap and
// without a double, kept while the scenario is paused, removed with it.
func TestGitHub(t *testing.T) {
	w := newWorld(t)
	s := w.publish("s", issues("issues"))
	if h := w.health(); h.State != Wanted {
		t.Errorf("before anything was done: %+v", h)
	}
	w.settle()
	first := w.only(w.github)
	if h := w.health(); h.State != Live || h.Error != "" || !h.RenewedAt.Equal(w.now()) || !h.ExpiresAt.IsZero() || h.Scenario != "s" {
		t.Errorf("%+v", h)
	}
	if w.inbox.taken() != 0 || len(w.inbox.events) != 1 || w.inbox.events[0].Outcome != run.Filtered {
		t.Errorf("the ping: %+v", w.inbox.events)
	}
	opened := `{"action": "opened", "issue": {"number": 1}}`
	status, answer := w.github.signed(first, "issues", "d-1", opened)
	if status != 200 || !strings.Contains(answer, `"accepted"`) || w.inbox.taken() != 1 {
		t.Errorf("%d %s", status, answer)
	}
	if v := string(w.inbox.events[1].Value); !strings.Contains(v, `"event":"issues"`) || !strings.Contains(v, `"delivery":"d-1"`) || !strings.Contains(v, `"action":"opened"`) {
		t.Errorf("the event is %s", v)
	}
	if _, answer = w.github.signed(first, "issues", "d-1", opened); !strings.Contains(answer, `"duplicate"`) {
		t.Errorf("sent again: %s", answer)
	}
	forged := first
	forged.secret = "stepmill:guessed"
	if status, _ = w.github.signed(forged, "issues", "d-2", opened); status != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %d", status)
	}
	elsewhere := first
	elsewhere.url = first.url[:strings.LastIndex(first.url, "/")]
	if status, _ = w.github.signed(elsewhere, "issues", "d-3", opened); status != http.StatusUnauthorized {
		t.Errorf("the right secret at no subscription's URL: %d", status)
	}

	w.settle()
	if n := w.github.count("POST"); n != 1 {
		t.Errorf("it registered %d times", n)
	}
	w.pass(13 * time.Hour)
	w.settle()
	if h := w.health(); w.github.count("GET") != 1 || h.State != Live || !h.RenewedAt.Equal(w.now()) {
		t.Errorf("after a while it was looked at %d times, %+v", w.github.count("GET"), h)
	}

	w.store.SetPaused(t.Context(), actor, s.ID, true)
	w.load()
	w.settle()
	if w.only(w.github).id != first.id {
		t.Error("pausing changed the webhook")
	}
	if _, answer = w.github.signed(first, "issues", "d-4", opened); !strings.Contains(answer, `"queued"`) {
		t.Errorf("while it is paused: %s", answer)
	}
	w.store.SetPaused(t.Context(), actor, s.ID, false)

	w.publish("s", issues("issues", "push"))
	w.settle()
	second := w.only(w.github)
	if second.id == first.id || second.secret == first.secret || second.url == first.url || fmt.Sprint(second.events) != "[issues push]" {
		t.Errorf("%+v became %+v", first, second)
	}
	before := w.inbox.taken()
	both := `{"action": "closed", "issue": {"number": 7}}` // the old one was on its way when the new one stood
	w.github.signed(first, "issues", "d-5", both)
	if _, answer = w.github.signed(second, "issues", "d-6", both); !strings.Contains(answer, `"duplicate"`) || w.inbox.taken() != before+1 {
		t.Errorf("sent by both: %s, %d", answer, w.inbox.taken()-before)
	}
	w.pass(leftFor + time.Minute)
	w.settle()
	if status, _ = w.github.signed(first, "issues", "d-7", both); status != http.StatusUnauthorized || len(w.rows()) != 1 {
		t.Errorf("long after it was removed: %d, %d rows", status, len(w.rows()))
	}
	w.github.signed(second, "push", "d-8", `{}`)
	w.github.signed(second, "push", "d-9", `{}`)
	if n := w.inbox.taken(); n != before+3 {
		t.Errorf("two alike by one webhook are %d", n-before-1)
	}

	if err := w.store.DeleteScenario(t.Context(), actor, s.ID); err != nil {
		t.Fatal(err)
	}
	w.load()
	w.settle()
	if len(w.github.standing()) != 0 {
		t.Errorf("the scenario is gone, and there is %+v", w.github.standing())
	}
	w.pass(leftFor + time.Minute)
	w.settle()
	if len(w.rows()) != 0 {
		t.Errorf("kept: %+v", w.rows())
	}
}

// TestGraph tells the life of a subscription that ends: registered by a handshake, renewed before its end, renewed and made
// anew when Graph says so, and after a time without a server.
func TestGraph(t *testing.T) {
	w := newWorld(t)
	s := w.publish("s", messagesIn("c1"))
	key := w.rowKey(s)
	if w.graph.validates(publicBase + "/hooks/" + key) {
		t.Error("a handshake is answered that nobody wants")
	}
	w.settle()
	h := w.only(w.graph)
	health := w.health()
	if health.State != Live || !health.ExpiresAt.Equal(w.now().Add(71*time.Hour)) || h.about != "/chats/c1/messages" {
		t.Errorf("%+v, %+v", health, h)
	}
	if !w.graph.validates(h.url) || w.graph.validates(publicBase+"/hooks/"+key+"/other") {
		t.Error("the handshake is for a subscription that stands, and for no other address")
	}
	message := func(n int) string {
		return fmt.Sprintf(`"changeType": "created", "resource": "chats('c1')/messages('%d')", "resourceData": {"id": "%d"}`, n, n)
	}
	if status, answer := w.graph.notify(h, h.secret, message(1)); status != 202 || !strings.Contains(answer, "accepted") {
		t.Errorf("%d %s", status, answer)
	}
	w.graph.notify(h, h.secret, message(1))
	if status, _ := w.graph.notify(h, "guessed", message(2)); status != 202 || w.inbox.taken() != 1 {
		t.Errorf("a wrong clientState: %d, %d events", status, w.inbox.taken())
	}
	if status, _ := w.graph.notify(h, h.secret, message(3)+`}, {"clientState": "guessed", `+message(4)+`}, {"clientState": "`+h.secret+`", `+message(5)); status != 202 || w.inbox.taken() != 3 {
		t.Errorf("of three in one request: %d, %d events", status, w.inbox.taken())
	}
	for _, e := range w.inbox.events {
		if all := string(e.Value) + string(e.Raw); strings.Contains(all, h.secret) || strings.Contains(all, "clientState") || !strings.Contains(all, `"resourceData"`) {
			t.Errorf("an event is %s", all)
		}
	}

	w.pass(40 * time.Hour)
	w.settle()
	if n := w.graph.count("PATCH"); n != 0 {
		t.Errorf("it was renewed %d times early", n)
	}
	w.pass(8 * time.Hour) // a day before its end
	w.settle()
	if renewed := w.health(); w.only(w.graph).id != h.id || !renewed.ExpiresAt.Equal(w.now().Add(71*time.Hour)) || w.graph.count("PATCH") != 1 {
		t.Errorf("%+v", renewed)
	}
	w.graph.notify(h, h.secret, `"lifecycleEvent": "reauthorizationRequired"`)
	w.settle()
	if n := w.graph.count("PATCH"); n != 2 {
		t.Errorf("told to renew, it did %d times", n)
	}
	w.graph.notify(h, h.secret, `"lifecycleEvent": "missed"`)
	w.graph.notify(h, "guessed", `"lifecycleEvent": "subscriptionRemoved"`)
	w.settle()
	if health = w.health(); w.only(w.graph).id != h.id || !strings.Contains(health.Note, "lost events") {
		t.Errorf("%+v", health)
	}
	w.graph.drop(h.id)
	if status, _ := w.graph.notify(h, h.secret, `"lifecycleEvent": "subscriptionRemoved"`); status != 202 {
		t.Errorf("told that it is removed: %d", status)
	}
	w.settle()
	second := w.only(w.graph)
	if second.id == h.id || second.secret == h.secret {
		t.Errorf("%+v", second)
	}
	before := w.inbox.taken()
	w.graph.notify(second, second.secret, message(5))
	if w.inbox.taken() != before {
		t.Error("what the old one told is told twice")
	}

	w.pass(5 * 24 * time.Hour) // nobody was there to renew it
	w.restart(nil)
	w.settle()
	third := w.only(w.graph)
	if third.id == second.id || w.health().State != Live {
		t.Errorf("%+v", third)
	}
	w.graph.drop(third.id)
	w.pass(50 * time.Hour) // it is renewed, and Graph does not know it
	w.settle()
	if w.only(w.graph).id == third.id || w.health().State != Live {
		t.Error("what Graph does not know was not made anew")
	}
	w.publish("s", messagesIn("c2"))
	w.settle()
	if got := w.only(w.graph); got.about != "/chats/c2/messages" {
		t.Errorf("%+v", got)
	}
	if w.inbox.taken() != before {
		t.Errorf("%d events that nobody sent", w.inbox.taken()-before)
	}
}

// rowKey is the key of a scenario's one trigger.
func (w *world) rowKey(s scenario.Stored) string {
	w.t.Helper()
	list, err := w.store.LiveTriggers(w.t.Context(), s.ID)
	if err != nil || len(list) != 1 {
		w.t.Fatal(list, err)
	}
	return list[0].Key
}

// TestBodies refuses bodies that no vendor sends, though they are proven.
func TestBodies(t *testing.T) {
	w := newWorld(t)
	w.publish("s", messagesIn("c1"))
	w.settle()
	h := w.only(w.graph)
	proven := fmt.Sprintf(`{"clientState": %q}`, h.secret)
	many := strings.Repeat(proven+",", 1000) + proven
	for body, want := range map[string]int{`{"value": [` + many + `]}`: 400, `{"value": []}`: 401, `{"value": 7}`: 401, `[]`: 401, `{`: 401} {
		if status, _ := w.graph.reach(h.url, http.Header{"Content-Type": {"application/json"}}, body); status != want {
			t.Errorf("%.40s is answered %d, not %d", body, status, want)
		}
	}
	if w.inbox.taken() != 0 {
		t.Errorf("%d events were taken", w.inbox.taken())
	}
}
