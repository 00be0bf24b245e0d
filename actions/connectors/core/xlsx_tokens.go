package core

import (
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// each goes through a part's elements. take may read on within one; io.EOF from it ends the part. most bounds its bytes.
func (w *workbook) each(part string, most int64, take func(x *tokens, e xml.StartElement) error) error {
	f := w.member(part)
	if f == nil {
		return io.ErrUnexpectedEOF
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	g := &gauge{in: &bounded{in: in, room: w.room, of: w.of}, left: most, of: w.of}
	x := &tokens{w: w, gauge: g, d: xml.NewDecoder(g)}
	for {
		t, err := x.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, is := t.(xml.StartElement); is {
			if err := take(x, e); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
}

// gauge bounds what a part has, and what one token of it has: a decoder takes a token into memory.
type gauge struct {
	in          io.Reader
	left, token int64
	of          value.File
}

func (g *gauge) Read(b []byte) (int, error) {
	n, err := g.in.Read(b)
	g.left -= int64(n)
	g.token += int64(n)
	if g.left < 0 || g.token > maxXMLToken {
		return n, fault.New(fault.TooLarge, "The workbook %s holds a part or a text that is larger than workbooks have; it is not read.", shownName(g.of))
	}
	return n, err
}

// tokens reads a part's XML.
type tokens struct {
	w     *workbook
	gauge *gauge
	d     *xml.Decoder
	n     int
}

func (x *tokens) next() (xml.Token, error) {
	x.gauge.token = 0
	x.n++
	if err := tick(x.w.ctx, x.n); err != nil {
		return nil, err
	}
	return x.d.Token()
}

// text is all text within the element that has begun, but how it is spoken.
func (x *tokens) text() (string, error) {
	var b strings.Builder
	for depth := 1; depth > 0; {
		t, err := x.next()
		if err != nil {
			return "", unended(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; t.Name.Local == "rPh" {
				if err := x.skip(); err != nil {
					return "", err
				}
				depth--
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if b.Len()+len(t) > maxXMLToken {
				return "", fault.New(fault.TooLarge, "The workbook %s holds a part or a text that is larger than workbooks have; it is not read.", shownName(x.w.of))
			}
			b.Write(t)
		}
	}
	return unescaped(b.String()), nil
}

// skip goes to the end of the element that has begun.
func (x *tokens) skip() error {
	for depth := 1; depth > 0; {
		t, err := x.next()
		if err != nil {
			return unended(err)
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

func unended(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// numberKind is what a number's format makes of it.
type numberKind int

const (
	plainNumber numberKind = iota
	dateNumber
	momentNumber // a date and a time of day
	timeNumber
	lengthNumber // hours that go on beyond a day
)

// kindOfFormat is that of a format, by its code, or by the number of one that every workbook has (ECMA-376 18.8.30).
func kindOfFormat(id int, code string, own bool) numberKind {
	switch {
	case own:
	case id >= 14 && id <= 17 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58:
		return dateNumber
	case id >= 18 && id <= 21 || id >= 32 && id <= 35 || id == 45 || id == 47:
		return timeNumber
	case id == 22:
		return momentNumber
	case id == 46:
		return lengthNumber
	}
	date, clock := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++
		case code[i] == ';': // what follows is for numbers below zero
			i = len(code)
		case code[i] == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return plainNumber
			}
			if inside := strings.ToLower(code[i+1 : i+end]); inside != "" && strings.Trim(inside, "h") == "" {
				return lengthNumber
			}
			i += end
		case c == 'y' || c == 'd':
			date = true
		case c == 'h' || c == 's':
			clock = true
		}
	}
	switch {
	case date && clock:
		return momentNumber
	case date:
		return dateNumber
	case clock:
		return timeNumber
	}
	return plainNumber
}

var (
	epoch1900 = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	epoch1904 = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
)

// dateSystem is where a workbook begins to count days.
type dateSystem struct{ since1904 bool }

// date is a number as the text of the date or time that it stands for, where its format says that it does.
func (s dateSystem) date(n any, kind numberKind) any {
	serial, err := strconv.ParseFloat(value.Text(n), 64)
	if kind == plainNumber || err != nil || serial < 0 || serial >= 2_958_466 {
		return n
	}
	ms := int64(math.Round(serial * 86_400_000))
	if kind == lengthNumber {
		return strconv.FormatInt(ms/3_600_000, 10) + time.UnixMilli(ms).UTC().Format(":04:05")
	}
	from := epoch1900
	if s.since1904 {
		from = epoch1904
	} else if serial < 60 { // there was no 29 February 1900, which these count
		from = from.AddDate(0, 0, 1)
	}
	at := from.Add(time.Duration(ms%86_400_000)*time.Millisecond).AddDate(0, 0, int(ms/86_400_000))
	clock := "15:04:05"
	if at.Nanosecond() != 0 {
		clock += ".000"
	}
	midnight := ms%86_400_000 == 0
	switch {
	case kind == dateNumber && midnight:
		return at.Format(time.DateOnly)
	case kind == timeNumber && serial < 1:
		return at.Format(clock)
	}
	return at.Format("2006-01-02T" + clock)
}
