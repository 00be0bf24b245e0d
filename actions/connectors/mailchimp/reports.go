package mailchimp

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func openSample() map[string]any {
	return map[string]any{"campaign_id": "42694e9e57", "list_id": "a1b2c3d4e5", "email_id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com", "contact_status": "subscribed", "merge_fields": map[string]any{"FNAME": "Ada"}, "vip": false,
		"opens_count": 2, "opens": []any{map[string]any{"timestamp": "2026-01-31T10:05:00+00:00"}, map[string]any{"timestamp": "2026-01-31T12:00:00+00:00"}}}
}

// opens lists who opened a campaign.
func opens() (*actions.Request, *actions.Page) {
	page := parts("members")
	page.ID = "/email_id"
	return listed("/reports/{campaign}/open-details", "members"), page
}

// reports are the actions of what became of campaigns. Source: https://mailchimp.com/developer/marketing/api/reports/
func reports() []actions.Action {
	report := map[string]any{"id": "42694e9e57", "campaign_title": "News of January", "type": "regular", "list_id": "a1b2c3d4e5", "list_name": "Customers", "subject_line": "News", "emails_sent": 120, "abuse_reports": 0, "unsubscribed": 1, "send_time": "2026-01-31T10:00:00+00:00",
		"bounces": map[string]any{"hard_bounces": 1, "soft_bounces": 0, "syntax_errors": 0}, "opens": map[string]any{"opens_total": 80, "unique_opens": 60, "open_rate": 0.5, "last_open": "2026-02-01T09:30:00+00:00"},
		"clicks": map[string]any{"clicks_total": 20, "unique_clicks": 15, "unique_subscriber_clicks": 14, "click_rate": 0.12, "last_click": "2026-02-01T09:30:00+00:00"}}
	reportShape, reportList := actions.ListOf(report)
	openShape, openList := actions.ListOf(openSample())
	clickShape, clickList := actions.ListOf(map[string]any{"id": "7e1c1d1a05", "url": "https://example.com/news", "total_clicks": 20, "unique_clicks": 15, "click_percentage": 0.5, "unique_click_percentage": 0.4, "last_click": "2026-02-01T09:30:00+00:00", "campaign_id": "42694e9e57"})
	clickerShape, clickerList := actions.ListOf(map[string]any{"email_id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com", "clicks": 2, "campaign_id": "42694e9e57", "url_id": "7e1c1d1a05", "list_id": "a1b2c3d4e5", "contact_status": "subscribed", "merge_fields": map[string]any{"FNAME": "Ada"}, "vip": false})
	activityShape, activityList := actions.ListOf(map[string]any{"campaign_id": "42694e9e57", "list_id": "a1b2c3d4e5", "email_id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com",
		"activity": []any{map[string]any{"action": "open", "timestamp": "2026-01-31T10:05:00+00:00", "ip": "10.20.10.30"}, map[string]any{"action": "click", "url": "https://example.com/news", "timestamp": "2026-01-31T10:06:00+00:00", "ip": "10.20.10.30"}}})
	leftShape, leftList := actions.ListOf(map[string]any{"email_id": "852aaa9532cb36adfb5e9fef7a4206a9", "email_address": "ada@example.com", "timestamp": "2026-01-31T11:00:00+00:00", "reason": "None given", "campaign_id": "42694e9e57", "list_id": "a1b2c3d4e5", "merge_fields": map[string]any{"FNAME": "Ada"}, "vip": false})
	by := func(items, id string) *actions.Page {
		page := parts(items)
		page.ID = id
		return page
	}
	openRequest, openPage := opens()
	since := actions.Field{ID: "since", Label: "Since", Help: "Only what happened after that time.", Type: actions.DateTime, Days: true, In: actions.InQuery, Example: "2026-01-31T09:30:00Z"}
	return []actions.Action{
		{ID: "get_report", Name: "Get a campaign's report", Description: "Gives how often a campaign was sent, opened and clicked, and how many bounced or left.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: []actions.Field{campaignField()}, Output: value.ShapeOf(report), Sample: report, Request: &actions.Request{Method: "GET", Path: "/reports/{campaign}", Query: map[string]string{"exclude_fields": "_links"}}},
		{ID: "list_reports", Name: "List reports", Description: "Gives the reports of the campaigns that were sent.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{{ID: "since", Label: "Sent since", Help: "Only those of campaigns that were sent after that time.", Type: actions.DateTime, Days: true, In: actions.InQuery, Name: "since_send_time", Example: "2026-01-31T09:30:00Z"}, actions.LimitField()},
			Output: reportShape, Sample: reportList, Request: listed("/reports", "reports"), Page: parts("reports")},
		{ID: "list_opens", Name: "List who opened a campaign", Description: "Gives the members who opened a campaign, with when.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), since, actions.LimitField()}, Output: openShape, Sample: openList, Request: openRequest, Page: openPage},
		{ID: "list_clicks", Name: "List clicks of a campaign", Description: "Gives a campaign's links with how often each was clicked.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), actions.LimitField()}, Output: clickShape, Sample: clickList, Request: listed("/reports/{campaign}/click-details", "urls_clicked"), Page: parts("urls_clicked")},
		{ID: "list_clickers", Name: "List who clicked a link", Description: "Gives the members who clicked one link of a campaign.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), {ID: "link", Label: "Link", Help: "Its id, as List clicks of a campaign gives it.", Type: actions.Text, Required: true, In: actions.InPath, Example: "7e1c1d1a05",
				Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/reports/{campaign}/click-details"}, Page: *parts("urls_clicked"), Value: "/id", Label: "/url", Needs: []actions.Field{{ID: "campaign", Type: actions.Text, In: actions.InPath}}}}, actions.LimitField()},
			Output: clickerShape, Sample: clickerList, Request: listed("/reports/{campaign}/click-details/{link}/members", "members"), Page: by("members", "/email_id")},
		{ID: "list_activity", Name: "List what members did with a campaign", Description: "Gives for each member who got a campaign when it was opened or clicked, or that it bounced.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), since, actions.LimitField()}, Output: activityShape, Sample: activityList, Request: listed("/reports/{campaign}/email-activity", "emails"), Page: by("emails", "/email_id")},
		{ID: "list_unsubscribed", Name: "List who left by a campaign", Description: "Gives the members who unsubscribed by a campaign, with the reason.", Effect: actions.Read, Guarantee: "It only reads.", Errors: noCampaign(),
			Input: []actions.Field{campaignField(), actions.LimitField()}, Output: leftShape, Sample: leftList, Request: listed("/reports/{campaign}/unsubscribed", "unsubscribes"), Page: by("unsubscribes", "/email_id")},
	}
}

// opened is the trigger for members that opened a campaign. Mailchimp does not say in which order they come, so all are read.
func opened() actions.Trigger {
	sample := openSample()
	request, page := opens()
	page.Size = 500
	return actions.Trigger{
		ID: "campaign_opened", Name: "Campaign opened", Description: "A member opened a campaign, for the first time.", Kind: actions.PollKind,
		Input: []actions.Field{campaignField()}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: request, Page: *page, Rises: "/opens/0/timestamp", Every: 15 * time.Minute, Least: 5 * time.Minute},
	}
}
