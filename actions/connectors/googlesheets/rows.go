package googlesheets

import (
	"context"
	"fmt"
	"strconv"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const onceRow = "Google Sheets has no key that would make a repeat harmless: a row whose answer was lost in a crash is not added again by itself, you are asked."

// rows are the actions of rows, whose columns are known by the headings.
func rows() []actions.Action {
	look := append(lookFields(), []actions.Field{
		{ID: "last", Label: "The last one", Help: "Whether the last of several rows is taken instead of the first.", Type: actions.Boolean, Default: false, In: actions.InNone}}...)
	row := map[string]any{"row": 42, "values": map[string]any{"Name": "Ada Lovelace", "Email": "ada@example.com", "Amount": 120}}
	found := map[string]any{"found": true, "row": 42, "values": row["values"]}
	wrote := map[string]any{"found": true, "row": 42}
	listShape, list := actions.ListOf(row)
	byHeading := "An object by the columns' headings, or a list of cells from the first column on. null leaves a cell as it is."
	return []actions.Action{
		{ID: "append_row", Name: "Append a row", Description: "Adds a row below the table of a sheet.", Effect: actions.Once, Guarantee: onceRow,
			Input: written(valuesField("An object by the columns' headings, or a list of cells from the first column on.")), Output: value.ShapeOf(appended()), Sample: appended(),
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return appendAll(ctx, in.Values, "values", []any{in.Values["values"]}, do)
			}},
		{ID: "append_rows", Name: "Append several rows", Description: "Adds rows below the table of a sheet, all at once.", Effect: actions.Once, Guarantee: onceRow,
			Input: written(actions.Field{ID: "rows", Label: "Rows", Help: "A list: each row is an object by the columns' headings, or a list of cells from the first column on.", Type: actions.List, Required: true, In: actions.InNone,
				Example: []any{map[string]any{"Name": "Ada"}, map[string]any{"Name": "Grace"}}}), Output: value.ShapeOf(appended()), Sample: appended(),
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				list, _ := in.Values["rows"].([]any)
				if len(list) == 0 {
					return nil, fault.New(fault.InvalidInput, "The input rows: it is empty.")
				}
				return appendAll(ctx, in.Values, "rows", list, do)
			}},
		{ID: "update_row", Name: "Update a row", Description: "Writes cells of a row; the others stay.", Effect: actions.Idempotent, Guarantee: "It sets the cells of a row by its number, so a repeat sets the same again.",
			Input: written(rowField(), valuesField(byHeading)), Output: value.ShapeOf(updatedRow()), Sample: updatedRow(),
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				if err := positive(in.Values, "row", "heading_row"); err != nil {
					return nil, err
				}
				return setRow(ctx, in.Values, nil, in.Values["row"], do)
			}},
		{ID: "find_row", Name: "Find a row", Description: "Finds the row in which a column holds a value.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: inSheet(append(look, headingField(), shownField())...), Output: value.ShapeOf(found), Sample: found, Run: findRow},
		{ID: "find_or_create_row", Name: "Find or append a row", Description: "Finds the row in which a column holds a value, and adds one where there is none.", Effect: actions.Once,
			Guarantee: "It looks first, so what is there already is not added again. " + actions.AtOnce + " " + onceRow,
			Input:     written(append(look, valuesField("Of a new row, by the columns' headings. The column that is searched gets the value searched for, unless it is given here."))...), Output: value.ShapeOf(found), Sample: found, Run: findOrAppend},
		{ID: "upsert_row", Name: "Update or append a row", Description: "Writes cells of the row in which a column holds a value, and adds one where there is none.", Effect: actions.Once,
			Guarantee: "It looks first. " + actions.AtOnce + " " + onceRow,
			Input:     written(append(look, valuesField("By the columns' headings; null leaves a cell as it is. In a new row the column that is searched gets the value searched for, unless it is given here."))...), Output: value.ShapeOf(wrote), Sample: wrote, Run: upsertRow},
		{ID: "get_row", Name: "Get a row", Description: "Gives a row by its number.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: inSheet(rowField(), headingField(), shownField()), Output: value.ShapeOf(row), Sample: row, Run: getRow},
		{ID: "get_rows", Name: "Get rows", Description: "Gives the rows of a sheet by their headings, with their numbers.", Effect: actions.Read, Guarantee: "It only reads.",
			Input:  inSheet(headingField(), actions.Field{ID: "first_row", Label: "From row", Help: "The number of the first row that is given.", Type: actions.Integer, Default: 2, In: actions.InNone}, shownField(), actions.LimitField()),
			Output: listShape, Sample: list, Run: getRows},
		{ID: "delete_rows", Name: "Delete rows", Description: "Takes rows out of a sheet; those below move up.", Effect: actions.Once,
			Guarantee: "A repeat would take other rows out: where the answer was lost in a crash it is not done again by itself, you are asked.",
			Input:     inSheet(rowField(), actions.Field{ID: "count", Label: "How many", Help: "Rows from that one on.", Type: actions.Integer, Default: 1, In: actions.InNone}),
			Output:    value.ShapeOf(replied("")), Sample: replied(""), Run: deleteRows},
	}
}

// cellsOf are a row's cells and the first column that they go into.
func cellsOf(t table, row any, v map[string]any, at string, fresh bool) ([]any, error) {
	switch row := row.(type) {
	case []any:
		return listed(row, v, at, fresh)
	case map[string]any:
		cells, err := t.keyed(row, v, at)
		for i := range cells {
			if fresh && cells[i] == nil {
				cells[i] = ""
			}
		}
		return cells, err
	}
	return nil, fault.New(fault.InvalidInput, "The input %s: an object by the headings or a list is needed, not %s.", at, value.AKind(row))
}

// appendAll adds rows, which are all lists or all objects.
func appendAll(ctx context.Context, v map[string]any, input string, list []any, do actions.Doer) (any, error) {
	var t table
	if names := keys(list...); len(names) > 0 {
		if err := positive(v, "heading_row"); err != nil {
			return nil, err
		}
		var err error
		if t, err = askTable(ctx, v, do, names...); err != nil {
			return nil, err
		}
	}
	return appendTo(ctx, v, t, input, list, do)
}

func appendTo(ctx context.Context, v map[string]any, t table, input string, list []any, do actions.Doer) (any, error) {
	all := []any{}
	for i, row := range list {
		at := input
		if input == "rows" {
			at += "/" + strconv.Itoa(i)
		}
		if _, isList := row.([]any); isList && t != nil {
			return nil, fault.New(fault.InvalidInput, "The input %s: give all rows as objects or all as lists.", at)
		}
		cells, err := cellsOf(t, row, v, at, true)
		if err != nil {
			return nil, err
		}
		all = append(all, cells)
	}
	where := rangeOf(v, "A1")
	if t != nil {
		where = rowRange(v, t.first(), v["heading_row"])
	}
	return do.Ask(ctx, appendValues(), map[string]any{"spreadsheet": v["spreadsheet"], "range": where, "values": all, "value_input": v["value_input"]})
}

// setRow writes a row's cells. t is nil where the headings are not known yet.
func setRow(ctx context.Context, v map[string]any, t table, row any, do actions.Doer) (any, error) {
	if object, ok := v["values"].(map[string]any); ok && t == nil {
		var err error
		if t, err = askTable(ctx, v, do, keys(object)...); err != nil {
			return nil, err
		}
	}
	cells, err := cellsOf(t, v["values"], v, "values", false)
	if err != nil {
		return nil, err
	}
	first := 0
	if _, ok := v["values"].(map[string]any); ok {
		first = t.first()
	}
	data := pieces(cells, v, first, row)
	if len(data) == 0 {
		return nil, fault.New(fault.InvalidInput, "The input values: it says nothing to write.")
	}
	return do.Ask(ctx, setCells(), map[string]any{"spreadsheet": v["spreadsheet"], "data": data, "value_input": v["value_input"]})
}

func getRow(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := positive(v, "row", "heading_row"); err != nil {
		return nil, err
	}
	row := func(n any) string { return rangeOf(v, fmt.Sprintf("%[1]s:%[1]s", value.Text(n))) }
	answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{row(v["heading_row"]), row(v["row"])}, "shown": v["shown"]})
	if err != nil || do.Sandboxed() {
		return sampleOf("get_row"), err
	}
	cells, ok := rowOf(part(answer, 1), 0).([]any)
	if !ok {
		return nil, fault.New(fault.NotFound, "The row %s of the sheet is empty.", value.Text(v["row"]))
	}
	return map[string]any{"row": v["row"], "values": headings(rowOf(part(answer, 0), 0)).named(cells)}, nil
}

func getRows(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	limit, _ := v["limit"].(int)
	first, _ := v["first_row"].(int)
	if limit < 1 || limit > actions.MostListed {
		return nil, fault.New(fault.InvalidInput, "The input limit: it must be from 1 to 10,000, not %s.", fault.Clip(value.Text(v["limit"]), 20))
	}
	if err := positive(v, "first_row", "heading_row"); err != nil {
		return nil, err
	}
	heads := rangeOf(v, fmt.Sprintf("%[1]s:%[1]s", value.Text(v["heading_row"])))
	answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{heads, rangeOf(v, fmt.Sprintf("A%d:ZZ%d", first, first+limit))}, "shown": v["shown"]}) // one more says whether there are more
	if err != nil || do.Sandboxed() {
		return sampleOf("get_rows"), err
	}
	t, list, items := headings(rowOf(part(answer, 0), 0)), part(answer, 1), []any{}
	for i, row := range list[:min(limit, len(list))] {
		if cells, _ := row.([]any); len(cells) > 0 { // an empty row between others is no row
			items = append(items, map[string]any{"row": first + i, "values": t.named(cells)})
		}
	}
	return map[string]any{"items": items, "more": len(list) > limit}, nil
}

// sampleOf is what an action gives in a sandbox.
func sampleOf(id string) any {
	for _, a := range rows() {
		if a.ID == id {
			return a.Sample
		}
	}
	return nil
}

func deleteRows(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if err := positive(v, "row", "count"); err != nil {
		return nil, err
	}
	id, err := sheetID(ctx, v, "sheet", do)
	if err != nil {
		return nil, err
	}
	row, _ := v["row"].(int)
	count, _ := v["count"].(int)
	return batch(ctx, v, do, "deleteDimension", map[string]any{"range": map[string]any{"sheetId": id, "dimension": "ROWS", "startIndex": row - 1, "endIndex": row - 1 + count}})
}
