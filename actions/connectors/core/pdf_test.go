package core

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// pdfOf is a PDF of objects, numbered from 1; the first is the catalog. It has no table of them.
func pdfOf(objects ...string) []byte {
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	for i, text := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, text)
	}
	b.WriteString("trailer\n<</Root 1 0 R>>\n%%EOF\n")
	return []byte(b.String())
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// drawn is a PDF of one page that is drawn so, with the font F.
func drawn(font, content string, more ...string) []byte {
	return pdfOf(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>", "<</Type/Page/Contents 4 0 R>>", stream("", content), font}, more...)...)
}

// packedStream is a stream packed by Flate.
func packedStream(dict string, data []byte) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return stream(dict+"/Filter/FlateDecode", b.String())
}

const helvetica = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/FirstChar 32/Widths[250 500 500]>>"

func TestPDF(t *testing.T) {
	wide := "<</Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</DW 500/W[1[600 700] 3 5 400]>>]/ToUnicode 6 0 R>>"
	cmap := stream("", "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <D83DDE00> endbfchar 2 beginbfrange <0002> <0004> <0041> <0005> <0006> [<0058> <00660069>] endbfrange")
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"lines", drawn(helvetica, "BT /F 10 Tf 50 700 Td (Hello) Tj 0 -12 Td (there\\051 \\(x\\)) Tj T* ET"), "Hello\nthere) (x)"},
		{"words", drawn(helvetica, "BT /F 10 Tf [(Hel)-50(lo)-400(you) 20 (r)] TJ ET"), "Hello your"},
		{"leading", drawn(helvetica, "BT /F 10 Tf 12 TL (a) Tj (b) ' 1 2 (c) \" 5 -20 TD (d) Tj T* (e) Tj ET"), "a\nb\nc\nd\ne"},
		{"a gap", drawn(helvetica, "BT /F 10 Tf 1 0 0 1 50 700 Tm (Item) Tj 1 0 0 1 200 700 Tm (Price) Tj ET"), "Item Price"},
		{"turned", drawn(helvetica, "q 1 0 0 -1 0 800 cm BT /F 1 Tf 10 0 0 -10 50 100 Tm (up) Tj 10 0 0 -10 50 120 Tm (down) Tj ET Q"), "up\ndown"},
		{"WinAnsi", drawn(helvetica, "BT /F 10 Tf (Gr\\374\\337e \\200) Tj <48> Tj ET"), "Grüße €H"},
		{"names", drawn("<</Subtype/Type1/Encoding<</BaseEncoding/MacRomanEncoding/Differences[1/fi/eacute/uni20AC/Aring.alt 65/B/gone]>>>>", "BT /F 10 Tf (\\001\\002\\003\\004AB\\237) Tj ET"), "fié€ÅBBü"},
		{"two bytes", drawn(wide, "BT /F 10 Tf <000100020003000400050006> Tj <0099> Tj ET", cmap), "😀ABCXfi\uFFFD"},
		{"UTF-16", drawn("<</Subtype/Type0/Encoding/UniGB-UCS2-H>>", "BT /F 10 Tf <65e5672c> Tj ET"), "日本"},
		{"a form", drawn(helvetica, "BT /F 10 Tf (in) Tj ET q /X Do Q", stream("/Subtype/Form/Matrix[1 0 0 1 0 -50]", "BT /F 10 Tf (side) Tj ET /X Do")), "in\nside\n" + strings.Repeat("side\n", 6) + "side"},
		{"a picture in between", drawn(helvetica, "BI /W 1 ID \x00(\xff EI BT /F 10 Tf (x) Tj ET"), "x"},
		{"nothing", drawn(helvetica, ""), ""},
		{"no font", drawn("null", "BT (x) Tj /G 10 Tf (y) Tj ET"), "y"},
		{"comments and names", drawn(helvetica, "% a comment\nBT /#46 10 Tf (x) Tj ET"), "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			out := s.must(t, "pdf_text", map[string]any{"file": s.put("f.pdf", "", c.file).Value()})
			if got := out["pages"].([]any)[0].(map[string]any)["text"]; got != c.want || out["count"] != 1 {
				t.Errorf("it reads %q\n not %q", got, c.want)
			}
		})
	}
}

// TestPDFParts: pages in a tree, packed content, objects in streams, and wrong lengths.
func TestPDFParts(t *testing.T) {
	s := &shelf{}
	text := func(word string) []byte { return []byte("BT /F 10 Tf (" + word + ") Tj ET") }
	inside := "3 0 4 12 <</A 1>>    <</Type/Pages/Kids[5 0 R 6 0 R 4 0 R]/Resources<</Font<</F 7 0 R>>>>>>"
	file := pdfOf("<</Type/Catalog/Pages 4 0 R>>", packedStream("/Type/ObjStm/N 2/First 9", []byte(inside)), "null", "null", "<</Type/Page/Contents[8 0 R 9 0 R]>>", "<</Type/Page/Contents 10 0 R>>", helvetica,
		packedStream("", text("one")), strings.Replace(stream("", string(text("and"))), "/Length", "/Length 3 /L", 1), stream("/Filter[/ASCIIHexDecode/ASCII85Decode]", "36 3c 2b 40 29 7e 3e>"))
	file = bytes.Replace(file, []byte("4 0 obj\nnull\nendobj\n"), nil, 1)
	out := s.must(t, "pdf_text", map[string]any{"file": s.put("f.pdf", "", file).Value()})
	pages := out["pages"].([]any)
	if len(pages) != 2 || pages[0].(map[string]any)["text"] != "one\nand" && pages[0].(map[string]any)["text"] != "oneand" {
		t.Errorf("it reads %v", out)
	}
	one := s.must(t, "pdf_text", map[string]any{"file": s.put("f.pdf", "", file).Value(), "first": 2, "last": 2})
	if list := one["pages"].([]any); len(list) != 1 || list[0].(map[string]any)["page"] != 2 || one["count"] != 2 {
		t.Errorf("of the second page it reads %v", one)
	}
}

func TestBadPDF(t *testing.T) {
	bomb := packedStream("", make([]byte, maxPDFStream+1))
	locked := bytes.Replace(drawn(helvetica, "x"), []byte("trailer\n<<"), []byte("trailer\n<</Encrypt 9 0 R"), 1)
	many := strings.Repeat("1 0 obj 1 endobj\n", maxPDFObjects+1)
	long := "BT /F 1 Tf " + strings.Repeat("("+strings.Repeat("x", 1000)+") Tj ", 11_000)
	good := drawn(helvetica, "BT /F 10 Tf (x) Tj ET")
	for _, c := range []struct {
		name string
		file []byte
		code fault.Code
		want string
	}{
		{"no PDF", []byte("hello"), fault.InvalidInput, `The file "f" is damaged, or is no PDF file; look at where`},
		{"nothing", nil, fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"cut", good[:100], fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"no pages", pdfOf("<</Type/Catalog>>"), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"a ring of pages", pdfOf("<</Pages 2 0 R>>", "<</Kids[2 0 R 2 0 R]>>"), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"a ring of names", pdfOf("<</Pages 2 0 R>>", "3 0 R", "2 0 R"), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"deep", pdfOf("<</Pages " + strings.Repeat("[", 1_000_000) + ">>"), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"deep text", drawn(helvetica, strings.Repeat("<<", 1_000_000)), "", ""},
		{"an unknown filter", drawn("null", "", "x")[:0], fault.InvalidInput, `The file "f" is damaged`},
		{"LZW", pdfOf("<</Pages 2 0 R>>", "<</Kids[3 0 R]>>", "<</Contents 4 0 R>>", stream("/Filter/LZWDecode", "x")), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"a predictor", pdfOf("<</Pages 2 0 R>>", "<</Kids[3 0 R]>>", "<</Contents 4 0 R>>", packedStream("/DecodeParms<</Predictor 12>>", []byte("x"))), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"bad Flate", pdfOf("<</Pages 2 0 R>>", "<</Kids[3 0 R]>>", "<</Contents 4 0 R>>", stream("/Filter/FlateDecode", "x")), fault.InvalidInput, `The file "f" is damaged, or is no PDF file;`},
		{"encrypted", locked, fault.InvalidInput, `The file "f" is encrypted, which is not read here, also where it opens without a password; save`},
		{"encrypted in a stream", pdfOf("<</Type/Catalog>>", stream("/Type/XRef/Encrypt 3 0 R", "")), fault.InvalidInput, `The file "f" is encrypted`},
		{"a bomb", pdfOf("<</Pages 2 0 R>>", "<</Kids[3 0 R]>>", "<</Contents 4 0 R>>", bomb), fault.TooLarge, `The file "f" unpacks to more than PDF files do`},
		{"too many objects", []byte("%PDF-1.7\n" + many), fault.TooLarge, `The file "f" has more than 500000 objects`},
		{"too large", append([]byte("%PDF-1.7\n"), make([]byte, maxPDF)...), fault.TooLarge, `The file "f" has more than 32 MB; at most that is taken.`},
		{"a long text", drawn(helvetica, long), fault.TooLarge, `The text of "f" has more than 10 MB; take fewer pages`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			_, err := s.do(t, "pdf_text", map[string]any{"file": s.put("f", "", c.file).Value()})
			fails(t, err, c.code, c.want)
		})
	}
	s := &shelf{}
	f := s.put("f", "", good).Value()
	for want, in := range map[string]map[string]any{
		"The input first: it is from 1 to 5000, not 0.":                          {"file": f, "first": 0},
		"The input last: it is from 1 to 5000, not 5001.":                        {"file": f, "last": 5001},
		"The input last: it is 2, which comes before the first page, 3.":         {"file": f, "first": 3, "last": 2},
		"The input file: it refers to no file; take one of an earlier step, as ": {"file": map[string]any{"file": "x"}},
	} {
		_, err := s.do(t, "pdf_text", in)
		fails(t, err, fault.InvalidInput, want)
	}
	if got := issues(t, "pdf_text", `{"file":{"file":"x"},"first":3,"last":2}`); got != "/last It is 2, which comes before the first page, 3." {
		t.Errorf("publishing says %q", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.doWith(t, ctx, "pdf_text", map[string]any{"file": f}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it says %v", err)
	}
}

// TestPrintedPDF reads what another program printed.
func TestPrintedPDF(t *testing.T) {
	soffice, dir := program(t, "soffice"), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.html"), []byte(`<html><meta charset="utf-8"><p>Grüße – “fine” offices</p><p style="page-break-before:always">Second <b>page</b></p></html>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "pdf:calc_pdf_Export", "--infilter=HTML (StarCalc)", "--outdir", dir, filepath.Join(dir, "in.html")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	b, err := os.ReadFile(filepath.Join(dir, "in.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	var all strings.Builder
	for _, p := range s.must(t, "pdf_text", map[string]any{"file": s.put("f", "", b).Value()})["pages"].([]any) {
		all.WriteString(p.(map[string]any)["text"].(string) + "\n")
	}
	if got := strings.Join(strings.Fields(all.String()), " "); !strings.Contains(got, "Grüße – “fine” offices") || !strings.Contains(got, "Second page") {
		t.Errorf("it reads %q", got)
	}
}

// FuzzPDF: whatever a file holds, it is read or refused.
func FuzzPDF(f *testing.F) {
	f.Add(drawn(helvetica, "BT /F 10 Tf 50 700 Td (Hello) Tj [(a)-400(b)] TJ ET /X Do", stream("/Subtype/Form", "BT ET")))
	f.Add(drawn("<</Subtype/Type0/DescendantFonts[<</W[1[600] 3 5 400]>>]/ToUnicode 6 0 R>>", "BT /F 10 Tf <0001> Tj ET", stream("", "1 beginbfrange <0001> <0004> <0041> endbfrange")))
	f.Add(pdfOf("<</Pages 4 0 R>>", packedStream("/Type/ObjStm/N 1/First 4", []byte("4 0 <</Kids[]>>"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &shelf{}
		if _, err := s.do(t, "pdf_text", map[string]any{"file": s.put("f", "", b).Value()}); err != nil && fault.CodeOf(err) != fault.InvalidInput && fault.CodeOf(err) != fault.TooLarge {
			t.Error(err)
		}
	})
}
