package outbound

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Files keep files for runs, and give them back.
type Files interface {
	RunFile(ctx context.Context, workspace, runID, hash string) (io.ReadCloser, error)
	KeepRunFile(ctx context.Context, runID string, r io.Reader) (value.Large, error)
}

// maxFile is how large a file may be that a step makes, in bytes.
const maxFile = 5 << 30

// Open gives a file of the run's.
func (d *doing) Open(ctx context.Context, f value.File) (io.ReadCloser, error) {
	if d.client.cfg.Files == nil {
		return nil, fault.New(fault.Internal, "There are no files here.")
	}
	in, err := d.client.cfg.Files.RunFile(ctx, d.call.Workspace, d.call.Run, f.Hash)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, fault.Wrap(err, fault.InvalidInput, "The file %s is not one of this run's, or was deleted.", fault.Clip(f.Name, 100))
	}
	return in, err
}

// Keep keeps a file for the run.
func (d *doing) Keep(ctx context.Context, name, kind string, r io.Reader) (value.File, error) {
	if d.client.cfg.Files == nil {
		return value.File{}, fault.New(fault.Internal, "There is no place for files here.")
	}
	large, err := d.client.cfg.Files.KeepRunFile(ctx, d.call.Run, &atMost{in: r, left: maxFile})
	if err != nil {
		return value.File{}, err
	}
	d.files = append(d.files, large)
	return value.File{Hash: large.Hash, Name: value.FileName(name), Type: kind, Size: large.Bytes}, nil
}

// atMost is a reader that says where there is more than may be.
type atMost struct {
	in   io.Reader
	left int64
}

func (b *atMost) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, fault.New(fault.TooLarge, "The file is larger than %d GB.", maxFile>>30)
	}
	return n, err
}

// download keeps the body of an answer as a file, unpacked where the server packs it without being asked, unless the file is said to
// be packed itself. One that breaks off, or has another length than it said, is an error.
func (d *doing) download(ctx context.Context, m message, resp *http.Response) (*value.File, error) {
	defer resp.Body.Close()
	name, kind := m.keep.Name, m.keep.Type
	if kind == "" {
		kind, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	}
	if name == "" {
		if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
			name = params["filename"]
		}
	}
	if name == "" {
		name = path.Base(m.url.Path)
	}
	if resp.ContentLength > maxFile {
		return nil, fault.New(fault.TooLarge, "The file is larger than %d GB.", maxFile>>30)
	}
	var in io.Reader = resp.Body
	if !isPacked(name, kind) {
		var err error
		if in, _, err = unpacked(resp); err != nil {
			return nil, err
		}
	}
	f, err := d.Keep(ctx, name, kind, in)
	if err != nil {
		return nil, err
	}
	return &f, nil
}

// isPacked says that a file of this name and type is packed by gzip where it lies, of which servers tell as if they packed it for the way.
func isPacked(name, kind string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".gz", ".tgz":
		return true
	}
	return kind == "application/gzip" || kind == "application/x-gzip"
}

// said is what a sandbox shows of a body that it does not read.
func said(s *actions.Stream) []byte { return fmt.Appendf(nil, "(a file of %d bytes)", s.Size) }
