package actions

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Part is a part of a multipart/form-data body: a text or a file.
type Part struct {
	Name string
	Text string
	Type string      // the text's media type; empty: it says none
	File *value.File // nil: Text
}

// Multipart makes a body of parts, whose files are read where it is sent, and gives its content type.
func Multipart(parts []Part, open func(value.File) (io.ReadCloser, error)) (*Stream, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	var pieces []piece
	s := &Stream{}
	for _, p := range parts {
		if p.File == nil {
			if err := writeText(w, p); err != nil {
				return nil, "", fault.Wrap(err, fault.InvalidInput, "The part %q cannot be written.", fault.Clip(p.Name, 60))
			}
			continue
		}
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", `form-data; name="`+quoted(p.Name)+`"; filename="`+quoted(p.File.Name)+`"`)
		header.Set("Content-Type", p.File.MediaType())
		if _, err := w.CreatePart(header); err != nil {
			return nil, "", fault.Wrap(err, fault.InvalidInput, "The part %q cannot be written.", fault.Clip(p.Name, 60))
		}
		pieces = append(pieces, piece{text: bytes.Clone(b.Bytes())}, piece{file: p.File})
		s.Size += int64(b.Len() + p.File.Size)
		b.Reset()
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	pieces = append(pieces, piece{text: bytes.Clone(b.Bytes())})
	s.Size += int64(b.Len())
	s.Open = func() (io.ReadCloser, error) { return &joined{pieces: pieces, open: open}, nil }
	return s, w.FormDataContentType(), nil
}

func writeText(w *multipart.Writer, p Part) error {
	if p.Type == "" {
		return w.WriteField(p.Name, p.Text)
	}
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + quoted(p.Name) + `"`}, "Content-Type": {p.Type}})
	if err == nil {
		_, err = io.WriteString(part, p.Text)
	}
	return err
}

// quoted is a text within quotes of a header, as browsers write it.
func quoted(text string) string {
	return strings.NewReplacer("\\", "\\\\", `"`, "%22", "\r", "%0D", "\n", "%0A").Replace(text)
}

// piece is a part of a body: bytes, or a file.
type piece struct {
	text []byte
	file *value.File
}

// joined reads pieces one after the other, each file opened when its turn comes.
type joined struct {
	pieces []piece
	open   func(value.File) (io.ReadCloser, error)
	at     io.Reader
	file   io.ReadCloser // that is open; nil: none is
}

func (j *joined) Read(b []byte) (int, error) {
	for {
		if j.at == nil {
			if len(j.pieces) == 0 {
				return 0, io.EOF
			}
			next := j.pieces[0]
			j.pieces = j.pieces[1:]
			if j.at = bytes.NewReader(next.text); next.file != nil {
				in, err := j.open(*next.file)
				if err != nil {
					return 0, err
				}
				j.at, j.file = in, in
			}
		}
		n, err := j.at.Read(b)
		if err == io.EOF {
			err, j.at = j.Close(), nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Close closes the file that is open.
func (j *joined) Close() error {
	if j.file == nil {
		return nil
	}
	in := j.file
	j.file = nil
	return in.Close()
}
