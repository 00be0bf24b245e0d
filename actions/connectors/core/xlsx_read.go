package core

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// readWorkbook reads one sheet of a workbook into rows.
func readWorkbook(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	part, err := areaOf(textOf(v, "range"))
	if err != nil {
		return nil, err
	}
	f, err := fileIn(v["file"], "file")
	if err != nil {
		return nil, err
	}
	w, err := openWorkbook(ctx, do, f)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	which, err := w.find(strings.TrimSpace(textOf(v, "sheet")))
	if err != nil {
		return nil, err
	}
	r := sheetRows{header: v["header"] != false, names: textsOf(v, "columns"), given: len(textsOf(v, "columns")) > 0, room: room{most: maxNodes}, list: []any{}}
	if err := w.rows(which, part, r.take); err != nil {
		return nil, broken(err, f, "Excel workbook")
	}
	names := make([]any, len(w.sheets))
	for i, s := range w.sheets {
		names[i] = s.name
	}
	return map[string]any{"rows": r.list, "sheet": which.name, "sheets": names}, nil
}

// find gives the sheet that is asked for by its name, or by its number.
func (w *workbook) find(text string) (sheetPart, error) {
	if text == "" {
		return w.sheets[0], nil
	}
	names := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		names[i] = s.name
	}
	i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, text) })
	if n, err := strconv.Atoi(text); i < 0 && err == nil && n >= 1 && n <= len(names) {
		i = n - 1
	}
	if i < 0 {
		return sheetPart{}, wrong("sheet", "there is no sheet %s in %s; there are %s.", shown(text), shownName(w.of), fault.Clip(strings.Join(names, ", "), 300))
	}
	return w.sheets[i], nil
}

// sheetRows makes values of a sheet's rows.
type sheetRows struct {
	header bool
	names  []string // of the columns; none: they are not known yet, or rows are lists
	given  bool     // the names are the step's own: cells beyond them are not asked for
	begun  bool     // the header's row has come
	room   room
	list   []any
}

// take takes a row that is not empty.
func (r *sheetRows) take(cells []any) error {
	if r.header && !r.begun {
		r.begun = true
		if len(r.names) == 0 {
			texts := make([]cell, len(cells))
			for i, v := range cells {
				if v != nil {
					texts[i].text = value.Text(v)
				}
			}
			r.names = columnNames(texts)
		}
		return nil
	}
	if !r.header && len(r.names) == 0 {
		if err := r.room.take(len(cells) + 1); err != nil {
			return err
		}
		r.list = append(r.list, slices.Clone(cells))
		return nil
	}
	if err := r.widen(cells); err != nil {
		return err
	}
	if err := r.room.take(len(r.names) + 1); err != nil {
		return err
	}
	row := make(map[string]any, len(r.names))
	for i, name := range r.names {
		row[name] = nil
		if i < len(cells) {
			row[name] = cells[i]
		}
	}
	r.list = append(r.list, row)
	return nil
}

// widen names the columns that a row has beyond the header's, also in the rows before it, where they are empty.
func (r *sheetRows) widen(cells []any) error {
	for len(cells) > 0 && cells[len(cells)-1] == nil {
		cells = cells[:len(cells)-1]
	}
	if r.given || len(cells) <= len(r.names) {
		return nil
	}
	texts := make([]cell, len(cells))
	for i, name := range r.names {
		texts[i].text = name
	}
	from := len(r.names)
	r.names = columnNames(texts)
	if err := r.room.take(len(r.list) * (len(r.names) - from)); err != nil {
		return err
	}
	for _, row := range r.list {
		for _, name := range r.names[from:] {
			row.(map[string]any)[name] = nil
		}
	}
	return nil
}
