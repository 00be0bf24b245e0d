package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// world is the handler with everything around it.
type world struct {
	mu      sync.Mutex
	options map[string]any
	spec    *actions.Trigger
	answers []run.Answer
	answer  bool // a step of the scenario answers
	refuse  error
	sealed  error // why no secret can be opened
	twice   bool  // every header is sent two times
	taken   []*run.Start
	known   map[string]*run.Start // by dedupe key
	secrets map[string]string
	url     string
	h       *Handler
	files   shelf
}

func newWorld(t *testing.T, options map[string]any) *world {
	t.Helper()
	w := &world{options: options, known: map[string]*run.Start{}, secrets: map[string]string{"s": "s3cret"}}
	w.files.held = map[string][]string{}
	h := &Handler{Triggers: w, Starter: w, Secrets: w, Files: &w.files, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	w.h = h
	mux := http.NewServeMux()
	mux.Handle("/hooks/{key}", h)
	mux.Handle("/hooks/{key}/{rest...}", h)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.url = server.URL + "/hooks/good"
	return w
}

func (w *world) ByKey(_ context.Context, key string) (*triggers.Trigger, error) {
	if key == "gone" {
		return nil, fault.New(fault.NotFound, "Ada deleted the trigger yesterday.")
	}
	if key != "good" {
		return nil, fault.New(fault.NotFound, "There is no live trigger at this URL.")
	}
	def := &scenario.Trigger{Uses: "webhook", With: w.options}
	if w.spec != nil {
		def = &scenario.Trigger{Uses: "intercom.event", Connection: "intercom"}
	}
	return &triggers.Trigger{StoredTrigger: scenario.StoredTrigger{Workspace: "default", ScenarioID: "1", Scenario: "s", ID: "trigger", Status: scenario.Live, Version: 1}, Def: def, Spec: w.spec, Answers: w.answer}, nil
}

func (w *world) Accept(_ context.Context, s *run.Start) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return w.refuse
	}
	for _, k := range s.Accept.Dedupe {
		if first := w.known[k.Key]; first != nil && first.Accept.Dedupe[0].Until.After(s.Accept.Event.At) {
			s.Accept.FirstEvent, s.Accept.FirstRun = first.Accept.Event.ID, first.Accept.Event.RunID
			s.Accept.OtherBody = k.Body != "" && k.Body != first.Accept.Dedupe[0].Body
			return nil
		}
		w.known[k.Key] = s
	}
	s.Accept.Event.ID, s.Accept.Event.RunID = "e1", "r1"
	s.Accept.Run = &run.Run{ID: "r1"}
	w.taken = append(w.taken, s)
	for _, a := range w.answers {
		if s.Answer != nil {
			s.Answer <- a
		}
	}
	return nil
}

func (w *world) SecretValue(_ context.Context, _, slug string) (run.Secret, error) {
	if w.sealed != nil {
		return "", w.sealed
	}
	text, ok := w.secrets[slug]
	if !ok {
		return "", fault.New(fault.NotFound, "There is no secret.")
	}
	return run.Secret(text), nil
}

func (w *world) Credentials(context.Context, string, string) (run.Connection, run.Values, error) {
	return run.Connection{}, run.Values{"client_secret": run.Secret(w.secrets["client"])}, nil
}

// send posts a body and gives the status and the answer.
func (w *world) send(t *testing.T, method, path, body string, header map[string]string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range header {
		req.Header.Set(name, text)
		if name == "Host" {
			req.Host = text
		}
		if w.twice {
			req.Header.Add(name, text)
		}
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
	return resp.StatusCode, string(b), resp.Header
}

// last is the value of `trigger` of the last event taken, as JSON.
func (w *world) last() string {
	if len(w.taken) == 0 {
		return "none"
	}
	text, err := value.Encode(w.taken[len(w.taken)-1].Value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestMethods is §2.B 25 and 26.
func TestMethods(t *testing.T) {
	w := newWorld(t, map[string]any{"methods": []any{"POST"}})
	for method, want := range map[string]int{"POST": 200, "GET": 405, "PUT": 405, "HEAD": 200, "OPTIONS": 204, "TRACE": 405, "PROPFIND": 405} {
		before := len(w.taken)
		status, _, header := w.send(t, method, "", "", map[string]string{"X-HTTP-Method-Override": "POST", "X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6"})
		if status != want || (len(w.taken) > before) != (method == "POST") {
			t.Errorf("%s: %d", method, status)
		}
		if status == 405 && header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow is %q", method, header.Get("Allow"))
		}
	}
	every := newWorld(t, nil) // which takes GET, and so HEAD could pass for one
	for method, want := range map[string]int{"GET": 200, "POST": 200, "PUT": 200, "HEAD": 200, "OPTIONS": 204, "TRACE": 405, "CONNECT": 405} {
		before, takes := len(every.taken), want == 200 && method != "HEAD"
		status, _, _ := every.send(t, method, "", "", map[string]string{"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"})
		if status != want || (len(every.taken) > before) != takes || takes && !strings.Contains(every.last(), `"method":"`+method+`"`) {
			t.Errorf("%s where all are taken: %d %s", method, status, every.last())
		}
	}
	first := ""
	for _, key := range []string{"nope", "goof", "gone", "good%2F", "good%2F..%2Fnope", strings.Repeat("a", 8000), "%2e%2e", "good%00"} {
		bad := &world{url: strings.TrimSuffix(w.url, "good") + key}
		status, answer, header := bad.send(t, "POST", "", "{}", nil)
		if first == "" {
			first = answer
		}
		if status != 404 || answer != first {
			t.Errorf("%.40s: %d %s", key, status, answer)
		}
		if header.Get("Content-Security-Policy") == "" || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("the answer's headers are %v", header)
		}
	}
	if status, _, _ := w.send(t, "POST", "/a/b?x=1", `{"n":1}`, map[string]string{"Content-Type": "application/json", "Authorization": "secret", "Cookie": "sid=1", "X-Gitlab-Token": "secret", "X-Api-Key": "secret", "X-Functions-Key": "secret", "Idempotency-Key": "k-1", "X-Signature": "abc"}); status != 200 ||
		!strings.Contains(w.last(), `"path":"/a/b"`) || strings.Contains(w.last(), "secret") || strings.Contains(w.last(), "sid=1") || !strings.Contains(w.last(), `"x-gitlab-token":"***"`) || !strings.Contains(w.last(), `"x-api-key":"***"`) || !strings.Contains(w.last(), `"x-functions-key":"***"`) || !strings.Contains(w.last(), `"idempotency-key":"k-1"`) || !strings.Contains(w.last(), `"x-signature":"abc"`) {
		t.Errorf("%d %s", status, w.last())
	}
	if status, answer, header := w.send(t, "POST", "", "", map[string]string{"Host": "evil.example", "X-Forwarded-Host": "evil.example"}); status != 200 || strings.Contains(answer, "evil") || header.Get("Referrer-Policy") != "no-referrer" || header.Get("Location") != "" {
		t.Errorf("%d %s %v", status, answer, header)
	}
	w.refuse = fault.New(fault.Unavailable, "The disk is full.")
	if status, _, header := w.send(t, "POST", "", "", nil); status != 503 || header.Get("Retry-After") == "" {
		t.Errorf("what cannot be kept is answered %d", status)
	}
}

// TestRings is §2.H 56: an event that runs led to knows how many, and one too many is refused. Nonsense counts as none.
func TestRings(t *testing.T) {
	for text, want := range map[string]int{"": 0, "0": 0, "1": 1, "16": 16, "17": -1, "999999": -1, "99999999999999999999": -1, "-1": 0, "-17": 0, "deep": 0, "1e1": 0} {
		w := newWorld(t, nil)
		header := map[string]string{}
		if text != "" {
			header["Stepmill-Depth"] = text
		}
		status, answer, _ := w.send(t, "POST", "", "{}", header)
		if (status == 400) != (want < 0) || len(w.taken) > 0 != (want >= 0) || want >= 0 && w.taken[0].Depth != want {
			t.Errorf("%q: %d %s", text, status, answer)
		}
	}
}

func TestDeliveries(t *testing.T) {
	w := newWorld(t, nil)
	json := map[string]string{"Content-Type": "application/json", "Idempotency-Key": "k1"}
	w.send(t, "POST", "", `{"a":1}`, json)
	if status, answer, _ := w.send(t, "POST", "", `{"a":1}`, json); status != 200 || !strings.Contains(answer, `"duplicate"`) || !strings.Contains(answer, `"run":"r1"`) {
		t.Errorf("%d %s", status, answer)
	}
	if status, _, _ := w.send(t, "POST", "", `{"a":2}`, json); status != 409 {
		t.Errorf("another body is answered %d", status)
	}
	json["Idempotency-Key"] = strings.Repeat("k", 256)
	if status, _, _ := w.send(t, "POST", "", `{}`, json); status != 400 {
		t.Errorf("a long key is answered %d", status)
	}
}

// TestSignatures: where a trigger verifies, only the right signature over the bytes as they came is taken.
func TestSignatures(t *testing.T) {
	body := `{"a" : 1}`
	sum := func(encode func([]byte) string, key string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(body))
		return encode(mac.Sum(nil))
	}
	hexed, based := hex.EncodeToString, base64.StdEncoding.EncodeToString
	for _, c := range []struct {
		name         string
		verify       map[string]any
		header, text string
		status       int
		otherBody    bool
	}{
		{"hmac", map[string]any{"preset": "hmac", "secret": "s"}, "X-Signature", sum(hexed, "s3cret"), 200, false},
		{"hmac in capitals", map[string]any{"preset": "hmac", "secret": "s"}, "X-Signature", strings.ToUpper(sum(hexed, "s3cret")), 401, false},
		{"base64 with a prefix", map[string]any{"preset": "hmac", "secret": "s", "header": "X-Mine", "encoding": "base64", "prefix": "v1="}, "X-Mine", "v1=" + sum(based, "s3cret"), 200, false},
		{"a prefix is missing", map[string]any{"preset": "hmac", "secret": "s", "header": "X-Mine", "prefix": "v1="}, "X-Mine", sum(hexed, "s3cret"), 401, false},
		{"another key", map[string]any{"preset": "hmac", "secret": "s"}, "X-Signature", sum(hexed, "other"), 401, false},
		{"nothing", map[string]any{"preset": "hmac", "secret": "s"}, "X-Other", "x", 401, false},
		{"empty", map[string]any{"preset": "hmac", "secret": "s"}, "X-Signature", "", 401, false},
		{"cut short", map[string]any{"preset": "hmac", "secret": "s"}, "X-Signature", sum(hexed, "s3cret")[:32], 401, false},
		{"no such secret", map[string]any{"preset": "hmac", "secret": "gone"}, "X-Signature", sum(hexed, "s3cret"), 503, false},
		{"github", map[string]any{"preset": "github", "secret": "s"}, "X-Hub-Signature-256", "sha256=" + sum(hexed, "s3cret"), 200, false},
		{"github's old header", map[string]any{"preset": "github", "secret": "s"}, "X-Hub-Signature", "sha1=00", 401, false},
		{"another body", map[string]any{"preset": "hmac", "secret": "s"}, "X-Signature", sum(hexed, "s3cret"), 401, true},
	} {
		w := newWorld(t, map[string]any{"verify": c.verify})
		sent := body
		if c.otherBody {
			sent = `{"a": 1}`
		}
		status, answer, _ := w.send(t, "POST", "", sent, map[string]string{"Content-Type": "application/json", c.header: c.text})
		if status != c.status || (status == 200) != (len(w.taken) == 1) {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	// What is no UTF-8 is signed as it came, not as it is read (§2.B 21).
	for signed, want := range map[string]int{"a\xffb": 200, "a\uFFFDb": 401} {
		w := newWorld(t, map[string]any{"verify": map[string]any{"preset": "hmac", "secret": "s"}})
		body = signed
		if status, answer, _ := w.send(t, "POST", "", "a\xffb", map[string]string{"Content-Type": "text/plain", "X-Signature": sum(hexed, "s3cret")}); status != want || want == 200 && string(w.taken[0].Accept.Event.Raw) != "a\xffb" {
			t.Errorf("%q: %d %s", signed, status, answer)
		}
	}
}

// TestUnverifiable: what cannot be checked is never taken, and what may be checked later is asked for again.
func TestUnverifiable(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*world)
		status  int
	}{
		"nothing":                 {func(w *world) {}, 200},
		"an empty secret":         {func(w *world) { w.secrets["s"] = "" }, 401},
		"a secret that is gone":   {func(w *world) { delete(w.secrets, "s") }, 503},
		"a store that is down":    {func(w *world) { w.sealed = fault.New(fault.Unavailable, "The disk is gone.") }, 503},
		"a preset of the future":  {func(w *world) { w.options["verify"] = map[string]any{"preset": "quantum", "secret": "s"} }, 500},
		"a hash of the future":    {func(w *world) { w.options["verify"].(map[string]any)["algorithm"] = "sha1024" }, 500},
		"the signature two times": {func(w *world) { w.twice = true }, 401},
	} {
		w := newWorld(t, map[string]any{"verify": map[string]any{"preset": "hmac", "secret": "s"}})
		c.prepare(w)
		mac := hmac.New(sha256.New, []byte(w.secrets["s"]))
		mac.Write([]byte("{}"))
		status, answer, header := w.send(t, "POST", "", "{}", map[string]string{"X-Signature": hex.EncodeToString(mac.Sum(nil))})
		if status != c.status || len(w.taken) > 0 != (status == 200) || (header.Get("Retry-After") != "") != (status == 503) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}

// TestIntercom: an app's trigger takes POST only, verifies with its connection's secret, and knows a delivery by its id.
func TestIntercom(t *testing.T) {
	w := newWorld(t, nil)
	w.spec = &actions.Trigger{Topic: "topic", DeliveryID: "id", Verify: actions.Verification{Preset: "intercom", Secret: "client_secret"}}
	w.secrets["client"] = "client"
	body := `{"id":"notif_1","topic":"ping"}`
	mac := hmac.New(sha1.New, []byte("client"))
	mac.Write([]byte(body))
	header := map[string]string{"Content-Type": "application/json", "X-Hub-Signature": "sha1=" + hex.EncodeToString(mac.Sum(nil))}
	if status, answer, _ := w.send(t, "POST", "", body, header); status != 200 || w.last() != body {
		t.Fatalf("%d %s %s", status, answer, w.last())
	}
	if status, answer, _ := w.send(t, "POST", "", body, header); status != 200 || !strings.Contains(answer, "duplicate") {
		t.Errorf("%d %s", status, answer)
	}
	if status, _, _ := w.send(t, "GET", "", "", nil); status != 405 {
		t.Errorf("GET is answered %d", status)
	}
	if status, _, _ := w.send(t, "HEAD", "", "", nil); status != 200 {
		t.Errorf("HEAD is answered %d", status)
	}
	w.secrets["client"] = ""
	if status, _, _ := w.send(t, "POST", "", body, header); status != 401 {
		t.Errorf("without a secret it is answered %d", status)
	}
}

// TestWithin: a form whose member is JSON gives that for the event, signed as it came, and the sender hears nothing it could show.
func TestWithin(t *testing.T) {
	w := newWorld(t, nil)
	w.spec = &actions.Trigger{Topic: "type", Within: "payload", Identity: []string{""}, Verify: actions.Verification{Preset: "slack", Secret: "client_secret"}}
	w.secrets["client"] = "client"
	post := func(body string) (int, string) {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		mac := hmac.New(sha256.New, []byte("client"))
		mac.Write([]byte("v0:" + at + ":" + body))
		status, answer, _ := w.send(t, "POST", "", body, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": at, "X-Slack-Signature": "v0=" + hex.EncodeToString(mac.Sum(nil))})
		return status, answer
	}
	body := "payload=%7B%22type%22%3A%22block_actions%22%2C%22trigger_id%22%3A%221.2%22%7D"
	if status, answer := post(body); status != 200 || answer != "" || w.last() != `{"trigger_id":"1.2","type":"block_actions"}` {
		t.Errorf("%d %q %s", status, answer, w.last())
	}
	if status, _ := post(body); status != 200 || len(w.taken) != 1 {
		t.Errorf("the same again is answered %d and taken %d times", status, len(w.taken))
	}
	for _, body := range []string{"payload=%5B1%5D", "payload=x", "text=a", "payload=%7B%7D&payload=%7B%7D", ""} {
		if status, answer := post(body); status != 422 && status != 400 || len(w.taken) != 1 {
			t.Errorf("%q is answered %d %s", body, status, answer)
		}
	}
}

// TestAnswers: a request that waits gets what its run gives.
func TestAnswers(t *testing.T) {
	step := run.Answer{Status: run.Running, Output: map[string]any{"status": 201, "headers": map[string]any{"X-A": "b\r\nX-Evil: 1", "Set-Cookie": "a=b", "Content-Security-Policy": "none"}, "json": map[string]any{"ok": true}}}
	page := run.Answer{Status: run.Running, Output: map[string]any{"status": 200, "headers": map[string]any{"Content-Type": "text/html"}, "text": "<script>alert(1)</script>"}}
	end := run.Answer{Status: run.Succeeded, Output: map[string]any{"n": 1}}
	for _, c := range []struct {
		name    string
		mode    any
		answers []run.Answer
		status  int
		want    string
	}{
		{"auto", nil, []run.Answer{step, end}, 201, `{"ok":true}`},
		{"auto and the run ends first", nil, []run.Answer{end}, 200, `"status":"accepted"`},
		{"auto and the run waits", "auto", []run.Answer{{Status: run.Waiting}}, 200, `"status":"accepted"`},
		{"accepted", "accepted", []run.Answer{step, end}, 200, `"status":"accepted"`},
		{"ended", "ended", []run.Answer{step, end}, 200, `"output":{"n":1}`},
		{"ended and it failed", "ended", []run.Answer{{Status: run.Failed}}, 200, `"status":"failed"`},
		{"ended and it waits", "ended", []run.Answer{{Status: run.Waiting}}, 200, `"status":"accepted"`},
	} {
		options := map[string]any{}
		if c.mode != nil {
			options["respond"] = c.mode
		}
		w := newWorld(t, options)
		w.answer, w.answers = true, c.answers
		status, answer, header := w.send(t, "POST", "", "{}", map[string]string{"Content-Type": "application/json"})
		if status != c.status || !strings.Contains(answer, c.want) || header.Get("Set-Cookie") != "" || header.Get("X-Evil") != "" || header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
			t.Errorf("%s: %d %s %v", c.name, status, answer, header)
		}
	}
	for _, status := range []int{204, 304} { // these have no body, whatever the step says
		w := newWorld(t, nil)
		w.answer, w.answers = true, []run.Answer{{Status: run.Running, Output: map[string]any{"status": status, "json": map[string]any{"ok": true}}}}
		got, answer, header := w.send(t, "POST", "", "{}", nil)
		if got != status || answer != "" || header.Get("Content-Length") != "" {
			t.Errorf("%d: %d %q %v", status, got, answer, header)
		}
	}
	for location, want := range map[any]string{"https://x.test/a?b=c": "https://x.test/a?b=c", "javascript:alert(1)": "", "/here": "", nil: ""} {
		w := newWorld(t, nil)
		w.answer, w.answers = true, []run.Answer{{Status: run.Running, Output: map[string]any{"status": 302, "headers": map[string]any{"location": location, "X-None": nil}}}}
		status, _, header := w.send(t, "POST", "", "{}", nil)
		if _, none := header["X-None"]; status != 302 || header.Get("Location") != want || none {
			t.Errorf("to %v: %d %v", location, status, header)
		}
	}
	w := newWorld(t, nil)
	w.answer, w.answers = true, []run.Answer{page}
	if _, _, header := w.send(t, "POST", "", "{}", nil); header.Get("Content-Disposition") != "attachment" {
		t.Errorf("a page shows on this origin: %v", header)
	}
}
