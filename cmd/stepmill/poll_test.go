package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/scenario"
)

// tracker is an issue tracker: it answers Jira's search, oldest first, in parts of a hundred.
type tracker struct {
	*httptest.Server
	mu     sync.Mutex
	issues int
	asked  int // parts
}

func newTracker(t *testing.T) *tracker {
	k := &tracker{}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			NextPageToken string
			MaxResults    int
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/rest/api/3/search/jql" {
			http.Error(w, "{}", http.StatusNotFound)
			return
		}
		from, _ := strconv.Atoi(body.NextPageToken)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.asked++
		end := min(from+body.MaxResults, k.issues)
		list := []any{}
		for n := from + 1; n <= end; n++ {
			list = append(list, map[string]any{"id": strconv.Itoa(n), "key": fmt.Sprintf("SUP-%d", n), "fields": map[string]any{"created": time.Unix(1764000000, 0).Add(time.Duration(n) * time.Second).UTC().Format("2006-01-02T15:04:05.000-0700")}})
		}
		answer := map[string]any{"issues": list}
		if end < k.issues {
			answer["nextPageToken"] = strconv.Itoa(end)
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(k.Close)
	return k
}

func (k *tracker) add(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.issues += n
}

func (k *tracker) parts() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asked
}

// TestPolling: the program polls a list that grows, is killed again and again while it does, is published anew and paused;
// every issue has one run.
func TestPolling(t *testing.T) {
	data, sink, jira := t.TempDir(), newLedger(t), newTracker(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/connections", `{"slug": "jira", "name": "Jira", "connector": "jira", "method": "basic", "base_url": "`+jira.URL+`", "values": {"site": "acme", "email": "a@example.com", "token": "t"}}`, 201, nil)
	definition := func(every string) string {
		return fmt.Sprintf(`{"stepmill": 1, "name": "Issues", "trigger": {"uses": "jira.issue_created", "connection": "jira", "with": {"project": "SUP", "start": "all", "every": %q}},
			"steps": [{"id": "post", "uses": "core.http_request", "with": {"method": "POST", "url": "%s/x", "json": {"n": "{{ trigger.id }}"}}}]}`, every, sink.URL)
	}
	jira.add(250)
	if url := s.publish("issues", definition("1h")); url != "" {
		t.Errorf("the trigger has the URL %s", url)
	}
	const kills = 8
	for life := range kills {
		before := jira.parts()
		eventually(t, "the list is asked for", func() bool { return jira.parts() > before || life == 0 && before > 0 })
		time.Sleep(time.Duration(rand.IntN(80)) * time.Millisecond)
		s.cmd.Process.Kill()
		s.cmd.Wait()
		jira.add(150)
		s = serve(t, data, s.addr)
		s.key = key
	}
	all := 250 + kills*150
	eventually(t, "every issue has its run", func() bool { return s.count("issues", "succeeded") >= all })
	s.call("POST", "/api/v1/scenarios/issues/pause", "", 200, nil)
	jira.add(30)
	s.call("PUT", "/api/v1/scenarios/issues/draft", `{"definition": `+definition("30s")+`}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/issues/publish", `{"note": ""}`, 200, nil)
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s = serve(t, data, s.addr)
	s.key = key
	s.call("POST", "/api/v1/scenarios/issues/resume", "", 200, nil)
	all += 30
	eventually(t, "what came while it was paused has its run", func() bool { return s.count("issues", "succeeded") >= all })
	if n := s.count("issues", ""); n != all {
		t.Errorf("%d issues have %d runs", all, n)
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	for n := 1; n <= all; n++ {
		if keys := len(sink.keys[strconv.Itoa(n)]); keys != 1 {
			t.Errorf("the issue %d was taken up by %d runs", n, keys)
		}
	}
}

// TestPollOptions: what is wrong with the options of a trigger that polls is said at its place.
func TestPollOptions(t *testing.T) {
	for with, want := range map[string]string{
		`{"project": "SUP", "every": "1s"}`:                                  "/trigger/with/every",
		`{"project": "SUP", "start": "yesterday"}`:                           "/trigger/with/start",
		`{"project": "SUP", "often": "1s"}`:                                  "/trigger/with/often",
		`{"every": "1h"}`:                                                    "/trigger/with/project",
		`{"project": "SUP", "every": "1h", "start": "2026-01-31T09:30:00Z"}`: "",
	} {
		doc, problems, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": {"uses": "jira.issue_updated", "connection": "jira", "with": ` + with + `}, "steps": []}`))
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		got := ""
		found, _ := examine(doc, nil, nil)
		for _, p := range found {
			if got += p.Path; p.Line != 1 || p.Column < 80 {
				t.Errorf("%s: %+v", with, p)
			}
		}
		if got != want {
			t.Errorf("%s: %v", with, found)
		}
	}
}
