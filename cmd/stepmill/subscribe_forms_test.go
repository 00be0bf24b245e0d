package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// audience keeps the webhooks of an audience, as Mailchimp's documents say: it asks at the URL first.
type audience struct {
	mu     sync.Mutex
	list   []map[string]any
	events map[string]any // that were asked for last
}

func (a *audience) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch r.Method {
	case "GET":
		json.NewEncoder(w).Encode(map[string]any{"webhooks": a.list, "total_items": len(a.list)})
	case "DELETE":
		a.list = nil
		w.WriteHeader(http.StatusNoContent)
	default:
		in := map[string]any{}
		json.NewDecoder(r.Body).Decode(&in)
		resp, err := http.Get(in["url"].(string))
		if err != nil || resp.StatusCode != 200 {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"title": "Invalid Resource", "detail": "The URL does not answer: %v"}`, err)
			return
		}
		resp.Body.Close()
		a.events, _ = in["events"].(map[string]any)
		in["id"] = "ef4b2e2a61"
		a.list = append(a.list, in)
		json.NewEncoder(w).Encode(in)
	}
}

// TestAudienceStory is the story of a webhook of Mailchimp's: it is made and asked for when the scenario is published, its forms
// become runs, those without the secret do not, and it goes with the scenario.
func TestAudienceStory(t *testing.T) {
	data, of := t.TempDir(), &audience{}
	server := httptest.NewServer(of)
	defer server.Close()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/connections", fmt.Sprintf(`{"slug": "mc", "connector": "mailchimp", "method": "api_key", "base_url": %q, "values": {"api_key": "0123456789-us21"}}`, server.URL), 201, nil)
	s.publish("s", `{"stepmill": 1, "name": "S", "trigger": {"uses": "mailchimp.event", "connection": "mc", "with": {"list": "l1", "topics": ["subscribe"]}},
		"steps": [{"id": "a", "uses": "core.set", "with": {"values": {"name": "{{ trigger.data.merges.FNAME }}"}}}]}`)
	eventually(t, "the webhook stands", func() bool { return s.subscription("s").State == "live" })
	of.mu.Lock()
	address, _ := of.list[0]["url"].(string)
	if of.events["subscribe"] != true || of.events["cleaned"] != false {
		t.Errorf("asked for %v", of.events)
	}
	of.mu.Unlock()
	form := func(at, kind string) int {
		resp, err := http.PostForm(at, url.Values{"type": {kind}, "fired_at": {"2026-03-26 21:35:57"}, "data[id]": {"8a25ff1d98"}, "data[merges][FNAME]": {"Ada"}})
		if err != nil {
			return 0
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	bare, secret, _ := strings.Cut(address, "?key=")
	for _, c := range []struct {
		at, kind string
		want     int
	}{{address, "subscribe", 200}, {bare, "subscribe", 401}, {bare + "?key=guessed", "subscribe", 401}, {address, "profile", 200}, {address, "subscribe", 200}} {
		if status := form(c.at, c.kind); status/100 != c.want/100 || c.want == 401 && status != 401 {
			t.Errorf("%s of %s is answered %d", c.kind, c.at, status)
		}
	}
	eventually(t, "the one event is a run", func() bool { return s.count("s", "succeeded") == 1 })
	plain, _ := url.QueryUnescape(secret)
	_, random, found := strings.Cut(plain, ":") // which is written the same in any form
	if !found || len(random) < 40 {
		t.Errorf("the secret is %q", plain)
	}
	holdsNo(t, data, random)
	s.call("DELETE", "/api/v1/scenarios/s", "", 204, nil)
	eventually(t, "no webhook is left", func() bool { of.mu.Lock(); defer of.mu.Unlock(); return len(of.list) == 0 })
}

// TestEventsInAList is the story of HubSpot's events, which come as a list: each is a run, once, and forged ones are none.
func TestEventsInAList(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/connections", `{"slug": "hs", "connector": "hubspot", "method": "token", "values": {"token": "t0ken", "client_secret": "the s3cret"}}`, 201, nil)
	address := s.publish("s", `{"stepmill": 1, "name": "S", "trigger": {"uses": "hubspot.event", "connection": "hs", "with": {"topics": ["contact.propertyChange"]}},
		"steps": [{"id": "a", "uses": "core.set", "with": {"values": {"id": "{{ trigger.objectId }}"}}}]}`)
	send := func(secret, body string) int {
		sum := sha256.Sum256([]byte(secret + body))
		req, err := http.NewRequest("POST", address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Content-Type": {"application/json"}, "X-Hubspot-Signature": {hex.EncodeToString(sum[:])}, "X-Hubspot-Signature-Version": {"v1"}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	event := func(id int, kind string) string {
		return fmt.Sprintf(`{"eventId": %d, "subscriptionId": 1, "occurredAt": 1564113600000, "subscriptionType": %q, "objectId": %d}`, id, kind, id)
	}
	batch := "[" + event(1, "contact.propertyChange") + "," + event(2, "contact.creation") + "," + event(3, "contact.propertyChange") + "]"
	for body, want := range map[string]int{batch: 2, "[]": 2, "[7]": 4} {
		if status := send("the s3cret", body); status/100 != want {
			t.Errorf("%s is answered %d", body, status)
		}
	}
	send("the s3cret", batch)
	if status := send("guessed", "["+event(4, "contact.propertyChange")+"]"); status != 401 {
		t.Errorf("a forged event is answered %d", status)
	}
	eventually(t, "the two events are runs", func() bool { return s.count("s", "succeeded") == 2 })
}
