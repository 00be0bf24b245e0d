package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded gives a request the address of who sent it, where a proxy that is trusted hands it on: the last one of
// X-Forwarded-For that is none of these proxies' own. What stands before that anybody may have written, so it is never looked at.
func forwarded(r *http.Request, proxies []netip.Prefix) *http.Request {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r
	}
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	from := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(from); i-- {
		hop, ok := hopOf(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		from = hop
	}
	if from == peer.Addr() {
		return r
	}
	out := *r
	out.RemoteAddr = netip.AddrPortFrom(from, 0).String()
	return &out
}

// hopOf reads one address of the list, which some proxies write with a port.
func hopOf(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		with, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		a = with.Addr()
	}
	return a.Unmap().WithZone(""), true
}
