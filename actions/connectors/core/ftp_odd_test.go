package core

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// ftpServer answers commands as it is told: what stands under the whole command, else under its word. An answer with a byte 1 in
// it sends what stands behind that on the connection for files, and then says what stands behind a byte 2.
//
// "tls" says that it speaks TLS from the first byte on, and asks for the sign-in's session with each file.
type ftpServer map[string]string

// ftpKeys are what it speaks TLS with; nil: it does not.
func (s ftpServer) keys(t *testing.T, d *desk) *tls.Config {
	t.Helper()
	if s["tls"] == "" {
		return nil
	}
	pair, pool, _, _ := certified(t)
	d.cfg.RootCAs, d.values["security"] = pool, "tls"
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

func (s ftpServer) opened(t *testing.T) (*desk, func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heard := make(chan string, 1000)
	d := deskFor("ftp", l.Addr().String(), map[string]string{"user": "ada", "password": "secret word", "security": "none"})
	keys := s.keys(t, d)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if keys != nil {
				conn = tls.Server(conn, keys)
			}
			go s.serve(conn, heard, keys)
		}
	}()
	return d, func() string {
		var all []string
		for {
			select {
			case line := <-heard:
				all = append(all, line)
			default:
				return strings.Join(all, "\n")
			}
		}
	}
}

func (s ftpServer) serve(conn net.Conn, heard chan<- string, keys *tls.Config) {
	defer conn.Close()
	answers := ftpServer{"hello": "220 hello", "USER": "331 and?", "PASS": "230 in", "FEAT": "500 what?", "TYPE": "200 ok", "PBSZ": "200 ok", "PROT": "200 ok", "PWD": `257 "/"`, "CWD": "250 ok", "CWD /f": "550 no folder", "CWD /none": "550 none", "SIZE": "550 none", "SIZE /f": "213 4",
		"EPSV": "500 what?", "RETR": "150 now\x01text\x02226 done", "LIST": "150 now\x01-rw-r--r-- 1 a b 4 Jan 31 09:30 f\r\n\x02226 done", "STOR": "150 now\x01\x02226 done", "DELE": "250 ok", "RNFR": "350 to?", "RNTO": "250 ok", "MKD": `257 made`, "QUIT": "221 bye"}
	for name, answer := range s {
		answers[name] = answer
	}
	var files net.Listener
	defer func() {
		if files != nil {
			files.Close()
		}
	}()
	say := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
	say(answers["hello"])
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		heard <- line
		word, _, _ := strings.Cut(line, " ")
		answer, ok := answers[line]
		if !ok {
			answer = answers[word]
		}
		if word == "PASV" && answer == "" {
			if files, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				return
			}
			port := files.Addr().(*net.TCPAddr).Port
			answer = fmt.Sprintf("227 Entering (10,1,2,3,%d,%d)", port/256, port%256) // where no file is fetched from
		}
		if answer == "cut" {
			return
		}
		before, rest, sends := strings.Cut(answer, "\x01")
		say(before)
		if !sends {
			continue
		}
		data, after, _ := strings.Cut(rest, "\x02")
		c, err := files.Accept()
		if err != nil {
			return
		}
		if keys != nil {
			secured := tls.Server(c, keys)
			if secured.Handshake() != nil || !secured.ConnectionState().DidResume {
				heard <- "no session"
			}
			if word == "STOR" {
				_, _ = io.WriteString(secured, "what OpenSSL says when it has been greeted: its tickets")
			}
			c = secured
		}
		if word == "STOR" {
			n, err := io.Copy(io.Discard, slowly{c})
			heard <- fmt.Sprint(n, " bytes, ", err)
		} else {
			for n := 0; n < 1 || data == "endless" && n < 3_000_000; n++ {
				if _, err := io.WriteString(c, strings.ReplaceAll(data, "endless", "-rw-r--r-- 1 a b 4 Jan 31 09:30 file\r\n")); err != nil {
					break
				}
			}
		}
		c.Close()
		files.Close()
		say(after)
	}
}

// slowly reads as a server does whose disk is busy.
type slowly struct{ io.Reader }

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return s.Reader.Read(b[:min(len(b), 32<<10)])
}

// TestFTPTLS: files go whole over TLS 1.3, in the session of the sign-in, though the server speaks on their connections too.
func TestFTPTLS(t *testing.T) {
	d, heard := ftpServer{"tls": "1", "CWD": "550 none", "FEAT": "211-these\r\n MLST type*;size*;\r\n211 end", "MLST": "550 none", "MLST /f": "250-it\r\n type=file;size=4; f\r\n250 end"}.opened(t)
	large := d.put("large.bin", "application/octet-stream", bytes.Repeat([]byte("0123456789abcdef"), 200_000))
	for range 2 {
		d.good(t, "ftp", map[string]any{"operation": "upload", "path": "/large.bin", "file": large.Value()})
	}
	empty := d.put("empty", "text/plain", nil)
	d.good(t, "ftp", map[string]any{"operation": "upload", "path": "/empty", "file": empty.Value(), "direct": true})
	if got := d.text(t, d.good(t, "ftp", map[string]any{"operation": "download", "path": "/f"})["file"]); got != "text" {
		t.Errorf("it gives %q", got)
	}
	if got := heard(); strings.Contains(got, "no session") || strings.Count(got, "\n3200000 bytes, <nil>") != 2 || !strings.Contains(got, "\n0 bytes, <nil>") || !strings.Contains(got, "MLST /large.bin") && !strings.Contains(got, "CWD /large.bin") {
		t.Errorf("it heard\n%s", got)
	}
}

// TestFTPOdd: servers of little and of strange words.
func TestFTPOdd(t *testing.T) {
	d, heard := ftpServer{}.opened(t)
	out := d.good(t, "ftp", map[string]any{"operation": "download", "path": "/f"})
	if d.text(t, out["file"]) != "text" {
		t.Errorf("it gives %v", out)
	}
	if got := fmt.Sprint(d.good(t, "ftp", map[string]any{"operation": "list", "path": "/d"})["entries"]); !strings.HasPrefix(got, "[map[modified:20") || !strings.HasSuffix(got, "name:f path:/d/f size:4 type:file]]") {
		t.Errorf("it lists %s", got)
	}
	heard()
	d, heard = ftpServer{"CWD": "550 none", "CWD /a": "250 ok", "CWD /": "250 ok", "RNTO /a/b/f": "553 it is there", "MKD /a/b": "257 made"}.opened(t)
	f := d.put("f", "text/plain", []byte("text"))
	failed(t, d.invoke(t, "ftp", map[string]any{"operation": "upload", "path": "/a/b/f", "file": f.Value(), "folders": true}), fault.InvalidInput, `"/a/b/f" on 127.0.0.1 cannot be written: the server says 553 "it is there". Look at`)
	if got := heard(); !strings.Contains(got, "MKD /a/b\n") || strings.Contains(got, "MKD /a\n") || strings.Count(got, "RNTO /a/b/f") != 2 || !strings.Contains(got, "DELE /a/b/f") || !strings.Contains(got, "DELE /a/b/.f.") {
		t.Errorf("it heard\n%s", got)
	}
	for name, c := range map[string]struct {
		server ftpServer
		with   map[string]any
		class  fault.Code
		want   string
	}{
		"no such file":   {ftpServer{"RETR": "550 no"}, map[string]any{"operation": "download", "path": "/none"}, fault.NotFound, `There is no "/none" on 127.0.0.1; look at the path`},
		"not allowed":    {ftpServer{"RETR": "550 not you"}, map[string]any{"operation": "download", "path": "/f"}, fault.InvalidInput, `"/f" on 127.0.0.1 cannot be read: the server says 550 "not you"`},
		"no folder":      {ftpServer{}, map[string]any{"path": "/f"}, fault.InvalidInput, `The input path: "/f" is no folder; give the folder`},
		"no such folder": {ftpServer{}, map[string]any{"path": "/none"}, fault.NotFound, `There is no "/none"`},
		"folder":         {ftpServer{}, map[string]any{"operation": "download", "path": "/d"}, fault.InvalidInput, `The input path: "/d" is a folder; list it`},
		"short file":     {ftpServer{"SIZE /f": "213 5"}, map[string]any{"operation": "download", "path": "/f"}, fault.Unavailable, `The file "/f" on 127.0.0.1 ended early`},
		"cut file":       {ftpServer{"RETR": "150 now\x01te\x02426 it broke"}, map[string]any{"operation": "download", "path": "/f"}, fault.Unavailable, `"/f" on 127.0.0.1 cannot be read now: the server says 426 "it broke".`},
		"full":           {ftpServer{"CWD": "550 none", "STOR": "150 now\x01\x02452 it is full"}, map[string]any{"operation": "upload", "path": "/x", "file": f.Value()}, fault.InvalidInput, `"/.x.`},
		"busy":           {ftpServer{"hello": "421 too many"}, map[string]any{"path": "/d"}, fault.Unavailable, `127.0.0.1 lets nobody in at present: it says 421 "too many".`},
		"not it":         {ftpServer{"PASS": "530 wrong"}, map[string]any{"path": "/d"}, fault.Unauthorized, `127.0.0.1 does not take the user ada with that password and encryption: it says 530 "wrong".`},
		"another":        {ftpServer{"hello": "SSH-2.0-OpenSSH_9"}, map[string]any{"path": "/d"}, fault.Unavailable, "127.0.0.1 does not speak FTP at that port; look"},
		"hang-up":        {ftpServer{"RETR": "cut"}, map[string]any{"operation": "download", "path": "/f"}, fault.Unavailable, "The connection to 127.0.0.1:"},
		"port":           {ftpServer{"PASV": "227 Entering (127,0,0,1,0,22)"}, map[string]any{"operation": "download", "path": "/f"}, fault.Unavailable, "127.0.0.1 names the port 22 for a file"},
		"no port":        {ftpServer{"PASV": "425 no"}, map[string]any{"operation": "download", "path": "/f"}, fault.Unavailable, `"/f" on 127.0.0.1 cannot be read now: the server says 425 "no".`},
		"endless words":  {ftpServer{"hello": "220-" + strings.Repeat("words ", 1<<18)}, map[string]any{"path": "/d"}, fault.TooLarge, "The server says more than this step takes."},
		"endless list":   {ftpServer{"LIST": "150 now\x01endless\x02226 done"}, map[string]any{"path": "/d"}, fault.TooLarge, "The server lists more than this step takes."},
		"no TLS":         {ftpServer{"AUTH": "500 what?", "security": "starttls"}, map[string]any{"path": "/d"}, fault.InvalidInput, `127.0.0.1 does not sign in over TLS: it says 500 "what?". Choose another encryption`},
		"TLS wanted":     {ftpServer{"USER": "530 by TLS only"}, map[string]any{"path": "/d"}, fault.Unauthorized, `127.0.0.1 does not take the user ada with that password and encryption: it says by TLS only.`},
		"lines":          {ftpServer{"password": "a\r\nDELE /"}, map[string]any{"path": "/d"}, fault.Unauthorized, "The connection's user name or password holds the end of a line"},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := c.server.opened(t)
			d.put("f", "text/plain", []byte("text"))
			for _, value := range []string{"security", "password"} {
				if c.server[value] != "" {
					d.values[value] = run.Secret(c.server[value])
				}
			}
			failed(t, d.invoke(t, "ftp", c.with), c.class, c.want)
		})
	}
}
