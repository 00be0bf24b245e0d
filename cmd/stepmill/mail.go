package main

import (
	"context"
	"crypto/tls"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/triggers/mail"
	"github.com/stepmill/stepmill/web"
)

// mailIn is how mail comes in.
type mailIn struct {
	MailAddr   string `placeholder:"HOST:PORT" help:"Where mail for email triggers comes in by SMTP, as 127.0.0.1:2525; needs --mail-domain. Nothing listens where it is not given."`
	MailDomain string `placeholder:"DOMAIN" help:"The domain of the addresses of email triggers, as in.example.com: what its MX record names leads to --mail-addr. The sender of a mail can be forged; only whoever knows a trigger's address reaches it."`
	MailCert   string `type:"path" placeholder:"FILE" help:"A certificate in PEM; with --mail-key it offers STARTTLS. It is read anew as it is renewed."`
	MailKey    string `type:"path" placeholder:"FILE" help:"The certificate's key in PEM."`
}

// mailPerAddress is how many connections one address may have at once.
const mailPerAddress = 20

// listen opens the address; nil: no mail comes in.
func (m *mailIn) listen() (net.Listener, *tls.Config, error) {
	if (m.MailAddr == "") != (m.MailDomain == "") {
		return nil, nil, usageError{"--mail-addr and --mail-domain are needed together: give both, or neither"}
	}
	if (m.MailCert == "") != (m.MailKey == "") {
		return nil, nil, usageError{"--mail-cert and --mail-key are needed together: give both, or neither"}
	}
	if m.MailAddr == "" {
		if m.MailCert != "" {
			return nil, nil, usageError{"--mail-cert is for mail that comes in: give --mail-addr and --mail-domain too"}
		}
		return nil, nil, nil
	}
	if _, _, err := net.SplitHostPort(m.MailAddr); err != nil {
		return nil, nil, usageError{"--mail-addr: " + strconv.Quote(m.MailAddr) + " is no address; write it as 127.0.0.1:2525"}
	}
	m.MailDomain = strings.ToLower(strings.TrimSuffix(m.MailDomain, "."))
	if !mail.Domain(m.MailDomain) {
		return nil, nil, usageError{"--mail-domain: " + strconv.Quote(m.MailDomain) + " is no domain; write it as in.example.com"}
	}
	secure, err := m.certificate()
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("tcp", m.MailAddr)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Unavailable, "Nothing can listen at %s. Is another program there? Give another --mail-addr.", m.MailAddr)
	}
	return web.Capped(l, mailPerAddress), secure, nil
}

// certificate reads the certificate, and anew for each connection: what was renewed counts from the next one on, and what
// cannot be read leaves the last one.
func (m *mailIn) certificate() (*tls.Config, error) {
	if m.MailCert == "" {
		return nil, nil
	}
	first, err := tls.LoadX509KeyPair(m.MailCert, m.MailKey)
	if err != nil {
		return nil, fault.Wrap(err, fault.InvalidInput, "The certificate %s cannot be used with the key %s.", m.MailCert, m.MailKey)
	}
	var last atomic.Pointer[tls.Certificate]
	last.Store(&first)
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if fresh, err := tls.LoadX509KeyPair(m.MailCert, m.MailKey); err == nil {
			last.Store(&fresh)
		}
		return last.Load(), nil
	}}, nil
}

// letters serves mail until the function it gives is called, which ends it within a context.
func (s *server) letters(m *mailIn, l net.Listener, secure *tls.Config) (end func(context.Context)) {
	if l == nil {
		return func(context.Context) {}
	}
	server := mail.New(mail.Config{Triggers: s.book, Starter: s.engine, Keep: s.keepFile, Domain: m.MailDomain, TLS: secure, Now: time.Now, Log: s.log})
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return func(ctx context.Context) {
		if err := server.Shutdown(ctx); err != nil {
			s.log.Error("mail did not end in order", "error", err)
		}
		if err := <-done; err != nil {
			s.log.Error("mail came to an end", "error", err)
		}
	}
}
