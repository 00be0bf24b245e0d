package web

import (
	"errors"
	"net"
	"testing"
)

// came is a connection from an address of one's choice.
type came struct {
	net.Conn
	from   string
	closed bool
}

func (c *came) RemoteAddr() net.Addr {
	a, _ := net.ResolveTCPAddr("tcp", c.from)
	return a
}

func (c *came) Close() error {
	c.closed = true
	return nil
}

// door gives connections one after the other.
type door struct {
	net.Listener
	list []*came
}

func (d *door) Accept() (net.Conn, error) {
	if len(d.list) == 0 {
		return nil, errors.New("closed")
	}
	next := d.list[0]
	d.list = d.list[1:]
	return next, nil
}

// TestCapped is §2.B 24: one address has only so many connections, and a proxy as many as it brings.
func TestCapped(t *testing.T) {
	d := &door{}
	l := Capped(d, 2)
	knock := func(from string) net.Conn {
		one := &came{from: from}
		d.list = append(d.list, one)
		conn, err := l.Accept()
		if (err != nil) != one.closed {
			t.Fatalf("%s: %v, closed %v", from, err, one.closed)
		}
		return conn
	}
	first := knock("203.0.113.7:1")
	if knock("203.0.113.7:2") == nil || knock("203.0.113.7:3") != nil {
		t.Error("an address has not two connections, and no third")
	}
	if knock("203.0.113.8:1") == nil {
		t.Error("another address is turned away with it")
	}
	first.Close()
	first.Close() // twice is once
	if knock("203.0.113.7:4") == nil || knock("203.0.113.7:5") != nil {
		t.Error("the place of one that left is not one for the next")
	}
	if knock("[2001:db8:1:2::1]:1") == nil || knock("[2001:db8:1:2::2]:1") == nil || knock("[2001:db8:1:2::3]:1") != nil || knock("[2001:db8:1:3::1]:1") == nil {
		t.Error("a network of IPv6 is not one address, or two are")
	}
	for _, near := range []string{"127.0.0.1:1", "10.0.0.1:1", "192.168.1.1:1", "[::1]:1", "[fd00::1]:1", "[fe80::1]:1", "[::ffff:127.0.0.1]:1"} {
		for range 5 {
			if knock(near) == nil {
				t.Errorf("%s is counted", near)
			}
		}
	}
}
