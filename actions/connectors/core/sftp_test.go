package core

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// keyPair is a key for SSH, as a signer and as the file of it, which has a passphrase where one is given.
func keyPair(t testing.TB, passphrase string) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// sshServer is a file server in this process, whose files lie in a folder. It takes the password "secret word", asked for as it
// says, and the key.
type sshServer struct {
	asks    bool // for the password by a question
	nothing bool // is offered behind the sign-in
	cut     bool // the connection, once a file is opened
	key     ssh.PublicKey
	dir     string
}

func (s *sshServer) opened(t testing.TB, values map[string]string) *desk {
	t.Helper()
	host, _ := keyPair(t, "")
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if s.key != nil && bytes.Equal(key.Marshal(), s.key.Marshal()) {
			return nil, nil
		}
		return nil, errors.New("no")
	}}
	if s.asks {
		config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			if got, err := ask("", "", []string{"Name?", "Password?"}, []bool{true, false}); err != nil || len(got) != 2 || got[0] != "" || got[1] != "secret word" {
				return nil, errors.New("no")
			}
			return nil, nil
		}
	} else {
		config.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if string(password) != "secret word" {
				return nil, errors.New("no")
			}
			return nil, nil
		}
	}
	config.AddHostKey(host)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s.dir = t.TempDir()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, config)
		}
	}()
	d := deskFor("sftp", l.Addr().String(), map[string]string{"user": "ada", "password": "secret word", "fingerprint": ssh.FingerprintSHA256(host.PublicKey())})
	for name, text := range values {
		d.values[name] = run.Secret(text)
	}
	return d
}

func (s *sshServer) serve(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		channel, requests, err := c.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem" && !s.nothing, nil)
			}
		}()
		if s.nothing {
			continue
		}
		var rwc io.ReadWriteCloser = channel
		if s.cut {
			rwc = &cutting{channel, conn}
		}
		server, err := sftp.NewServer(rwc, sftp.WithServerWorkingDirectory(s.dir))
		if err == nil {
			go func() { _ = server.Serve() }()
		}
	}
}

// cutting ends the connection when a file's bytes are asked for.
type cutting struct {
	io.ReadWriteCloser
	conn net.Conn
}

func (c *cutting) Read(b []byte) (int, error) {
	n, err := c.ReadWriteCloser.Read(b)
	if n == 1 && b[0] == 5 || n > 4 && b[4] == 5 { // SSH_FXP_READ
		c.conn.Close()
	}
	return n, err
}

// TestSFTP: every operation, and each of them again.
func TestSFTP(t *testing.T) {
	s := &sshServer{}
	d := s.opened(t, nil)
	tryRemote(t, d, "sftp", s.dir, s.dir, "link")
}

// TestSSHSignIn: how a connection signs in, and whom it trusts.
func TestSSHSignIn(t *testing.T) {
	list := map[string]any{"path": "."}
	(&sshServer{asks: true}).opened(t, nil).good(t, "sftp", list)
	signer, key := keyPair(t, "")
	(&sshServer{key: signer.PublicKey()}).opened(t, map[string]string{"password": "", "key": "\r\n" + key}).good(t, "sftp", list)
	signer, locked := keyPair(t, "open")
	server := &sshServer{key: signer.PublicKey()}
	d := server.opened(t, map[string]string{"password": "", "key": locked, "passphrase": "open"})
	d.good(t, "sftp", list)
	right := d.values["fingerprint"]
	d.values["fingerprint"] = "SHA256:other " + right
	d.good(t, "sftp", list)
	for _, c := range []struct {
		values map[string]string
		class  fault.Code
		want   string
	}{
		{map[string]string{"fingerprint": ""}, fault.InvalidInput, "The connection names no fingerprint, so 127.0.0.1 is not trusted yet. Its key has the fingerprint " + right.Reveal() + ": compare"},
		{map[string]string{"fingerprint": "SHA256:other"}, fault.InvalidInput, "127.0.0.1 shows a key with the fingerprint " + right.Reveal() + ", and the connection names SHA256:other. Somebody may"},
		{map[string]string{"passphrase": ""}, fault.Unauthorized, "The connection's private key has a passphrase; put that in too."},
		{map[string]string{"passphrase": "wrong"}, fault.Unauthorized, "The connection's passphrase does not open its private key"},
		{map[string]string{"key": "-----BEGIN x"}, fault.Unauthorized, "The connection's private key cannot be read; put in the whole file"},
		{map[string]string{"key": "PuTTY-User-Key-File-3: ssh-ed25519"}, fault.Unauthorized, "The connection's private key is one of PuTTY; export it"},
		{map[string]string{"key": ""}, fault.Unauthorized, "The connection has neither a password nor a private key"},
		{map[string]string{"key": key}, fault.Unauthorized, "127.0.0.1 does not take the user ada with that key or password."},
	} {
		was := run.Values{}
		for name, text := range c.values {
			was[name], d.values[name] = d.values[name], run.Secret(text)
		}
		failed(t, d.invoke(t, "sftp", list), c.class, c.want)
		for name, text := range was {
			d.values[name] = text
		}
	}
	failed(t, (&sshServer{nothing: true}).opened(t, nil).invoke(t, "sftp", list), fault.InvalidInput, "127.0.0.1 takes the account ada, and offers no SFTP to it")
	cut := &sshServer{cut: true}
	d = cut.opened(t, nil)
	if err := os.WriteFile(filepath.Join(cut.dir, "f"), make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	failed(t, d.invoke(t, "sftp", map[string]any{"operation": "download", "path": "f"}), fault.Unavailable, "The connection to 127.0.0.1:")
	odd, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer odd.Close()
	go func() {
		conn, err := odd.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, strings.Repeat("what ", 1000))
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
	}()
	d = deskFor("sftp", odd.Addr().String(), map[string]string{"user": "ada", "password": "x"})
	failed(t, d.invoke(t, "sftp", list), fault.Unavailable, "127.0.0.1 does not speak SSH at that port; look")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	d = deskFor("sftp", silent.Addr().String(), map[string]string{"user": "ada", "password": "x"})
	failed(t, d.invokeIn(t, t.Context(), 100*time.Millisecond, "sftp", list), fault.Timeout, "127.0.0.1:")
}

func TestSFTPInputs(t *testing.T) {
	d := (&sshServer{}).opened(t, nil)
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{"path": "x", "operation": "rename"}, "The input to: it is empty; give the new path."},
		{map[string]any{"path": "x", "only": []any{"[a"}}, `The input only/0: "[a" is no pattern`},
		{map[string]any{"path": "x", "operation": "upload"}, "The input file: it refers to no file"},
		{map[string]any{"path": "x\x00"}, "The input path: it holds a zero byte"},
	} {
		failed(t, d.invoke(t, "sftp", c.in), fault.InvalidInput, c.want)
	}
	if got := issues(t, "sftp", `{"operation":"rename","path":"{{ x }}"}`); got != `/to It is empty; give the new path.` {
		t.Errorf("publishing says %q", got)
	}
	d.connection.Sandbox = true
	f := d.put("a.txt", "", []byte("x"))
	d.good(t, "sftp", map[string]any{"operation": "upload", "path": "/in/a.txt", "file": f.Value()})
	d.good(t, "sftp", map[string]any{"operation": "rename", "path": "a", "to": "b"})
	if len(d.kept) != 2 || d.kept[0].Method != "UPLOAD" || d.kept[0].URL != "sftp://127.0.0.1:"+d.values["port"].Reveal()+"/in/a.txt" || d.kept[0].Body != "(the file a.txt of 1 bytes)" || d.kept[1].Body != "b" {
		t.Errorf("in the sandbox this is kept: %+v", d.kept)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d.connection.Sandbox = false
	failed(t, d.invokeIn(t, ctx, time.Second, "sftp", map[string]any{"path": "."}), fault.Cancelled, "The call to 127.0.0.1:")
}

// TestOpenSSH does every operation on a real server.
func TestOpenSSH(t *testing.T) {
	sshd := program(t, "sshd")
	dir, port := t.TempDir(), freePort(t)
	host, hostKey := keyPair(t, "")
	signer, key := keyPair(t, "")
	for name, text := range map[string]string{"host": hostKey, "authorized": string(ssh.MarshalAuthorizedKey(signer.PublicKey())), "config": strings.NewReplacer("DIR", dir, "PORT", port).Replace(`
Port PORT
ListenAddress 127.0.0.1
HostKey DIR/host
AuthorizedKeysFile DIR/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
`)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() == 0 { // what its unit makes where it is one
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	started(t, port, exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "config")))
	d := deskFor("sftp", "127.0.0.1:"+port, map[string]string{"user": me.Username, "key": key, "fingerprint": ssh.FingerprintSHA256(host.PublicKey())})
	files := t.TempDir()
	tryRemote(t, d, "sftp", files, files, "link")
}
