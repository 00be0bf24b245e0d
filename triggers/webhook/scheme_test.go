package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// at is when the tests of this file happen.
const at = 1767607200

func sum(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func verifying(t *testing.T, verify map[string]any) *world {
	t.Helper()
	options := map[string]any{"verify": verify}
	if err := CheckOptions(options); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, options)
	w.h.Now = func() time.Time { return time.Unix(at, 0) }
	return w
}

// TestRotation: while secrets are exchanged either is taken, and one that is gone does not lock the other out.
func TestRotation(t *testing.T) {
	for name, c := range map[string]struct {
		secrets map[string]string
		signed  string
		status  int
	}{
		"the new one":            {map[string]string{"new": "n", "old": "o"}, "n", 200},
		"the old one":            {map[string]string{"new": "n", "old": "o"}, "o", 200},
		"another one":            {map[string]string{"new": "n", "old": "o"}, "x", 401},
		"none":                   {map[string]string{"new": "n", "old": "o"}, "", 401},
		"both at once":           {map[string]string{"new": "n", "old": "o"}, "no", 401},
		"the old one is gone":    {map[string]string{"new": "n"}, "n", 200},
		"the new one is gone":    {map[string]string{"old": "o"}, "o", 200},
		"what is gone":           {map[string]string{"new": "n"}, "o", 401},
		"the old one is empty":   {map[string]string{"new": "n", "old": ""}, "n", 200},
		"an empty one is no key": {map[string]string{"new": "n", "old": ""}, "", 401},
		"both are gone":          {map[string]string{}, "n", 503},
	} {
		w := verifying(t, map[string]any{"preset": "hmac", "secret": []any{"new", "old"}})
		w.secrets = c.secrets
		if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"X-Signature": sum(c.signed, "{}")}); status != c.status || len(w.taken) > 0 != (status == 200) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	w := verifying(t, map[string]any{"preset": "zoom", "secret": []any{"new", "old"}})
	w.secrets = map[string]string{"new": "n", "old": "o"}
	body := `{"event":"endpoint.url_validation","payload":{"plainToken":"p"}}`
	header := map[string]string{"X-Zm-Request-Timestamp": fmt.Sprint(at), "X-Zm-Signature": "v0=" + sum("o", fmt.Sprintf("v0:%d:%s", at, body))}
	if _, answer, _ := w.send(t, "POST", "", body, header); !strings.Contains(answer, sum("o", "p")) {
		t.Errorf("a handshake is answered %s, with the other key than it came with", answer)
	}
}

// TestSigned: what a trigger says is signed is signed, and its time is near.
func TestSigned(t *testing.T) {
	base := map[string]any{"preset": "hmac", "secret": "s", "timestamp_header": "X-Time"}
	with := func(more map[string]any) map[string]any {
		out := map[string]any{}
		for _, options := range []map[string]any{base, more} {
			for name, v := range options {
				out[name] = v
			}
		}
		return out
	}
	for _, c := range []struct {
		name   string
		verify map[string]any
		time   string
		signed string
		status int
	}{
		{"now", base, "1767607200", "1767607200.{}", 200},
		{"in milliseconds", base, "1767607200000", "1767607200000.{}", 200},
		{"the body alone", base, "1767607200", "{}", 401},
		{"another time", base, "1767607200", "1767607201.{}", 401},
		{"just old enough", base, "1767606900", "1767606900.{}", 200},
		{"a millisecond too old", base, "1767606899999", "1767606899999.{}", 401},
		{"a second too old", base, "1767606899", "1767606899.{}", 401},
		{"just ahead enough", base, "1767607500", "1767607500.{}", 200},
		{"a second too far ahead", base, "1767607501", "1767607501.{}", 401},
		{"a narrow window", with(map[string]any{"tolerance": "10s"}), "1767607189", "1767607189.{}", 401},
		{"within a narrow window", with(map[string]any{"tolerance": "10s"}), "1767607190", "1767607190.{}", 200},
		{"a sign", base, "+1767607200", "+1767607200.{}", 401},
		{"an exponent", base, "1767607e3", "1767607e3.{}", 401},
		{"a space", base, "1767607200 1", "1767607200 1.{}", 401},
		{"far too many digits", base, "17676072000000000000000", "17676072000000000000000.{}", 401},
		{"before 1970", base, "-1", "-1.{}", 401},
		{"nothing", base, "", ".{}", 401},
		{"all parts", with(map[string]any{"signed": "{method}|{url}|{id}|{timestamp}|{body}"}), "1767607200", "POST|https://mill.example/hooks/good?q=%2F&a=1|d1|1767607200|{}", 200},
		{"another method", with(map[string]any{"signed": "{method}|{url}|{id}|{timestamp}|{body}"}), "1767607200", "GET|https://mill.example/hooks/good?q=%2F&a=1|d1|1767607200|{}", 401},
		{"another address", with(map[string]any{"signed": "{url}{timestamp}{body}"}), "1767607200", "https://mill.example/hooks/good?q=/&a=11767607200{}", 401},
	} {
		w := verifying(t, c.verify)
		w.h.BaseURL = "https://mill.example/"
		header := map[string]string{"X-Signature": sum("s3cret", c.signed), "X-Time": c.time, "Webhook-Id": "d1"}
		if status, answer, _ := w.send(t, "POST", "?q=%2F&a=1", "{}", header); status != c.status || len(w.taken) > 0 != (status == 200) {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	w := verifying(t, map[string]any{"preset": "hmac", "secret": "s", "signed": "{url}{body}"})
	if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"X-Signature": sum("s3cret", "{}")}); status != 500 || len(w.taken) > 0 {
		t.Errorf("a server that does not know its address answers %d %s", status, answer)
	}
}

// sign makes the signature that a request should have.
func (s scheme) sign(key string, parts map[string]string, body []byte) string {
	of := s.begin(key, parts)
	of.Write(body)
	return s.end(of)
}

// TestStandard is §2.C 27: what Standard Webhooks asks of its parts.
func TestStandard(t *testing.T) {
	for id, want := range map[string]int{"msg_1": 200, "msg.1": 401, "": 401} {
		w := verifying(t, map[string]any{"preset": "standard-webhooks", "secret": "s"})
		w.secrets["s"] = "whsec_czNjcmV0"
		q := &scheme{hash: sha256.New, encoding: "base64", signed: "{id}.{timestamp}.{body}"}
		header := map[string]string{"Webhook-Id": id, "Webhook-Timestamp": fmt.Sprint(at), "Webhook-Signature": "v1," + q.sign("s3cret", map[string]string{"id": id, "timestamp": fmt.Sprint(at)}, []byte("{}"))}
		if status, answer, _ := w.send(t, "POST", "", "{}", header); status != want {
			t.Errorf("%q: %d %s", id, status, answer)
		}
		if header["Idempotency-Key"] = "other"; want != 200 {
			continue
		}
		if _, answer, _ := w.send(t, "POST", "", "{}", header); !strings.Contains(answer, "duplicate") {
			t.Errorf("a header that is not signed makes it another event: %s", answer)
		}
	}
	for _, c := range []struct{ id, time, signed, says string }{
		{"msg_1", "1767606899", "1767606899", "its time is too old: 2026-01-05T09:54:59Z in Webhook-Timestamp, where at most 5m0s ago is taken"},
		{"msg_1", "1767607501", "1767607501", "its time is to come: 2026-01-05T10:05:01Z in Webhook-Timestamp"},
		{"msg_1", "yesterday", "yesterday", `"yesterday" in Webhook-Timestamp is no time`},
		{"msg_1", "1767606899", "1767606898", "The signature does not match the body."}, // who cannot sign is told nothing more
		{"msg.1", "1767607200", "1767607200", "Webhook-Id holds a dot"},
		{"", "1767607200", "1767607200", "Webhook-Id is empty"},
	} {
		w := verifying(t, map[string]any{"preset": "standard-webhooks", "secret": "s"})
		w.secrets["s"] = "whsec_czNjcmV0"
		q := &scheme{hash: sha256.New, encoding: "base64", signed: "{id}.{timestamp}.{body}"}
		header := map[string]string{"Webhook-Id": c.id, "Webhook-Timestamp": c.time, "Webhook-Signature": "v1," + q.sign("s3cret", map[string]string{"id": c.id, "timestamp": c.signed}, []byte("{}"))}
		_, answer, _ := w.send(t, "POST", "", "{}", header)
		var said struct{ Error string }
		if err := json.Unmarshal([]byte(answer), &said); err != nil || !strings.Contains(said.Error, c.says) {
			t.Errorf("%q at %s is told %s", c.id, c.time, answer)
		}
	}
	w := verifying(t, map[string]any{"preset": "standard-webhooks", "secret": "s"})
	for _, secret := range []string{"whsec_", "whsec_***", "not base64!"} {
		w.secrets["s"] = secret
		if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Webhook-Id": "1", "Webhook-Timestamp": fmt.Sprint(at), "Webhook-Signature": "v1,x"}); status != 401 || strings.Contains(answer, secret) {
			t.Errorf("%q: %d %s", secret, status, answer)
		}
	}
}

// TestStripeTime: a header without a time, or with two, is told so.
func TestStripeTime(t *testing.T) {
	w := verifying(t, map[string]any{"preset": "stripe", "secret": "s"})
	w.secrets["s"] = "s3cret"
	for header, says := range map[string]string{"v1=00": "needs the time once, as t=", "t=1,t=2,v1=00": "needs the time once", "t=1,v1=00": "does not match the body"} {
		if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Stripe-Signature": header}); status != 401 || !strings.Contains(answer, says) {
			t.Errorf("%s: %d %s", header, status, answer)
		}
	}
}

// TestShared: passwords and tokens are compared as a whole, and stand in no event.
func TestShared(t *testing.T) {
	for _, c := range []struct {
		name   string
		verify map[string]any
		secret string
		header map[string]string
		query  string
		status int
	}{
		{"basic", map[string]any{"preset": "basic"}, "me:s3cret", map[string]string{"Authorization": "Basic bWU6czNjcmV0"}, "", 200},
		{"a secret without a user", map[string]any{"preset": "basic"}, "s3cret", map[string]string{"Authorization": "Basic czNjcmV0"}, "", 401},
		{"bearer", map[string]any{"preset": "token"}, "s3cret", map[string]string{"Authorization": "bearer s3cret"}, "", 200},
		{"bearer without the word", map[string]any{"preset": "token"}, "s3cret", map[string]string{"Authorization": "s3cret"}, "", 401},
		{"bearer with more", map[string]any{"preset": "token"}, "s3cret", map[string]string{"Authorization": "Bearer s3cretx"}, "", 401},
		{"bearer with less", map[string]any{"preset": "token"}, "s3cret", map[string]string{"Authorization": "Bearer s3cre"}, "", 401},
		{"bearer with nothing", map[string]any{"preset": "token"}, "s3cret", map[string]string{"Authorization": "Bearer "}, "", 401},
		{"a header", map[string]any{"preset": "token", "header": "X-Gitlab-Token"}, "s3cret", map[string]string{"X-Gitlab-Token": "s3cret"}, "", 200},
		{"another header", map[string]any{"preset": "token", "header": "X-Gitlab-Token"}, "s3cret", map[string]string{"Authorization": "Bearer s3cret"}, "", 401},
		{"google", map[string]any{"preset": "google-drive"}, "s3cret", map[string]string{"X-Goog-Channel-Token": "s3cret"}, "", 200},
		{"one of google's channels", map[string]any{"preset": "google-drive", "channel_id": []any{"a", "b"}}, "s3cret", map[string]string{"X-Goog-Channel-Token": "s3cret", "X-Goog-Channel-Id": "b"}, "", 200},
		{"no channel", map[string]any{"preset": "google-drive", "channel_id": []any{"a", "b"}}, "s3cret", map[string]string{"X-Goog-Channel-Token": "s3cret"}, "", 401},
		{"mailchimp", map[string]any{"preset": "mailchimp"}, "s3cret", nil, "?key=s3cret&a=1", 200},
		{"two keys", map[string]any{"preset": "mailchimp"}, "s3cret", nil, "?key=s3cret&key=x", 401},
		{"salesforce's short id", map[string]any{"preset": "salesforce-outbound"}, "s3cretxxxxxxxxx", nil, "", 200},
	} {
		c.verify["secret"] = "s"
		w := verifying(t, c.verify)
		w.secrets["s"] = c.secret
		body := "{}"
		if c.verify["preset"] == "salesforce-outbound" {
			body = `<E:Envelope xmlns:E="e"><E:Body><notifications xmlns="` + outbound + `"><OrganizationId>s3cretxxxxxxxxxAAA</OrganizationId></notifications></E:Body></E:Envelope>`
			c.header = map[string]string{"Content-Type": "text/xml"}
		}
		status, answer, _ := w.send(t, "POST", c.query, body, c.header)
		if status != c.status || len(w.taken) > 0 != (status == 200) || strings.Contains(answer, "s3cret") {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
		if len(w.taken) > 0 && body == "{}" {
			if e := w.taken[0].Accept.Event; strings.Contains(w.last()+string(e.Value)+fmt.Sprint(e.Header), "s3cret") {
				t.Errorf("%s: the event holds the secret: %s", c.name, w.last())
			}
		}
		if w.twice = true; c.header != nil && c.header["Content-Type"] == "" {
			if status, _, _ := w.send(t, "POST", c.query, body, c.header); status != 401 {
				t.Errorf("%s two times: %d", c.name, status)
			}
		}
	}
}

// TestAllow: the peer's own address counts, whatever a header says.
func TestAllow(t *testing.T) {
	for _, c := range []struct {
		peer  string
		allow any
		want  bool
	}{
		{"192.0.2.7:1", []any{"192.0.2.0/24"}, true}, {"192.0.3.7:1", []any{"192.0.2.0/24"}, false}, {"192.0.3.7:1", []any{"192.0.2.0/24", "192.0.3.7"}, true},
		{"[::ffff:192.0.2.7]:1", []any{"192.0.2.0/24"}, true}, {"[2001:db8::1]:1", []any{"2001:db8::/32"}, true}, {"[2001:db9::1]:1", []any{"2001:db8::/32"}, false},
		{"[fe80::1%eth0]:1", []any{"fe80::/10"}, true}, {"[::1]:1", []any{"0.0.0.0/0"}, false}, {"192.0.2.7:1", []any{"::/0"}, false},
		{"@", []any{"0.0.0.0/0", "::/0"}, false}, {"", []any{"0.0.0.0/0"}, false}, {"192.0.2.7:1", []any{"nonsense"}, false}, {"192.0.2.7:1", []any{}, false}, {"192.0.2.7:1", 7, false}, {"192.0.2.7:1", nil, true},
	} {
		for _, preset := range []any{nil, "dropbox"} {
			w := newWorld(t, map[string]any{"verify": map[string]any{"allow": c.allow, "preset": preset, "secret": "s"}})
			if c.allow == nil && preset == nil {
				continue
			}
			r := httptest.NewRequest("GET", "/hooks/good?challenge=x", nil)
			r.SetPathValue("key", "good")
			r.RemoteAddr = c.peer
			r.Header.Set("X-Forwarded-For", "192.0.2.7")
			r.Header.Set("Forwarded", "for=192.0.2.7")
			out := httptest.NewRecorder()
			if w.h.ServeHTTP(out, r); (out.Code == 200) != c.want || !c.want && out.Code != 401 {
				t.Errorf("%s of %v with %v: %d %s", c.peer, c.allow, preset, out.Code, out.Body)
			}
		}
	}
}

// TestHandshakes: none is answered by a trigger of another preset, and none starts anything.
func TestHandshakes(t *testing.T) {
	for _, preset := range Presets() {
		for _, c := range []struct{ owner, method, query, body string }{
			{"dropbox", "GET", "?challenge=tell-me", ""},
			{"msgraph", "POST", "?validationToken=tell-me", ""},
			{"slack", "POST", "", `{"type":"url_verification","challenge":"tell-me"}`},
			{"zoom", "POST", "", `{"event":"endpoint.url_validation","payload":{"plainToken":"tell-me"}}`},
			{"notion", "POST", "", `{"verification_token":"tell-me"}`},
		} {
			w := verifying(t, map[string]any{"preset": preset, "secret": "s"})
			status, answer, _ := w.send(t, c.method, c.query, c.body, map[string]string{"Content-Type": "application/json"})
			if open := preset == c.owner && c.body == ""; strings.Contains(answer, "tell-me") != open || (status == 200) != open || len(w.taken) > 0 {
				t.Errorf("%s of %s: %d %s", c.owner, preset, status, answer)
			}
		}
	}
	w := verifying(t, map[string]any{"preset": "mailchimp", "secret": "s"})
	w.options["methods"] = []any{"POST"}
	if status, answer, _ := w.send(t, "GET", "?key=s3cret", "", nil); status != 200 || answer != "" || len(w.taken) > 0 {
		t.Errorf("mailchimp hears %d %s", status, answer)
	}
	unknown := &world{url: strings.TrimSuffix(w.url, "good") + "nope"}
	_, want, _ := unknown.send(t, "GET", "", "", nil)
	if status, answer, _ := w.send(t, "GET", "?key=other", "", nil); status != 404 || answer != want {
		t.Errorf("a stranger hears %d %s", status, answer)
	}
}

// TestNotion: the first request's token is shown to a person and starts nothing; with a secret it is no way in.
func TestNotion(t *testing.T) {
	w := verifying(t, map[string]any{"preset": "notion"})
	var log strings.Builder
	w.h.Log = slog.New(slog.NewTextHandler(&log, nil))
	header := map[string]string{"Content-Type": "application/json"}
	body := `{"verification_token":"secret_x"}`
	for range 2 {
		if status, answer, _ := w.send(t, "POST", "", body, header); status != 200 {
			t.Errorf("%d %s", status, answer)
		}
	}
	if len(w.taken) != 1 || w.runs() > 0 || w.taken[0].Accept.Event.Outcome != run.Sampled || !strings.Contains(string(w.taken[0].Accept.Event.Value), "secret_x") {
		t.Errorf("it is kept as %v", w.taken)
	}
	if strings.Contains(log.String(), "secret_x") || !strings.Contains(log.String(), "event=e1") { // the inbox has it, which not everybody reads
		t.Errorf("the log says %s", log.String())
	}
	for _, c := range []struct{ method, body, signature string }{{"POST", `{"id":"1"}`, ""}, {"PUT", body, ""}, {"POST", body, "sha256=" + sum("secret_x", body)}, {"POST", `{"verification_token":""}`, ""}, {"POST", `[{"verification_token":"x"}]`, ""}} {
		if header["X-Notion-Signature"] = c.signature; c.signature == "" {
			delete(header, "X-Notion-Signature")
		}
		if status, answer, _ := w.send(t, c.method, "", c.body, header); status != 401 || len(w.taken) > 1 {
			t.Errorf("%v: %d %s", c, status, answer)
		}
	}
	w.options["verify"].(map[string]any)["secret"] = "s"
	w.sealed = http.ErrServerClosed
	delete(header, "X-Notion-Signature")
	if status, _, _ := w.send(t, "POST", "", `{"verification_token":"other"}`, header); status != 500 || len(w.taken) > 1 {
		t.Errorf("a key that cannot be opened lets a new one in: %d", status)
	}
}

// TestSOAP: an outbound message says once whose it is, where Salesforce says it.
func TestSOAP(t *testing.T) {
	wrap := func(inside string) string {
		return `<E:Envelope xmlns:E="e"><E:Body><notifications xmlns="` + outbound + `">` + inside + `</notifications></E:Body></E:Envelope>`
	}
	const id = "<OrganizationId>o</OrganizationId>"
	for text, want := range map[string]int{
		wrap(id): 1, wrap(id + "<OrganizationId>p</OrganizationId>"): 2, wrap("<OrganizationId>o<!-- -->p</OrganizationId>"): 1, wrap(""): 0,
		wrap(`<OrganizationId xmlns="mine">o</OrganizationId>`): 0, wrap("<Notification>" + id + "</Notification>"): 0, "<a>" + wrap(id) + "</a>": -1, wrap(id) + wrap(id): -1,
		"": -1, "x": -1, id: -1, wrap("<OrganizationId>&e;</OrganizationId>"): -1, strings.Repeat("<a>", 200): -1, `<?xml version="1.0" encoding="utf-7"?>` + wrap(id): -1,
	} {
		if got, err := soapTexts([]byte(text), "OrganizationId"); (err != nil) != (want < 0) || err == nil && len(got) != want {
			t.Errorf("%.200s: %q %v", text, got, err)
		}
	}
}

func BenchmarkScheme(b *testing.B) {
	w := &world{options: map[string]any{"verify": map[string]any{"preset": "hmac", "secret": "s"}}}
	tr, _ := w.ByKey(b.Context(), "good")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := schemeOf(tr); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMissingSaidOnce: the log says once that a secret is missing.
func TestMissingSaidOnce(t *testing.T) {
	w := verifying(t, map[string]any{"preset": "hmac", "secret": "gone"})
	var said strings.Builder
	w.h.Log = slog.New(slog.NewTextHandler(&said, nil))
	if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"X-Signature": "x"}); status != 503 || !strings.Contains(answer, Missing) || strings.Count(said.String(), "secret is missing") != 1 {
		t.Errorf("%d %s\n%s", status, answer, said.String())
	}
}
