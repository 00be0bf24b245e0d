package googlesheets

import (
	"fmt"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// newRow is the trigger for rows that are added at the end of a sheet. Rows have no id, so the number stands for the row.
// Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/get
func newRow() actions.Trigger {
	sample := map[string]any{"row": 42, "values": []any{"2026-01-31", "Ada Lovelace", "ada@example.com", 120}}
	return actions.Trigger{
		ID: "new_row", Name: "New row", Kind: actions.PollKind,
		Description: "A row was added at the end of a sheet. Each row number counts once, as the row is when it is first seen; rows that are put in between or changed do not count.",
		Input: []actions.Field{
			spreadsheetField(actions.InPath), sheetField(),
			{ID: "first_row", Label: "First row", Help: "The number of the first row that counts; those above it are headings.", Type: actions.Integer, Default: 2, In: actions.InNone},
		},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}", Prepare: rowsRange,
				Query: map[string]string{"majorDimension": "ROWS", "valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}},
			Page: actions.Page{Kind: actions.Offset, Items: "/values", Size: 1000},
			Row:  "first_row", Every: 2 * time.Minute, Least: 30 * time.Second,
		},
	}
}

// rowsRange is the range of a part's rows.
func rowsRange(in map[string]any) (actions.Parts, error) {
	return actions.Parts{Path: map[string]string{"range": fmt.Sprintf("%s!A%s:ZZ%s", tab(in), value.Text(in["row"]), value.Text(in["last"]))}}, nil
}

// tab is a sheet's name as ranges have it.
func tab(in map[string]any) string {
	return "'" + strings.ReplaceAll(value.Text(in["sheet"]), "'", "''") + "'"
}
