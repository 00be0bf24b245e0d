package core

import (
	"bytes"
	"context"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of PDF files.
const (
	maxPDF        = 32 << 20  // bytes of the file
	maxPDFStream  = 32 << 20  // of one stream, unpacked
	maxPDFStreams = 512 << 20 // of all that are unpacked
	maxPDFObjects = 500_000
	maxPDFPages   = 5000
	maxPDFDepth   = 64 // of objects within objects
)

func pdfText() actions.Action {
	example := map[string]any{"file": strings.Repeat("0", 64), "name": "invoice.pdf", "type": "application/pdf", "size": 60000}
	return fileStep(actions.Action{
		ID: "pdf_text", Name: "Text of a PDF", Local: true, Description: "Gives the text of a PDF file, page by page, in the order in which it is drawn. Text in pictures, as of scanned paper, is not read.",
		Input: []actions.Field{
			{ID: "file", Label: "File", Help: "A PDF file of an earlier step, of up to 32 MB.", Type: actions.Object, Required: true, In: actions.InNone, Example: example},
			field("first", "First page", actions.Integer, "From which page on; not given, the first.", 1),
			field("last", "Last page", actions.Integer, "Up to which page; not given, the last.", 3),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"pages": {Kind: "list"}, "count": {Kind: "number"}}},
		Sample: map[string]any{"pages": []any{map[string]any{"page": 1, "text": "Invoice 1001"}}, "count": 1},
	}, readPDF, planPDF, "first", "last")
}

func planPDF(v map[string]any) error {
	first, err := wholeOf(v, "first", 1, 1, maxPDFPages)
	if err != nil {
		return err
	}
	last, err := wholeOf(v, "last", maxPDFPages, 1, maxPDFPages)
	if err == nil && last < first {
		return wrong("last", "it is %d, which comes before the first page, %d.", last, first)
	}
	return err
}

func readPDF(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	f, err := fileIn(in.Values["file"], "file")
	if err != nil {
		return nil, err
	}
	first, _ := wholeOf(in.Values, "first", 1, 1, maxPDFPages)
	last, _ := wholeOf(in.Values, "last", maxPDFPages, 1, maxPDFPages)
	from, err := reading(ctx, do, f)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	s, err := spoolAll(from, maxPDF, "The file "+shownName(f))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	b := make([]byte, s.size)
	if _, err := s.ReadAt(b, 0); err != nil && s.size > 0 && len(b) == 0 {
		return nil, unspooled(err)
	}
	if !bytes.Contains(b[:min(len(b), 1024)], []byte("%PDF-")) {
		return nil, broken(errNoPDF, f, "PDF file")
	}
	d := &pdf{ctx: ctx, of: f, b: b}
	if err := d.open(); err != nil {
		return nil, broken(err, f, "PDF file")
	}
	pages := []any{}
	room := maxBytes
	for i, p := range d.pages {
		if i+1 < first || i+1 > last {
			continue
		}
		text, err := d.pageText(p)
		if err != nil {
			return nil, broken(err, f, "PDF file")
		}
		if room -= len(text); room < 0 {
			return nil, fault.New(fault.TooLarge, "The text of %s has more than %d MB; take fewer pages at once, with first and last.", shownName(f), maxBytes>>20)
		}
		pages = append(pages, map[string]any{"page": i + 1, "text": text})
	}
	return map[string]any{"pages": pages, "count": len(d.pages)}, nil
}
