package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestDemo: every sample scenario of the demo runs on its sample event, nothing leaves, and every request is kept.
func TestDemo(t *testing.T) {
	s := serve(t, t.TempDir(), "127.0.0.1:0", "--demo")
	var list struct {
		Items []struct{ Slug, Status string }
	}
	s.call("GET", "/api/v1/scenarios", "", 200, &list)
	if len(list.Items) != 4 {
		t.Fatalf("the demo has %+v", list.Items)
	}
	for _, item := range list.Items {
		if item.Status != "live" {
			t.Errorf("%s is %s", item.Slug, item.Status)
		}
		var started struct{ Run string }
		s.call("POST", "/api/v1/scenarios/"+item.Slug+"/test", "", 202, &started)
		var r struct {
			Status string
			Error  *struct{ Message string }
			Steps  []struct{ Path, Status string }
		}
		eventually(t, item.Slug+" runs to its end", func() bool {
			s.call("GET", "/api/v1/runs/"+started.Run, "", 200, &r)
			return r.Status != "queued" && r.Status != "running"
		})
		if r.Status != "succeeded" || len(r.Steps) == 0 {
			t.Errorf("%s: %+v %+v", item.Slug, r, r.Error)
		}
	}
	resp, err := http.Get(s.url + "/outbox")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"https://slack.com/api/chat.postMessage", ".atlassian.net/rest/api/3/issue", ".api.mailchimp.com/3.0/lists/", "https://sheets.googleapis.com/v4/spreadsheets/"} {
		if !strings.Contains(string(page), address) {
			t.Errorf("the outbox shows no request to %s", address)
		}
	}
}
