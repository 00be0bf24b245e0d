package outbound

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// withFiles puts a small file of its kind in the place of each that a sandbox's answer only names, so that the steps after it have one
// to work with.
func (d *doing) withFiles(ctx context.Context, v any) (any, error) {
	if f, ok := value.FileOf(v); ok && actions.IsSample(f) {
		kind := f.Type
		if kind == "" || kind == "application/octet-stream" {
			kind = value.TypeByName(f.Name)
		}
		body, err := sampleOf(f.Name, kind)
		if err != nil {
			return nil, err
		}
		kept, err := d.Keep(ctx, f.Name, f.Type, bytes.NewReader(body))
		return kept.Value(), err
	}
	var err error
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			if out[name], err = d.withFiles(ctx, member); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			if out[i], err = d.withFiles(ctx, item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// pixel is a picture of one point.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// sampleOf is a small file of a kind. What is of no kind that is made here is a line of text.
func sampleOf(name, kind string) ([]byte, error) {
	line := fmt.Sprintf("A sample in place of %s.", fault.Clip(name, 100))
	kind, _, _ = strings.Cut(kind, ";")
	switch {
	case kind == "text/csv":
		return []byte("name,email\nAda,ada@example.com\nGrace,grace@example.com\n"), nil
	case strings.HasSuffix(kind, "json"):
		return []byte(`{"sample": true}` + "\n"), nil
	case kind == "text/html":
		return []byte("<!doctype html><title>Sample</title><p>" + html.EscapeString(line) + "</p>\n"), nil
	case strings.HasSuffix(kind, "/xml"):
		return []byte("<sample/>\n"), nil
	case kind == "image/png":
		return base64.StdEncoding.DecodeString(pixel)
	case kind == "application/pdf":
		return samplePDF(line), nil
	case kind == "application/gzip" || kind == "application/x-gzip":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := io.WriteString(z, line+"\n")
		if err == nil {
			err = z.Close()
		}
		return b.Bytes(), err
	case kind == "application/zip":
		return zipOf("sample.txt", line+"\n")
	case kind == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return zipOf(sampleBook()...)
	}
	return []byte(line + "\n"), nil
}

// zipOf is an archive of names and texts, one after the other.
func zipOf(parts ...string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// sampleBook are the parts of a workbook with one sheet of two columns.
func sampleBook() []string {
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`
	row := func(n int, a, b string) string {
		return fmt.Sprintf(`<row r="%[1]d"><c r="A%[1]d" t="inlineStr"><is><t>%s</t></is></c><c r="B%[1]d" t="inlineStr"><is><t>%s</t></is></c></row>`, n, a, b)
	}
	return []string{
		"[Content_Types].xml", head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", head + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", head + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + row(1, "name", "email") + row(2, "Ada", "ada@example.com") + `</sheetData></worksheet>`,
	}
}

// samplePDF is a page with a line on it.
func samplePDF(line string) []byte {
	text := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, line))
	content := "BT /F1 12 Tf 72 720 Td (" + text + ") Tj ET"
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content), "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	fmt.Fprintf(&b, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, b.Len())
	return b.Bytes()
}
