package outbound

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// maxTransports bounds the transports that are kept for connections with certificates.
const maxTransports = 64

// certificates are what a connection says about TLS: what it shows of itself, and whom it trusts beside everybody else's.
type certificates struct {
	own  []tls.Certificate
	pool *x509.CertPool
	sum  [sha256.Size]byte
}

// certificatesOf reads a connection's certificates; nil: it has none. An error names the value, as /values/client_key.
func certificatesOf(auth actions.Auth, values map[string]string, trusted *x509.CertPool) (*certificates, error) {
	if !auth.Certificates {
		return nil, nil
	}
	chain, key, ca := strings.TrimSpace(values[actions.FieldCertificate]), strings.TrimSpace(values[actions.FieldCertificateKey]), strings.TrimSpace(values[actions.FieldAuthority])
	if chain == "" && key == "" && ca == "" {
		return nil, nil
	}
	c := &certificates{pool: trusted, sum: sha256.Sum256([]byte(chain + "\x00" + key + "\x00" + ca))}
	switch {
	case chain != "" && key == "":
		return nil, atValue(actions.FieldCertificateKey, fault.New(fault.InvalidInput, "The certificate's private key is missing; give it too, beginning with -----BEGIN."))
	case chain == "" && key != "":
		return nil, atValue(actions.FieldCertificate, fault.New(fault.InvalidInput, "The private key's certificate is missing; give it too, beginning with -----BEGIN CERTIFICATE."))
	case chain != "":
		if block, _ := pem.Decode([]byte(key)); block != nil && (strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "") {
			return nil, atValue(actions.FieldCertificateKey, fault.New(fault.InvalidInput, "The private key has a passphrase; give it without one, as openssl pkey -in key.pem -out plain.pem writes it."))
		}
		pair, err := tls.X509KeyPair([]byte(chain), []byte(key))
		if err != nil {
			return nil, atValue(actions.FieldCertificate, fault.Wrap(err, fault.InvalidInput, "The certificate and its private key cannot be used: %s.", strings.TrimPrefix(err.Error(), "tls: ")))
		}
		c.own = []tls.Certificate{pair}
	}
	if ca != "" {
		switch {
		case trusted != nil:
			c.pool = trusted.Clone()
		default:
			var err error
			if c.pool, err = x509.SystemCertPool(); err != nil { // a machine without any
				c.pool = x509.NewCertPool()
			}
		}
		if !c.pool.AppendCertsFromPEM([]byte(ca)) {
			return nil, atValue(actions.FieldAuthority, fault.New(fault.InvalidInput, "The authority's certificate cannot be read; give all of it, from -----BEGIN CERTIFICATE on."))
		}
	}
	return c, nil
}

// certificateAlert is what a server does that breaks off because of the certificate that it was shown, or was not, as what follows its
// name; "": it is something else. An alert is known by its words alone. Source: https://www.rfc-editor.org/rfc/rfc8446#section-6.2
func certificateAlert(err error) (fault.Code, string) {
	var alert *net.OpError
	if !errors.As(err, &alert) || alert.Op != "remote error" {
		return "", ""
	}
	const remedy = " Put one that it takes, with its private key, into the connection; a connection for plain HTTP has a place for them."
	switch words := strings.TrimPrefix(alert.Err.Error(), "tls: "); words {
	case "certificate required":
		return fault.Unauthorized, "asks for a client certificate (mutual TLS), and was shown none." + remedy
	case "bad certificate", "unsupported certificate", "revoked certificate", "expired certificate", "unknown certificate", "unknown certificate authority", "access denied":
		return fault.Unauthorized, "asks for a client certificate (mutual TLS), and does not take the one that it was shown, or was shown none (" + words + ")." + remedy
	case "handshake failure":
		return fault.Unavailable, "broke the TLS handshake off. It may ask for a client certificate (mutual TLS) and was shown none, or have no encryption in common with Stepmill." + remedy
	}
	return "", ""
}

// transports are those of connections with certificates. Their kept connections show one connection's certificate, so no other uses them.
type transports struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]*http.Transport
}

// over is the transport that goes by a connection's certificates; nil: by none.
func (c *Client) over(own *certificates) *http.Transport {
	if own == nil {
		return c.transport
	}
	c.own.mu.Lock()
	defer c.own.mu.Unlock()
	if t := c.own.by[own.sum]; t != nil {
		return t
	}
	if len(c.own.by) >= maxTransports { // any: it is made again, and what is under way on it goes on
		for sum, t := range c.own.by {
			delete(c.own.by, sum)
			t.CloseIdleConnections()
			break
		}
	}
	t := newTransport(c.cfg, c.dialer)
	t.TLSClientConfig.Certificates, t.TLSClientConfig.RootCAs = own.own, own.pool
	if c.own.by == nil {
		c.own.by = map[[sha256.Size]byte]*http.Transport{}
	}
	c.own.by[own.sum] = t
	return t
}

func (t *transports) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.by {
		one.CloseIdleConnections()
	}
}
