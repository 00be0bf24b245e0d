package outbound

import (
	"context"
	"net/http"
	"net/url"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// message is a request before it is signed and sent.
type message struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	stream *actions.Stream // a body that is read where it is sent; nil: body
	keep   *value.File     // the body of a good answer is kept as a file; nil: it is taken into memory
	signed bool            // credentials are put in when it is sent
	bare   bool            // they never are
	pulse  *pulse          // of an exchange that moves a file; nil: of another
	free   bool            // it is whatever its step says; else an operation, which no redirect makes another one
}

// follow sends a request and goes after its redirects. What was made for one origin goes to no other: once a redirect has
// left it, no credential, no header of the caller's and no body is sent, not even to an address back at the first.
func (d *doing) follow(ctx context.Context, m message) (actions.Response, error) {
	first := m.url
	for range maxRedirects + 1 {
		resp, err := d.send(ctx, m)
		if err != nil || !redirects(resp) {
			return resp, err
		}
		if m, err = d.redirected(m, resp); err != nil {
			return resp, err
		}
	}
	return actions.Response{}, fault.New(fault.InvalidInput, "%s redirects more than %d times.", first.Host, maxRedirects)
}

func redirects(resp actions.Response) bool {
	switch resp.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// redirected is the request that a redirect asks for.
func (d *doing) redirected(m message, resp actions.Response) (message, error) {
	next, err := m.url.Parse(resp.Header.Get("Location"))
	if err != nil {
		return m, fault.New(fault.InvalidInput, "%s redirects to an address that cannot be read.", m.url.Host)
	}
	if err = checkURL(next); err == nil {
		err = d.client.guard.checkTarget(next)
	}
	if err != nil {
		return m, fault.Wrap(err, fault.InvalidInput, "%s redirects to an address that is not followed: %s", m.url.Host, fault.MessageOf(err))
	}
	if m.url.Scheme == "https" && next.Scheme == "http" {
		return m, fault.New(fault.InvalidInput, "%s redirects from https to http, which is not followed.", m.url.Host)
	}
	keeps := resp.Status == http.StatusTemporaryRedirect || resp.Status == http.StatusPermanentRedirect
	reads := m.method == http.MethodGet || m.method == http.MethodHead
	if !keeps && !reads {
		if resp.Status != http.StatusSeeOther && !m.free {
			return m, fault.New(fault.InvalidInput, "%s redirects a %s, which an operation's address never does; check %s.", m.url.Host, m.method, d.addressed())
		}
		m.method, m.body, m.stream = http.MethodGet, nil, nil
		m.header = m.header.Clone()
		m.header.Del("Content-Type")
	}
	if !sameOrigin(m.url, next) {
		if keeps && !reads {
			return m, fault.New(fault.InvalidInput, "%s redirects a %s to another host (%s), where it is not sent.", m.url.Host, m.method, fault.Clip(next.Host, 100))
		}
		m.header, m.signed = plainHeader(m.header), false
	}
	next.Fragment, next.RawFragment = "", ""
	m.url = next
	return m, nil
}

// addressed is what an operation's address is made of.
func (d *doing) addressed() string {
	if d.connector.BaseURL == "" {
		return "the URL"
	}
	return "the connection's base URL"
}

// plainHeader keeps what may be shown to any host.
func plainHeader(header http.Header) http.Header {
	out := http.Header{}
	for _, name := range []string{"User-Agent", "Accept", "Accept-Language"} {
		if v := header.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}
