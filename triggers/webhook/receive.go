package webhook

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

const (
	// filesWithin is how long a request with files may take to come. What was kept of it is held for longer.
	filesWithin = 30 * time.Minute
	// pace is how much of it has to come each time within readWithin.
	pace = 1 << 20
	// senders is how many requests with files are taken in at once.
	senders = 64
)

// content is what a request brought, once it is proven.
type content struct {
	proof    proof // its body is empty where there are files
	streamed bool  // value is made of it
	value    any
	files    []value.Large // that value refers to
	release  func()        // lets go of what it holds: memory, and files that no event refers to
}

// receive takes a request in and checks who sent it.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, t *triggers.Trigger, s scheme, kept *kept, now time.Time) (*content, error) {
	if h.streams(r, t, s) {
		return h.stream(w, r, t, s, now)
	}
	in := &content{}
	body, release, err := h.read(w, r)
	in.release = release
	if err != nil {
		return in, err
	}
	parsed, err := h.parse(r.Context(), len(body))
	if err != nil {
		return in, err
	}
	in.release = func() { parsed(); release() }
	in.proof, err = h.verify(r, t, s, kept, body, now)
	return in, err
}

// streams says that a request may hold files, which never are in memory: a form or a type that is nothing else, or any where its
// trigger has the body as a file. A connector's events are JSON. Where who sends it cannot be checked without the whole body, it is
// read as before, and files are refused.
func (h *Handler) streams(r *http.Request, t *triggers.Trigger, s scheme) bool {
	kind, _, err := contentType(r.Header)
	if h.Files == nil || t.Spec != nil || err != nil || r.ContentLength == 0 {
		return false
	}
	if kind == "" { // as a file that is put under its name
		kind = value.TypeByName(r.PathValue("rest"))
		return !s.whole() && (asFile(t) || kind != value.TypeByName("") && binary(kind))
	}
	return !s.whole() && (asFile(t) || kind == "multipart/form-data" || binary(kind))
}

// whole says that a request cannot be checked while it comes.
func (s scheme) whole() bool {
	return s.check != nil && !s.early || s.bodyTime != "" || s.capture != nil
}

// asFile says that a trigger has every body as one file, whatever it is.
func asFile(t *triggers.Trigger) bool { return t.Def.With["body"] == "file" }

// stream takes a request in as it comes: its files go to where they are kept, and what is signed is hashed meanwhile. Where anything is
// wrong with it nothing stays.
func (h *Handler) stream(w http.ResponseWriter, r *http.Request, t *triggers.Trigger, s scheme, now time.Time) (*content, error) {
	limit := cmp.Or(h.MaxFiles, MaxFiles)
	in := &content{streamed: true, release: func() {}}
	if err := plain(w, r, limit); err != nil {
		return in, err
	}
	q := &inbound{Request: r, now: now, base: h.BaseURL}
	var sign *signing
	var err error
	if s.name != "" {
		var keys []string
		if keys, err = h.keys(r.Context(), t, s, nil); err != nil {
			return in, absent(err)
		}
		if s.check != nil {
			in.proof, err = s.check(q, s, keys)
		} else {
			sign, err = begin(q, s, keys)
		}
		if err != nil {
			return in, err
		}
	}
	leave, err := h.sending.take(r.Context(), 1, senders)
	if err != nil {
		return in, err
	}
	f := &flow{h: h, w: w, ctx: r.Context(), in: http.MaxBytesReader(w, r.Body, limit), sign: sign, until: time.Now().Add(filesWithin), holder: "request " + rand.Text(),
		budget: budget{h: h, most: 2 * h.maxBody()}}
	in.release = sync.OnceFunc(func() {
		f.budget.release()
		leave()
		h.Files.Release(f.holder)
	})
	v, err := f.read(r, asFile(t))
	switch {
	case f.err != nil && f.err != io.EOF:
		return in, unread(f.err, limit)
	case err != nil:
		return in, err
	}
	if sign != nil {
		if in.proof, err = sign.proof(); err != nil {
			return in, err
		}
	}
	in.value, in.files = v, f.files
	if len(f.files) == 0 {
		in.proof.body = f.raw.Bytes()
	}
	return in, nil
}

// flow is a body on its way.
type flow struct {
	h      *Handler
	w      http.ResponseWriter
	ctx    context.Context
	in     io.Reader
	sign   *signing  // nil: nothing is signed
	until  time.Time // the whole of it has to be there
	due    int64     // how much may come until the time for more is set anew
	holder string
	budget budget

	err   error        // of in
	filed bool         // there is a file in it
	raw   bytes.Buffer // what has come, as long as there is none
	texts int64        // bytes of its fields
	files []value.Large
}

// Read gives what comes next.
func (f *flow) Read(b []byte) (int, error) {
	if f.err == nil && f.due <= 0 {
		f.due, f.err = pace, f.more()
	}
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.in.Read(b)
	f.err = err
	f.due -= int64(n)
	if f.sign != nil {
		f.sign.Write(b[:n])
	}
	if !f.filed {
		f.raw.Write(b[:n])
		if over := f.hold(n, int64(f.raw.Len())); over != nil {
			return n, over
		}
	}
	return n, err
}

// more gives the sender time for what comes next.
func (f *flow) more() error {
	by := time.Now().Add(readWithin)
	if by.After(f.until) {
		by = f.until
	}
	if err := http.NewResponseController(f.w).SetReadDeadline(by); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// hold holds more in memory, of so much in all of its kind.
func (f *flow) hold(n int, all int64) error {
	if most := f.h.maxBody(); all > most {
		return refusal{http.StatusRequestEntityTooLarge, "The fields are larger than " + strconv.FormatInt(most>>20, 10) + " MB."}
	}
	waited, err := f.budget.hold(f.ctx, int64(n))
	if waited {
		f.due = 0
	}
	return err
}

// read gives what the body is, to its last byte.
func (f *flow) read(r *http.Request, asFile bool) (any, error) {
	kind, params, err := contentType(r.Header)
	if err != nil {
		return nil, err
	}
	if kind != "multipart/form-data" || asFile {
		return f.whole(r)
	}
	if err := inUTF8(params); err != nil {
		return nil, err
	}
	v, err := readForm(f, params["boundary"], keeper{f.text, f.file})
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, f) // it is signed too
	return v, err
}

// whole keeps the body as one file, called as the sender says, or as its URL ends; nil: it is empty.
func (f *flow) whole(r *http.Request) (any, error) {
	f.filed = true
	in := bufio.NewReader(f)
	if _, err := in.Peek(1); err == io.EOF {
		return nil, nil
	}
	name, _ := fileName(r.Header.Get("Content-Disposition"))
	if name == "" {
		name = path.Base(r.PathValue("rest"))
	}
	return f.file(name, r.Header.Get("Content-Type"), in)
}

// text reads a field.
func (f *flow) text(r io.Reader) ([]byte, error) {
	return io.ReadAll(reading(func(b []byte) (int, error) {
		n, err := r.Read(b)
		f.texts += int64(n)
		if over := f.hold(n, f.texts); over != nil {
			return n, over
		}
		return n, err
	}))
}

type reading func([]byte) (int, error)

func (f reading) Read(b []byte) (int, error) { return f(b) }

// file keeps a file.
func (f *flow) file(name, kind string, r io.Reader) (any, error) {
	if !f.filed {
		f.filed = true
		f.hold(-f.raw.Len(), 0)
		f.raw = bytes.Buffer{}
	}
	large, err := f.h.Files.KeepFile(f.ctx, f.holder, r)
	if err != nil {
		return nil, err
	}
	f.files = append(f.files, large)
	if kind == "" {
		kind = value.TypeByName(name)
	}
	file := value.File{Hash: large.Hash, Name: value.FileName(name), Type: value.MediaType(kind), Size: large.Bytes}
	if file.Name == "file" {
		file.Name += value.EndOf(file.Type)
	}
	return file.Value(), nil
}
