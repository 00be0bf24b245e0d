package core

import (
	"bytes"
	"io"
	"math"
	"strings"
)

// matrix is a transformation of the plane (ISO 32000-1, 8.3.3).
type matrix [6]float64

var unmoved = matrix{1, 0, 0, 1, 0, 0}

// then is this transformation, and then another one.
func (m matrix) then(o matrix) matrix {
	return matrix{m[0]*o[0] + m[1]*o[2], m[0]*o[1] + m[1]*o[3], m[2]*o[0] + m[3]*o[2], m[2]*o[1] + m[3]*o[3], m[4]*o[0] + m[5]*o[2] + o[4], m[4]*o[1] + m[5]*o[3] + o[5]}
}

// drawing is what a page's text is drawn with.
type drawing struct {
	ctm                            matrix
	font                           *pdfFont
	size, leading, chars, words, h float64
}

// pdfWriter goes through what draws a page and writes its text down: a new line where the pen moves up or down, a space where it
// leaves a gap.
type pdfWriter struct {
	d       *pdf
	out     strings.Builder
	at      drawing
	stack   []drawing
	tm, lm  matrix // of the text, and of the line it is in
	endX    float64
	endY    float64
	written bool
	ops     int
	depth   int // of forms within forms
}

// pageText is the text of a page.
func (d *pdf) pageText(p pdfPage) (string, error) {
	var b []byte
	for _, part := range d.list(p.page["Contents"]) {
		s, is := d.get(part).(pdfStream)
		if !is {
			continue
		}
		more, err := d.bytesOf(s)
		if err != nil {
			return "", err
		}
		b = append(append(b, more...), '\n')
		if len(b) > 2*maxPDFStream {
			return "", errNoPages
		}
	}
	w := &pdfWriter{d: d, at: drawing{ctm: unmoved, h: 1}, tm: unmoved, lm: unmoved}
	if err := w.draw(b, p.resources); err != nil {
		return "", err
	}
	lines := strings.Split(w.out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Trim(strings.ToValidUTF8(strings.ReplaceAll(strings.Join(lines, "\n"), "\x00", ""), "\uFFFD"), "\n"), nil
}

// draw carries out a content stream (ISO 32000-1, 7.8.2).
func (w *pdfWriter) draw(b []byte, resources pdfDict) error {
	l := &pdfLexer{b: b}
	var args []any
	for {
		v := l.object()
		if v == io.EOF {
			return nil
		}
		op, is := v.(pdfOp)
		if !is {
			if len(args) < 1000 {
				args = append(args, v)
			}
			continue
		}
		if w.ops++; w.ops&1023 == 0 {
			if err := w.d.ctx.Err(); err != nil {
				return err
			}
		}
		if op == "ID" { // a picture in between
			if end := bytes.Index(l.b[l.at:], []byte("EI")); end >= 0 {
				l.at += end + 2
			} else {
				l.at = len(l.b)
			}
		}
		if err := w.do(string(op), args, resources); err != nil {
			return err
		}
		args = args[:0]
	}
}

func numbers(args []any) (out [6]float64) {
	for i, v := range args[:min(len(args), 6)] {
		out[i], _ = v.(float64)
	}
	return out
}

func (w *pdfWriter) do(op string, args []any, resources pdfDict) error {
	n := numbers(args)
	switch op {
	case "q":
		if len(w.stack) < 1000 {
			w.stack = append(w.stack, w.at)
		}
	case "Q":
		if last := len(w.stack) - 1; last >= 0 {
			w.at, w.stack = w.stack[last], w.stack[:last]
		}
	case "cm":
		w.at.ctm = matrix(n).then(w.at.ctm)
	case "BT":
		w.tm, w.lm = unmoved, unmoved
	case "Tf":
		if len(args) == 2 {
			fonts, _ := w.d.get(resources["Font"]).(pdfDict)
			name, _ := args[0].(pdfName)
			w.at.font, w.at.size = w.d.fontOf(fonts[name]), n[1]
		}
	case "TL":
		w.at.leading = n[0]
	case "Tc":
		w.at.chars = n[0]
	case "Tw":
		w.at.words = n[0]
	case "Tz":
		w.at.h = n[0] / 100
	case "Td":
		w.move(n[0], n[1])
	case "TD":
		w.at.leading = -n[1]
		w.move(n[0], n[1])
	case "Tm":
		w.tm, w.lm = matrix(n), matrix(n)
	case "T*", "'", "\"":
		w.move(0, -w.at.leading)
		if len(args) > 0 {
			w.show(args[len(args)-1])
		}
	case "Tj":
		if len(args) > 0 {
			w.show(args[len(args)-1])
		}
	case "TJ":
		if len(args) > 0 {
			list, _ := args[len(args)-1].([]any)
			for _, v := range list {
				if by, is := v.(float64); is {
					w.advance(-by / 1000 * w.at.size * w.at.h)
				} else {
					w.show(v)
				}
			}
		}
	case "Do":
		if len(args) > 0 {
			return w.form(args[0], resources)
		}
	}
	return nil
}

// form draws what is drawn elsewhere too.
func (w *pdfWriter) form(name any, resources pdfDict) error {
	objects, _ := w.d.get(resources["XObject"]).(pdfDict)
	of, _ := name.(pdfName)
	s, _ := w.d.get(objects[of]).(pdfStream)
	if w.d.get(s.dict["Subtype"]) != any(pdfName("Form")) || w.depth >= 8 {
		return nil
	}
	b, err := w.d.bytesOf(s)
	if err != nil {
		return err
	}
	if own, _ := w.d.get(s.dict["Resources"]).(pdfDict); own != nil {
		resources = own
	}
	was, stack := w.at, w.stack
	if list := w.d.list(s.dict["Matrix"]); len(list) == 6 {
		w.at.ctm = matrix(numbers(list)).then(w.at.ctm)
	}
	w.depth++
	w.stack = nil
	err = w.draw(b, resources)
	w.at, w.stack = was, stack
	w.depth--
	return err
}

func (w *pdfWriter) move(x, y float64) {
	w.lm = matrix{1, 0, 0, 1, x, y}.then(w.lm)
	w.tm = w.lm
}

func (w *pdfWriter) advance(x float64) { w.tm = matrix{1, 0, 0, 1, x, 0}.then(w.tm) }

// show writes a text where the pen is.
func (w *pdfWriter) show(v any) {
	raw, is := v.(pdfString)
	if !is || w.at.font == nil || w.out.Len() > maxBytes {
		return
	}
	text, width, spaces, count := w.at.font.decode(string(raw))
	m := w.tm.then(w.at.ctm)
	size := math.Hypot(m[2], m[3]) * math.Abs(w.at.size)
	along, across := 0.0, 0.0 // from where the last text ended to here, seen along the line
	if long := math.Hypot(m[0], m[1]); long > 0 {
		dx, dy := m[4]-w.endX, m[5]-w.endY
		along, across = (dx*m[0]+dy*m[1])/long, (dy*m[0]-dx*m[1])/long
	}
	last := w.out.String()[max(0, w.out.Len()-1):]
	switch {
	case text == "" || !w.written:
	case math.Abs(across) > 0.5*size || along < -2*size:
		w.out.WriteByte('\n')
	case along > 0.2*size && last != " " && last != "\n" && !strings.HasPrefix(text, " "):
		w.out.WriteByte(' ')
	}
	w.out.WriteString(text)
	w.advance((width/1000*w.at.size + float64(count)*w.at.chars + float64(spaces)*w.at.words) * w.at.h)
	end := w.tm.then(w.at.ctm)
	if text != "" {
		w.endX, w.endY, w.written = end[4], end[5], true
	}
}
