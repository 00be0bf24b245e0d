package core

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func csvAction() actions.Action {
	return dataFileStep(actions.Action{
		ID: "csv", Name: "CSV", Description: "Reads a table from CSV text, or writes one, as RFC 4180 says and as spreadsheets do.",
		Input: []actions.Field{
			choice("mode", "Mode", "Which way.", "parse", "parse", "Read CSV into a list", "write", "Write a list as CSV"),
			field("text", "CSV", actions.LongText, "To read: the table. A byte order mark and every kind of line end are taken.", "name,age\nAda,36\n"),
			field("file", "File", actions.Object, "To read, in place of CSV: a file of an earlier step, also a large one, up to 200 MB. It is read row by row: with Skip rows and At most in parts.", map[string]any{"file": strings.Repeat("0", 64), "name": "people.csv", "type": "text/csv", "size": 12}),
			field("charset", "Charset", actions.Text, "To read a file: how its letters are written as bytes, as utf-8, utf-16le or windows-1252. Not given: as its byte order mark says, or else UTF-8.", "windows-1252"),
			field("list", "List", actions.List, "To write: objects, or lists of cells.", []any{map[string]any{"name": "Ada", "age": 36}}),
			field("delimiter", "Delimiter", actions.Text, "What stands between cells: one character, tab, or auto, which finds out when reading and is a comma when writing.", ";"),
			field("quote", "Quote", actions.Text, "What stands around cells that hold a delimiter, a quote or a line end.", "\""),
			flag("header", "Header", "The first row has the columns' names. Without it rows are lists when reading, and no names are written.", true),
			field("columns", "Columns", actions.Texts, "To read: the names, in place of a header's. To write: which fields, in which order, as author.name; none: all, by their names.", []any{"name", "age"}),
			choice("types", "Types", "To read: what cells become.", "text", "text", "Texts, as they are written", "guess", "Numbers, true and false where they are written so, null where empty"),
			flag("trim", "Trim", "To read: leaves out spaces around cells that have no quotes.", false),
			field("skip_rows", "Skip lines", actions.Integer, "To read: how many lines are left out at the beginning, before the header. Excel's first line, as sep=;, is one of them: it says what the delimiter is, and is never a row.", 1),
			field("skip", "Skip rows", actions.Integer, "To read: how many rows behind the header are left out, as 5000 once the first 5000 were read.", 5000),
			field("limit", "At most", actions.Integer, "To read: how many rows are given. A table of more than 200,000 values is read in parts, with skip.", 5000),
			choice("ragged", "Uneven rows", "To read: what happens where a row has more or fewer cells than the first.", "fail", "fail", "The step fails and names the line", "fill", "Missing cells are empty, further ones are left out"),
			choice("line_end", "Line end", "To write: what ends a row.", "crlf", "crlf", "CRLF, as RFC 4180 says", "lf", "LF, as on Unix"),
			flag("bom", "Byte order mark", "To write: begins with one, by which Excel knows UTF-8.", false),
			flag("quote_all", "Quote everything", "To write: puts quotes around every cell.", false),
			flag("escape_formulas", "Escape formulas", "To write: puts ' before cells that a spreadsheet would take for a formula, as =1+1.", false),
		},
		Sample: []any{map[string]any{"name": "Ada", "age": "36"}},
	}, func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		form, err := planCSV(in.Values)
		if err != nil {
			return nil, err
		}
		if form.write {
			return form.text(ctx, items(in.Values, "list"))
		}
		if in.Values["file"] != nil {
			return form.file(ctx, in.Values, do)
		}
		out, err := form.parse(ctx, textOf(in.Values, "text"))
		if err != nil {
			return nil, err
		}
		return out, within("The table", inParts, out)
	}, func(v map[string]any) error { _, err := planCSV(v); return err }, "mode", "delimiter", "quote", "skip_rows", "columns", "header", "skip", "limit", "charset")
}

// csvForm is how a table is written.
type csvForm struct {
	write            bool
	delimiter, quote rune // no delimiter: it is to be found out
	header           bool
	columns          []string
	lines            int // left out in front
	skip, limit      int // of rows
	guess, trim      bool
	fill             bool
	lineEnd          string
	bom, all, escape bool
}

func planCSV(v map[string]any) (f csvForm, err error) {
	f = csvForm{write: textOf(v, "mode") == "write", header: v["header"] != false, columns: textsOf(v, "columns"), guess: textOf(v, "types") == "guess", trim: isTrue(v, "trim"), fill: textOf(v, "ragged") == "fill",
		lineEnd: "\r\n", bom: isTrue(v, "bom"), all: isTrue(v, "quote_all"), escape: isTrue(v, "escape_formulas")}
	if textOf(v, "line_end") == "lf" {
		f.lineEnd = "\n"
	}
	if f.delimiter, err = oneSign(v, "delimiter", 0); err != nil {
		return f, err
	}
	if f.quote, err = oneSign(v, "quote", '"'); err != nil {
		return f, err
	}
	if f.delimiter == f.quote {
		return f, wrong("quote", "it is the delimiter too; take another one.")
	}
	if f.write && f.delimiter == 0 {
		f.delimiter = ','
	}
	if f.lines, err = wholeOf(v, "skip_rows", 0, 0, maxNodes); err != nil {
		return f, err
	}
	if f.skip, err = wholeOf(v, "skip", 0, 0, maxCSVFile); err != nil {
		return f, err
	}
	if _, err = charsetOf("charset", textOf(v, "charset")); err != nil {
		return f, err
	}
	f.limit, err = wholeOf(v, "limit", maxCSVFile, 0, maxCSVFile)
	return f, err
}

// oneSign reads an input of one character; tab may be written out.
func oneSign(v map[string]any, name string, otherwise rune) (rune, error) {
	text := textOf(v, name)
	switch strings.ToLower(text) {
	case "", "auto":
		return otherwise, nil
	case "tab", `\t`:
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(text)
	if size != len(text) || r == '\r' || r == '\n' || r == utf8.RuneError {
		return 0, wrong(name, "%s is no single character; write one as ; or tab.", shown(text))
	}
	return r, nil
}

// grid is a list as rows: what the columns are called, and where their cells are found in an item.
type grid struct {
	names []string
	paths []path // none: the rows are lists
	cells []any
}

// gridOf says how a list becomes a grid of cells. input is where messages say that the list stands.
func gridOf(input string, list []any, columns []string) (*grid, error) {
	asLists := false
	for i, row := range list {
		_, isList := row.([]any)
		_, isObject := row.(map[string]any)
		if !isList && !isObject || i > 0 && isList != asLists {
			return nil, wrong(input, "item %d is %s; a table's rows are all objects or all lists.", i, value.AKind(row))
		}
		asLists = isList
	}
	t := &grid{names: columns}
	if len(columns) == 0 && !asLists {
		t.names = columnsOf(list)
	}
	for i, name := range t.names {
		p, err := pathOf(itemName("columns", i), name)
		if err != nil {
			return nil, err
		}
		t.paths = append(t.paths, p)
	}
	t.cells = make([]any, len(t.paths))
	return t, nil
}

// row is an item's cells, until the next is asked for.
func (t *grid) row(item any) []any {
	if row, isList := item.([]any); isList {
		return row
	}
	for i, p := range t.paths {
		t.cells[i] = p.get(item)
	}
	return t.cells
}

// text writes rows.
func (f csvForm) text(ctx context.Context, list []any) (any, error) {
	t, err := gridOf("list", list, f.columns)
	if err != nil {
		return nil, err
	}
	w := csvWriter{form: f, room: room{most: maxBytes}}
	if f.bom {
		w.out.WriteString("\ufeff")
	}
	if f.header && len(t.names) > 0 {
		if err := w.row(anyTexts(t.names)); err != nil {
			return nil, err
		}
	}
	for i, item := range list {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		if err := w.row(t.row(item)); err != nil {
			return nil, err
		}
	}
	return w.out.String(), nil
}

// columnsOf are the names of all members: those of the first object in their order, then what further ones bring.
func columnsOf(list []any) []string {
	var out []string
	seen := map[string]bool{}
	for _, item := range list {
		object, _ := item.(map[string]any)
		for _, name := range sortedNames(object) {
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

func anyTexts(list []string) []any {
	out := make([]any, len(list))
	for i, text := range list {
		out[i] = text
	}
	return out
}

type csvWriter struct {
	form csvForm
	room room
	out  strings.Builder
}

func (w *csvWriter) row(cells []any) error {
	for i, v := range cells {
		if i > 0 {
			w.out.WriteRune(w.form.delimiter)
		}
		text := value.Text(v)
		if _, isText := v.(string); isText && w.form.escape && text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			text = "'" + text
		}
		if w.room.take(len(text)+3) != nil {
			return tooLong()
		}
		w.cell(text, len(cells) == 1)
	}
	if w.room.take(len(w.form.lineEnd)) != nil {
		return tooLong()
	}
	w.out.WriteString(w.form.lineEnd)
	return nil
}

// cell writes one cell; alone is one that is the whole row, which an empty one would hide.
func (w *csvWriter) cell(text string, alone bool) {
	q := string(w.form.quote)
	special := strings.ContainsAny(text, "\r\n") || strings.ContainsRune(text, w.form.delimiter) || strings.Contains(text, q) ||
		strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") || text == "" && alone || strings.HasPrefix(strings.ToLower(text), "sep=")
	if !special && !w.form.all {
		w.out.WriteString(text)
		return
	}
	w.out.WriteString(q)
	w.out.WriteString(strings.ReplaceAll(text, q, q+q))
	w.out.WriteString(q)
}
