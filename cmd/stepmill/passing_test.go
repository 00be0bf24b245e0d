package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// warehouse stands in for the vendors that keep files: it gives one of any size and compares with it what it is sent, without
// having either in memory.
type warehouse struct {
	*vendor
	size int64

	mu   sync.Mutex
	came map[string]string // by where it came, whether it is the file
	now  *comparing        // of an upload in pieces
}

// bytesOf are the bytes of the file.
func bytesOf() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// comparing compares what is written to it with the file.
type comparing struct {
	want io.Reader
	n    int64
	bad  bool
}

func (c *comparing) Write(b []byte) (int, error) {
	want := make([]byte, len(b))
	io.ReadFull(c.want, want)
	c.n, c.bad = c.n+int64(len(b)), c.bad || !bytes.Equal(b, want)
	return len(b), nil
}

func newWarehouse(t testing.TB, size int64) *warehouse {
	h := &warehouse{size: size, came: map[string]string{}}
	v := &vendor{app: formApp, rotates: true,
		no: func(w http.ResponseWriter, word string) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error": %q}`, word)
		},
		token: func(_ *vendor, w http.ResponseWriter, n int) {
			fmt.Fprintf(w, `{"access_token": "A%d", "refresh_token": "R%d", "expires_in": 14400, "token_type": "bearer", "account_id": "dbid:1"}`,
				n, n)
		},
	}
	v.more = map[string]http.HandlerFunc{
		"/drive/v3/about":                   say(`{"user": {"emailAddress": "ada@example.com"}}`),
		"/drive/v3/files/1AbCdEf":           h.give,
		"/upload/drive/v3/files":            h.drive,
		"/2/files/upload":                   h.whole("dropbox", `{"name": "disk.img"}`),
		"/2/files/upload_session/start":     h.piece,
		"/2/files/upload_session/append_v2": h.piece,
		"/2/files/upload_session/finish":    h.piece,
	}
	v.t, v.Server = t, httptest.NewServer(h)
	t.Cleanup(v.Close)
	h.vendor = v
	return h
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, text)
	}
}

// ServeHTTP answers those that are not asked by OAuth's tokens.
func (h *warehouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/files.getUploadURLExternal":
		say(fmt.Sprintf(`{"ok": true, "upload_url": "http://%s/upload/v1/x", "file_id": "F1"}`, r.Host))(w, r)
	case "/upload/v1/x":
		h.whole("slack", "OK")(w, r)
	case "/files.completeUploadExternal":
		say(`{"ok": true, "files": [{"id": "F1"}]}`)(w, r)
	case "/rest/api/3/issue/SUP-42/attachments":
		h.form(w, r)
	case "/conversations/503/reply":
		h.encoded(w, r)
	default:
		h.vendor.ServeHTTP(w, r)
	}
}

func (h *warehouse) give(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("alt") != "media" {
		say(`{"id": "1AbCdEf", "name": "disk.img", "mimeType": "application/octet-stream"}`)(w, r)
		return
	}
	w.Header().Set("Content-Length", strconv.FormatInt(h.size, 10))
	io.CopyN(w, bytesOf(), h.size)
}

// compared says of what came at a place whether it is the file.
func (h *warehouse) compared(where string, c *comparing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.came[where] = "whole"
	if c.bad || c.n != h.size {
		h.came[where] = fmt.Sprintf("%d bytes, others: %v", c.n, c.bad)
	}
}

func (h *warehouse) whole(where, answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &comparing{want: bytesOf()}
		io.Copy(c, r.Body)
		h.compared(where, c)
		say(answer)(w, r)
	}
}

func (h *warehouse) drive(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		w.Header().Set("Location", "http://"+r.Host+"/upload/drive/v3/files?uploadType=resumable&upload_id=x")
		return
	}
	h.whole("drive", `{"id": "2", "name": "disk.img"}`)(w, r)
}

func (h *warehouse) piece(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "start") {
		h.now = &comparing{want: bytesOf()}
	}
	io.Copy(h.now, r.Body)
	if strings.HasSuffix(r.URL.Path, "finish") {
		h.compared("dropbox", h.now)
	}
	say(`{"session_id": "s", "name": "disk.img"}`)(w, r)
}

func (h *warehouse) form(w http.ResponseWriter, r *http.Request) {
	c := &comparing{want: bytesOf()}
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if part, err := multipart.NewReader(r.Body, params["boundary"]).NextPart(); err == nil && part.FormName() == "file" && part.FileName() == "disk.img" {
		io.Copy(c, part)
	}
	io.Copy(io.Discard, r.Body)
	h.compared("jira", c)
	say(`[{"id": "1", "filename": "disk.img"}]`)(w, r)
}

// encoded takes JSON in which the file stands as its base64.
func (h *warehouse) encoded(w http.ResponseWriter, r *http.Request) {
	c, in := &comparing{want: bytesOf()}, bufio.NewReader(r.Body)
	for before := ""; !strings.HasSuffix(before, `"data":"`); {
		b, err := in.ReadByte()
		if err != nil {
			return
		}
		before += string(b)
	}
	io.Copy(c, base64.NewDecoder(base64.StdEncoding, &untilQuote{in: in}))
	io.Copy(io.Discard, in)
	h.compared("intercom", c)
	say(`{"type": "conversation", "id": "503"}`)(w, r)
}

// untilQuote reads a text of JSON to its end.
type untilQuote struct {
	in   io.Reader
	over bool
}

func (u *untilQuote) Read(b []byte) (int, error) {
	if u.over {
		return 0, io.EOF
	}
	n, err := u.in.Read(b)
	if i := bytes.IndexByte(b[:n], '"'); i >= 0 {
		n, u.over = i, true
	}
	return n, err
}

// ways are the steps that send on the file that steps.get gave.
var ways = map[string]string{
	"dropbox":  `{"id": "put", "uses": "dropbox.upload_file", "connection": "dropbox", "with": {"file": "{{ steps.get.file }}", "path": "/disk.img"}}`,
	"drive":    `{"id": "put", "uses": "google_drive.upload_file", "connection": "drive", "with": {"file": "{{ steps.get.file }}"}}`,
	"slack":    `{"id": "put", "uses": "slack.upload_file", "connection": "slack", "with": {"file": "{{ steps.get.file }}", "channel": "C1"}}`,
	"jira":     `{"id": "put", "uses": "jira.add_attachment", "connection": "jira", "with": {"file": "{{ steps.get.file }}", "issue": "SUP-42"}}`,
	"intercom": `{"id": "put", "uses": "intercom.reply", "connection": "intercom", "with": {"files": ["{{ steps.get.file }}"], "conversation": "503", "admin": "1", "body": "Here"}}`,
}

// passed lets the real program take the warehouse's file from Drive and send it on, and gives the most memory that it took, in bytes;
// zero: that is not known here.
func passed(t testing.TB, size int64, way string) int64 {
	from, to, data := newWarehouse(t, size), newWarehouse(t, size), t.TempDir() // each has tokens of its own
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	defer s.kill()
	s.key = key
	for _, c := range []struct{ slug, connector, method, values string }{
		{"drive", "google_drive", "oauth", `"client_id": "the id", "client_secret": "the s&cret", "authorize_url": "URL/authorize", "token_url": "URL/token"`},
		{"dropbox", "dropbox", "oauth", `"client_id": "the id", "client_secret": "the s&cret", "authorize_url": "URL/authorize", "token_url": "URL/token"`},
		{"slack", "slack", "token", `"token": "xoxb-s3cret"`}, {"intercom", "intercom", "token", `"token": "s3cret-token"`},
		{"jira", "jira", "basic", `"site": "acme", "email": "a@example.com", "token": "s3cret-token"`},
	} {
		if c.slug != way && c.slug != "drive" {
			continue
		}
		v := to.URL
		if c.slug == "drive" {
			v = from.URL
		}
		s.call("POST", "/api/v1/connections", fmt.Sprintf(`{"slug": %q, "connector": %q, "method": %q, "base_url": %q, "values": {%s}}`,
			c.slug, c.connector, c.method, v, strings.ReplaceAll(c.values, "URL", v)), 201, nil)
		if c.method == "oauth" {
			b := s.browser()
			if status, location, text := s.open(b, s.begin(b, c.slug)); status != 303 {
				t.Fatalf("the sign-in ends with %d at %q: %.300s", status, location, text)
			}
		}
	}
	hook := s.publish("pass", `{"stepmill": 1, "name": "Pass", "trigger": {"uses": "webhook"}, "steps": [{"id": "get", "uses": "google_drive.download_file", "connection": "drive", "with": {"file": "1AbCdEf"}}, `+ways[way]+`]}`)
	if status := post(http.DefaultClient, hook, `{}`); status != 200 {
		t.Fatal(status)
	}
	for s.count("pass", "succeeded") == 0 {
		if s.count("pass", "failed")+s.count("pass", "incomplete") > 0 {
			t.Fatalf("the run failed: %s", firstError(s))
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, h := range []*warehouse{from, to} {
		h.mu.Lock()
		if got := h.came[way]; got != "whole" && (h == to) != (way == "drive") {
			t.Errorf("there came %v", h.came)
		}
		h.mu.Unlock()
	}
	return mostMemory(s.cmd.Process.Pid)
}

func firstError(s *served) string {
	var page struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/runs?"+url.Values{"scenario": {"pass"}}.Encode(), "", 200, &page)
	var one struct{ Error struct{ Message string } }
	s.call("GET", "/api/v1/runs/"+page.Items[0].ID, "", 200, &one)
	return one.Error.Message
}

// mostMemory is the most that a process had in memory, in bytes; zero: the system does not say.
func mostMemory(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}

// TestFilePasses: a file goes from one vendor to another, whole, and the program never has it in memory.
func TestFilePasses(t *testing.T) {
	const size = 160 << 20 // one request takes less at Dropbox
	for _, way := range []string{"dropbox", "slack", "jira", "drive", "intercom"} {
		t.Run(way, func(t *testing.T) {
			if most := passed(t, size, way); most > 128<<20 {
				t.Errorf("the program took %d MB of memory for a file of %d MB", most>>20, size>>20)
			}
		})
	}
}

// BenchmarkFile passes a file of 1 GB from Drive to each of the others, and tells the most memory that the program took.
func BenchmarkFile(b *testing.B) {
	for _, way := range []string{"dropbox", "slack", "jira", "drive", "intercom"} {
		b.Run(way, func(b *testing.B) {
			b.SetBytes(1 << 30)
			for range b.N {
				b.ReportMetric(float64(passed(b, 1<<30, way))/(1<<20), "MB-peak")
			}
		})
	}
}
