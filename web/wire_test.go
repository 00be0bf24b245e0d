package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// talk sends bytes as they are and gives the first answer with its body; nil: there was none.
func (h *house) talk(text string) (*http.Response, string) {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	go io.WriteString(conn, text) // the answer may come before all of it was read
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

// TestPathsThatClimb is §2.B 23: under the addresses of senders, where no origin is asked for, nothing else is reached.
func TestPathsThatClimb(t *testing.T) {
	h := newHouse(t)
	cookie := h.signIn()
	for _, path := range []string{"/hooks/../scenarios", "/hooks/k/../../scenarios", "/hooks/%2e%2e/scenarios", "/hooks/%2E%2E/scenarios", "/hooks/k/%2e%2e/%2e%2e/scenarios", "/hooks/..%2fscenarios", "/hooks/%2e%2e%2fscenarios",
		"/hooks/..%5cscenarios", "/hooks/..\\scenarios", "/hooks//../scenarios", "/hooks/./../scenarios", "//hooks/../scenarios", "//scenarios", "/./scenarios", "/resume/../scenarios", "/resume/%2e%2e/scenarios", "/hooks/..;/scenarios",
		"/hooks/../hooks/../scenarios", "http://x/hooks/../scenarios", "/hooks/%00/../../scenarios"} {
		for _, method := range []string{"POST", "GET"} {
			signed := "Cookie: " + cookie + "\r\nSec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n"
			if method == "GET" { // a browser shows such a page, and only to who is signed in
				signed = ""
			}
			resp, text := h.talk(method + " " + path + " HTTP/1.1\r\nHost: " + h.server.Listener.Addr().String() + "\r\n" + signed + "Content-Length: 0\r\n\r\n")
			if resp == nil || strings.Contains(text, "a page") {
				t.Errorf("%s %s is answered %v %s", method, path, resp, text)
				continue
			}
			if to := resp.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\")) && !strings.HasPrefix(to, "http://x/") {
				t.Errorf("%s %s leads to %s", method, path, to)
			}
		}
	}
	if resp, text := h.ask("GET", "/scenarios", "", "Cookie", cookie); resp.StatusCode != 200 || text != "a page" {
		t.Errorf("the page itself is answered %s %s", resp.Status, text)
	}
	for _, key := range []string{"a%2Fb", "%2e%2e%2f", strings.Repeat("k", 8<<10)} { // a key is one part of the path, whatever is in it
		if resp, text := h.ask("POST", "/hooks/"+key, "{}"); resp.StatusCode == 200 && !strings.HasSuffix(text, ` ""`) {
			t.Errorf("%.20s is answered %s %.100s", key, resp.Status, text)
		}
	}
}

// TestHosts is §2.B 25: what a request says of the host, or of who sent it on, leads nobody elsewhere.
func TestHosts(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/", "/runs", "/scenarios", "/login", "/api/v1/runs", "/hooks/../x", "/none"} {
		resp, text := h.ask("GET", path, "", "Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher", "Forwarded", "host=evil.example", "X-Original-URL", "/scenarios", "X-HTTP-Method-Override", "POST", "Accept", html)
		if strings.Contains(resp.Header.Get("Location")+text, "evil") || strings.Contains(text, "a page") {
			t.Errorf("%s is answered %s %v %s", path, resp.Status, resp.Header, text)
		}
	}
}

// TestHeaders is §2.B 24: what a request's head may be.
func TestHeaders(t *testing.T) {
	h := newHouse(t)
	many := func(n, size int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "X-%d: %s\r\n", i, strings.Repeat("y", size))
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		head string
		want string // the statuses that are right
	}{
		"a line of a megabyte":            {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 1<<20) + "\r\n\r\n", "431"},
		"a request line of a megabyte":    {"GET /" + strings.Repeat("y", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431 414"},
		"two thousand headers":            {"GET /healthz HTTP/1.1\r\nHost: x\r\n" + many(2000, 2) + "\r\n", "200"},
		"two thousand headers of size":    {"GET /healthz HTTP/1.1\r\nHost: x\r\n" + many(2000, 100) + "\r\n", "431"},
		"a header without a name":         {"GET /healthz HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", "400"},
		"a space before the colon":        {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}", "400"},
		"a NUL":                           {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", "400"},
		"two codings":                     {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "400 501"},
		"an unknown coding":               {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "400 501"},
		"the coding twice":                {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 501"},
		"two hosts":                       {"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
		"no host":                         {"GET /healthz HTTP/1.1\r\n\r\n", "400"},
		"a length that is signed":         {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}", "400"},
		"a length below nothing":          {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\n{}", "400"},
		"no HTTP":                         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"},
		"HTTP/2 without being asked":      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 505"},
		"HTTP/2 by an upgrade":            {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", "200"},
		"the line goes on in the next":    {"POST /hooks/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked, identity\r\n\r\n0\r\n\r\n", "400 501"},
		"another method on a public path": {"TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "401 405"},
		"CONNECT":                         {"CONNECT /scenarios HTTP/1.1\r\nHost: x\r\n\r\n", "400 404 405 401"},
	} {
		resp, text := h.talk(c.head)
		if resp == nil || !strings.Contains(c.want, fmt.Sprint(resp.StatusCode)) {
			t.Errorf("%s: %v %.200s", name, resp, text)
		}
	}
	if resp, _ := h.ask("GET", "/healthz", ""); resp.StatusCode != 200 {
		t.Errorf("afterwards it answers %s", resp.Status)
	}
}

// TestTwoLengths is §2.B 24: of a body in chunks that has a length too the chunks count, and what is behind them on the connection,
// which whoever sent it on may have taken for a part of it, is no request.
func TestTwoLengths(t *testing.T) {
	h := newHouse(t)
	for name, framing := range map[string]string{
		"the length is less": "Content-Length: 6\r\nTransfer-Encoding: chunked", "the length is all": "Transfer-Encoding: chunked\r\nContent-Length: 500", "the length is nothing": "Content-Length: 0\r\nTransfer-Encoding: chunked",
	} {
		conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.WriteString(conn, "POST /hooks/k HTTP/1.1\r\nHost: x\r\n"+framing+"\r\n\r\n0\r\n\r\nPOST /hooks/smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode != 200 || !resp.Close {
			t.Fatalf("%s: %+v, %v", name, resp, err)
		}
		if text, err := io.ReadAll(resp.Body); err != nil || string(text) != `POST k ""` {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if rest, _ := io.ReadAll(in); len(rest) > 0 {
			t.Errorf("%s: then comes %.200q", name, rest)
		}
	}
}

// TestSlowHeaders is §2.B 24: two thousand senders whose heads come a byte now and then are left when their time is up, and
// hold up nobody meanwhile.
func TestSlowHeaders(t *testing.T) {
	h := newHouse(t)
	var all sync.WaitGroup
	slow := func(conn net.Conn) {
		defer conn.Close()
		end := time.Now().Add(40 * time.Second)
		for conn.SetDeadline(end); time.Now().Before(end); {
			if _, err := io.WriteString(conn, "X"); err != nil {
				return
			}
			conn.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := conn.Read(make([]byte, 1000)); err != nil {
				if late, ok := err.(net.Error); !ok || !late.Timeout() {
					return // it is left
				}
			}
		}
		t.Error("a sender whose head does not come is still there")
	}
	conns := make([]net.Conn, 0, 2000)
	for range cap(conns) {
		conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "POST /hooks/k HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		all.Go(func() { slow(conn) })
	}
	if resp, _ := h.ask("POST", "/hooks/k", "{}"); resp.StatusCode != 200 {
		t.Errorf("meanwhile another is answered %s", resp.Status)
	}
	all.Wait()
}
