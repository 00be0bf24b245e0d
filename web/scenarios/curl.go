package scenarios

import (
	"fmt"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// signing is how a request proves where it comes from: an HMAC of its body in a header, or the secret itself.
type signing struct {
	scheme    string // the preset's name; empty: not signed
	header    string
	algorithm string // as openssl calls it; empty: the header holds the secret
	prefix    string
	base64    bool
	key       string // what it is signed with, for people
}

// signings are the presets that one line of shell can imitate. Others also sign a time or an address.
func signings() map[string]signing {
	return map[string]signing{
		"github":   {header: "X-Hub-Signature-256", algorithm: "sha256", prefix: "sha256="},
		"intercom": {header: "X-Hub-Signature", algorithm: "sha1", prefix: "sha1="},
		"jira":     {header: "X-Hub-Signature", algorithm: "sha256", prefix: "sha256="},
		"dropbox":  {header: "X-Dropbox-Signature", algorithm: "sha256"},
		"notion":   {header: "X-Notion-Signature", algorithm: "sha256", prefix: "sha256="},

		"token":        {header: "Authorization", prefix: "Bearer "},
		"basic":        {header: "Authorization", prefix: "Basic ", base64: true},
		"pipedrive":    {header: "Authorization", prefix: "Basic ", base64: true},
		"google-drive": {header: "X-Goog-Channel-Token"},
	}
}

// signingOf says how a trigger's requests are signed, and whether the signing is known here.
func signingOf(t *scenario.Trigger, c *actions.Catalogue) (signing, bool) {
	preset, key := "", ""
	options, _ := t.With["verify"].(map[string]any)
	if options != nil {
		preset, _ = options["preset"].(string)
		slug, _ := options["secret"].(string)
		if several, _ := options["secret"].([]any); len(several) > 0 {
			slug, _ = several[0].(string)
		}
		key = "the secret " + slug
	} else if own := c.Trigger(t.Uses); own != nil {
		preset = own.Verify.Preset
		key = "the " + own.Verify.Secret + " of the connection " + t.Connection
	}
	if preset == "" {
		return signing{}, true
	}
	text := func(name, otherwise string) string {
		if s, ok := options[name].(string); ok {
			return s
		}
		return otherwise
	}
	if preset == "hmac" && text("timestamp_header", "")+text("signed", "") != "" {
		return signing{scheme: "hmac", key: key}, false
	}
	if preset == "hmac" {
		return signing{scheme: "hmac", key: key, header: text("header", "X-Signature"), algorithm: text("algorithm", "sha256"),
			prefix: text("prefix", ""), base64: text("encoding", "hex") == "base64"}, true
	}
	s, known := signings()[preset]
	if header := text("header", ""); preset == "token" && header != "" && !strings.EqualFold(header, "Authorization") {
		s.header, s.prefix = header, ""
	}
	s.scheme, s.key = preset, key
	return s, known && options["channel_id"] == nil
}

// sampleBody is the event that people try a trigger with: its own sample, else the connector's, else a small one.
func sampleBody(t *scenario.Trigger, c *actions.Catalogue) any {
	if t.Sample.Given {
		if object, ok := t.Sample.V.(map[string]any); ok && object["body"] != nil {
			return object["body"]
		}
		return t.Sample.V
	}
	if own := c.Trigger(t.Uses); own != nil && own.Sample != nil {
		return own.Sample
	}
	return map[string]any{"hello": "world"}
}

// curl is a line that sends a body to a URL, signed where the trigger asks for it. The secret is never in it, but where every
// secret is the same one that is none, in a demo.
func curl(url string, body any, s signing, secret string) string {
	text, err := value.Encode(body)
	if err != nil {
		text = []byte(`{"hello":"world"}`)
	}
	if s.header == "" {
		return fmt.Sprintf("curl -X POST %s \\\n  -H 'Content-Type: application/json' \\\n  -d %s", quoted(url), quoted(string(text)))
	}
	if secret == "" {
		secret = "…"
	}
	return fmt.Sprintf("SECRET=%s # %s\nBODY=%s\ncurl -X POST %s \\\n  -H 'Content-Type: application/json' \\\n  -H \"%s: %s%s\" \\\n  -d \"$BODY\"",
		quoted(secret), s.key, quoted(string(text)), quoted(url), s.header, s.prefix, s.value())
}

// value is what a shell makes of what stands after the prefix.
func (s signing) value() string {
	switch {
	case s.algorithm == "" && s.base64:
		return `$(printf %s "$SECRET" | base64 -w0)`
	case s.algorithm == "":
		return "$SECRET"
	case s.base64:
		return fmt.Sprintf(`$(printf %%s "$BODY" | openssl dgst -%s -hmac "$SECRET" -binary | base64 -w0)`, s.algorithm)
	}
	return fmt.Sprintf(`$(printf %%s "$BODY" | openssl dgst -%s -hmac "$SECRET" -hex | sed 's/^.* //')`, s.algorithm)
}

// quoted is a text as a shell takes it literally.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
