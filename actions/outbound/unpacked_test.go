package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

// TestSaysGzip: an answer that says that it is packed is unpacked where it is, and taken as it is where it is not: to be asked again
// would change nothing.
func TestSaysGzip(t *testing.T) {
	var write func(w http.ResponseWriter)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/plain")
		write(w)
	}))
	defer server.Close()
	packed := func(text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			z := gzip.NewWriter(w)
			z.Write([]byte(text))
			z.Close()
		}
	}
	plain := func(text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.Write([]byte(text)) }
	}
	c := newClient(t, Config{Allow: loopback})
	for name, k := range map[string]struct {
		write func(http.ResponseWriter)
		class string
		body  any
	}{
		"packed":          {packed("hello"), "", "hello"},
		"plain":           {plain("hello"), "", "hello"},
		"one byte":        {plain("h"), "", "h"},
		"nothing":         {plain(""), "", nil},
		"packed nothing":  {packed(""), "", nil},
		"no more packed":  {plain("\x1f\x8b"), "unavailable", nil},
		"broken while in": {plain("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xffnonsense"), "unavailable", nil},
	} {
		write = k.write
		forget(c)
		r := invoke(t, c, call(map[string]any{"url": server.URL}))
		if class(r) != k.class || r.Failure == nil && value.At(r.Output, "/body") != k.body {
			t.Errorf("%s: %v %v", name, r.Failure, r.Output)
		}
	}
}

// heldFile keeps what the last file was made of.
type heldFile struct {
	shelf
	bytes *[]byte
}

func (h heldFile) KeepRunFile(_ context.Context, _ string, r io.Reader) (l value.Large, err error) {
	*h.bytes, err = io.ReadAll(r)
	return value.Large{Bytes: len(*h.bytes)}, err
}

// TestKeptUnpacked: a file that the server packs for the way, although it was not asked to, is kept unpacked; one that is packed itself
// stays as it is, and one that is cut or damaged is an error.
func TestKeptUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("name,age\nAnna,30\n"))
	z.Close()
	whole := packed.String()
	cut, damaged := whole[:len(whole)-6], whole[:len(whole)-6]+"nosums"
	var encoding, body string
	length := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("Content-Length", strconv.Itoa(length))
		w.Write([]byte(body))
	}))
	defer server.Close()
	for _, k := range []struct {
		name, path, encoding, body string
		length                     int
		class, says, kept          string
	}{
		{"packed", "/people.csv", "gzip", whole, len(whole), "", "", "name,age\nAnna,30\n"},
		{"packed, by another word", "/people.csv", "x-gzip", whole, len(whole), "", "", "name,age\nAnna,30\n"},
		{"packed itself", "/people.csv.gz", "gzip", whole, len(whole), "", "", whole},
		{"plain all the same", "/people.csv", "gzip", "name", 4, "", "", "name"},
		{"nothing", "/people.csv", "gzip", "", 0, "", "", ""},
		{"cut on the way", "/people.csv", "gzip", cut, len(whole), "unavailable", "was cut before its answer was complete", ""},
		{"cut before", "/people.csv", "gzip", cut, len(cut), "unavailable", "was cut before", ""},
		{"damaged", "/people.csv", "gzip", damaged, len(damaged), "unavailable", "packed by gzip, and is damaged", ""},
	} {
		encoding, body, length = k.encoding, k.body, k.length
		var kept []byte
		r := invoke(t, newClient(t, Config{Allow: loopback, Files: heldFile{bytes: &kept}}), call(map[string]any{"url": server.URL + k.path, "download": true}))
		if class(r) != k.class || r.Failure == nil && (string(kept) != k.kept || value.At(r.Output, "/file/size") != len(k.kept)) || r.Failure != nil && !strings.Contains(r.Failure.Message, k.says) {
			t.Errorf("%s: %+v %v %q", k.name, r.Failure, r.Output, kept)
		}
	}
}

// TestBinaryRefusal: of a refusal that is no text its size is told, not its bytes; what is readable is.
func TestBinaryRefusal(t *testing.T) {
	kind, body := "", ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(500)
		w.Write([]byte(body))
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for _, k := range []struct{ kind, body, said string }{
		{"image/png", "\x89PNG\r\n\x1a\n\xff\xfe\x00", "(11 bytes; it is no text (image/png))"},
		{"text/plain", "out of order", "out of order"},
		{"text/plain; charset=iso-8859-1", "caf\xe9 closed", "café closed"},
	} {
		kind, body = k.kind, k.body
		forget(c)
		r := invoke(t, c, call(map[string]any{"url": server.URL}))
		if r.Failure == nil || r.Failure.Body != k.said || strings.ContainsAny(r.Failure.Message, "\x00\x1a\uFFFD") {
			t.Errorf("%s: %+v", k.kind, r.Failure)
		}
	}
}
