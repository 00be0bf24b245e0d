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
		`{"method": "POST"}`: "has no", `{"methods": []}`: "methods", `{"methods": ["TRACE"]}`: "method must", `{"respond": "later"}`: "respond", `{"verify": "github"}`: "verify",
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
	err := CheckOptions(map[string]any{"bogus": 1, "methods": []any{"POST", "FETCH"}, "verify": map[string]any{"preset": "hmac", "header": "X Y", "encoding": "b"}})
	var got []string
	for _, p := range fault.ProblemsOf(err) {
		got = append(got, p.Path)
	}
	if want := "/bogus /methods/1 /verify /verify/encoding /verify/header"; strings.Join(got, " ") != want {
		t.Errorf("the problems lie at %q", got)
	}
}
