package scenarios

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/scenario"
)

// TestCurlProves: the line holds what each preset asks for, and says so where it cannot.
func TestCurlProves(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	for _, c := range []struct {
		verify map[string]any
		want   string // empty: it is not known
	}{
		{map[string]any{"preset": "token"}, "Authorization: Bearer u:key"},
		{map[string]any{"preset": "token", "header": "X-Token"}, "X-Token: u:key"},
		{map[string]any{"preset": "basic"}, "Authorization: Basic dTprZXk="},
		{map[string]any{"preset": "pipedrive"}, "Authorization: Basic dTprZXk="},
		{map[string]any{"preset": "google-drive"}, "X-Goog-Channel-Token: u:key"},
		{map[string]any{"preset": "google-drive", "channel_id": "c"}, ""},
		{map[string]any{"preset": "notion"}, "X-Notion-Signature: sha256=1709bcf11adb6850fe0badcd7670c28282e6ba45d00fc4a4388991c0f29a0e59"},
		{map[string]any{"preset": "hmac", "timestamp_header": "X-Time"}, ""},
		{map[string]any{"preset": "hmac", "signed": "{method}{body}"}, ""},
		{map[string]any{"preset": "linear"}, ""},
		{map[string]any{"preset": "stripe"}, ""},
	} {
		c.verify["secret"] = []any{"new", "old"}
		sign, known := signingOf(&scenario.Trigger{Uses: "webhook", With: map[string]any{"verify": c.verify}}, nil)
		if known != (c.want != "") || sign.key != "the secret new" {
			t.Errorf("%v: %+v, known %t", c.verify, sign, known)
		}
		if !known {
			continue
		}
		line := strings.Replace(curl("https://example.com/hooks/KEY", map[string]any{"a": 1}, sign, ""), "'…'", "'u:key'", 1)
		out, err := exec.Command("sh", "-c", "curl() { printf '%s\\n' \"$@\"; }\n"+line).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%v sends\n%s, %v", c.verify, out, err)
		}
	}
}
