package core

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	slash "path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// workbook is an Office Open XML workbook (ECMA-376) that is being read. Nothing of it is in memory whole but the texts that its
// cells share.
type workbook struct {
	*spooled
	ctx    context.Context
	of     value.File
	zip    *zip.Reader
	room   *unpackRoom
	sheets []sheetPart
	shared []string
	kinds  []numberKind // what numbers are, by a cell's style
	from   dateSystem
}

// sheetPart is a sheet, and the part of the package that it lies in.
type sheetPart struct{ name, part string }

func openWorkbook(ctx context.Context, do actions.Doer, f value.File) (*workbook, error) {
	s, err := spool(ctx, do, f, maxWorkbook)
	if err != nil {
		return nil, err
	}
	w := &workbook{spooled: s, ctx: ctx, of: f, room: roomFor(s.size)}
	if err := w.open(); err != nil {
		s.Close()
		return nil, broken(err, f, "Excel workbook")
	}
	return w, nil
}

func (w *workbook) open() error {
	head := make([]byte, 8)
	if n, _ := w.ReadAt(head, 0); bytes.Equal(head[:n], []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return fault.New(fault.InvalidInput, "The file %s is encrypted, or a workbook of Excel before 2007 (.xls); save it as .xlsx without a password.", shownName(w.of))
	}
	from := &directory{w.ReaderAt, maxDirectory}
	var err error
	if w.zip, err = zip.NewReader(from, w.size); err != nil {
		return err
	}
	from.left = 1 << 62
	w.ReaderAt = from
	main := "xl/workbook.xml"
	for _, r := range w.relations("_rels/.rels") {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = partOf("", r.target)
		}
	}
	if w.zip == nil || !w.has(main) {
		return errors.New("there is no workbook in it")
	}
	return w.main(main)
}

// main reads what the workbook is made of.
func (w *workbook) main(main string) error {
	folder, name := slash.Split(main)
	parts := map[string]relation{}
	for _, r := range w.relations(folder + "_rels/" + name + ".rels") {
		r.target = partOf(folder, r.target)
		parts[r.id] = r
	}
	err := w.each(main, maxShared, func(x *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			w.from.since1904 = attr(e, "date1904") == "1" || attr(e, "date1904") == "true"
		case "sheet":
			if r := parts[attr(e, "id")]; strings.HasSuffix(r.kind, "/worksheet") && len(w.sheets) < 10*maxSheets {
				w.sheets = append(w.sheets, sheetPart{attr(e, "name"), r.target})
			}
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		err = errors.New("there is no sheet in it")
	}
	for _, r := range parts {
		switch {
		case err != nil || !w.has(r.target):
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			err = w.texts(r.target)
		case strings.HasSuffix(r.kind, "/styles"):
			err = w.styles(r.target)
		}
	}
	return err
}

// relation is where a part of the package is.
type relation struct{ id, kind, target string }

func (w *workbook) relations(part string) (out []relation) {
	err := w.each(part, maxXMLToken, func(x *tokens, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && attr(e, "TargetMode") != "External" {
			out = append(out, relation{attr(e, "Id"), attr(e, "Type"), attr(e, "Target")})
		}
		return nil
	})
	if err != nil {
		return nil // what needs them says so
	}
	return out
}

// partOf is a target as the package names it.
func partOf(folder, target string) string {
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(slash.Clean(target), "/")
	}
	return strings.TrimPrefix(slash.Join("/", folder, target), "/")
}

func (w *workbook) has(part string) bool { return w.member(part) != nil }

func (w *workbook) member(part string) *zip.File {
	for _, f := range w.zip.File {
		if strings.EqualFold(strings.TrimPrefix(f.Name, "/"), part) {
			return f
		}
	}
	return nil
}

// texts reads the texts that cells share.
func (w *workbook) texts(part string) error {
	total := 0
	return w.each(part, maxSheetBytes, func(x *tokens, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := x.text()
		if total += len(text) + 16; total > maxShared {
			return fault.New(fault.TooLarge, "The workbook %s holds more than %d MB of texts; take a smaller one.", shownName(w.of), maxShared>>20)
		}
		w.shared = append(w.shared, text)
		return err
	})
}

// styles reads which formats of numbers are dates.
func (w *workbook) styles(part string) error {
	formats := map[string]string{}
	inCells := false
	return w.each(part, maxShared, func(x *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			formats[attr(e, "numFmtId")] = attr(e, "formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "cellStyleXfs", "dxfs":
			inCells = false
		case "xf":
			if inCells && len(w.kinds) < 1<<16 {
				id := attr(e, "numFmtId")
				code, own := formats[id]
				n, _ := strconv.Atoi(id)
				w.kinds = append(w.kinds, kindOfFormat(n, code, own))
			}
		}
		return nil
	})
}

// rows gives the cells of each row of a sheet's part that has any, from the part's left edge on; they are the receiver's until it
// returns.
func (w *workbook) rows(s sheetPart, part area, take func(cells []any) error) error {
	if !w.has(s.part) {
		return errors.New("the sheet is missing")
	}
	row, col := 0, 0
	var cells []any
	flush := func() error {
		for len(cells) > 0 && cells[len(cells)-1] == nil {
			cells = cells[:len(cells)-1]
		}
		if len(cells) == 0 {
			return nil
		}
		err := take(cells)
		cells = cells[:0]
		return err
	}
	err := w.each(s.part, maxSheetBytes, func(x *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			if err := flush(); err != nil {
				return err
			}
			row, col = row+1, 0
			if n, err := strconv.Atoi(attr(e, "r")); err == nil {
				row = n
			}
			if row > part.bottom {
				return io.EOF
			}
		case "c":
			col++
			if at := strings.TrimRight(attr(e, "r"), "0123456789"); at != "" && len(at) <= 3 {
				col = columnNumber(at)
			}
			v, err := w.cell(x, e)
			if err != nil || v == nil || row < part.top || col < part.left || col > part.right {
				return err
			}
			for len(cells) <= col-part.left {
				cells = append(cells, nil)
			}
			cells[col-part.left] = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// cell reads a cell's value; nil: it is empty.
func (w *workbook) cell(x *tokens, e xml.StartElement) (any, error) {
	text, inline := "", ""
	for {
		t, err := x.next()
		if err != nil {
			return nil, err
		}
		if start, is := t.(xml.StartElement); is {
			switch start.Name.Local {
			case "v":
				text, err = x.text()
			case "is":
				inline, err = x.text()
			default:
				err = x.skip()
			}
			if err != nil {
				return nil, err
			}
		} else if _, end := t.(xml.EndElement); end {
			break
		}
	}
	switch attr(e, "t") {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(w.shared) {
			return nil, errors.New("a cell names a text that is not there")
		}
		return filled(w.shared[n]), nil
	case "inlineStr":
		return filled(inline), nil
	case "b":
		return strings.TrimSpace(text) == "1", nil
	case "str", "e", "d":
		return filled(unescaped(text)), nil
	}
	n, ok := numberOf(text)
	if !ok {
		return filled(text), nil
	}
	if style, err := strconv.Atoi(attr(e, "s")); err == nil && style >= 0 && style < len(w.kinds) {
		return w.from.date(n, w.kinds[style]), nil
	}
	return n, nil
}

func filled(text string) any {
	if text == "" {
		return nil
	}
	return text
}

var hexEscape = regexp.MustCompile(`^_x[0-9A-Fa-f]{4}_`)

// unescaped is a text with what XML cannot hold put back.
func unescaped(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] == '_' && hexEscape.MatchString(text[i:]) {
			n, _ := strconv.ParseUint(text[i+2:i+6], 16, 32)
			if r := rune(n); utf8.ValidRune(r) && r != 0 {
				b.WriteRune(r)
				i += 7
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}
