package salesforce

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// callTimeout is how long a report, a flow or an Apex action may take.
const callTimeout = 2 * time.Minute

// viewActions are for what people have put together in Salesforce's own screens, and for its search.
func viewActions() []actions.Action {
	return []actions.Action{runReport(), listView(), search()}
}

// runReport gives a report as it is saved.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_analytics.meta/api_analytics/sforce_analytics_rest_api_getreportrundata.htm
func runReport() actions.Action {
	sample := map[string]any{"name": "Won this month", "all": true, "rows": []any{map[string]any{"Account Name": "Analytical Engines", "Amount": 1200}},
		"groups": []any{map[string]any{"down": []any{"Ada Lovelace"}, "across": []any{}, "totals": map[string]any{"Sum of Amount": 1200}}}}
	report := look("report", "Report", "The id of the report, or its address in Salesforce.", "", chosen("SELECT Id, Name, FolderName FROM Report ORDER BY Name LIMIT 2000", "{/Name} ({/FolderName})"))
	report.Required, report.In, report.Example = true, actions.InPath, "00OD000000AbCdEMAV"
	return actions.Action{
		ID: "run_report", Name: "Run a report", Description: "Runs a report as it is saved, and gives its rows by the labels of its columns, and the totals of its groups; Salesforce gives at most 2,000 rows, and all says whether those are all.",
		Effect: actions.Read, Guarantee: onlyReads, Timeout: callTimeout, Input: []actions.Field{report},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"name": {Kind: "text"}, "all": {Kind: "boolean"}, "rows": {Kind: "list"}, "groups": {Kind: "list"}}}, Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/analytics/reports/{report}", Query: map[string]string{"includeDetails": "true"}, Output: reported},
	}
}

// reported takes a report's answer apart, in which the rows of each group stand under its place among the groupings, as 0_1!T.
func reported(resp actions.Response) (any, error) {
	facts, ok := value.At(resp.Value, "/factMap").(map[string]any)
	if !ok {
		return nil, fault.New(fault.Unavailable, "Salesforce answered without the report's rows.")
	}
	columns, _ := value.At(resp.Value, "/reportMetadata/detailColumns").([]any)
	aggregates, _ := value.At(resp.Value, "/reportMetadata/aggregates").([]any)
	down, across := groupLabels(value.At(resp.Value, "/groupingsDown/groupings")), groupLabels(value.At(resp.Value, "/groupingsAcross/groupings"))
	rows, groups := []any{}, []any{}
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		a, b, _ := strings.Cut(key, "!")
		list, _ := value.At(facts[key], "/rows").([]any)
		for _, row := range list {
			cells, _ := value.At(row, "/dataCells").([]any)
			rows = append(rows, named(resp, "detailColumnInfo", columns, cells))
		}
		totals, _ := value.At(facts[key], "/aggregates").([]any)
		groups = append(groups, map[string]any{"down": down[a], "across": across[b], "totals": named(resp, "aggregateColumnInfo", aggregates, totals)})
	}
	return map[string]any{"name": value.At(resp.Value, "/attributes/reportName"), "all": value.At(resp.Value, "/allData"), "rows": rows, "groups": groups}, nil
}

// groupLabels are the labels on the way to each group, by its key. T is the whole.
func groupLabels(groupings any) map[string][]any {
	out := map[string][]any{"T": {}}
	var walk func(list any, above []any)
	walk = func(list any, above []any) {
		groups, _ := list.([]any)
		for _, g := range groups {
			way := append(above[:len(above):len(above)], value.At(g, "/label"))
			out[value.Text(value.At(g, "/key"))] = way
			walk(value.At(g, "/groupings"), way)
		}
	}
	walk(groupings, nil)
	return out
}

// named puts cells under the labels of their columns; of two that have one label the second goes by its API name. Numbers, days and
// times are values, anything else reads as in the report.
func named(resp actions.Response, info string, columns, cells []any) map[string]any {
	out := map[string]any{}
	for i := range min(len(columns), len(cells)) {
		column := value.Text(columns[i])
		about := value.At(resp.Value, "/reportExtendedMetadata/"+info+"/"+actions.Pointer(column))
		label := value.Text(value.At(about, "/label"))
		if _, twice := out[label]; twice || label == "" {
			label = column
		}
		v := value.At(cells[i], "/label")
		switch value.Text(value.At(about, "/dataType")) {
		case "int", "double", "percent", "boolean", "date", "datetime":
			v = value.At(cells[i], "/value")
		case "currency":
			if v = value.At(cells[i], "/value/amount"); v == nil {
				v = value.At(cells[i], "/value")
			}
		}
		out[label] = v
	}
	return out
}

// listView gives the records of a list view, whose query Salesforce tells.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_listviewdescribe.htm
func listView() actions.Action {
	ask := query()
	views := &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/sobjects/{object}/listviews"}, Page: actions.Page{Kind: actions.NextURL, Items: "/listviews", Sure: "/listviews", ID: "/id", Next: "/nextRecordsUrl"}, Value: "/id", Label: "/label", Needs: fieldsOf().Needs}
	describe := actions.Action{ID: "describe", Effect: actions.Read, Sample: map[string]any{"query": "SELECT Name, Id FROM Account"},
		Input:   []actions.Field{{ID: "object", Type: actions.Text, In: actions.InPath}, {ID: "view", Type: actions.Text, In: actions.InPath}},
		Request: &actions.Request{Method: "GET", Path: "/sobjects/{object}/listviews/{view}/describe"}}
	return actions.Action{
		ID: "list_view_records", Name: "List records of a list view", Description: "Gives the records that a list view of Salesforce's screens shows, with its columns.", Effect: actions.Read, Guarantee: onlyReads,
		Input:  []actions.Field{inBody(), {ID: "view", Label: "List view", Help: "Its id.", Type: actions.Text, Required: true, In: actions.InNone, Example: "00BD0000005WcCNMA0", Choices: views}, actions.LimitField()},
		Output: ask.Output, Sample: ask.Sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			about, err := do.Ask(ctx, &describe, map[string]any{"object": in.Values["object"], "view": in.Values["view"]})
			if err != nil {
				return nil, err
			}
			soql := value.Text(value.At(about, "/query"))
			if soql == "" {
				return nil, fault.New(fault.Unavailable, "Salesforce did not say what the list view %s shows: its description has no query. Look whether it opens in Salesforce.", fault.Clip(value.Text(in.Values["view"]), 40))
			}
			return do.Ask(ctx, &ask, map[string]any{"soql": soql, "limit": in.Values["limit"]})
		},
	}
}

// search looks for text in all fields that Salesforce searches. A text goes there as it is: it is no SOSL.
// Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_search_parameterized_post.htm
func search() actions.Action {
	out := actions.Action{
		ID: "search", Name: "Search records", Description: "Gives the records of one or more objects in which a text stands, as Salesforce's search finds them; what was written a moment ago may be missing.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{{ID: "text", Label: "Text", Help: "At least two characters; * stands for any letters.", Type: actions.Text, Required: true, Name: "q", Example: "Lovelace"},
			{ID: "objects", Label: "Objects", Help: "The API names of those that are searched.", Type: actions.Texts, Required: true, In: actions.InNone, Example: []any{"Contact", "Lead"}, Choices: objects()},
			{ID: "where", Label: "Where", Help: "In which fields.", Type: actions.Select, Default: "ALL", Name: "in", Options: []actions.Option{{Value: "ALL", Label: "All"}, {Value: "NAME", Label: "Names"}, {Value: "EMAIL", Label: "Mail addresses"}, {Value: "PHONE", Label: "Phone numbers"}}},
			{ID: "return_fields", Label: "Fields to give", Help: "Their API names, which each of the objects has; not given: the id alone.", Type: actions.Texts, In: actions.InNone, Example: []any{"Name", "Email"}}, actions.LimitField()},
		Page: &actions.Page{Items: "/searchRecords", Sure: "/searchRecords", ID: "/Id"}, Request: &actions.Request{Method: "POST", Path: "/parameterizedSearch", Body: actions.JSONBody, Prepare: searched},
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"attributes": map[string]any{"type": "Contact", "url": "/services/data/v60.0/sobjects/Contact/003D000000QYVZ9IAP"}, "Id": "003D000000QYVZ9IAP", "Name": "Ada Lovelace", "Email": "ada@example.com"})
	return out
}

func searched(in map[string]any) (actions.Parts, error) {
	list, _ := in["objects"].([]any)
	if len(list) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input objects: say what is searched, as Contact.")
	}
	objects := make([]any, len(list))
	for i, item := range list {
		from, err := name("objects", value.Text(item))
		if err != nil {
			return actions.Parts{}, err
		}
		objects[i] = map[string]any{"name": from}
	}
	body := map[string]any{"sobjects": objects}
	if limit, ok := in["limit"].(int); ok {
		body["overallLimit"] = min(limit+1, 2000)
	}
	if wanted, _ := in["return_fields"].([]any); len(wanted) > 0 {
		fields := []any{"Id"}
		for _, item := range wanted {
			field, err := name("return_fields", value.Text(item))
			if err != nil {
				return actions.Parts{}, err
			}
			if !strings.EqualFold(field, "Id") {
				fields = append(fields, field)
			}
		}
		body["fields"] = fields
	}
	return actions.Parts{Body: body}, nil
}
