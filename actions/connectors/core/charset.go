package core

import (
	"bytes"
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// charset is how letters are written as bytes.
type charset struct {
	name string
	enc  encoding.Encoding // nil: it is to be found out
}

// marks are the byte order marks that a text may begin with.
var marks = []struct{ bytes, charset string }{{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"}}

// charsetOf finds a charset by one of the names that it has on the web. ISO-8859-1 is itself, and not Windows-1252 as there.
func charsetOf(input, name string) (charset, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name {
	case "", "auto":
		return charset{}, nil
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1":
		return charset{"iso-8859-1", charmap.ISO8859_1}, nil
	}
	enc, err := htmlindex.Get(name)
	if err == nil && enc != encoding.Replacement {
		name, err = htmlindex.Name(enc)
	}
	if err != nil || enc == encoding.Replacement {
		return charset{}, wrong(input, "%s is no charset that is known; take one as utf-8, utf-16le, windows-1252, iso-8859-15 or shift_jis.", shown(name))
	}
	return charset{name, enc}, nil
}

// decode reads bytes as text, of which it gives little more than most. at is the first byte that is of no letter; -1: there is none.
func (c charset) decode(ctx context.Context, raw []byte, most int64) (text string, at int, err error) {
	if c.name == "utf-8" {
		return string(raw), badUTF8(raw), nil
	}
	if one, ok := c.enc.(*charmap.Charmap); ok {
		for i, b := range raw {
			if r := one.DecodeByte(b); r == utf8.RuneError || r >= 0x80 && r <= 0x9f { // those mean no more than the byte itself
				return "", i, nil
			}
		}
	}
	var b strings.Builder
	_, err = io.Copy(&b, io.LimitReader(transform.NewReader(&wanted{ctx: ctx, in: io.NopCloser(bytes.NewReader(raw))}, c.enc.NewDecoder()), most+utf8.UTFMax))
	if err != nil {
		return "", -1, err
	}
	text, at = b.String(), -1
	if strings.ContainsRune(text, utf8.RuneError) {
		at, err = c.badByte(ctx, raw)
	}
	return text, at, err
}

// badUTF8 is where bytes begin that are no UTF-8; -1: all are.
func badUTF8(raw []byte) int {
	if utf8.Valid(raw) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

// badByte is where bytes begin that stand for no letter, and not for the sign that decoders put in their place; -1: none do. It
// reads letter by letter.
func (c charset) badByte(ctx context.Context, raw []byte) (int, error) {
	dec := c.enc.NewDecoder()
	own, err := c.enc.NewEncoder().Bytes([]byte(string(utf8.RuneError)))
	if err != nil {
		own = nil // the charset has no such sign
	}
	var out [4 * utf8.UTFMax]byte
	for at, i := 0, 0; at < len(raw); i++ {
		if err := tick(ctx, i); err != nil {
			return 0, err
		}
		made, took := 0, 0
		for n := 1; took == 0 && n <= 8 && at+n <= len(raw); n++ {
			made, took, _ = dec.Transform(out[:], raw[at:at+n], at+n == len(raw))
		}
		if took == 0 {
			return at, nil
		}
		if bytes.ContainsRune(out[:made], utf8.RuneError) && !bytes.Equal(own, raw[at:at+took]) {
			return at, nil
		}
		at += took
	}
	return -1, nil
}

// encode writes text as bytes.
func (c charset) encode(ctx context.Context, text string) ([]byte, error) {
	if c.name == "utf-8" {
		return []byte(text), nil
	}
	raw, err := c.enc.NewEncoder().Bytes([]byte(text))
	if err == nil {
		return raw, nil
	}
	written := map[rune]bool{}
	line, i := 1, 0
	for _, r := range text {
		if err := tick(ctx, i); err != nil {
			return nil, err
		}
		if i++; r == '\n' {
			line++
		}
		if written[r] {
			continue
		}
		if _, err := c.enc.NewEncoder().String(string(r)); err != nil {
			return nil, wrong("text", "the character %q, number %d of the text, on line %d, cannot be written in %s; take utf-8, or replace it before.", r, i, line, c.name)
		}
		written[r] = true
	}
	return nil, wrong("text", "it cannot be written in %s; take utf-8.", c.name)
}
