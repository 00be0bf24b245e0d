package mixpanel

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Where Mixpanel gives out raw events, and where its reports and what else its app has. It takes events at another host.
// Sources: https://developer.mixpanel.com/reference/raw-event-export, https://developer.mixpanel.com/reference/query-api
const (
	data = "https://{data_host}"
	app  = "https://{app_host}"
)

const onlyReads = "It only reads, so it is asked again after a crash."

func day(id, label, help string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Date, Required: true, In: actions.InQuery, Name: id + "_date", Example: "2026-01-31"}
}

func days() []actions.Field {
	return []actions.Field{day("from", "From", "The first day, in the project's time zone."), day("to", "To", "The last day, which counts too.")}
}

// reading are the actions that give out what Mixpanel has.
func reading() []actions.Action {
	where := actions.Field{ID: "where", Label: "Where", Help: "A condition in Mixpanel's expressions, as properties[\"plan\"] == \"pro\".", Type: actions.Text, In: actions.InQuery, Example: `properties["plan"] == "pro"`}
	unit := actions.Field{ID: "unit", Label: "By", Help: "What it is counted for.", Type: actions.Select, Default: "day", In: actions.InQuery, Options: []actions.Option{{Value: "hour", Label: "Hour"}, {Value: "day", Label: "Day"}, {Value: "month", Label: "Month"}}}
	counts := map[string]any{"data": map[string]any{"series": []any{"2026-01-30", "2026-01-31"}, "values": map[string]any{"Deal Won": map[string]any{"2026-01-30": 147, "2026-01-31": 146}}}, "legend_size": 1}
	report := map[string]any{"computed_at": "2026-01-31T09:30:00+00:00", "date_range": map[string]any{"from_date": "2026-01-24T00:00:00-07:00", "to_date": "2026-01-31T23:59:59-07:00"}, "headers": []any{"$event"}, "series": map[string]any{"Deal Won": map[string]any{"2026-01-30T00:00:00-07:00": 9852}}}
	funnel := map[string]any{"meta": map[string]any{"dates": []any{"2026-01-30"}}, "data": map[string]any{"2026-01-30": map[string]any{"steps": []any{map[string]any{"count": 32688, "avg_time": 2, "step_conv_ratio": 1, "goal": "App Open", "overall_conv_ratio": 1, "event": "App Open"}}}}}
	event := actions.Field{ID: "event", Label: "Event", Help: "Which one is counted.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "Deal Won",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Base: app, Path: "/api/query/events/names", Query: map[string]string{"type": "general"}}}}
	open := func(sample map[string]any, names ...string) value.Shape { // what stands below these members goes by the project's own names
		shape := value.ShapeOf(sample)
		for _, name := range names {
			shape.Fields[name] = value.Shape{Kind: "object"}
		}
		return shape
	}
	cohorts := actions.Action{ID: "list_cohorts", Name: "List cohorts", Description: "Gives the saved cohorts with how many users each has.", Effect: actions.Read, Guarantee: onlyReads,
		Request: &actions.Request{Method: "POST", Base: app, Path: "/api/query/cohorts/list", Output: whole("")}} // it reads, though it is a POST
	cohorts.Output, cohorts.Sample = actions.ListOf(map[string]any{"id": 1000, "name": "Buyers", "description": "", "count": 150, "is_visible": 1, "created": "2026-01-19 23:49:51", "project_id": 1})
	annotations := actions.Action{ID: "list_annotations", Name: "List annotations", Description: "Gives the notes at dates that the project's charts show.", Effect: actions.Read, Guarantee: onlyReads, Input: []actions.Field{project()},
		Request: &actions.Request{Method: "GET", Base: app, Path: "/api/app/projects/{project}/annotations", Output: whole("/results")}}
	annotations.Output, annotations.Sample = actions.ListOf(annotation())
	return []actions.Action{
		exportEvents(),
		{ID: "query_insights", Name: "Read a saved report", Description: "Gives the numbers of a saved Insights report.", Effect: actions.Read, Guarantee: onlyReads,
			Input:  []actions.Field{{ID: "report", Label: "Report", Help: "Its id, or the address of its page in Mixpanel.", Type: actions.Text, Required: true, In: actions.InQuery, Name: "bookmark_id", Link: `report[-/]([0-9]+)`, Example: "12345"}},
			Output: open(report, "series"), Sample: report, Request: &actions.Request{Method: "GET", Base: app, Path: "/api/query/insights"}},
		{ID: "count_events", Name: "Count events", Description: "Gives how often an event happened, or how many users did it, for each hour, day or month, and for each value of a property.", Effect: actions.Read, Guarantee: onlyReads,
			Input: append(append([]actions.Field{event}, days()...), unit, actions.Field{ID: "type", Label: "Count", Help: "What is counted.", Type: actions.Select, Default: "general", In: actions.InQuery,
				Options: []actions.Option{{Value: "general", Label: "How often"}, {Value: "unique", Label: "How many users"}, {Value: "average", Label: "How often for a user"}}},
				actions.Field{ID: "on", Label: "For each", Help: "A property in Mixpanel's expressions, for whose values it is counted apart.", Type: actions.Text, In: actions.InQuery, Example: `properties["plan"]`}, where),
			Output: open(counts, "data"), Sample: counts, Request: &actions.Request{Method: "GET", Base: app, Path: "/api/query/segmentation"}},
		{ID: "query_funnel", Name: "Read a funnel", Description: "Gives how many users went through the steps of a saved funnel.", Effect: actions.Read, Guarantee: onlyReads,
			Input: append([]actions.Field{{ID: "funnel", Label: "Funnel", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InQuery, Name: "funnel_id", Example: "7509",
				Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Base: app, Path: "/api/query/funnels/list"}, Page: actions.Page{ID: "/funnel_id"}, Value: "/funnel_id", Label: "/name"}}}, days()...),
			Output: open(funnel, "data"), Sample: funnel, Request: &actions.Request{Method: "GET", Base: app, Path: "/api/query/funnels"}},
		cohorts, findProfiles(), annotations,
		{ID: "create_annotation", Name: "Create an annotation", Description: "Writes a note at a time, as of a release, which the project's charts show.", Effect: actions.Once,
			Guarantee: "Mixpanel has no key that would make a repeat harmless: a note whose answer was lost in a crash is not written again by itself, you are asked.",
			Input:     []actions.Field{project(), {ID: "at", Label: "When", Help: "Where the note stands.", Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"}, {ID: "text", Label: "Text", Help: "What the charts show.", Type: actions.Text, Required: true, Name: "description", Example: "Release 2.4"}},
			Output:    value.ShapeOf(annotation()), Sample: annotation(), Request: &actions.Request{Method: "POST", Base: app, Path: "/api/app/projects/{project}/annotations", Body: actions.JSONBody, Prepare: annotationTime, Output: func(resp actions.Response) (any, error) { return value.At(resp.Value, "/results"), nil }}},
	}
}

// whole gives a list that comes in one part as those are given that come in several.
func whole(pointer string) func(actions.Response) (any, error) {
	return func(resp actions.Response) (any, error) {
		return map[string]any{"items": value.At(resp.Value, pointer), "more": false}, nil
	}
}

func project() actions.Field {
	return actions.Field{ID: "project", Label: "Project", Help: "Its ID, as the connection has it, or the address of its page.", Type: actions.Text, Required: true, In: actions.InPath, Link: `/project/([0-9]+)`, Example: "2195193"}
}

func annotation() map[string]any {
	return map[string]any{"id": 1234, "date": "2026-01-31 09:30:00", "description": "Release 2.4", "user": map[string]any{"id": 4711, "first_name": "Ada", "last_name": "Lovelace"}, "tags": []any{map[string]any{"id": 12, "name": "release"}}}
}

// annotationTime writes a time as Mixpanel's app has it.
func annotationTime(in map[string]any) (actions.Parts, error) {
	at, err := time.Parse(time.RFC3339, value.Text(in["at"]))
	return actions.Parts{Body: map[string]any{"date": at.Format(time.DateTime)}}, err
}

// exported are the days of an export, which are others than those of reports.
func exported() []actions.Field {
	const in = "in UTC, or in the project's time zone where it was made before 2023."
	return []actions.Field{day("from", "From", "The first day, "+in), day("to", "To", "The last day, which counts too, "+in)}
}

// exportEvents keeps raw events as a file: there may be millions.
func exportEvents() actions.Action {
	sample := map[string]any{"file": actions.FileSample("events-2026-01-01-2026-01-31.jsonl", "application/x-ndjson", 20480)}
	return actions.Action{
		ID: "export_events", Name: "Export events", Description: "Reads the raw events of some days as a file that has one event as JSON on each line. Mixpanel lets 60 such exports through in an hour.", Effect: actions.Read, Guarantee: onlyReads, Timeout: actions.FileTimeout,
		Input: append(exported(), actions.Field{ID: "events", Label: "Events", Help: "Names of events; all where none is given.", Type: actions.Texts, Whole: true, In: actions.InNone, Example: []any{"Deal Won"}},
			actions.Field{ID: "where", Label: "Where", Help: "A condition in Mixpanel's expressions.", Type: actions.Text, In: actions.InNone, Example: `properties["plan"] == "pro"`},
			actions.Field{ID: "most", Label: "At most", Help: "How many events are exported, up to 100,000; all where none is given.", Type: actions.Integer, In: actions.InNone, Example: 1000}),
		Output: value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			from, to := value.Text(in.Values["from"]), value.Text(in.Values["to"])
			query := url.Values{"from_date": {from}, "to_date": {to}}
			if list, _ := in.Values["events"].([]any); len(list) > 0 {
				names, err := json.Marshal(list)
				if err != nil {
					return nil, err
				}
				query.Set("event", string(names))
			}
			for input, name := range map[string]string{"where": "where", "most": "limit"} {
				if in.Values[input] != nil {
					query.Set(name, value.Text(in.Values[input]))
				}
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: http.MethodGet, Base: data, URL: "/api/2.0/export?" + query.Encode()}, value.File{Name: "events-" + from + "-" + to + ".jsonl", Type: "application/x-ndjson"})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return map[string]any{"file": resp.File.Value()}, nil
		},
	}
}

// findProfiles gives a part of the profiles. The next one is asked for by its number and the session of the first.
func findProfiles() actions.Action {
	sample := map[string]any{"page": 0, "page_size": 1000, "session_id": "1234567890-EXAMPL", "status": "ok", "total": 1, "results": []any{map[string]any{"$distinct_id": "u-42", "$properties": map[string]any{"$email": "ada@example.com", "plan": "pro"}}}}
	return actions.Action{
		ID: "find_profiles", Name: "Find profiles", Description: "Gives the profiles of users by their IDs, a condition or a cohort, up to 1,000 at once.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "ids", Label: "Users", Help: "Distinct IDs.", Type: actions.Texts, In: actions.InNone, Example: []any{"u-42"}},
			{ID: "where", Label: "Where", Help: "A condition in Mixpanel's expressions, as properties[\"$email\"] == \"ada@example.com\".", Type: actions.Text, Example: `properties["plan"] == "pro"`},
			{ID: "cohort", Label: "Cohort", Help: "The id of a cohort whose users are given.", Type: actions.Integer, In: actions.InNone, Example: 1000,
				Choices: &actions.Choices{Request: &actions.Request{Method: "POST", Base: app, Path: "/api/query/cohorts/list"}, Page: actions.Page{ID: "/id"}, Value: "/id", Label: "/name"}},
			{ID: "page", Label: "Part", Help: "Its number, from 0; of a further one with the session that the first gave.", Type: actions.Integer, Example: 1},
			{ID: "session_id", Label: "Session", Help: "What the first part gave.", Type: actions.Text, Example: "1234567890-EXAMPL"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Base: app, Path: "/api/query/engage", Body: actions.FormBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body := map[string]any{}
			if list, _ := in["ids"].([]any); len(list) > 0 {
				text, err := value.Encode(list)
				if err != nil {
					return actions.Parts{}, err
				}
				body["distinct_ids"] = string(text)
			}
			if in["cohort"] != nil {
				body["filter_by_cohort"] = `{"id":` + value.Text(in["cohort"]) + `}`
			}
			if (in["page"] != nil && value.Text(in["page"]) != "0") != (value.Text(in["session_id"]) != "") {
				return actions.Parts{}, fault.New(fault.InvalidInput, "The input session_id: a further part needs the session that the first part gave, and the first has none.")
			}
			return actions.Parts{Body: body}, nil
		}},
	}
}

// hosts are where a region takes events, gives them out, and has its app.
func hosts(region string) map[string]string {
	if region == "" || region == "us" {
		return map[string]string{"host": "api.mixpanel.com", "data_host": "data.mixpanel.com", "app_host": "mixpanel.com"}
	}
	return map[string]string{"host": "api-" + region + ".mixpanel.com", "data_host": "data-" + region + ".mixpanel.com", "app_host": region + ".mixpanel.com"}
}
