package core

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// desk calls actions as a run does: by the real client, over a connection, with files in memory.
type desk struct {
	shelf
	cfg        outbound.Config
	connection run.Connection
	values     run.Values
	kept       []run.Recorded
}

// deskFor is one with a connection to a server on this machine.
func deskFor(method, addr string, values map[string]string) *desk {
	host, port, _ := net.SplitHostPort(addr)
	d := &desk{connection: run.Connection{ID: "1", Slug: "c", Connector: "core", Method: method, State: run.Connected}, values: run.Values{"host": run.Secret(host), "port": run.Secret(port)}}
	d.cfg = outbound.Config{Connectors: actions.CatalogueOf(Connector()), Connections: d, Files: d, Outbox: d, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Logger: slog.New(slog.DiscardHandler), Now: now, Version: "test"}
	for name, text := range values {
		d.values[name] = run.Secret(text)
	}
	return d
}

func (d *desk) Credentials(context.Context, string, string) (run.Connection, run.Values, error) {
	return d.connection, d.values, nil
}

func (d *desk) Record(_ context.Context, r run.Recorded) error {
	d.kept = append(d.kept, r)
	return nil
}

func (d *desk) RunFile(ctx context.Context, _, _, hash string) (io.ReadCloser, error) {
	in, err := d.Open(ctx, value.File{Hash: hash})
	if err != nil {
		return nil, fault.New(fault.NotFound, "There is no such file.")
	}
	return in, nil
}

func (d *desk) KeepRunFile(ctx context.Context, _ string, r io.Reader) (value.Large, error) {
	f, err := d.Keep(ctx, "", "", r)
	return value.Large{Hash: f.Hash, Bytes: f.Size}, err
}

// invoke carries out one attempt at an action.
func (d *desk) invoke(t testing.TB, id string, in map[string]any) run.Result {
	t.Helper()
	return d.invokeIn(t, t.Context(), 20*time.Second, id, in)
}

func (d *desk) invokeIn(t testing.TB, ctx context.Context, within time.Duration, id string, in map[string]any) run.Result {
	t.Helper()
	client := outbound.New(d.cfg)
	defer client.Close()
	a := actionOf(t, id)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return client.Invoke(ctx, run.Call{Workspace: "default", Run: "run1", Scenario: "s", Path: "step", Attempt: 1, Action: "core." + id,
		Connection: d.connection.Slug, Input: in, Key: "run1.step", Effect: run.Effect(a.Effect), Timeout: within})
}

// tested tests the connection: it is refused by an Unauthorized error that begins so, or taken where nothing is given.
func (d *desk) tested(t testing.TB, begins string) {
	t.Helper()
	client := outbound.New(d.cfg)
	defer client.Close()
	switch err := client.Test(t.Context(), d.connection, d.values); {
	case begins == "" && err != nil:
		t.Errorf("the connection's test gives %v", err)
	case begins != "" && (fault.CodeOf(err) != fault.Unauthorized || !strings.HasPrefix(fault.MessageOf(err), begins)):
		t.Errorf("the connection's test gives %v", err)
	}
}

// good is what an attempt gives that succeeds.
func (d *desk) good(t testing.TB, id string, in map[string]any) map[string]any {
	t.Helper()
	r := d.invoke(t, id, in)
	if r.Failure != nil {
		t.Fatalf("%v gives %+v", in, *r.Failure)
	}
	out, _ := r.Output.(map[string]any)
	return out
}

// failed asks for a failure's class and the beginning of its message.
func failed(t testing.TB, r run.Result, class fault.Code, begins string) {
	t.Helper()
	if r.Failure == nil || r.Failure.Class != string(class) || !strings.HasPrefix(r.Failure.Message, begins) {
		t.Errorf("it gives %+v, %v\nnot %s: %s", r.Failure, r.Output, class, begins)
	}
}

// certified is a certificate for this machine, in memory and as files, and what trusts it.
func certified(t testing.TB) (tls.Certificate, *x509.CertPool, string, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, b := range map[string][]byte{certFile: certPEM, keyFile: keyPEM} {
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return pair, pool, certFile, keyFile
}

// program finds a server's program. Where it is missing the test is skipped, or fails where nothing may be missing.
func program(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path
			}
		}
	}
	if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
		t.Fatalf("%s is not installed, and STEPMILL_REQUIRE_ALL is set; .ci/setup installs it.", names[0])
	}
	t.Skipf("%s is not installed.", names[0])
	return ""
}

// freePort is a port that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// started runs a server until the test ends, and waits until it answers at a port.
func started(t *testing.T, port string, cmd *exec.Cmd) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "said")
	said, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = said, said
	err = cmd.Start()
	said.Close()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }() // it is stopped by a signal
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
	})
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-done:
			end = time.Now()
		default:
		}
	}
	b, _ := os.ReadFile(log)
	t.Fatalf("%s does not answer: %s", cmd.Path, b)
}
