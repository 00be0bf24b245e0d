package core

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestExim sends a mail by a real server.
func TestExim(t *testing.T) {
	exim := program(t, "exim4", "exim")
	_, pool, cert, key := certified(t)
	dir, port := t.TempDir(), freePort(t)
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // Exim has a user of its own
		t.Fatal(err)
	}
	for _, name := range []string{"spool", "log", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "exim.conf")
	text := strings.NewReplacer("DIR", dir, "PORT", port, "CERT", cert, "KEY", key).Replace(`
primary_hostname = localhost
keep_environment =
deliver_drop_privilege = true
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
pid_file_path = DIR/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
tls_advertise_hosts = *
tls_certificate = CERT
tls_privatekey = KEY
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = check
never_users =
host_lookup =
rfc1413_hosts =
begin acl
check:
  deny !authenticated = *
  deny local_parts = nobody
       message = there is nobody
  accept
begin routers
all:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = DIR/mail
  maildir_format
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and {{eq{$auth2}{ada}}{eq{$auth3}{secret word}}}}
  server_set_id = $auth2
`)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	started(t, port, exec.Command(exim, "-C", config, "-bdf"))
	d := deskFor("smtp", "127.0.0.1:"+port, map[string]string{"user": "ada", "password": "secret word", "from": "robot@example.com"})
	d.cfg.RootCAs = pool
	f := d.put("a.txt", "text/plain", []byte("attached"))
	d.good(t, "email_send", map[string]any{"to": []any{"ada@example.com"}, "bcc": "bob@example.com", "subject": "Grüße", "text": "Hello\n.\nthere", "html": "<p>Hello</p>", "attachments": []any{f.Value()}})
	failed(t, d.invoke(t, "email_send", map[string]any{"to": "nobody@example.com"}), fault.InvalidInput, "127.0.0.1 does not take the recipient nobody@example.com, so nobody was sent the mail: 550 there is nobody")
	var mails []string
	for end := time.Now().Add(20 * time.Second); len(mails) < 2 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		mails, _ = filepath.Glob(filepath.Join(dir, "mail", "new", "*"))
	}
	if len(mails) == 0 {
		logged, _ := os.ReadFile(filepath.Join(dir, "log", "mainlog"))
		t.Fatalf("no mail came: %s", logged)
	}
	b, err := os.ReadFile(mails[0])
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.CreateReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if subject, _ := m.Header.Subject(); subject != "Grüße" || strings.Contains(string(b), "bob@") && strings.Contains(string(b), "Bcc:") {
		t.Errorf("this came:\n%s", b)
	}
	d.tested(t, "")
	d.values["password"] = "wrong"
	failed(t, d.invoke(t, "email_send", map[string]any{"to": "a@b.c"}), fault.Unauthorized, "127.0.0.1 does not take the user name and password: 535")
	d.tested(t, "127.0.0.1 does not take the user name and password: 535")
}
