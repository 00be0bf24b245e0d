package intercom

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// What hangs at a contact: companies, notes, tags.

func atContact() actions.Field { return named("contact", "Contact", "65f1c0de9b2e4a0001a1b2c3") }

func attachCompany() actions.Action {
	id := actions.Field{ID: "company", Label: "Company", Help: "Its Intercom id, which is not your own company_id.", Type: actions.Text, Required: true, Name: "id", Example: "6762f0a61bb69f9f2193bb55", Choices: companies(), Link: companyLink}
	return actions.Action{
		ID: "attach_company", Name: "Put a contact into a company", Description: "Attaches a contact to a company.", Effect: actions.Idempotent, Guarantee: isOrNot,
		Input: []actions.Field{atContact(), id}, Output: value.ShapeOf(company()), Sample: company(), Request: &actions.Request{Method: "POST", Path: "/contacts/{contact}/companies", Body: actions.JSONBody},
	}
}

func detachCompany() actions.Action {
	id := named("company", "Company", "6762f0a61bb69f9f2193bb55")
	id.Choices = companies()
	return actions.Action{
		ID: "detach_company", Name: "Take a contact out of a company", Description: "Detaches a contact from a company.", Effect: actions.Idempotent, Guarantee: saysSo,
		Input: []actions.Field{atContact(), id}, Output: value.ShapeOf(company()), Sample: company(), Request: &actions.Request{Method: "DELETE", Path: "/contacts/{contact}/companies/{company}"},
	}
}

func contactCompanies() actions.Action {
	return listed("list_contact_companies", "List companies of a contact", "Gives the companies that a contact is in, the first 50.", "/contacts/{contact}/companies", "/companies", []actions.Field{atContact()}, company())
}

func note() map[string]any {
	return map[string]any{"type": "note", "id": "26", "created_at": 1764000000, "contact": map[string]any{"type": "contact", "id": "65f1c0de9b2e4a0001a1b2c3"}, "author": map[string]any{"type": "admin", "id": "780", "name": "Grace", "email": "grace@example.com"}, "body": "<p>Called back.</p>"}
}

func addNote() actions.Action {
	admin := acting()
	admin.Required, admin.Help = false, "The id of the admin who writes it."
	return actions.Action{
		ID: "add_note", Name: "Write a note at a contact", Description: "Writes a note that colleagues see at the contact.", Effect: actions.Once, Guarantee: noKey,
		Input:  []actions.Field{atContact(), {ID: "body", Label: "Text", Help: "HTML or text.", Type: actions.LongText, Required: true}, admin},
		Output: value.ShapeOf(note()), Sample: note(), Request: &actions.Request{Method: "POST", Path: "/contacts/{contact}/notes", Body: actions.JSONBody},
	}
}

func listNotes() actions.Action {
	return listed("list_notes", "List notes of a contact", "Gives the notes at a contact, the latest first.", "/contacts/{contact}/notes", "/data", []actions.Field{atContact()}, note())
}

func tagContact() actions.Action {
	return actions.Action{
		ID: "tag_contact", Name: "Tag a contact", Description: "Puts a tag on a contact.", Effect: actions.Idempotent, Guarantee: isOrNot,
		Input: []actions.Field{atContact(), tagID()}, Output: value.ShapeOf(tagged()), Sample: tagged(), Request: &actions.Request{Method: "POST", Path: "/contacts/{contact}/tags", Body: actions.JSONBody},
	}
}

func untagContact() actions.Action {
	return actions.Action{
		ID: "untag_contact", Name: "Take a tag off a contact", Description: "Removes a tag from a contact.", Effect: actions.Idempotent, Guarantee: saysSo,
		Input: []actions.Field{atContact(), tagInPath()}, Output: value.ShapeOf(tagged()), Sample: tagged(), Request: &actions.Request{Method: "DELETE", Path: "/contacts/{contact}/tags/{tag}"},
	}
}

func contactTags() actions.Action {
	return listed("list_contact_tags", "List tags of a contact", "Gives the tags on a contact.", "/contacts/{contact}/tags", "/data", []actions.Field{atContact()}, tagged())
}
