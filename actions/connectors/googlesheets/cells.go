package googlesheets

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// isFormula says that Google would compute a text that is entered as by a person. Numbers are none.
func isFormula(s string) bool {
	if s == "" || !strings.ContainsRune("=+-@", rune(s[0])) {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// cell is a value as a cell takes it. in says whether texts may be formulas; at is the input that it stands in.
func cell(v any, in map[string]any, at string) (any, error) {
	switch v := v.(type) {
	case []any, map[string]any:
		return nil, fault.New(fault.InvalidInput, "The input %s: a cell holds a text, a number or a boolean, not %s.", at, value.AKind(v))
	case string:
		if in["formulas"] != true && in["value_input"] != "RAW" && isFormula(v) {
			return "'" + v, nil // which Google takes as the mark of a text
		}
	}
	return v, nil
}

// listed are the cells of a list, from the first column on. Where all are written, as of a new row, null is an empty cell.
func listed(values []any, in map[string]any, at string, fresh bool) ([]any, error) {
	out := []any{}
	for i, v := range values {
		got, err := cell(v, in, at+"/"+strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		if got == nil && fresh {
			got = ""
		}
		out = append(out, got)
	}
	return out, nil
}

// table is what is known of a sheet's columns: their headings, of which the first with a text is where the table begins.
type table []string

// headings reads a row of headings.
func headings(row any) table {
	list, _ := row.([]any)
	out := make(table, len(list))
	for i, v := range list {
		out[i] = strings.TrimSpace(value.Text(v))
	}
	return out
}

// first is the number of columns before the table.
func (t table) first() int {
	return max(slices.IndexFunc(t, func(name string) bool { return name != "" }), 0)
}

// column finds a heading: as it is written, or else whatever its case. Of several the first counts.
func (t table) column(name, at string) (int, error) {
	name = strings.TrimSpace(name)
	if i := slices.Index(t, name); i >= 0 && name != "" {
		return i, nil
	}
	if i := slices.IndexFunc(t, func(have string) bool { return strings.EqualFold(have, name) }); i >= 0 && name != "" {
		return i, nil
	}
	hint := fault.DidYouMean(name, t)
	names := slices.DeleteFunc(slices.Clone(t), func(have string) bool { return have == "" })
	switch {
	case len(names) == 0:
		hint = " The row of headings is empty: write the headings there, or say in heading_row which row holds them."
	case hint == "":
		hint = " There are " + fault.Clip(strings.Join(names, ", "), 200) + "."
	}
	return 0, fault.New(fault.InvalidInput, "The input %s: the sheet has no column %q.%s", at, fault.Clip(name, 60), hint)
}

// keyed are the cells of an object by the headings, from the table's first column on; what is not named is nil.
func (t table) keyed(values, in map[string]any, at string) ([]any, error) {
	out := make([]any, max(len(t)-t.first(), 0))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i, err := t.column(name, at)
		if err != nil {
			return nil, err
		}
		if out[i-t.first()], err = cell(values[name], in, at+"/"+name); err != nil {
			return nil, err
		}
	}
	for len(out) > 0 && out[len(out)-1] == nil {
		out = out[:len(out)-1]
	}
	return out, nil
}

// named is a row as an object by the headings. A column without one is called by its letters.
func (t table) named(row any) map[string]any {
	list, _ := row.([]any)
	out := map[string]any{}
	for i := range max(len(t), len(list)) {
		name := letters(i)
		if i < len(t) && t[i] != "" {
			name = t[i]
		}
		var v any = ""
		if i < len(list) {
			v = list[i]
		}
		if _, taken := out[name]; taken || i >= len(t) && v == "" {
			continue
		}
		out[name] = v
	}
	return out
}

// letters are the name of a column: A for 0, AA for 26.
func letters(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// rangeOf is a part of a sheet in A1 notation, as 'Sheet1'!A2:C. A quote within the name stands twice.
func rangeOf(in map[string]any, cells string) string {
	name := tab(in)
	if cells == "" {
		return name
	}
	return name + "!" + cells
}

// pieces are the parts of a row that are written: cells that are nil stand between them and stay as they are.
func pieces(cells []any, in map[string]any, first int, row any) []any {
	out := []any{}
	for i := 0; i < len(cells); i++ {
		from := i
		for i < len(cells) && cells[i] != nil {
			i++
		}
		if i > from {
			out = append(out, map[string]any{"range": rowRange(in, first+from, row), "majorDimension": "ROWS", "values": []any{cells[from:i]}})
		}
	}
	return out
}

// rowRange is one row from a column on.
func rowRange(in map[string]any, first int, row any) string {
	return rangeOf(in, fmt.Sprintf("%s%s", letters(first), value.Text(row)))
}
