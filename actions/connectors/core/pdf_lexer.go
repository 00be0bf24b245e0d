package core

import (
	"bytes"
	"encoding/hex"
	"io"
	"regexp"
	"slices"
	"strconv"
)

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
