package core

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestVsftpd does every operation on a real server that knows no MLSD, and wants to see the sign-in's TLS session again with each file.
func TestVsftpd(t *testing.T) {
	vsftpd := program(t, "vsftpd")
	if os.Getuid() != 0 && os.Getenv("STEPMILL_REQUIRE_ALL") == "" {
		t.Skip("vsftpd takes nobody in where root does not start it.")
	}
	_, _, cert, key := certified(t)
	dir, port, files := t.TempDir(), freePort(t), t.TempDir()
	home := filepath.Join(files, "home")
	for _, name := range []string{home, filepath.Join(home, "work"), filepath.Join(dir, "empty")} {
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{filepath.Dir(files), files} {
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	daemon, err := user.Lookup("daemon") // its home must be there
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(daemon.Uid)
	if err := os.Chown(filepath.Join(home, "work"), uid, -1); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"passwords": "secret word\n",
		"config": strings.NewReplacer("DIR", dir, "PORT", port, "CERT", cert, "KEY", key, "HOME", home).Replace(`
listen=YES
listen_address=127.0.0.1
listen_port=PORT
background=NO
anonymous_enable=YES
local_enable=NO
ftp_username=daemon
nopriv_user=nobody
anon_root=HOME
secure_email_list_enable=YES
email_password_file=DIR/passwords
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
secure_chroot_dir=DIR/empty
seccomp_sandbox=NO
vsftpd_log_file=DIR/log
xferlog_enable=YES
log_ftp_protocol=YES
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file=CERT
rsa_private_key_file=KEY
`)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	started(t, port, exec.Command(vsftpd, filepath.Join(dir, "config")))
	t.Cleanup(func() {
		if b, _ := os.ReadFile(filepath.Join(dir, "log")); t.Failed() {
			t.Logf("%s", b)
		}
	})
	d := deskFor("ftp", "127.0.0.1:"+port, map[string]string{"user": "anonymous", "password": "secret word"})
	failed(t, d.invoke(t, "ftp", map[string]any{"path": "."}), fault.Unavailable, "The certificate of 127.0.0.1:"+port+" is not trusted. One of your own goes into --ca-file, or into the connection.")
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	d.values["ca"] = run.Secret(pem)
	tryRemote(t, d, "ftp", filepath.Join(home, "work"), "/work", "link")
}
