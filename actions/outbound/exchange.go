package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// send makes one exchange where its host's valve lets it through, and tells the valve how it ended.
func (d *doing) send(ctx context.Context, m message) (actions.Response, error) {
	p, err := d.admit(ctx, m)
	if err != nil {
		return actions.Response{}, err
	}
	end := ending{err: errors.New("it panicked")}
	defer func() { d.done(p, end) }()
	end = d.exchangeOf(ctx, m)
	return end.resp, end.err
}

// ending is how an exchange ended.
type ending struct {
	resp  actions.Response
	reach reach
	err   error
}

// reach is whether a host was met, whatever it answered.
type reach int

const (
	unknown reach = iota // the call's own time was over before, or something here was wrong
	met
	unmet // it refused, has no address, does not speak TLS, or did not take the connection within a fair time
)

// exchangeOf makes one exchange. A message that went out and whose answer did not come in whole is an error; the part of it
// that did come is given too.
func (d *doing) exchangeOf(ctx context.Context, m message) ending {
	begun := time.Now()
	if m.keep != nil || m.stream != nil {
		var done func()
		ctx, m.pulse, done = d.client.watched(ctx, m.url.Host)
		defer done()
	}
	resp, x, s, err := d.roundTrip(context.WithValue(ctx, dials{}, new(atomic.Int32)), m)
	if x != nil {
		d.exchange = x
	}
	if err != nil {
		if x == nil {
			return ending{err: err}
		}
		x.Millis = time.Since(begun).Milliseconds()
		wrote := s.head.Load()
		d.sent = d.sent || wrote
		return ending{reach: s.reach(ctx, err), err: unanswered(ctx, m.url, err, wrote)}
	}
	d.sent = true
	x.Status = resp.StatusCode
	out := actions.Response{Status: resp.StatusCode, Header: resp.Header}
	if m.pulse != nil {
		resp.Body = beating{resp.Body, m.pulse}
	}
	if m.keep != nil && resp.StatusCode >= 200 && resp.StatusCode < 300 {
		out.File, err = d.download(ctx, m, resp)
	} else {
		out.Body, err = d.readBody(ctx, m.url, resp)
	}
	x.Millis = time.Since(begun).Milliseconds()
	if failed := d.read(ctx, m.url, &out); err == nil {
		err = failed
	}
	x.RequestID = fault.Clip(out.Header.Get("X-Request-Id"), 100)
	if err != nil && resp.StatusCode < 300 { // what a refusal said is known by its status
		var full *crowded
		if fault.CodeOf(err) == fault.TooLarge || errors.As(err, &full) {
			return ending{out, met, err}
		}
		return ending{out, met, unanswered(ctx, m.url, err, true)}
	}
	return ending{out, met, nil}
}

// keptTries bounds how many kept connections in a row may turn out to be closed before anything is written to them.
const keptTries = 8

// roundTrip sends a request and gives the head of its answer, and how far it got. A kept connection that the
// server had closed before anything was written to it is none of the attempt's: the next one is taken. Without an exchange
// nothing was sent.
func (d *doing) roundTrip(ctx context.Context, m message) (resp *http.Response, x *run.Exchange, s *sending, err error) {
	var own *certificates
	if m.signed {
		own = d.signIn.certificates
	}
	by := d.client.over(own)
	for try := 1; ; try++ {
		s = &sending{}
		req, err := d.sealed(s.traced(ctx), m)
		if err != nil {
			return nil, nil, s, err
		}
		if d.call.Effect != run.Read {
			s.once(req)
		}
		x = &run.Exchange{Method: m.method, URL: d.signIn.mask(shown(m.url)), Connection: d.connection.Slug}
		resp, err = by.RoundTrip(req) // not a client: redirects are judged by follow
		if err == nil || s.head.Load() || !s.kept.Load() || ctx.Err() != nil || try == keptTries {
			return resp, x, s, err
		}
	}
}

// sealed is the request as it goes out, signed.
func (d *doing) sealed(ctx context.Context, m message) (*http.Request, error) {
	var body io.Reader
	if m.signed {
		m.body = d.signIn.fill(m.header.Get("Content-Type"), m.body)
	}
	switch {
	case m.stream != nil && m.stream.Size == 0: // of unknown length it would go out in chunks
		body = http.NoBody
	case m.stream != nil:
		in, err := m.stream.Open()
		if err != nil {
			return nil, err
		}
		body = beating{in, m.pulse} // the transport closes it
	case m.body != nil:
		body = bytes.NewReader(m.body)
	}
	req, err := http.NewRequestWithContext(ctx, m.method, m.url.String(), body)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "The request cannot be made: its method or URL is wrong.")
	}
	req.Header = m.header.Clone()
	req.Header.Set("Accept-Encoding", "gzip")
	if m.stream != nil {
		req.ContentLength = m.stream.Size
	}
	if m.keep != nil { // so that the length of a file is known
		req.Header.Set("Accept-Encoding", "identity")
	}
	req.Header.Set("Stepmill-Depth", strconv.Itoa(d.call.Depth+1)) // by which a trigger URL knows a ring
	if d.signed = m.signed; m.signed {
		err := d.signIn.apply(req)
		if err == nil {
			err = d.signIn.sign(req, m, d.client.cfg.Now())
		}
		if err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, err
		}
	}
	addCookies(req, m.jar)
	return req, nil
}

// sending is how far a request got.
type sending struct {
	asks atomic.Bool // a connection was asked for
	has  atomic.Bool // and there was one
	head atomic.Bool // its head was handed to the connection: it may have arrived
	kept atomic.Bool // the connection was used before
	h2   atomic.Bool // it speaks HTTP/2
}

// traced makes ctx tell of the sending.
func (s *sending) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { // what went before was not taken: nothing else is sent again
			s.asks.Store(true)
			s.head.Store(false)
		},
		GotConn: func(c httptrace.GotConnInfo) {
			s.has.Store(true)
			secure, is := c.Conn.(*tls.Conn)
			s.kept.Store(c.Reused)
			s.h2.Store(is && secure.ConnectionState().NegotiatedProtocol == "h2")
		},
		WroteHeaders: func() { s.head.Store(true) },
	})
}

// reach is whether the host was met, by the error of a request without an answer.
func (s *sending) reach(ctx context.Context, err error) reach {
	var own *fault.Error
	switch {
	case s.has.Load():
		return met
	case !s.asks.Load() || ctx.Err() != nil || errors.As(err, &own): // the last is the guard's
		return unknown
	}
	return unmet
}

// errSent keeps a request from going out again.
var errSent = errors.New("the request went out already")

// once keeps the transport from sending a request again by itself, as it does for what it takes for harmless (a method that
// reads, an idempotency key) when a kept connection breaks before the answer begins: each sending is an attempt, which the
// step counts. What a server of HTTP/2 says that it did not take, as when it sends the connection away, was none.
func (s *sending) once(req *http.Request) {
	if req.Body == nil || req.Body == http.NoBody {
		switch req.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
			// An empty body goes out as none, and only by GetBody's leave again.
			req.Body = io.NopCloser(strings.NewReader(""))
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }
		default: // here it would go out in chunks, which some servers refuse; the transport goes by the header's exact name
			for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
				if key, has := req.Header[name]; has {
					delete(req.Header, name)
					req.Header[strings.ToLower(name)] = key
				}
			}
			return
		}
	}
	again := req.GetBody
	req.GetBody = func() (io.ReadCloser, error) {
		if !s.h2.Load() {
			return nil, errSent
		}
		return again()
	}
}

// maskAnswer takes the connection's secrets out of an answer, as of an endpoint that echoes its requests.
func (d *doing) maskAnswer(resp *actions.Response) {
	for _, secret := range d.signIn.secrets {
		if bytes.Contains(resp.Body, []byte(secret)) {
			resp.Body = bytes.ReplaceAll(resp.Body, []byte(secret), []byte("***"))
		}
		for _, list := range resp.Header {
			for i, text := range list {
				list[i] = strings.ReplaceAll(text, secret, "***")
			}
		}
	}
}

// shown is a URL without what may be secret in it: the values of parameters that are called like keys.
func shown(u *url.URL) string {
	c := cloneURL(u)
	c.User = nil
	if c.RawQuery != "" {
		q := c.Query()
		for name := range q {
			if secretName(name) {
				q.Set(name, "***")
			}
		}
		c.RawQuery = strings.ReplaceAll(q.Encode(), "%2A%2A%2A", "***")
	}
	return fault.Clip(c.String(), 500)
}

func secretName(name string) bool {
	lower := strings.ToLower(name)
	for _, word := range []string{"key", "token", "secret", "password", "passwd", "pwd", "auth", "credential", "sig", "code", "jwt", "session"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

func cloneURL(u *url.URL) *url.URL {
	c := *u
	return &c
}

// unanswered makes the error of a request without a whole answer. Whether it may have arrived decides what it means.
func unanswered(ctx context.Context, target *url.URL, err error, wrote bool) error {
	var own *fault.Error
	if errors.As(err, &own) || errors.As(context.Cause(ctx), &own) { // the guard's, or of a file that stands still
		return own
	}
	host := fault.Clip(target.Host, 100)
	var netErr net.Error
	timeout := errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &netErr) && netErr.Timeout()
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	code, alert := certificateAlert(err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(err, fault.Cancelled, "The call to %s was cancelled.", host)
	case timeout && !wrote:
		return fault.Wrap(err, fault.Timeout, "%s could not be reached in time.", host)
	case timeout:
		return fault.Wrap(err, fault.Timeout, "%s did not answer in time.", host)
	case errors.As(err, &dns):
		return fault.Wrap(err, fault.Unavailable, "The host %s is not known.", host)
	case errors.As(err, &certificate):
		return fault.Wrap(err, fault.Unavailable, "The certificate of %s is not trusted. One of your own goes into --ca-file, or into the connection.", host)
	case alert != "":
		return fault.Wrap(err, code, "%s %s", host, alert)
	case errors.As(err, &record) && target.Scheme != "https":
		return fault.Wrap(err, fault.Unavailable, "%s does not speak TLS there.", host)
	case errors.As(err, &record):
		return fault.Wrap(err, fault.Unavailable, "%s does not speak https there.", host)
	case tooLong(err):
		return fault.Wrap(err, fault.Unavailable, "The headers of the answer of %s have more than %d KB, and are not taken.", host, maxHeader>>10)
	case isDamaged(err):
		return fault.Wrap(err, fault.Unavailable, "The answer of %s says that it is packed by gzip, and is damaged.", host)
	case wrote:
		return fault.Wrap(err, fault.Unavailable, "The connection to %s was cut before its answer was complete.", host)
	}
	return fault.Wrap(err, fault.Unavailable, "%s could not be reached.", host)
}
