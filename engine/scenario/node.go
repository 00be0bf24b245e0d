package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of a document. A person's largest scenario is a hundredth of them.
const (
	MaxBytes = 8 << 20
	MaxSteps = 10_000
	maxDepth = 400 // levels of JSON: about forty containers within one another
	maxNodes = 400_000

	manyMembers = 32 // of an object, before it is worth a map of where they stand
)

// node is a JSON value with its place in the text.
type node struct {
	kind    jsontext.Kind // '{', '[', '"', '0', 't', 'f', 'n'
	offset  int           // of its first byte
	text    string        // of a string its content, of a number its digits
	items   []*node       // of a list, or the members' values
	names   []string      // of the members, in the order written
	nameOff []int
	where   map[string]int // of the members, the first of those named twice, where there are many
}

type parser struct {
	dec      *jsontext.Decoder
	text     []byte
	ruler    *ruler
	nodes    int
	problems []fault.Problem // members named twice
}

// parse reads the text into a tree. The error is the first place where it is no JSON; members named twice are problems
// that do not stop it.
func parse(text []byte) (*node, *ruler, []fault.Problem, error) {
	if len(text) > MaxBytes {
		return nil, nil, nil, problemAt(text, 0, "", "The document is larger than %d MB.", MaxBytes>>20)
	}
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		return nil, nil, nil, problemAt(text, 0, "", "The document begins with a byte order mark; save it as UTF-8 without one.")
	}
	p := parser{text: text, ruler: newRuler(text), dec: jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))}
	root, err := p.value("", 0)
	if err == nil {
		if _, err = p.dec.ReadToken(); err == io.EOF {
			return root, p.ruler, p.problems, nil
		}
		err = problemAt(text, int(p.dec.InputOffset()), "", "There is text after the document's end.")
	}
	return nil, nil, nil, p.syntax(err)
}

func (p *parser) syntax(err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return own
	}
	var syn *jsontext.SyntacticError
	switch {
	case errors.As(err, &syn):
		return problemAt(p.text, int(syn.ByteOffset), string(syn.JSONPointer), "This is not valid JSON: %s.", fault.Clip(syn.Err.Error(), 200))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return problemAt(p.text, len(p.text), "", "The document is empty or ends too early.")
	}
	return problemAt(p.text, int(p.dec.InputOffset()), "", "This is not valid JSON: %s.", fault.Clip(err.Error(), 200))
}

func problemAt(text []byte, offset int, path, format string, args ...any) error {
	line, column := newRuler(text).position(offset)
	p := fault.Problem{Path: path, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
	return fault.Invalid(p.Message, []fault.Problem{p})
}

func (p *parser) value(path string, depth int) (*node, error) {
	before := int(p.dec.InputOffset())
	tok, err := p.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{kind: tok.Kind(), offset: p.skip(before)}
	if p.nodes++; p.nodes > maxNodes {
		return nil, problemAt(p.text, n.offset, path, "The document holds more than %d values.", maxNodes)
	}
	switch n.kind {
	case '{', '[':
		if depth == maxDepth {
			return nil, problemAt(p.text, n.offset, path, "The document is nested deeper than %d levels.", maxDepth)
		}
		return n, p.children(n, path, depth+1)
	case '"', '0':
		n.text = tok.String()
	}
	return n, nil
}

func (p *parser) children(n *node, path string, depth int) error {
	end := n.kind + 2 // ']' and '}' stand two after their opening
	seen := map[string]int{}
	for p.dec.PeekKind() != end {
		child := index(path, len(n.items))
		if n.kind == '{' {
			before := int(p.dec.InputOffset())
			tok, err := p.dec.ReadToken()
			if err != nil {
				return err
			}
			name, offset := tok.String(), p.skip(before)
			child = member(path, name)
			if _, twice := seen[name]; twice {
				line, column := p.ruler.position(offset)
				p.problems = append(p.problems, fault.Problem{Path: child, Line: line, Column: column,
					Message: fmt.Sprintf("%q stands twice in this object; keep one.", fault.Clip(name, 60))})
			} else {
				seen[name] = len(n.items)
			}
			n.names = append(n.names, name)
			n.nameOff = append(n.nameOff, offset)
		}
		item, err := p.value(child, depth)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	if len(n.names) > manyMembers {
		n.where = seen
	}
	_, err := p.dec.ReadToken()
	return err
}

// skip gives the offset of the first byte after white space, commas and colons from i on.
func (p *parser) skip(i int) int {
	for i < len(p.text) && strings.IndexByte(" \t\r\n,:", p.text[i]) >= 0 {
		i++
	}
	return i
}

// value gives what the node holds, as any other value.
func (n *node) value() (any, error) {
	switch n.kind {
	case '{':
		object := make(map[string]any, len(n.items))
		for i, name := range n.names {
			v, err := n.items[i].value()
			if err != nil {
				return nil, err
			}
			object[name] = v
		}
		return object, nil
	case '[':
		list := make([]any, 0, len(n.items))
		for _, item := range n.items {
			v, err := item.value()
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case '"':
		return n.text, nil
	case '0':
		return value.Number(n.text)
	case 't', 'f':
		return n.kind == 't', nil
	}
	return nil, nil
}

// find follows a JSON Pointer as far as it leads, so that a path into something missing gives the place it is missing
// from.
func (n *node) find(pointer string) *node {
	for pointer != "" {
		rest := pointer[1:]
		name, tail := rest, ""
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			name, tail = rest[:i], rest[i:]
		}
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		child := n.child(name)
		if child == nil {
			return n
		}
		n, pointer = child, tail
	}
	return n
}

func (n *node) child(name string) *node {
	if n.kind == '[' {
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.items) {
			return n.items[i]
		}
		return nil
	}
	if n.where != nil {
		if i, ok := n.where[name]; ok {
			return n.items[i]
		}
		return nil
	}
	for i, have := range n.names {
		if have == name {
			return n.items[i]
		}
	}
	return nil
}

// member is the pointer of an object's member.
func member(path, name string) string {
	return path + "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// index is the pointer of a list's item.
func index(path string, i int) string { return path + "/" + strconv.Itoa(i) }
