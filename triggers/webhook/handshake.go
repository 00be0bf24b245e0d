package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// reply is the answer to a handshake. guard has said that no browser takes it for a page.
type reply struct {
	kind string // Content-Type
	body string
}

func (a reply) write(w http.ResponseWriter) {
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(http.StatusOK)
	w.Write([]byte(a.body))
}

// dropboxChallenge says back what Dropbox asks before it sends to a URL.
func dropboxChallenge(r *http.Request) (reply, bool) {
	given, ok := r.URL.Query()["challenge"]
	if !ok || r.Method != http.MethodGet {
		return reply{}, false
	}
	return reply{"text/plain", given[0]}, true
}

// graphValidation says back what Microsoft Graph asks before it makes a subscription.
func graphValidation(r *http.Request) (reply, bool) {
	given, ok := r.URL.Query()["validationToken"]
	if !ok || r.Method != http.MethodPost {
		return reply{}, false
	}
	return reply{"text/plain", given[0]}, true
}

// anyGet answers Mailchimp, which asks for a URL before it saves it.
func anyGet(q *inbound, _ string) (reply, bool) { return reply{}, q.Method == http.MethodGet }

// googleSync answers the first message of a channel, which tells of nothing.
func googleSync(q *inbound, _ string) (reply, bool) {
	return reply{}, q.Header.Get("X-Goog-Resource-State") == "sync"
}

// slackChallenge says back what Slack asks, signed, before it sends to a URL.
func slackChallenge(q *inbound, _ string) (reply, bool) {
	body := q.object("url_verification")
	challenge, ok := body["challenge"].(string)
	return reply{"text/plain", challenge}, ok && body["type"] == "url_verification"
}

// zoomValidation signs what Zoom asks, signed, when a URL is saved and every three days.
func zoomValidation(q *inbound, key string) (reply, bool) {
	body := q.object("endpoint.url_validation")
	payload, _ := body["payload"].(map[string]any)
	plain, ok := payload["plainToken"].(string)
	if !ok || body["event"] != "endpoint.url_validation" {
		return reply{}, false
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(plain))
	b, err := json.Marshal(map[string]string{"plainToken": plain, "encryptedToken": hex.EncodeToString(mac.Sum(nil))})
	return reply{"application/json", string(b)}, err == nil
}

// notionToken finds the key that Notion gives in the first request of a subscription, unsigned.
func notionToken(q *inbound) (string, bool) {
	body := q.object("verification_token")
	token, ok := body["verification_token"].(string)
	return token, ok && token != "" && q.Method == http.MethodPost
}

// maxHandshake is more than any handshake has.
const maxHandshake = 64 << 10

// object reads a body that holds a word; nil: it does not, or is no JSON object.
func (q *inbound) object(word string) map[string]any {
	if len(q.body) > maxHandshake || !bytes.Contains(q.body, []byte(word)) {
		return nil
	}
	v, err := value.Decode(q.body, value.Limits{})
	if err != nil {
		return nil
	}
	object, _ := v.(map[string]any)
	return object
}

// keep keeps the request in which a sender gives its key as an event that starts nothing, for a person has to make a secret of
// it. Everything is refused until then, so it can be shown: it is nobody's key yet.
func (h *Handler) keep(ctx context.Context, t *triggers.Trigger, in triggers.Happening, p proof) (*run.Accept, error) {
	sum := sha256.Sum256([]byte(p.token))
	start := &run.Start{Version: t.Version, Value: in.Value}
	a := &start.Accept
	a.Event = run.Event{Workspace: t.Workspace, ScenarioID: t.ScenarioID, Scenario: t.Scenario, Trigger: t.ID, Outcome: run.Sampled, Value: in.JSON, Raw: in.Raw,
		Header: in.Header, Source: in.Source, At: in.At, Detail: "the sender's verification token: enter it there, and make it the trigger's secret"}
	a.Dedupe = []run.DedupeKey{{Key: "verification:" + hex.EncodeToString(sum[:]), Until: in.At.Add(24 * time.Hour)}}
	if a.Event.Value == nil {
		var err error
		if a.Event.Value, err = value.Encode(in.Value); err != nil {
			return nil, err
		}
	}
	if err := h.Starter.Accept(ctx, start); err != nil {
		return nil, err
	}
	if a.FirstEvent == "" {
		h.Log.Info("a sender asks to be verified: its event in the inbox has the token to enter there, and to make the trigger's secret", "scenario", t.Scenario, "trigger", t.ID, "event", a.Event.ID)
	}
	return a, nil
}

// answerAccepted says 202, as Microsoft Graph wants it of what is worked on later.
func answerAccepted(w http.ResponseWriter, usual []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	w.Write(usual)
}

// answerNothing says 200 and no more: to Slack any text would be a message to who wrote a command, and a fault of a form that is sent in.
// Source: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
func answerNothing(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusOK) }

// answerAck says to Salesforce, in its own words, that a message has arrived.
func answerAck(w http.ResponseWriter, _ []byte) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
 <soapenv:Body>
  <notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>
 </soapenv:Body>
</soapenv:Envelope>
`))
}
