package outbound

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// house is an authority that nobody trusts by itself, with a certificate of it for this machine.
type house struct {
	ca, cert, key string
	pair          tls.Certificate
	pool          *x509.CertPool
}

func newHouse(t *testing.T, name string) house {
	t.Helper()
	make := func(form, by *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		form.NotBefore, form.NotAfter, form.BasicConstraintsValid = time.Now().Add(-time.Hour), time.Now().Add(time.Hour), true
		if by == nil {
			by, signer = form, key
		}
		der, err := x509.CreateCertificate(rand.Reader, form, by, &key.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		return der, key
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	rootDER, rootKey := make(root, nil, nil)
	leafDER, leafKey := make(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "of " + name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, root, rootKey)
	private, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	h := house{ca: text("CERTIFICATE", rootDER), cert: text("CERTIFICATE", leafDER), key: text("PRIVATE KEY", private), pool: x509.NewCertPool()}
	h.pool.AppendCertsFromPEM([]byte(h.ca))
	if h.pair, err = tls.X509KeyPair([]byte(h.cert), []byte(h.key)); err != nil {
		t.Fatal(err)
	}
	return h
}

// serve is a server with a certificate of the house that says whom it met.
func (h house) serve(t *testing.T, asks tls.ClientAuthType) *httptest.Server {
	t.Helper()
	return h.serveUpTo(t, asks, 0)
}

// serveUpTo is a server that speaks no newer TLS than this; zero: the newest.
func (h house) serveUpTo(t *testing.T, asks tls.ClientAuthType, version uint16) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		fmt.Fprintf(w, `{"met": %q, "token": %q}`, name, r.Header.Get("Authorization"))
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{h.pair}, ClientAuth: asks, ClientCAs: h.pool, MinVersion: tls.VersionTLS12, MaxVersion: version}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// TestCertificates: a connection's certificate is shown to its hosts, and its authority is trusted there, and nowhere else.
func TestCertificates(t *testing.T) {
	here, other := newHouse(t, "here"), newHouse(t, "other")
	server := here.serve(t, tls.RequireAndVerifyClientCert)
	elsewhere := here.serve(t, tls.RequestClientCert)
	connection := run.Connection{Connector: "core", Method: "certificate", State: run.Connected}
	b := &book{connections: map[string]run.Connection{}, values: map[string]run.Values{}}
	client := newClient(t, Config{Connections: b, Outbox: b, Allow: loopback})
	ask := func(values run.Values, url string) run.Result {
		t.Helper()
		forget(client)
		b.connections["c"], b.values["c"] = connection, values
		c := call(map[string]any{"url": url})
		c.Connection = "c"
		return invoke(t, client, c)
	}
	good := run.Values{"hosts": run.Secret(server.URL), "client_certificate": run.Secret(here.cert), "client_key": run.Secret(here.key), "ca": run.Secret(here.ca)}
	with := func(name, text string) run.Values {
		out := run.Values{}
		for n, v := range good {
			out[n] = v
		}
		out[name] = run.Secret(text)
		return out
	}
	met := func(r run.Result, want string) {
		t.Helper()
		out, _ := r.Output.(map[string]any)
		if body, _ := out["body"].(map[string]any); r.Failure != nil || body["met"] != want {
			t.Errorf("it gives %+v %v, not that %s was met", r.Failure, r.Output, want)
		}
	}
	says := func(r run.Result, class fault.Code, part string) {
		t.Helper()
		if r.Failure == nil || r.Failure.Class != string(class) || !strings.Contains(r.Failure.Message, part) || strings.Contains(r.Failure.Message, "PRIVATE KEY-----\n") {
			t.Errorf("it gives %+v, not %s: %s", r.Failure, class, part)
		}
	}
	met(ask(good, server.URL), "of here")
	met(ask(good, server.URL), "of here") // over the connection that is kept
	says(ask(good, elsewhere.URL), fault.InvalidInput, "are not sent to")
	says(ask(with("ca", ""), server.URL), fault.Unavailable, "is not trusted")
	says(ask(with("ca", other.ca), server.URL), fault.Unavailable, "is not trusted")
	says(ask(run.Values{"hosts": run.Secret(server.URL), "ca": run.Secret(here.ca)}, server.URL), fault.Unauthorized, "asks for a client certificate (mutual TLS), and was shown none. Put one")
	older := here.serveUpTo(t, tls.RequireAndVerifyClientCert, tls.VersionTLS12)
	says(ask(run.Values{"hosts": run.Secret(older.URL), "ca": run.Secret(here.ca)}, older.URL), fault.Unavailable, "may ask for a client certificate (mutual TLS) and was shown none")
	foreign := run.Values{"hosts": run.Secret(server.URL), "client_certificate": run.Secret(other.cert), "client_key": run.Secret(other.key), "ca": run.Secret(here.ca)}
	says(ask(foreign, server.URL), fault.Unauthorized, "asks for a client certificate (mutual TLS)")
	met(ask(run.Values{"hosts": run.Secret(elsewhere.URL), "ca": run.Secret(here.ca)}, elsewhere.URL), "nobody")
	connection.Method = "bearer"
	token := with("token", "CANARY-token")
	if r := ask(token, server.URL); r.Failure != nil || !strings.Contains(fmt.Sprint(r.Output), "of here") {
		t.Errorf("a token beside certificates gives %+v %v", r.Failure, r.Output)
	}
	connection.Method = "certificate"
	for _, c := range []struct{ name, text, part, at string }{
		{"client_key", "", "private key is missing", "/values/client_key"},
		{"client_certificate", "", "certificate is missing", "/values/client_certificate"},
		{"client_key", other.key, "private key does not match public key", "/values/client_certificate"},
		{"client_key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "has a passphrase", "/values/client_key"},
		{"client_certificate", "nonsense", "cannot be used", "/values/client_certificate"},
		{"ca", "nonsense", "authority's certificate cannot be read", "/values/ca"},
	} {
		values := with(c.name, c.text)
		says(ask(values, server.URL), fault.Unauthorized, c.part)
		if p := fault.ProblemsOf(client.CheckValues(connection, values)); len(p) != 1 || p[0].Path != c.at {
			t.Errorf("%s %q: %v", c.name, c.text, p)
		}
	}
	if err := client.CheckValues(connection, good); err != nil {
		t.Error(err)
	}
	for i := range maxTransports + 5 { // each with another authority more: what is kept is bounded
		client.over(&certificates{sum: [32]byte{byte(i), 1}})
	}
	if n := len(client.own.by); n != maxTransports {
		t.Errorf("%d transports are kept", n)
	}
	met(ask(good, server.URL), "of here")
}

// TestAnyOAuth signs in at a service that no connector knows, by both ways of showing who the app is.
func TestAnyOAuth(t *testing.T) {
	house := newHouse(t, "here")
	var said string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			io.WriteString(w, `{"token": "`+r.Header.Get("Authorization")+`"}`)
			return
		}
		_ = r.ParseForm()
		user, _, _ := r.BasicAuth()
		said = user + " " + r.PostForm.Encode()
		io.WriteString(w, `{"access_token": "CANARY-A", "token_type": "Bearer", "expires_in": 3600}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{house.pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	for way, want := range map[string]string{
		"":      "id audience=api&grant_type=client_credentials&scope=read+write",
		"basic": "id audience=api&grant_type=client_credentials&scope=read+write",
		"body":  " audience=api&client_id=id&client_secret=CANARY-app&grant_type=client_credentials&scope=read+write",
	} {
		d := newDesk(t)
		values := run.Values{"client_id": "id", "client_secret": "CANARY-app", "token_url": run.Secret(server.URL + "/token"), "hosts": run.Secret(server.URL), "audience": "api", "scopes": "read write", "ca": run.Secret(house.ca)}
		if way != "" {
			values["client_auth"] = run.Secret(way)
		}
		if _, err := d.CreateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "c", Connector: "core", Method: "server", State: run.Connected}, values); err != nil {
			t.Fatal(err)
		}
		c := call(map[string]any{"url": server.URL + "/x"})
		c.Connection = "c"
		r := d.client(d).Invoke(t.Context(), c)
		if r.Failure != nil || said != want {
			t.Errorf("%q: %+v, it said %q", way, r.Failure, said)
		}
	}
	connection := run.Connection{Slug: "c", Connector: "core", Method: "oauth"}
	values := run.Values{"client_id": "id", "client_secret": "CANARY-app", "token_url": "https://login.example.com/token", "authorize_url": "https://login.example.com/authorize?audience=api", "hosts": "api.example.com", "scopes": "read"}
	client := newClient(t, Config{Connections: &book{}})
	if err := client.CheckValues(connection, values); err != nil {
		t.Fatal(err)
	}
	at, err := client.Authorize(connection, values, "https://mill.example.com/oauth/callback", "S", "V")
	if err != nil || !strings.HasPrefix(at, "https://login.example.com/authorize?audience=api&client_id=id&code_challenge=") || !strings.Contains(at, "scope=read") {
		t.Errorf("%s %v", at, err)
	}
	values["token_url"] = "http://login.example.com/token"
	if p := fault.ProblemsOf(client.CheckValues(connection, values)); len(p) != 1 || p[0].Path != "/values/"+actions.FieldTokenURL {
		t.Errorf("a token address in clear: %v", p)
	}
}
