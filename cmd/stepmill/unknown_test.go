package main

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// TestUnknownURLs is §2.B 26: a trigger URL that is none, is none any more, is none yet, or is one with a letter changed is answered
// alike, by all that an answer has, so that nobody learns which of them there was.
func TestUnknownURLs(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	hook := func(id string) string {
		return `{"stepmill": 1, "name": "U", "triggers": [{"id": "` + id + `", "uses": "webhook"}], "steps": ` + settle + `}`
	}
	live, deleted, retired := s.publish("live", hook("a")), s.publish("deleted", hook("a")), s.publish("retired", hook("a"))
	disabled := s.publish("disabled", strings.Replace(hook("a"), `"webhook"`, `"webhook", "disabled": true`, 1))
	s.call("DELETE", "/api/v1/scenarios/deleted", "", 204, nil)
	two := strings.Replace(hook("b"), `"triggers": [`, `"triggers": [{"id": "c", "uses": "webhook"}, `, 1) // which of them is the old one is not said
	s.call("PUT", "/api/v1/scenarios/retired/draft", `{"definition": `+two+`}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/retired/publish", `{"note": ""}`, 200, nil)
	var draft struct{ Triggers []struct{ URL string } }
	s.call("POST", "/api/v1/scenarios", `{"slug": "draft", "definition": `+hook("a")+`}`, 201, &draft)
	page := s.hosted("page", `{"uses": "form", "with": {"fields": [{"name": "say"}]}}`, settle)

	at, key := live[:strings.LastIndexByte(live, '/')+1], live[strings.LastIndexByte(live, '/')+1:]
	other := func(i int) string { // the key with one letter changed
		letter := byte('A')
		if key[i] == letter {
			letter = 'B'
		}
		return at + key[:i] + string(letter) + key[i+1:]
	}
	type answer struct {
		status int
		header http.Header
		body   string
	}
	ask := func(method, url string) answer {
		t.Helper()
		req, err := http.NewRequest(method, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Header.Del("Date")
		return answer{resp.StatusCode, resp.Header, string(b)}
	}
	for _, method := range []string{"POST", "GET", "HEAD", "OPTIONS", "TRACE"} {
		first := ask(method, at+"nope")
		if first.status != 404 || first.header.Get("Referrer-Policy") != "no-referrer" || method != "HEAD" && !strings.Contains(first.body, "There is no live trigger at this URL.") {
			t.Errorf("%s: %+v", method, first)
		}
		for name, url := range map[string]string{"deleted": deleted, "an older version's": retired, "a draft's": draft.Triggers[0].URL, "a page's": strings.Replace(page, "/forms/", "/hooks/", 1),
			"another first letter": other(0), "another last letter": other(len(key) - 1), "another letter within": other(len(key) / 2), "one letter less": live[:len(live)-1], "one letter more": live + "A", "in capitals": at + strings.ToUpper(key)} {
			if got := ask(method, url); !reflect.DeepEqual(got, first) {
				t.Errorf("%s to %s is answered %+v, and not %+v", method, name, got, first)
			}
		}
	}
	if got := ask("POST", live); got.status != 200 || got.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the URL itself is answered %+v", got)
	}
	if got := ask("GET", page); got.status != 200 || got.header.Get("Referrer-Policy") != "same-origin" { // the page's address is a key too
		t.Errorf("the page is answered %+v", got)
	}
	if got := ask("POST", disabled); got.status != 200 || !strings.Contains(got.body, `"filtered"`) { // it is there, and what comes is kept
		t.Errorf("one that is switched off is answered %+v", got)
	}
	eventually(t, "only what came to the URL itself is taken", func() bool { return s.count("live", "succeeded") == 1 })
	for _, slug := range []string{"retired", "disabled", "draft", "page"} {
		if n := s.count(slug, ""); n > 0 {
			t.Errorf("%s has %d runs", slug, n)
		}
	}
}
