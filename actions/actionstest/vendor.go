package actionstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// vendor is a server that keeps the requests it gets and gives the recorded answers in turn, the last one again and again.
type vendor struct {
	*httptest.Server
	files   *files
	mu      sync.Mutex
	got     []*request
	answers [][]byte
}

// request is what a vendor saw, or a sandbox kept.
type request struct {
	method string
	uri    string // path and query
	header http.Header
	body   []byte // its beginning, of one that is larger than longest
	size   int64  // of the body
	base   string // of the address that stands in for it: that before an operation's path
}

// longest is how much of a body is kept.
const longest = 1 << 20

func newVendor(t *testing.T, answers [][]byte) *vendor {
	v := &vendor{answers: slices.Clone(answers), files: &files{}}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	for i, answer := range answers {
		v.answers[i] = bytes.ReplaceAll(answer, []byte("VENDOR"), []byte(v.host()))
	}
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, longest)) // a body that breaks off shows in the comparison
	rest, _ := io.Copy(io.Discard, r.Body)
	v.mu.Lock()
	answer := []byte("200 OK\n\n")
	if n := len(v.answers); n > 0 {
		answer = v.answers[min(len(v.got), n-1)]
	}
	v.got = append(v.got, &request{method: r.Method, uri: r.URL.RequestURI(), header: r.Header.Clone(), body: body, size: int64(len(body)) + rest})
	v.mu.Unlock()
	if lost(answer) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			conn.Close()
		}
		return
	}
	reply(w, answer)
}

func (v *vendor) requests() []*request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.got)
}

// host is the server's address, which recorded files call VENDOR.
func (v *vendor) host() string { return strings.TrimPrefix(v.URL, "http://") }

// lost says that the connection is cut in place of an answer.
func lost(answer []byte) bool { return strings.TrimSpace(string(answer)) == "cut" }

// reply writes a recorded answer: a line with the status, headers, an empty line, the body.
func reply(w http.ResponseWriter, answer []byte) {
	head, body, _ := bytes.Cut(answer, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	status, err := strconv.Atoi(lines[0][:min(3, len(lines[0]))])
	if err != nil {
		status = http.StatusNotImplemented
	}
	w.Header()["Date"] = nil // it would differ every time
	for _, line := range lines[1:] {
		if name, text, ok := strings.Cut(line, ": "); ok {
			w.Header().Set(name, text)
		}
	}
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(body, []byte("\n")))
}

// text is a request as a person would compare it with the vendor's documents. Headers that the program's release or the
// machine decide are left out, and the random boundary of a multipart body has a name.
func (r *request) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.method, r.uri)
	body := r.body
	for _, name := range headerNames(r.header) {
		text := strings.Join(r.header.Values(name), ", ")
		if _, params, err := mime.ParseMediaType(text); err == nil && params["boundary"] != "" {
			text = strings.ReplaceAll(text, params["boundary"], "BOUNDARY")
			body = bytes.ReplaceAll(body, []byte(params["boundary"]), []byte("BOUNDARY"))
			body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
		}
		fmt.Fprintf(&b, "%s: %s\n", name, text)
	}
	if r.size > longest {
		body = fmt.Appendf(nil, "(%d bytes)", r.size)
	}
	if len(body) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(indented(body)))
	}
	return b.String()
}

func headerNames(header http.Header) []string {
	var names []string
	for name := range header {
		switch name {
		case "User-Agent", "Accept-Encoding", "Content-Length", "Host", "Connection", "Stepmill-Depth":
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// indented is JSON for reading; anything else as it is.
func indented(b []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, b, "", "  ") != nil {
		return string(b)
	}
	return out.String() + "\n"
}

// path is where the request goes, without its query.
func (r *request) path() *url.URL {
	u, err := url.ParseRequestURI(r.uri)
	if err != nil {
		return &url.URL{Path: "/"}
	}
	return u
}
