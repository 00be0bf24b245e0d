package outbound

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
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
