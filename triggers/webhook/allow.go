package webhook

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/triggers"
)

// allow asks that a request comes from an address that the trigger names: the peer's own, whatever headers say. What cannot be
// read is not allowed.
func allow(r *http.Request, t *triggers.Trigger) error {
	list, named := verifyOptions(t)["allow"]
	if !named || list == nil {
		return nil
	}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		address := peer.Addr().Unmap().WithZone("")
		if slices.ContainsFunc(texts(list), func(text string) bool {
			within, err := prefix(text)
			return err == nil && within.Contains(address)
		}) {
			return nil
		}
	}
	return fault.New(fault.Unauthorized, "The request does not come from an address that this trigger takes.")
}

// prefix reads a range of addresses, or one address.
func prefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return address.Prefix(address.BitLen())
}
