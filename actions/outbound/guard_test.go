package outbound

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestDenied is §2.D 31: every form of an address that is not the public internet's is refused at the socket.
func TestDenied(t *testing.T) {
	g := &guard{}
	for _, ip := range strings.Fields(`127.0.0.1 127.8.8.8 127.255.255.255 ::1 0.0.0.0 :: 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.0 192.168.255.255
		169.254.0.1 169.254.169.254 fe80::1 fe80::1%eth0 febf::1 fc00::1 fdff::1 fd00:ec2::254 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::ffff:8.8.8.8
		100.64.0.1 100.127.255.254 192.0.0.1 192.0.0.170 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.9 240.0.0.1 255.255.255.255 224.0.0.1 239.1.1.1
		64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:a9fe:a9fe::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 ::7f00:1 ::127.0.0.1 ::a9fe:a9fe fec0::1 feff::1
		100::1 2001:2::1 2001:db8::1 5f00::1 ff02::1 ff0e::1 192.88.99.1`) {
		if err := g.control("tcp4", net.JoinHostPort(ip, "80"), nil); err == nil {
			t.Errorf("%s may be reached", ip)
		} else if !strings.Contains(err.Error(), "--egress-allow") {
			t.Errorf("%s is refused without a way out: %v", ip, err)
		}
	}
	for _, ip := range strings.Fields(`8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.0 192.0.1.0
		192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450:4001::1 2001:4860:4860::8888 64:ff9c::1 2003::1 fbff::1`) {
		if err := g.control("tcp6", net.JoinHostPort(ip, "443"), nil); err != nil {
			t.Errorf("%s may not be reached: %v", ip, err)
		}
	}
	for _, c := range [][2]string{{"udp", "8.8.8.8:53"}, {"unix", "/tmp/x"}, {"tcp", "no-address"}, {"tcp", ""}} {
		if err := g.control(c[0], c[1], nil); err == nil {
			t.Errorf("%s %s may be reached", c[0], c[1])
		}
	}
}

// TestAllow: the operator's ranges open themselves and nothing else, in none of their other spellings but the mapped one.
func TestAllow(t *testing.T) {
	g := &guard{allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd12::/16")}}
	for ip, open := range map[string]bool{"10.1.0.0": true, "10.1.255.255": true, "::ffff:10.1.2.3": true, "fd12::1": true, "fd12::1%eth0": true,
		"10.0.255.255": false, "10.2.0.0": false, "fd13::1": false, "64:ff9b::a01:203": false, "2002:a01:203::": false, "::a01:203": false, "127.0.0.1": false} {
		if err := g.check(netip.MustParseAddr(ip)); (err == nil) != open {
			t.Errorf("%s: %v", ip, err)
		}
	}
}

// TestSpellings is §2.D 32: names and numbers that mean this machine, however they are written, reach nothing on it.
func TestSpellings(t *testing.T) {
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the canary was reached") }))
	defer canary.Close()
	_, port, err := net.SplitHostPort(canary.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, Config{})
	for _, host := range []string{"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "a.localhost",
		"[::1]", "[::]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[0:0:0:0:0:0:0:1]", "①②⑦.⓪.⓪.①", "127。0。0。1", "0", "0.0.0.0", "%31%32%37.0.0.1"} {
		if r := invoke(t, c, call(map[string]any{"url": "http://" + host + ":" + port + "/"})); class(r) != "invalid_input" && class(r) != "unavailable" {
			t.Errorf("%s: %+v", host, r.Failure)
		}
	}
	if r := invoke(t, c, call(map[string]any{"url": canary.URL})); !strings.Contains(r.Failure.Message, "--egress-allow") {
		t.Errorf("the message names no way out: %s", r.Failure.Message)
	}
}

// TestURLs is §2.D 34: URLs that say one host and mean another, or none, and headers that would begin another one.
func TestURLs(t *testing.T) {
	c := newClient(t, Config{})
	for target, want := range map[string]string{
		"http://good.com:80@evil.com/":       "user name or password",
		"http://user:pass@good.com/":         "user name or password",
		"http://evil.com\\@good.com/":        "",
		"https:evil.com":                     "names no host",
		"http:///x":                          "names no host",
		"http://:80/":                        "names no host",
		"http://?x":                          "names no host",
		"unix:/var/run/docker.sock":          "must begin with http",
		"file:///etc/passwd":                 "must begin with http",
		"gopher://x/":                        "must begin with http",
		"ftp://x/":                           "must begin with http",
		"javascript:alert(1)":                "must begin with http",
		"//evil.com/x":                       "must begin with http",
		"/relative":                          "must begin with http",
		"evil.com":                           "must begin with http",
		"http://exa mple.com/":               "",
		"http://good.com/\r\nHost: evil.com": "",
		"http://good.com\r\n.evil.com/":      "",
		"http://good.com:99999999/":          "ports go from 1 to 65535",
		"http://good.com:65536/":             "ports go from 1 to 65535",
		"http://good.com:0/":                 "ports go from 1 to 65535",
		"http://[::1":                        "",
		"":                                   "",
	} {
		if r := invoke(t, c, call(map[string]any{"url": target})); class(r) != "invalid_input" && target != "http://good.com:99999999/" || !strings.Contains(r.Failure.Message, want) || r.Exchange != nil && r.Exchange.Status != 0 {
			t.Errorf("%q: %+v", target, r.Failure)
		}
	}
	for _, header := range []map[string]any{{"X-A": "b\r\nX-Evil: 1"}, {"X-A": "b\nc"}, {"X-A": "b\x00c"}, {"X-A": "b\x7f"}, {"X A": "b"}, {"X-A\r\nX": "b"}, {"": "x"}, {"X:A": "b"}, {"Host": "evil.com"},
		{"content-length": "5"}, {"Transfer-Encoding": "chunked"}, {"connection": "upgrade"}, {"Upgrade": "websocket"}, {"Proxy-Authorization": "x"}} {
		if r := invoke(t, c, call(map[string]any{"url": "http://example.com/", "headers": header})); class(r) != "invalid_input" || r.Exchange != nil {
			t.Errorf("%v: %+v", header, r.Failure)
		}
	}
}

// TestProxy is §2.D 34: the environment's proxy is not used; the operator's is, and then addresses that are written out are judged
// before it is asked.
func TestProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:9")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:9")
	if c := newClient(t, Config{}); c.transport.Proxy != nil {
		t.Error("the environment's proxy is used")
	}
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = append(asked, r.URL.String()) }))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, Config{Proxy: u})
	if r := invoke(t, c, call(map[string]any{"url": "http://somewhere.example/x?y=1"})); r.Failure != nil {
		t.Errorf("%+v", r.Failure)
	}
	for _, target := range []string{"http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/", "http://2130706433/", "http://127.1/"} {
		if r := invoke(t, c, call(map[string]any{"url": target})); class(r) != "invalid_input" {
			t.Errorf("%s through the proxy: %+v", target, r.Failure)
		}
	}
	if got := fmt.Sprint(asked); got != "[http://somewhere.example/x?y=1]" {
		t.Errorf("the proxy was asked for %s", got)
	}
}

func TestSameOrigin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"https://a.com/x", "https://A.com:443/y", true}, {"https://a.com", "https://a.com.", true}, {"http://a.com", "https://a.com", false},
		{"https://a.com", "https://a.com:8443", false}, {"https://a.com", "https://b.a.com", false}, {"http://a.com", "http://a.com:80/", true}, {"https://apple.com", "https://аpple.com", false}} {
		a, errA := url.Parse(c.a)
		b, errB := url.Parse(c.b)
		if errA != nil || errB != nil || sameOrigin(a, b) != c.same {
			t.Errorf("%s and %s", c.a, c.b)
		}
	}
}

// TestPaths: what stands in a path stays one part of it.
func TestPaths(t *testing.T) {
	for in, want := range map[string]string{"1": "/c/1/x", "a/b": "/c/a%2Fb/x", "../x": "/c/..%2Fx/x", "a?b#c": "/c/a%3Fb%23c/x", "ü %": "/c/%C3%BC%20%25/x", "{b}": "/c/%7Bb%7D/x", "a\r\nb": "/c/a%0D%0Ab/x"} {
		if got, err := actions.FillPath("/c/{a}/x", map[string]string{"a": in, "b": "no"}); err != nil || got != want {
			t.Errorf("%q gives %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", ".", ".."} {
		if got, err := actions.FillPath("/c/{a}/x", map[string]string{"a": in}); err == nil {
			t.Errorf("%q gives %q", in, got)
		}
	}
}

// TestResolve is §2.D 34: what stands behind a base URL cannot leave its origin.
func TestResolve(t *testing.T) {
	d := &doing{client: newClient(t, Config{}), base: "https://api.good.example/v1", connection: run.Connection{Slug: "c"}}
	for in, want := range map[string]string{"http://good.example#@evil.example/": "http://good.example/", "http://good.example/#@evil.example/": "http://good.example/", "http://good.example?@evil.example/": "http://good.example/?@evil.example/", "/x?a=b#c": "https://api.good.example/v1/x?a=b", "x": "https://api.good.example/v1/x", ".evil.example/x": "https://api.good.example/v1/.evil.example/x",
		"@evil.example/": "https://api.good.example/v1/@evil.example/", "//evil.example/": "https://api.good.example/v1//evil.example/", "?a=b": "https://api.good.example/v1?a=b",
		"": "https://api.good.example/v1", "/to?u=https://evil.example": "https://api.good.example/v1/to?u=https://evil.example", "https://else.example": "https://else.example/"} {
		if u, err := d.resolve(in); err != nil || u.String() != want {
			t.Errorf("%q gives %s, %v", in, u, err)
		}
	}
}

// TestPorts is §2.D 34: where ports are named, requests go to no other, whether they are written or the scheme's own, also by a
// redirect.
func TestPorts(t *testing.T) {
	ports := []string{"443", "8443"}
	c := newClient(t, Config{Ports: ports})
	for target, open := range map[string]bool{"https://good.example/": true, "https://good.example:8443/": true, "http://good.example/": false, "http://good.example:25/": false, "http://good.example:6379/": false,
		"http://good.example:11211/": false, "https://good.example:4430/": false, "https://good.example:08443/": false} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		err = c.guard.checkTarget(u)
		if (err == nil) != open || err != nil && (fault.CodeOf(err) != fault.InvalidInput || !strings.Contains(fault.MessageOf(err), "--egress-ports")) {
			t.Errorf("%s: %v", target, err)
		}
		if every := newClient(t, Config{}); every.guard.checkTarget(u) != nil {
			t.Errorf("%s is refused where no port is named", target)
		}
	}
	d := &doing{client: c}
	first, _ := url.Parse("https://good.example/")
	if _, err := d.redirected(message{url: first, method: "GET"}, actions.Response{Status: 302, Header: http.Header{"Location": {"https://good.example:6379/"}}}); err == nil || !strings.Contains(err.Error(), "6379") {
		t.Errorf("a redirect to another port: %v", err)
	}
	if r := invoke(t, c, call(map[string]any{"url": "http://good.example:25/"})); class(r) != "invalid_input" || !strings.Contains(r.Failure.Message, "The port 25") {
		t.Errorf("a call to another port: %+v", r.Failure)
	}
}
