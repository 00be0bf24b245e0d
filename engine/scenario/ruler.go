package scenario

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// ruler tells where in a text an offset lies. It counts the text once, however many places are asked for.
type ruler struct {
	text  []byte
	marks []mark // by offset, apart by markEvery or a little more
}

type mark struct{ offset, line, column int }

const markEvery = 1 << 10 // bytes

func newRuler(text []byte) *ruler { return &ruler{text: text} }

// position gives the line and the column, both from 1 and the column in characters, of an offset in bytes.
func (r *ruler) position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(r.text))
	if r.marks == nil {
		r.measure()
	}
	after := sort.Search(len(r.marks), func(i int) bool { return r.marks[i].offset > offset })
	m := r.walk(r.marks[after-1], offset)
	return m.line, m.column
}

func (r *ruler) measure() {
	at := mark{0, 1, 1}
	r.marks = []mark{at}
	for len(r.text)-at.offset > markEvery {
		next := at.offset + markEvery
		for next < len(r.text) && !utf8.RuneStart(r.text[next]) {
			next++
		}
		at = r.walk(at, next)
		r.marks = append(r.marks, at)
	}
}

// walk counts from a mark on.
func (r *ruler) walk(from mark, offset int) mark {
	between := r.text[from.offset:offset]
	if lines := bytes.Count(between, []byte("\n")); lines > 0 {
		return mark{offset, from.line + lines, utf8.RuneCount(between[bytes.LastIndexByte(between, '\n')+1:]) + 1}
	}
	return mark{offset, from.line, from.column + utf8.RuneCount(between)}
}
