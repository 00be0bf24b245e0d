package run

import (
	"bytes"
	"math"
	"slices"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// AppendEntries writes entries as the JSON list that the store keeps.
func AppendEntries(b []byte, entries []Entry) ([]byte, error) {
	b, _, err := AppendSome(b, entries, math.MaxInt)
	return b, err
}

// AppendSome writes the first of some entries as AppendEntries does, as many as it takes to come to most bytes, and says how
// many these are.
func AppendSome(b []byte, entries []Entry, most int) ([]byte, int, error) {
	begun := len(b)
	b = append(slices.Grow(b, 128*len(entries)), '[')
	n := 0
	for i := range entries {
		if i > 0 && len(b)-begun >= most {
			break
		}
		if n++; i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = entries[i].append(b, ""); err != nil {
			return nil, 0, err
		}
		if sealed := entries[i].Sealed; sealed != "" {
			b = append(b, `,"sealed":`...)
			b, _ = value.Append(b, sealed)
		}
		b = append(b, '}')
	}
	return append(b, ']'), n, nil
}

// DecodeEntries reads what AppendEntries wrote. Fields that this release does not know are passed over.
func DecodeEntries(b []byte) ([]Entry, error) {
	return decodeEntries(b, func(r *value.Reader, into *any) error { return read(r, into, as) })
}

// DecodeUnread is DecodeEntries, but that inputs and outputs of more than Nameless bytes are Unread. They lie in b.
func DecodeUnread(b []byte) ([]Entry, error) {
	return decodeEntries(b, func(r *value.Reader, into *any) error {
		text, err := r.Text()
		if err == nil && len(text) <= Nameless {
			*into, err = value.Decode(text, value.Stored())
		} else if err == nil {
			*into = Unread(text)
		}
		return err
	})
}

// decodeEntries reads inputs and outputs by part.
func decodeEntries(b []byte, part func(r *value.Reader, into *any) error) ([]Entry, error) {
	r := value.NewReader(b)
	entries := make([]Entry, 0, bytes.Count(b, []byte(`"seq":`)))
	err := r.List(func() error {
		entries = append(entries, Entry{})
		return entries[len(entries)-1].read(r, part)
	})
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "A stored journal cannot be read.")
	}
	return entries, nil
}
