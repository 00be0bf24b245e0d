package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// TestDeliveryIDs: a delivery that is sent again is one event, by what its vendor calls it.
func TestDeliveryIDs(t *testing.T) {
	stamp := fmt.Sprint(at)
	stripe := func(body string) map[string]string {
		return map[string]string{"Stripe-Signature": "t=" + stamp + ",v1=" + sum("s3cret", stamp+"."+body)}
	}
	hub := func(name, id string) func(string) map[string]string {
		return func(body string) map[string]string {
			return map[string]string{"X-Hub-Signature": "sha256=" + sum("s3cret", body), "X-Hub-Signature-256": "sha256=" + sum("s3cret", body), "Linear-Signature": sum("s3cret", body), "X-Notion-Signature": "sha256=" + sum("s3cret", body), name: id}
		}
	}
	slack := func(body string) map[string]string {
		return map[string]string{"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + sum("s3cret", "v0:"+stamp+":"+body)}
	}
	hubspot := func(body string) map[string]string {
		hash := sha256.Sum256([]byte("s3cret" + body))
		return map[string]string{"X-Hubspot-Signature-Version": "v1", "X-Hubspot-Signature": hex.EncodeToString(hash[:])}
	}
	google := func(number string) func(string) map[string]string {
		return func(string) map[string]string {
			return map[string]string{"X-Goog-Channel-Token": "s3cret", "X-Goog-Channel-Id": "c", "X-Goog-Message-Number": number}
		}
	}
	pipedrive := func(string) map[string]string { return map[string]string{"Authorization": "Basic czNjcmV0OnM="} }
	soap := func(id string) string {
		return `<E:Envelope xmlns:E="e"><E:Body><notifications xmlns="` + outbound + `"><OrganizationId>s3cret</OrganizationId><Notification><Id>` + id + `</Id><sObject xmlns:sf="s"><sf:Id>x</sf:Id></sObject></Notification></notifications></E:Body></E:Envelope>`
	}
	none := func(string) map[string]string { return map[string]string{"Content-Type": "text/xml"} }
	zoom := func(body string) map[string]string {
		return map[string]string{"X-Zm-Request-Timestamp": stamp, "X-Zm-Signature": "v0=" + sum("s3cret", "v0:"+stamp+":"+body)}
	}
	joined := func(who, token string) string {
		return `{"event":"meeting.participant_joined","event_ts":1739923528000,"payload":{"object":{"uuid":"4444AAA==","participant":{"id":"` + who + `"}}},"download_token":"` + token + `"}`
	}
	graph := func(string) map[string]string { return map[string]string{"Content-Type": "application/json"} }
	changed := func(change, resource, more string) string {
		return `{"value":[{"subscriptionId":"8f6d","clientState":"s3cret","changeType":"` + change + `","resource":"` + resource + `"` + more + `}]}`
	}
	etag := func(tag string) string { return `,"resourceData":{"@odata.etag":"` + tag + `"}` }
	type sent struct {
		body string
		sign func(string) map[string]string
	}
	for preset, c := range map[string]struct{ first, again, other sent }{
		"github":       {sent{`{"a":1}`, hub("X-GitHub-Delivery", "1")}, sent{`{"a":1}`, hub("X-GitHub-Delivery", "1")}, sent{`{"a":1}`, hub("X-GitHub-Delivery", "2")}},
		"jira":         {sent{`{"a":1}`, hub("X-Atlassian-Webhook-Identifier", "1")}, sent{`{"a":1}`, hub("X-Atlassian-Webhook-Identifier", "1")}, sent{`{"a":1}`, hub("X-Atlassian-Webhook-Identifier", "2")}},
		"linear":       {sent{`{"webhookTimestamp":1767607200000}`, hub("Linear-Delivery", "1")}, sent{`{"webhookTimestamp":1767607201000}`, hub("Linear-Delivery", "1")}, sent{`{"webhookTimestamp":1767607200000}`, hub("Linear-Delivery", "2")}},
		"slack":        {sent{`{"event_id":"E1"}`, slack}, sent{`{"event_id":"E1","again":1}`, slack}, sent{`{"event_id":"E2"}`, slack}},
		"stripe":       {sent{`{"id":"e1"}`, stripe}, sent{`{"id":"e1","again":1}`, stripe}, sent{`{"id":"e2"}`, stripe}},
		"notion":       {sent{`{"id":"e1"}`, hub("X", "x")}, sent{`{"id":"e1","attempt_number":2}`, hub("X", "x")}, sent{`{"id":"e2"}`, hub("X", "x")}},
		"hubspot":      {sent{`[{"eventId":1,"subscriptionId":2,"occurredAt":3},{"eventId":4}]`, hubspot}, sent{`[{"eventId":1,"subscriptionId":2,"occurredAt":3,"attemptNumber":1},{"eventId":4}]`, hubspot}, sent{`[{"eventId":1,"subscriptionId":3,"occurredAt":3},{"eventId":4}]`, hubspot}},
		"google-drive": {sent{"", google("10")}, sent{"", google("10")}, sent{"", google("11")}},
		"pipedrive":    {sent{`{"meta":{"id":"m1"}}`, pipedrive}, sent{`{"meta":{"id":"m1","attempt":2}}`, pipedrive}, sent{`{"meta":{"id":"m2"}}`, pipedrive}},

		"zoom": {sent{joined("a", "t1"), zoom}, sent{joined("a", "t2"), zoom}, sent{joined("b", "t1"), zoom}}, // two at once

		"msgraph":             {sent{changed("created", "m/1", ""), graph}, sent{changed("created", "m/1", ""), graph}, sent{changed("created", "m/2", ""), graph}},
		"msgraph ":            {sent{changed("updated", "m/1", etag("1")), graph}, sent{changed("updated", "m/1", etag("1")), graph}, sent{changed("updated", "m/1", etag("2")), graph}},
		"msgraph  ":           {sent{changed("updated", "m/1", `,"id":"n1"`), graph}, sent{changed("updated", "m/1", `,"id":"n1"`), graph}, sent{changed("updated", "m/1", `,"id":"n2"`), graph}},
		"salesforce-outbound": {sent{soap("n1"), none}, sent{soap("n1"), none}, sent{soap("n2"), none}},
	} {
		w := verifying(t, map[string]any{"preset": strings.TrimSpace(preset), "secret": "s"})
		if preset == "pipedrive" {
			w.secrets["s"] = "s3cret:s"
		}
		for i, one := range []sent{c.first, c.again, c.other} {
			header := one.sign(one.body)
			header["Idempotency-Key"] = fmt.Sprint(i) // nobody signs it
			status, answer, _ := w.send(t, "POST", "", one.body, header)
			if want := []int{1, 1, 2}[i]; status != 200 && status != 202 || len(w.taken) != want {
				t.Errorf("%s, delivery %d: %d %s, %d events", preset, i, status, answer, len(w.taken))
			}
		}
	}
	for preset, c := range map[string]sent{ // what cannot be told from another is none
		"zoom":     {`{"event":"meeting.started","payload":{}}`, zoom},
		"msgraph":  {changed("updated", "m/1", ""), graph},
		"msgraph ": {changed("created", "", ""), graph},
	} {
		w := verifying(t, map[string]any{"preset": strings.TrimSpace(preset), "secret": "s"})
		for range 2 {
			w.send(t, "POST", "", c.body, c.sign(c.body))
		}
		if len(w.taken) != 2 {
			t.Errorf("%s: of two there are %d events", preset, len(w.taken))
		}
	}
	w := verifying(t, map[string]any{"preset": "github", "secret": "s"}) // what is not verified takes no id from those that are
	w.send(t, "POST", "", "{}", map[string]string{"X-Github-Delivery": "1", "X-Hub-Signature-256": "sha256=00"})
	if status, answer, _ := w.send(t, "POST", "", "{}", hub("X-Github-Delivery", "1")("{}")); status != 200 || strings.Contains(answer, "duplicate") {
		t.Errorf("%d %s", status, answer)
	}
}
