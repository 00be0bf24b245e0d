package actions

import (
	"bytes"
	"encoding/base64"
	"io"
	"maps"
	"slices"

	"github.com/stepmill/stepmill/engine/value"
)

// JSONStream makes a body of a value as JSON, in which a value.File stands for the base64 of its bytes. These are read where the
// body is sent.
func JSONStream(v any, open func(value.File) (io.ReadCloser, error)) (*Stream, error) {
	w := jsonPieces{open: open}
	if err := w.write(v); err != nil {
		return nil, err
	}
	w.pieces = append(w.pieces, piece{text: bytes.Clone(w.b.Bytes())})
	size := w.size + int64(w.b.Len())
	return &Stream{Size: size, Open: func() (io.ReadCloser, error) { return &joined{pieces: w.pieces, open: w.encoded}, nil }}, nil
}

// jsonPieces is JSON as it is written: texts, and files between them.
type jsonPieces struct {
	open   func(value.File) (io.ReadCloser, error)
	b      bytes.Buffer
	pieces []piece
	size   int64 // of the pieces
}

func (w *jsonPieces) write(v any) error {
	switch v := v.(type) {
	case value.File:
		w.b.WriteByte('"')
		w.pieces = append(w.pieces, piece{text: bytes.Clone(w.b.Bytes())}, piece{file: &v})
		w.size += int64(w.b.Len() + base64.StdEncoding.EncodedLen(v.Size))
		w.b.Reset()
		w.b.WriteByte('"')
	case map[string]any:
		w.b.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				w.b.WriteByte(',')
			}
			if err := w.write(name); err != nil {
				return err
			}
			w.b.WriteByte(':')
			if err := w.write(v[name]); err != nil {
				return err
			}
		}
		w.b.WriteByte('}')
	case []any:
		w.b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				w.b.WriteByte(',')
			}
			if err := w.write(item); err != nil {
				return err
			}
		}
		w.b.WriteByte(']')
	default:
		b, err := value.Encode(v)
		w.b.Write(b)
		return err
	}
	return nil
}

// encoded gives the base64 of a file.
func (w *jsonPieces) encoded(f value.File) (io.ReadCloser, error) {
	in, err := w.open(f)
	if err != nil {
		return nil, err
	}
	return &base64Reader{in: in, plain: make([]byte, 24<<10), room: make([]byte, 0, 32<<10)}, nil
}

// base64Reader reads the base64 of what in gives.
type base64Reader struct {
	in    io.ReadCloser
	plain []byte
	room  []byte // for what is encoded
	text  []byte // the part of it that was not given yet
	err   error
}

func (r *base64Reader) Read(b []byte) (int, error) {
	for len(r.text) == 0 && r.err == nil {
		var n int
		n, r.err = io.ReadFull(r.in, r.plain) // whole groups of three but the last
		if r.err == io.ErrUnexpectedEOF {
			r.err = io.EOF
		}
		if r.err == nil || r.err == io.EOF {
			r.text = base64.StdEncoding.AppendEncode(r.room[:0], r.plain[:n])
		}
	}
	if len(r.text) == 0 {
		return 0, r.err
	}
	n := copy(b, r.text)
	r.text = r.text[n:]
	return n, nil
}

func (r *base64Reader) Close() error { return r.in.Close() }
