package googlesheets

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// mostRows is how many rows of a sheet are compared at most, as many as a trigger remembers.
const mostRows = 10_000

// changedRow is the trigger for rows that are new or say something else. Google keeps no time of a row, so all rows are read, and what
// none of them said before counts. Where a row stands does not matter: rows that move, by a sort or one that is put in between, do not
// count. Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/get
func changedRow() actions.Trigger {
	sample := map[string]any{"row": 42, "values": map[string]any{"Name": "Ada Lovelace", "Email": "ada@example.com", "Amount": 120}, "id": "n4bQgYhMfWWaL28d-1"}
	watched := columnField()
	watched.ID, watched.Label, watched.Type, watched.Required, watched.Example = "columns", "Only these columns", actions.Texts, false, []any{"Status"}
	watched.Help = "The headings of the columns that are compared; all where none is named. Leave out those that change by themselves, as by NOW()."
	return actions.Trigger{
		ID: "row_changed", Name: "New or changed row", Kind: actions.PollKind,
		Description: "A row was added, or a cell of it changed. All rows are read and compared each time, up to 10,000; rows that only move do not count. Several changes between two looks count once. Where headings are renamed, all rows count.",
		Input: []actions.Field{spreadsheetField(actions.InPath), sheetField(), watched, headingField(),
			{ID: "first_row", Label: "First row", Help: "The number of the first row that counts.", Type: actions.Integer, Default: 2, In: actions.InNone}},
		Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{
			Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}/values/{range}", Prepare: allRows,
				Query: map[string]string{"majorDimension": "ROWS", "valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}},
			Page: actions.Page{ID: "/id", Sure: "/range"}, Items: told, Returns: true, Every: 5 * time.Minute, Least: time.Minute,
		},
	}
}

// from is the first row that is read: with the headings, so that it is never below the sheet's end, which Google refuses.
func from(in map[string]any) (first, heading, count int) {
	heading, _ = in["heading_row"].(int)
	count, _ = in["first_row"].(int)
	return max(min(heading, count), 1), max(heading, 1), max(count, 1)
}

// allRows is the range of the headings and of the rows that count, and of one more, which says that there are too many.
func allRows(in map[string]any) (actions.Parts, error) {
	if err := positive(in, "heading_row", "first_row"); err != nil {
		return actions.Parts{}, err
	}
	first, _, count := from(in)
	return actions.Parts{Path: map[string]string{"range": rangeOf(in, fmt.Sprintf("A%d:ZZ%d", first, count+mostRows))}}, nil
}

// told are the rows that hold something, each known by what it says, and of those that say the same by how many there are.
func told(in map[string]any, answer any) ([]any, error) {
	list, _ := value.At(answer, "/values").([]any)
	first, heading, count := from(in)
	t := headings(rowOf(list, heading-first))
	watched, _ := in["columns"].([]any)
	names := map[string]bool{}
	for _, name := range watched {
		i, err := t.column(value.Text(name), "columns")
		if err != nil {
			return nil, err
		}
		names[t[i]] = true
	}
	items, many := []any{}, map[string]int{}
	for i, row := range list {
		cells, _ := row.([]any)
		if number := first + i; number < count || number == heading || len(cells) == 0 {
			continue
		}
		values, says := t.named(cells), map[string]any{}
		for name, v := range values {
			if v != "" && (len(names) == 0 || names[name]) {
				says[name] = v
			}
		}
		if len(says) == 0 {
			continue
		}
		text, err := value.Encode(says)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		id := base64.RawURLEncoding.EncodeToString(sum[:12])
		many[id]++
		items = append(items, map[string]any{"row": first + i, "values": values, "id": id + "-" + strconv.Itoa(many[id])})
	}
	return items, nil
}

// newSheet is the trigger for sheets that are added to a spreadsheet.
// Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/get
func newSheet() actions.Trigger {
	sample := sheetSample()
	return actions.Trigger{
		ID: "sheet_created", Name: "New sheet", Kind: actions.PollKind, Description: "A sheet, which is a tab, was added to a spreadsheet. One that gets another name does not count.",
		Input: []actions.Field{spreadsheetField(actions.InPath)}, Output: value.ShapeOf(sample), Sample: sample,
		Poll: &actions.Poll{Request: &actions.Request{Method: "GET", Path: "/v4/spreadsheets/{spreadsheet}", Query: map[string]string{"fields": "sheets.properties"}},
			Page: actions.Page{ID: "/sheetId", Sure: "/sheets"}, Every: 5 * time.Minute, Least: time.Minute,
			Items: func(_ map[string]any, answer any) ([]any, error) {
				list, _ := value.At(answer, "/sheets").([]any)
				items := []any{}
				for _, sheet := range list {
					items = append(items, value.At(sheet, "/properties"))
				}
				return items, nil
			}},
	}
}
