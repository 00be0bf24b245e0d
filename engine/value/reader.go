package value

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepmill/stepmill/engine/fault"
)

// Reader reads piece by piece a JSON text that Stepmill wrote itself, where a whole value would be taken apart again at once.
type Reader struct{ reader }

// NewReader begins at the beginning of a text.
func NewReader(b []byte) *Reader {
	return &Reader{reader{text: b, dec: jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)), limits: Stored()}}
}

// List reads a list; item reads each of its items.
func (r *Reader) List(item func() error) error {
	return r.each('[', ']', item)
}

// Object reads an object; member is given each name as it is written, and reads what stands there.
func (r *Reader) Object(member func(name []byte) error) error {
	return r.each('{', '}', func() error {
		name, err := r.dec.ReadValue()
		if err != nil {
			return syntax(err)
		}
		return member(name[1 : len(name)-1])
	})
}

func (r *Reader) each(begin, end jsontext.Kind, one func() error) error {
	if tok, err := r.dec.ReadToken(); err != nil {
		return syntax(err)
	} else if tok.Kind() != begin {
		return fault.New(fault.InvalidInput, "The JSON holds something else than %s at byte %d.", begin, r.dec.InputOffset())
	}
	for r.dec.PeekKind() != end {
		if err := one(); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// Value reads a value as Decode does.
func (r *Reader) Value() (any, error) {
	v, err := r.value(0)
	if err != nil {
		return nil, syntax(err)
	}
	return v, nil
}

// Text gives a value's own text, without reading it.
func (r *Reader) Text() ([]byte, error) {
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, syntax(err)
	}
	end := int(r.dec.InputOffset())
	return r.text[end-len(v) : end], nil
}

// End says whether the text has ended.
func (r *Reader) End() error {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return fault.New(fault.InvalidInput, "The JSON has text after its end, at byte %d.", r.dec.InputOffset())
	}
	return nil
}
