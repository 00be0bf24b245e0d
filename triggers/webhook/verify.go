package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/triggers"
)

// scheme is how a sender signs the body: a keyed hash of its bytes in a header.
type scheme struct {
	header   string
	hash     func() hash.Hash
	encoding string // "hex" or "base64"
	prefix   string
}

// presets are the schemes by the name that a trigger's `verify.preset` has.
func presets() map[string]scheme {
	return map[string]scheme{
		"intercom": {header: "X-Hub-Signature", hash: sha1.New, encoding: "hex", prefix: "sha1="},
		"github":   {header: "X-Hub-Signature-256", hash: sha256.New, encoding: "hex", prefix: "sha256="},
		"hmac":     {encoding: "hex"},
	}
}

// Presets lists the names that verify.preset may have.
func Presets() []string { return []string{"github", "hmac", "intercom"} }

func hashes() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}
}

// preset is the name of the scheme that a trigger's requests are checked by; "": they are not signed.
func preset(t *triggers.Trigger) string {
	if t.Spec != nil {
		return t.Spec.Verify.Preset
	}
	verify, _ := t.Def.With["verify"].(map[string]any)
	name, _ := verify["preset"].(string)
	return name
}

// verify checks the signature over the bytes as they came. Where a trigger is set up to verify, a request without a
// signature is refused, and so is every request whose key cannot be opened.
func (h *Handler) verify(r *http.Request, t *triggers.Trigger, body []byte, _ time.Time) error {
	name := preset(t)
	if name == "" {
		return nil
	}
	s, key, err := h.scheme(r, t, name)
	if err != nil {
		return err
	}
	if key == "" {
		return fault.New(fault.Unauthorized, "The signature cannot be checked: the trigger's secret is empty.")
	}
	given := r.Header.Values(s.header)
	if len(given) != 1 {
		return fault.New(fault.Unauthorized, "The request is not signed: %s is needed once.", s.header)
	}
	text, ok := strings.CutPrefix(given[0], s.prefix)
	if !ok {
		return wrongSignature()
	}
	mac := hmac.New(s.hash, []byte(key))
	mac.Write(body)
	want := hex.EncodeToString(mac.Sum(nil))
	if s.encoding == "base64" {
		want = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	if !hmac.Equal([]byte(text), []byte(want)) { // the text as senders write it: one form, compared in constant time
		return wrongSignature()
	}
	return nil
}

func wrongSignature() error {
	return fault.New(fault.Unauthorized, "The signature does not match the body.")
}

// scheme gives the scheme of a trigger and opens its key.
func (h *Handler) scheme(r *http.Request, t *triggers.Trigger, name string) (scheme, string, error) {
	s, ok := presets()[name]
	if !ok {
		return s, "", fault.New(fault.Internal, "The trigger names the signature preset %q, which this release does not have.", name)
	}
	if t.Spec != nil {
		_, values, err := h.Secrets.Credentials(r.Context(), t.Workspace, t.Def.Connection)
		if err != nil {
			return s, "", unverifiable(err)
		}
		return s, values[t.Spec.Verify.Secret].Reveal(), nil
	}
	verify, _ := t.Def.With["verify"].(map[string]any)
	if name == "hmac" {
		text := func(name, other string) string {
			if v, ok := verify[name].(string); ok && v != "" {
				return v
			}
			return other
		}
		s = scheme{header: text("header", "X-Signature"), hash: hashes()[text("algorithm", "sha256")], encoding: text("encoding", "hex"), prefix: text("prefix", "")}
		if s.hash == nil {
			return s, "", fault.New(fault.Internal, "The trigger names a hash that this release does not have.")
		}
	}
	slug, _ := verify["secret"].(string)
	var secret run.Secret
	secret, err := h.Secrets.SecretValue(r.Context(), t.Workspace, slug)
	if err != nil {
		return s, "", unverifiable(err)
	}
	return s, secret.Reveal(), nil
}

// unverifiable is what a sender hears when the key is missing: it is refused, and the log says why.
func unverifiable(err error) error {
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Wrap(err, fault.Unauthorized, "The signature cannot be checked: the trigger's secret is missing.")
	}
	return err
}
