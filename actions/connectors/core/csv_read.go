package core

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// csvReader takes a text apart, row by row.
type csvReader struct {
	form csvForm
	text string // of a file: what is taken in of it
	at   int
	line int        // of what comes next, from 1
	in   *csvSource // what the text goes on with; nil: nothing

	width int // of the row before
}

// parse reads a table: rows as objects by the columns' names, or as lists.
func (f csvForm) parse(ctx context.Context, text string) (any, error) {
	return f.read(ctx, &csvReader{form: f, text: strings.TrimPrefix(text, "\ufeff"), line: 1})
}

func (f csvForm) read(ctx context.Context, r *csvReader) (any, error) {
	if err := r.fill(); err != nil {
		return nil, err
	}
	lines := f.lines
	if m := separatorLine.FindStringSubmatch(r.text); m != nil && m[1] != string(f.quote) {
		if lines = max(lines, 1); r.form.delimiter == 0 {
			r.form.delimiter, _ = utf8.DecodeRuneInString(m[1])
		}
	}
	for i := range lines {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		if err := r.skipLine(); err != nil {
			return nil, err
		}
	}
	if r.form.delimiter == 0 {
		if err := r.fill(); err != nil {
			return nil, err
		}
		r.form.delimiter = r.guessDelimiter()
	}
	names, out, room, size := f.columns, []any{}, room{most: maxNodes - 1}, 0
	named := f.header || len(names) > 0
	if f.header {
		cells, line, err := r.row()
		if err != nil || cells == nil {
			return out, err
		}
		if len(names) == 0 {
			names = columnNames(cells)
		} else if len(names) != len(cells) && !f.fill {
			return nil, wrong("columns", "there %s, and line %d has %s.", areCounted(len(names), "name"), line, counted(len(cells), "cell"))
		}
	}
	if named {
		if err := fewColumns(len(names)); err != nil {
			return nil, err
		}
	}
	width := len(names)
	for i := 0; i < f.skip || i-f.skip < f.limit; i++ {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		cells, line, err := r.row()
		if err != nil {
			return nil, err
		}
		if cells == nil {
			return out, nil
		}
		if width == 0 {
			width = len(cells)
		}
		if i < f.skip {
			continue
		}
		if room.take(max(width, 1)+1) != nil {
			return nil, fault.New(fault.TooLarge, "The table holds more than %d values; %s", maxNodes, inParts)
		}
		if len(cells) != width && !f.fill {
			return nil, fault.New(fault.InvalidInput, "The CSV has %s on line %d, where %s expected. Mend the line, check the delimiter (it is %s here), or let uneven rows be filled.",
				counted(len(cells), "cell"), line, countedAre(width, "cell"), strconv.Quote(string(r.form.delimiter)))
		}
		for len(cells) < width {
			cells = append(cells, cell{})
		}
		row := f.made(cells[:width], names, named)
		if size += value.Size(row, maxBytes); size > maxBytes {
			return nil, fault.New(fault.TooLarge, "The table has more than %d MB; %s", maxBytes>>20, inParts)
		}
		out = append(out, row)
	}
	return out, nil
}

// inParts is what can be done with a table that is too large.
const inParts = "read it in parts, with limit and skip."

// separatorLine is the first line by which Excel is told what stands between cells.
var separatorLine = regexp.MustCompile(`^(?i:sep)=([^\r\n])(?:[\r\n]|$)`)

// fewColumns refuses more columns with names than a spreadsheet can have: each row would have a member for each.
func fewColumns(n int) error {
	if n > maxSheetCols {
		return fault.New(fault.TooLarge, "The table has %d columns with names; at most %d are taken. Take its rows as lists, without a header, or mend what makes it.", n, maxSheetCols)
	}
	return nil
}

// made is a row as a value.
func (f csvForm) made(cells []cell, names []string, named bool) any {
	if named {
		row := make(map[string]any, len(names))
		for i, name := range names {
			row[name] = f.typed(cells[i])
		}
		return row
	}
	row := make([]any, len(cells))
	for i := range cells {
		row[i] = f.typed(cells[i])
	}
	return row
}

// cell is what stands in one; what stood in quotes is always a text.
type cell struct {
	text   string
	quoted bool
}

func (f csvForm) typed(c cell) any {
	if !f.guess || c.quoted {
		return c.text
	}
	return guessed(c.text)
}

// guessed is a text as the value that it is written as: a number as JSON writes it, true, false, nothing.
func guessed(text string) any {
	switch trimmed := strings.TrimSpace(text); strings.ToLower(trimmed) {
	case "":
		return nil
	case "true":
		return true
	case "false":
		return false
	default:
		if n, ok := numberOf(trimmed); ok {
			return n
		}
	}
	return text
}

// columnNames are a header's cells, each once and none empty.
func columnNames(cells []cell) []string {
	out := make([]string, len(cells))
	taken, last := make(map[string]bool, len(cells)), map[string]int{} // last: the number that a name was given last
	for i, c := range cells {
		name := strings.TrimSpace(c.text)
		if name == "" {
			name = "column_" + strconv.Itoa(i+1)
		}
		for first := name; taken[name]; name = first + "_" + strconv.Itoa(last[first]) {
			last[first] = max(last[first], 1) + 1
		}
		out[i], taken[name] = name, true
	}
	return out
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// countedAre is a counted word with its verb: 1 cell is, 2 cells are.
func countedAre(n int, what string) string {
	if n == 1 {
		return counted(n, what) + " is"
	}
	return counted(n, what) + " are"
}

// areCounted is a counted word behind its verb: is 1 name, are 2 names.
func areCounted(n int, what string) string {
	if n == 1 {
		return "is " + counted(n, what)
	}
	return "are " + counted(n, what)
}

// guessDelimiter takes what parts the header's cells and gives further rows as many. Where the first row has nothing that parts cells,
// it takes what parts the next rows into the most.
func (r *csvReader) guessDelimiter() rune {
	text := r.text[r.at:]
	whole := r.in == nil && len(text) <= csvWindow
	text = text[:min(len(text), csvWindow)]
	best, most := ',', []int(nil)
	for _, delimiter := range "\t;|," { // a comma comes last: it stands in numbers and texts too
		if delimiter == r.form.quote {
			continue
		}
		form := r.form
		form.delimiter = delimiter
		sample := &csvReader{form: form, text: text, line: 1}
		first, alike, all := 0, 0, 0
		for i := range 10 {
			cells, _, err := sample.row()
			if err != nil || cells == nil || i > 0 && !whole && sample.at == len(text) {
				break
			}
			if all += len(cells); i == 0 {
				first = len(cells)
			} else if len(cells) == first {
				alike++
			}
		}
		found := []int{1, alike, first}
		if first < 2 {
			found = []int{0, all, strings.Index(",", string(delimiter))}
		}
		if slices.Compare(found, most) > 0 {
			best, most = delimiter, found
		}
	}
	return best
}

func (r *csvReader) skipLine() error {
	for {
		end := strings.IndexAny(r.text[r.at:], "\r\n")
		if r.in != nil && (end < 0 || r.at+end == len(r.text)-1) { // a line feed may come behind
			if err := r.fill(); err != nil {
				return err
			}
			continue
		}
		if end < 0 {
			r.at = len(r.text)
			return nil
		}
		r.at += end
		r.newline()
		return nil
	}
}

// newline passes a line end: LF, CRLF or CR.
func (r *csvReader) newline() {
	if strings.HasPrefix(r.text[r.at:], "\r\n") {
		r.at++
	}
	r.at++
	r.line++
}

// row gives the cells of the next row that is no empty line, and the line it begins on; nil: there is none.
func (r *csvReader) row() (cells []cell, line int, err error) {
	for {
		at, before := r.at, r.line
		cells, line, err = r.rowHere()
		if r.in == nil || r.at < len(r.text) {
			return cells, line, err
		}
		r.at, r.line = at, before // it may go on behind what is taken in
		if err := r.fill(); err != nil {
			return nil, line, err
		}
	}
}

// rowHere gives the next row of what is taken in. One that ends with it may go on.
func (r *csvReader) rowHere() (cells []cell, line int, err error) {
	for r.at < len(r.text) && (r.text[r.at] == '\n' || r.text[r.at] == '\r') {
		r.newline()
	}
	if r.at >= len(r.text) {
		return nil, r.line, nil
	}
	line, cells = r.line, make([]cell, 0, r.width)
	for {
		c, err := r.cell()
		if err != nil {
			return nil, line, err
		}
		if cells = append(cells, c); len(cells) > maxNodes {
			return nil, line, fault.New(fault.TooLarge, "The CSV has more than %d cells on line %d.", maxNodes, line)
		}
		if r.at >= len(r.text) {
			return cells, line, nil
		}
		if r.text[r.at] == '\n' || r.text[r.at] == '\r' {
			r.newline()
			r.width = len(cells)
			return cells, line, nil
		}
		r.at += utf8.RuneLen(r.form.delimiter)
	}
}

// cell reads up to a delimiter, a line end or the end.
func (r *csvReader) cell() (cell, error) {
	rest := r.text[r.at:]
	if r.form.trim {
		rest = strings.TrimLeft(rest, spacesBut(r.form.delimiter))
	}
	if quote := string(r.form.quote); strings.HasPrefix(rest, quote) {
		r.at = len(r.text) - len(rest) + len(quote)
		return r.quoted(quote)
	}
	rest = r.text[r.at:]
	end := 0
	for delimiter := string(r.form.delimiter); end < len(rest); end++ {
		if c := rest[end]; c == '\n' || c == '\r' || c == delimiter[0] && strings.HasPrefix(rest[end:], delimiter) {
			break
		}
	}
	r.at += end
	text := rest[:end]
	if r.form.trim {
		text = strings.TrimSpace(text)
	}
	return cell{text: text}, nil
}

// spacesBut are what trim leaves out in front, a delimiter never.
func spacesBut(delimiter rune) string { return strings.ReplaceAll(" \t", string(delimiter), "") }

// quoted reads on behind an opening quote. Two of them within are one.
func (r *csvReader) quoted(quote string) (cell, error) {
	began := r.line
	var b strings.Builder
	for {
		end := strings.Index(r.text[r.at:], quote)
		if end < 0 {
			r.at = len(r.text)
			return cell{}, fault.New(fault.InvalidInput, "The CSV has a quote on line %d that is never closed; write a quote within quotes twice.", began)
		}
		part := r.text[r.at : r.at+end]
		r.line += strings.Count(part, "\n")
		b.WriteString(part)
		r.at += end + len(quote)
		if !strings.HasPrefix(r.text[r.at:], quote) {
			break
		}
		b.WriteString(quote)
		r.at += len(quote)
	}
	rest := strings.TrimLeft(r.text[r.at:], spacesBut(r.form.delimiter))
	after, _ := utf8.DecodeRuneInString(rest)
	if rest != "" && after != r.form.delimiter && after != '\n' && after != '\r' {
		if len(rest) < utf8.UTFMax {
			r.at = len(r.text) // the delimiter may be cut
		}
		return cell{}, fault.New(fault.InvalidInput, "The CSV has text behind a closing quote on line %d: %s. Write a quote within quotes twice.", r.line, shown(fault.Clip(rest, 20)))
	}
	r.at = len(r.text) - len(rest)
	return cell{b.String(), true}, nil
}
