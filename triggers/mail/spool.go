package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/emersion/go-smtp"

	"github.com/stepmill/stepmill/engine/fault"
)

// inMemory is how much of a mail is held in memory; a larger one lies in a file meanwhile.
const inMemory = 256 << 10

// letter is a mail as it came.
type letter struct {
	small []byte   // of it, where there is no file
	file  *os.File // nil: it is small
	size  int64
	hash  string // of what stands behind the header: on its way a mail gets more headers, and no other body
}

// errGone says that the client went away, or did not send on.
var errGone = errors.New("the mail did not come whole")

// errLine is a mail that cannot be taken, however often it is sent.
var errLine = refuse(554, smtp.EnhancedCode{5, 6, 0}, "A line of the mail is longer than %d bytes; send it with shorter lines, as quoted-printable or base64.", maxLine)

// spool takes a mail in. What it gives must be closed, also with an error.
func spool(r io.Reader) (*letter, error) {
	out := &letter{}
	sum := &bodySum{sum: sha256.New()}
	var memory bytes.Buffer
	n, err := io.Copy(io.MultiWriter(&memory, sum), io.LimitReader(r, inMemory))
	out.size, out.small = n, memory.Bytes()
	if err == nil && n == inMemory {
		err = out.spill(r, sum)
	}
	var own *smtp.SMTPError
	if errors.Is(err, smtp.ErrTooLongLine) {
		err = errLine
	}
	if err != nil && !errors.As(err, &own) && fault.CodeOf(err) != fault.Unavailable {
		err = errGone
	}
	out.hash = sum.text()
	return out, err
}

// spill writes the mail into a file, and the rest of it behind.
func (l *letter) spill(r io.Reader, sum io.Writer) (err error) {
	if l.file, err = os.CreateTemp("", "stepmill-mail-"); err == nil {
		_, err = l.file.Write(l.small)
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "A large mail cannot be kept while it comes in: the disk is full, or it fails.")
	}
	l.small = nil
	in := &source{r: r}
	n, err := io.Copy(io.MultiWriter(l.file, sum), in)
	if l.size += n; err != nil && in.err == nil {
		return fault.Wrap(err, fault.Unavailable, "A large mail cannot be kept while it comes in: the disk is full, or it fails.")
	}
	return err
}

// source tells an error of the client from one of the disk.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// open gives the mail from its beginning.
func (l *letter) open() io.Reader {
	if l.file != nil {
		return io.NewSectionReader(l.file, 0, l.size)
	}
	return bytes.NewReader(l.small)
}

func (l *letter) close() {
	if l.file != nil {
		l.file.Close()
		os.Remove(l.file.Name())
	}
}

// bodySum is the hash of what stands behind the first empty line; of everything, where there is none.
type bodySum struct {
	sum   hash.Hash
	tail  []byte // the last bytes of the header so far
	found bool
}

func (b *bodySum) Write(p []byte) (int, error) {
	if b.found {
		return b.sum.Write(p)
	}
	seen := append(b.tail, p...)
	end := bytes.Index(seen, []byte("\r\n\r\n"))
	if end < 0 {
		b.sum.Write(p)
		b.tail = append([]byte(nil), seen[max(0, len(seen)-3):]...)
		return len(p), nil
	}
	b.found = true
	b.sum.Reset()
	b.sum.Write(seen[end+4:])
	return len(p), nil
}

func (b *bodySum) text() string { return hex.EncodeToString(b.sum.Sum(nil)) }
