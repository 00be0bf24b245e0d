package webhook

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestGuides: every preset says how it is set up, and what is read off its scheme is what the scheme checks.
func TestGuides(t *testing.T) {
	seen := map[string]bool{}
	for i, g := range Guides() {
		s := schemes[i]
		seen[g.Preset] = true
		if g.Preset != s.name || g.Name == "" || g.Secret == "" || g.Delivery == "" || len(g.Checks) == 0 || !strings.HasSuffix(g.Secret, ".") {
			t.Errorf("%s: something is not said: %+v", s.name, g)
		}
		text := strings.Join(g.Checks, " ")
		if s.check == nil && (!strings.Contains(text, s.header) || s.prefix != "" && !strings.Contains(text, s.prefix) || !strings.Contains(text, s.encoding)) {
			t.Errorf("%s: the header, prefix or encoding is not said: %s", s.name, text)
		}
		if (s.check == nil && s.tolerance > 0) != strings.Contains(text, "is signed too") {
			t.Errorf("%s: whether there is a time is not said: %s", s.name, text)
		}
		if (s.open != nil || s.greet != nil || s.capture != nil) && g.Handshake == "" {
			t.Errorf("%s: its handshake is not said", s.name)
		}
		own := s.id != nil || s.idHeader != ""
		if own == (g.Delivery == noDelivery) {
			t.Errorf("%s: a delivery that comes again is known otherwise than %q", s.name, g.Delivery)
		}
		for _, o := range g.Options {
			if o.Help == "" {
				t.Errorf("%s: the option %s is not explained", s.name, o.Name)
			}
			if hashes, tokens := strings.Contains(o.Help, "sha256"), strings.Contains(o.Help, "HS256"); hashes != (o.Name == "algorithm" && s.name == "hmac") || tokens != (o.Name == "algorithm" && s.name == "jwt") {
				t.Errorf("%s: the option %s is explained by another's: %s", s.name, o.Name, o.Help)
			}
			if o.Name == "header" && !strings.Contains(o.Help, s.header) {
				t.Errorf("%s: where %s is not given is not said: %s", s.name, o.Name, o.Help)
			}
		}
		example, err := json.Marshal(map[string]any{"verify": g.Example})
		if err != nil {
			t.Fatal(err)
		}
		var with map[string]any
		if err := json.Unmarshal(example, &with); err != nil {
			t.Fatal(err)
		}
		if _, named := g.Example["secret"]; named == (s.capture != nil) {
			t.Errorf("%s: its example %v does not go with how its secret is found", s.name, g.Example)
		}
		if err := CheckOptions(with); err != nil {
			t.Errorf("%s: its example is refused: %v", s.name, err)
		}
	}
	for name := range guides {
		if !seen[name] {
			t.Errorf("there is a guide to %q, which is no preset", name)
		}
	}
	hmac := Guides()[slices.IndexFunc(schemes, func(s scheme) bool { return s.name == "slack" })].Checks[0]
	if want := `The header X-Slack-Signature must hold the HMAC-SHA-256 of "v0:", the time, ":", the body as it came, written in hex after "v0=". It is compared in constant time.`; hmac != want {
		t.Errorf("Slack's check reads\n%s\nnot\n%s", hmac, want)
	}
}
