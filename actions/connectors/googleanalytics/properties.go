package googleanalytics

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// summaries asks for the account's properties, which stand within its accounts.
// Source: https://developers.google.com/analytics/devguides/config/admin/v1/rest/v1beta/accountSummaries/list
func summaries() *actions.Request {
	return &actions.Request{Method: "GET", Base: admin, Path: "/v1beta/accountSummaries"}
}

func summaryPages() *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/accountSummaries/*/propertySummaries", ID: "/property", Next: "/nextPageToken", At: actions.Spot{In: actions.InQuery, Name: "pageToken"},
		Size: 200, Sizes: actions.Spot{In: actions.InQuery, Name: "pageSize"}}
}

// propertyLink finds the number of a property in its name, and in the URLs of Google Analytics: #/p1234/ and #/a56p1234/.
const propertyLink = `(?:^properties/|#/(?:a\d+(?:w\d+)?)?p)(\d+)`

func propertyField() actions.Field {
	return actions.Field{ID: "property", Label: "Property", Help: "Its number, under Admin, Property details; or a URL of it in Google Analytics.", Type: actions.Text, Required: true, In: actions.InPath, Example: "1234", Link: propertyLink,
		Choices: &actions.Choices{Request: summaries(), Page: *summaryPages(), Value: "/property", Label: "{/displayName} ({/property})"}}
}

// properties are the actions of what the account can see.
func properties() []actions.Action {
	shape, list := actions.ListOf(map[string]any{"property": "properties/1234", "displayName": "Shop", "propertyType": "PROPERTY_TYPE_ORDINARY", "parent": "accounts/56", "canEdit": false})
	return []actions.Action{{ID: "list_properties", Name: "List properties", Description: "Lists the properties that the account can see.", Effect: actions.Read, Guarantee: "It only reads.",
		Input: []actions.Field{actions.LimitField()}, Output: shape, Sample: list, Request: summaries(), Page: summaryPages()}}
}

// templates are ready reports: what is counted, and by what it is told apart.
// Source: https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema
var templates = []struct {
	id, label           string
	metrics, dimensions []any
}{
	{"days", "Visits by day", []any{"activeUsers", "newUsers", "sessions", "screenPageViews"}, []any{"date"}},
	{"channels", "Where visits come from", []any{"sessions", "activeUsers", "engagementRate", "keyEvents"}, []any{"sessionDefaultChannelGroup"}},
	{"campaigns", "Campaigns", []any{"sessions", "activeUsers", "keyEvents"}, []any{"sessionCampaignName", "sessionSource", "sessionMedium"}},
	{"pages", "Pages", []any{"screenPageViews", "activeUsers", "userEngagementDuration"}, []any{"pagePath", "pageTitle"}},
	{"landing", "Landing pages", []any{"sessions", "activeUsers", "keyEvents"}, []any{"landingPage"}},
	{"countries", "Countries", []any{"activeUsers", "sessions"}, []any{"country"}},
	{"devices", "Devices", []any{"activeUsers", "sessions"}, []any{"deviceCategory"}},
	{"events", "Events", []any{"eventCount", "totalUsers"}, []any{"eventName"}},
	{"items", "Articles sold", []any{"itemsPurchased", "itemRevenue"}, []any{"itemName"}},
}

func templateField() actions.Field {
	f := actions.Field{ID: "template", Label: "Ready report", Help: "Chooses metrics and dimensions; those that are given stand in for them.", Type: actions.Select, In: actions.InNone}
	for _, t := range templates {
		f.Options = append(f.Options, actions.Option{Value: t.id, Label: t.label})
	}
	return f
}

// asked are a report's metrics and dimensions.
func asked(in map[string]any) (metrics, dimensions []any) {
	metrics, _ = in["metrics"].([]any)
	dimensions, _ = in["dimensions"].([]any)
	for _, t := range templates {
		if t.id != value.Text(in["template"]) {
			continue
		}
		if len(metrics) == 0 {
			metrics = t.metrics
		}
		if len(dimensions) == 0 {
			dimensions = t.dimensions
		}
	}
	return metrics, dimensions
}
