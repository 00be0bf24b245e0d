package webhook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/scenario"
)

// TestUnfit: a secret with which a preset verifies nothing is told from one with which it does.
func TestUnfit(t *testing.T) {
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&made.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	for _, c := range []struct{ preset, algorithm, secret, want string }{
		{"basic", "", "ada:pass", ""}, {"basic", "", "pass", "no colon"}, {"pipedrive", "", "pass", "no colon"}, {"pipedrive", "", "a:b:c", ""},
		{"token", "", "t", ""}, {"token", "", "t\n", "line break"}, {"token", "", "t\nu", "line break"}, {"google-drive", "", " t", "space"},
		{"standard-webhooks", "", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""}, {"standard-webhooks", "", "whsec_!", "no key"}, {"standard-webhooks", "", "whsec_", "no key"},
		{"msteams-outgoing", "", "c2VjcmV0", ""}, {"msteams-outgoing", "", "my secret", "no key"},
		{"jwt", "", "shared", ""}, {"jwt", "HS256", public, "is a public key"}, {"jwt", "ES256", public, ""}, {"jwt", "RS256", public, "no public key for RS256"}, {"jwt", "RS256", "shared", "no public key"},
		{"hmac", "", " any text\n", ""}, {"stripe", "", "whsec_!", ""}, {"notion", "", "x", ""}, {"nope", "", "x", ""}, {"", "", "x", ""},
	} {
		verify := map[string]any{"preset": c.preset, "secret": "s"}
		if c.algorithm != "" {
			verify["algorithm"] = c.algorithm
		}
		if why := Unfit(&scenario.Trigger{Uses: "webhook", With: map[string]any{"verify": verify}}, c.secret); (why == "") != (c.want == "") || !strings.Contains(why, c.want) {
			t.Errorf("%s %s with %.20q: %s", c.preset, c.algorithm, c.secret, why)
		}
	}
}
