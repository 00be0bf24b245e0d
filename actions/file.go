package actions

import (
	"cmp"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// FileTimeout is how long an attempt may take that moves a file.
const FileTimeout = time.Hour

// FileField is the input file: one that an earlier step or the event gave.
func FileField(help string) Field {
	return Field{ID: "file", Label: "File", Help: help, Type: Object, Required: true, In: InNone,
		Example: FileSample("report.pdf", "application/pdf", 20480)}
}

// InputFile gives the file that an input refers to; a name that is given stands in for its own.
func InputFile(values map[string]any, id, name string) (value.File, error) {
	f, ok := value.FileOf(values[id])
	if !ok {
		return f, fault.New(fault.InvalidInput, "The input %s: it refers to no file; take one of an earlier step, as {{ steps.download.file }}.", id)
	}
	if name != "" {
		f.Name = name
	}
	if f.Name == "" {
		f.Name = "file"
	}
	return f, nil
}

// AtMost is the error of a file that is larger than a vendor takes; nil: it fits. What is made of bytes is told in words, as 20 MB.
func AtMost(f value.File, bytes int, vendor, words string) error {
	if f.Size <= bytes {
		return nil
	}
	return fault.New(fault.TooLarge, "The input file: it has %d bytes; %s takes %s.", f.Size, vendor, words)
}

// sampled is the hash of a sample's file: that of nothing.
const sampled = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// FileSample is a file as a sample has it, whose bytes are nowhere. A sandbox makes a small one of its kind in its place.
func FileSample(name, kind string, size int) map[string]any {
	return value.File{Hash: sampled, Name: name, Type: kind, Size: size}.Value()
}

// IsSample says that a file is one of a sample.
func IsSample(f value.File) bool { return f.Hash == sampled }

// StreamOf is a file of the run's as a body.
func StreamOf(ctx context.Context, do Doer, f value.File) *Stream {
	return &Stream{Size: int64(f.Size), Open: func() (io.ReadCloser, error) { return do.Open(ctx, f) }}
}

// NameOf is the name of a file that people gave, or of what it is of: a / in it parts no folders.
func NameOf(text string) string { return strings.NewReplacer("/", "-", `\`, "-").Replace(text) }

// Fetch keeps the body of a good answer as a file of the run, with a name and type where as has them. In a sandbox there is none.
func Fetch(ctx context.Context, do Doer, req HTTPRequest, as value.File) (Response, error) {
	req.Keep = &as
	resp, err := do.HTTP(ctx, req)
	if err == nil && resp.File == nil && !do.Sandboxed() {
		return resp, fault.New(fault.Unavailable, "The answer has the status %d and no file.", resp.Status)
	}
	return resp, err
}

// Pieces reads a file piece after piece, each as a body. The file is read once from its beginning to its end, unless a piece
// begins elsewhere than the one before ended.
type Pieces struct {
	size int64
	open func() (io.ReadCloser, error)
	mu   sync.Mutex // of what follows: an answer may come while its request is still being sent
	in   io.ReadCloser
	at   int64 // where in is
	now  *onePiece
}

// PiecesOf are the pieces of a file of the run's.
func PiecesOf(ctx context.Context, do Doer, f value.File) *Pieces {
	return &Pieces{size: int64(f.Size), open: func() (io.ReadCloser, error) { return do.Open(ctx, f) }}
}

// Stream is the piece of size bytes from an offset on.
func (p *Pieces) Stream(from, size int64) *Stream {
	return &Stream{Size: size, Open: func() (io.ReadCloser, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.in == nil || p.at != from {
			if err := p.reopen(from); err != nil {
				return nil, err
			}
		}
		p.now = &onePiece{of: p, left: size}
		return p.now, nil
	}}
}

func (p *Pieces) reopen(from int64) error {
	p.close()
	in, err := p.open()
	if err != nil {
		return err
	}
	p.in = in
	p.at, err = io.CopyN(io.Discard, in, from)
	return err
}

// Close closes the file.
func (p *Pieces) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = nil
	return p.close()
}

func (p *Pieces) close() error {
	if p.in == nil {
		return nil
	}
	in := p.in
	p.in = nil
	return in.Close()
}

// onePiece is a piece as it is read, until the next one is or it is closed.
type onePiece struct {
	of   *Pieces
	left int64
}

func (o *onePiece) Read(b []byte) (int, error) {
	o.of.mu.Lock()
	defer o.of.mu.Unlock()
	switch {
	case o.of.now != o:
		return 0, io.ErrClosedPipe
	case o.left == 0:
		return 0, io.EOF
	}
	n, err := o.of.in.Read(b[:min(int64(len(b)), o.left)])
	o.left, o.of.at = o.left-int64(n), o.of.at+int64(n)
	switch {
	case err == io.EOF && o.left > 0:
		return n, io.ErrUnexpectedEOF
	case err == nil && o.of.at == o.of.size: // that it is undamaged its end says, and the last bytes do not go out before
		if _, err := o.of.in.Read(make([]byte, 1)); err != io.EOF {
			return 0, cmp.Or(err, io.ErrUnexpectedEOF)
		}
	}
	return n, err
}

func (o *onePiece) Close() error {
	o.of.mu.Lock()
	defer o.of.mu.Unlock()
	if o.of.now == o {
		o.of.now = nil
	}
	return nil
}
