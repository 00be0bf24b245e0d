package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// standard signs a body as Standard Webhooks does, with the key s3cret.
func standard(id, body string, now time.Time) map[string]string {
	stamp := fmt.Sprint(now.Unix())
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write([]byte(id + "." + stamp + "." + body))
	return map[string]string{"Content-Type": "application/json", "Webhook-Id": id, "Webhook-Timestamp": stamp, "Webhook-Signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}
}

func standardly(t *testing.T) *world {
	w := verifying(t, map[string]any{"preset": "standard-webhooks", "secret": "s"})
	w.secrets["s"] = "whsec_" + base64.StdEncoding.EncodeToString([]byte("s3cret"))
	return w
}

// TestNoKeyFromHeader is §2.C 28: a signature with a public key that the request itself brings proves nothing.
func TestNoKeyFromHeader(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"a":1}`
	stamp := fmt.Sprint(at)
	signed := base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte("m1."+stamp+"."+body)))
	key := base64.StdEncoding.EncodeToString(public)
	for _, given := range []string{"v1a," + signed, "v1," + signed, "v1a," + signed + " v1," + signed} {
		for _, name := range []string{"Webhook-Public-Key", "Webhook-Key", "X-Public-Key", "Webhook-Jwk"} {
			for _, secret := range []string{"whsec_" + base64.StdEncoding.EncodeToString([]byte("s3cret")), "whpk_" + key, "whsec_" + key} { // also where that key is the secret
				w := standardly(t)
				w.secrets["s"] = secret
				header := map[string]string{"Webhook-Id": "m1", "Webhook-Timestamp": stamp, "Webhook-Signature": given, name: "whpk_" + key}
				if status, answer, _ := w.send(t, "POST", "", body, header); status != 401 || len(w.taken) > 0 {
					t.Errorf("%s with %s: %d %s", given[:4], name, status, answer)
				}
			}
		}
	}
	w := standardly(t) // beside one that fits it does no harm
	header := standard("m1", body, time.Unix(at, 0))
	header["Webhook-Signature"] = "v1a," + signed + " " + header["Webhook-Signature"]
	if status, answer, _ := w.send(t, "POST", "", body, header); status != 200 || len(w.taken) != 1 {
		t.Errorf("%d %s", status, answer)
	}
}

// TestKnownFor is §2.C 29: a webhook-id is known for seven days, also where a sender signs it anew a day later.
func TestKnownFor(t *testing.T) {
	w := standardly(t)
	now := time.Unix(at, 0)
	w.h.Now = func() time.Time { return now }
	for _, c := range []struct {
		after  time.Duration
		body   string
		status int
		events int
	}{
		{0, "{}", 200, 1},
		{24 * time.Hour, "{}", 200, 1},
		{24*time.Hour + time.Second, `{"a":1}`, 409, 1},
		{7*24*time.Hour - time.Second, "{}", 200, 1},
		{7 * 24 * time.Hour, "{}", 200, 2},
	} {
		now = time.Unix(at, 0).Add(c.after)
		if status, answer, _ := w.send(t, "POST", "", c.body, standard("m1", c.body, now)); status != c.status || len(w.taken) != c.events {
			t.Errorf("after %s: %d %s, %d events", c.after, status, answer, len(w.taken))
		}
	}
}

// TestChallengeIsText is §2.C 30: what a challenge holds is given back as text, which no browser takes for a page.
func TestChallengeIsText(t *testing.T) {
	const markup = `<script>alert(document.domain)</script><svg onload=alert(1)>`
	body := `{"type":"url_verification","challenge":"` + markup + `"}`
	stamp := fmt.Sprint(at)
	for preset, c := range map[string]struct {
		method, query, body string
		header              map[string]string
	}{
		"slack":   {"POST", "", body, map[string]string{"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + sum("s3cret", "v0:"+stamp+":"+body)}},
		"dropbox": {"GET", "?challenge=%3Cscript%3Ealert(document.domain)%3C/script%3E%3Csvg%20onload=alert(1)%3E", "", nil},
		"msgraph": {"POST", "?validationToken=%3Cscript%3Ealert(document.domain)%3C/script%3E%3Csvg%20onload=alert(1)%3E", "", nil},
	} {
		w := verifying(t, map[string]any{"preset": preset, "secret": "s"})
		status, answer, header := w.send(t, c.method, c.query, c.body, c.header)
		if status != 200 || answer != markup || len(w.taken) > 0 {
			t.Errorf("%s: %d %s", preset, status, answer)
		}
		if kind := header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") || header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %q, %v", preset, kind, header)
		}
	}
}

// TestEncodings is §2.C 30: a hash that is written in another way than the trigger says is none.
func TestEncodings(t *testing.T) {
	const body = `{"a":1}`
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write([]byte(body))
	hash := mac.Sum(nil)
	written := map[string]string{"hex": hex.EncodeToString(hash), "base64": base64.StdEncoding.EncodeToString(hash)}
	for says := range written {
		for other, text := range map[string]string{"hex": written["hex"], "base64": written["base64"], "HEX": strings.ToUpper(written["hex"]), "base64url": base64.RawURLEncoding.EncodeToString(hash),
			"base64 of hex": base64.StdEncoding.EncodeToString([]byte(written["hex"])), "hex of base64": hex.EncodeToString([]byte(written["base64"]))} {
			w := verifying(t, map[string]any{"preset": "hmac", "secret": "s", "encoding": says})
			want := 401
			if says == other {
				want = 200
			}
			if status, answer, _ := w.send(t, "POST", "", body, map[string]string{"X-Signature": text}); status != want {
				t.Errorf("%s where %s is said: %d %s", other, says, status, answer)
			}
		}
	}
}
