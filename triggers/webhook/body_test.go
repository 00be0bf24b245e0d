package webhook

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestKept: what is kept of a request says what its value says, and holds a body of JSON as it came where a text that is looked
// for is found in it.
func TestKept(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		plain      bool
	}{
		{"application/json", "{ \"b\": [1, 2.50],\n \"a\": \"caf\u00e9 \\n\" }\n", true},
		{"", " [1] ", true},
		{"application/json", `7`, true},
		{"application/json", `{"a": "caf\u00e9"}`, false},
		{"application/json", `{"a": "\/"}`, false},
		{"application/x-www-form-urlencoded", `{"a":1}`, false},
		{"text/plain", `{"a":1}`, false},
		{"application/json", ``, false},
	} {
		w := newWorld(t, nil)
		header := map[string]string{}
		if c.kind != "" {
			header["Content-Type"] = c.kind
		}
		if status, answer, _ := w.send(t, "POST", "?q=1", c.body, header); status != 200 {
			t.Fatalf("%q: %d %s", c.body, status, answer)
		}
		e := w.taken[0].Accept.Event
		v, err := value.Decode(e.Value, value.Limits{})
		if text, _ := value.Encode(v); err != nil || string(text) != w.last() {
			t.Errorf("%q is kept as %s, which is not %s: %v", c.body, e.Value, w.last(), err)
		}
		if strings.Contains(string(e.Value), `"body":`+c.body+`,`) != c.plain {
			t.Errorf("%q is kept as %s", c.body, e.Value)
		}
	}
}

// TestBodies is §2.B 18 to 23: what bodies and parameters become, and which are refused.
func TestBodies(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	form := func(parts int, name string) string {
		var b strings.Builder
		for range parts {
			fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\nv\r\n", name)
		}
		return b.String() + "--x--\r\n"
	}
	for _, c := range []struct {
		name, kind, body string
		status           int
		want             string // in the event's value, or in the answer
	}{
		{"18 a path in JSON is only data", "application/json", `{"files":{"f":{"filepath":"/etc/passwd"}}}`, 200, `"body":{"files":{"f":{"filepath":"/etc/passwd"}}}`},
		{"18 multipart declared, JSON sent", "multipart/form-data; boundary=x", `{"a":1}`, 400, "multipart"},
		{"18 JSON declared, a form sent", "application/json", "a=1", 400, "not valid"},
		{"18 JSON declared, multipart sent", "application/json", form(1, "a"), 400, "not valid"},
		{"18 another charset", "application/json; charset=utf-16", `{}`, 415, "UTF-8"},
		{"18 no type, JSON", "", `{"a":1}`, 200, `"body":{"a":1}`},
		{"18 no type, text", "", `hello`, 200, `"body":"hello"`},
		{"18 text that is JSON stays text", "text/plain", `{"a":1}`, 200, `"body":"{\"a\":1}"`},
		{"a form", "application/x-www-form-urlencoded", "a=1&b=2&b=3", 200, `"body":{"a":"1","b":["2","3"]}`},
		{"a broken type", "application/", "x", 400, "Content-Type"},
		{"nothing", "application/json", "", 200, `"body":null`},
		{"20 64 deep", "application/json", deep(64), 200, `[[`},
		{"20 65 deep", "application/json", deep(65), 400, "deeper than 64"},
		{"20 10,000 deep", "application/json", deep(10_000), 400, "deeper than 64"},
		{"20 10,001 deep", "application/json", deep(10_001), 400, "deeper than 64"},
		{"20 ten megabytes of values", "application/json", "[" + strings.Repeat("{},", (10<<20)/3-1) + "{}]", 400, "more than 200000 values"},
		{"20 too many values", "application/json", "[" + strings.Repeat("{},", 200_000) + "{}]", 400, "more than 200000 values"},
		{"20 a number too large", "application/json", `{"a":1e400}`, 400, "too large"},
		{"20 a megabyte of digits", "application/json", `{"a":` + strings.Repeat("9", 1<<20) + `}`, 400, "1,000 digits"},
		{"20 a member twice", "application/json", `{"a":1,"a":2}`, 400, "stands twice"},
		{"20 names differ by case", "application/json", `{"a":1,"A":2}`, 200, `{"A":2,"a":1}`},
		{"21 not UTF-8", "application/json", "{\"a\":\"\xff\"}", 400, "not UTF-8"},
		{"21 not UTF-8, and says nothing of itself", "", "[\"\xff\"]", 400, "not UTF-8"},
		{"21 a text that is not UTF-8", "text/plain", "\xff", 200, "\uFFFD"},
		{"21 a byte order mark", "application/json", "\xef\xbb\xbf{}", 400, "byte order mark"},
		{"21 more after the end", "application/json", `{} {}`, 400, "after its end"},
		{"21 white space after the end", "application/json", `{}` + strings.Repeat(" ", 1<<20), 200, `"body":{}`},
		{"22 ten thousand parts", "multipart/form-data; boundary=x", form(10_000, "a"), 400, "more than 1000 parts"},
		{"22 a file", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../x\"\r\n\r\nv\r\n--x--\r\n", 200, `"name":"x"`},
		{"22 a file with a path of Windows", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\\\x\"\r\n\r\nv\r\n--x--\r\n", 200, `"name":"x"`},
		{"22 a file named in the other way", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename*=UTF-8''x\r\n\r\nv\r\n--x--\r\n", 200, `"name":"x"`},
		{"22 a NUL in a header", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\x00\"\r\n\r\nv\r\n--x--\r\n", 400, "multipart"},
		{"22 an empty boundary", `multipart/form-data; boundary=""`, form(1, "a"), 400, "boundary"},
		{"22 a form in a form is text", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--\r\n", 200, `"f":"--y`},
		{"18 another charset", "application/json; charset=latin1", `{}`, 415, `declares the charset \"latin1\"`},
		{"18 a form declared, JSON sent", "application/x-www-form-urlencoded", `{"files":{"f":{"filepath":"/etc/passwd"}}}`, 200, `"{\"files\":`},
		{"23 too many parameters of a form", "application/x-www-form-urlencoded", strings.Repeat("a&", 1000), 400, "more than 1000"},
		{"22 no boundary", "multipart/form-data", form(1, "a"), 400, "boundary"},
		{"22 no part", "multipart/form-data; boundary=x", "--x\r\n", 400, "multipart"},
		{"22 no last boundary", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv", 400, "multipart"},
		{"22 a header of a megabyte", "multipart/form-data; boundary=x", "--x\r\nX: " + strings.Repeat("y", 11<<20/2) + "\r\n\r\nv\r\n--x--\r\n", 400, "multipart"},
		{"22 a header of one megabyte", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\nX: " + strings.Repeat("y", 1<<20) + "\r\n\r\nv\r\n--x--\r\n", 400, "too long"},
		{"22 a name of a megabyte", "multipart/form-data; boundary=x", form(1, strings.Repeat("a", 1<<20)), 400, "too long"},
		{"22 fields", "multipart/form-data; boundary=x", form(2, "a"), 200, `"a":["v","v"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, nil)
			header := map[string]string{}
			if c.kind != "" {
				header["Content-Type"] = c.kind
			}
			status, answer, _ := w.send(t, "POST", "", c.body, header)
			got := answer
			if status == 200 {
				got = w.last()
				if e := w.taken[0].Accept; string(e.Event.Raw) != c.body && len(e.Files) == 0 {
					t.Error("the raw body is not kept as it came")
				}
			}
			if status != c.status || !strings.Contains(got, c.want) || status != 200 && (len(said(answer)) > 300+len("…") || len(w.taken) > 0) {
				t.Errorf("%d %.300s", status, got)
			}
		})
	}
	for query, want := range map[string]int{"?" + strings.Repeat("a=1&", 100_000): 400, "?a=%zz": 400, "?a=%00": 200, "?a[b][c]=1&a=2&a=3": 200, "?a;b=1": 400} {
		if status, answer, _ := newWorld(t, nil).send(t, "POST", query, "", nil); status != want {
			t.Errorf("%.40s: %d %s", query, status, answer)
		}
	}
	w := newWorld(t, nil)
	nested := "a" + strings.Repeat("[b]", 10_000) // names are names, and nest nothing
	if status, answer, _ := w.send(t, "POST", "?"+nested+"=1&c=2&c=3&d=%00", "", nil); status != 200 || !strings.Contains(w.last(), `"query":{"`+nested+`":"1","c":["2","3"],"d":"\u0000"}`) {
		t.Errorf("%d %.300s", status, answer)
	}
}

// TestSizes is §2.B 19, on the wire.
func TestSizes(t *testing.T) {
	w := newWorld(t, nil)
	address := strings.TrimPrefix(strings.TrimSuffix(w.url, "/hooks/good"), "http://")
	talk := func(text string) (string, string) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(conn, text)
		if c, ok := conn.(*net.TCPConn); ok && strings.HasSuffix(text, "#close") {
			c.CloseWrite()
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return err.Error(), ""
		}
		if resp.Close {
			return resp.Status, "close"
		}
		return resp.Status, ""
	}
	head := "POST /hooks/good HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	if status, connection := talk(head + fmt.Sprintf("Content-Length: %d\r\n\r\n", MaxBody+1)); !strings.HasPrefix(status, "413") || connection != "close" {
		t.Errorf("too large is answered %s %s", status, connection)
	}
	if status, _ := talk(head + "Expect: 100-continue\r\n" + fmt.Sprintf("Content-Length: %d\r\n\r\n", MaxBody+1)); !strings.HasPrefix(status, "413") {
		t.Errorf("too large with an expectation is answered %s", status)
	}
	if status, _ := talk(head + "Content-Length: 100\r\n\r\n{}#close"); strings.HasPrefix(status, "200") {
		t.Errorf("a body shorter than it says is answered %s", status)
	}
	if status, _ := talk(head + "Transfer-Encoding: chunked, identity\r\nContent-Length: 2\r\n\r\n{}"); strings.HasPrefix(status, "200") {
		t.Errorf("two framings are answered %s", status)
	}
	if status, _ := talk(head + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"); !strings.HasPrefix(status, "400") {
		t.Errorf("two types are answered %s", status)
	}
	if len(w.taken) > 0 {
		t.Errorf("%d events were taken", len(w.taken))
	}
	if status, _ := talk(head + "Content-Length: 2\r\n\r\n{}{\"n\": 1}\r\n\r\n#close"); !strings.HasPrefix(status, "200") || len(w.taken) != 1 || !strings.Contains(w.last(), `"body":{}`) {
		t.Errorf("a body longer than it says is answered %s: %d taken, %s", status, len(w.taken), w.last())
	}
	// Of two lengths that differ the chunks count (RFC 9112, 6.3), whatever stood before us thinks.
	if status, _ := talk(head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"n\":1}\r\n0\r\n\r\n"); !strings.HasPrefix(status, "200") || len(w.taken) != 2 || !strings.Contains(w.last(), `"body":{"n":1}`) || strings.Contains(w.last(), "content-length") {
		t.Errorf("chunks with a length are answered %s: %d taken, %s", status, len(w.taken), w.last())
	}
	if status, _ := talk(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "); !strings.HasPrefix(status, "400") || len(w.taken) != 2 {
		t.Errorf("two lengths are answered %s", status)
	}
	// A header that goes on in the next line is one line, with a space (RFC 9112, 5.2).
	if status, _ := talk(head + "X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}"); !strings.HasPrefix(status, "200") || len(w.taken) != 3 || !strings.Contains(w.last(), `"x-folded":"a b"`) {
		t.Errorf("a folded header is answered %s: %s", status, w.last())
	}
	w.taken = nil
	if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Content-Type": "application/json", "Expect": "100-continue"}); status != 200 || len(w.taken) != 1 {
		t.Errorf("a body that waits to be asked for is answered %d %s: %d taken", status, answer, len(w.taken))
	}
	w.taken = nil
	if status, _, _ := w.send(t, "POST", "", strings.Repeat(" ", MaxBody-2)+"{}", map[string]string{"Content-Type": "application/json"}); status != 200 {
		t.Errorf("a body of the largest size is answered %d", status)
	}
	if status, _, _ := w.send(t, "POST", "", "{}"+strings.Repeat(" ", MaxBody-2), map[string]string{"Content-Type": "application/json"}); status != 200 || len(w.taken) != 2 { // §2.B 21
		t.Errorf("white space after the end is answered %d", status)
	}
	if status, _, _ := w.send(t, "POST", "", "{}"+strings.Repeat(" ", MaxBody-1), map[string]string{"Content-Type": "application/json"}); status != 413 || len(w.taken) != 2 {
		t.Errorf("a byte more is answered %d", status)
	}
}

// slow is a body that comes in pieces; it notes how much room it is offered at first.
type slow struct {
	room  int
	piece int
	left  int
}

func (s *slow) Read(p []byte) (int, error) {
	s.room = max(s.room, len(p))
	n := min(len(p), s.piece, s.left)
	if s.left -= n; n == 0 {
		return 0, io.EOF
	}
	return copy(p, bytes.Repeat([]byte("x"), n)), nil
}

func (s *slow) Close() error { return nil }

// TestMemory: a request holds memory for what it sent, not for what it says it will send, and all together are bounded.
func TestMemory(t *testing.T) {
	h := &Handler{}
	ask := func(body *slow, says int64) (int, func(), error) {
		r := httptest.NewRequest("POST", "/hooks/good", body)
		r.ContentLength = says
		got, release, err := h.read(httptest.NewRecorder(), r)
		return len(got), release, err
	}
	idle := &slow{}
	if _, release, err := ask(idle, MaxBody); err != nil || idle.room > 128<<10 {
		t.Errorf("for nothing it keeps %d bytes ready, %v", idle.room, err)
	} else {
		release()
	}
	for _, size := range []int{0, 1, 511, 512, 513, 64 << 10, 64<<10 + 1, 3 << 20, MaxBody} {
		for _, says := range []int64{-1, int64(size)} {
			n, release, err := ask(&slow{piece: 10_000, left: size}, says)
			if err != nil || n != size || h.bytes.Load() != int64(size) {
				t.Errorf("%d bytes said to be %d: %d, %d held, %v", size, says, n, h.bytes.Load(), err)
			}
			release()
		}
	}
	h.bytes.Store(inFlight - 1000)
	_, release, err := ask(&slow{piece: 100, left: 2000}, -1)
	release()
	if fault.CodeOf(err) != fault.Unavailable || h.bytes.Load() != inFlight-1000 {
		t.Errorf("over the bound: %v, %d held", err, h.bytes.Load())
	}
}

// TestAborted is §2.H 58: senders that go away in the middle leave nothing behind: no goroutine, no memory that is counted as
// theirs, no event. Twenty thousand show what a hundred thousand would: one thing in four thousand that is left fails it.
func TestAborted(t *testing.T) {
	w := newWorld(t, nil)
	address := strings.TrimPrefix(strings.TrimSuffix(w.url, "/hooks/good"), "http://")
	const head = "POST /hooks/good HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	parts := []string{"", head, head + "Content-Length: 100\r\n\r\n{\"half\":", head + "Transfer-Encoding: chunked\r\n\r\n64\r\n{\"half\":", head + "Content-Length: 1000000\r\n\r\n" + strings.Repeat(" ", 4096)}
	abort := func(part string) error {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
		conn.(*net.TCPConn).SetLinger(0) // or the ports run out
		_, err = io.WriteString(conn, part)
		return err
	}
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for n := range 1_000 {
				if err := abort(parts[n%len(parts)]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before+5 || w.h.bytes.Load() != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, where %d were before; %d bytes are held", runtime.NumGoroutine(), before, w.h.bytes.Load())
		}
	}
	if len(w.taken) > 0 {
		t.Errorf("%d events were taken", len(w.taken))
	}
	if status, answer, _ := w.send(t, "POST", "", "{}", nil); status != 200 {
		t.Errorf("afterwards it answers %d %s", status, answer)
	}
}

// TestNested: brackets in a form's names nest, and what does not fit stays as it is.
func TestNested(t *testing.T) {
	for _, c := range []struct{ form, want string }{
		{"type=subscribe&data%5Bid%5D=1&data%5Bmerges%5D%5BFNAME%5D=Ada&data%5Bmerges%5D%5BLNAME%5D=L", `{"data":{"id":"1","merges":{"FNAME":"Ada","LNAME":"L"}},"type":"subscribe"}`},
		{"a=1&a%5Bb%5D=2", `{"a":"1","a[b]":"2"}`},
		{"a%5Bb%5D=1&a%5Bb%5D%5Bc%5D=2", `{"a":{"b":"1"},"a[b][c]":"2"}`},
		{"a%5B%5D=1&%5Ba%5D=2&b%5Bc=3&d%5De%5D=4&f%5Bg%5Dh=5&i%5B%5Bj%5D%5D=6", `{"[a]":"2","a[]":"1","b[c":"3","d]e]":"4","f[g]h":"5","i[[j]]":"6"}`},
		{"a" + strings.Repeat("%5Ba%5D", 8) + "=1", `{"a` + strings.Repeat("[a]", 8) + `":"1"}`},
		{"a%5Bb%5D=1&a%5Bb%5D=2", `{"a":{"b":["1","2"]}}`},
	} {
		form, err := parseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := value.Text(nested(form)); got != c.want {
			t.Errorf("%s is %s, not %s", c.form, got, c.want)
		}
	}
}
