package webhook

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// scheme is how a sender proves that a request is its own. Most are a keyed hash in a header, which the first fields say;
// those that are something else have a check of their own.
type scheme struct {
	name     string
	header   string           // holds the signature; of a token, the token
	hash     func() hash.Hash // of the HMAC
	encoding string           // "hex" or "base64"
	prefix   string           // before the signature
	signed   string           // what is signed, with {timestamp}, {id}, {body}, {method}, {url}, {key}; empty: the body
	plain    bool             // a hash without a key: signed names the key
	decoded  bool             // escapes in {url} are decoded first, as HubSpot does
	fold     bool             // capitals in the signature are as good
	idHeader string           // holds {id}; empty: there is none

	stamp     string        // the header that holds {timestamp}
	bodyTime  string        // the member of the body that holds the time instead
	unit      unit          // of the time
	tolerance time.Duration // how far the time may be from now, both ways; zero: there is none

	// list reads a header that holds several signatures, and maybe the time; nil: it holds one, after the prefix.
	list func(text string) (stamp string, signatures []string)
	// key makes the key of the secret's text; nil: it is the text.
	key func(text string) (key string, ok bool)
	// check gives the key that fits, and the body where it is not the sender's as a whole; nil: signature.
	check func(q *inbound, s scheme, keys []string) (proof, error)
	early bool   // check looks at no body
	asks  string // is what WWW-Authenticate asks of who proves nothing; empty: there is none
	// id is what the sender calls a delivery; nil or empty: nothing.
	id func(header http.Header, body any, raw []byte) string

	// Handshakes are answered and start nothing.
	open    func(r *http.Request) (reply, bool)        // without a proof
	greet   func(q *inbound, key string) (reply, bool) // after it
	greets  string                                     // a method that only handshakes have
	capture func(q *inbound) (token string, ok bool)   // finds the key in the first request, while there is none
	answer  func(w http.ResponseWriter, usual []byte)  // what the sender takes for an answer; nil: the usual

	told   func(body []byte) (words []run.SubscriptionWord, rest []byte, err error) // takes out what the sender says of a subscription that is kept here; rest nil: there is nothing else
	member string                                                                   // of an event, that holds the secret itself: no event of a subscription keeps it

	hidden bool   // header holds the secret itself: no event keeps it
	query  string // the parameter of the URL that holds the secret: no event keeps it

	channels         []string // of Google: those that are open; empty: any
	algorithm        string   // of a JWT
	issuer, audience string   // of a JWT
}

const fiveMinutes = 5 * time.Minute

// basicRealm asks for a user and a password: many clients send theirs only then.
const basicRealm = `Basic realm="webhook", charset="UTF-8"`

// schemes are the presets that a trigger's `verify.preset` may name. The vendors' rules stand, with their own examples, in
// shared/webhooks/signatures.json. Nothing changes them: a request would else make all of them for one.
var schemes = []scheme{
	{name: "basic", header: "Authorization", check: basic, early: true, asks: basicRealm},
	{name: "dropbox", header: "X-Dropbox-Signature", hash: sha256.New, encoding: "hex", open: dropboxChallenge},
	{name: "github", header: "X-Hub-Signature-256", hash: sha256.New, encoding: "hex", prefix: "sha256=", id: headerID("X-Github-Delivery")},
	{name: "google-drive", header: "X-Goog-Channel-Token", check: googleChannel, early: true, hidden: true, id: googleID, greet: googleSync},
	{name: "hmac", header: "X-Signature", hash: sha256.New, encoding: "hex"},
	{name: "hubspot", check: hubspot("v1", "v2"), id: hubspotIDs},
	{name: "hubspot-v1", check: hubspot("v1"), id: hubspotIDs},
	{name: "hubspot-v2", check: hubspot("v2"), id: hubspotIDs},
	{name: "hubspot-v3", check: hubspot(), id: hubspotIDs},
	{name: "intercom", header: "X-Hub-Signature", hash: sha1.New, encoding: "hex", prefix: "sha1=", id: bodyID("id")},
	{name: "jira", header: "X-Hub-Signature", hash: sha256.New, encoding: "hex", prefix: "sha256=", id: headerID("X-Atlassian-Webhook-Identifier")},
	{name: "jwt", header: "Authorization", check: jwtToken, early: true, algorithm: "HS256"},
	{name: "linear", header: "Linear-Signature", hash: sha256.New, encoding: "hex", bodyTime: "webhookTimestamp", unit: milliseconds, tolerance: time.Minute,
		id: headerID("Linear-Delivery")},
	{name: "mailchimp", check: urlSecret, early: true, query: "key", greet: anyGet, greets: http.MethodGet},
	{name: "msgraph", check: graphStates, open: graphValidation, answer: answerAccepted, told: graphLifecycle, member: "clientState", id: graphIDs},
	{name: "msteams-outgoing", header: "Authorization", hash: sha256.New, encoding: "base64", prefix: "HMAC ", key: base64Key},
	{name: "notion", header: "X-Notion-Signature", hash: sha256.New, encoding: "hex", prefix: "sha256=", fold: true, id: bodyID("id"), capture: notionToken},
	{name: "pipedrive", header: "Authorization", check: basic, early: true, asks: basicRealm, id: bodyID("meta", "id")},
	{name: "salesforce-outbound", check: salesforceOrg, id: salesforceIDs, answer: answerAck},
	{name: "slack", header: "X-Slack-Signature", hash: sha256.New, encoding: "hex", prefix: "v0=", signed: "v0:{timestamp}:{body}",
		stamp: "X-Slack-Request-Timestamp", tolerance: fiveMinutes, id: bodyID("event_id"), greet: slackChallenge, answer: answerNothing},
	{name: "standard-webhooks", header: "Webhook-Signature", hash: sha256.New, encoding: "base64", signed: "{id}.{timestamp}.{body}", list: standardList,
		idHeader: "Webhook-Id", stamp: "Webhook-Timestamp", tolerance: fiveMinutes, key: standardKey},
	{name: "stripe", header: "Stripe-Signature", hash: sha256.New, encoding: "hex", signed: "{timestamp}.{body}", list: stripeList, tolerance: fiveMinutes,
		id: bodyID("id")},
	{name: "token", header: "Authorization", check: headerToken, early: true, hidden: true},
	{name: "zoom", header: "X-Zm-Signature", hash: sha256.New, encoding: "hex", prefix: "v0=", signed: "v0:{timestamp}:{body}",
		stamp: "X-Zm-Request-Timestamp", unit: either, tolerance: fiveMinutes, greet: zoomValidation, id: zoomID},
}

// secretHeader is the header that holds the secret itself; empty: none does.
func (s scheme) secretHeader() string {
	if s.hidden {
		return s.header
	}
	return ""
}

// Presets lists the names that verify.preset may have.
func Presets() []string {
	var names []string
	for _, s := range schemes {
		names = append(names, s.name)
	}
	return names
}

func hashes() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}
}
