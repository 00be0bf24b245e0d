package outbound

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// zone answers questions about names: with addresses, or with one other name (a CNAME) and its addresses.
type zone func(name string) (alias string, addresses []string)

// resolverOf starts a name server for a zone and gives the resolver that asks it.
func resolverOf(t *testing.T, z zone) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := z.answer(buf[:n]); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (z zone) answer(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	// a resolver asks again where an empty answer comes from a server that neither owns the name nor looks further
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	owner := q.Name
	alias, addresses := z(strings.TrimSuffix(strings.ToLower(q.Name.String()), "."))
	head := func(kind dnsmessage.Type) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: owner, Type: kind, Class: dnsmessage.ClassINET}
	}
	if alias != "" {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: head(dnsmessage.TypeCNAME), Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(alias + ".")}})
		owner = dnsmessage.MustNewName(alias + ".")
	}
	for _, text := range addresses {
		ip := netip.MustParseAddr(text)
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head(q.Type), Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head(q.Type), Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	return b
}

// serveAt serves at an address and port of its own choosing (port "0") or the given one.
func serveAt(t *testing.T, address string, h http.HandlerFunc) (port string) {
	t.Helper()
	l, err := net.Listen("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestLookups is §2.D 32: a name is judged by each address that is tried, at the moment it is tried. 127.0.0.2 stands for the public
// internet here, 127.0.0.1 for what is private.
func TestLookups(t *testing.T) {
	var public atomic.Int32
	port := serveAt(t, "127.0.0.2:0", func(http.ResponseWriter, *http.Request) { public.Add(1) })
	serveAt(t, "127.0.0.1:"+port, func(http.ResponseWriter, *http.Request) { t.Error("the canary was reached") })
	var rebound atomic.Bool // how often a resolver asks before it connects is its own affair: the answer changes between two calls
	fifty := make([]string, 0, 50)
	for range 49 {
		fifty = append(fifty, "127.0.0.3") // allowed, and nobody is there
	}
	resolver := resolverOf(t, func(name string) (string, []string) {
		switch name {
		case "rebinding.example":
			if rebound.Load() {
				return "", []string{"127.0.0.1"}
			}
			return "", []string{"127.0.0.2"}
		case "fifty.example":
			return "", append(fifty, "127.0.0.1")
		case "mixed.example":
			return "", []string{"127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "127.0.0.2"}
		case "alias.example":
			return "metadata.google.internal", []string{"169.254.169.254"}
		case "localtest.me": // the whole world has this name for itself
			return "", []string{"127.0.0.1", "::1"}
		case "six.example":
			return "", []string{"::1", "fd00:ec2::254", "64:ff9b::7f00:1"}
		}
		return "", nil
	})
	allow := []netip.Prefix{netip.MustParsePrefix("127.0.0.2/31")}
	c := newClient(t, Config{Allow: allow})
	c.dialer.Resolver = resolver
	try := func(host, want, message string) {
		t.Helper()
		c.Close() // a kept connection is where it was judged; a new one is judged anew
		r := invoke(t, c, call(map[string]any{"url": "http://" + host + ":" + port + "/"}))
		if class(r) != want || r.Failure != nil && !strings.Contains(r.Failure.Message, message) {
			t.Errorf("%s: %+v, want %s %q", host, r.Failure, want, message)
		}
	}
	try("rebinding.example", "", "")
	rebound.Store(true)
	try("rebinding.example", "invalid_input", "--egress-allow")
	try("fifty.example", "unavailable", "could not be reached")
	try("mixed.example", "", "")
	try("alias.example", "invalid_input", "169.254.169.254")
	try("six.example", "invalid_input", "--egress-allow")
	try("localtest.me", "invalid_input", "--egress-allow")
	try("nobody.example", "unavailable", "is not known")
	if public.Load() != 2 {
		t.Errorf("what is open was reached %d times", public.Load())
	}
}
