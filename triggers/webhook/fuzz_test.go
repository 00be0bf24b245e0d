package webhook

import (
	"net/http/httptest"
	"testing"
	"time"
)

// FuzzProofs: no header, however odd, breaks what reads it, or passes.
func FuzzProofs(f *testing.F) {
	for _, text := range []string{"", "sha256=", "sha256=00", "v0=zz", "t=1767607200,v1=00,v0=", "t=,t=1,v1", "v1,AA== v1, v2,x", "Basic bWU6cHc=", "basic %%%", "Bearer a.b.c", "HMAC AA==", "1767607200", "1767607200000", "v1", "v2",
		"Bearer eyJhbGciOiJub25lIn0.eyJleHAiOjI3Njc2MDcyMDB9."} {
		for _, body := range []string{"", "{}", `{"webhookTimestamp":1767607200000}`, `{"value":[{"clientState":""},7,null]}`, `{"type":"url_verification","challenge":7}`, "<a><b/></a>", `<!DOCTYPE x><Envelope/>`} {
			f.Add(text, body)
		}
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		for _, s := range schemes {
			r := httptest.NewRequest("POST", "/hooks/good", nil)
			for _, name := range []string{s.header, s.stamp, s.idHeader, "X-HubSpot-Signature", "X-HubSpot-Signature-v3", "X-HubSpot-Signature-Version", "X-HubSpot-Request-Timestamp"} {
				if name != "" {
					r.Header.Set(name, text)
				}
			}
			check := s.check
			if check == nil {
				check = signature
			}
			key := "a key that nobody guesses: \x00\xff\x01"
			q := &inbound{Request: r, body: []byte(body), now: time.Unix(at, 0), base: "https://mill.example"}
			if p, err := check(q, s, []string{key}); err == nil {
				t.Errorf("%s: %q proves %v", s.name, text, p)
			}
			if s.id != nil {
				s.id(r.Header, nil, []byte(body))
			}
			if s.greet != nil {
				s.greet(q, key)
			}
		}
	})
}
