package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http/httptest"
	"net/textproto"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// shelf keeps files, and who holds them.
type shelf struct {
	mu   sync.Mutex
	held map[string][]string // hashes, by the holder
	kept []string            // contents
	full error               // why none is kept
	fits int                 // how much of one is read before that is known
	drop bool                // contents are not noted
}

func (s *shelf) KeepFile(_ context.Context, holder string, r io.Reader) (value.Large, error) {
	if s.full != nil {
		io.CopyN(io.Discard, r, int64(s.fits))
		return value.Large{}, s.full
	}
	sum, content := sha256.New(), new(bytes.Buffer)
	out := io.Writer(io.MultiWriter(sum, content))
	if s.drop {
		out = sum
	}
	n, err := io.Copy(out, struct{ io.Reader }{r})
	if err != nil {
		return value.Large{}, err
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[holder] = append(s.held[holder], hash)
	s.kept = append(s.kept, content.String())
	return value.Large{Hash: hash, Bytes: int(n)}, nil
}

func (s *shelf) Release(holder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, holder)
}

// part is one of a form; kind empty: a field.
type part struct{ name, file, kind, text string }

// formOf writes a form. Names are written as they are.
func formOf(t *testing.T, boundary string, parts ...part) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, p.name)}}
		if p.kind != "" {
			head["Content-Disposition"][0] += fmt.Sprintf(`; filename="%s"`, p.file)
			head["Content-Type"] = []string{p.kind}
		}
		out, err := w.CreatePart(head)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(out, p.text)
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// fileText is a file as an event has it.
func fileText(text, name, kind string) string {
	return fmt.Sprintf(`{"file":"%s","name":"%s","size":%d,"type":"%s"}`, hashOf(text), name, len(text), kind)
}

// TestFiles: what a body with files becomes, of a form and of any other type.
func TestFiles(t *testing.T) {
	for name, c := range map[string]struct {
		parts            []part // of a form
		kind, body, path string // else
		header           map[string]string
		options          map[string]any
		want             string // the event's body
		files            int
	}{
		"a form": {parts: []part{{"a", "", "", "1"}, {"doc", "bill.pdf", "application/pdf", "%PDF"}, {"b", "", "", "2"}},
			want: `{"a":"1","b":"2","doc":` + fileText("%PDF", "bill.pdf", "application/pdf") + `}`, files: 1},
		"an empty file": {parts: []part{{"doc", "empty.txt", "text/plain", ""}}, want: `{"doc":` + fileText("", "empty.txt", "text/plain") + `}`, files: 1},
		"one name twice": {parts: []part{{"doc", "a.txt", "text/plain", "a"}, {"doc", "b.txt", "text/plain; charset=utf-8", "b"}, {"doc", "", "", "c"}},
			want: `{"doc":[` + fileText("a", "a.txt", "text/plain") + `,` + fileText("b", "b.txt", "text/plain") + `,"c"]}`, files: 2},
		"nobody chose one":     {parts: []part{{"doc", "", "application/octet-stream", ""}, {"a", "", "", "1"}}, want: `{"a":"1","doc":null}`},
		"one that has no name": {parts: []part{{"doc", "", "image/png", "x"}}, want: `{"doc":` + fileText("x", "file.png", "image/png") + `}`, files: 1},
		"odd names": {parts: []part{{"a", `../../é \"x.txt`, "nonsense", "x"}, {"b\xff", "b\xe9b\xe9.png", "image/png", "y"}, {"c", "日本.txt", "text/plain", "z"}},
			want: `{"a":` + fileText("x", `é \"x.txt`, "application/octet-stream") + `,"b` + "\uFFFD" + `":` + fileText("y", "b\uFFFDb\uFFFD.png", "image/png") + `,"c":` + fileText("z", "日本.txt", "text/plain") + `}`, files: 3},
		"a PDF":                   {kind: "application/pdf", body: "%PDF", want: fileText("%PDF", "file.pdf", "application/pdf"), files: 1},
		"a PDF with a name":       {kind: "application/pdf", body: "%PDF", header: map[string]string{"Content-Disposition": `attachment; filename="a.pdf"`}, want: fileText("%PDF", "a.pdf", "application/pdf"), files: 1},
		"a URL with a name":       {kind: "image/png", body: "PNG", path: "/in/b.png", want: fileText("PNG", "b.png", "image/png"), files: 1},
		"a PDF put":               {body: "%PDF", path: "/a.pdf", want: fileText("%PDF", "a.pdf", "application/pdf"), files: 1},
		"a text put":              {body: "a", path: "/a.csv", want: `"a"`},
		"bytes":                   {kind: "application/octet-stream", body: "\x00\xff", want: fileText("\x00\xff", "file", "application/octet-stream"), files: 1},
		"a zip":                   {kind: "application/zip", body: "PK", want: fileText("PK", "file.zip", "application/zip"), files: 1},
		"nothing of a type":       {kind: "application/pdf", body: "", want: "null"},
		"a table is text":         {kind: "text/csv", body: "a,b", want: `"a,b"`},
		"a table as a file":       {kind: "text/csv; charset=latin1", body: "a,\xe9", options: map[string]any{"body": "file"}, want: fileText("a,\xe9", "file.csv", "text/csv"), files: 1},
		"JSON as a file":          {kind: "application/json", body: "{", options: map[string]any{"body": "file"}, want: fileText("{", "file.json", "application/json"), files: 1},
		"anything as a file":      {kind: "", body: "x", options: map[string]any{"body": "file"}, want: fileText("x", "file", "application/octet-stream"), files: 1},
		"nothing as a file":       {kind: "application/json", body: "", options: map[string]any{"body": "file"}, want: "null"},
		"JSON that is not a file": {kind: "application/json", body: "{}", options: map[string]any{"body": "auto"}, want: "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.options)
			kind, body := c.kind, c.body
			if c.parts != nil {
				kind, body = formOf(t, "b0undary", c.parts...)
			}
			header := map[string]string{"Content-Type": kind}
			for name, text := range c.header {
				header[name] = text
			}
			if kind == "" {
				delete(header, "Content-Type")
			}
			status, answer, _ := w.send(t, "POST", c.path, body, header)
			if status != 200 || !strings.Contains(w.last(), `{"body":`+strings.ReplaceAll(c.want, "b0undary", "")+`,"headers"`) || len(w.taken[0].Accept.Files) != c.files {
				t.Fatalf("%d %s: %s, not %s", status, answer, w.last(), c.want)
			}
			if raw := w.taken[0].Accept.Event.Raw; (c.files > 0) != (len(raw) == 0) && body != "" {
				t.Errorf("as it came it is kept as %q", raw)
			}
			if len(w.files.held) > 0 || w.h.bytes.Load() != 0 {
				t.Errorf("held are %v, %d bytes", w.files.held, w.h.bytes.Load())
			}
		})
	}
}

// TestFilesRefused: where anything is wrong with it nothing stays: no event, no file, no memory.
func TestFilesRefused(t *testing.T) {
	doc := part{"doc", "a.txt", "text/plain", "a file"}
	many := make([]part, maxParts+1)
	for i := range many {
		many[i] = part{"f", "a.txt", "text/plain", "x"}
	}
	kind, good := formOf(t, "x", doc, part{"a", "", "", "1"})
	_, tooMany := formOf(t, "x", many...)
	_, fields := formOf(t, "x", doc, part{"a", "", "", strings.Repeat("a", 6<<10)}, part{"b", "", "", strings.Repeat("b", 6<<10)})
	_, only := formOf(t, "x", part{"a", "", "", strings.Repeat("a", 11<<10)})
	_, large := formOf(t, "x", part{"doc", "a.bin", "application/octet-stream", strings.Repeat("x", 200<<10)})
	for name, c := range map[string]struct {
		kind, body string
		header     map[string]string
		full       error
		status     int
		want       string
	}{
		"cut off":              {kind, good[:len(good)-20], nil, nil, 400, "multipart"},
		"no last boundary":     {kind, good[:strings.Index(good, "a file")+10], nil, nil, 400, "multipart"},
		"too many":             {kind, tooMany, nil, nil, 400, "more than 1000 parts"},
		"large fields":         {kind, fields, nil, nil, 413, "The fields are larger than 0 MB."},
		"a large field alone":  {kind, only, nil, nil, 413, "larger than 0 MB"},
		"too large":            {kind, large, nil, nil, 413, "larger than 0 MB"},
		"a large file":         {"application/pdf", large, nil, nil, 413, "larger than 0 MB"},
		"compressed":           {kind, good, map[string]string{"Content-Encoding": "gzip"}, nil, 415, "Compressed"},
		"another charset":      {kind + "; charset=utf-16", good, nil, nil, 415, "UTF-8"},
		"a full disk":          {kind, good, nil, fault.New(fault.Unavailable, "The disk is full."), 503, "full"},
		"a full disk and PDF":  {"application/pdf", "%PDF", nil, fault.New(fault.Unavailable, "The disk is full."), 503, "full"},
		"a header that breaks": {kind, "--x\r\nContent-Disposition form-data\r\n\r\n", nil, nil, 400, "multipart"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.h.MaxBody, w.h.MaxFiles, w.files.full = 10<<10, 150<<10, c.full
			header := map[string]string{"Content-Type": c.kind}
			for name, text := range c.header {
				header[name] = text
			}
			status, answer, head := w.send(t, "POST", "", c.body, header)
			if status != c.status || !strings.Contains(answer, c.want) || len(w.taken) > 0 || len(w.files.held) > 0 || w.h.bytes.Load() != 0 {
				t.Errorf("%d %s: %d events, held are %v, %d bytes", status, answer, len(w.taken), w.files.held, w.h.bytes.Load())
			}
			if status == 503 && head.Get("Retry-After") == "" {
				t.Error("nothing says when to come again")
			}
		})
	}
	w := newWorld(t, nil)
	w.refuse = fault.New(fault.Unavailable, "The disk is full.")
	if status, answer, _ := w.send(t, "POST", "", good, map[string]string{"Content-Type": kind}); status != 503 || len(w.files.kept) != 1 || len(w.files.held) > 0 {
		t.Errorf("an event that cannot be kept: %d %s, held are %v", status, answer, w.files.held)
	}
}

// TestFilesBrokenOff: who goes away in the middle of a file leaves nothing.
func TestFilesBrokenOff(t *testing.T) {
	for _, length := range []string{"Content-Length: 1000000", "Transfer-Encoding: chunked"} {
		w := newWorld(t, nil)
		kind, body := formOf(t, "x", part{"doc", "a.txt", "text/plain", "whole"}, part{"two", "b.txt", "text/plain", strings.Repeat("half", 1000)})
		half := body[:len(body)-500]
		if strings.HasPrefix(length, "T") {
			half = fmt.Sprintf("%x\r\n%s\r\n", len(half), half)
		}
		c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), "/hooks/good"))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "POST /hooks/good HTTP/1.1\r\nHost: x\r\nContent-Type: "+kind+"\r\n"+length+"\r\n\r\n"+half)
		until := func(what string, done func() bool) {
			t.Helper()
			for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
				w.files.mu.Lock()
				ok := done()
				w.files.mu.Unlock()
				if ok {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s: %s", length, what)
				}
			}
		}
		until("the first file does not come", func() bool { return len(w.files.kept) == 1 })
		c.Close()
		until("something is held", func() bool { return len(w.files.held) == 0 && w.h.bytes.Load() == 0 })
		if len(w.taken) > 0 {
			t.Error("half a form is an event")
		}
	}
}

// TestFilesSigned: who sends is proven over the body as it came, files and all, and what is not proven leaves no file.
func TestFilesSigned(t *testing.T) {
	kind, body := formOf(t, "x", part{"doc", "a.txt", "text/plain", strings.Repeat("a file", 10_000)}, part{"a", "", "", "1"})
	body += "and what stands behind the last boundary"
	for name, c := range map[string]struct {
		verify map[string]any
		header map[string]string
		body   string
		status int
		kept   int // files that came to be kept at all
	}{
		"signed":                {map[string]any{"preset": "hmac"}, map[string]string{"X-Signature": sum("s3cret", body)}, body, 200, 1},
		"signed anew":           {map[string]any{"preset": "hmac", "secret": []any{"new", "s"}}, map[string]string{"X-Signature": sum("s3cret", body)}, body, 200, 1},
		"a byte less":           {map[string]any{"preset": "hmac"}, map[string]string{"X-Signature": sum("s3cret", body)}, body[:len(body)-1], 401, 1},
		"another key":           {map[string]any{"preset": "hmac"}, map[string]string{"X-Signature": sum("other", body)}, body, 401, 1},
		"not signed":            {map[string]any{"preset": "hmac"}, nil, body, 401, 0},
		"a missing secret":      {map[string]any{"preset": "hmac", "secret": "gone"}, map[string]string{"X-Signature": sum("s3cret", body)}, body, 503, 0},
		"a token":               {map[string]any{"preset": "token", "header": "X-Token"}, map[string]string{"X-Token": "s3cret"}, body, 200, 1},
		"a wrong token":         {map[string]any{"preset": "token", "header": "X-Token"}, map[string]string{"X-Token": "other"}, body, 401, 0},
		"a sender without them": {map[string]any{"preset": "linear"}, map[string]string{"Linear-Signature": sum("s3cret", body)}, body, 401, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if c.verify["secret"] == nil {
				c.verify["secret"] = "s"
			}
			w := newWorld(t, map[string]any{"verify": c.verify})
			w.secrets["new"] = "other key"
			header := map[string]string{"Content-Type": kind}
			for name, text := range c.header {
				header[name] = text
			}
			status, answer, _ := w.send(t, "POST", "", c.body, header)
			if status != c.status || (len(w.taken) == 1) != (c.status == 200) || len(w.files.kept) != c.kept || len(w.files.held) > 0 {
				t.Errorf("%d %s: %d events, %d files kept, held are %v", status, answer, len(w.taken), len(w.files.kept), w.files.held)
			}
		})
	}
}

// TestFilesOnce: what is sent again is the same though its boundary is another, and something else is not.
func TestFilesOnce(t *testing.T) {
	w := newWorld(t, nil)
	for i, c := range []struct {
		boundary, text string
		status, events int
	}{{"one", "a", 200, 1}, {"two", "a", 200, 1}, {"three", "b", 409, 1}} {
		kind, body := formOf(t, c.boundary, part{"doc", "a.txt", "text/plain", c.text})
		if status, answer, _ := w.send(t, "POST", "", body, map[string]string{"Content-Type": kind, "Idempotency-Key": "k"}); status != c.status || len(w.taken) != c.events || len(w.files.held) > 0 {
			t.Errorf("%d: %d %s, %d events", i, status, answer, len(w.taken))
		}
	}
}

// TestFilesMemory: a file passes through, and fields wait for one another as large bodies do.
func TestFilesMemory(t *testing.T) {
	h := &Handler{Files: &shelf{held: map[string][]string{}, drop: true}}
	const size = 150 << 20
	head := "--x\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"a.bin\"\r\n\r\n"
	r := httptest.NewRequest("POST", "/hooks/good", io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, size), strings.NewReader("\r\n--x--\r\n")))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.ContentLength = -1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	in, err := h.stream(httptest.NewRecorder(), r, hook(), scheme{}, time.Now())
	runtime.ReadMemStats(&after)
	if err != nil || len(in.files) != 1 || in.files[0].Bytes != size || after.TotalAlloc-before.TotalAlloc > 2<<20 {
		t.Errorf("%v %v, %d MB were made", in, err, (after.TotalAlloc-before.TotalAlloc)>>20)
	}
	in.release()
	h.bytes.Store(inFlight - 1000)
	_, body := formOf(t, "x", part{"a", "", "", strings.Repeat("a", 5000)})
	r = httptest.NewRequest("POST", "/hooks/good", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	in, err = h.stream(httptest.NewRecorder(), r, hook(), scheme{}, time.Now())
	in.release()
	if fault.CodeOf(err) != fault.Unavailable || h.bytes.Load() != inFlight-1000 {
		t.Errorf("over the bound: %v, %d held", err, h.bytes.Load())
	}
}

func hook() *triggers.Trigger { return &triggers.Trigger{Def: &scenario.Trigger{Uses: "webhook"}} }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// TestFilesElsewhere: where there is no place for them, and at a run's own address, files are refused as before.
func TestFilesElsewhere(t *testing.T) {
	w := newWorld(t, nil)
	w.h.Files = nil
	kind, body := formOf(t, "x", part{"doc", "a.txt", "text/plain", "x"})
	for kind, body := range map[string]string{kind: body, "application/zip": "PK"} {
		if status, answer, _ := w.send(t, "POST", "", body, map[string]string{"Content-Type": kind}); status != 415 || !strings.Contains(answer, "not taken") {
			t.Errorf("%s: %d %s", kind, status, answer)
		}
	}
}
