package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// sendFiles sends a form of a field and files to a trigger's URL; no status: it came to nothing.
func sendFiles(url, field string, files ...[]byte) (status int, answer struct{ Status, Event, Run string }) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("say", field)
	for i, content := range files {
		part, _ := w.CreateFormFile("doc", fmt.Sprintf("%d.bin", i))
		part.Write(content)
	}
	w.Close()
	resp, err := http.Post(url, w.FormDataContentType(), &b)
	if err != nil {
		return 0, answer
	}
	defer resp.Body.Close()
	json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

// file gives a file of an event, by the API.
func (s *served) file(event, hash string) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequest("GET", s.url+"/api/v1/events/"+event+"/files/"+hash, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, b
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestHookFiles: a trigger URL takes files, which a step sends on, a replay has too and the inbox shows.
func TestHookFiles(t *testing.T) {
	o := newShop(t, 300_000)
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0", "--hook-files", "2MB")
	s.key = newKey(t, data)
	hook := s.publish("w", fmt.Sprintf(`{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "put", "uses": "core.http_request", "with": {"method": "PUT", "url": "%s/{{ trigger.body.say }}", "file": "{{ trigger.body.doc }}"}}]}`, o.URL))
	status, taken := sendFiles(hook, "first", o.data)
	if status != 200 || taken.Status != "accepted" {
		t.Fatalf("it is answered %d %+v", status, taken)
	}
	eventually(t, "the run ends", func() bool { return s.count("w", "succeeded") == 1 })
	if got := o.list(); got != "/first application/octet-stream 300000 "+sum(o.data) {
		t.Errorf("there came %s", got)
	}
	if status, got := s.file(taken.Event, hashOf(o.data)); status != 200 || !bytes.Equal(got, o.data) {
		t.Errorf("the file is given with %d, %d bytes", status, len(got))
	}
	at := s.url + "/inbox/" + taken.Event
	if status, _, page := s.page("GET", at, nil, "Authorization", "Bearer "+s.key); status != 200 || !strings.Contains(page, "/inbox/"+taken.Event+"/files/"+hashOf(o.data)) || !strings.Contains(page, "0.bin") || !strings.Contains(page, "application/octet-stream") {
		t.Errorf("the inbox shows %d\n%s", status, page)
	}
	if status, _, got := s.page("GET", at+"/files/"+hashOf(o.data)+"?name=0.bin", nil, "Authorization", "Bearer "+s.key); status != 200 || got != string(o.data) {
		t.Errorf("the inbox gives %d, %d bytes", status, len(got))
	}
	var again struct{ Run string }
	s.call("POST", "/api/v1/events/"+taken.Event+"/replay", "", 202, &again)
	eventually(t, "the replay ends", func() bool { return s.count("w", "succeeded") == 2 })
	if status, _ := sendFiles(hook, "large", make([]byte, 3<<20)); status != 413 {
		t.Errorf("what is too large is answered %d", status)
	}
	// A sample for the editor has its files.
	var made struct{ Triggers []struct{ URL string } }
	s.call("POST", "/api/v1/scenarios", `{"slug": "draft", "definition": {"stepmill": 1, "name": "D", "trigger": {"uses": "webhook"}, "steps": []}}`, 201, &made)
	s.call("POST", "/api/v1/scenarios/draft/capture", "", 202, nil)
	status, sample := sendFiles(made.Triggers[0].URL, "sample", []byte("sample"), []byte("two"))
	if status != 200 || sample.Status != "captured" {
		t.Fatalf("the sample is answered %d %+v", status, sample)
	}
	if status, got := s.file(sample.Event, hashOf([]byte("two"))); status != 200 || string(got) != "two" {
		t.Errorf("the sample's file is given with %d", status)
	}
}

// TestHookFilesKilled kills the server while files come in, and starts it again: what it has taken has its files whole.
func TestHookFilesKilled(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	hook := s.publish("w", `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": `+settle+`}`)
	type sent struct{ one, two []byte }
	taken := map[string]sent{}
	var mu sync.Mutex
	for round := range 5 {
		var all sync.WaitGroup
		ended := make(chan struct{})
		for range 4 {
			all.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-ended:
						return
					default:
					}
					files := sent{make([]byte, 100_000+rand.IntN(3_000_000)), []byte(fmt.Sprint(rand.Uint64()))}
					for i := range files.one {
						files.one[i] = byte(rand.Uint32())
					}
					if status, answer := sendFiles(hook, "x", files.one, files.two); status == 200 {
						mu.Lock()
						taken[answer.Event] = files
						mu.Unlock()
					} else if status != 0 {
						t.Errorf("it is answered %d", status)
					}
				}
			})
		}
		time.Sleep(time.Duration(300+rand.IntN(400)) * time.Millisecond)
		s.kill()
		close(ended)
		all.Wait()
		key := s.key
		s = serve(t, data, s.addr)
		s.key = key
		t.Logf("round %d: %d are taken", round, len(taken))
	}
	if len(taken) == 0 {
		t.Fatal("nothing was taken")
	}
	for event, files := range taken {
		for _, want := range [][]byte{files.one, files.two} {
			if status, got := s.file(event, hashOf(want)); status != 200 || !bytes.Equal(got, want) {
				t.Errorf("the event %s: its file of %d bytes is given with %d, %d bytes", event, len(want), status, len(got))
			}
		}
	}
	eventually(t, "every run ends", func() bool { return s.count("w", "succeeded") >= len(taken) })
}
