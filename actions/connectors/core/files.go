package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const (
	// inMemory is how much of a file is held in memory where it must be read at several places; a larger one lies on disk meanwhile.
	inMemory = 256 << 10
	// fileTime is the time of one attempt at a step that reads or makes files.
	fileTime = 15 * time.Minute

	sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// fileStep completes an action that computes with files: it runs beside the others and within a time, asks nobody outside,
// and its output is within the bounds.
func fileStep(a actions.Action, run func(ctx context.Context, in actions.Input, do actions.Doer) (any, error), plan func(v map[string]any) error, names ...string) actions.Action {
	a.Effect, a.Timeout = actions.Read, fileTime
	a.Guarantee = "Nothing outside changes, so it does not matter how often it runs."
	a.Check = func(with map[string]any, written func(string) bool) []actions.InputIssue {
		return checkPlan(a.Input, with, written, plan, names)
	}
	a.Run = func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
		if err := plan(in.Values); err != nil {
			return nil, err
		}
		out, err := run(ctx, in, do)
		if err != nil {
			return nil, err
		}
		return out, within("The output of core."+a.ID, "take less.", out)
	}
	return a
}

// fileIn is the file of an input.
func fileIn(v any, name string) (value.File, error) {
	f, ok := value.FileOf(v)
	if !ok {
		return f, wrong(name, "it refers to no file; take one of an earlier step, as {{ steps.download.file }}.")
	}
	return f, nil
}

// filesIn are the files of an input that lists some.
func filesIn(v map[string]any, name string, most int) ([]value.File, error) {
	list := items(v, name)
	if len(list) > most {
		return nil, wrong(name, "it lists %d files; at most %d are taken.", len(list), most)
	}
	out := make([]value.File, len(list))
	for i, item := range list {
		var err error
		if out[i], err = fileIn(item, itemName(name, i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// reading gives a file to read from its beginning to its end, as long as the step is wanted.
func reading(ctx context.Context, do actions.Doer, f value.File) (io.ReadCloser, error) {
	in, err := do.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	return &wanted{ctx: ctx, in: in}, nil
}

// wanted ends when its context does. What goes wrong with the store is told from what is wrong in a file: it is a fault.
type wanted struct {
	ctx context.Context
	in  io.ReadCloser
}

func (w *wanted) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.in.Read(b)
}

func (w *wanted) Close() error { return w.in.Close() }

// spooled is a file that is read at any place. A large one lies on disk as long as it is open.
type spooled struct {
	io.ReaderAt
	size int64
	file *os.File // nil: it is in memory
}

// spool takes a file in, and so finds damage before anything is made of it. most bounds its bytes.
func spool(ctx context.Context, do actions.Doer, f value.File, most int64) (*spooled, error) {
	in, err := reading(ctx, do, f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return spoolAll(in, most, "The file "+shownName(f))
}

// spoolAll takes in all that a reader gives. what names it where it is too large.
func spoolAll(in io.Reader, most int64, what string) (*spooled, error) {
	var memory bytes.Buffer
	n, err := io.Copy(&memory, io.LimitReader(in, inMemory))
	if err != nil {
		return nil, err
	}
	if n < inMemory {
		return &spooled{ReaderAt: bytes.NewReader(memory.Bytes()), size: n}, nil
	}
	file, err := os.CreateTemp("", "stepmill-file-")
	if err != nil {
		return nil, unspooled(err)
	}
	_ = os.Remove(file.Name()) // it lasts while it is open, and so no process that dies leaves it
	out := &spooled{ReaderAt: file, file: file}
	source := &source{in: io.LimitReader(in, most+1-n)}
	out.size, err = io.Copy(file, io.MultiReader(&memory, source))
	switch {
	case err != nil && source.err == nil:
		err = unspooled(err)
	case err == nil && out.size > most:
		err = fault.New(fault.TooLarge, "%s has more than %d MB; at most that is taken.", what, most>>20)
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

func unspooled(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The file cannot be laid down while it is read: the disk of the temporary files is full, or it fails.")
}

// source tells an error of what is read from one of where it is written.
type source struct {
	in    io.Reader
	bytes int64 // that were read
	err   error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	s.bytes += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *spooled) Close() {
	if s.file != nil {
		s.file.Close()
	}
}

// made keeps what write writes as a file of the run, while it is written.
func made(ctx context.Context, do actions.Doer, name, kind string, write func(w io.Writer) error) (value.File, error) {
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := errors.New("it panicked")
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("writing %s panicked: %v", kind, p)
			}
			in.CloseWithError(err) // nil: the end
			done <- err
		}()
		err = write(in)
	}()
	f, err := do.Keep(ctx, name, kind, out)
	out.CloseWithError(io.ErrClosedPipe)
	if failed := <-done; failed != nil && !errors.Is(failed, io.ErrClosedPipe) {
		return f, failed
	}
	return f, err
}

// broken is the error of a file that cannot be read as what it is taken for. What went wrong with the store or in time stays.
func broken(err error, f value.File, as string) error {
	var own *fault.Error
	if errors.As(err, &own) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(err, fault.InvalidInput, "The file %s is damaged, or is no %s; look at where it comes from.", shownName(f), as)
}

// shownName is a file's name as messages repeat it.
func shownName(f value.File) string {
	if f.Name == "" {
		return "without a name"
	}
	return shown(f.Name)
}

// withEnd is a name that ends as files of a kind do.
func withEnd(name, end string) string {
	if strings.HasSuffix(strings.ToLower(name), end) {
		return name
	}
	return name + end
}
