package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

// TestShutdown: a mail that is being sent is taken; who stands idle or begins one is told to come again.
func TestShutdown(t *testing.T) {
	o := open(t)
	idle, sending := o.dial(t), o.dial(t)
	idle()
	sending()
	for _, line := range []string{"EHLO x\r\n", "MAIL FROM:<ada@example.com>\r\n", "RCPT TO:<" + to + ">\r\n", "DATA\r\n"} {
		sending(line)
	}
	idle("EHLO x\r\n") // told 354, a mail is being sent, whether or not its taking has begun by the shutdown
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { ended <- o.server.Shutdown(ctx) }()
	for !o.server.ending.Load() {
		time.Sleep(time.Millisecond)
	}
	if got := idle("MAIL FROM:<ada@example.com>\r\n"); !strings.HasPrefix(got, "421") {
		t.Errorf("who begins a mail is told %s", got)
	}
	if got := sending("Subject: x\r\n\r\nhello\r\n.\r\n"); !strings.HasPrefix(got, "250") || len(o.events()) != 1 {
		t.Errorf("who sends one is told %s", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := o.send("\nx\n", to); err == nil {
		t.Error("it goes on listening")
	}
}

func TestStartTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"in.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, func(c *Config) {
		c.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	})
	c, err := smtp.Dial(o.at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pool := x509.NewCertPool()
	cert, _ := x509.ParseCertificate(der)
	pool.AddCert(cert)
	if err := c.StartTLS(&tls.Config{ServerName: "in.example.com", RootCAs: pool}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{c.Mail("ada@example.com"), c.Rcpt(to)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "Subject: x\r\n\r\nhello")
	if err := w.Close(); err != nil || len(o.events()) != 1 {
		t.Errorf("over TLS: %v", err)
	}
}
