package outbound

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"github.com/icholy/digest"

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
	stream *actions.Stream   // a body that is read where it is sent; nil: body
	keep   *value.File       // the body of a good answer is kept as a file; nil: it is taken into memory
	signed bool              // credentials are put in when it is sent
	asks   *digest.Challenge // of the server, which the next sending answers; nil: none
	bare   bool              // they never are
	pulse  *pulse            // of an exchange that moves a file; nil: of another
	stays  bool              // a redirect is its answer
	free   bool              // it is whatever its step says; else an operation, which no redirect makes another one
	// jar has the cookies that the answers of this call gave out, for as long as its redirects stay at one origin; nil: none are kept.
	jar http.CookieJar
}

// follow sends a request and goes after its redirects. What was made for one origin goes to no other: once a redirect has
// left it, no credential, no header of the caller's and no body is sent, not even to an address back at the first.
func (d *doing) follow(ctx context.Context, m message) (actions.Response, error) {
	first := m.url
	for range maxRedirects + 1 {
		resp, err := d.answered(ctx, m)
		if err != nil {
			return resp, ledTo(first, m.url, err)
		}
		if m.stays || !redirects(resp) {
			return resp, nil
		}
		if m, err = d.redirected(m, resp); err != nil {
			return resp, err
		}
	}
	return actions.Response{}, fault.New(fault.InvalidInput, "%s redirects more than %d times.", first.Host, maxRedirects)
}

// ledTo says of an error at a host that nobody named who led there.
func ledTo(first, at *url.URL, err error) error {
	var refused *refusal
	if at.Host == first.Host || errors.As(err, &refused) {
		return err
	}
	return fault.Wrap(err, fault.CodeOf(err), "%s redirects to %s. %s", fault.Clip(first.Host, 100), fault.Clip(at.Host, 100), fault.MessageOf(err))
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
	if m.free && sameOrigin(m.url, next) {
		m.jar = keepCookies(m.jar, m.url, resp.Header)
	} else {
		m.jar = nil
	}
	next.Fragment, next.RawFragment = "", ""
	m.url = next
	return m, nil
}

// keepCookies puts the cookies of an answer into a jar, which it makes where there is none.
func keepCookies(jar http.CookieJar, u *url.URL, header http.Header) http.CookieJar {
	given := (&http.Response{Header: header}).Cookies()
	if jar == nil && len(given) > 0 {
		jar, _ = cookiejar.New(nil) // which never fails
	}
	if jar != nil {
		jar.SetCookies(u, given)
	}
	return jar
}

// addCookies puts the jar's cookies beside those that the request has of its own; one of the same name takes their place.
func addCookies(req *http.Request, jar http.CookieJar) {
	if jar == nil {
		return
	}
	var list []string
	given := jar.Cookies(req.URL)
	for _, own := range strings.Split(strings.Join(req.Header.Values("Cookie"), ";"), ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(own), "=")
		if name != "" && !slices.ContainsFunc(given, func(c *http.Cookie) bool { return c.Name == name }) {
			list = append(list, strings.TrimSpace(own))
		}
	}
	for _, c := range given {
		list = append(list, c.String())
	}
	if len(list) > 0 {
		req.Header.Set("Cookie", strings.Join(list, "; "))
	}
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
