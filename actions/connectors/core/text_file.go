package core

import (
	"bytes"
	"context"
	"io"
	"mime"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// maxTextFile bounds a file that is read as text: one that is, in UTF-16, may have twice the bytes of its text.
const maxTextFile = 2*maxBytes + 4

func textFile() actions.Action {
	example := map[string]any{"file": strings.Repeat("0", 64), "name": "people.csv", "type": "text/csv", "size": 12}
	return fileStep(actions.Action{
		ID: "text_file", Name: "Text and files", Local: true, Description: "Reads a file's text, in whatever charset it was written, or writes text into a new file.",
		Input: []actions.Field{
			choice("mode", "Mode", "Which way.", "read", "read", "Read a file's text", "write", "Write text into a file"),
			field("file", "File", actions.Object, "To read: a file of an earlier step or of the event.", example),
			field("text", "Text", actions.LongText, "To write: what the file holds.", "name;city\nAda;Zürich\n"),
			field("charset", "Charset", actions.Text, "How letters are written as bytes: utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, iso-8859-15, shift_jis and the like. To read it is found out where it is not given: by a byte order mark, or else it is UTF-8 where all of it is. To write it is UTF-8.", "windows-1252"),
			field("otherwise", "Otherwise", actions.Text, "To read, where the charset is found out: that of a file which has no byte order mark and is no UTF-8. Not given: the step fails.", "windows-1252"),
			field("name", "Name", actions.Text, "To write: what the new file is called.", "people.csv"),
			field("type", "Type", actions.Text, "To write: the file's media type, as text/csv; not given, by its name.", "text/csv"),
			flag("bom", "Byte order mark", "To write: begins with one, by which Excel knows UTF-8. When reading it is left out of the text.", false),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"text": {Kind: "text"}, "charset": {Kind: "text"}, "file": {}}},
		Sample: map[string]any{"text": "name;city\nAda;Zürich\n", "charset": "windows-1252"},
	}, func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		if textOf(in.Values, "mode") == "write" {
			return writeTextFile(ctx, in.Values, do)
		}
		return readTextFile(ctx, in.Values, do)
	}, planTextFile, "mode", "charset", "otherwise", "name", "type", "bom")
}

func planTextFile(v map[string]any) error {
	writes := textOf(v, "mode") == "write"
	if _, err := charsetOf("otherwise", textOf(v, "otherwise")); err != nil {
		return err
	}
	kind := textOf(v, "type")
	if _, _, err := mime.ParseMediaType(kind); kind != "" && (err != nil || !strings.Contains(kind, "/")) {
		return wrong("type", "%s is no media type; write it as text/csv.", shown(kind))
	}
	c, err := charsetOf("charset", textOf(v, "charset"))
	if err == nil && writes && isTrue(v, "bom") && c.enc != nil && !strings.HasPrefix(c.name, "utf-") {
		return wrong("bom", "a byte order mark is for UTF-8 and UTF-16, and the charset is %s.", c.name)
	}
	return err
}

func readTextFile(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	f, err := fileIn(v["file"], "file")
	if err != nil {
		return nil, err
	}
	if f.Size > maxTextFile {
		return nil, textTooLong(f)
	}
	in, err := reading(ctx, do, f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, maxTextFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxTextFile {
		return nil, textTooLong(f)
	}
	c, letters, err := charsetFor(v, f, raw)
	if err != nil {
		return nil, err
	}
	text, at, err := c.decode(ctx, letters, maxBytes)
	switch {
	case err != nil:
		return nil, err
	case at >= 0:
		return nil, fault.New(fault.InvalidInput, "The file %s is not written in %s: at byte %d stands %#02x, which is no letter there. Give the charset that it is written in, as utf-8, windows-1252 or shift_jis.", shownName(f), c.name, len(raw)-len(letters)+at, letters[at])
	case len(text) > maxBytes:
		return nil, textTooLong(f)
	}
	return map[string]any{"text": text, "charset": c.name}, nil
}

func textTooLong(f value.File) error {
	return fault.New(fault.TooLarge, "The file %s has more than %d MB of text; at most that is taken. A table is read from a larger file by core.csv, which takes the file itself, in parts; let anything else be made in parts.", shownName(f), maxBytes>>20)
}

// charsetFor finds out how a file is written, and gives it without its byte order mark, which says more than what is given.
func charsetFor(v map[string]any, f value.File, raw []byte) (charset, []byte, error) {
	for _, mark := range marks {
		if rest, ok := bytes.CutPrefix(raw, []byte(mark.bytes)); ok {
			c, err := charsetOf("charset", mark.charset)
			return c, rest, err
		}
	}
	c, err := charsetOf("charset", textOf(v, "charset"))
	if err != nil || c.enc != nil {
		return c, raw, err
	}
	utf8, err := charsetOf("charset", "utf-8")
	if err != nil {
		return c, raw, err
	}
	at, why := badUTF8(raw), "is no UTF-8"
	if zero := bytes.IndexByte(raw, 0); zero >= 0 && (at < 0 || zero < at) {
		at, why = zero, "has zero bytes, as UTF-16 and what is no text have them"
	}
	if at < 0 {
		return utf8, raw, nil
	}
	if c, err = charsetOf("otherwise", textOf(v, "otherwise")); err != nil || c.enc != nil {
		return c, raw, err
	}
	return c, raw, fault.New(fault.InvalidInput, "The file %s %s (at byte %d, %#02x), and no byte order mark says how it is written. Give its charset, as windows-1252 or utf-16le; a PDF or a workbook is read by core.pdf_text and core.xlsx.", shownName(f), why, at, raw[at])
}

func writeTextFile(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	text, given := v["text"].(string)
	if !given {
		return nil, wrong("text", "give the text that the file is to hold; it may be empty.")
	}
	if len(text) > maxBytes {
		return nil, wrong("text", "it has more than %d MB; write it in parts.", maxBytes>>20)
	}
	name := strings.TrimSpace(textOf(v, "name"))
	if name == "" {
		name = "text.txt"
	}
	kind := textOf(v, "type")
	if kind == "" {
		if kind = value.TypeByName(name); kind == "application/octet-stream" {
			kind = "text/plain"
		}
	}
	c, err := charsetOf("charset", textOf(v, "charset"))
	if err == nil && c.enc == nil {
		c, err = charsetOf("charset", "utf-8")
	}
	if err != nil {
		return nil, err
	}
	mark := ""
	if isTrue(v, "bom") && !strings.HasPrefix(text, "\ufeff") {
		mark = "\ufeff"
	}
	raw, err := c.encode(ctx, mark+text)
	if err != nil {
		return nil, err
	}
	f, err := do.Keep(ctx, name, kind, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return map[string]any{"file": f.Value(), "charset": c.name}, nil
}
