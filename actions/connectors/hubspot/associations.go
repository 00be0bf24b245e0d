package hubspot

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// linking are the actions for what belongs together, in the API that is named by a date: HubSpot stops looking after /crm/v4 in March 2027.
// Source: https://developers.hubspot.com/docs/api-reference/2026-03/crm/associations/overview
func linking() []actions.Action {
	return []actions.Action{associate(), associateAs(), dissociate(), listAssociated(), listLabels()}
}

// ends are the inputs that name two records.
func ends(from, to string) []actions.Field {
	kind := func(id, name, label, example string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: "As contacts, companies, deals, tickets, notes, or the id of an object of your own.", Type: actions.Text, Required: true, In: actions.InPath, Name: name, Example: example, Choices: schemas()}
	}
	one := func(id, name, label, example string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: "Its record id, or the address of its page.", Type: actions.Text, Required: true, In: actions.InPath, Name: name, Example: example, Link: recordLink("")}
	}
	return []actions.Field{kind("from_type", from+"Type", "Kind of the one", "contacts"), one("from_id", from+"Id", "The one", "512"), kind("to_type", to+"Type", "Kind of the other", "companies"), one("to_id", to+"Id", "The other", "902")}
}

func associate() actions.Action {
	sample := map[string]any{"status": "COMPLETE", "results": []any{map[string]any{"from": map[string]any{"id": "512"}, "to": map[string]any{"id": "902"}, "associationSpec": map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}},
		"startedAt": "2026-01-31T09:30:00.000Z", "completedAt": "2026-01-31T09:30:00.010Z"}
	return actions.Action{
		ID: "associate", Name: "Put two records together", Description: "Associates two records, without a label.", Effect: actions.Idempotent,
		Guarantee: "Two records are together or they are not, so a repeat after a crash changes nothing.",
		Input:     ends("fromObject", "toObject"), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PUT", Path: "/crm/objects/2026-03/{fromObjectType}/{fromObjectId}/associations/default/{toObjectType}/{toObjectId}"},
	}
}

// associateAs names the association. HubSpot takes the list of labels as the body itself, so it is written by hand.
func associateAs() actions.Action {
	sample := map[string]any{"results": []any{map[string]any{"from": map[string]any{"id": "512"}, "to": []any{map[string]any{"toObjectId": "902", "associationTypes": []any{map[string]any{"category": "USER_DEFINED", "typeId": 37, "label": "Decision maker"}}}}}}, "status": "COMPLETE"}
	label := actions.Field{ID: "label", Label: "Label", Help: "The id of a label of this direction.", Type: actions.Integer, Required: true, In: actions.InNone, Example: 37, Choices: &actions.Choices{
		Request: &actions.Request{Method: "GET", Path: "/crm/associations/2026-03/{from_type}/{to_type}/labels"}, Page: actions.Page{Items: "/results", Sure: "/results"}, Value: "/typeId", Label: "{/label} ({/category} {/typeId})",
		Needs: []actions.Field{{ID: "from_type", Label: "Kind of the one", Help: "The kind.", Type: actions.Text, In: actions.InPath}, {ID: "to_type", Label: "Kind of the other", Help: "The kind.", Type: actions.Text, In: actions.InPath}}}}
	fields := ends("from", "to")
	fields[1].In, fields[3].In = actions.InNone, actions.InNone
	fields = append(fields, label, actions.Field{ID: "category", Label: "Whose label", Help: "Who made the label.", Type: actions.Select, Default: "USER_DEFINED", In: actions.InNone,
		Options: []actions.Option{{Value: "USER_DEFINED", Label: "The account's own"}, {Value: "HUBSPOT_DEFINED", Label: "HubSpot's"}, {Value: "INTEGRATOR_DEFINED", Label: "An app's"}}})
	return actions.Action{
		ID: "associate_with_label", Name: "Put two records together with a label", Description: "Associates two records and says as what, as a decision maker.", Effect: actions.Idempotent,
		Guarantee: "Two records are together or they are not, so a repeat after a crash changes nothing.",
		Input:     fields, Output: value.ShapeOf(sample), Sample: sample,
		Errors:  actions.ErrorTable{{Status: 207, Pointer: "/errors/0/message", Code: "invalid_input", Message: "HubSpot refused: {words}", Remedy: "Check the ids of the two records, and that the label is one of this direction: List labels of associations gives them."}},
		Request: &actions.Request{Method: "POST", Path: "/crm/associations/2026-03/{fromType}/{toType}/batch/create", Body: actions.JSONBody, Prepare: labelled},
	}
}

func labelled(in map[string]any) (actions.Parts, error) {
	return actions.Parts{Body: map[string]any{"inputs": []any{map[string]any{"from": map[string]any{"id": in["from_id"]}, "to": map[string]any{"id": in["to_id"]},
		"types": []any{map[string]any{"associationCategory": in["category"], "associationTypeId": in["label"]}}}}}}, nil
}

func dissociate() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "dissociate", Name: "Take two records apart", Description: "Removes every association between two records.", Effect: actions.Idempotent,
		Guarantee: "What is apart stays apart, so a repeat after a crash does no harm.",
		Input:     ends("object", "toObject"), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/crm/objects/2026-03/{objectType}/{objectId}/associations/{toObjectType}/{toObjectId}", Output: deleted},
	}
}

func listAssociated() actions.Action {
	page := listPage()
	page.ID, page.Size = "/toObjectId", 500
	out := actions.Action{
		ID: "list_associated", Name: "List what belongs to a record", Description: "Gives the ids of the records of a kind that are associated with one.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   append(ends("object", "toObject")[:3], actions.LimitField()),
		Request: &actions.Request{Method: "GET", Path: "/crm/objects/2026-03/{objectType}/{objectId}/associations/{toObjectType}"}, Page: page,
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"toObjectId": "902", "associationTypes": []any{map[string]any{"category": "HUBSPOT_DEFINED", "typeId": 279, "label": nil}}})
	return out
}

func listLabels() actions.Action {
	fields := ends("fromObject", "toObject")
	out := actions.Action{
		ID: "list_association_labels", Name: "List labels of associations", Description: "Gives the labels that an association between two kinds of records may have, with their ids.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   []actions.Field{fields[0], fields[2], actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/crm/associations/2026-03/{fromObjectType}/{toObjectType}/labels"}, Page: &actions.Page{Items: "/results", Sure: "/results"},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"category": "HUBSPOT_DEFINED", "typeId": 279, "label": nil})
	return out
}
