package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/triggers/form"
)

// page asks a public page without a key, as a browser does.
func (s *served) page(method, at string, form url.Values, header ...string) (int, http.Header, string) {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, at, body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return s.got(req)
}

func (s *served) got(req *http.Request) (int, http.Header, string) {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// hosted publishes a scenario of a trigger, and gives its address.
func (s *served) hosted(slug, trigger, steps string) string {
	s.t.Helper()
	definition := fmt.Sprintf(`{"stepmill": 1, "name": "The %s", "trigger": %s, "steps": %s}`, slug, trigger, steps)
	if at := s.publish(slug, definition); at != "" {
		return at
	}
	var made struct{ Triggers []struct{ Address string } }
	s.call("GET", "/api/v1/scenarios/"+slug, "", 200, &made)
	return made.Triggers[0].Address
}

// runsOf gives what the runs of a scenario were started with, oldest first.
func (s *served) runsOf(slug string) []map[string]any {
	s.t.Helper()
	var list struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/runs?limit=100&scenario="+slug, "", 200, &list)
	var out []map[string]any
	for i := len(list.Items) - 1; i >= 0; i-- {
		var one struct{ Trigger map[string]any }
		s.call("GET", "/api/v1/runs/"+list.Items[i].ID, "", 200, &one)
		out = append(out, one.Trigger)
	}
	return out
}

var tokenOf = regexp.MustCompile(`name="form-token" value="([A-Za-z0-9_-]+)"`)

const settle = `[{"id": "set", "uses": "core.set", "with": {"values": {"got": "{{ trigger }}"}}}]`

// TestHostedForm: a form is shown, takes what is sent once, and its runs have what was filled in.
func TestHostedForm(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	s.call("POST", "/api/v1/secrets", `{"slug": "verify", "value": "s3cret"}`, 201, nil)
	at := s.hosted("bug", `{"uses": "form", "with": {"title": "Bug <b>report</b>", "allow": ["https://www.example.com"], "thanks": "We got it.", "fields": [
		{"name": "email", "type": "email", "required": true}, {"name": "times", "type": "number"}, {"name": "kinds", "type": "multi_select", "options": ["a", 7]}]}}`, settle)
	status, header, text := s.page("GET", at+"?email=ada%40example.com&kinds=7&user_id=x", nil)
	if status != 200 || !strings.Contains(text, "Bug &lt;b&gt;report&lt;/b&gt;") || !strings.Contains(text, `value="ada@example.com"`) || !strings.Contains(text, `value="7" checked`) ||
		!strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors https://www.example.com;") || strings.Contains(header.Get("Content-Security-Policy"), "'none'; form-action 'self' ") || header.Get("Set-Cookie") != "" {
		t.Fatalf("%d %v\n%s", status, header, text)
	}
	token := tokenOf.FindStringSubmatch(text)[1]
	sent := url.Values{"form-token": {token}, "email": {"ada@"}, "times": {"many"}, "kinds": {"b", "7"}}
	if status, _, text := s.page("POST", at, sent); status != 422 || !strings.Contains(text, "Write a mail address") || !strings.Contains(text, "Write a number") || !strings.Contains(text, "Choose from the list") ||
		!strings.Contains(text, `value="ada@"`) || tokenOf.FindStringSubmatch(text)[1] != token {
		t.Fatalf("what is wrong is answered %d\n%s", status, text)
	}
	sent["email"], sent["times"], sent["kinds"] = []string{"ada@example.com"}, []string{"12.5"}, []string{"7", "a"}
	for range 3 {
		if status, _, text := s.page("POST", at, sent); status != 200 || !strings.Contains(text, "We got it.") {
			t.Fatalf("sent, it is answered %d\n%s", status, text)
		}
	}
	sent.Set("times", "2")
	status, _, text = s.page("POST", at, sent)
	if status != 409 || !strings.Contains(text, `value="2"`) || tokenOf.FindStringSubmatch(text)[1] == token {
		t.Fatalf("the same page with other answers: %d\n%s", status, text)
	}
	sent.Set("form-token", tokenOf.FindStringSubmatch(text)[1])
	if status, _, _ := s.page("POST", at, sent); status != 200 {
		t.Fatalf("sent again it is answered %d", status)
	}
	if got := fmt.Sprint(s.runsOf("bug")); got != "[map[email:ada@example.com kinds:[a 7] times:12.5] map[email:ada@example.com kinds:[a 7] times:2]]" {
		t.Errorf("the runs had %s", got)
	}
	s.call("POST", "/api/v1/scenarios/bug/pause", "", 200, nil)
	sent.Set("form-token", "0123456789abcdef0")
	if status, _, text := s.page("POST", at, sent); status != 200 || !strings.Contains(text, "We got it.") {
		t.Errorf("paused, it is answered %d", status)
	}
	s.call("POST", "/api/v1/scenarios/bug/resume", "", 200, nil)
	eventually(t, "the run of what came while it was paused", func() bool { return len(s.runsOf("bug")) == 3 })

	other := s.hosted("hook", `{"uses": "webhook"}`, settle)
	for _, wrong := range []string{at + "x", strings.Replace(at, "/forms/", "/chat/", 1), strings.Replace(other, "/hooks/", "/forms/", 1), s.url + "/forms/..%2fx"} {
		if status, _, text := s.page("GET", wrong, nil); status != 404 || strings.Contains(text, "<nav") {
			t.Errorf("%s is answered %d", wrong, status)
		}
	}
	if status, _, _ := s.page("POST", strings.Replace(at, "/forms/", "/hooks/", 1), sent); status != 404 {
		t.Errorf("a form's key is a hook's: %d", status)
	}
	if status, _, _ := s.page("POST", at, sent, "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("another site's page sends it: %d", status)
	}
}

// TestIdentity: nobody is somebody else.
func TestIdentity(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	s.call("POST", "/api/v1/secrets", `{"slug": "verify", "value": "s3cret"}`, 201, nil)
	at := s.hosted("who", `{"uses": "form", "with": {"identity": {"secret": "verify", "field": "user_id"}, "fields": [{"name": "say"}]}}`, settle)
	good := form.UserHash("s3cret", "u1")
	for _, c := range []struct{ user, hash string }{{"", ""}, {"u1", ""}, {"", good}, {"u2", good}, {"u1", form.UserHash("other", "u1")}, {"u1", good[:63]}, {strings.Repeat("u", 5000), good}} {
		query := url.Values{"user_id": {c.user}, "user_hash": {c.hash}}.Encode()
		if status, _, text := s.page("GET", at+"?"+query, nil); status != 403 || strings.Contains(text, "<form") {
			t.Errorf("%.20q with %.8q is shown %d", c.user, c.hash, status)
		}
		if status, _, _ := s.page("POST", at, url.Values{"form-user": {c.user}, "form-hash": {c.hash}, "say": {"x"}}); status != 403 {
			t.Errorf("%.20q with %.8q is answered %d", c.user, c.hash, status)
		}
	}
	if status, _, text := s.page("GET", at+"?user_id=u1&user_hash="+good, nil); status != 200 || !strings.Contains(text, good) {
		t.Errorf("who is who they say is shown %d", status)
	}
	if status, _, _ := s.page("POST", at, url.Values{"form-user": {"u1"}, "form-hash": {strings.ToUpper(good)}, "say": {"hello"}, "user_id": {"u9"}}); status != 200 {
		t.Errorf("who is who they say is answered %d", status)
	}
	if got := fmt.Sprint(s.runsOf("who")); got != "[map[say:hello user_id:u1]]" {
		t.Errorf("the runs had %s", got)
	}
}

// TestFormFile: a file is a reference in the event, and what is had by it is the file.
func TestFormFile(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	at := s.hosted("file", `{"uses": "form", "with": {"fields": [{"name": "say", "required": true}, {"name": "doc", "type": "file", "required": true}]}}`, settle)
	content := bytes.Repeat([]byte("0123456789abcdef"), 40_000) // more than is held in memory
	send := func(say, name string, content []byte) (int, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		w.WriteField("say", say)
		w.WriteField("doc", `{"file": "/etc/passwd"}`)
		part, _ := w.CreateFormFile("doc", name)
		part.Write(content)
		w.Close()
		req, _ := http.NewRequest("POST", at, &b)
		req.Header.Set("Content-Type", w.FormDataContentType())
		req.Header.Set("Accept", "text/html")
		status, _, text := s.got(req)
		return status, text
	}
	if status, text := send("", "a.txt", content); status != 422 || !strings.Contains(text, "Choose the file again") {
		t.Errorf("what is wrong is answered %d\n%s", status, text)
	}
	if status, text := send("x", "", nil); status != 422 || !strings.Contains(text, "This is needed") {
		t.Errorf("without a file it is answered %d\n%s", status, text)
	}
	if status, _ := send("x", "big", bytes.Repeat(content, 20)); status != 413 {
		t.Errorf("a file that is too large is answered %d", status)
	}
	if status, text := send("x", `..\..\C:\evil`+"\u202e"+`.txt`, content); status != 200 {
		t.Fatalf("it is answered %d\n%s", status, text)
	}
	runs := s.runsOf("file")
	doc, _ := runs[0]["doc"].(map[string]any)
	if len(runs) != 1 || doc["name"] != "evil.txt" || doc["size"] != float64(len(content)) || doc["type"] != "application/octet-stream" {
		t.Fatalf("the runs had %v", runs)
	}
	var events struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/events?scenario=file", "", 200, &events)
	req, _ := http.NewRequest("GET", s.url+"/api/v1/events/"+events.Items[0].ID+"/files/"+doc["file"].(string), nil)
	req.Header.Set("Authorization", "Bearer "+s.key)
	if status, header, text := s.got(req); status != 200 || text != string(content) || header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file is given as %d, %d bytes, %v", status, len(text), header)
	}
	var replayed struct{ Run string }
	s.call("POST", "/api/v1/events/"+events.Items[0].ID+"/replay", "", 202, &replayed)
	s.call("GET", "/api/v1/events?scenario=file", "", 200, &events)
	for _, e := range events.Items {
		s.call("GET", "/api/v1/events/"+e.ID+"/files/"+doc["file"].(string), "", 200, nil)
		s.call("GET", "/api/v1/events/"+e.ID+"/files/"+strings.Repeat("0", 64), "", 404, nil)
	}
	for _, wrong := range []struct{ kind, body string }{{"application/json", `{"say": "x", "doc": {"file": "/etc/passwd"}}`}, {"text/plain", "say=x"}, {"", "say=x"}, {"multipart/form-data", "say=x"}, {"multipart/form-data; boundary=b", `{"say":"x"}`}} {
		req, _ := http.NewRequest("POST", at, strings.NewReader(wrong.body))
		if wrong.kind != "" {
			req.Header.Set("Content-Type", wrong.kind)
		}
		if status, _, text := s.got(req); status != 415 && status != 400 {
			t.Errorf("%q is answered %d\n%s", wrong.kind, status, text)
		}
	}
	if n := len(s.runsOf("file")); n != 2 {
		t.Errorf("there are %d runs", n)
	}
}

// TestChat: what is said is answered by its run, in the order in which it is said, and once.
func TestChat(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	at := s.hosted("help", `{"uses": "form", "with": {"mode": "chat"}}`, `[{"id": "w", "if": "trigger.message == \"slow\"", "wait": {"for": "1s"}}, {"id": "fail", "if": "trigger.message == \"bad\"", "stop": {"as": "failed", "message": "no"}},
		{"id": "say", "uses": "core.respond", "with": {"text": "<i>{{ trigger.message }}</i> of {{ trigger.user ?? \"nobody\" }}"}}]`)
	status, _, text := s.page("GET", at, nil)
	talk := regexp.MustCompile(`name="conversation" value="([^"]+)"`).FindStringSubmatch(text)
	if status != 200 || talk == nil || len(talk[1]) < 22 {
		t.Fatalf("the chat is shown %d\n%s", status, text)
	}
	said := url.Values{"message": {"hello"}, "conversation": {talk[1]}, "form-token": {"abcdefghijklmnop1"}}
	if status, _, text := s.page("POST", at, said); status != 200 || !strings.Contains(text, "&lt;i&gt;hello&lt;/i&gt; of nobody") || !strings.Contains(text, `value="+hello"`) {
		t.Fatalf("it is answered %d\n%s", status, text)
	}
	for range 2 { // the same message is not said twice, and has the same answer
		if status, header, text := s.page("POST", at, said, "Accept", "application/json"); status != 200 || !strings.Contains(text, `hello`) || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
			t.Fatalf("asked again it is answered %d\n%s", status, text)
		}
	}
	done := make(chan string, 2)
	go func() {
		_, _, text := s.page("POST", at, url.Values{"message": {"slow"}, "conversation": {talk[1]}, "form-token": {"abcdefghijklmnop2"}}, "Accept", "application/json")
		done <- text
	}()
	eventually(t, "the run of the second message", func() bool { return len(s.runsOf("help")) == 2 })
	_, _, quick := s.page("POST", at, url.Values{"message": {"quick"}, "conversation": {talk[1]}, "form-token": {"abcdefghijklmnop3"}}, "Accept", "application/json")
	select {
	case slow := <-done:
		if !strings.Contains(slow, "slow") || !strings.Contains(quick, "quick") {
			t.Errorf("the answers are %s and %s", slow, quick)
		}
	case <-time.After(10 * time.Second):
		t.Error("the second message was answered before the first")
	}
	for _, c := range []struct{ message, says string }{{"bad", "could not be carried out"}, {" ", "Write something first"}, {strings.Repeat("x", 10_001), "At most"}} {
		if _, _, text := s.page("POST", at, url.Values{"message": {c.message}, "conversation": {talk[1]}}); !strings.Contains(text, c.says) {
			t.Errorf("%.9q is answered\n%s", c.message, text)
		}
	}
	if n := len(s.runsOf("help")); n != 4 {
		t.Errorf("there are %d runs", n)
	}
}
