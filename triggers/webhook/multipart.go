package webhook

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

const (
	maxParts      = 1000    // of a multipart body
	maxPartName   = 1000    // bytes
	maxPartHeader = 8 << 10 // bytes
)

// parseMultipart takes the fields of a form. Where files would be, it is refused.
func parseMultipart(body []byte, boundary string) (any, error) {
	return readForm(bytes.NewReader(body), boundary, keeper{
		text: io.ReadAll,
		file: func(string, string, io.Reader) (any, error) {
			return nil, refusal{http.StatusUnsupportedMediaType, "Files in a form are not taken; send its fields only."}
		},
	})
}

// keeper takes the parts of a form.
type keeper struct {
	text func(io.Reader) ([]byte, error)
	file func(name, kind string, r io.Reader) (any, error)
}

// readForm reads a multipart body: fields are texts, files what keep makes of them, and a name that comes more than once is a list.
func readForm(body io.Reader, boundary string, keep keeper) (map[string]any, error) {
	if boundary == "" {
		return nil, fault.New(fault.InvalidInput, "The multipart body names no boundary.")
	}
	end := &ending{r: body, want: []byte("--" + boundary + "--")}
	reader := multipart.NewReader(end, boundary)
	out := map[string]any{}
	for parts := 0; ; parts++ {
		part, err := reader.NextPart()
		switch {
		case errors.Is(err, io.EOF) && end.seen:
			return out, nil
		case errors.Is(err, io.EOF) && parts == 0:
			return nil, fault.New(fault.InvalidInput, "The body is no multipart body: it ends before its first part, or its boundary does not stand in it.")
		case errors.Is(err, io.EOF):
			return nil, fault.New(fault.InvalidInput, "The multipart body ends too early.")
		case err != nil:
			return nil, broken(err, "The multipart body cannot be read: a boundary or a header is wrong.")
		case parts == maxParts:
			return nil, fault.New(fault.InvalidInput, "The multipart body has more than %d parts.", maxParts)
		}
		name := part.FormName()
		if name == "" || len(name) > maxPartName || headerSize(part.Header) > maxPartHeader {
			return nil, fault.New(fault.InvalidInput, "A part of the multipart body has no name, or a header that is too long.")
		}
		if err := take(out, strings.ToValidUTF8(name, "\uFFFD"), part, keep); err != nil {
			return nil, err
		}
	}
}

// ending notes that the last boundary has come: the reader of the parts takes any end for it.
type ending struct {
	r    io.Reader
	want []byte
	tail []byte // what may begin it
	seen bool
}

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.r.Read(b)
	if !e.seen {
		e.tail = append(e.tail, b[:n]...)
		e.seen = bytes.Contains(e.tail, e.want)
		e.tail = append(e.tail[:0], e.tail[max(0, len(e.tail)-len(e.want)+1):]...)
	}
	return n, err
}

// take puts what a part is among the others.
func take(out map[string]any, name string, part *multipart.Part, keep keeper) error {
	called, isFile := fileName(part.Header.Get("Content-Disposition"))
	if !isFile {
		text, err := keep.text(part)
		if err != nil {
			return broken(err, "The multipart body ends too early.")
		}
		add(out, name, string(text))
		return nil
	}
	in := bufio.NewReader(part)
	if called == "" { // a browser sends it so, and nothing in it, where nobody chose a file
		if _, err := in.Peek(1); err == io.EOF {
			if _, has := out[name]; !has {
				out[name] = nil
			}
			return nil
		}
	}
	v, err := keep.file(called, part.Header.Get("Content-Type"), in)
	if err != nil {
		return broken(err, "The multipart body ends too early.")
	}
	put(out, name, v)
	return nil
}

// fileName is what a Content-Disposition calls a file; false: it is about none.
func fileName(disposition string) (name string, ok bool) {
	_, params, err := mime.ParseMediaType(disposition)
	name, ok = params["filename"]
	return name, ok && err == nil
}

// broken says what is wrong with a multipart body, unless it is something else that is wrong.
func broken(err error, what string) error {
	var own *fault.Error
	var refused refusal
	if errors.As(err, &own) || errors.As(err, &refused) {
		return err
	}
	return fault.New(fault.InvalidInput, "%s", what)
}

func headerSize(header map[string][]string) int {
	size := 0
	for name, list := range header {
		for _, text := range list {
			size += len(name) + len(text)
		}
	}
	return size
}
