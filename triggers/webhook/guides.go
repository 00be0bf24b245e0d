package webhook

import (
	"cmp"
	"maps"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
)

// Guides says of every preset how it is set up. What a keyed hash is made of is read off the scheme that checks it.
func Guides() []actions.Guide {
	out := make([]actions.Guide, 0, len(schemes))
	for _, s := range schemes {
		g := guides[s.name]
		g.Preset = s.name
		g.Checks = append(s.checks(), g.Checks...)
		example := map[string]any{"preset": s.name, "secret": s.name + "-secret"}
		maps.Copy(example, g.Example)
		g.Example = example
		if s.capture != nil { // the sender gives it in its first request, which comes to a trigger that names none
			delete(g.Example, "secret")
			g.Steps = append([]string{"Publish the scenario with a trigger as below, without a secret: only the first request is taken then, and every other is refused."}, g.Steps...)
		}
		for _, name := range extras(s.name) {
			g.Options = append(g.Options, actions.GuideOption{Name: name, Help: cmp.Or(optionHelp[s.name+" "+name], optionHelp[name])})
		}
		g.Options = append(g.Options, actions.GuideOption{Name: "allow", Help: optionHelp["allow"]})
		out = append(out, g)
	}
	return out
}

// checks says what a keyed hash in a header must be; nil: the scheme has a check of its own.
func (s scheme) checks() []string {
	if s.check != nil {
		return nil
	}
	names := map[string]string{"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
	hash := ""
	for name, make := range hashes() {
		if make().Size() == s.hash().Size() {
			hash = names[name]
		}
	}
	of := "the body, byte for byte as it came"
	if s.signed != "" {
		of = strings.NewReplacer("{timestamp}", "the time", "{body}", "the body as it came", "{id}", "the id").Replace(strings.Join(parts(s.signed), ", "))
	}
	text := "The header " + s.header + " must hold the HMAC-" + hash + " of " + of + ", written in " + s.encoding
	if s.prefix != "" {
		text += " after " + strconv.Quote(s.prefix)
	}
	out := []string{text + ". It is compared in constant time."}
	if s.list != nil {
		out = append(out, "The header may hold several signatures, as while a secret is changed; one that fits is enough.")
	}
	if s.tolerance > 0 {
		where := "in the header " + s.stamp
		switch {
		case s.bodyTime != "":
			where = "in the body's " + s.bodyTime
		case s.stamp == "":
			where = "in the same header"
		}
		out = append(out, "The time "+where+" is signed too and must be within "+strconv.Itoa(int(s.tolerance.Seconds()))+" seconds of now, so that an old request cannot be sent again.")
	}
	return out
}

// parts cuts what is signed into its pieces, the literal ones in quotes.
func parts(signed string) []string {
	var out []string
	for rest := signed; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			out = append(out, strconv.Quote(before))
		}
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		out, rest = append(out, "{"+name+"}"), tail
	}
	return out
}

// optionHelp explains options by their names, and those that mean another thing in each preset by its name and theirs.
var optionHelp = map[string]string{
	"allow":            "A list of addresses and ranges, as 203.0.113.0/24; requests from elsewhere are refused. Behind a reverse proxy it is the proxy's address that counts, unless the server knows the proxy (--trusted-proxies).",
	"hmac algorithm":   "The hash: sha1, sha256, sha384 or sha512; sha256 where not given.",
	"hmac header":      "The header that holds the signature; X-Signature where not given.",
	"jwt algorithm":    "What the token is signed by: HS256, RS256 or ES256; HS256 where not given.",
	"token header":     "The header that holds the secret; Authorization, after Bearer, where not given.",
	"audience":         "What aud must be; anything where not given.",
	"channel_id":       "The ids of the channels that are open; any where not given.",
	"encoding":         "hex or base64; hex where not given.",
	"id_header":        "The header with {id}, Webhook-Id where not given.",
	"issuer":           "What iss must be; anything where not given.",
	"prefix":           "What stands before the signature in the header.",
	"signed":           "What is signed, with {body}, {timestamp}, {id}, {method} and {url}; the body where not given.",
	"timestamp_header": "The header with the time; then {timestamp}.{body} is signed where signed says nothing else.",
	"tolerance":        "How far the time may be from now, as 5m.",
}

const (
	noDelivery   = "By an Idempotency-Key or Webhook-Id header, where the sender sets one; else by the trigger's own dedupe."
	byItsOwn     = "By the identity that the sender gives each delivery; it is the same when it is sent again."
	ownerOfHooks = "Put the trigger's URL in."
)

// guides is what cannot be read off a scheme. Sources: the senders' own documents, which DocsURL names, as of 2026.
var guides = map[string]actions.Guide{
	"basic": {Name: "HTTP Basic", Secret: "User and password, as user:password.", Checks: []string{"The Authorization header must hold Basic and exactly this user and password."}, Delivery: noDelivery},
	"dropbox": {Name: "Dropbox", Secret: "The app secret: in the Dropbox App Console, your app, Settings.",
		Steps:     []string{"Make the secret and publish the scenario before: Dropbox asks the URL at once.", "Open your app in the Dropbox App Console.", "Under Webhooks put the trigger's URL in and press Add."},
		Handshake: "Dropbox asks once with ?challenge=…; the challenge is given back as plain text.", Delivery: noDelivery, DocsURL: "https://www.dropbox.com/developers/reference/webhooks"},
	"github": {Name: "GitHub", Secret: "A text of your own that is hard to guess; GitHub's form calls it Secret.",
		Steps:     []string{"Open the repository's or organization's Settings, Webhooks, Add webhook.", "Put the trigger's URL into Payload URL, choose application/json as Content type, and the same text into Secret.", "Choose the events."},
		Handshake: "GitHub sends a ping event when the webhook is saved. It is an event like any other; an `if` on the header x-github-event keeps it out.", Delivery: "By the header X-GitHub-Delivery, which stays the same when it is redelivered.", DocsURL: "https://docs.github.com/en/webhooks"},
	"google-drive": {Name: "Google Drive", Secret: "The token that the channel is made with.", Checks: []string{"The header X-Goog-Channel-Token must be the secret.", "The header X-Goog-Channel-ID must be one of channel_id, where that is given."},
		Steps:     []string{"Make the secret, a text of your own, and publish the scenario before: the first message comes at once.", "Make the channel with watch: the trigger's URL as address, the secret as token, and a new id."},
		Handshake: "The first message of a channel, sync, is answered and starts nothing.", Delivery: "By the channel and the number of the message in it.", DocsURL: "https://developers.google.com/workspace/drive/api/guides/push"},
	"hmac": {Name: "HMAC", Secret: "The key that the sender signs with.", Steps: []string{"Find in the sender's documents which header holds the signature, of what, and how it is written; the options say it."}, Delivery: noDelivery,
		Example: map[string]any{"header": "X-Signature", "algorithm": "sha256", "encoding": "hex", "prefix": "sha256="}},
	"hubspot": {Name: "HubSpot", Secret: "The client secret: in your HubSpot developer account, the app, Auth.",
		Steps:    []string{"Open the app, Webhooks, and put the trigger's URL into Target URL.", "Make the subscriptions."},
		Checks:   []string{"Where X-HubSpot-Signature-v3 is there it must be the HMAC-SHA256, in base64, of method, URL, body and time, and the time within 300 seconds of now; an older signature beside it is not enough.", "Else X-HubSpot-Signature must be the SHA-256 that X-HubSpot-Signature-Version, v1 or v2, names.", "The URL is what --base-url begins with."},
		Delivery: byItsOwn, DocsURL: "https://developers.hubspot.com/docs/api/webhooks/validating-requests"},
	"hubspot-v1": {Name: "HubSpot, version 1", Secret: "The client secret: in your HubSpot developer account, the app, Auth.", Steps: []string{"Open the app, Webhooks, and put the trigger's URL into Target URL."},
		Checks: []string{"X-HubSpot-Signature must be the SHA-256, in hex, of the secret and the body, and X-HubSpot-Signature-Version v1."}, Delivery: byItsOwn, DocsURL: "https://developers.hubspot.com/docs/api/webhooks/validating-requests"},
	"hubspot-v2": {Name: "HubSpot, version 2", Secret: "The client secret: in your HubSpot developer account, the app, Auth.", Steps: []string{"Open the app, Webhooks, and put the trigger's URL into Target URL."},
		Checks: []string{"X-HubSpot-Signature must be the SHA-256, in hex, of the secret, the method, the URL and the body, and X-HubSpot-Signature-Version v2.", "The URL is what --base-url begins with."}, Delivery: byItsOwn, DocsURL: "https://developers.hubspot.com/docs/api/webhooks/validating-requests"},
	"hubspot-v3": {Name: "HubSpot, version 3", Secret: "The client secret: in your HubSpot developer account, the app, Auth.", Steps: []string{"Open the app, Webhooks, and put the trigger's URL into Target URL."},
		Checks: []string{"X-HubSpot-Signature-v3 must be the HMAC-SHA256, in base64, of method, URL, body and time.", "X-HubSpot-Request-Timestamp must be within 300 seconds of now.", "The URL is what --base-url begins with."}, Delivery: byItsOwn, DocsURL: "https://developers.hubspot.com/docs/api/webhooks/validating-requests"},
	"intercom": {Name: "Intercom", Secret: "The client secret: in Intercom's Developer Hub, your app, Basic information. The Intercom trigger takes it from its connection.",
		Steps:     []string{"Publish the scenario before: Intercom asks the URL when it is saved.", "Open your app in the Developer Hub, Webhooks.", "Put the trigger's URL into Endpoint URL and choose the topics."},
		Handshake: "Intercom asks with HEAD before it saves the URL, which is answered.", Delivery: "By the notification's id.", DocsURL: "https://developers.intercom.com/docs/webhooks"},
	"jira": {Name: "Jira", Secret: "A text of your own; Jira's form calls it Secret.",
		Steps:    []string{"As an administrator open Settings, System, WebHooks, Create a WebHook.", "Put the trigger's URL in and generate or type the secret; webhooks without one are not signed."},
		Delivery: "By the header X-Atlassian-Webhook-Identifier, which stays the same over retries.", DocsURL: "https://developer.atlassian.com/cloud/jira/platform/webhooks/"},
	"jwt": {Name: "JSON Web Token", Secret: "The shared key, or the public key as PEM, by the algorithm.", Checks: []string{"The Authorization header must hold Bearer and a token that is signed by the one algorithm that is named; none is refused.", "It must have an exp that is still to come; iss and aud are held to where issuer and audience are given."}, Delivery: noDelivery},
	"linear": {Name: "Linear", Secret: "The signing secret: in Linear's Settings, API, the webhook's page.",
		Steps: []string{"Open Settings, API, Webhooks, New webhook.", "Put the trigger's URL in and choose the data change events.", "Make a secret of the signing secret that is shown now, and publish the scenario."}, Delivery: "By the header Linear-Delivery.", DocsURL: "https://linear.app/developers/webhooks"},
	"mailchimp": {Name: "Mailchimp", Secret: "A text of your own that stands in the URL: Mailchimp signs nothing.",
		Steps:  []string{"Make the secret and publish the scenario before: Mailchimp asks the URL when it is saved.", "Open the audience, Settings, Webhooks, Create new webhook.", "Put in the trigger's URL followed by ?key= and the secret."},
		Checks: []string{"The URL's parameter key must be the secret. It is kept in no event and no log."}, Handshake: "Mailchimp asks with GET before it saves the URL, which is answered where the key is right.", Delivery: noDelivery, DocsURL: "https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/"},
	"msgraph": {Name: "Microsoft Graph", Secret: "The clientState that the subscription was made with.", Steps: []string{"Make the subscription with the trigger's URL as notificationUrl and the secret as clientState."},
		Checks: []string{"Every notification's clientState must be the secret. One that is wrong is dropped, and the others are taken."}, Handshake: "Graph asks with ?validationToken=…; the token is given back as plain text.", Delivery: "By what its notifications tell: the subscription, the change, the resource and its etag, or the notification's id where there is none.", DocsURL: "https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks"},
	"msteams-outgoing": {Name: "Microsoft Teams outgoing webhook", Secret: "The security token that Teams shows once, when the webhook is made.",
		Steps: []string{"Open the team, Manage team, Apps, Create an outgoing webhook.", "Put the trigger's URL into Callback URL and copy the token that is shown once.", "Make a secret of it, and publish the scenario."}, Checks: []string{"The key is what the token's base64 stands for."}, Delivery: noDelivery, DocsURL: "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook"},
	"notion": {Name: "Notion", Secret: "The verification token that Notion sends in the first request of a subscription.",
		Steps: []string{"Open the integration at Notion, Webhooks, Create a subscription, and put the trigger's URL in.", "The first request stands in the inbox now: open its event and copy the verification_token of its body.",
			"Make a secret of it on the page of secrets, with the slug notion-secret.", "Add \"secret\": \"notion-secret\" to the trigger's verify, and publish again.", "Put the token into Notion's Verify form."},
		Handshake: "The first request, which is not signed, is kept in the inbox and starts nothing. Where the trigger names a secret already it is refused with 401: for another subscription take the secret out first, or make another trigger.", Delivery: "By the event's id.", DocsURL: "https://developers.notion.com/reference/webhooks"},
	"pipedrive": {Name: "Pipedrive", Secret: "User and password, as user:password, of your own choice.", Steps: []string{"Open Tools and apps, Webhooks, Create new webhook.", "Put the trigger's URL into Endpoint URL, and user and password into HTTP auth."},
		Checks: []string{"The Authorization header must hold Basic and exactly this user and password."}, Delivery: "By the notification's meta.id.", DocsURL: "https://pipedrive.readme.io/docs/guide-for-webhooks-v2"},
	"salesforce-outbound": {Name: "Salesforce outbound message", Secret: "The organization's id: in Setup, Company Information. Nothing in a message is signed, so give Salesforce's address ranges as allow too.",
		Steps:  []string{"In Setup open Outbound Messages, New, and put the trigger's URL into Endpoint URL.", "Let a flow send it."},
		Checks: []string{"OrganizationId in the message must be the secret; the form of 15 letters that Salesforce's screens show is taken too."}, Delivery: "By the ids of its notifications.", DocsURL: "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm"},
	"slack": {Name: "Slack", Secret: "The signing secret: at api.slack.com/apps, your app, Basic Information.",
		Steps:     []string{"Make the secret and publish the scenario before: Slack checks the URL at once.", "Open your app, Event Subscriptions, and switch them on.", "Put the trigger's URL into Request URL and choose the bot events."},
		Handshake: "Slack asks with url_verification, signed; the challenge is given back as plain text.", Delivery: "By event_id.", DocsURL: "https://docs.slack.dev/authentication/verifying-requests-from-slack"},
	"standard-webhooks": {Name: "Standard Webhooks", Secret: "The endpoint's secret, as whsec_…, which the sender's screen for the endpoint shows; the prefix may be left off.", Steps: []string{ownerOfHooks},
		Checks: []string{"The headers Webhook-Id, Webhook-Timestamp and Webhook-Signature must each be there once.", "The key is what the secret's base64 stands for."}, Delivery: "By the header Webhook-Id; the same id with another body is refused with 409.", DocsURL: "https://www.standardwebhooks.com/"},
	"stripe": {Name: "Stripe", Secret: "The endpoint's signing secret, as whsec_…: in the Stripe Dashboard, Developers, Webhooks, the endpoint, Signing secret.",
		Steps: []string{"Open Developers, Webhooks, Add endpoint, and put the trigger's URL in; the editor shows it before anything is published.", "Choose the events.", "Make a secret of the signing secret that is shown now, and publish the scenario."}, Checks: []string{"Signatures of other versions than v1 are passed over."}, Delivery: "By the event's id.", DocsURL: "https://docs.stripe.com/webhooks/signature"},
	"token": {Name: "Token in a header", Secret: "A text that the sender puts into a header: after Bearer in Authorization, alone in any other.", Checks: []string{"The header must hold exactly the secret. No event keeps it."}, Delivery: noDelivery},
	"zoom": {Name: "Zoom", Secret: "The secret token: in the Zoom App Marketplace, your app, Feature, Token.",
		Steps:     []string{"Make the secret and publish the scenario before: Zoom asks the URL when you press Validate.", "Open the app, Features, Event Subscriptions, Add.", "Put the trigger's URL into Event notification endpoint URL and press Validate."},
		Handshake: "Zoom asks with endpoint.url_validation when the URL is saved and every three days; the token is signed and given back.", Delivery: "By event, event_ts and payload together, which are the same when it is sent again.", DocsURL: "https://developers.zoom.us/docs/api/webhooks/"},
}
