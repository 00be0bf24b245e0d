package actions

import "time"

// Subscribe says, as data, how a trigger asks its system to send events to the trigger's own URL, and how that is kept
// up: with it nobody has to enter an address or a secret at the vendor.
//
// Its requests are made of the trigger's Input, and of what a Spot places or Prepare finds under the names of SubscribeNames.
// Whatever a vendor asks for beyond a place of its own (constant members, a list within a list) is Prepare's. An envelope that
// only the answers of Register and Renew come in is taken off by their Output; what is read of them is read of what that gives.
//
// The two that stand here differ in most ways. Others go by the same fields:
//   - Jira: Register takes {url, webhooks: [{events, jqlFilter}]}, made by Prepare; ID is
//     /webhookRegistrationResult/0/createdWebhookId; Lives is 30 days and Renew's and Remove's Prepare write {webhookIds:
//     [subscription]}; the app's client secret signs, so Verify.Secret names it and Secret is zero.
//   - Pipedrive: Prepare takes the secret, which is user:password, apart for http_auth_user and http_auth_password.
//   - HubSpot: one subscription for each topic, by the app's own key; its URL belongs to the app.
//   - Zoom: Handshake; Remove has the id in its path; the app's secret token signs.
//   - Google Drive: Prepare writes the channel's id from "registration"; Keep holds resourceId, which Remove's body needs;
//     Lives without Renew: a new channel is asked for before the old one ends.
//   - Notion and Dropbox have no such API: their triggers leave Subscribe nil, and a person enters the URL there.
type Subscribe struct {
	Register *Request
	URL      Spot // in Register: where the trigger's own URL goes
	Told     Spot // in Register: where the URL goes at which the vendor tells what becomes of the subscription; it is the same one; zero: it tells nothing
	Secret   Spot // in Register: where the secret goes that Stepmill made, a text of the form user:password; zero: only Prepare uses it, or Verify.Secret names another that signs
	Topics   Spot // in Register: where the vendor's names of the wanted topics go, a list; zero: only Prepare uses them
	Ends     Spot // in Register and Renew: where the end goes that is asked for; zero: the vendor sets it, or there is none
	As       Clock

	ID     string            // JSON Pointer into Register's answer, and an item of List: the vendor's id
	Expiry string            // JSON Pointer into Register's and Renew's answer: when it ends; empty, or nothing there: Lives after it was asked for
	Keep   map[string]string // what else of Register's answer later requests need: by the name that Prepare finds it under, a JSON Pointer

	Renew  *Request // nil: it cannot be; where it ends, a new one is asked for before
	Remove *Request
	List   *Request // what stands, of this trigger's inputs; nil: the vendor does not tell
	Page   Page     // of List
	Sends  string   // JSON Pointer into an item of List: the URL that it sends to

	Lives  time.Duration // how long a subscription is asked for; zero: it does not end
	Before time.Duration // how long before its end it is renewed; up to a quarter of that earlier, so that not all are at once
	// Alone says that the vendor refuses a second subscription to the same thing: a new one is asked for once the old one is
	// removed. Otherwise the new one stands first, and no event falls between the two.
	Alone bool
	// Handshake says that the vendor asks at the URL before it answers Register.
	Handshake bool
	// HTTPS says that the vendor takes no URL without it.
	HTTPS  bool
	Sample any // an answer to Register as the vendor gives it, for tests
}

// The names under which Prepare of a Subscribe's requests finds what is no input.
const (
	SubURL          = "url"
	SubSecret       = "secret"
	SubTopics       = "wanted"       // the vendor's names of the topics
	SubEnds         = "ends"         // the end that is asked for, written as As says
	SubRegistration = "registration" // of Register: a text that no other registration has
	SubID           = "subscription" // of Renew and Remove: the vendor's id, which also fills {subscription} in their paths
)

// SubscribeNames lists them.
func SubscribeNames() []string {
	return []string{SubURL, SubSecret, SubTopics, SubEnds, SubRegistration, SubID}
}
