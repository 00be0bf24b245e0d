package intercom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// contactActions are for users and leads. Intercom knows a contact by its external id, and by its address.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts
func contactActions() []actions.Action {
	find, byOwn, create, update, get := findContact(), findByExternalID(), createContact(), updateContact(), getContact()
	return []actions.Action{create, update, get, find, byOwn, searching("contacts", "/data", "email", contact()),
		actions.FindOrCreate("find_or_create_contact", "Find or create a contact", "Finds a contact by its address, or makes it. One that Intercom's search does not show yet is found all the same, where Intercom refuses a second.", find, create, "/items",
			actions.Ensure{Get: &get, Existing: existing, Several: true}),
		actions.CreateOrUpdate("upsert_contact", "Create or update a contact", "Changes the contact with this external id, or, where none is given, with this address; or makes it. Give the one by which you know your users, every time.", byOwn, create, update, "", "/id",
			actions.Ensure{Else: &find, ElseAt: "/items", Get: &get, Existing: existing, Several: true}),
		contactVerb("delete_contact", "Delete a contact", "Deletes a contact for good.", "DELETE", "", "deleted"),
		contactVerb("archive_contact", "Archive a contact", "Puts a contact away; it can be taken back.", "POST", "/archive", "archived"),
		contactVerb("unarchive_contact", "Take a contact back", "Takes an archived contact back.", "POST", "/unarchive", "unarchived"),
		mergeContacts(), attachCompany(), detachCompany(), contactCompanies(), addNote(), listNotes(), tagContact(), untagContact(), contactTags()}
}

func contact() map[string]any {
	return map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3", "external_id": "70", "workspace_id": "abc12345", "role": "user", "email": "ada@example.com", "phone": nil, "name": "Ada Lovelace", "owner_id": nil,
		"unsubscribed_from_emails": false, "created_at": 1764000000, "updated_at": 1764000000, "signed_up_at": 1764000000, "last_seen_at": nil, "custom_attributes": map[string]any{}}
}

func contactFields() []actions.Field {
	owner := actions.Field{ID: "owner", Label: "Owner", Help: "The id of the admin whom the contact belongs to.", Type: actions.Integer, Name: "owner_id", Example: 780, Choices: admins()}
	email := text("email", "Email address", "The contact's mail address.")
	email.Example = "ada@example.com"
	external := text("external_id", "External id", "Your own id of the user; no two contacts have the same.")
	external.Example = "u-70"
	return append([]actions.Field{external, email,
		{ID: "role", Label: "Role", Help: "A user is known to your product, a lead is not yet.", Type: actions.Select, Options: []actions.Option{{Value: "user", Label: "User"}, {Value: "lead", Label: "Lead"}}},
		text("name", "Name", "The whole name."), text("phone", "Phone", "With the country, as +353871234567."), owner,
		moment("signed_up_at", "Signed up", "When the user signed up with your product."), moment("last_seen_at", "Last seen", "When the user was last seen in your product."),
		{ID: "unsubscribed", Label: "No mail", Help: "Whether the contact wants no mail.", Type: actions.Boolean, Name: "unsubscribed_from_emails"}, text("avatar", "Picture", "The address of a picture.")},
		attributesOf("contact", "By their names; Intercom has to know them. List attributes gives them.")...)
}

func contactBody(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	seconds(body, in, "signed_up_at", "last_seen_at")
	attributesBody(body, in)
	return actions.Parts{Body: body}, nil
}

// existing finds the id of the contact that a second one is refused for. An archived one is named in other words, and is not taken for found.
const existing = `\bA contact matching .* id=(\w+)`

// taken is the error of a second contact with an address or an external id.
func taken() actions.ErrorTable {
	return actions.ErrorTable{
		{Status: 409, Pointer: "/errors/*/message", Contains: "archived contact", Code: "conflict", Message: "Intercom has it already, put away: {words}", Remedy: "Take it back by Take a contact back (unarchive_contact), with the id that it names, or delete it for good."},
		{Status: 409, Pointer: "/errors/*/message", Contains: "multiple existing", Code: "conflict", Message: "Intercom has several already: {words}", Remedy: "Say which is meant by your own id (external_id)."},
		{Status: 409, Code: "conflict", Message: "Intercom has it already: {words}", Remedy: "Update that one, by the id that it names, or use Create or update with what it was refused for: its address alone, or your own id."}}
}

func createContact() actions.Action {
	return actions.Action{
		ID: "create_contact", Name: "Create a contact", Description: "Makes a user or a lead.", Effect: actions.Once,
		Guarantee: "Intercom refuses a second contact with the same external id, or a user's same address; one whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     contactFields(), Output: value.ShapeOf(contact()), Sample: contact(), Errors: taken(),
		Request: &actions.Request{Method: "POST", Path: "/contacts", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["email"] == nil && in["external_id"] == nil && in["role"] == nil {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input email: a contact needs an address, an external id or a role.")
			}
			return contactBody(in)
		}},
	}
}

func updateContact() actions.Action {
	return actions.Action{
		ID: "update_contact", Name: "Update a contact", Description: "Changes what is given of a contact.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append([]actions.Field{named("id", "Contact", "65f1c0de9b2e4a0001a1b2c3")}, contactFields()...), Output: value.ShapeOf(contact()), Sample: contact(), Errors: taken(),
		Request: &actions.Request{Method: "PUT", Path: "/contacts/{id}", Body: actions.JSONBody, Prepare: contactBody},
	}
}

func findContact() actions.Action {
	email := text("email", "Email address", "The whole address.")
	email.Required, email.In, email.Example = true, actions.InNone, "ada@example.com"
	out := actions.Action{
		ID: "find_contact", Name: "Find a contact by address", Description: "Gives the contacts that have exactly this address, the latest change first. Intercom finds a new one some minutes after it was made.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{email, actions.LimitField()}, Page: searchPage("/data"),
		Request: &actions.Request{Method: "POST", Path: "/contacts/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return query("AND", []any{term("email", "=", in["email"])}), nil
		}},
	}
	out.Output, out.Sample = actions.ListOf(contact())
	return out
}

func findByExternalID() actions.Action {
	external := text("external_id", "External id", "Your own id of the user.")
	external.Required, external.In, external.Example = true, actions.InPath, "u-70"
	return actions.Action{
		ID: "find_contact_by_external_id", Name: "Find a contact by external id", Description: "Reads the contact with your own id; that there is none is the error not_found.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{external}, Output: value.ShapeOf(contact()), Sample: contact(),
		Request: &actions.Request{Method: "GET", Path: "/contacts/find_by_external_id/{external_id}"},
	}
}

// contactVerb does to a contact what its path says.
func contactVerb(id, name, description, method, path, done string) actions.Action {
	sample := map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3", "external_id": "70", done: true}
	return actions.Action{
		ID: id, Name: name, Description: description, Effect: actions.Idempotent, Guarantee: saysSo,
		Input: []actions.Field{named("id", "Contact", "65f1c0de9b2e4a0001a1b2c3")}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: method, Path: "/contacts/{id}" + path},
	}
}

func mergeContacts() actions.Action {
	return actions.Action{
		ID: "merge_contacts", Name: "Merge a lead into a user", Description: "Puts a lead and its conversations into a user, who stays. It cannot be undone.", Effect: actions.Once,
		Guarantee: "A merge cannot be undone, and one whose answer was lost in a crash is not done again by itself: you are asked.",
		Input: []actions.Field{{ID: "lead", Label: "Lead", Help: "The Intercom id of the lead, who goes.", Type: actions.Text, Required: true, Name: "from", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c4"},
			{ID: "user", Label: "User", Help: "The Intercom id of the user, who stays.", Type: actions.Text, Required: true, Name: "into", Link: contactLink, Example: "65f1c0de9b2e4a0001a1b2c3"}},
		Output: value.ShapeOf(contact()), Sample: contact(), Request: &actions.Request{Method: "POST", Path: "/contacts/merge", Body: actions.JSONBody},
	}
}
