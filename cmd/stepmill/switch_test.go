package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestSwitches: a scenario that is switched off, on or deleted on a page is so at its triggers too, at once, whichever of the page and
// the API switched it last.
func TestSwitches(t *testing.T) {
	s := serve(t, t.TempDir(), "127.0.0.1:0", "--demo")
	hook := s.publish("off", `{"stepmill": 1, "name": "Off", "trigger": {"uses": "webhook"}, "steps": [{"id": "log", "uses": "core.log", "with": {"message": "x"}}]}`)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	press := func(what string) {
		t.Helper()
		req, err := http.NewRequest("POST", s.url+"/scenarios/off/"+what, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", s.url)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s is answered %d", what, resp.StatusCode)
		}
	}
	says := func(status int, want string) {
		t.Helper()
		resp, err := http.Post(hook, "application/json", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer struct{ Status string }
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != status || answer.Status != want {
			t.Errorf("the trigger says %d %s, %v; not %d %s", resp.StatusCode, answer.Status, err, status, want)
		}
	}
	says(200, "accepted")
	press("pause")
	says(200, "queued")
	press("resume")
	says(200, "accepted")
	eventually(t, "what was queued runs", func() bool { return s.count("off", "succeeded") == 3 })
	s.call("POST", "/api/v1/scenarios/off/pause", "", 200, nil)
	says(200, "queued")
	press("resume")
	says(200, "accepted")
	press("pause?back=list")
	s.call("POST", "/api/v1/scenarios/off/resume", "", 200, nil)
	says(200, "accepted")
	press("delete")
	says(404, "refused")
}
