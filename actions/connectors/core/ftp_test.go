package core

import (
	"fmt"
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

// TestProFTPD does every operation on a real server that asks for TLS, and that a file's connection belongs to a session it knows.
// It lists with MLSD.
func TestProFTPD(t *testing.T) {
	proftpd := program(t, "proftpd")
	_, pool, cert, key := certified(t)
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, implicit := range []bool{false, true} {
		t.Run(fmt.Sprint("implicit ", implicit), func(t *testing.T) {
			dir, port, files := t.TempDir(), freePort(t), t.TempDir()
			me, err := user.Current()
			if err != nil {
				t.Fatal(err)
			}
			group, err := user.LookupGroupId(me.Gid)
			if err != nil {
				t.Fatal(err)
			}
			passwd, err := exec.Command("openssl", "passwd", "-1", "secret word").Output()
			if err != nil {
				t.Fatal(err)
			}
			option, security := "", "starttls"
			if implicit {
				option, security = "TLSOptions UseImplicitSSL", "tls"
			}
			for name, text := range map[string]string{
				"users": fmt.Sprintf("ada:%s:%s:%s::%s:/bin/sh\n", strings.TrimSpace(string(passwd)), me.Uid, me.Gid, files),
				"config": strings.NewReplacer("DIR", dir, "PORT", port, "CERT", cert, "KEY", key, "OPTION", option, "USER", me.Username, "GROUP", group.Name).Replace(`
ServerType standalone
DefaultAddress 127.0.0.1
Port PORT
UseReverseDNS off
UseIPv6 off
User USER
Group GROUP
RootLogin on
ScoreboardFile DIR/scoreboard
PidFile DIR/pid
SystemLog DIR/log
DelayEngine off
AuthOrder mod_auth_file.c
AuthUserFile DIR/users
AuthPAM off
RequireValidShell off
AllowOverwrite on
WtmpLog off
LoadModule mod_tls.c
TLSEngine on
TLSLog DIR/tls
TLSRequired on
TLSECCertificateFile CERT
TLSECCertificateKeyFile KEY
OPTION
`)} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() {
				if t.Failed() {
					for _, name := range []string{"log", "tls"} {
						b, _ := os.ReadFile(filepath.Join(dir, name))
						t.Logf("%s", b)
					}
				}
			})
			started(t, port, exec.Command(proftpd, "-n", "-q", "-c", filepath.Join(dir, "config")))
			d := deskFor("ftp", "127.0.0.1:"+port, map[string]string{"security": security, "user": "ada", "password": "secret word"})
			if !implicit {
				d.cfg.RootCAs = pool
				tryRemote(t, d, "ftp", files, files, "file") // it looks behind links
				return
			}
			failed(t, d.invoke(t, "ftp", map[string]any{"path": "."}), fault.Unavailable, "The certificate of 127.0.0.1:"+port+" is not trusted. One of your own goes into --ca-file, or into the connection.")
			pem, err := os.ReadFile(cert)
			if err != nil {
				t.Fatal(err)
			}
			d.values["ca"] = run.Secret(pem)
			f := d.put("a.txt", "text/plain", []byte("text"))
			d.good(t, "ftp", map[string]any{"operation": "upload", "path": "a.txt", "file": f.Value()})
			if got := d.text(t, d.good(t, "ftp", map[string]any{"operation": "download", "path": "a.txt"})["file"]); got != "text" {
				t.Errorf("it gives %q", got)
			}
		})
	}
}

// TestVsftpd does every operation on a real server that knows no MLSD.
func TestVsftpd(t *testing.T) {
	vsftpd := program(t, "vsftpd")
	if os.Getuid() != 0 {
		t.Skip("vsftpd takes nobody in where root does not start it.")
	}
	_, pool, cert, key := certified(t)
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
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
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
ftp_username=nobody
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
	d.cfg.RootCAs = pool
	tryRemote(t, d, "ftp", filepath.Join(home, "work"), "/work", "link")
}
