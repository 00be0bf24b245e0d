package googlesheets

import (
	"context"
	"fmt"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// sorting is the action that sorts a sheet's rows.
// Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#sortrangerequest
func sorting() actions.Action {
	by := columnField()
	by.Help = "The heading of the column that they go by."
	return actions.Action{ID: "sort_rows", Name: "Sort rows", Description: "Sorts all rows below the headings by a column.", Effect: actions.Idempotent, Guarantee: "Rows that are sorted stay so, so a repeat changes nothing.",
		Input:  inSheet(by, actions.Field{ID: "descending", Label: "Largest first", Help: "Whether the largest, or the last by the alphabet, come first.", Type: actions.Boolean, Default: false, In: actions.InNone}, headingField()),
		Output: value.ShapeOf(replied("")), Sample: replied(""), Run: sortRows}
}

func sortRows(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := positive(v, "heading_row"); err != nil {
		return nil, err
	}
	answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{rangeOf(v, fmt.Sprintf("%[1]s:%[1]s", value.Text(v["heading_row"])))}})
	if err != nil {
		return nil, err
	}
	i, err := headings(rowOf(part(answer, 0), 0)).column(value.Text(v["column"]), "column")
	if err != nil && !do.Sandboxed() { // which has no headings
		return nil, err
	}
	id, err := sheetID(ctx, v, "sheet", do)
	if err != nil {
		return nil, err
	}
	order := "ASCENDING"
	if v["descending"] == true {
		order = "DESCENDING"
	}
	return batch(ctx, v, do, "sortRange", map[string]any{"range": map[string]any{"sheetId": id, "startRowIndex": v["heading_row"]}, "sortSpecs": []any{map[string]any{"dimensionIndex": i, "sortOrder": order}}})
}
