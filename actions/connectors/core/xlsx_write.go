package core

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// sheet is one to be written.
type sheet struct {
	name string
	at   string // the input that it stands in
	list []any
	*grid
}

// sheetsOf are the sheets of the inputs.
func sheetsOf(v map[string]any) ([]sheet, error) {
	var out []sheet
	given := items(v, "sheets")
	switch {
	case len(given) > 0 && len(items(v, "list")) > 0:
		return nil, wrong("sheets", "it stands beside list; give one of them.")
	case len(given) > maxSheets:
		return nil, wrong("sheets", "it lists %d; at most %d are taken.", len(given), maxSheets)
	case len(given) == 0:
		name := strings.TrimSpace(textOf(v, "sheet"))
		if name == "" {
			name = "Sheet1"
		}
		t, err := gridOf("list", items(v, "list"), textsOf(v, "columns"))
		return append(out, sheet{name, "list", items(v, "list"), t}), err
	}
	seen := map[string]bool{}
	for i, item := range given {
		s, _ := item.(map[string]any)
		name, at := strings.TrimSpace(textOf(s, "name")), itemName("sheets", i)
		if err := sheetName(at+"/name", name); err != nil {
			return nil, err
		}
		if name == "" || seen[strings.ToLower(name)] {
			return nil, wrong(at+"/name", "%s is empty or stands there twice; give each sheet a name of its own.", shown(name))
		}
		seen[strings.ToLower(name)] = true
		columns := textsOf(s, "columns")
		if len(columns) == 0 {
			columns = textsOf(v, "columns")
		}
		t, err := gridOf(at+"/list", items(s, "list"), columns)
		if err != nil {
			return nil, err
		}
		out = append(out, sheet{name, at + "/list", items(s, "list"), t})
	}
	return out, nil
}

// sheetName says what is wrong with a sheet's name. An empty one is none.
func sheetName(input, name string) error {
	if utf8.RuneCountInString(name) > 31 || strings.ContainsAny(name, `[]:*?/\`) || strings.HasPrefix(name, "'") || strings.HasSuffix(name, "'") ||
		strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return wrong(input, `%s cannot be a sheet's name: it has at most 31 characters, none of [ ] : * ? / \, and no ' at its ends.`, shown(name))
	}
	return nil
}

type workbookWriter struct {
	sheets        []sheet
	header, dates bool
	out           *bufio.Writer
}

// The formats of cells, by their places in the styles.
const (
	plainCell = iota
	boldCell
	dateCell
	timeCell
)

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	sheetML   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageNS = "http://schemas.openxmlformats.org/package/2006/"
	styles    = xmlHead + `<styleSheet xmlns="` + sheetML + `"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
		`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>`
)

// write writes the workbook: the parts that say what is where, then each sheet, row by row.
func (w *workbookWriter) write(ctx context.Context, out io.Writer) error {
	z := zip.NewWriter(out)
	var kinds, list, rels strings.Builder
	for i, s := range w.sheets {
		n := i + 1
		fmt.Fprintf(&kinds, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped(s.name), n, n)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, relations, n)
	}
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="` + packageNS + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + kinds.String() + `</Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="` + packageNS + `relationships"><Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", xmlHead + `<workbook xmlns="` + sheetML + `" xmlns:r="` + relations + `"><sheets>` + list.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="` + packageNS + `relationships">` + rels.String() + `<Relationship Id="rIdStyles" Type="` + relations + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", styles},
	}
	for _, p := range parts {
		into, err := z.Create(p.name)
		if err == nil {
			_, err = io.WriteString(into, p.text)
		}
		if err != nil {
			return err
		}
	}
	for i := range w.sheets {
		into, err := z.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
		if err != nil {
			return err
		}
		w.out = bufio.NewWriter(into)
		if err := w.sheet(ctx, &w.sheets[i]); err != nil {
			return err
		}
		if err := w.out.Flush(); err != nil {
			return err
		}
	}
	return z.Close()
}

func (w *workbookWriter) sheet(ctx context.Context, s *sheet) error {
	header := w.header && len(s.names) > 0
	w.out.WriteString(xmlHead + `<worksheet xmlns="` + sheetML + `">`)
	if header {
		w.out.WriteString(`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	}
	w.widths(s, header)
	w.out.WriteString(`<sheetData>`)
	row := 0
	if header {
		row++
		if err := w.row(s, row, anyTexts(s.names), boldCell); err != nil {
			return err
		}
	}
	for i, item := range s.list {
		if err := tick(ctx, i); err != nil {
			return err
		}
		row++
		if err := w.row(s, row, s.row(item), plainCell); err != nil {
			return err
		}
	}
	w.out.WriteString(`</sheetData></worksheet>`)
	return nil
}

// widths makes the columns as wide as what their first rows hold.
func (w *workbookWriter) widths(s *sheet, header bool) {
	const looks, least, most = 100, 8, 60
	var widest []int
	see := func(cells []any) {
		for i, v := range cells[:min(len(cells), 1000)] {
			for len(widest) <= i {
				widest = append(widest, least)
			}
			n := len(value.Text(v))
			if text, isText := v.(string); isText {
				n = utf8.RuneCountInString(fault.Clip(text, 4*most))
			}
			widest[i] = max(widest[i], min(n+2, most))
		}
	}
	if header {
		see(anyTexts(s.names))
	}
	for _, item := range s.list[:min(len(s.list), looks)] {
		see(s.row(item))
	}
	if len(widest) == 0 {
		return
	}
	w.out.WriteString(`<cols>`)
	for i, n := range widest {
		fmt.Fprintf(w.out, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, n)
	}
	w.out.WriteString(`</cols>`)
}

func (w *workbookWriter) row(s *sheet, n int, cells []any, style int) error {
	if n > maxSheetRows || len(cells) > maxSheetCols {
		return fault.New(fault.TooLarge, "The input %s: a sheet has at most %d rows and %d columns; write several sheets.", s.at, maxSheetRows, maxSheetCols)
	}
	fmt.Fprintf(w.out, `<row r="%d">`, n)
	for i, v := range cells {
		if v == nil {
			continue
		}
		if err := w.cell(s, columnLetters(i+1)+strconv.Itoa(n), v, style); err != nil {
			return err
		}
	}
	_, err := w.out.WriteString(`</row>`)
	return err
}

// exactDigits is how many digits of a number a spreadsheet keeps.
const exactDigits = 15

func (w *workbookWriter) cell(s *sheet, at string, v any, style int) error {
	text := value.Text(v)
	switch v := v.(type) {
	case bool:
		fmt.Fprintf(w.out, `<c r="%s" t="b"><v>%d</v></c>`, at, map[bool]int{true: 1}[v])
		return nil
	case string:
		if serial, kind := serialOf(v); w.dates && style == plainCell && kind != plainCell {
			fmt.Fprintf(w.out, `<c r="%s" s="%d"><v>%s</v></c>`, at, kind, strconv.FormatFloat(serial, 'f', -1, 64))
			return nil
		}
	default:
		if digits := strings.Trim(strings.TrimLeft(text, "-"), "0"); value.Kind(v) == "number" && len(digits) <= exactDigits+1 {
			fmt.Fprintf(w.out, `<c r="%s"><v>%s</v></c>`, at, text)
			return nil
		} else if _, broken := v.(float64); broken {
			fmt.Fprintf(w.out, `<c r="%s"><v>%s</v></c>`, at, text)
			return nil
		}
	}
	if utf8.RuneCountInString(text) > maxCellText {
		return fault.New(fault.TooLarge, "The input %s: the text for the cell %s of %s has more than %d characters, which no cell takes; shorten it.", s.at, at, shown(s.name), maxCellText)
	}
	look := ""
	if style != plainCell {
		look = fmt.Sprintf(` s="%d"`, style)
	}
	fmt.Fprintf(w.out, `<c r="%s"%s t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, look, escaped(text))
	return nil
}

// escaped is a text within XML. What XML cannot hold is written as spreadsheets do.
func escaped(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF:
			fmt.Fprintf(&b, "_x%04X_", r)
		case r == '_' && hexEscape.MatchString(text[i:min(len(text), i+7)]): // it would be read as one
			b.WriteString("_x005F_")
		default:
			b.WriteRune(r)
		}
	}
	var out strings.Builder
	if err := xml.EscapeText(&out, []byte(b.String())); err != nil {
		return ""
	}
	return out.String()
}

// serialOf is a date as spreadsheets count: days from the beginning of 1900. plainCell says that a text is none.
func serialOf(text string) (float64, int) {
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return 0, plainCell
	}
	kind := timeCell
	var at time.Time
	var err error
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err = time.Parse(form, text); err == nil {
			if form == time.DateOnly {
				kind = dateCell
			}
			break
		}
	}
	if err != nil || at.Year() < 1901 || at.Year() > 9999 {
		return 0, plainCell
	}
	at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	return float64(at.UnixMilli()-epoch1900.UnixMilli()) / 86_400_000, kind
}
