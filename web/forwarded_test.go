package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestForwarded: who sent a request is what trusted proxies say, and nobody else.
func TestForwarded(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer string
		headers    []string
		want       string
	}{
		{"no proxy", "192.0.2.1:5", nil, "192.0.2.1:5"},
		{"a sender that says it is another", "192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1:5"},
		{"a proxy that says nothing", "10.0.0.1:5", nil, "10.0.0.1:5"},
		{"a proxy", "10.0.0.1:5", []string{"198.51.100.7"}, "198.51.100.7:0"},
		{"a proxy, and a sender that says it is another", "10.0.0.1:5", []string{"127.0.0.1, 198.51.100.7"}, "198.51.100.7:0"},
		{"two proxies", "10.0.0.1:5", []string{"198.51.100.7, 10.0.0.2"}, "198.51.100.7:0"},
		{"in two lines", "10.0.0.1:5", []string{"203.0.113.9", "198.51.100.7,10.0.0.2"}, "198.51.100.7:0"},
		{"proxies only", "10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3:0"},
		{"with a port", "10.0.0.1:5", []string{"198.51.100.7:4711"}, "198.51.100.7:0"},
		{"IPv6", "[fd00::1]:5", []string{"2001:db8::7"}, "[2001:db8::7]:0"},
		{"IPv6 with a port", "[fd00::1]:5", []string{"[2001:db8::7]:4711"}, "[2001:db8::7]:0"},
		{"IPv6 in brackets", "[fd00::1]:5", []string{"[2001:db8::7]"}, "[2001:db8::7]:0"},
		{"IPv4 as IPv6", "[::ffff:10.0.0.1]:5", []string{"::ffff:198.51.100.7"}, "198.51.100.7:0"},
		{"what is no address", "10.0.0.1:5", []string{"198.51.100.7, unknown"}, "10.0.0.1:5"},
		{"what is none behind another proxy", "10.0.0.1:5", []string{"unknown, 10.0.0.2"}, "10.0.0.2:0"},
		{"nothing in the list", "10.0.0.1:5", []string{""}, "10.0.0.1:5"},
		{"a peer that cannot be read", "@", []string{"198.51.100.7"}, "@"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		for _, h := range c.headers {
			r.Header.Add("X-Forwarded-For", h)
		}
		if got := forwarded(r, proxies); got.RemoteAddr != c.want || r.RemoteAddr != c.peer {
			t.Errorf("%s: %s, not %s", c.name, got.RemoteAddr, c.want)
		}
	}
}
