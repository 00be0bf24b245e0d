package web

import (
	"net"
	"net/netip"
	"sync"
)

// Capped lets each address have at most so many connections at once; what is beyond is closed at once. Addresses of private
// networks are not counted: a proxy stands there, through which everybody comes. Of IPv6 a /64 is one address.
func Capped(l net.Listener, each int) net.Listener {
	return &capped{Listener: l, each: each, open: map[netip.Prefix]int{}}
}

type capped struct {
	net.Listener
	each int

	mu   sync.Mutex
	open map[netip.Prefix]int
}

func (c *capped) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, counts := source(conn.RemoteAddr())
		if !counts {
			return conn, nil
		}
		if c.enter(from) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { c.exit(from) })}, nil
		}
		conn.Close()
	}
}

func (c *capped) enter(from netip.Prefix) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[from] >= c.each {
		return false
	}
	c.open[from]++
	return true
}

func (c *capped) exit(from netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[from]--; c.open[from] == 0 {
		delete(c.open, from)
	}
}

// source is whose a connection is; false: it is not counted.
func source(a net.Addr) (netip.Prefix, bool) {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}, false
	}
	ip, bits := at.Addr().Unmap().WithZone(""), 32
	if ip.Is6() {
		bits = 64
	}
	from, err := ip.Prefix(bits)
	return from, err == nil && !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast()
}

type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
