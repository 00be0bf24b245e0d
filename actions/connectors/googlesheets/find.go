package googlesheets

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// spot is where a value was found.
type spot struct {
	table table
	row   int // zero: nowhere
}

// locate finds the row in which a column holds a value.
func locate(ctx context.Context, v map[string]any, do actions.Doer) (spot, error) {
	t, list, err := matches(ctx, v, do)
	out := spot{table: t}
	if len(list) > 0 {
		if out.row = list[0]; v["last"] == true {
			out.row = list[len(list)-1]
		}
	}
	return out, err
}

// matches finds all rows in which a column holds a value. It reads the headings and that one column, so that a large sheet is not read whole.
func matches(ctx context.Context, v map[string]any, do actions.Doer) (t table, list []int, err error) {
	if err := positive(v, "heading_row"); err != nil {
		return nil, nil, err
	}
	column := value.Text(v["column"])
	if t, err = askTable(ctx, v, do, append(keys(v["values"]), column)...); err != nil {
		return nil, nil, err
	}
	if do.Sandboxed() && v["values"] == nil { // where nothing is written, the first look says it all
		return nil, nil, nil
	}
	i, err := t.column(column, "column")
	if err != nil {
		return nil, nil, err
	}
	first, _ := v["heading_row"].(int)
	first++
	answer, err := do.Ask(ctx, readRanges(), map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{rangeOf(v, fmt.Sprintf("%[1]s%[2]d:%[1]s", letters(i), first))}})
	if err != nil {
		return nil, nil, err
	}
	if !do.Sandboxed() {
		if err := actions.Sure("Google Sheets", answer, "/valueRanges/0"); err != nil {
			return nil, nil, err
		}
	}
	for n, cells := range part(answer, 0) {
		if same(value.At(cells, "/0"), value.Text(v["value"]), v["ignore_case"] == true) {
			list = append(list, first+n)
		}
	}
	return t, list, nil
}

// same compares a cell with a text. Spaces around do not count.
func same(cell any, text string, ignoreCase bool) bool {
	have, want := strings.TrimSpace(value.Text(cell)), strings.TrimSpace(text)
	return cell != nil && (have == want || ignoreCase && strings.EqualFold(have, want))
}

func findRow(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	at, err := locate(ctx, in.Values, do)
	switch {
	case err != nil || do.Sandboxed():
		return sampleOf("find_row"), err
	case at.row == 0:
		return map[string]any{"found": false, "row": nil, "values": nil}, nil
	}
	return at.give(ctx, in.Values, do)
}

// give reads the row that was found.
func (s spot) give(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	with := map[string]any{"spreadsheet": v["spreadsheet"], "ranges": []any{rangeOf(v, fmt.Sprintf("%[1]d:%[1]d", s.row))}, "shown": v["shown"]}
	answer, err := do.Ask(ctx, readRanges(), with)
	if err != nil {
		return nil, err
	}
	return map[string]any{"found": true, "row": s.row, "values": s.table.named(rowOf(part(answer, 0), 0))}, nil
}

func findOrAppend(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	at, err := locate(ctx, in.Values, do)
	if err != nil {
		return nil, err
	}
	if at.row > 0 {
		return at.give(ctx, in.Values, do)
	}
	made, values, err := at.add(ctx, in.Values, do)
	if err != nil || do.Sandboxed() {
		return sampleOf("find_or_create_row"), err
	}
	return map[string]any{"found": false, "row": rowNumber(made), "values": values}, nil
}

func upsertRow(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	at, err := locate(ctx, in.Values, do)
	if err != nil {
		return nil, err
	}
	if at.row > 0 {
		_, err := setRow(ctx, in.Values, at.table, at.row, do)
		return map[string]any{"found": true, "row": at.row}, err
	}
	made, _, err := at.add(ctx, in.Values, do)
	if err != nil || do.Sandboxed() {
		return sampleOf("upsert_row"), err
	}
	return map[string]any{"found": false, "row": rowNumber(made)}, nil
}

// add appends the row that was not found, and gives the values that it got.
func (s spot) add(ctx context.Context, v map[string]any, do actions.Doer) (made, values any, err error) {
	if values, err = s.searched(v); err != nil {
		return nil, nil, err
	}
	made, err = appendTo(ctx, v, s.ofValues(v), "values", []any{values}, do)
	return made, values, err
}

// searched are the values of a new row: the cell that was searched holds what was searched for where they give it nothing else, so that the
// row is found the next time.
func (s spot) searched(v map[string]any) (any, error) {
	searched, err := s.table.column(value.Text(v["column"]), "column")
	if err != nil {
		return nil, err
	}
	switch values := v["values"].(type) {
	case []any:
		out := slices.Clone(values)
		for len(out) <= searched {
			out = append(out, nil)
		}
		if out[searched] == nil {
			out[searched] = v["value"]
		}
		return out, nil
	case map[string]any:
		out := maps.Clone(values)
		for name, cell := range values {
			i, err := s.table.column(name, "values")
			switch {
			case err != nil:
				return nil, err
			case i == searched && cell != nil:
				return out, nil
			case i == searched:
				delete(out, name)
			}
		}
		out[s.table[searched]] = v["value"]
		return out, nil
	}
	return v["values"], nil
}

// ofValues is the table where the values go by its headings, nil where they are a list.
func (s spot) ofValues(v map[string]any) table {
	if _, ok := v["values"].(map[string]any); ok {
		return s.table
	}
	return nil
}

// rowNumber is the first row of the range that an append names, as 42 of 'Closed'!A42:F42; nil: it names none.
func rowNumber(appended any) any {
	text := value.Text(value.At(appended, "/updates/updatedRange"))
	cells, _, _ := strings.Cut(text[strings.LastIndexByte(text, '!')+1:], ":")
	n, err := value.Number(strings.TrimLeft(cells, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if err != nil || text == "" {
		return nil
	}
	return n
}
