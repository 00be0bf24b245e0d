package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAnswers: a step answers the request also after a wait, and a server that ends answers who still waits.
func TestAnswers(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0", "--drain", "2s")
	s.key = key
	ask := func(url string) string {
		resp, err := http.Post(url, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Error(err)
			return ""
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.Status + " " + string(b)
	}
	late := s.publish("late", `{"stepmill": 1, "name": "late", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "w", "wait": {"for": "100ms"}}, {"id": "r", "uses": "core.respond", "with": {"status": 201, "json": {"late": true}}}]}`)
	if got := ask(late); !strings.HasPrefix(got, `201 Created {"late":true}`) {
		t.Errorf("the step answers %s", got)
	}
	ended := s.publish("ended", `{"stepmill": 1, "name": "ended", "trigger": {"uses": "webhook", "with": {"respond": "ended"}}, "steps": [
		{"id": "w", "wait": {"for": "100ms"}}, {"id": "v", "uses": "core.set", "with": {"values": {"v": 7}}}]}`)
	if got := ask(ended); !strings.Contains(got, `"output":{"v":7}`) || !strings.Contains(got, `"status":"succeeded"`) {
		t.Errorf("the end answers %s", got)
	}
	slow := s.publish("slow", `{"stepmill": 1, "name": "slow", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "w", "wait": {"for": "1h"}}, {"id": "r", "uses": "core.respond"}]}`)
	answer := make(chan string, 1)
	go func() { answer <- ask(slow) }()
	eventually(t, "the run waits", func() bool { return s.count("slow", "waiting") == 1 })
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-answer:
		if !strings.HasPrefix(got, "200 OK") || !strings.Contains(got, `"status":"accepted"`) {
			t.Errorf("a server that ends answers %s", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("nobody answers")
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// TestCapture: the next request to a scenario that was never published becomes the sample of its draft, and the one after is refused;
// also where the process is killed before it comes and behind it.
func TestCapture(t *testing.T) {
	data := t.TempDir()
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	var made struct{ Triggers []struct{ URL string } }
	s.call("POST", "/api/v1/scenarios", `{"slug": "w", "definition": {"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": []}}`, 201, &made)
	again := func() { // by the same address
		s.kill()
		s = serve(t, data, s.addr)
		s.key = key
	}
	post := func() (int, string) {
		resp, err := http.Post(made.Triggers[0].URL, "application/json", strings.NewReader(`{"n": 1}`))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var said struct{ Status, Event string }
		json.NewDecoder(resp.Body).Decode(&said)
		return resp.StatusCode, said.Status
	}
	if status, _ := post(); status != 404 {
		t.Fatalf("a draft's URL is answered %d", status)
	}
	s.call("POST", "/api/v1/scenarios/w/capture", "", 202, nil)
	again()
	if status, said := post(); status != 200 || said != "captured" {
		t.Fatalf("the request that is waited for is answered %d %s", status, said)
	}
	if status, _ := post(); status != 404 {
		t.Errorf("the request after it is answered %d", status)
	}
	again()
	var got struct{ Event string }
	if s.call("GET", "/api/v1/scenarios/w/capture", "", 200, &got); got.Event == "" {
		t.Fatal("the event is not named")
	}
	var draft struct{ Definition json.RawMessage }
	s.call("PUT", "/api/v1/scenarios/w/sample", `{"trigger": "trigger", "event": "`+got.Event+`"}`, 200, &draft)
	if s.call("GET", "/api/v1/scenarios/w", "", 200, &draft); !strings.Contains(string(draft.Definition), `"body":{"n":1}`) {
		t.Errorf("the draft is %s", draft.Definition)
	}
	if n := s.count("w", ""); n != 0 {
		t.Errorf("%d runs began", n)
	}
}
