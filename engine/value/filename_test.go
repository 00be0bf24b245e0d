package value

import (
	"strings"
	"testing"
)

func TestFileName(t *testing.T) {
	for given, want := range map[string]string{"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `C:\x\a b.txt`: "a b.txt", "": "file", "..": "file", "a/": "file", "  x ": "x", "a\x00\r\n\u202egpj.exe": "agpj.exe",
		"b\xe9b\xe9.png": "b\uFFFDb\uFFFD.png", "日本語.txt": "日本語.txt", strings.Repeat("x", 300): strings.Repeat("x", 200) + "…"} {
		if got := FileName(given); got != want {
			t.Errorf("%q is called %q", given, got)
		}
	}
	for given, want := range map[string]string{"text/csv; charset=utf-8": "text/csv", "IMAGE/PNG": "image/png", "": anyBytes, "pdf": anyBytes, "a/" + strings.Repeat("x", 100): anyBytes} {
		if got := MediaType(given); got != want {
			t.Errorf("%q is the type %q", given, got)
		}
	}
	if TypeByName("A.JPG") != "image/jpeg" || TypeByName("x") != anyBytes || EndOf("image/jpeg") != ".jpg" || EndOf(anyBytes) != "" || EndOf("text/plain") != ".txt" {
		t.Error("the list of types is read wrongly")
	}
}

func TestSaved(t *testing.T) {
	for _, c := range []struct {
		file              File
		kind, disposition string
	}{
		{File{Name: "a.csv", Type: "text/csv"}, "text/csv", "attachment; filename=a.csv"},
		{File{Name: "a b.html", Type: "text/html"}, anyBytes, `attachment; filename="a b.html"`},
		{File{Name: "x.svg", Type: "image/svg+xml"}, anyBytes, "attachment; filename=x.svg"},
		{File{Name: "x.js", Type: "text/javascript"}, anyBytes, "attachment; filename=x.js"},
		{File{Name: "../a\r\n.pdf", Type: "application/pdf"}, "application/pdf", "attachment; filename=a.pdf"},
		{File{Name: "überblick 50%.pdf"}, anyBytes, `attachment; filename="_berblick 50_.pdf"; filename*=utf-8''%C3%BCberblick%2050%25.pdf`},
		{File{Name: `say "hi".txt`, Type: "text/plain"}, "text/plain", `attachment; filename="say _hi_.txt"; filename*=utf-8''say%20%22hi%22.txt`},
		{File{}, anyBytes, "attachment; filename=other.bin"},
	} {
		if kind, disposition := c.file.Saved("other.bin"); kind != c.kind || disposition != c.disposition {
			t.Errorf("%+v is given as %s, %s", c.file, kind, disposition)
		}
	}
}
