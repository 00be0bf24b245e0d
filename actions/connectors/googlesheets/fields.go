package googlesheets

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func spreadsheetField(in actions.In) actions.Field {
	return actions.Field{ID: "spreadsheet", Label: "Spreadsheet", Help: "Its URL, or its id, which stands there after /d/.", Type: actions.Text, Required: true, In: in, Example: "1AbCdEf", Link: actions.GoogleFileLink, Choices: spreadsheets()}
}

// spreadsheets are those of the account and those that are shared with it, the last changed first.
// Source: https://developers.google.com/workspace/drive/api/reference/rest/v3/files/list
func spreadsheets() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Base: drive, Path: "/drive/v3/files", Query: map[string]string{"q": "mimeType = 'application/vnd.google-apps.spreadsheet' and trashed = false",
		"fields": "nextPageToken,files(id,name)", "orderBy": "modifiedTime desc", "supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}},
		Page:  actions.Page{Kind: actions.NextToken, Items: "/files", Next: "/nextPageToken", At: actions.Spot{In: actions.InQuery, Name: "pageToken"}, Size: 500, Sizes: actions.Spot{In: actions.InQuery, Name: "pageSize"}},
		Value: "/id", Label: "/name"}
}

// sheetField chooses a tab by its name. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/get
func sheetField() actions.Field {
	return actions.Field{ID: "sheet", Label: "Sheet", Help: "The name of the tab.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Sheet1",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}", Query: map[string]string{"fields": "sheets.properties"}},
			Page: actions.Page{Items: "/sheets"}, Value: "/properties/title", Needs: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}}}}
}

// columnField chooses a column by its heading, of which most sheets have theirs in the first row.
func columnField() actions.Field {
	return actions.Field{ID: "column", Label: "Column", Help: "The heading of the column to search.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Email",
		Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}", Prepare: func(in map[string]any) (actions.Parts, error) {
			return actions.Parts{Path: map[string]string{"range": rangeOf(in, "1:1")}}, nil
		}}, Page: actions.Page{Items: "/values/0"}, Needs: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "sheet", Type: actions.Text, In: actions.InNone}}}}
}

func headingField() actions.Field {
	return actions.Field{ID: "heading_row", Label: "Headings in row", Help: "The number of the row that holds the columns' headings.", Type: actions.Integer, Default: 1, In: actions.InNone}
}

func rowField() actions.Field {
	return actions.Field{ID: "row", Label: "Row", Help: "Its number, as the sheet shows it.", Type: actions.Integer, Required: true, In: actions.InNone, Example: 42}
}

// lookFields say which column holds which value.
func lookFields() []actions.Field {
	return []actions.Field{columnField(), {ID: "value", Label: "Value", Help: "The value to find there, as a text or a number.", Type: actions.Text, Required: true, In: actions.InNone, Example: "ada@example.com"},
		{ID: "ignore_case", Label: "Whatever the case", Help: "Whether ADA is the same as ada.", Type: actions.Boolean, Default: false, In: actions.InNone}}
}

// inSheet are the inputs of an action on a sheet.
func inSheet(fields ...actions.Field) []actions.Field {
	return append([]actions.Field{spreadsheetField(actions.InNone), sheetField()}, fields...)
}

// written are the inputs of an action that writes rows by the columns' headings.
func written(fields ...actions.Field) []actions.Field {
	return append(inSheet(fields...), append(enteredFields(), headingField())...)
}

// enteredFields say how values are taken.
func enteredFields() []actions.Field {
	return []actions.Field{
		{ID: "formulas", Label: "Formulas", Help: "Whether texts that begin with =, +, - or @ are formulas. Leave it off where a text comes from outside: it could read your sheet and send it away.", Type: actions.Boolean, Default: false, In: actions.InNone},
		{ID: "value_input", Label: "Read as", Help: "Whether values are read as typed by a person (dates, formulas) or kept as they are.", Type: actions.Select, Default: "USER_ENTERED", In: actions.InNone,
			Options: []actions.Option{{Value: "USER_ENTERED", Label: "As typed"}, {Value: "RAW", Label: "As they are"}}},
	}
}

func shownField() actions.Field {
	return actions.Field{ID: "shown", Label: "Values", Help: "Numbers and true as such, everything as the sheet shows it, or the formulas.", Type: actions.Select, Default: "UNFORMATTED_VALUE", In: actions.InNone,
		Options: []actions.Option{{Value: "UNFORMATTED_VALUE", Label: "As values"}, {Value: "FORMATTED_VALUE", Label: "As shown"}, {Value: "FORMULA", Label: "Formulas"}}}
}

func valuesField(help string) actions.Field {
	return actions.Field{ID: "values", Label: "Values", Help: help, Type: actions.JSON, Required: true, In: actions.InNone, Example: map[string]any{"Name": "Ada Lovelace", "Email": "ada@example.com"}}
}

// The parts that actions are made of.

// readRanges reads parts of a sheet at once. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/batchGet
func readRanges() *actions.Action {
	return &actions.Action{ID: "read", Effect: actions.Read, Input: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "ranges", Type: actions.Texts, Whole: true, In: actions.InQuery},
		{ID: "shown", Type: actions.Text, In: actions.InQuery, Name: "valueRenderOption", Default: "UNFORMATTED_VALUE"}},
		Sample:  map[string]any{"spreadsheetId": "1AbCdEf", "valueRanges": []any{}},
		Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}/values:batchGet", Query: map[string]string{"majorDimension": "ROWS", "dateTimeRenderOption": "FORMATTED_STRING"}}}
}

// appendValues adds rows. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/append
func appendValues() *actions.Action {
	return &actions.Action{ID: "append", Effect: actions.Once, Sample: appended(), Input: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "range", Type: actions.Text, In: actions.InPath},
		{ID: "values", Type: actions.List}, {ID: "majorDimension", Type: actions.Text, Default: "ROWS"}, {ID: "value_input", Type: actions.Text, In: actions.InQuery, Name: "valueInputOption"}},
		Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}:append", Body: actions.JSONBody, Query: map[string]string{"insertDataOption": "INSERT_ROWS"}}}
}

func appended() map[string]any {
	return map[string]any{"spreadsheetId": "1AbCdEf", "tableRange": "Closed!A1:F41",
		"updates": map[string]any{"spreadsheetId": "1AbCdEf", "updatedRange": "Closed!A42:F42", "updatedRows": 1, "updatedColumns": 6, "updatedCells": 6}}
}

// setValues writes rows of cells. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/update
func setValues() *actions.Action {
	return &actions.Action{ID: "set", Effect: actions.Idempotent, Sample: updated(), Input: []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "range", Type: actions.Text, In: actions.InPath},
		{ID: "values", Type: actions.List}, {ID: "majorDimension", Type: actions.Text, Default: "ROWS"}, {ID: "value_input", Type: actions.Text, In: actions.InQuery, Name: "valueInputOption"}},
		Request: &actions.Request{Method: "PUT", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}", Body: actions.JSONBody}}
}

func updated() map[string]any {
	return map[string]any{"spreadsheetId": "1AbCdEf", "updatedRange": "Closed!A42:F42", "updatedRows": 1, "updatedColumns": 6, "updatedCells": 6}
}

// setCells writes parts of a row. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/batchUpdate
func setCells() *actions.Action {
	return &actions.Action{ID: "set", Effect: actions.Idempotent, Sample: updatedRow(),
		Input:   []actions.Field{{ID: "spreadsheet", Type: actions.Text, In: actions.InPath}, {ID: "data", Type: actions.List}, {ID: "value_input", Type: actions.Text, Name: "valueInputOption"}},
		Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}/values:batchUpdate", Body: actions.JSONBody}}
}

func updatedRow() map[string]any {
	return map[string]any{"spreadsheetId": "1AbCdEf", "totalUpdatedRows": 1, "totalUpdatedColumns": 6, "totalUpdatedCells": 6, "totalUpdatedSheets": 1, "responses": []any{updated()}}
}

// part is the n-th of the ranges that were read.
func part(answer any, n int) []any {
	list, _ := value.At(answer, fmt.Sprintf("/valueRanges/%d/values", n)).([]any)
	return list
}

// rowOf is the n-th row of a part; nil: the sheet ends before it.
func rowOf(part []any, n int) any {
	if n < 0 || n >= len(part) {
		return nil
	}
	return part[n]
}

// askTable reads the headings. In a sandbox, where nothing is read, they are the names that the step gives.
func askTable(ctx context.Context, v map[string]any, do actions.Doer, names ...string) (table, error) {
	answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{rangeOf(v, fmt.Sprintf("%[1]s:%[1]s", value.Text(v["heading_row"])))}})
	switch {
	case err != nil:
		return nil, err
	case do.Sandboxed():
		slices.Sort(names)
		return slices.Compact(names), nil
	}
	t := headings(rowOf(part(answer, 0), 0))
	if len(t) == 0 {
		return nil, fault.New(fault.InvalidInput, "The row %s of the sheet holds no headings, which the columns are known by. Write some, or give the values as a list.", value.Text(v["heading_row"]))
	}
	return t, nil
}

func keys(objects ...any) []string {
	var out []string
	for _, o := range objects {
		if object, ok := o.(map[string]any); ok {
			out = slices.AppendSeq(out, maps.Keys(object))
		}
	}
	return out
}

// positive holds a row's number to what there is.
func positive(v map[string]any, names ...string) error {
	for _, name := range names {
		if n, ok := v[name].(int); v[name] != nil && (!ok || n < 1) {
			return fault.New(fault.InvalidInput, "The input %s: rows are counted from 1, and it is %s.", name, fault.Clip(value.Text(v[name]), 20))
		}
	}
	return nil
}
