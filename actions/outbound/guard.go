package outbound

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/stepmill/stepmill/engine/fault"
)

// denied are the addresses that no request reaches unless the server's operator allows them: this machine, its networks,
// clouds' metadata, and every form of IPv6 that hides an IPv4 address. It is a list of its own, since Go's predicates
// call most of these global.
var denied = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:db8::/32", "2002::/16",
	"5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, text := range list {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// guard says which addresses may be reached.
type guard struct {
	allow []netip.Prefix
	ports []string // that may be reached; empty: every one
}

// checkTarget judges a URL by how it is written, before anything is looked up.
func (g *guard) checkTarget(u *url.URL) error {
	if len(g.ports) > 0 && !slices.Contains(g.ports, port(u)) {
		return fault.New(fault.InvalidInput, "The port %s is none of those that requests may go to. Whoever runs the server can open it with --egress-ports.", fault.Clip(port(u), 10))
	}
	return g.checkName(u.Hostname())
}

// control is asked for each connection, after names are resolved and before the socket connects, so that no name can
// point elsewhere in between.
func (g *guard) control(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return blocked(address)
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return blocked(address)
	}
	return g.check(at.Addr())
}

func (g *guard) check(ip netip.Addr) error {
	ip = ip.WithZone("")
	plain := ip.Unmap()
	for _, p := range g.allow {
		if p.Contains(plain) || p.Contains(ip) {
			return nil
		}
	}
	for _, p := range denied {
		if p.Contains(ip) || p.Contains(plain) {
			return blocked(ip.String())
		}
	}
	return nil
}

func blocked(address string) error {
	return fault.New(fault.InvalidInput, "The address %s is private and requests to it are blocked. Whoever runs the server can open it with --egress-allow.", fault.Clip(address, 60))
}

// checkURL refuses what is no address of a web server.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fault.New(fault.InvalidInput, "The URL must begin with http:// or https://, not with %q.", fault.Clip(u.Scheme+":", 30))
	case u.Opaque != "" || u.Hostname() == "":
		return fault.New(fault.InvalidInput, "The URL %q names no host.", fault.Clip(u.Redacted(), 100))
	case u.User != nil:
		return fault.New(fault.InvalidInput, "The URL holds a user name or password; use a connection instead.")
	case strings.ContainsAny(u.Host, "\r\n\t \\"):
		return fault.New(fault.InvalidInput, "The URL's host holds characters that no host has.")
	}
	if n, err := strconv.Atoi(port(u)); err != nil || n < 1 || n > 65535 {
		return fault.New(fault.InvalidInput, "The URL's port %s is none; ports go from 1 to 65535.", fault.Clip(port(u), 20))
	}
	return nil
}

// checkName judges a host by how it is written, before it is looked up: behind a proxy no socket of ours sees where it is.
func (g *guard) checkName(host string) error {
	if ip, err := netip.ParseAddr(host); err == nil {
		return g.check(ip)
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return g.check(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return fault.New(fault.InvalidInput, "The host %q is a number and no address; write it in full, as 192.0.2.1.", fault.Clip(host, 60))
	}
	return nil
}

// sameOrigin says whether credentials made for one URL may go to another.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(strings.TrimSuffix(a.Hostname(), "."), strings.TrimSuffix(b.Hostname(), ".")) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	}
	return "80"
}
