package webhook

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestCheckOptions(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "", `{"methods": ["post"], "respond": "ended", "verify": {"preset": "hmac", "secret": "s", "algorithm": "sha512"}}`: "",
		`{"method": "POST"}`: "has no", `{"methods": []}`: "methods", `{"methods": ["TRACE"]}`: "method must", `{"respond": "later"}`: "respond", `{"body": "file", "verify": {"preset": "stripe", "secret": "s"}}`: "", `{"body": "auto"}`: "", `{"body": "text"}`: "body must", `{"body": "file", "verify": {"preset": "linear", "secret": "s"}}`: "never a file", `{"verify": "github"}`: "verify",
		`{"verify": {"preset": "nope", "secret": "s"}}`: "preset", `{"verify": {"preset": "github"}}`: "secret", `{"verify": {"preset": "hmac", "secret": "s", "algorithm": "md5"}}`: "algorithm",
		`{"verify": {"preset": "hmac", "secret": "s", "encoding": "rot13"}}`: "encoding", `{"verify": {"preset": "hmac", "secret": "s", "header": "X Y"}}`: "header", `{"verify": {"preset": "hmac", "secret": 7}}`: "text", `{"verify": {"preset": "hmac", "secret": "s", "more": "x"}}`: "has no",
	} {
		v, err := value.Decode([]byte(text), value.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckOptions(v.(map[string]any)); (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for signed, want := range map[string]string{"{nope}": "not {nope}.", "{body": "has no } after it"} {
		if err := CheckOptions(map[string]any{"verify": map[string]any{"preset": "hmac", "secret": "s", "signed": signed}}); !strings.Contains(fault.MessageOf(err), want) {
			t.Errorf("of %s it says %v", signed, err)
		}
	}
	err := CheckOptions(map[string]any{"bogus": 1, "methods": []any{"POST", "FETCH"}, "verify": map[string]any{"preset": "hmac", "header": "X Y", "encoding": "b"}})
	var got []string
	for _, p := range fault.ProblemsOf(err) {
		got = append(got, p.Path)
	}
	if want := "/bogus /methods/1 /verify /verify/encoding /verify/header"; strings.Join(got, " ") != want {
		t.Errorf("the problems lie at %q", got)
	}
}

// TestVerifyOptions: every problem has its place, and each preset takes its own options only.
func TestVerifyOptions(t *testing.T) {
	for text, want := range map[string]string{
		`{"preset": "notion"}`: "", `{"allow": ["192.0.2.0/24", "2001:db8::1"]}`: "", `{"preset": "stripe", "secret": ["new", "old"], "allow": ["10.0.0.0/8"]}`: "",
		`{"preset": "hmac", "secret": "s", "timestamp_header": "X-Time", "tolerance": "30s", "signed": "{id}.{timestamp}.{method}{url}{body}", "id_header": "X-Id"}`: "",
		`{"preset": "token", "secret": "s", "header": "X-Token"}`: "", `{"preset": "basic", "secret": "s"}`: "", `{"preset": "google-drive", "secret": "s", "channel_id": ["a", "b"]}`: "",
		`{"preset": "jwt", "secret": "s", "algorithm": "ES256", "issuer": "i", "audience": "a", "tolerance": "1m"}`: "", `{"preset": "hubspot", "secret": "s"}`: "",
		`{}`: "/verify /verify", `{"secret": "s"}`: "/verify", `{"secret": "s", "allow": ["::/0"]}`: "/verify", `{"preset": "stripe"}`: "/verify", `{"preset": "stripe", "allow": ["::/0"]}`: "/verify",
		`{"preset": "github", "secret": "s", "header": "X-Mine"}`: "/verify/header", `{"preset": "basic", "secret": "s", "tolerance": "1m"}`: "/verify/tolerance",
		`{"preset": "jwt", "secret": "s", "algorithm": "none"}`: "/verify/algorithm", `{"preset": "jwt", "secret": "s", "algorithm": "sha256"}`: "/verify/algorithm", `{"preset": "hmac", "secret": "s", "algorithm": "HS256"}`: "/verify/algorithm",
		`{"preset": "stripe", "secret": []}`: "/verify/secret", `{"preset": "stripe", "secret": ["a", "", 7]}`: "/verify/secret/1 /verify/secret/2", `{"preset": "stripe", "secret": ""}`: "/verify/secret", `{"preset": "stripe", "secret": {"a": 1}}`: "/verify/secret",
		`{"preset": "stripe", "secret": ["1","2","3","4","5","6","7","8","9","10","11"]}`: "/verify/secret",
		`{"allow": "10.0.0.0/8"}`: "/verify/allow", `{"allow": []}`: "/verify/allow", `{"allow": ["10.0.0.0/8", "10.0.0.0/33", "example.com", "::ffff:10.0.0.0/104", ""]}`: "/verify/allow/1 /verify/allow/2 /verify/allow/3 /verify/allow/4",
		`{"preset": "hmac", "secret": "s", "tolerance": "1m"}`: "/verify/tolerance", `{"preset": "hmac", "secret": "s", "timestamp_header": "X", "tolerance": "0s"}`: "/verify/tolerance", `{"preset": "hmac", "secret": "s", "timestamp_header": "X", "tolerance": "2d"}`: "/verify/tolerance",
		`{"preset": "hmac", "secret": "s", "timestamp_header": "X Y"}`: "/verify/timestamp_header", `{"preset": "hmac", "secret": "s", "signed": "{method}"}`: "/verify/signed", `{"preset": "hmac", "secret": "s", "signed": "{body}{body}"}`: "/verify/signed",
		`{"preset": "hmac", "secret": "s", "signed": "{body}{key}"}`: "/verify/signed", `{"preset": "hmac", "secret": "s", "signed": "{body"}`: "/verify/signed", `{"preset": "hmac", "secret": "s", "signed": "{timestamp}{body}"}`: "/verify/signed", `{"preset": "hmac", "secret": "s", "signed": "{body}", "timestamp_header": "X"}`: "/verify/signed",
		`{"preset": "hmac", "secret": "s", "id_header": "X"}`: "/verify/id_header", `{"preset": "hmac", "secret": "s", "id_header": "X", "signed": "{body}"}`: "/verify/id_header",
		`{"preset": "google-drive", "secret": "s", "channel_id": 7}`: "/verify/channel_id", `{"preset": "nope", "secret": "s", "header": "X", "issuer": "i", "other": "x"}`: "/verify/other /verify/preset",
	} {
		v, err := value.Decode([]byte(text), value.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range fault.ProblemsOf(CheckOptions(map[string]any{"verify": v})) {
			got = append(got, p.Path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: the problems lie at %q, not %q", text, got, want)
		}
	}
}
