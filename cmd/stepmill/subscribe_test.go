package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// hooks is a local server that keeps the webhooks of a repository, as GitHub's documents say.
type hooks struct {
	*httptest.Server
	mu     sync.Mutex
	list   map[string]map[string]any // by id
	posts  int
	secret string        // the last one that was given
	hold   chan struct{} // what is closed to let a registration's answer go; nil: it goes at once
}

func newHooks(t *testing.T) *hooks {
	h := &hooks{list: map[string]map[string]any{}}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, _ := strings.CutPrefix(r.URL.Path, "/repos/o/r/hooks")
	h.mu.Lock()
	defer h.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == "GET":
		list := []any{}
		for _, one := range h.list {
			list = append(list, one)
		}
		json.NewEncoder(w).Encode(list)
	case r.Method == "DELETE":
		delete(h.list, strings.TrimPrefix(rest, "/"))
		w.WriteHeader(http.StatusNoContent)
	default:
		var in struct {
			Events []string
			Config map[string]string
		}
		json.NewDecoder(r.Body).Decode(&in)
		h.posts++
		id := fmt.Sprint(h.posts)
		h.secret = in.Config["secret"]
		h.list[id] = map[string]any{"id": h.posts, "events": in.Events, "config": map[string]any{"url": in.Config["url"], "secret": "********"}}
		if wait := h.hold; wait != nil {
			h.mu.Unlock()
			<-wait
			h.mu.Lock()
		}
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(h.list[id])
	}
}

// only gives the URL of the one webhook that stands, "" where there is none or several, and its secret.
func (h *hooks) only() (address, secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.list {
		if address = one["config"].(map[string]any)["url"].(string); len(h.list) > 1 {
			return "", ""
		}
	}
	return address, h.secret
}

func (h *hooks) registered() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.posts
}

// delivers sends an event to an address, signed as GitHub does it, and gives the status of the answer.
func delivers(t *testing.T, address, secret, delivery, body string) int {
	t.Helper()
	req, err := http.NewRequest("POST", address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	for name, text := range map[string]string{"Content-Type": "application/json", "X-GitHub-Event": "issues", "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil))} {
		req.Header.Set(name, text)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// subscription is what the API says of the first trigger's subscription.
func (s *served) subscription(slug string) (out struct {
	State, Error string
	ExpiresAt    *time.Time `json:"expires_at"`
}) {
	s.t.Helper()
	var got struct {
		Triggers []struct{ Subscription json.RawMessage }
	}
	s.call("GET", "/api/v1/scenarios/"+slug, "", 200, &got)
	if text := got.Triggers[0].Subscription; text != nil {
		if err := json.Unmarshal(text, &out); err != nil {
			s.t.Fatal(err)
		}
	}
	return out
}

// TestSubscriptionStory is the story of a webhook that nobody enters at GitHub: it is made when the scenario is published,
// its events become runs and forged ones do not, and a restart, or a death in the middle of its registration, makes no
// second one.
func TestSubscriptionStory(t *testing.T) {
	data, gitHub := t.TempDir(), newHooks(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/connections", fmt.Sprintf(`{"slug": "gh", "connector": "github", "method": "token", "base_url": %q, "values": {"token": "t0ken"}}`, gitHub.URL), 201, nil)
	scenario := func(topics string) string {
		return `{"stepmill": 1, "name": "S", "trigger": {"uses": "github.event", "connection": "gh", "with": {"owner": "o", "repo": "r", "topics": [` + topics + `]}},
			"steps": [{"id": "a", "uses": "core.set", "with": {"values": {"n": "{{ trigger.issue.number }}", "event": "{{ trigger.event }}"}}}]}`
	}
	s.publish("s", scenario(`"issues"`))
	eventually(t, "the webhook stands", func() bool { return s.subscription("s").State == "live" })
	address, secret := gitHub.only()
	if !strings.HasPrefix(address, s.url+"/hooks/") || len(secret) < 40 {
		t.Fatalf("the webhook is at %q", address)
	}
	if status := delivers(t, address, secret, "d1", `{"action": "opened", "issue": {"number": 1}}`); status != 200 {
		t.Errorf("an event is answered %d", status)
	}
	if status := delivers(t, address, "guessed", "d2", `{"action": "opened", "issue": {"number": 2}}`); status != 401 {
		t.Errorf("a forged event is answered %d", status)
	}
	eventually(t, "the event is a run", func() bool { return s.count("s", "succeeded") == 1 })

	s.kill()
	s = serve(t, data, s.addr)
	s.key = key
	eventually(t, "it stands after a restart", func() bool { return s.subscription("s").State == "live" })
	if status := delivers(t, address, secret, "d3", `{"action": "opened", "issue": {"number": 3}}`); status != 200 || gitHub.registered() != 1 {
		t.Errorf("after a restart: %d, registered %d times", status, gitHub.registered())
	}
	eventually(t, "the second event is a run", func() bool { return s.count("s", "succeeded") == 2 })

	hold := make(chan struct{})
	gitHub.mu.Lock()
	gitHub.hold = hold
	gitHub.mu.Unlock()
	s.call("PUT", "/api/v1/scenarios/s/draft", `{"definition": `+scenario(`"issues", "push"`)+`}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/s/publish", `{"note": ""}`, 200, nil)
	eventually(t, "the new webhook is made, and its answer is on its way", func() bool { return gitHub.registered() == 2 })
	s.kill()
	gitHub.mu.Lock()
	gitHub.hold = nil
	gitHub.mu.Unlock()
	close(hold)
	s = serve(t, data, s.addr)
	s.key = key
	eventually(t, "one webhook is left", func() bool {
		at, _ := gitHub.only()
		return at != "" && at != address && s.subscription("s").State == "live"
	})
	if address, secret = gitHub.only(); gitHub.registered() != 2 {
		t.Errorf("it was registered %d times", gitHub.registered())
	}
	if status := delivers(t, address, secret, "d4", `{"action": "opened", "issue": {"number": 4}}`); status != 200 {
		t.Errorf("an event by the new webhook is answered %d", status)
	}
	eventually(t, "the third event is a run", func() bool { return s.count("s", "succeeded") == 3 })

	s.call("POST", "/api/v1/scenarios/s/triggers/trigger/resubscribe", "", 202, nil)
	eventually(t, "another secret", func() bool { at, other := gitHub.only(); return at != "" && other != secret })
	s.call("DELETE", "/api/v1/scenarios/s", "", 204, nil)
	eventually(t, "no webhook is left", func() bool { gitHub.mu.Lock(); defer gitHub.mu.Unlock(); return len(gitHub.list) == 0 })
	holdsNo(t, data, secret)
}

// graphVendor signs people in as Microsoft does, and keeps subscriptions to messages.
func graphVendor(t *testing.T) (v *vendor, given func() map[string]string) {
	var mu sync.Mutex
	last := map[string]string{}
	v = &vendor{rotates: true, app: formApp,
		no: func(w http.ResponseWriter, word string) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error": %q}`, word)
		},
		token: func(_ *vendor, w http.ResponseWriter, n int) {
			fmt.Fprintf(w, `{"access_token": "A%d", "refresh_token": "R%d", "expires_in": 3600, "token_type": "Bearer"}`, n, n)
		},
	}
	me := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"userPrincipalName": "ada@example.com"}`)
	}
	v.more = map[string]http.HandlerFunc{"/me": me, "/v1.0/me": me, "/subscriptions": func(w http.ResponseWriter, r *http.Request) {
		in := map[string]string{}
		json.NewDecoder(r.Body).Decode(&in)
		resp, err := http.Post(in["notificationUrl"]+"?validationToken="+url.QueryEscape("is <anybody> there?"), "text/plain", nil)
		if err == nil {
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			if string(text) != "is <anybody> there?" || resp.StatusCode != 200 {
				err = fmt.Errorf("%d %s", resp.StatusCode, text)
			}
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error": {"message": "Subscription validation request failed. %s"}}`, err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		last = in
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id": "sub-1", "expirationDateTime": %q}`, in["expirationDateTime"])
	}}
	return v.start(t), func() map[string]string {
		mu.Lock()
		defer mu.Unlock()
		return last
	}
}

// TestGraphStory is the story of messages in Teams: somebody signs in, the subscription that failed for want of that is made at
// once, with its handshake, and its notifications become runs.
func TestGraphStory(t *testing.T) {
	data := t.TempDir()
	graph, given := graphVendor(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/connections", fmt.Sprintf(`{"slug": "ms", "connector": "microsoft_teams", "method": "oauth", "base_url": %q, "values": {"client_id": "the id", "client_secret": "the s&cret", "authorize_url": %q, "token_url": %q}}`,
		graph.URL, graph.URL+"/authorize", graph.URL+"/token"), 201, nil)
	trigger := s.publish("s", `{"stepmill": 1, "name": "S", "trigger": {"uses": "microsoft_teams.new_message", "connection": "ms", "with": {"chat": "c1"}},
		"steps": [{"id": "a", "uses": "core.set", "with": {"values": {"id": "{{ trigger.resourceData.id }}"}}}]}`)
	eventually(t, "it says that nobody signed in", func() bool {
		got := s.subscription("s")
		return got.State == "failed" && strings.Contains(got.Error, "needs a new sign-in")
	})
	if resp, err := http.Post(trigger+"?validationToken=x", "text/plain", nil); err != nil || resp.StatusCode != 404 {
		t.Errorf("a handshake that nobody wants: %v %v", resp, err)
	}
	b := s.browser()
	if status, location, text := s.open(b, s.begin(b, "ms")); status != 303 {
		t.Fatalf("the sign-in ends with %d at %q: %s", status, location, text)
	}
	eventually(t, "it stands", func() bool { return s.subscription("s").State == "live" })
	if got := s.subscription("s"); got.ExpiresAt == nil || time.Until(*got.ExpiresAt) < 70*time.Hour {
		t.Errorf("%+v", got)
	}
	in := given()
	if in["resource"] != "/chats/c1/messages" || in["changeType"] != "created" || in["lifecycleNotificationUrl"] != in["notificationUrl"] {
		t.Errorf("asked for %v", in)
	}
	notify := func(state string, id int) int {
		return post(http.DefaultClient, in["notificationUrl"], fmt.Sprintf(`{"value": [{"subscriptionId": "sub-1", "changeType": "created", "clientState": %q, "resource": "chats('c1')/messages('%d')", "resourceData": {"id": "%d"}}]}`, state, id, id))
	}
	if status := notify(in["clientState"], 1); status != 202 {
		t.Errorf("a notification is answered %d", status)
	}
	notify("guessed", 2)
	notify(in["clientState"], 1)
	notify(in["clientState"], 3)
	eventually(t, "the notifications are runs", func() bool { return s.count("s", "succeeded") == 2 })
	holdsNo(t, data, in["clientState"])
}
