package pipedrive

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// noteActions are for notes, which stand at a deal, a lead, a person or an organization.
// Source: https://developers.pipedrive.com/docs/api/v1/Notes
func noteActions() []actions.Action {
	return []actions.Action{createNote(), updateNote(), getNote(), listNotes(), deleteNote()}
}

func note() map[string]any {
	return map[string]any{"id": 21, "content": "<p>Called back.</p>", "deal_id": 42, "person_id": 7, "org_id": nil, "lead_id": nil, "user_id": 1, "active_flag": true, "pinned_to_deal_flag": false, "pinned_to_person_flag": false, "pinned_to_organization_flag": false,
		"add_time": "2026-01-31 09:30:00", "update_time": "2026-01-31 09:45:00", "deal": map[string]any{"title": "Ten engines"}, "person": map[string]any{"name": "Ada Lovelace"}, "user": map[string]any{"name": "Grace", "email": "grace@example.com", "is_you": true}}
}

func noteID() actions.Field {
	return actions.Field{ID: "id", Label: "Note", Help: "Its id.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 21}
}

// at are the inputs for where a note stands.
func at() []actions.Field {
	return []actions.Field{ref("deal_id", "Deal", "The id of a deal.", listed("deals", "/title")), leadRef("The id of a lead, a UUID."),
		ref("person_id", "Person", "The id of a person.", listed("persons", "/name")), ref("org_id", "Organization", "The id of an organization.", listed("organizations", "/name"))}
}

func noteFields() []actions.Field {
	return slices.Concat([]actions.Field{{ID: "content", Label: "Text", Help: "HTML or text.", Type: actions.LongText}}, at(), []actions.Field{
		{ID: "pinned", Label: "Pinned", Help: "Whether it stands on top of what it is written at.", Type: actions.Boolean, In: actions.InNone}})
}

// noteBody writes the pins: one for each thing that the note stands at.
func noteBody(in map[string]any) (actions.Parts, error) {
	pinned, ok := in["pinned"].(bool)
	if !ok {
		return actions.Parts{}, nil
	}
	flag := 0
	if pinned {
		flag = 1
	}
	body := map[string]any{}
	for name, pin := range map[string]string{"deal_id": "deal", "lead_id": "lead", "person_id": "person", "org_id": "organization"} {
		if in[name] != nil {
			body["pinned_to_"+pin+"_flag"] = flag
		}
	}
	if len(body) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input pinned: say at what, by the id of the deal, lead, person or organization.")
	}
	return actions.Parts{Body: body}, nil
}

func createNote() actions.Action {
	fields := noteFields()
	fields[0].Required = true
	return actions.Action{
		ID: "create_note", Name: "Create a note", Description: "Writes a note at a deal, a lead, a person or an organization.", Effect: actions.Once, Guarantee: noKey, Input: fields, Output: value.ShapeOf(note()), Sample: note(),
		Request: &actions.Request{Method: "POST", Path: "/v1/notes", Body: actions.JSONBody, Output: data, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["deal_id"] == nil && in["lead_id"] == nil && in["person_id"] == nil && in["org_id"] == nil {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input deal_id: a note stands at a deal, a lead, a person or an organization; give one of them.")
			}
			return noteBody(in)
		}},
	}
}

func updateNote() actions.Action {
	return actions.Action{
		ID: "update_note", Name: "Update a note", Description: "Changes what is given of a note.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append([]actions.Field{noteID()}, noteFields()...), Output: value.ShapeOf(note()), Sample: note(),
		Request: &actions.Request{Method: "PUT", Path: "/v1/notes/{id}", Body: actions.JSONBody, Prepare: noteBody, Output: data},
	}
}

func getNote() actions.Action {
	return actions.Action{
		ID: "get_note", Name: "Get a note", Description: "Reads a note by its id.", Effect: actions.Read, Guarantee: onlyReads, Input: []actions.Field{noteID()}, Output: value.ShapeOf(note()), Sample: note(),
		Request: &actions.Request{Method: "GET", Path: "/v1/notes/{id}", Output: data},
	}
}

func listNotes() actions.Action {
	out := actions.Action{
		ID: "list_notes", Name: "List notes", Description: "Gives the notes, those of one thing or those that changed since a time, the earliest change first.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   slices.Concat(query(at()...), query(ref("user_id", "User", "Only notes that this user wrote.", users()), sinceFields()[0]), []actions.Field{actions.LimitField()}),
		Request: &actions.Request{Method: "GET", Path: "/v1/notes", Query: map[string]string{"sort": "update_time ASC"}}, Page: offset(),
	}
	out.Output, out.Sample = actions.ListOf(note())
	return out
}

func deleteNote() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_note", Name: "Delete a note", Description: "Deletes a note.", Effect: actions.Idempotent, Guarantee: staysDeleted,
		Input: []actions.Field{noteID()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/v1/notes/{id}", Output: gone},
	}
}
