package main

import (
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
