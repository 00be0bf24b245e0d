package mailchimp

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// making are the actions that make audiences and templates.
// Sources: https://mailchimp.com/developer/marketing/api/lists/add-list/, https://mailchimp.com/developer/marketing/api/templates/add-template/
func making() []actions.Action {
	audience := map[string]any{"id": "a1b2c3d4e5", "web_id": 512, "name": "Customers", "date_created": "2026-01-31T09:30:00+00:00", "double_optin": false, "stats": map[string]any{"member_count": 0}}
	template := map[string]any{"id": 10000123, "type": "user", "name": "Newsletter", "active": true, "date_created": "2026-01-31T09:30:00+00:00", "created_by": "Ada"}
	text := func(id, label, help, name, example string, required bool) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: required, Name: name, Example: example}
	}
	return []actions.Action{
		{ID: "create_audience", Name: "Create an audience", Description: "Makes an audience. How many an account may have goes by its plan.", Effect: actions.Once,
			Guarantee: "Mailchimp takes several of one name: an audience whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{text("name", "Name", "Of the audience.", "", "Customers", true),
				text("reminder", "Reminder", "Why people get mails, which stands below each.", "permission_reminder", "You signed up on our website.", true),
				text("from_name", "From", "The name that mails come from.", "campaign_defaults.from_name", "Acme", true),
				text("from_email", "From address", "The address that mails come from.", "campaign_defaults.from_email", "news@acme.com", true),
				text("subject", "Subject", "That of mails which have none of their own.", "campaign_defaults.subject", "News", true),
				{ID: "language", Label: "Language", Help: "Of its forms, as en or de.", Type: actions.Text, Default: "en", Name: "campaign_defaults.language"},
				text("company", "Company", "Who sends, as the law asks for below each mail.", "contact.company", "Acme", true),
				text("address", "Street", "Where the company is.", "contact.address1", "1 Main Street", true),
				text("city", "City", "Where the company is.", "contact.city", "Berlin", true),
				text("state", "State", "Where the company is.", "contact.state", "", false),
				text("zip", "Postal code", "Where the company is.", "contact.zip", "10115", false),
				text("country", "Country", "Two letters, as DE.", "contact.country", "DE", true),
				{ID: "double_optin", Label: "Confirmed by mail", Help: "Whether who signs up confirms it by mail.", Type: actions.Boolean, Default: false},
				{ID: "formats", Label: "Choice of format", Help: "Whether people choose between HTML and plain text.", Type: actions.Boolean, Default: false, Name: "email_type_option"}},
			Output: value.ShapeOf(audience), Sample: audience, Request: &actions.Request{Method: "POST", Path: "/lists", Body: actions.JSONBody}},
		{ID: "create_template", Name: "Create a template", Description: "Makes a template of mails from HTML.", Effect: actions.Once,
			Guarantee: "Mailchimp takes several of one name: a template whose answer was lost in a crash is not made again by itself, you are asked.",
			Input: []actions.Field{text("name", "Name", "Of the template.", "", "Newsletter", true),
				{ID: "html", Label: "HTML", Help: "The whole of it; mc:edit marks what is edited in a campaign.", Type: actions.LongText, Required: true, Example: "<p mc:edit=\"body\">Hello</p>"}},
			Output: value.ShapeOf(template), Sample: template, Request: &actions.Request{Method: "POST", Path: "/templates", Body: actions.JSONBody}},
	}
}
