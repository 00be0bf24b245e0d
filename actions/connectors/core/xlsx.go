package core

import (
	"context"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of workbooks. A sheet's own are those of the programs that show it.
const (
	maxSheets     = 200
	maxSheetRows  = 1_048_576
	maxSheetCols  = 16_384
	maxCellText   = 32_767      // characters
	maxXMLToken   = 1 << 20     // bytes of one tag or text of a workbook
	maxShared     = 32 << 20    // bytes of the texts that a workbook's cells share
	maxWorkbook   = 500 << 20   // bytes of the file
	maxSheetBytes = 2_000 << 20 // of one sheet, unpacked
)

func xlsxAction() actions.Action {
	example := map[string]any{"file": strings.Repeat("0", 64), "name": "people.xlsx", "type": sheetType, "size": 6000}
	return fileStep(actions.Action{
		ID: "xlsx", Name: "Spreadsheet", Local: true, Description: "Reads a sheet of an Excel workbook (.xlsx) into rows, or writes rows into a new one.",
		Input: []actions.Field{
			choice("mode", "Mode", "Which way.", "read", "read", "Read a sheet into rows", "write", "Write rows into a workbook"),
			field("file", "File", actions.Object, "To read: a workbook of an earlier step.", example),
			field("sheet", "Sheet", actions.Text, "To read: its name, or its number from 1; not given, the first. To write: what it is called.", "Sheet1"),
			field("range", "Range", actions.Text, "To read: where the table stands, as A3:F100, A:F or B3, from there on. Not given: the whole sheet.", "A3:F100"),
			field("list", "List", actions.List, "To write: objects, or lists of cells.", []any{map[string]any{"name": "Ada", "age": 36}}),
			{ID: "sheets", Label: "Sheets", Type: actions.List, In: actions.InNone, Help: "To write several sheets, in place of list.", Fields: []actions.Field{
				{ID: "name", Label: "Name", Help: "What the sheet is called.", Type: actions.Text, Required: true},
				{ID: "list", Label: "List", Help: "Objects, or lists of cells.", Type: actions.List},
				{ID: "columns", Label: "Columns", Help: "Which fields, in which order.", Type: actions.Texts}}},
			flag("header", "Header", "The first row has the columns' names; cells beyond them are called column_5 and so on, by their place. Without it rows are lists when reading, and no names are written.", true),
			field("columns", "Columns", actions.Texts, "To read: the names, in place of a header's. To write: which fields, in which order, as author.name; none: all, by their names.", []any{"name", "age"}),
			flag("dates", "Dates", "To write: texts as 2026-01-31 and 2026-01-31T09:30:00 become dates, as they stand and without their zone.", true),
			field("name", "Name", actions.Text, "To write: what the new file is called.", "people.xlsx"),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"rows": {Kind: "list"}, "sheet": {Kind: "text"}, "sheets": {Kind: "list"}, "file": {}}},
		Sample: map[string]any{"rows": []any{map[string]any{"name": "Ada", "age": 36, "born": "1989-12-10"}}, "sheet": "Sheet1", "sheets": []any{"Sheet1"}},
	}, func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		if textOf(in.Values, "mode") == "write" {
			return writeWorkbook(ctx, in.Values, do)
		}
		return readWorkbook(ctx, in.Values, do)
	}, planXLSX, "mode", "range", "sheet", "columns")
}

func planXLSX(v map[string]any) error {
	if textOf(v, "mode") == "write" {
		return sheetName("sheet", textOf(v, "sheet"))
	}
	_, err := areaOf(textOf(v, "range"))
	return err
}

func writeWorkbook(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	sheets, err := sheetsOf(v)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(textOf(v, "name"))
	if name == "" {
		name = "workbook"
	}
	w := &workbookWriter{sheets: sheets, header: v["header"] != false, dates: v["dates"] != false}
	f, err := made(ctx, do, withEnd(name, ".xlsx"), sheetType, func(out io.Writer) error { return w.write(ctx, out) })
	if err != nil {
		return nil, err
	}
	names := make([]any, len(sheets))
	for i, s := range sheets {
		names[i] = s.name
	}
	return map[string]any{"file": f.Value(), "sheets": names}, nil
}

// area is a part of a sheet: its first and last rows and columns, from 1.
type area struct{ top, left, bottom, right int }

var areaForm = regexp.MustCompile(`^\$?([A-Za-z]{0,3})\$?([0-9]{0,7})(:\$?([A-Za-z]{0,3})\$?([0-9]{0,7}))?$`)

// areaOf reads a range. One that has no end goes on to the sheet's.
func areaOf(text string) (area, error) {
	a := area{1, 1, maxSheetRows, maxSheetCols}
	text = strings.TrimSpace(text)
	m := areaForm.FindStringSubmatch(text)
	if m == nil || text != "" && m[1]+m[2] == "" || m[3] != "" && (m[4]+m[5] == "" || (m[1] == "") != (m[4] == "")) {
		return a, wrong("range", "%s is no range; write it as A3:F100, A:F or B3.", shown(text))
	}
	for i, into := range []*int{&a.left, &a.top, nil, &a.right, &a.bottom} {
		part := m[i+1]
		if into == nil || part == "" {
			continue
		}
		if *into, _ = strconv.Atoi(part); i == 0 || i == 3 {
			*into = columnNumber(part)
		}
	}
	if a.top < 1 || a.left < 1 || a.bottom > maxSheetRows || a.right > maxSheetCols || a.top > a.bottom || a.left > a.right {
		return a, wrong("range", "%s ends before it begins, or lies outside a sheet, which has the columns A to XFD and %d rows.", shown(text), maxSheetRows)
	}
	return a, nil
}

// columnNumber is a column's number from 1; A is 1.
func columnNumber(letters string) int {
	n := 0
	for _, r := range strings.ToUpper(letters) {
		n = n*26 + int(r-'A') + 1
	}
	return n
}

// columnLetters is a column's name.
func columnLetters(n int) string {
	var out []byte
	for ; n > 0; n = (n - 1) / 26 {
		out = append([]byte{byte('A' + (n-1)%26)}, out...)
	}
	return string(out)
}
