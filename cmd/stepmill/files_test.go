package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// shop gives files away and takes them in.
type shop struct {
	*httptest.Server
	data []byte
	mu   sync.Mutex
	got  []string // what came, in words
}

func newShop(t *testing.T, size int) *shop {
	s := &shop{data: make([]byte, size)}
	rand.Read(s.data)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/get":
			w.Header().Set("Content-Type", "image/png")
			w.Header().Set("Content-Disposition", `attachment; filename="../a b.png"`)
			w.Write(s.data)
		case "/cut":
			w.Header().Set("Content-Length", fmt.Sprint(2*len(s.data)))
			w.Write(s.data)
		case "/no":
			w.WriteHeader(403)
			io.WriteString(w, `{"error": "not for you"}`)
		case "/form":
			if err := r.ParseMultipartForm(1 << 20); err != nil {
				t.Error(err)
				return
			}
			h := r.MultipartForm.File["upload"][0]
			f, _ := h.Open()
			b, _ := io.ReadAll(f)
			s.came(fmt.Sprintf("form %s %s %s note=%s", h.Filename, h.Header.Get("Content-Type"), sum(b), r.FormValue("note")))
			io.WriteString(w, `{}`)
		default:
			b, _ := io.ReadAll(r.Body)
			s.came(fmt.Sprintf("%s %s %d %s", r.URL.Path, r.Header.Get("Content-Type"), r.ContentLength, sum(b)))
			io.WriteString(w, `{}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:4])
}

func (s *shop) came(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, text)
}

func (s *shop) list() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.got, "\n")
}

func (s *shop) steps() string {
	return strings.ReplaceAll(`[{"id": "get", "uses": "core.http_request", "with": {"url": "URL/get", "download": true}},
		{"id": "wait", "wait": {"for": "50ms"}},
		{"id": "put", "uses": "core.http_request", "with": {"method": "PUT", "url": "URL/put", "file": "{{ steps.get.file }}"}},
		{"id": "form", "uses": "core.http_request", "with": {"method": "POST", "url": "URL/form", "multipart": {"upload": "{{ steps.get.file }}", "note": "hi"}}}]`, "URL", s.URL)
}

func (s *shop) want() string {
	return fmt.Sprintf("/put image/png %d %s\nform a b.png image/png %s note=hi", len(s.data), sum(s.data), sum(s.data))
}

// TestFilesPass: a file goes from one server through a run to others, whole, also where the run is of a file and no server.
func TestFilesPass(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // others leave things in the machine's
	o := newShop(t, 3<<20)
	dir := t.TempDir()
	file := filepath.Join(dir, "s.json")
	if err := os.WriteFile(file, []byte(`{"stepmill": 1, "name": "s", "trigger": {"uses": "manual"}, "steps": `+o.steps()+`}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := start(t.Context(), []string{"run", file, "--egress-allow", "127.0.0.0/8"}, streams{out: &out, err: &out, in: strings.NewReader("")}); code != 0 {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	if got := o.list(); got != o.want() {
		t.Errorf("there came\n%s\nnot\n%s", got, o.want())
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "stepmill-run-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestFilesStay: a run's files stay as long as it does, over a restart, in a replay of a part, and in a run that it calls; a
// file that breaks off or is refused is none.
func TestFilesStay(t *testing.T) {
	o := newShop(t, 300_000)
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": `+o.steps()+`}`)
	if status := post(http.DefaultClient, hook, `{}`); status != 200 {
		t.Fatal(status)
	}
	eventually(t, "the run ends", func() bool { return s.count("w", "succeeded") == 1 })
	if got := o.list(); got != o.want() {
		t.Errorf("there came\n%s\nnot\n%s", got, o.want())
	}
	var page struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/runs?scenario=w", "", 200, &page)
	s.kill()
	s = serve(t, data, s.addr)
	s.key = key
	whole := sha256.Sum256(o.data)
	given := func(run string) (int, string) {
		t.Helper()
		req, err := http.NewRequest("GET", s.url+"/api/v1/runs/"+run+"/files/"+hex.EncodeToString(whole[:]), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if head := resp.Header; resp.StatusCode == 200 && (head.Get("Content-Type") != "image/png" || head.Get("Content-Disposition") != `attachment; filename="a b.png"` || head.Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("the run's file is given as %v", head)
		}
		return resp.StatusCode, sum(b)
	}
	if status, got := given(page.Items[0].ID); status != 200 || got != sum(o.data) {
		t.Errorf("the run's file is given with %d, %s", status, got)
	}
	s.call("POST", "/api/v1/runs/"+page.Items[0].ID+"/replay", `{"from": "put"}`, 202, nil)

	eventually(t, "the replay ends", func() bool { return s.count("w", "succeeded") == 2 })
	if got := o.list(); got != o.want()+"\n"+o.want() {
		t.Errorf("there came\n%s", got)
	}
	// A called run reads its caller's file, and gives back one of its own.
	s.publish("inner", fmt.Sprintf(`{"stepmill": 1, "name": "Inner", "trigger": {"uses": "scenario", "with": {"inputs": [{"name": "f", "type": "object"}]}}, "steps": [{"id": "put", "uses": "core.http_request", "with": {"method": "PUT", "url": "%s/inner", "file": "{{ trigger.f }}"}},
		{"id": "more", "uses": "core.http_request", "with": {"url": "%s/get", "download": true}}]}`, o.URL, o.URL))
	hook = s.publish("outer", fmt.Sprintf(`{"stepmill": 1, "name": "Outer", "trigger": {"uses": "webhook"}, "steps": [{"id": "get", "uses": "core.http_request", "with": {"url": "%s/get", "download": true}},
		{"id": "in", "call": {"scenario": "inner"}, "with": {"f": "{{ steps.get.file }}"}}, {"id": "put", "uses": "core.http_request", "with": {"method": "PUT", "url": "%s/outer", "file": "{{ steps.in.file }}"}}]}`, o.URL, o.URL))
	if status := post(http.DefaultClient, hook, `{}`); status != 200 {
		t.Fatal(status)
	}
	eventually(t, "the outer run ends", func() bool { return s.count("outer", "succeeded") == 1 })
	if got := o.list(); !strings.Contains(got, "/inner image/png 300000 "+sum(o.data)) || !strings.Contains(got, "/outer image/png 300000 "+sum(o.data)) {
		t.Errorf("there came\n%s", got)
	}
	// What is no file of the run's is not read, whatever an event says; a file that breaks off is none.
	hook = s.publish("forged", fmt.Sprintf(`{"stepmill": 1, "name": "F", "trigger": {"uses": "webhook"}, "steps": [{"id": "put", "uses": "core.http_request", "with": {"method": "PUT", "url": "%s/forged", "file": "{{ trigger.body }}"}}]}`, o.URL))
	post(http.DefaultClient, hook, `{"file": "`+hex.EncodeToString(whole[:])+`", "name": "x", "size": 300000}`)
	eventually(t, "the forged run fails", func() bool { return s.count("forged", "failed") == 1 })
	s.call("GET", "/api/v1/runs?scenario=forged", "", 200, &page)
	if status, _ := given(page.Items[0].ID); status != 404 {
		t.Errorf("a run gives a file that is not its own: %d", status)
	}
	hook = s.publish("cut", fmt.Sprintf(`{"stepmill": 1, "name": "C", "trigger": {"uses": "webhook"}, "steps": [{"id": "get", "uses": "core.http_request", "with": {"url": "%s/cut", "download": true}, "retry": {"attempts": 1}}]}`, o.URL))
	post(http.DefaultClient, hook, `{}`)
	eventually(t, "the cut run fails", func() bool { return s.count("cut", "failed") == 1 })
	hook = s.publish("no", fmt.Sprintf(`{"stepmill": 1, "name": "N", "trigger": {"uses": "webhook"}, "steps": [{"id": "get", "uses": "core.http_request", "with": {"url": "%s/no", "download": true}}]}`, o.URL))
	post(http.DefaultClient, hook, `{}`)
	eventually(t, "the refused run fails", func() bool { return s.count("no", "failed") == 1 })
	if strings.Contains(o.list(), "/forged") {
		t.Error("a file that is not the run's was sent")
	}
}
