package mailchimp

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func campaignSample() map[string]any {
	return map[string]any{"id": "42694e9e57", "web_id": 513, "type": "regular", "status": "save", "create_time": "2026-01-31T09:30:00+00:00", "send_time": "", "emails_sent": 0, "content_type": "template", "archive_url": "http://eepurl.com/xxxx",
		"recipients": map[string]any{"list_id": "a1b2c3d4e5", "list_name": "Customers", "recipient_count": 120}, "settings": map[string]any{"subject_line": "News", "title": "News of January", "from_name": "Acme", "reply_to": "hello@example.com"}}
}

// settingFields are what a campaign's settings hold. Source: https://mailchimp.com/developer/marketing/api/campaigns/add-campaign/
func settingFields() []actions.Field {
	return []actions.Field{
		{ID: "subject", Label: "Subject", Help: "Of the mail.", Type: actions.Text, Name: "settings.subject_line", Example: "News"},
		{ID: "preview", Label: "Preview", Help: "What shows beside the subject.", Type: actions.Text, Name: "settings.preview_text"},
		{ID: "title", Label: "Title", Help: "What the campaign is called in Mailchimp.", Type: actions.Text, Name: "settings.title", Example: "News of January"},
		{ID: "from_name", Label: "From", Help: "The sender's name.", Type: actions.Text, Name: "settings.from_name", Example: "Acme"},
		{ID: "reply_to", Label: "Reply to", Help: "The sender's address; its domain is verified in Mailchimp.", Type: actions.Text, Name: "settings.reply_to", Example: "hello@example.com"},
		{ID: "template", Label: "Template", Help: "A template's id.", Type: actions.Integer, Name: "settings.template_id", Example: 42, Choices: templateChoices()},
		{ID: "segment", Label: "Segment", Help: "The id of a segment that it goes to, instead of the whole audience.", Type: actions.Integer, Name: "recipients.segment_opts.saved_segment_id", Example: 49377, Choices: segmentField().Choices},
		{ID: "tracking", Label: "Tracking", Help: "In Mailchimp's own form.", Type: actions.Object, Example: map[string]any{"opens": true, "html_clicks": true}},
	}
}

// wholeSettings are those of a change, with which Mailchimp wants the sender and the subject each time.
func wholeSettings() []actions.Field {
	fields := settingFields()
	for i := range fields {
		switch fields[i].ID {
		case "subject", "from_name", "reply_to":
			fields[i].Required = true
		}
	}
	return fields
}

func noCampaign() actions.ErrorTable {
	return actions.ErrorTable{{Status: 404, Code: "not_found", Message: "Mailchimp does not know the campaign: {/detail}", Remedy: "Check the campaign's id."}}
}

// campaigns are the actions of campaigns. Source: https://mailchimp.com/developer/marketing/api/campaigns/
func campaigns() []actions.Action {
	sample := campaignSample()
	shape, list := actions.ListOf(sample)
	content := map[string]any{"plain_text": "News", "html": "<p>News</p>", "archive_html": "<p>News</p>"}
	to := listField(actions.InBody)
	to.Name = "recipients.list_id"
	perhaps := to
	perhaps.Required = false
	one := []actions.Field{campaignField()}
	return []actions.Action{
		{ID: "create_campaign", Name: "Create a campaign", Description: "Makes a campaign, which is a draft until it is sent.", Effect: actions.Once,
			Guarantee: "Mailchimp has no key that would make a repeat harmless: a campaign whose answer was lost in a crash is not made again by itself, you are asked.",
			Input:     append([]actions.Field{to, {ID: "type", Label: "Kind", Help: "What it is.", Type: actions.Select, Default: "regular", Options: []actions.Option{{Value: "regular", Label: "Regular"}, {Value: "plaintext", Label: "Plain text"}}}}, settingFields()...),
			Output:    value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/campaigns", Body: actions.JSONBody}},
		{ID: "update_campaign", Name: "Update a campaign", Description: "Changes the settings of a draft.", Effect: actions.Idempotent, Guarantee: "It sets what it is given, so a repeat sets the same again.", Errors: noCampaign(),
			Input: append([]actions.Field{campaignField(), perhaps}, wholeSettings()...), Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PATCH", Path: "/campaigns/{campaign}", Body: actions.JSONBody}},
		{ID: "set_content", Name: "Set a campaign's content", Description: "Writes the content of a draft.", Effect: actions.Idempotent, Guarantee: "It sets the content, so a repeat sets the same again.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), {ID: "html", Label: "HTML", Help: "The mail's HTML.", Type: actions.LongText, Example: "<p>News</p>"}, {ID: "text", Label: "Text", Help: "The plain text; Mailchimp makes it of the HTML where it is not given.", Type: actions.LongText, Name: "plain_text"},
				{ID: "url", Label: "URL", Help: "A page that is taken as the content.", Type: actions.Text, Example: "https://example.com/news"},
				{ID: "template", Label: "Template", Help: "A template's id.", Type: actions.Integer, Name: "template.id", Example: 42, Choices: templateChoices()}, {ID: "sections", Label: "Sections", Help: "What stands in the template's sections, by their names.", Type: actions.Object, Name: "template.sections", Example: map[string]any{"body": "<p>News</p>"}}},
			Output: value.ShapeOf(content), Sample: content, Request: &actions.Request{Method: "PUT", Path: "/campaigns/{campaign}/content", Body: actions.JSONBody}},
		{ID: "get_content", Name: "Get a campaign's content", Description: "Gives the HTML and the text of a campaign.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: one, Output: value.ShapeOf(content), Sample: content, Request: &actions.Request{Method: "GET", Path: "/campaigns/{campaign}/content", Query: map[string]string{"exclude_fields": "_links"}}},
		{ID: "send_campaign", Name: "Send a campaign", Description: "Sends a campaign now.", Effect: actions.Once, Guarantee: "Mailchimp sends a campaign once; where the answer was lost in a crash it is not asked again by itself, you are.", Errors: noCampaign(),
			Input: one, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/campaigns/{campaign}/actions/send", Output: done}},
		{ID: "schedule_campaign", Name: "Schedule a campaign", Description: "Sends a campaign at a time, on a quarter of an hour.", Effect: actions.Once, Guarantee: "Mailchimp refuses to schedule a campaign that is scheduled; where the answer was lost in a crash, you are asked.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), {ID: "at", Label: "When", Help: "On :00, :15, :30 or :45.", Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
				{ID: "timewarp", Label: "By each reader's clock", Help: "Whether it goes out at that time in each reader's zone.", Type: actions.Boolean}},
			Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/campaigns/{campaign}/actions/schedule", Body: actions.JSONBody, Prepare: scheduled, Output: done}},
		{ID: "unschedule_campaign", Name: "Unschedule a campaign", Description: "Makes a scheduled campaign a draft again.", Effect: actions.Idempotent, Guarantee: "A draft stays one; a repeat after a crash may end in the error that it is not scheduled.", Errors: noCampaign(),
			Input: one, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/campaigns/{campaign}/actions/unschedule", Output: done}},
		{ID: "replicate_campaign", Name: "Copy a campaign", Description: "Makes a draft that is like a campaign, as last month's.", Effect: actions.Once,
			Guarantee: "Mailchimp has no key that would make a repeat harmless: a copy whose answer was lost in a crash is not made again by itself, you are asked.", Errors: noCampaign(),
			Input: one, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/campaigns/{campaign}/actions/replicate"}},
		{ID: "test_campaign", Name: "Send a test mail", Description: "Sends a campaign to some addresses to look at.", Effect: actions.Once, Guarantee: "A test mail whose answer was lost in a crash is not sent again by itself, you are asked.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), {ID: "emails", Label: "To", Help: "Addresses.", Type: actions.Texts, Required: true, Name: "test_emails", Example: []any{"me@example.com"}},
				{ID: "form", Label: "Form", Help: "Which of both.", Type: actions.Select, Default: "html", Name: "send_type", Options: []actions.Option{{Value: "html", Label: "HTML"}, {Value: "plaintext", Label: "Plain text"}}}},
			Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "POST", Path: "/campaigns/{campaign}/actions/test", Body: actions.JSONBody, Output: done}},
		{ID: "get_campaign", Name: "Get a campaign", Description: "Gives a campaign with its settings and what became of it.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: one, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: "/campaigns/{campaign}", Query: map[string]string{"exclude_fields": "_links"}}},
		{ID: "list_campaigns", Name: "List campaigns", Description: "Lists campaigns, the newest first.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{optionalList(), {ID: "status", Label: "Status", Help: "Only those with that status.", Type: actions.Select, In: actions.InQuery,
				Options: []actions.Option{{Value: "save", Label: "Draft"}, {Value: "schedule", Label: "Scheduled"}, {Value: "sending", Label: "Sending"}, {Value: "sent", Label: "Sent"}, {Value: "paused", Label: "Paused"}}}, actions.LimitField()},
			Output: shape, Sample: list, Page: parts("campaigns"), Request: &actions.Request{Method: "GET", Path: "/campaigns", Query: map[string]string{"sort_field": "create_time", "sort_dir": "DESC", "exclude_fields": "campaigns._links,_links"}}},
		{ID: "delete_campaign", Name: "Delete a campaign", Description: "Deletes a campaign.", Effect: actions.Idempotent, Guarantee: "A repeat finds nothing more to delete, and says that it is not there.", Errors: noCampaign(),
			Input: one, Output: value.ShapeOf(doneSample), Sample: doneSample, Request: &actions.Request{Method: "DELETE", Path: "/campaigns/{campaign}", Output: done}},
	}
}

// scheduled writes the time, which is one of four in an hour. Source: https://mailchimp.com/developer/marketing/api/campaigns/schedule-campaign/
func scheduled(in map[string]any) (actions.Parts, error) {
	at := utc(in["at"])
	text := value.Text(at)
	if len(text) < 19 || text[17:19] != "00" || text[14:16] != "00" && text[14:16] != "15" && text[14:16] != "30" && text[14:16] != "45" {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input at: Mailchimp sends on the quarters of an hour only, as 09:15, and %s is none.", fault.Clip(value.Text(in["at"]), 40))
	}
	return actions.Parts{Body: map[string]any{"schedule_time": at}}, nil
}
