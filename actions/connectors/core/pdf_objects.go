package core

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// The kinds of PDF objects (ISO 32000-1, 7.3), beside float64, bool and nil.
type (
	pdfName   string
	pdfString string
	pdfOp     string // a word that is none of the others
	pdfRef    int
	pdfDict   map[pdfName]any
	pdfStream struct {
		dict pdfDict
		raw  []byte
	}
)

var (
	errNoPDF   = errors.New("there is no PDF header")
	errNoPages = errors.New("there are no pages in it")
)

// pdf is a PDF file that is being read. Its objects are found by what they look like and not by its tables of them: those need
// not be right, and say how much memory to take.
type pdf struct {
	ctx      context.Context
	of       value.File
	b        []byte
	places   map[pdfRef]place
	known    map[pdfRef]any
	under    map[pdfRef]bool // that are being looked up
	unpacked map[pdfRef][]byte
	spent    int // bytes that were unpacked
	pages    []pdfPage

	fonts map[any]*pdfFont
}

// place is where an object begins: in the file, or in the object stream of that number.
type place struct {
	at int
	in pdfRef
}

type pdfPage struct{ page, resources pdfDict }

var (
	objectForm  = regexp.MustCompile(`(\d{1,9})[ \t\r\n\x00\f]{1,9}\d{1,5}[ \t\r\n\x00\f]{1,9}obj`)
	trailerForm = regexp.MustCompile(`trailer[ \t\r\n]*<<`)
)

func (d *pdf) open() error {
	d.places, d.known, d.under, d.unpacked = map[pdfRef]place{}, map[pdfRef]any{}, map[pdfRef]bool{}, map[pdfRef][]byte{}
	d.fonts = map[any]*pdfFont{}
	found := objectForm.FindAllSubmatchIndex(d.b, maxPDFObjects+1)
	if len(found) > maxPDFObjects {
		return fault.New(fault.TooLarge, "The file %s has more than %d objects; it is not read.", shownName(d.of), maxPDFObjects)
	}
	var root any
	for i, m := range found {
		if err := tick(d.ctx, i); err != nil {
			return err
		}
		n, _ := strconv.Atoi(string(d.b[m[2]:m[3]]))
		d.places[pdfRef(n)] = place{at: m[1]}
		head := d.b[m[1]:min(len(d.b), m[1]+400)]
		if end := bytes.Index(head, []byte("stream")); end >= 0 {
			head = head[:end]
		}
		if bytes.Contains(head, []byte("/ObjStm")) {
			if err := d.inside(pdfRef(n), m[1]); err != nil {
				return err
			}
		}
		if bytes.Contains(head, []byte("/XRef")) {
			if about, _ := (&pdfLexer{b: d.b, at: m[1]}).object().(pdfDict); about != nil {
				if about["Encrypt"] != nil {
					return d.encrypted()
				}
				root = about["Root"]
			}
		}
	}
	for _, m := range trailerForm.FindAllIndex(d.b, 1000) {
		about, _ := (&pdfLexer{b: d.b, at: m[1] - 2}).object().(pdfDict)
		if about["Encrypt"] != nil {
			return d.encrypted()
		}
		if about["Root"] != nil {
			root = about["Root"]
		}
	}
	catalog, _ := d.get(root).(pdfDict)
	d.walk(catalog["Pages"], nil, map[pdfRef]bool{}, 0)
	if len(d.pages) == 0 {
		return errNoPages
	}
	return d.ctx.Err()
}

func (d *pdf) encrypted() error {
	return fault.New(fault.InvalidInput, "The file %s is encrypted, which is not read here, also where it opens without a password; save it without protection.", shownName(d.of))
}

// inside notes the objects of an object stream.
func (d *pdf) inside(n pdfRef, at int) error {
	s, _ := d.objectAt(at).(pdfStream)
	b, err := d.bytesOf(s)
	if err != nil {
		return err
	}
	d.unpacked[n] = b
	count, begin := d.whole(s.dict["N"]), d.whole(s.dict["First"])
	l := &pdfLexer{b: b}
	for range min(count, maxPDFObjects) {
		number, ok := l.object().(float64)
		offset, also := l.object().(float64)
		if !ok || !also {
			break
		}
		if where := begin + int(offset); where >= 0 && where < len(b) && number >= 0 && number < 1e9 {
			d.places[pdfRef(number)] = place{at: where, in: n}
		}
		if len(d.places) > maxPDFObjects {
			return fault.New(fault.TooLarge, "The file %s has more than %d objects; it is not read.", shownName(d.of), maxPDFObjects)
		}
	}
	return nil
}

// get is a value, or what it refers to.
func (d *pdf) get(v any) any {
	n, is := v.(pdfRef)
	if !is {
		return v
	}
	if got, ok := d.known[n]; ok {
		return got
	}
	p, ok := d.places[n]
	if !ok || d.under[n] || d.ctx.Err() != nil {
		return nil
	}
	d.under[n] = true
	defer delete(d.under, n)
	var got any
	if p.in != 0 {
		got = (&pdfLexer{b: d.unpacked[p.in], at: p.at}).object()
	} else {
		got = d.objectAt(p.at)
	}
	got = d.get(got)
	d.known[n] = got
	return got
}

// objectAt reads the object at a place of the file, with its stream where it has one.
func (d *pdf) objectAt(at int) any {
	l := &pdfLexer{b: d.b, at: at}
	got := l.object()
	about, is := got.(pdfDict)
	if !is || l.object() != pdfOp("stream") {
		return got
	}
	begin := l.at
	if begin < len(d.b) && d.b[begin] == '\r' {
		begin++
	}
	if begin < len(d.b) && d.b[begin] == '\n' {
		begin++
	}
	end := begin + d.whole(about["Length"])
	if end < begin || end > len(d.b) || !bytes.HasPrefix(bytes.TrimLeft(d.b[end:min(len(d.b), end+20)], "\r\n \t"), []byte("endstream")) {
		end = len(d.b)
		if n := bytes.Index(d.b[begin:], []byte("endstream")); n >= 0 {
			end = begin + n
		}
	}
	return pdfStream{about, d.b[begin:end]}
}

func (d *pdf) whole(v any) int {
	n, _ := d.get(v).(float64)
	if n < 0 || n > 1<<31 {
		return 0
	}
	return int(n)
}

// bytesOf unpacks a stream. What is damaged at its end is left out.
func (d *pdf) bytesOf(s pdfStream) ([]byte, error) {
	filters := d.list(s.dict["Filter"])
	params := d.list(s.dict["DecodeParms"])
	b := s.raw
	for i, f := range filters {
		var in io.Reader
		switch name, _ := d.get(f).(pdfName); name {
		case "FlateDecode", "Fl":
			z, err := zlib.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			in = z
		case "ASCII85Decode", "A85":
			b = bytes.TrimPrefix(bytes.TrimSpace(b), []byte("<~"))
			b, _, _ = bytes.Cut(b, []byte("~>"))
			in = ascii85.NewDecoder(bytes.NewReader(b))
		case "ASCIIHexDecode", "AHx":
			b, _, _ = bytes.Cut(b, []byte(">"))
			in = hex.NewDecoder(bytes.NewReader(bytes.Join(bytes.Fields(b), nil)))
		default:
			return nil, errors.New("a stream is packed by " + string(name))
		}
		if i < len(params) {
			if about, _ := d.get(params[i]).(pdfDict); d.whole(about["Predictor"]) > 1 {
				return nil, errors.New("a stream is packed with a predictor")
			}
		}
		out, err := io.ReadAll(io.LimitReader(in, maxPDFStream+1))
		if d.spent += len(out); len(out) > maxPDFStream || d.spent > maxPDFStreams {
			return nil, fault.New(fault.TooLarge, "The file %s unpacks to more than PDF files do; it is not read.", shownName(d.of))
		}
		if err != nil && len(out) == 0 {
			return nil, err
		}
		b = out
	}
	return b, d.ctx.Err()
}

// list is an array's items; of another value that alone, of null none.
func (d *pdf) list(v any) []any {
	switch v := d.get(v).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// walk finds the pages in their order, each with the resources that it has or inherits.
func (d *pdf) walk(v any, resources pdfDict, seen map[pdfRef]bool, depth int) {
	if n, is := v.(pdfRef); is {
		if seen[n] {
			return
		}
		seen[n] = true
	}
	node, _ := d.get(v).(pdfDict)
	if node == nil || depth > maxPDFDepth || len(d.pages) >= maxPDFPages {
		return
	}
	if own, _ := d.get(node["Resources"]).(pdfDict); own != nil {
		resources = own
	}
	if node["Kids"] == nil {
		d.pages = append(d.pages, pdfPage{node, resources})
		return
	}
	for _, kid := range d.list(node["Kids"]) {
		d.walk(kid, resources, seen, depth+1)
	}
}

// pdfLexer reads objects from bytes. Beyond their end it gives io.EOF.
type pdfLexer struct {
	b     []byte
	at    int
	depth int
}

func pdfSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f'
}

func pdfDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// object reads the next object; io.EOF: there is none. An operator, and a bracket that closes nothing, is a pdfOp.
func (l *pdfLexer) object() any {
	for l.at < len(l.b) && (pdfSpace(l.b[l.at]) || l.b[l.at] == '%') {
		if l.b[l.at] == '%' {
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
			continue
		}
		l.at++
	}
	if l.at >= len(l.b) {
		return io.EOF
	}
	switch c := l.b[l.at]; {
	case c == '/':
		l.at++
		return pdfName(l.name())
	case c == '(':
		l.at++
		return l.text()
	case c == '<' && l.at+1 < len(l.b) && l.b[l.at+1] == '<':
		l.at += 2
		return l.dict()
	case c == '<':
		l.at++
		return l.hex()
	case c == '[':
		l.at++
		return l.array()
	case c == '>' && l.at+1 < len(l.b) && l.b[l.at+1] == '>':
		l.at += 2
		return pdfOp(">>")
	case pdfDelimiter(c):
		l.at++
		return pdfOp(c)
	}
	return l.word()
}

func (l *pdfLexer) word() any {
	begin := l.at
	for l.at < len(l.b) && !pdfSpace(l.b[l.at]) && !pdfDelimiter(l.b[l.at]) {
		l.at++
	}
	word := string(l.b[begin:l.at])
	switch word {
	case "true", "false":
		return word == "true"
	case "null":
		return nil
	}
	n, err := strconv.ParseFloat(word, 64)
	if err != nil || word[0] > '9' {
		return pdfOp(word)
	}
	if m := referTo.FindSubmatch(l.b[l.at:min(len(l.b), l.at+20)]); m != nil && n >= 0 && n < 1e9 && n == float64(int(n)) {
		l.at += len(m[0]) - len(m[1])
		return pdfRef(n)
	}
	return n
}

var referTo = regexp.MustCompile(`^[ \t\r\n]+\d{1,5}[ \t\r\n]+R([ \t\r\n\x00\f()<>\[\]{}/%]|$)`)

func (l *pdfLexer) name() string {
	var out []byte
	for l.at < len(l.b) && !pdfSpace(l.b[l.at]) && !pdfDelimiter(l.b[l.at]) {
		if l.b[l.at] == '#' && l.at+2 < len(l.b) {
			if c, err := hex.DecodeString(string(l.b[l.at+1 : l.at+3])); err == nil {
				out, l.at = append(out, c[0]), l.at+3
				continue
			}
		}
		out = append(out, l.b[l.at])
		l.at++
	}
	return string(out)
}

func (l *pdfLexer) text() any {
	var out []byte
	for depth := 1; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		switch {
		case c == '\\' && l.at+1 < len(l.b):
			l.at++
			if i := bytes.IndexByte([]byte("nrtbf"), l.b[l.at]); i >= 0 {
				c = "\n\r\t\b\f"[i]
			} else if c = l.b[l.at]; c >= '0' && c <= '7' {
				end := l.at
				for end < len(l.b) && end < l.at+3 && l.b[end] >= '0' && l.b[end] <= '7' {
					end++
				}
				n, _ := strconv.ParseUint(string(l.b[l.at:end]), 8, 16)
				c, l.at = byte(n), end-1
			} else if c == '\n' || c == '\r' { // the line goes on
				if c == '\r' && l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
					l.at++
				}
				continue
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				l.at++
				return pdfString(out)
			}
		}
		out = append(out, c)
	}
	return pdfString(out)
}

func (l *pdfLexer) hex() any {
	end := bytes.IndexByte(l.b[l.at:], '>')
	if end < 0 {
		end = len(l.b) - l.at
	}
	digits := slices.DeleteFunc(bytes.Clone(l.b[l.at:l.at+end]), pdfSpace)
	l.at = min(len(l.b), l.at+end+1)
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, len(digits)/2)
	n, _ := hex.Decode(out, digits)
	return pdfString(out[:n])
}

func (l *pdfLexer) array() any {
	out := []any{}
	if l.depth++; l.depth > maxPDFDepth {
		l.at = len(l.b)
		return out
	}
	defer func() { l.depth-- }()
	for {
		v := l.object()
		if v == io.EOF || v == pdfOp("]") {
			return out
		}
		out = append(out, v)
	}
}

func (l *pdfLexer) dict() any {
	out := pdfDict{}
	if l.depth++; l.depth > maxPDFDepth {
		l.at = len(l.b)
		return out
	}
	defer func() { l.depth-- }()
	for {
		key := l.object()
		if key == io.EOF || key == pdfOp(">>") {
			return out
		}
		name, is := key.(pdfName)
		if !is {
			continue
		}
		v := l.object()
		if v == io.EOF || v == pdfOp(">>") {
			return out
		}
		out[name] = v
	}
}
