package core

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestTextFile: a text is read as it was written, in whatever charset.
func TestTextFile(t *testing.T) {
	for _, c := range []struct{ name, raw, charset, otherwise, text, used string }{
		{"UTF-8", "Zürich €\n", "", "", "Zürich €\n", "utf-8"},
		{"UTF-8 with a mark", "\xef\xbb\xbfZürich", "", "", "Zürich", "utf-8"},
		{"a mark says more", "\xef\xbb\xbfZürich", "windows-1252", "", "Zürich", "utf-8"},
		{"nothing", "", "auto", "", "", "utf-8"},
		{"UTF-16 with a mark", "\xff\xfeJ\x00\xfc\x00=\xd8\x00\xde", "", "", "Jü😀", "utf-16le"},
		{"UTF-16, the other way", "\xfe\xff\x00J\x00\xfc", "", "", "Jü", "utf-16be"},
		{"UTF-16 without a mark", "J\x00\xfc\x00", "UTF-16LE", "", "Jü", "utf-16le"},
		{"UTF-16, where it is no UTF-8", "J\x00", "", "utf-16le", "J", "utf-16le"},
		{"the sign of decoders itself", "\xfd\xff", "utf-16le", "", "\uFFFD", "utf-16le"},
		{"Windows-1252", "J\xfcrg \x80", "windows-1252", "", "Jürg €", "windows-1252"},
		{"otherwise", "J\xfcrg \x80", "", "windows-1252", "Jürg €", "windows-1252"},
		{"otherwise is not needed", "Jürg", "", "windows-1252", "Jürg", "utf-8"},
		{"ISO-8859-1", "J\xfcrg \xa4", "ISO-8859-1", "", "Jürg ¤", "iso-8859-1"},
		{"ISO-8859-15", "J\xfcrg \xa4", "iso-8859-15", "", "Jürg €", "iso-8859-15"},
		{"Shift_JIS", "\x93\xfa\x96{", "Shift_JIS", "", "日本", "shift_jis"},
		{"ISO-2022-JP", "a\x1b$BF|K\\\x1b(Bb", "iso-2022-jp", "", "a日本b", "iso-2022-jp"},
		{"GB18030", "\x841\xa47\xc4\xe3", "gb18030", "", "\uFFFD你", "gb18030"},
	} {
		s := &shelf{}
		in := map[string]any{"file": s.put("f.txt", "", []byte(c.raw)).Value()}
		for name, v := range map[string]string{"charset": c.charset, "otherwise": c.otherwise} {
			if v != "" {
				in[name] = v
			}
		}
		if out, err := s.do(t, "text_file", in); err != nil || out["text"] != c.text || out["charset"] != c.used {
			t.Errorf("%s: %v, %v", c.name, out, err)
		}
	}
}

// TestTextFileBytes: what is no letter of the charset is named with its place, and never becomes a sign of its own.
func TestTextFileBytes(t *testing.T) {
	s := &shelf{}
	for _, c := range []struct{ raw, charset, want string }{
		{"J\xfcrg", "", `The file "f.txt" is no UTF-8 (at byte 1, 0xfc), and no byte order mark says how it is written. Give its charset`},
		{"PK\x03\x04\x00\xff", "", `The file "f.txt" has zero bytes, as UTF-16 and what is no text have them (at byte 4, 0x00)`},
		{"J\xfcrg", "utf-8", `The file "f.txt" is not written in utf-8: at byte 1 stands 0xfc`},
		{"\xef\xbb\xbfab\xff", "", `The file "f.txt" is not written in utf-8: at byte 5 stands 0xff`},
		{"\xef\xbb\xbfa\xe2\x82", "", `The file "f.txt" is not written in utf-8: at byte 4 stands 0xe2`},
		{"\xff\xfea\x00\x00\xd8b\x00", "", `The file "f.txt" is not written in utf-16le: at byte 4 stands 0x00`},
		{"\xff\xfea\x00b", "", `The file "f.txt" is not written in utf-16le: at byte 4 stands 0x62`},
		{"abc \x80", "latin1", `The file "f.txt" is not written in iso-8859-1: at byte 4 stands 0x80`},
		{"abc \x81", "windows-1252", `The file "f.txt" is not written in windows-1252: at byte 4 stands 0x81`},
		{"\x93\xfa ab\xff", "shift_jis", `The file "f.txt" is not written in shift_jis: at byte 5 stands 0xff`},
		{"\x93\xfa\x93", "shift_jis", `The file "f.txt" is not written in shift_jis: at byte 2 stands 0x93`},
		{"\xfd\xff\x00\xd8", "utf-16le", `The file "f.txt" is not written in utf-16le: at byte 2 stands 0x00`},
	} {
		in := map[string]any{"file": s.put("f.txt", "", []byte(c.raw)).Value()}
		if c.charset != "" {
			in["charset"] = c.charset
		}
		_, err := s.do(t, "text_file", in)
		fails(t, err, fault.InvalidInput, c.want)
	}
}

func TestTextFileWrites(t *testing.T) {
	for _, c := range []struct {
		in              map[string]any
		raw, name, kind string
	}{
		{map[string]any{"text": "Zürich"}, "Zürich", "text.txt", "text/plain"},
		{map[string]any{"text": "", "name": "a.csv"}, "", "a.csv", "text/csv"},
		{map[string]any{"text": "a", "name": "a.odd", "type": "application/x-odd; v=1", "bom": true}, "\xef\xbb\xbfa", "a.odd", "application/x-odd; v=1"},
		{map[string]any{"text": "\ufeffa", "name": "a.dat", "bom": true}, "\xef\xbb\xbfa", "a.dat", "text/plain"},
		{map[string]any{"text": "ü😀", "charset": "utf-16be", "bom": true}, "\xfe\xff\x00\xfc\xd8=\xde\x00", "text.txt", "text/plain"},
		{map[string]any{"text": "ü", "charset": "utf-16"}, "\xfc\x00", "text.txt", "text/plain"},
		{map[string]any{"text": "Jürg €", "charset": "windows-1252"}, "J\xfcrg \x80", "text.txt", "text/plain"},
		{map[string]any{"text": "日本", "charset": "shift_jis"}, "\x93\xfa\x96{", "text.txt", "text/plain"},
	} {
		s := &shelf{}
		c.in["mode"] = "write"
		out, err := s.do(t, "text_file", c.in)
		if err != nil {
			t.Errorf("%v: %v", c.in, err)
			continue
		}
		if f, _ := value.FileOf(out["file"]); s.text(t, out["file"]) != c.raw || f.Name != c.name || f.Type != c.kind {
			t.Errorf("%v gives %v, %q", c.in, out, s.text(t, out["file"]))
		}
	}
}

func TestTextFileInputs(t *testing.T) {
	s := &shelf{}
	f := s.put("f.txt", "", []byte("a")).Value()
	large := s.put("l.txt", "", bytes.Repeat([]byte("x"), maxBytes+1)).Value()
	wide := s.put("w.txt", "", []byte(strings.Repeat("ü\x00", maxBytes/3+1))).Value()
	lies := s.put("huge.txt", "", bytes.Repeat([]byte("x"), maxTextFile+1)).Value()
	huge := map[string]any{"file": lies["file"], "name": "huge.txt", "size": maxTextFile + 1}
	lies["size"] = 1
	for _, c := range []struct {
		in   map[string]any
		code fault.Code
		want string
	}{
		{map[string]any{}, fault.InvalidInput, "The input file: it refers to no file"},
		{map[string]any{"file": f, "charset": "utf-9"}, fault.InvalidInput, `The input charset: "utf-9" is no charset that is known; take one as utf-8`},
		{map[string]any{"file": f, "charset": "iso-2022-kr"}, fault.InvalidInput, `The input charset: "iso-2022-kr" is no charset`},
		{map[string]any{"file": f, "otherwise": "x"}, fault.InvalidInput, `The input otherwise: "x" is no charset`},
		{map[string]any{"file": large}, fault.TooLarge, `The file "l.txt" has more than 10 MB of text`},
		{map[string]any{"file": wide, "charset": "utf-16le"}, fault.TooLarge, `The file "w.txt" has more than 10 MB of text`},
		{map[string]any{"file": huge}, fault.TooLarge, `The file "huge.txt" has more than 10 MB of text`},
		{map[string]any{"file": lies}, fault.TooLarge, `The file "huge.txt" has more than 10 MB of text`},
		{map[string]any{"mode": "write"}, fault.InvalidInput, "The input text: give the text"},
		{map[string]any{"mode": "write", "text": strings.Repeat("x", maxBytes+1)}, fault.InvalidInput, "The input text: it has more than 10 MB"},
		{map[string]any{"mode": "write", "text": "ab\nc€ü€", "charset": "iso-8859-1"}, fault.InvalidInput, `The input text: the character '€', number 5 of the text, on line 2, cannot be written in iso-8859-1;`},
		{map[string]any{"mode": "write", "text": "a", "charset": "windows-1252", "bom": true}, fault.InvalidInput, "The input bom: a byte order mark is for UTF-8 and UTF-16"},
		{map[string]any{"mode": "write", "text": "a", "type": "text"}, fault.InvalidInput, `The input type: "text" is no media type`},
	} {
		_, err := s.do(t, "text_file", c.in)
		fails(t, err, c.code, c.want)
	}
	if got := issues(t, "text_file", `{"file":{"file":"{{ x }}"},"charset":"utf-9"}`); !strings.HasPrefix(got, `/charset "utf-9" is no charset`) {
		t.Errorf("publishing says %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.doWith(t, ctx, "text_file", map[string]any{"file": f}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it says %v", err)
	}
	c, err := charsetOf("charset", "utf-16le")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.decode(ctx, []byte("a\x00"), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it decodes, %v", err)
	}
	if _, err := c.badByte(ctx, []byte("a\x00")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it looks on, %v", err)
	}
	latin, err := charsetOf("charset", "latin1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := latin.encode(ctx, "€"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled it encodes, %v", err)
	}
	s.fail = fault.New(fault.Unavailable, "The disk is full.")
	_, err = s.do(t, "text_file", map[string]any{"mode": "write", "text": "a"})
	fails(t, err, fault.Unavailable, "The disk is full.")
	_, err = s.do(t, "text_file", map[string]any{"file": value.File{Hash: strings.Repeat("0", 64), Name: "gone", Size: 1}.Value()})
	fails(t, err, fault.InvalidInput, "The file gone is not one of this run's.")
}

// TestTextFileTime: the place of the only wrong byte of a large file is found in time.
func TestTextFileTime(t *testing.T) {
	began, s := time.Now(), &shelf{}
	_, err := s.do(t, "text_file", map[string]any{"file": s.put("f", "", append(bytes.Repeat([]byte("\x93\xfa"), 3_000_000), 0xff)).Value(), "charset": "shift_jis"})
	fails(t, err, fault.InvalidInput, `The file "f" is not written in shift_jis: at byte 6000000 stands 0xff`)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// FuzzTextFile: what is written in a charset is read again as the same, and whatever is read is without signs of its own.
func FuzzTextFile(f *testing.F) {
	f.Add("Zürich", "windows-1252", []byte("J\xfcrg"))
	f.Add("日本 €", "shift_jis", []byte("\x93\xfa\x93"))
	f.Add("😀", "utf-16be", []byte("\xd8\x00"))
	f.Fuzz(func(t *testing.T, text, name string, raw []byte) {
		text = strings.ToValidUTF8(text, "")
		s := &shelf{}
		out, err := s.do(t, "text_file", map[string]any{"mode": "write", "text": text, "charset": name})
		if err == nil {
			again, err := s.do(t, "text_file", map[string]any{"file": out["file"], "charset": name})
			if err == nil && !strings.HasPrefix(text, "\ufeff") && again["text"] != text && again["charset"] == out["charset"] {
				t.Errorf("%q becomes %q in %v", text, again["text"], out["charset"])
			}
		}
		if _, err := s.do(t, "text_file", map[string]any{"file": s.put("f", "", raw).Value(), "charset": name}); fault.CodeOf(err) == fault.Internal {
			t.Error(err)
		}
	})
}
