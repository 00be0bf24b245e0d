// Package mailchimp is the connector for Mailchimp's Marketing API, version 3.0.
package mailchimp

import (
	"crypto/md5"
	_ "embed"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes Mailchimp. Source: https://mailchimp.com/developer/marketing/api/list-members/
func Connector() actions.Connector {
	return actions.Connector{
		ID: "mailchimp", Name: "Mailchimp", Category: "Marketing", Color: "#ffe01b", Monogram: "M", Icon: icon,
		Description: "Members of audiences, their tags and groups, campaigns and what became of them, and a shop's orders.",
		DocsURL:     "https://mailchimp.com/developer/marketing/api/list-members/",
		SetUp:       setUp(),
		BaseURL:     "https://{dc}.api.mailchimp.com/3.0",
		Auth: []actions.Auth{{Method: "api_key", Name: "API key",
			Help:   "In Mailchimp under Account, Extras, API keys. Its end, as us21, says which data centre it belongs to.",
			Fields: []actions.Field{{ID: "api_key", Label: "API key", Help: "The whole key with its end.", Type: actions.Text, Required: true, Secret: true}},
			Apply:  []actions.Place{{In: actions.InBasic, Name: "stepmill", Value: "{api_key}"}}}, oauth()},
		Derive: dataCentre,
		Test:   &actions.Request{Method: "GET", Path: "/ping"},
		Errors: refusals(),
		Actions: append(slices.Concat([]actions.Action{upsertMember()}, members(), tagsAndNotes(), audiences(), making(), segments(), groups(), campaigns(), reports(), automations(), shop(), batches()),
			actions.APIRequest("Mailchimp", "/lists", map[string]any{"lists": []any{}, "total_items": 0})),
		Triggers: []actions.Trigger{audienceEvent(), newMember(), changedMember(), unsubscribed(), cleaned(), sentCampaign(), opened()},
	}
}

// oauth is the sign-in by an app. Its tokens do not expire; where the account lies is asked with them.
// Source: https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func oauth() actions.Auth {
	return actions.OAuthApp("In Mailchimp under Account, Extras, Registered apps: the client ID and secret; add this server's address with /oauth/callback as the redirect URI.", actions.OAuth{
		Grant: actions.Code, Authorize: "https://login.mailchimp.com/oauth2/authorize", Token: "https://login.mailchimp.com/oauth2/token", Client: actions.ClientInBody,
		After: &actions.TokenStep{URL: "https://login.mailchimp.com/oauth2/metadata", Scheme: "OAuth", Values: []actions.TokenValue{{Name: "dc", Pointer: "/dc"}}, Account: "/accountname"},
	})
}

func upsertMember() actions.Action {
	sample := map[string]any{"id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com", "unique_email_id": "fab20fa03d", "status": "subscribed", "full_name": "Ada Lovelace",
		"merge_fields": map[string]any{"FNAME": "Ada", "LNAME": "Lovelace"}, "list_id": "a1b2c3d4e5", "tags_count": 1}
	return actions.Action{
		ID: "upsert_member", Name: "Add or update a member", Description: "Adds an address to an audience, or updates the member that has it.", Effect: actions.Idempotent,
		Guarantee: "A member is known by the address, so a repeat changes nothing.",
		Input: append([]actions.Field{
			listField(actions.InPath), emailField(),
			{ID: "status", Label: "Status", Help: "Of a new member. One that is there keeps theirs, unless it is to be unsubscribed, or the next input is off.", Type: actions.Select, Default: "subscribed", In: actions.InNone,
				Options: []actions.Option{{Value: "subscribed", Label: "Subscribed"}, {Value: "pending", Label: "Pending: confirms by mail"}, {Value: "unsubscribed", Label: "Unsubscribed"}, {Value: "transactional", Label: "Transactional"}}},
			{ID: "new_only", Label: "Status of new members only", Help: "A member that is there keeps theirs, so that nobody who unsubscribed is subscribed again. Unsubscribed counts for every member. Switch it off only where people have asked to be subscribed again.", Type: actions.Boolean, Default: true, In: actions.InNone},
			{ID: "merge_fields", Label: "Fields", Help: "By their merge tags, as FNAME.", Type: actions.Object, In: actions.InNone},
			{ID: "tags", Label: "Tags", Help: "Put on the member; those that are there stay.", Type: actions.Texts, In: actions.InNone, Choices: tagChoices()},
			interestsField(), languageField(), vipField(), skipField(),
		}, groupFields()...),
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/lists/{list}/members/{hash}", Body: actions.JSONBody, Prepare: member, Then: tags},
	}
}

var keyEnd = regexp.MustCompile(`-([a-z]{2,4}[0-9]{1,3})$`)

// dataCentre reads where the account lies off the key's end. Nothing else of the key may become part of a host's name.
func dataCentre(values map[string]string) (map[string]string, error) {
	if values["dc"] != "" { // of a token
		return nil, nil
	}
	end := keyEnd.FindStringSubmatch(values["api_key"])
	if end == nil {
		return nil, fault.New(fault.Unauthorized, "The API key does not end in a data centre, as -us21; copy the whole key from Mailchimp.")
	}
	return map[string]string{"dc": end[1]}, nil
}

// member writes the inputs as Mailchimp's member, and the path's hash of the address.
func member(in map[string]any) (actions.Parts, error) {
	email := strings.TrimSpace(value.Text(in["email"]))
	if !strings.Contains(email, "@") {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input email: %q is no mail address.", fault.Clip(email, 60))
	}
	body := map[string]any{"email_address": email, "status_if_new": in["status"]}
	if in["new_only"] != true || in["status"] == "unsubscribed" {
		body["status"] = in["status"]
	}
	if fields := in["merge_fields"]; fields != nil {
		body["merge_fields"] = fields
	}
	grouped(in, body)
	return actions.Parts{Path: map[string]string{"hash": hash(email)}, Body: body}, nil
}

// hash is how Mailchimp names a member: the MD5 of the address in lower case.
func hash(email string) string {
	sum := md5.Sum([]byte(strings.ToLower(email)))
	return hex.EncodeToString(sum[:])
}
