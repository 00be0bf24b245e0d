package core

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDovecot looks into the mailboxes of a real server.
func TestDovecot(t *testing.T) {
	dovecot := program(t, "dovecot")
	_, pool, cert, key := certified(t)
	dir, port := t.TempDir(), freePort(t)
	user, group := os.Getuid(), os.Getgid()
	if user == 0 { // whose mail Dovecot does not keep
		user, group = 65534, 65534
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mail", "run", "state"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "mail"), user, group); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "dovecot.conf")
	text := strings.NewReplacer("DIR", dir, "PORT", port, "CERT", cert, "KEY", key, "USER", fmt.Sprint(user), "GROUP", fmt.Sprint(group)).Replace(`
protocols = imap
listen = 127.0.0.1
base_dir = DIR/run
state_dir = DIR/state
log_path = DIR/log
ssl = yes
ssl_cert = <CERT
ssl_key = <KEY
first_valid_uid = 1
mail_location = maildir:DIR/mail
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u DIR/users
}
userdb {
  driver = static
  args = uid=USER gid=GROUP home=DIR/mail
}
service imap-login {
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
`)
	if os.Getuid() != 0 {
		text += "default_internal_user = " + os.Getenv("USER") + "\ndefault_login_user = " + os.Getenv("USER") + "\ndefault_internal_group = \nservice imap-login {\n  chroot =\n}\nservice anvil {\n  chroot =\n}\nservice stats {\n  chroot =\n}\n"
	}
	for name, b := range map[string]string{config: text, filepath.Join(dir, "users"): "ada:{PLAIN}secret word\n"} {
		if err := os.WriteFile(name, []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	started(t, port, exec.Command(dovecot, "-F", "-c", config))
	d := deskFor("imap", "127.0.0.1:"+port, map[string]string{"security": "starttls", "user": "ada", "password": "secret word"})
	d.cfg.RootCAs = pool
	c := signedIn(t, d)
	if err := c.Create("Erledigt ä", nil).Wait(); err != nil {
		logged, _ := os.ReadFile(filepath.Join(dir, "log"))
		t.Fatalf("%v\n%s", err, logged)
	}
	c.Close()
	delivered(t, d, "INBOX", ordered, plainMail(2), plainMail(3))
	tryMailbox(t, d)
	large := bytes.Repeat([]byte("0123456789abcdef\n"), 100_000)
	delivered(t, d, "INBOX", "Subject: large\n\n"+string(large))
	m := d.good(t, "email_read", map[string]any{"subject": "large"})["messages"].([]any)[0].(map[string]any)
	if file := m["attachments"].([]any)[0]; d.text(t, file) != strings.ReplaceAll(string(large), "\n", "\r\n") {
		t.Errorf("a long text is kept as %v", file)
	}
}
