package salesforce

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// addToCampaign makes a contact or a lead a member of a campaign.
func addToCampaign() actions.Action {
	campaign := look("campaign", "Campaign", "Its id.", "CampaignId", chosen("SELECT Id, Name FROM Campaign WHERE IsActive = true ORDER BY Name LIMIT 500", "/Name"))
	campaign.Required, campaign.Example = true, "701D000000IYo8oIAD"
	return actions.Action{
		ID: "add_to_campaign", Name: "Add to a campaign", Description: "Makes a contact or a lead a member of a campaign; a second time Salesforce refuses.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{campaign, look("contact", "Contact", "The id of a contact; or give a lead.", "ContactId", contacts()),
			look("lead", "Lead", "The id of a lead.", "LeadId", chosen("SELECT Id, Name, Company FROM Lead WHERE IsConverted = false ORDER BY LastModifiedDate DESC LIMIT 500", "{/Name} ({/Company})")), pick("CampaignMember", "status", "Status", "Of the member.", "Status")},
		Output: value.ShapeOf(created()), Sample: created(),
		Request: &actions.Request{Method: "POST", Path: "/sobjects/CampaignMember", Body: actions.JSONBody, Prepare: member, Output: made},
	}
}

func member(in map[string]any) (actions.Parts, error) {
	if (in["contact"] == nil) == (in["lead"] == nil) {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input contact: give either a contact or a lead.")
	}
	return actions.Parts{}, nil
}

// campaignActions are for the members of campaigns.
// Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_campaignmember.htm
func campaignActions() []actions.Action {
	add, find := addToCampaign(), findMember()
	id := recordID("Member")
	status := pick("CampaignMember", "status", "Status", "Of the member.", "Status")
	status.Required = true
	sample := map[string]any{"updated": true}
	update := actions.Action{ID: "update_member", Effect: actions.Idempotent, Input: []actions.Field{id, status}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/sobjects/CampaignMember/{id}", Body: actions.JSONBody, Output: updated}}
	get := actions.Action{ID: "get_member", Effect: actions.Read, Input: []actions.Field{id}, Output: value.ShapeOf(campaignMember()), Sample: campaignMember(),
		Request: &actions.Request{Method: "GET", Path: "/sobjects/CampaignMember/{id}", Query: map[string]string{"fields": "Id,CampaignId,ContactId,LeadId,Status"}}}
	return []actions.Action{add, actions.CreateOrUpdate("set_campaign_status", "Add to a campaign or change the status", "Gives the member of a campaign, a contact or a lead, a status; who is no member becomes one.", find, add, update, "/items/0", "/Id",
		actions.Ensure{Get: &get, Made: "/Id"})}
}

func campaignMember() map[string]any {
	return map[string]any{"attributes": map[string]any{"type": "CampaignMember", "url": "/services/data/v60.0/sobjects/CampaignMember/00vD000000KzM6vMAF"}, "Id": "00vD000000KzM6vMAF", "CampaignId": "701D000000IYo8oIAD", "ContactId": "003D000000QYVZ9IAP", "LeadId": nil, "Status": "Sent"}
}

// findMember looks for the member that a contact or a lead is.
func findMember() actions.Action {
	add := addToCampaign()
	fields := slices.DeleteFunc(add.Input, func(f actions.Field) bool { return f.ID == "status" })
	for i := range fields {
		fields[i].In, fields[i].Name = actions.InNone, ""
	}
	out := actions.Action{
		ID: "find_member", Effect: actions.Read, Input: append(fields, actions.LimitField()), Page: queryPage(),
		Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) {
			if _, err := member(in); err != nil {
				return actions.Parts{}, err
			}
			by, id := "ContactId", in["contact"]
			if id == nil {
				by, id = "LeadId", in["lead"]
			}
			return asked(selection{object: "CampaignMember", fields: []any{"Status"}, where: []string{"CampaignId = " + quoted(value.Text(in["campaign"])), by + " = " + quoted(value.Text(id))}, limit: 1})
		}},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"Id": "00vD000000KzM6vMAF", "Status": "Sent"})
	return out
}
