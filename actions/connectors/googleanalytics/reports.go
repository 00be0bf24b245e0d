package googleanalytics

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// known are the names that a property's reports have, the custom ones too.
// Source: https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties/getMetadata
func known(list string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1beta/properties/{property}/metadata"}, Page: actions.Page{Items: "/" + list}, Value: "/apiName", Label: "{/uiName} ({/apiName})",
		Needs: []actions.Field{{ID: "property", Type: actions.Text, In: actions.InPath}}}
}

// reportFields are what a report of either kind is made of.
func reportFields() []actions.Field {
	return []actions.Field{
		{ID: "metrics", Label: "Metrics", Help: "What is counted, by the API's names.", Type: actions.Texts, In: actions.InNone, Example: []any{"activeUsers"}, Choices: known("metrics")},
		{ID: "dimensions", Label: "Dimensions", Help: "By what it is told apart.", Type: actions.Texts, In: actions.InNone, Example: []any{"country"}, Choices: known("dimensions")},
		{ID: "where", Label: "Only where", Help: "All of these conditions hold.", Type: actions.List, In: actions.InNone, Fields: []actions.Field{
			{ID: "dimension", Label: "Dimension", Help: "By the API's name.", Type: actions.Text, Required: true, Example: "country", Choices: known("dimensions")},
			{ID: "match", Label: "Is", Help: "How it is compared.", Type: actions.Select, Default: "EXACT", Options: []actions.Option{{Value: "EXACT", Label: "Exactly"}, {Value: "CONTAINS", Label: "Contains"}, {Value: "BEGINS_WITH", Label: "Begins with"},
				{Value: "ENDS_WITH", Label: "Ends with"}, {Value: "FULL_REGEXP", Label: "Matches wholly"}, {Value: "PARTIAL_REGEXP", Label: "Matches in part"}}},
			{ID: "value", Label: "Value", Help: "What it is compared with.", Type: actions.Text, Required: true, Example: "Germany"},
			{ID: "not", Label: "Is not", Help: "Whether the condition is that it is not so.", Type: actions.Boolean, Default: false}}},
		{ID: "metric_filter", Label: "Filter of metrics", Help: "In Google's own form.", Type: actions.Object, Name: "metricFilter", Example: map[string]any{"filter": map[string]any{"fieldName": "activeUsers", "numericFilter": map[string]any{"operation": "GREATER_THAN", "value": map[string]any{"int64Value": "10"}}}}},
		{ID: "order_by", Label: "Order by", Help: "A metric or a dimension of the report.", Type: actions.Text, In: actions.InNone, Example: "activeUsers"},
		{ID: "descending", Label: "Largest first", Help: "Whether the largest, or the last by the alphabet, come first.", Type: actions.Boolean, Default: true, In: actions.InNone},
	}
}

// reports are the actions of the Data API. Source: https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/properties
func reports() []actions.Action {
	sample := map[string]any{"items": []any{map[string]any{"country": "Germany", "activeUsers": 120}}, "more": false, "total": 1}
	metadata := map[string]any{"name": "properties/1234/metadata", "dimensions": []any{map[string]any{"apiName": "country", "uiName": "Country", "description": "The country from which the user activity originated.", "category": "Geography"}},
		"metrics": []any{map[string]any{"apiName": "activeUsers", "uiName": "Active users", "description": "The number of distinct users.", "category": "User", "type": "TYPE_INTEGER"}}}
	compatible := map[string]any{"dimensionCompatibilities": []any{map[string]any{"compatibility": "COMPATIBLE", "dimensionMetadata": map[string]any{"apiName": "country", "uiName": "Country"}}},
		"metricCompatibilities": []any{map[string]any{"compatibility": "COMPATIBLE", "metricMetadata": map[string]any{"apiName": "activeUsers", "uiName": "Active users"}}}}
	limit := actions.LimitField()
	offset := actions.Field{ID: "offset", Label: "Skip", Help: "How many rows before the first that is given.", Type: actions.Integer, In: actions.InNone, Example: 100}
	return []actions.Action{
		{ID: "run_report", Name: "Run a report", Description: "Counts what happened in a time, as rows whose members are named by the dimensions and metrics.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: append(append([]actions.Field{propertyField(), templateField(),
				{ID: "start", Label: "From", Help: "A day, as 2026-01-31, or 7daysAgo, yesterday, today.", Type: actions.Text, Default: "7daysAgo", In: actions.InNone, Example: "7daysAgo"},
				{ID: "end", Label: "To", Help: "The last day, in the same form.", Type: actions.Text, Default: "yesterday", In: actions.InNone, Example: "yesterday"}}, reportFields()...),
				actions.Field{ID: "currency", Label: "Currency", Help: "Of revenue, as EUR.", Type: actions.Text, Name: "currencyCode", Example: "EUR"},
				actions.Field{ID: "empty_rows", Label: "Empty rows", Help: "Whether rows with nothing counted are given.", Type: actions.Boolean, Name: "keepEmptyRows"}, offset, limit),
			Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "POST", Path: "/v1beta/properties/{property}:runReport", Body: actions.JSONBody, Output: table, Prepare: func(in map[string]any) (actions.Parts, error) {
				start, err := dayOf("start", in["start"])
				if err != nil {
					return actions.Parts{}, err
				}
				end, err := dayOf("end", in["end"])
				if err != nil {
					return actions.Parts{}, err
				}
				parts, err := report(in)
				if err == nil {
					parts.Body["dateRanges"] = []any{map[string]any{"startDate": start, "endDate": end}}
				}
				return parts, err
			}}, Check: daysWritten},
		{ID: "run_realtime_report", Name: "Run a real-time report", Description: "Counts what happened in the last half hour.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  append(append([]actions.Field{propertyField()}, reportFields()...), actions.Field{ID: "minutes", Label: "Of the last minutes", Help: "From 1 to 30.", Type: actions.Integer, In: actions.InNone, Example: 5}, limit),
			Output: value.ShapeOf(sample), Sample: sample,
			Request: &actions.Request{Method: "POST", Path: "/v1beta/properties/{property}:runRealtimeReport", Body: actions.JSONBody, Output: table, Prepare: realtime}},
		{ID: "get_metadata", Name: "Get dimensions and metrics", Description: "Gives the names that a property's reports have, its own ones too.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{propertyField()}, Output: value.ShapeOf(metadata), Sample: metadata, Request: &actions.Request{Method: "GET", Path: "/v1beta/properties/{property}/metadata"}},
		{ID: "check_compatibility", Name: "Check dimensions and metrics", Description: "Says which dimensions and metrics go together in a report.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{propertyField(), {ID: "metrics", Label: "Metrics", Help: "By the API's names.", Type: actions.Texts, In: actions.InNone, Example: []any{"activeUsers"}, Choices: known("metrics")},
				{ID: "dimensions", Label: "Dimensions", Help: "By the API's names.", Type: actions.Texts, In: actions.InNone, Example: []any{"country"}, Choices: known("dimensions")},
				{ID: "only", Label: "Only those", Help: "That go with them, or that do not.", Type: actions.Select, Name: "compatibilityFilter", Options: []actions.Option{{Value: "COMPATIBLE", Label: "That go with them"}, {Value: "INCOMPATIBLE", Label: "That do not"}}}},
			Output: value.ShapeOf(compatible), Sample: compatible,
			Request: &actions.Request{Method: "POST", Path: "/v1beta/properties/{property}:checkCompatibility", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				return actions.Parts{Body: map[string]any{"metrics": names(in["metrics"]), "dimensions": names(in["dimensions"])}}, nil
			}}},
	}
}

// ago are the days that Google names. Source: https://developers.google.com/analytics/devguides/reporting/data/v1/rest/v1beta/DateRange
var ago = regexp.MustCompile(`^(?:today|yesterday|[0-9]{1,4}daysAgo)$`)

// dayOf is a day as Google takes it; of a time its day there.
func dayOf(input string, v any) (string, error) {
	text := strings.TrimSpace(value.Text(v))
	if ago.MatchString(text) {
		return text, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format(time.DateOnly), nil
		}
	}
	return "", fault.New(fault.InvalidInput, "The input %s: %q is no day; write it as 2026-01-31, or today, yesterday or 7daysAgo.", input, fault.Clip(text, 40))
}

// daysWritten checks the days that are written out.
func daysWritten(with map[string]any, written func(string) bool) (out []actions.InputIssue) {
	for _, input := range []string{"start", "end"} {
		if _, err := dayOf(input, with[input]); err != nil && written(input) {
			out = append(out, actions.InputIssue{Path: "/" + input, Message: strings.TrimPrefix(fault.MessageOf(err), "The input "+input+": ")})
		}
	}
	return out
}

func names(v any) []any {
	list, _ := v.([]any)
	out := []any{}
	for _, name := range list {
		out = append(out, map[string]any{"name": name})
	}
	return out
}

// report writes what reports of both kinds have.
func report(in map[string]any) (actions.Parts, error) {
	limit, _ := in["limit"].(int)
	if limit < 1 || limit > actions.MostListed {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input limit: it must be from 1 to 10,000, not %s.", fault.Clip(value.Text(in["limit"]), 20))
	}
	metrics, dimensions := asked(in)
	if len(metrics) == 0 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input metrics: say what is counted, or choose a ready report where there are some.")
	}
	body := map[string]any{"metrics": names(metrics), "limit": strconv.Itoa(limit)} // whole numbers of 64 bits are texts
	if len(dimensions) > 0 {
		body["dimensions"] = names(dimensions)
	}
	if offset := in["offset"]; offset != nil {
		body["offset"] = value.Text(offset)
	}
	conditions, _ := in["where"].([]any)
	terms := []any{}
	for _, item := range conditions {
		c, _ := item.(map[string]any)
		term := map[string]any{"filter": map[string]any{"fieldName": c["dimension"], "stringFilter": map[string]any{"matchType": c["match"], "value": c["value"]}}}
		if c["not"] == true {
			term = map[string]any{"notExpression": term}
		}
		terms = append(terms, term)
	}
	if len(terms) > 0 {
		body["dimensionFilter"] = map[string]any{"andGroup": map[string]any{"expressions": terms}}
	}
	if by := value.Text(in["order_by"]); by != "" {
		order := map[string]any{"desc": in["descending"] == true, "dimension": map[string]any{"dimensionName": by}}
		for _, name := range metrics {
			if name == by {
				order = map[string]any{"desc": in["descending"] == true, "metric": map[string]any{"metricName": by}}
			}
		}
		body["orderBys"] = []any{order}
	}
	return actions.Parts{Body: body}, nil
}

func realtime(in map[string]any) (actions.Parts, error) {
	parts, err := report(in)
	if n := in["minutes"]; n != nil && err == nil {
		minutes, _ := n.(int)
		if minutes < 1 || minutes > 30 {
			return parts, fault.New(fault.InvalidInput, "The input minutes: it must be from 1 to 30, not %s.", fault.Clip(value.Text(n), 20))
		}
		parts.Body["minuteRanges"] = []any{map[string]any{"startMinutesAgo": minutes - 1, "endMinutesAgo": 0}}
	}
	return parts, err
}

// table makes objects of Google's rows, whose cells are texts: metrics become numbers.
func table(resp actions.Response) (any, error) {
	headers := func(kind string) (out []string) {
		list, _ := value.At(resp.Value, "/"+kind+"Headers").([]any)
		for _, h := range list {
			out = append(out, value.Text(value.At(h, "/name")))
		}
		return out
	}
	dimensions, metrics := headers("dimension"), headers("metric")
	rows, _ := value.At(resp.Value, "/rows").([]any)
	items := []any{}
	for _, row := range rows {
		item := map[string]any{}
		for i, name := range dimensions {
			item[name] = value.At(row, "/dimensionValues/"+strconv.Itoa(i)+"/value")
		}
		for i, name := range metrics {
			text := value.Text(value.At(row, "/metricValues/"+strconv.Itoa(i)+"/value"))
			item[name] = text
			if n, err := value.Number(text); err == nil {
				item[name] = n
			}
		}
		items = append(items, item)
	}
	total, _ := value.At(resp.Value, "/rowCount").(int)
	return map[string]any{"items": items, "more": total > len(items), "total": total}, nil
}
