package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/icholy/digest"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// answered sends a message, and once more with the answer where the server asks a question first and the connection can answer it.
func (d *doing) answered(ctx context.Context, m message) (actions.Response, error) {
	resp, err := d.send(ctx, m)
	if err != nil || resp.Status != http.StatusUnauthorized || !m.signed || !d.signIn.has(actions.InDigest) {
		return resp, err
	}
	var all []string
	for _, text := range resp.Header.Values("WWW-Authenticate") {
		if digest.IsDigest(text) {
			all = append(all, text)
		}
	}
	if len(all) == 0 { // whoever judges the answer says no
		d.Log(fmt.Sprintf("%s turned a request away and asked for no Digest, by which the connection signs in.", fault.Clip(m.url.Host, 100)))
		return resp, nil
	}
	if m.asks, err = digest.FindChallenge(resp.Header); err != nil {
		return resp, fault.New(fault.Unauthorized, "%s asks for a kind of Digest that is not known here: %s.", fault.Clip(m.url.Host, 100), fault.Clip(strings.Join(all, "; "), 200))
	}
	return d.send(ctx, m)
}

// has says that the connection signs in by a way that is made of the whole request.
func (s *signIn) has(in actions.In) bool {
	for _, p := range s.places {
		if p.In == in {
			return true
		}
	}
	return false
}

// sign puts in what is made of the whole request, after everything else but cookies.
func (s *signIn) sign(req *http.Request, m message, now time.Time) error {
	for _, p := range s.places {
		name, text := expand(p.Name, s.values), expand(p.Value, s.values)
		var err error
		switch {
		case p.In == actions.InDigest && m.asks != nil:
			err = s.answer(req, m, name, text)
		case p.In == actions.InAWS:
			err = s.signAWS(req, m, aws.Credentials{AccessKeyID: name, SecretAccessKey: text, SessionToken: s.values[actions.FieldSession]}, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// answer puts in the answer to the server's question.
func (s *signIn) answer(req *http.Request, m message, user, password string) error {
	said, err := digest.Digest(m.asks, digest.Options{Method: req.Method, URI: req.URL.RequestURI(), Username: user, Password: password,
		GetBody: func() (io.ReadCloser, error) { return m.open() }})
	if err != nil {
		return fault.Wrap(err, fault.Unauthorized, "What %s asks for by Digest cannot be answered.", fault.Clip(req.URL.Host, 100))
	}
	req.Header.Set("Authorization", said.String()) // what is no letter in it is escaped
	return nil
}

// open gives the body once more.
func (m *message) open() (io.ReadCloser, error) {
	if m.stream != nil {
		return m.stream.Open()
	}
	return io.NopCloser(strings.NewReader(string(m.body))), nil
}

// signAWS signs a request as AWS asks. Only what says what is asked for is signed: what stands between may change the other headers.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func (s *signIn) signAWS(req *http.Request, m message, keys aws.Credentials, now time.Time) error {
	region, service := s.values[actions.FieldRegion], s.values[actions.FieldService]
	for _, f := range []struct{ name, text string }{{"region", region}, {"service", service}} {
		if f.text == "" {
			return fault.New(fault.Unauthorized, "The connection %q has no %s; put it in.", s.slug, f.name)
		}
	}
	if !headerText(keys.SessionToken + region + service) {
		return fault.New(fault.Unauthorized, "A value of the connection %q holds a line break or another control character; enter it again.", s.slug)
	}
	body, err := m.open()
	if err != nil {
		return err
	}
	defer body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return err
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	req.URL.RawPath = strictPath(req.URL)
	u := cloneURL(req.URL)
	signed := &http.Request{Method: req.Method, URL: u, Host: req.Host, Header: http.Header{"X-Amz-Content-Sha256": {hash}}, ContentLength: req.ContentLength}
	for name, list := range req.Header {
		if name == "Content-Type" || strings.HasPrefix(name, "X-Amz-") && name != "X-Amz-Content-Sha256" {
			signed.Header[name] = list
		}
	}
	plain := service == "s3" || strings.HasPrefix(service, "s3-") || service == "s3express" // whose paths are names, escaped once
	if err := v4.NewSigner().SignHTTP(req.Context(), keys, signed, hash, service, region, now.UTC(), func(o *v4.SignerOptions) { o.DisableURIPathEscaping = plain }); err != nil {
		return fault.Wrap(err, fault.InvalidInput, "The request to %s cannot be signed.", fault.Clip(req.URL.Host, 100))
	}
	req.URL.RawQuery = u.RawQuery
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"} {
		if text := signed.Header.Get(name); text != "" {
			req.Header.Set(name, text)
		}
	}
	return nil
}

// strictPath is a URL's path with all escaped that AWS escapes, so that it is signed as a server writes it that reads it first.
func strictPath(u *url.URL) string {
	var b strings.Builder
	for i, part := range strings.Split(u.EscapedPath(), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		text, err := url.PathUnescape(part)
		if err != nil {
			text = part
		}
		for _, c := range []byte(text) {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
	}
	return b.String()
}

// show puts in what stands for a signature where the request is shown instead of sent.
func (s *signIn) show(req *http.Request) {
	for _, p := range s.places {
		name := expand(p.Name, s.values)
		switch p.In {
		case actions.InDigest:
			req.Header.Set("Authorization", fmt.Sprintf("Digest username=%q, ***", name))
		case actions.InAWS:
			req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/***/%s/%s/aws4_request, ***", name, s.values[actions.FieldRegion], s.values[actions.FieldService]))
		}
	}
}
