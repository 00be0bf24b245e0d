package core

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of a table that is read from a file.
const (
	maxCSVFile = 200 << 20
	csvWindow  = 64 << 10 // is taken in at once, and more where a row is longer
)

// csvSource is a file that a table is read from.
type csvSource struct {
	in      io.Reader // its letters, as UTF-8
	of      value.File
	charset charset
	sure    bool // the charset is given, or a byte order mark says it
}

// file reads a table from a file, of which no more is in memory than what is read at once and the rows that are given.
func (f csvForm) file(ctx context.Context, v map[string]any, do actions.Doer) (any, error) {
	of, err := fileIn(v["file"], "file")
	if err != nil {
		return nil, err
	}
	if textOf(v, "text") != "" {
		return nil, wrong("file", "it stands beside text; give one of them.")
	}
	if of.Size > maxCSVFile {
		return nil, fault.New(fault.TooLarge, "The file %s has more than %d MB; at most that is taken. Let it be made in parts.", shownName(of), maxCSVFile>>20)
	}
	in, err := reading(ctx, do, of)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	source, err := csvSourceOf(v, of, in)
	if err != nil {
		return nil, err
	}
	return f.read(ctx, &csvReader{form: f, line: 1, in: source})
}

// csvSourceOf finds out how a file is written.
func csvSourceOf(v map[string]any, of value.File, in io.Reader) (*csvSource, error) {
	c, err := charsetOf("charset", textOf(v, "charset"))
	if err != nil {
		return nil, err
	}
	begins := bufio.NewReader(in)
	head, err := begins.Peek(utf8.UTFMax)
	if err != nil && err != io.EOF {
		return nil, err
	}
	for _, mark := range marks {
		if strings.HasPrefix(string(head), mark.bytes) {
			c, err = charsetOf("charset", mark.charset)
			if err == nil {
				_, err = begins.Discard(len(mark.bytes))
			}
			if err != nil {
				return nil, err
			}
			break
		}
	}
	s := &csvSource{of: of, charset: c, sure: c.enc != nil}
	if !s.sure {
		if s.charset, err = charsetOf("charset", "utf-8"); err != nil {
			return nil, err
		}
	}
	if s.charset.name == "utf-8" {
		s.in = transform.NewReader(begins, encoding.UTF8Validator)
	} else {
		s.in = s.charset.enc.NewDecoder().Reader(begins)
	}
	return s, nil
}

// unlettered says whether a text holds what stands for bytes that are no letter; its first and last letters may be cut. UTF-16 may
// have that sign itself.
func (s *csvSource) unlettered(text string) bool {
	if s.charset.name == "utf-8" || strings.HasPrefix(s.charset.name, "utf-16") {
		return false
	}
	if _, single := s.charset.enc.(*charmap.Charmap); single {
		for i := 1; i < len(text); i++ {
			if text[i-1] == 0xc2 && text[i] <= 0x9f { // U+0080 to U+009F, which mean no more than the byte itself
				return true
			}
		}
	}
	return strings.Contains(text, string(utf8.RuneError))
}

func (s *csvSource) misread(line int) error {
	if !s.sure {
		return fault.New(fault.InvalidInput, "The file %s is no UTF-8 on line %d or soon behind it, and no byte order mark says how it is written. Give its charset, as windows-1252 or utf-16le; a workbook is read by core.xlsx.", shownName(s.of), line)
	}
	return fault.New(fault.InvalidInput, "The file %s is not written in %s: on line %d or soon behind it stand bytes that are no letter there. Give the charset that it is written in, as utf-8, windows-1252 or shift_jis.", shownName(s.of), s.charset.name, line)
}

// fill takes in more of a file, behind what of it is not read yet; the longer that is, the more.
func (r *csvReader) fill() error {
	if r.in == nil {
		return nil
	}
	rest := r.text[r.at:]
	if len(rest) > maxBytes {
		return fault.New(fault.TooLarge, "The file %s has a row of more than %d MB on line %d; look there for a quote that is never closed, or for line ends that are missing.", shownName(r.in.of), maxBytes>>20, r.line)
	}
	size := max(csvWindow, len(rest))
	var b strings.Builder
	b.Grow(len(rest) + size)
	b.WriteString(rest)
	n, err := io.CopyN(&b, r.in.in, int64(size))
	r.text, r.at = b.String(), 0
	added := r.text[max(0, len(rest)-utf8.UTFMax):]
	switch {
	case errors.Is(err, encoding.ErrInvalidUTF8), r.in.unlettered(added), !r.in.sure && strings.IndexByte(added, 0) >= 0:
		return r.in.misread(r.line)
	case err != nil && err != io.EOF:
		return err
	case n < int64(size):
		r.in = nil
	}
	return nil
}
