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
