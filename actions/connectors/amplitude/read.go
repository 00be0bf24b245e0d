package amplitude

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const onlyReads = "It only reads, so it is asked again after a crash."

// keys signs in to what gives out what Amplitude has, at a host of its own. Source: https://amplitude.com/docs/apis/authentication
func keys() actions.Auth {
	return actions.Auth{Method: "basic", Name: "API key and secret key", BaseURL: "https://{dashboard}",
		Help: "In Amplitude under Settings, Organization settings, Projects: the project's API key and secret key. For what reads and deletes; events are sent by a connection with the API key alone.",
		Fields: []actions.Field{{ID: "api_key", Label: "API key", Help: "The project's.", Type: actions.Text, Required: true, Secret: true},
			{ID: "secret_key", Label: "Secret key", Help: "The project's.", Type: actions.Text, Required: true, Secret: true}, region()},
		Apply: []actions.Place{{In: actions.InBasic, Name: "{api_key}", Value: "{secret_key}"}}}
}

func day(id, label, help string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Date, Required: true, In: actions.InNone, Example: "2026-01-31"}
}

// reading are the actions of Amplitude's export, dashboard, cohorts, annotations and privacy APIs.
// Sources: https://amplitude.com/docs/apis/analytics/export, https://amplitude.com/docs/apis/analytics/dashboard-rest, and
// https://amplitude.com/docs/apis/analytics/chart-annotations
func reading() []actions.Action {
	matches := map[string]any{"matches": []any{map[string]any{"user_id": "user-42", "amplitude_id": 12345}}, "type": "match_user_or_device_id"}
	counts := map[string]any{"data": map[string]any{"series": []any{[]any{147, 146}}, "seriesLabels": []any{"Deal Won"}, "xValues": []any{"2026-01-30", "2026-01-31"}}}
	activity := map[string]any{"events": []any{map[string]any{"event_type": "Deal Won", "event_time": "2026-01-31 09:30:00.000000", "event_id": 12, "platform": "Web"}}, "userData": map[string]any{"user_id": "user-42", "canonical_amplitude_id": 12345, "num_events": 50, "num_sessions": 7}}
	cohorts := map[string]any{"items": []any{map[string]any{"id": "26umsb5", "name": "Buyers", "description": "", "size": 150, "archived": false, "published": true, "appId": 153957}}, "more": false}
	note := map[string]any{"id": 160419, "start": "2026-01-31T09:30:00+00:00", "end": nil, "label": "Release 2.4", "details": nil, "category": map[string]any{"id": 6789, "name": "Releases"}, "chart_id": nil}
	notes := map[string]any{"items": []any{note}, "more": false}
	gone := map[string]any{"day": "2026-02-11", "status": "staging", "amplitude_ids": []any{map[string]any{"amplitude_id": 12345, "requester": "ada@example.com", "requested_on_day": "2026-01-31"}}}
	event := actions.Field{ID: "event", Label: "Event", Help: "Which one is counted; _active is any of those that count as active.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Deal Won",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/api/2/events/list"}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: "/value", Label: "/display"}}
	out := []actions.Action{exportEvents(),
		{ID: "count_events", Name: "Count events", Description: "Gives how often an event happened, or how many users did it, for each day, week or month.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{event, day("from", "From", "The first day."), day("to", "To", "The last day, which counts too."),
				{ID: "count", Label: "Count", Help: "What is counted.", Type: actions.Select, Default: "uniques", In: actions.InQuery, Name: "m", Options: []actions.Option{{Value: "uniques", Label: "How many users"}, {Value: "totals", Label: "How often"}, {Value: "average", Label: "How often for a user"}, {Value: "pct_dau", Label: "Share of the active users"}}},
				{ID: "by", Label: "By", Help: "What it is counted for.", Type: actions.Select, Default: "1", In: actions.InQuery, Name: "i", Options: []actions.Option{{Value: "-3600000", Label: "Hour"}, {Value: "1", Label: "Day"}, {Value: "7", Label: "Week"}, {Value: "30", Label: "Month"}}}},
			Output: value.ShapeOf(counts), Sample: counts, Request: &actions.Request{Method: "GET", Path: "/api/2/events/segmentation", Prepare: segmentation}},
		{ID: "find_user", Name: "Find a user", Description: "Gives the users that have an Amplitude ID, a device ID or a user ID, or whose user ID begins so; none is an empty list.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{{ID: "user", Label: "User", Help: "One of these IDs.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "user-42"}}, Output: value.ShapeOf(matches), Sample: matches, Request: &actions.Request{Method: "GET", Path: "/api/2/usersearch"}},
		{ID: "get_user_activity", Name: "Get a user's activity", Description: "Gives what is known of a user, and the user's latest events.", Effect: actions.Read, Guarantee: onlyReads,
			Input:  []actions.Field{{ID: "user", Label: "User", Help: "The Amplitude ID, a number, which Find a user tells.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "12345"}, {ID: "most", Label: "Events", Help: "How many at most, up to 1,000.", Type: actions.Integer, Default: 100, In: actions.InQuery, Name: "limit"}},
			Output: value.ShapeOf(activity), Sample: activity, Request: &actions.Request{Method: "GET", Path: "/api/2/useractivity"}},
		{ID: "list_cohorts", Name: "List cohorts", Description: "Gives the cohorts of the project that others may find, with how many users each has.", Effect: actions.Read, Guarantee: onlyReads,
			Output: value.ShapeOf(cohorts), Sample: cohorts, Request: &actions.Request{Method: "GET", Path: "/api/3/cohorts", Output: whole("/cohorts")}},
		{ID: "list_annotations", Name: "List annotations", Description: "Gives the notes at times that the project's charts show.", Effect: actions.Read, Guarantee: onlyReads,
			Output: value.ShapeOf(notes), Sample: notes, Request: &actions.Request{Method: "GET", Path: "/api/3/annotations", Output: whole("/data")}},
		{ID: "create_annotation", Name: "Create an annotation", Description: "Writes a note at a time, or over some time, as of a release, which the project's charts show.", Effect: actions.Once,
			Guarantee: "Amplitude has no key that would make a repeat harmless: a note whose answer was lost in a crash is not written again by itself, you are asked.",
			Input: []actions.Field{{ID: "start", Label: "When", Help: "Where the note stands, or begins.", Type: actions.DateTime, Days: true, Required: true, Example: "2026-01-31T09:30:00Z"},
				{ID: "label", Label: "Title", Help: "What the charts show.", Type: actions.Text, Required: true, Example: "Release 2.4"}, {ID: "details", Label: "Text", Help: "More about it.", Type: actions.Text, Example: "The export is faster."},
				{ID: "end", Label: "Until", Help: "Where the note ends, of one over some time.", Type: actions.DateTime, Days: true, Example: "2026-02-02T09:30:00Z"},
				{ID: "category", Label: "Category", Help: "The name of one of the project's categories of annotations.", Type: actions.Text, Example: "Releases",
					Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/api/3/annotation-categories"}, Page: actions.Page{Items: "/data", Sure: "/data", ID: "/id"}, Value: "/name", Label: "/name"}},
				{ID: "chart", Label: "Chart", Help: "The id of the one chart that shows it, or its address; all of the project where none is given.", Type: actions.Text, Name: "chart_id", Link: `/chart/([A-Za-z0-9]+)`, Example: "abc123"}},
			Output: value.ShapeOf(note), Sample: note, Request: &actions.Request{Method: "POST", Path: "/api/3/annotations", Body: actions.JSONBody, Output: func(resp actions.Response) (any, error) { return value.At(resp.Value, "/data"), nil }}},
		{ID: "delete_users", Name: "Delete users' data", Description: "Asks Amplitude to delete all that it has of up to 100 users, as privacy laws want it. It is done some days later, and mailed to the account's admins.", Effect: actions.Idempotent,
			Guarantee: "A user who is to be deleted is deleted once, so a repeat after a crash changes nothing.",
			Input: []actions.Field{{ID: "users", Label: "Users", Help: "User IDs, at most 100.", Type: actions.Texts, Required: true, Name: "user_ids", Example: []any{"user-42"}}, {ID: "requester", Label: "Who asks", Help: "Whose request it is, for the record.", Type: actions.Text, Example: "ada@example.com"},
				{ID: "ignore_unknown", Label: "Ignore unknown users", Help: "Whether those whom Amplitude does not know are left out, instead of all being refused.", Type: actions.Boolean, Default: false, In: actions.InNone}},
			Output: value.Shape{}, Sample: gone, Request: &actions.Request{Method: "POST", Path: "/api/2/deletions/users", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"ignore_invalid_id": value.Text(in["ignore_unknown"])}}, nil
			}}},
	}
	for i := range out {
		out[i].Ways, out[i].Errors = []string{"basic"}, readErrors()
	}
	return out
}

// readErrors are those of what reads.
func readErrors() actions.ErrorTable {
	keys := "Copy the project's API key and secret key from Settings, Organization settings, Projects into the connection, and look whether its region is the project's."
	return actions.ErrorTable{
		{Status: 401, Code: "unauthorized", Message: "Amplitude does not take the keys: {words}", Remedy: keys},
		{Status: 403, Code: "unauthorized", Message: "Amplitude does not take the keys for this: {words}", Remedy: keys + " Cohorts and exports are not in every plan."},
		{Status: 404, Code: "not_found", Message: "Amplitude has nothing there: {words}", Remedy: "Of an export it means that no event came in these hours; it shows them two hours later. Otherwise check the names and ids."},
		{Status: 429, Code: "rate_limited", Message: "Amplitude asks to slow down: {words}", Remedy: "It answers five questions at a time, and counts an hour's cost."},
		{Status: 504, Code: "too_large", Message: "Amplitude needs too long for this much: {words}", Remedy: "Ask for fewer hours."},
		{Status: 400, Code: "invalid_input", Message: "Amplitude refused: {words}", Remedy: "Check the inputs; of an export of more than 4 GB ask for fewer hours."},
	}
}

// segmentation writes the event as JSON and the days without hyphens.
func segmentation(in map[string]any) (actions.Parts, error) {
	event, err := value.Encode(map[string]any{"event_type": in["event"]})
	query := map[string]any{"e": string(event)}
	for input, name := range map[string]string{"from": "start", "to": "end"} {
		at, failed := time.Parse(time.DateOnly, value.Text(in[input]))
		if failed != nil {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input %s: it is no day; write it as 2026-01-31.", input)
		}
		query[name] = at.Format("20060102")
	}
	return actions.Parts{Query: query}, err
}

// whole gives a list that comes in one part as those are given that come in several.
func whole(pointer string) func(actions.Response) (any, error) {
	return func(resp actions.Response) (any, error) {
		return map[string]any{"items": value.At(resp.Value, pointer), "more": false}, nil
	}
}

// exportEvents keeps raw events as a file.
func exportEvents() actions.Action {
	sample := map[string]any{"file": actions.FileSample("events-20260130T00-20260130T23.zip", "application/zip", 20480)}
	hour := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-30T00:00:00Z"}
	}
	return actions.Action{
		ID: "export_events", Name: "Export events", Description: "Reads the raw events that came in during some hours as a zip of files with one event as JSON on each line. An hour's events are there two hours later.", Effect: actions.Read, Guarantee: onlyReads, Timeout: actions.FileTimeout,
		Input:  []actions.Field{hour("from", "From", "The first hour."), hour("to", "To", "The last hour, which counts too; at most 365 days later.")},
		Output: value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			var hours [2]string
			for i, name := range []string{"from", "to"} {
				at, err := time.Parse(time.RFC3339, value.Text(in.Values[name]))
				if err != nil {
					return nil, err
				}
				hours[i] = at.UTC().Format("20060102T15")
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: http.MethodGet, URL: "/api/2/export?" + url.Values{"start": {hours[0]}, "end": {hours[1]}}.Encode()},
				value.File{Name: "events-" + hours[0] + "-" + hours[1] + ".zip", Type: "application/zip"})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"file": resp.File.Value()}, nil
		},
	}
}
