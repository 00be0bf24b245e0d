package core

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
)

// csvReader takes a text apart, row by row.
type csvReader struct {
	form csvForm
	text string
	at   int
	line int // of what comes next, from 1
}

// parse reads a table: rows as objects by the columns' names, or as lists.
func (f csvForm) parse(ctx context.Context, text string) (any, error) {
	r := &csvReader{form: f, text: strings.TrimPrefix(text, "\ufeff"), line: 1}
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
		r.skipLine()
	}
	if r.form.delimiter == 0 {
		r.form.delimiter = guessDelimiter(r.text[r.at:], f.quote)
	}
	names, out, room := f.columns, []any{}, room{most: maxNodes - 1}
	named := f.header || len(names) > 0
	if f.header {
		cells, line, err := r.row()
		if err != nil || cells == nil {
			return out, err
		}
		if len(names) == 0 {
			names = columnNames(cells)
		} else if len(names) != len(cells) && !f.fill {
			return nil, wrong("columns", "there are %d names, and line %d has %d cells.", len(names), line, len(cells))
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
				counted(len(cells), "cell"), line, counted(width, "cell")+map[bool]string{true: " is", false: " are"}[width == 1], strconv.Quote(string(r.form.delimiter)))
		}
		for len(cells) < width {
			cells = append(cells, cell{})
		}
		out = append(out, f.made(cells[:width], names, named))
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

// guessDelimiter takes what stands most often outside quotes in the first lines.
func guessDelimiter(text string, quote rune) rune {
	counts := map[rune]int{}
	inside, lines := false, 0
	for i, r := range text {
		switch {
		case r == quote:
			inside = !inside
		case inside:
		case r == '\n':
			lines++
		default:
			if strings.ContainsRune(",;\t|", r) {
				counts[r]++
			}
		}
		if lines == 5 || i > 64<<10 {
			break
		}
	}
	best := ','
	for _, r := range ";\t|" {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

func (r *csvReader) skipLine() {
	end := strings.IndexAny(r.text[r.at:], "\r\n")
	if end < 0 {
		r.at = len(r.text)
		return
	}
	r.at += end
	r.newline()
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
	for r.at < len(r.text) && (r.text[r.at] == '\n' || r.text[r.at] == '\r') {
		r.newline()
	}
	if r.at >= len(r.text) {
		return nil, r.line, nil
	}
	line = r.line
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
	end := strings.IndexFunc(rest, func(c rune) bool { return c == r.form.delimiter || c == '\n' || c == '\r' })
	if end < 0 {
		end = len(rest)
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
		return cell{}, fault.New(fault.InvalidInput, "The CSV has text behind a closing quote on line %d: %s. Write a quote within quotes twice.", r.line, shown(fault.Clip(rest, 20)))
	}
	r.at = len(r.text) - len(rest)
	return cell{b.String(), true}, nil
}
