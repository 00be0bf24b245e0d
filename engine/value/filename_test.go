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
