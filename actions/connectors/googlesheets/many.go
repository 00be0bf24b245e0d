package googlesheets

import (
	"context"
	"fmt"
	"strconv"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// many are the actions of several rows, and of columns.
func many() []actions.Action {
	shape, list := actions.ListOf(sampleOf("get_row"))
	deleted, column := deletedSample(), columnSample()
	return []actions.Action{
		{ID: "find_rows", Name: "Find rows", Description: "Finds all rows in which a column holds a value.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: inSheet(append(lookFields(), headingField(), shownField(), actions.LimitField())...), Output: shape, Sample: list, Run: findRows},
		{ID: "update_rows", Name: "Update several rows", Description: "Writes cells of rows by their numbers, all at once; the others stay.", Effect: actions.Idempotent, Guarantee: "It sets cells of rows by their numbers, so a repeat sets the same again.",
			Input: written(actions.Field{ID: "rows", Label: "Rows", Help: "A list: of each row its number, and its values by the columns' headings. null leaves a cell as it is.", Type: actions.List, Required: true, In: actions.InNone,
				Fields:  []actions.Field{rowField(), {ID: "values", Label: "Values", Help: "By the columns' headings.", Type: actions.Object, Required: true, Example: map[string]any{"Name": "Ada"}}},
				Example: []any{map[string]any{"row": 42, "values": map[string]any{"Name": "Ada"}}}}),
			Output: value.ShapeOf(updatedRow()), Sample: updatedRow(), Run: updateRows},
		{ID: "delete_found_rows", Name: "Delete rows by a value", Description: "Takes all rows out of a sheet in which a column holds a value; those below move up.", Effect: actions.Idempotent,
			Guarantee: "It looks for the value each time, so a repeat finds no such rows any more. Rows that move while it works, because another one deletes or sorts, may be taken for them.",
			Input: inSheet(append(lookFields(), headingField(),
				actions.Field{ID: "most", Label: "At most", Help: "Where there are more such rows, none is deleted and the step fails.", Type: actions.Integer, Default: 100, In: actions.InNone})...),
			Output: value.ShapeOf(deleted), Sample: deleted, Run: deleteFound},
		{ID: "add_column", Name: "Add a column", Description: "Writes a heading to the right of the others, unless it is there already.", Effect: actions.Idempotent, Guarantee: "A heading that is there already stays the only one, so a repeat changes nothing.",
			Input:  inSheet(actions.Field{ID: "heading", Label: "Heading", Help: "Of the new column.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Status"}, headingField()),
			Output: value.ShapeOf(column), Sample: column, Run: addColumn},
	}
}

func deletedSample() map[string]any { return map[string]any{"deleted": 2, "rows": []any{42, 57}} }

func columnSample() map[string]any {
	return map[string]any{"created": true, "column": "D", "heading": "Status"}
}

// together is how many ranges are read with one request, whose URL has an end.
const together = 50

// runs joins rows that follow each other: each from one on, up to another.
func runs(rows []int) (out [][2]int) {
	for _, row := range rows {
		if n := len(out); n > 0 && out[n-1][1] == row-1 {
			out[n-1][1] = row
			continue
		}
		out = append(out, [2]int{row, row})
	}
	return out
}

func findRows(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	limit, _ := v["limit"].(int)
	if limit < 1 || limit > actions.MostListed {
		return nil, fault.New(fault.InvalidInput, "The input limit: it must be from 1 to 10,000, not %s.", fault.Clip(value.Text(v["limit"]), 20))
	}
	t, rows, err := matches(ctx, v, do)
	if err != nil || do.Sandboxed() {
		_, list := actions.ListOf(sampleOf("get_row"))
		return list, err
	}
	items := []any{}
	for left := runs(rows[:min(limit, len(rows))]); len(left) > 0; {
		some := left[:min(together, len(left))]
		left = left[len(some):]
		ranges := []any{}
		for _, r := range some {
			ranges = append(ranges, rangeOf(v, fmt.Sprintf("%d:%d", r[0], r[1])))
		}
		answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": ranges, "shown": v["shown"]})
		if err != nil {
			return nil, err
		}
		for n, r := range some {
			for row := r[0]; row <= r[1]; row++ {
				items = append(items, map[string]any{"row": row, "values": t.named(rowOf(part(answer, n), row-r[0]))})
			}
		}
	}
	return map[string]any{"items": items, "more": len(rows) > limit}, nil
}

func updateRows(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := positive(v, "heading_row"); err != nil {
		return nil, err
	}
	list, _ := v["rows"].([]any)
	var given []any
	for _, item := range list {
		given = append(given, value.At(item, "/values"))
	}
	if len(list) == 0 {
		return nil, fault.New(fault.InvalidInput, "The input rows: it is empty.")
	}
	t, err := askTable(ctx, v, do, keys(given...)...)
	if err != nil {
		return nil, err
	}
	data := []any{}
	for i, item := range list {
		at := "rows/" + strconv.Itoa(i)
		if row, _ := value.At(item, "/row").(int); row < 1 {
			return nil, fault.New(fault.InvalidInput, "The input %s/row: rows are counted from 1.", at)
		}
		cells, err := cellsOf(t, given[i], v, at+"/values", false)
		if err != nil {
			return nil, err
		}
		data = append(data, pieces(cells, v, t.first(), value.At(item, "/row"))...)
	}
	if len(data) == 0 {
		return nil, fault.New(fault.InvalidInput, "The input rows: it says nothing to write.")
	}
	return do.Ask(ctx, setCells(), map[string]any{"spreadsheet": v["spreadsheet"], "data": data, "value_input": v["value_input"]})
}

func deleteFound(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := positive(v, "most"); err != nil {
		return nil, err
	}
	_, rows, err := matches(ctx, v, do)
	most, _ := v["most"].(int)
	switch {
	case err != nil:
		return nil, err
	case do.Sandboxed():
		return deletedSample(), nil
	case len(rows) > most:
		return nil, fault.New(fault.InvalidInput, "The input most: there are %d such rows, and at most %d are to be deleted. None was.", len(rows), most)
	}
	numbers := []any{}
	for _, row := range rows {
		numbers = append(numbers, row)
	}
	if len(rows) > 0 {
		id, err := sheetID(ctx, v, "sheet", do)
		if err != nil {
			return nil, err
		}
		requests := []any{}
		all := runs(rows)
		for i := len(all) - 1; i >= 0; i-- { // from below, so that the numbers of the others hold
			requests = append(requests, map[string]any{"deleteDimension": map[string]any{"range": map[string]any{"sheetId": id, "dimension": "ROWS", "startIndex": all[i][0] - 1, "endIndex": all[i][1]}}})
		}
		if _, err := batches(ctx, v, do, requests); err != nil {
			return nil, err
		}
	}
	return map[string]any{"deleted": len(rows), "rows": numbers}, nil
}

func addColumn(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := positive(v, "heading_row"); err != nil {
		return nil, err
	}
	answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{rangeOf(v, fmt.Sprintf("%[1]s:%[1]s", value.Text(v["heading_row"])))}})
	if err != nil || do.Sandboxed() {
		return columnSample(), err
	}
	t, heading := headings(rowOf(part(answer, 0), 0)), value.Text(v["heading"])
	if i, err := t.column(heading, "heading"); err == nil {
		return map[string]any{"created": false, "column": letters(i), "heading": t[i]}, nil
	}
	list, err := askSheets(ctx, v, do)
	if err != nil {
		return nil, err
	}
	for _, sheet := range list {
		columns, _ := value.At(sheet, "/properties/gridProperties/columnCount").(int)
		if value.At(sheet, "/properties/title") != v["sheet"] || columns == 0 || columns > len(t) {
			continue
		}
		if _, err := batch(ctx, v, do, "appendDimension", map[string]any{"sheetId": value.At(sheet, "/properties/sheetId"), "dimension": "COLUMNS", "length": 1}); err != nil {
			return nil, err
		}
	}
	_, err = do.Ask(ctx, setValues(), map[string]any{"spreadsheet": v["spreadsheet"], "range": rowRange(v, len(t), v["heading_row"]), "values": []any{[]any{heading}}, "value_input": "RAW"})
	return map[string]any{"created": true, "column": letters(len(t)), "heading": heading}, err
}
