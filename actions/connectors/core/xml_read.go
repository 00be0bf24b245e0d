package core

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// xmlReader makes an object of elements. Entities are those of XML itself: declarations of others are not read, so none can
// name a file or grow.
type xmlReader struct {
	ctx   context.Context
	dec   *xml.Decoder
	lists []string
	guess bool
	drop  bool // prefixes
	attrs bool
	trim  bool
	room  room
	depth int
}

func readXML(ctx context.Context, v map[string]any) (any, error) {
	text := strings.TrimPrefix(textOf(v, "text"), "\ufeff")
	r := &xmlReader{ctx: ctx, dec: xml.NewDecoder(strings.NewReader(text)), lists: textsOf(v, "lists"), guess: textOf(v, "types") == "guess",
		drop: textOf(v, "names") == "drop", attrs: v["attributes"] != false, trim: v["trim"] != false, room: room{most: maxNodes}}
	r.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is a text already
	var root any
	for {
		token, err := r.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.bad(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, r.says("a second root element begins; put both into one")
			}
			inner, err := r.element(token)
			if err != nil {
				return nil, err
			}
			root = map[string]any{r.name(token.Name): r.one(r.name(token.Name), inner)}
		case xml.EndElement:
			return nil, r.says("</" + r.full(token.Name) + "> closes nothing")
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" {
				return nil, r.says("text stands outside the root element")
			}
		}
	}
	if root == nil {
		return nil, wrong("text", "it holds no XML element.")
	}
	return root, nil
}

// says is an error with its place.
func (r *xmlReader) says(what string) error {
	line, column := r.dec.InputPos()
	return fault.New(fault.InvalidInput, "The XML is not valid on line %d, column %d: %s.", line, column, fault.Clip(what, 200))
}

func (r *xmlReader) bad(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		what := strings.TrimSuffix(syntax.Msg, ";")
		if strings.Contains(what, "invalid character entity") {
			what += "; declarations of entities are not read, so only those of XML itself and of characters are known"
		}
		return r.says(what)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return r.says("it ends too early")
	}
	return r.says(err.Error())
}

// full is a name as it is written.
func (r *xmlReader) full(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

func (r *xmlReader) name(name xml.Name) string {
	if r.drop {
		return name.Local
	}
	return r.full(name)
}

// one gives an element that may have to be a list.
func (r *xmlReader) one(name string, v any) any {
	if slices.Contains(r.lists, name) {
		return []any{v}
	}
	return v
}

// element reads up to the end of an element that has begun.
func (r *xmlReader) element(start xml.StartElement) (any, error) {
	if r.depth++; r.depth > value.MaxDepth-4 {
		return nil, r.says("elements stand within one another too deep")
	}
	defer func() { r.depth-- }()
	out := map[string]any{}
	if err := r.attributes(start, out); err != nil {
		return nil, err
	}
	if err := r.take(); err != nil {
		return nil, err
	}
	var text strings.Builder
	for {
		token, err := r.dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, r.says("<" + r.full(start.Name) + "> is never closed")
		}
		if err != nil {
			return nil, r.bad(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inner, err := r.element(token)
			if err != nil {
				return nil, err
			}
			r.put(out, r.name(token.Name), inner)
		case xml.EndElement:
			if token.Name != start.Name {
				return nil, r.says("</" + r.full(token.Name) + "> stands where </" + r.full(start.Name) + "> is expected")
			}
			return r.made(out, text.String())
		case xml.CharData:
			text.Write(token)
		}
	}
}

func (r *xmlReader) take() error {
	if err := tick(r.ctx, r.room.taken); err != nil {
		return err
	}
	return r.room.take(1)
}

func (r *xmlReader) attributes(start xml.StartElement, out map[string]any) error {
	seen := map[string]bool{}
	for _, a := range start.Attr {
		full := r.full(a.Name)
		if seen[full] {
			return r.says("the attribute " + full + " stands twice")
		}
		seen[full] = true
		declares := a.Name.Space == "xmlns" || full == "xmlns"
		if !r.attrs || r.drop && declares {
			continue
		}
		if err := r.take(); err != nil {
			return err
		}
		out["@"+r.name(a.Name)] = r.typed(a.Value)
	}
	return nil
}

func (r *xmlReader) typed(text string) any {
	if !r.guess || strings.TrimSpace(text) == "" {
		return text
	}
	return guessed(text)
}

// put adds an element: a second one of a name makes a list.
func (r *xmlReader) put(out map[string]any, name string, v any) {
	have, there := out[name]
	list, isList := have.([]any)
	switch {
	case isList:
		out[name] = append(list, v)
	case there:
		out[name] = []any{have, v}
	default:
		out[name] = r.one(name, v)
	}
}

// made is an element as a value: its text where it has nothing else. Text between elements that is only space says nothing.
func (r *xmlReader) made(out map[string]any, text string) (any, error) {
	if r.trim || len(out) > 0 && strings.TrimSpace(text) == "" {
		text = strings.TrimSpace(text)
	}
	if len(out) == 0 {
		return r.typed(text), nil
	}
	if text != "" {
		if err := r.take(); err != nil {
			return nil, err
		}
		out["#text"] = r.typed(text)
	}
	return out, nil
}
