package googlesheets

import (
	"fmt"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// ranges are the actions of cells by their addresses.
// Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values
func ranges() []actions.Action {
	read := map[string]any{"range": "Sheet1!A1:B2", "majorDimension": "ROWS", "values": []any{[]any{"Name", "Amount"}, []any{"Ada Lovelace", 120}}}
	several := map[string]any{"spreadsheetId": "1AbCdEf", "valueRanges": []any{read}}
	cleared := map[string]any{"spreadsheetId": "1AbCdEf", "clearedRange": "Sheet1!A2:Z1000"}
	part := actions.Field{ID: "cells", Label: "Cells", Help: "As A1:C10, A:C or 2:5; leave it empty for the whole sheet.", Type: actions.Text, In: actions.InNone, Example: "A1:C10"}
	sheet, in := sheetField(), spreadsheetField(actions.InPath)
	shown := shownField()
	shown.In, shown.Name = actions.InQuery, "valueRenderOption"
	enter := enteredFields()
	enter[1].In, enter[1].Name = actions.InQuery, "valueInputOption"
	needed := part
	needed.Help, needed.Required = "The first cell, as A1, or all of them, as A1:C10.", true
	return []actions.Action{
		{ID: "get_range", Name: "Get cells", Description: "Gives the cells of a range, row by row. Empty rows and cells at the end are left out.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{in, sheet, part, shown}, Output: value.ShapeOf(read), Sample: read,
			Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}", Query: map[string]string{"dateTimeRenderOption": "FORMATTED_STRING"}, Prepare: cells}},
		{ID: "get_ranges", Name: "Get several ranges", Description: "Gives the cells of several ranges, also of several sheets, with one request.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  []actions.Field{in, {ID: "ranges", Label: "Ranges", Help: "Each with the sheet, as 'Sheet 1'!A1:C10, or the name of a named range.", Type: actions.Texts, Whole: true, Required: true, In: actions.InQuery, Example: []any{"Sheet1!A1:C10"}}, shown},
			Output: value.ShapeOf(several), Sample: several,
			Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}/values:batchGet", Query: map[string]string{"dateTimeRenderOption": "FORMATTED_STRING"}}},
		{ID: "update_range", Name: "Write cells", Description: "Writes rows of cells into a range.", Effect: actions.Idempotent, Guarantee: "It sets cells by their addresses, so a repeat sets the same again.",
			Input:  append([]actions.Field{in, sheet, needed, {ID: "values", Label: "Values", Help: "A list of rows, each a list of cells; null empties a cell.", Type: actions.List, Required: true, In: actions.InNone, Example: []any{[]any{"Name", "Amount"}, []any{"Ada", 120}}}}, enter...),
			Output: value.ShapeOf(updated()), Sample: updated(),
			Request: &actions.Request{Method: "PUT", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}", Body: actions.JSONBody, Prepare: grid}},
		{ID: "clear_range", Name: "Clear cells", Description: "Empties the cells of a range; their formats stay.", Effect: actions.Idempotent, Guarantee: "Cells that are empty stay so, so a repeat changes nothing.",
			Input: []actions.Field{in, sheet, part}, Output: value.ShapeOf(cleared), Sample: cleared,
			Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}:clear", Prepare: cells}},
		{ID: "clear_rows", Name: "Clear rows", Description: "Empties rows, or all below the headings; the rows themselves stay.", Effect: actions.Idempotent, Guarantee: "Rows that are empty stay so, so a repeat changes nothing.",
			Input: []actions.Field{in, sheet, {ID: "first_row", Label: "From row", Help: "The number of the first row that is emptied.", Type: actions.Integer, Default: 2, In: actions.InNone},
				{ID: "last_row", Label: "To row", Help: "The number of the last one; leave it empty for all that follow.", Type: actions.Integer, In: actions.InNone, Example: 10}},
			Output: value.ShapeOf(cleared), Sample: cleared,
			Request: &actions.Request{Method: "POST", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}:clear", Prepare: rowsPart}},
	}
}

// cells is the path's range.
func cells(in map[string]any) (actions.Parts, error) {
	return actions.Parts{Path: map[string]string{"range": rangeOf(in, value.Text(in["cells"]))}}, nil
}

// rowsPart is the range of whole rows. All that follow have no last one.
func rowsPart(in map[string]any) (actions.Parts, error) {
	if err := positive(in, "first_row", "last_row"); err != nil {
		return actions.Parts{}, err
	}
	first, _ := in["first_row"].(int)
	part := fmt.Sprintf("A%d:ZZ", first)
	if last, ok := in["last_row"].(int); ok {
		if last < first {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input last_row: it is %d, before the first row %d.", last, first)
		}
		part = fmt.Sprintf("%d:%d", first, last)
	}
	return actions.Parts{Path: map[string]string{"range": rangeOf(in, part)}}, nil
}

// grid writes rows of cells.
func grid(in map[string]any) (actions.Parts, error) {
	list, _ := in["values"].([]any)
	out := []any{}
	for i, row := range list {
		at := fmt.Sprintf("values/%d", i)
		inner, ok := row.([]any)
		if !ok {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input %s: a row is a list of cells, not %s.", at, value.AKind(row))
		}
		got, err := listed(inner, in, at, true)
		if err != nil {
			return actions.Parts{}, err
		}
		out = append(out, got)
	}
	parts, err := cells(in)
	parts.Body = map[string]any{"values": out, "majorDimension": "ROWS"}
	return parts, err
}
