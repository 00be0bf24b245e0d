package mailchimp

import (
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const memberPath = "/lists/{list}/members/{hash}"

// members are the actions of an audience's members. Source: https://mailchimp.com/developer/marketing/api/list-members/
func members() []actions.Action {
	sample := memberSample()
	shape, list := actions.ListOf(sample)
	batch := map[string]any{"new_members": []any{sample}, "updated_members": []any{}, "errors": []any{map[string]any{"email_address": "x@example.com", "error": "x@example.com was permanently deleted and cannot be re-imported.", "error_code": "ERROR_CONTACT_EXISTS", "field": "", "field_message": ""}},
		"total_created": 1, "total_updated": 0, "error_count": 1}
	create := actions.Action{ID: "create_member", Name: "Add a member", Description: "Adds an address to an audience; one that is there is refused.", Effect: actions.Once,
		Guarantee: "Mailchimp refuses an address that is there, so none is added twice: where the answer was lost in a crash, you are asked.",
		Input: []actions.Field{listField(actions.InPath), {ID: "email", Label: "Address", Help: "The member's mail address.", Type: actions.Text, Required: true, Name: "email_address", Example: "ada@example.com"},
			{ID: "status", Label: "Status", Help: "Of the new member.", Type: actions.Select, Default: "subscribed", Options: statusOptions(actions.Option{Value: "transactional", Label: "Transactional"})},
			fieldsField(), {ID: "tags", Label: "Tags", Help: "Put on the new member.", Type: actions.Texts, Choices: tagChoices(), Example: []any{"customer"}}, interestsField(), languageField(), vipField(), skipField()},
		Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/lists/{list}/members", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body := map[string]any{}
			grouped(in, body)
			return actions.Parts{Body: body}, nil
		}}}
	create.Input = append(create.Input, groupFields()...)
	get := actions.Action{ID: "get_member", Name: "Get a member", Description: "Gives the member of an audience that has an address.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noMember(),
		Input: []actions.Field{listField(actions.InPath), emailField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: memberPath, Query: map[string]string{"exclude_fields": "_links"}, Prepare: named}}
	return []actions.Action{create, get, actions.FindOrCreate("find_or_create_member", "Find or add a member", "Finds the member of an audience that has an address, and adds it where there is none.", get, create, ""),
		{ID: "update_member", Name: "Update a member", Description: "Changes a member of an audience, also the address.", Effect: actions.Idempotent, Guarantee: "It sets what it is given, so a repeat sets the same again; after a change of the address it finds the old one no more.", Errors: noMember(),
			Input: append([]actions.Field{listField(actions.InPath), emailField(), {ID: "new_email", Label: "New address", Help: "What the address becomes.", Type: actions.Text, Name: "email_address", Example: "countess@example.com"},
				{ID: "status", Label: "Status", Help: "What it becomes.", Type: actions.Select, Options: statusOptions(actions.Option{Value: "cleaned", Label: "Cleaned"})}, fieldsField(), interestsField(), languageField(), vipField(), skipField()}, groupFields()...),
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PATCH", Path: memberPath, Body: actions.JSONBody, Prepare: changed}},
		{ID: "unsubscribe_member", Name: "Unsubscribe a member", Description: "Takes a member off the mailings; the member stays in the audience.", Effect: actions.Idempotent, Guarantee: "A member who has left stays so, so a repeat changes nothing.", Errors: noMember(),
			Input: []actions.Field{listField(actions.InPath), emailField()}, Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "PATCH", Path: memberPath, Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				parts, err := named(in)
				parts.Body = map[string]any{"status": "unsubscribed"}
				return parts, err
			}}},
		{ID: "archive_member", Name: "Archive a member", Description: "Takes a member out of an audience; it can be added again.", Effect: actions.Idempotent, Guarantee: "A repeat finds the member archived already, and may say that it is not there.", Errors: noMember(),
			Input: []actions.Field{listField(actions.InPath), emailField()}, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "DELETE", Path: memberPath, Prepare: named, Output: done}},
		{ID: "delete_member", Name: "Delete a member for good", Description: "Deletes a member with all that is known of it. Such an address can only join again through a Mailchimp form.", Effect: actions.Idempotent, Guarantee: "A repeat finds nothing more to delete, and may say so.", Errors: noMember(),
			Input: []actions.Field{listField(actions.InPath), emailField()}, Output: value.ShapeOf(doneSample), Sample: doneSample,
			Request: &actions.Request{Method: "POST", Path: memberPath + "/actions/delete-permanent", Prepare: named, Output: done}},
		{ID: "list_members", Name: "List members", Description: "Lists the members of an audience.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{listField(actions.InPath), {ID: "status", Label: "Status", Help: "Only those with that status.", Type: actions.Select, In: actions.InQuery, Options: statusOptions(actions.Option{Value: "cleaned", Label: "Cleaned"}, actions.Option{Value: "archived", Label: "Archived"})},
				{ID: "changed_since", Label: "Changed since", Help: "Only those that changed after that time.", Type: actions.DateTime, In: actions.InQuery, Name: "since_last_changed", Example: "2026-01-31T09:30:00Z"},
				{ID: "vip", Label: "VIPs only", Help: "Whether only VIPs are given.", Type: actions.Boolean, In: actions.InQuery, Name: "vip_only"}, actions.LimitField()},
			Output: shape, Sample: list, Request: listed("/lists/{list}/members", "members"), Page: parts("members")},
		{ID: "search_members", Name: "Search members", Description: "Finds members by a part of the address or the name, in one audience or all. Mailchimp gives the first 30 or so.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{{ID: "query", Label: "Text", Help: "An address, a part of one, or a name.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "ada"},
				optionalList(), {ID: "limit", Label: "At most", Help: "How many are given, from 1 to 10,000. Where there are more, the output says so.", Type: actions.Integer, Default: 100, In: actions.InNone}},
			Output: shape, Sample: list, Request: &actions.Request{Method: "GET", Path: "/search-members"}, Page: &actions.Page{Items: "/full_search/members", Sure: "/full_search/members"}},
		{ID: "batch_members", Name: "Add or update several members", Description: "Adds up to 500 members to an audience at once. Those that Mailchimp refuses stand in errors.", Effect: actions.Idempotent,
			Guarantee: "Members are known by their addresses, so a repeat that may update changes nothing; one that may not says of those that are there that they are.",
			Input: []actions.Field{listField(actions.InPath), {ID: "members", Label: "Members", Help: "One for each address.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
				{ID: "email", Label: "Address", Help: "The member's mail address.", Type: actions.Text, Required: true, Example: "ada@example.com"},
				{ID: "status", Label: "Status", Help: "Of the member.", Type: actions.Select, Default: "subscribed", Options: statusOptions()}, fieldsField()}},
				{ID: "update", Label: "Update those there", Help: "Whether members that are there are changed.", Type: actions.Boolean, Default: true, Name: "update_existing"}, skipField()},
			Output: value.ShapeOf(batch), Sample: batch, Request: &actions.Request{Method: "POST", Path: "/lists/{list}", Body: actions.JSONBody, Query: map[string]string{"exclude_fields": "_links,new_members._links,updated_members._links"}, Prepare: several}},
	}
}

// changed names the member, and writes the groups that were chosen.
func changed(in map[string]any) (actions.Parts, error) {
	parts, err := named(in)
	parts.Body = map[string]any{}
	grouped(in, parts.Body)
	return parts, err
}

func optionalList() actions.Field {
	list := listField(actions.InQuery)
	list.Required, list.Name = false, "list_id"
	return list
}

// several writes members as Mailchimp's batch takes them, each address once.
func several(in map[string]any) (actions.Parts, error) {
	list, _ := in["members"].([]any)
	if len(list) == 0 || len(list) > 500 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input members: there are %d; from 1 to 500 are taken at once.", len(list))
	}
	out, seen := []any{}, map[string]int{}
	for i, item := range list {
		member, _ := item.(map[string]any)
		email := strings.TrimSpace(value.Text(member["email"]))
		if !strings.Contains(email, "@") {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input members/%d/email: %q is no mail address.", i, fault.Clip(email, 60))
		}
		body := map[string]any{"email_address": email, "status": member["status"]}
		if fields := member["merge_fields"]; fields != nil {
			body["merge_fields"] = fields
		}
		if at, twice := seen[strings.ToLower(email)]; twice { // which Mailchimp refuses
			out[at] = body
			continue
		}
		seen[strings.ToLower(email)] = len(out)
		out = append(out, body)
	}
	return actions.Parts{Body: map[string]any{"members": out}}, nil
}
