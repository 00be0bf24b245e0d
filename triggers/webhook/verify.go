package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// inbound is a request as it is verified: over the bytes as they came.
type inbound struct {
	*http.Request
	body []byte
	now  time.Time
	base string // what the server's own addresses begin with
}

// proof is what a request proved.
type proof struct {
	key  string // the one that fits, of those in rotation
	body []byte // what is the sender's of the body
	// token is the key that the sender gives in its first request, which proves nothing; empty: it is proven.
	token string
}

// preset is the name of the scheme that a trigger's requests are checked by; "": they are not.
func preset(t *triggers.Trigger) string {
	if t.Spec != nil {
		return t.Spec.Verify.Preset
	}
	name, _ := verifyOptions(t)["preset"].(string)
	return name
}

// verifyOptions are what a trigger says under verify; nil: nothing.
func verifyOptions(t *triggers.Trigger) map[string]any {
	if t.Spec != nil {
		return nil
	}
	verify, _ := t.Def.With["verify"].(map[string]any)
	return verify
}

// schemeOf gives the scheme of a trigger with its options; without a name: it verifies nothing.
func schemeOf(t *triggers.Trigger) (scheme, error) {
	name, options := preset(t), verifyOptions(t)
	if name == "" && t.Spec == nil && t.Def.With["verify"] != nil && options["allow"] == nil {
		return scheme{}, fault.New(fault.Internal, "The trigger says to verify, and not how.")
	}
	if name == "" {
		return scheme{}, nil
	}
	i := slices.IndexFunc(schemes, func(s scheme) bool { return s.name == name })
	if i < 0 {
		return scheme{}, fault.New(fault.Internal, "The trigger names the signature preset %q, which this release does not have.", name)
	}
	s := schemes[i]
	text := func(name, other string) string {
		if v, ok := options[name].(string); ok && v != "" {
			return v
		}
		return other
	}
	if takes := extras(name); len(takes) == 0 {
		return s, nil
	}
	s.channels = texts(options["channel_id"])
	s.issuer, s.audience = text("issuer", ""), text("audience", "")
	s.header, s.prefix, s.encoding = text("header", s.header), text("prefix", s.prefix), text("encoding", s.encoding)
	var err error
	if s.tolerance, err = tolerance(text("tolerance", "")); err != nil {
		return s, fault.Wrap(err, fault.Internal, "The trigger's tolerance cannot be read.")
	}
	switch name {
	case "jwt":
		s.algorithm = text("algorithm", s.algorithm)
	case "hmac":
		if s.hash = hashes()[text("algorithm", "sha256")]; s.hash == nil {
			return s, fault.New(fault.Internal, "The trigger names a hash that this release does not have.")
		}
		if s.stamp = text("timestamp_header", ""); s.stamp != "" {
			s.signed, s.unit = "{timestamp}.{body}", either
			if s.tolerance == 0 {
				s.tolerance = fiveMinutes
			}
		}
		if s.signed = text("signed", s.signed); strings.Contains(s.signed, "{id}") {
			s.idHeader = text("id_header", "Webhook-Id")
		}
	}
	return s, nil
}

func tolerance(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return scenario.ParseDuration(text)
}

// verify checks what proves that a request is its sender's. Where a trigger is set up to verify, a request without a proof is
// refused, and so is every request whose key cannot be opened.
func (h *Handler) verify(r *http.Request, t *triggers.Trigger, s scheme, kept *kept, body []byte, now time.Time) (proof, error) {
	if s.name == "" {
		return proof{body: body}, nil
	}
	q := &inbound{Request: r, body: body, now: now, base: h.BaseURL}
	keys, err := h.keys(r.Context(), t, s, kept)
	if err != nil {
		if s.capture != nil && fault.CodeOf(err) == fault.Unauthorized && r.Header.Values(s.header) == nil {
			if token, ok := s.capture(q); ok {
				return proof{body: body, token: token}, nil
			}
		}
		return proof{}, absent(err)
	}
	check := s.check
	if check == nil {
		check = signature
	}
	return check(q, s, keys)
}

// keys opens the keys of a trigger: one, or several while they are exchanged. One that is gone is passed over where another
// is there.
func (h *Handler) keys(ctx context.Context, t *triggers.Trigger, s scheme, kept *kept) ([]string, error) {
	var found []string
	if kept != nil && t.Spec.Verify.Secret == "" {
		if kept.here == nil {
			return nil, fault.New(fault.Unauthorized, "The signature cannot be checked: no subscription is at this URL.")
		}
		found = append(found, kept.here.Secret.Reveal())
	} else if t.Spec != nil {
		_, values, err := h.Secrets.Credentials(ctx, t.Workspace, t.Def.Connection)
		if err != nil {
			return nil, unverifiable(err)
		}
		found = append(found, values[t.Spec.Verify.Secret].Reveal())
	} else {
		slugs := texts(verifyOptions(t)["secret"])
		var gone error
		for _, slug := range slugs {
			secret, err := h.Secrets.SecretValue(ctx, t.Workspace, slug)
			switch {
			case fault.CodeOf(err) == fault.NotFound:
				gone = err
			case err != nil:
				return nil, err
			default:
				found = append(found, secret.Reveal())
			}
		}
		if found == nil && gone != nil {
			return nil, unverifiable(gone)
		}
	}
	found = slices.DeleteFunc(found, func(text string) bool { return text == "" })
	if len(found) == 0 {
		return nil, fault.New(fault.Unauthorized, "The signature cannot be checked: the trigger's secret is empty.")
	}
	if s.key == nil {
		return found, nil
	}
	var keys []string
	for _, text := range found {
		if key, ok := s.key(text); ok && key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Unauthorized, "The signature cannot be checked: the trigger's secret is no key of %s.", s.name)
	}
	return keys, nil
}

// texts reads an option that is a text or a list of texts.
func texts(v any) []string {
	if text, ok := v.(string); ok {
		return []string{text}
	}
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// Proofs says what has to be there for a trigger's requests to be verified: one of the secrets, or the connection and among
// its values the key. All empty: nothing has to be.
func Proofs(t *triggers.Trigger) (secrets []string, connection, value string) {
	switch {
	case t.Spec == nil && t.Def.Uses == "webhook":
		return texts(verifyOptions(t)["secret"]), "", ""
	case t.Spec != nil && t.Spec.Verify.Secret != "":
		return nil, t.Def.Connection, t.Spec.Verify.Secret
	}
	return nil, "", ""
}

// Missing is said where none of a trigger's secrets is there.
const Missing = "The signature cannot be checked: the trigger's secret is missing. Make it again, or name another one in the trigger."

var errMissing = errors.New("the secret is missing")

// unverifiable says that a key is missing: nothing can be verified then.
func unverifiable(err error) error {
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Wrap(errMissing, fault.Unauthorized, "%s", Missing)
	}
	return err
}

// absent is the error of a key that is not there: no fault of the sender's, who may come again.
func absent(err error) error {
	if errors.Is(err, errMissing) {
		return fault.New(fault.Unavailable, "%s", Missing)
	}
	return err
}

func wrongSignature() error {
	return fault.New(fault.Unauthorized, "The signature does not match the body.")
}

// unproven is the error of a request that proves nothing. Why is for the trigger's own log: the sender could try with it.
func unproven(why string) error {
	return untold{fault.New(fault.Unauthorized, "%s", notProven), why}
}

const notProven = "The request does not prove where it comes from."

// untold is an error with what its request is not answered.
type untold struct {
	error
	why string
}

func (u untold) Unwrap() error { return u.error }

// explained is what a refused request was answered, with what it was not.
func explained(message string, err error) string {
	var u untold
	if !errors.As(err, &u) {
		return message
	}
	return message + " " + u.why
}

// fitting tries every key, so that the time says nothing of which one fits.
func fitting(keys []string, fits func(key string) bool) (key string, ok bool) {
	for _, k := range keys {
		if fits(k) && !ok {
			key, ok = k, true
		}
	}
	return key, ok
}

// same compares in constant time, whatever the lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return hmac.Equal(x[:], y[:])
}

// once gives a header that must be there exactly once.
func (q *inbound) once(header string) (string, error) {
	given := q.Header.Values(header)
	if len(given) != 1 {
		return "", fault.New(fault.Unauthorized, "The request is not signed: %s is needed once.", header)
	}
	return given[0], nil
}

// address is the URL that the sender called: the server's public address, with path and query as they came on the wire.
func (q *inbound) address() (string, error) {
	if q.base == "" {
		return "", fault.New(fault.Internal, "The signature covers the URL, and the server does not know its own address.")
	}
	path := q.RequestURI
	if u, err := url.Parse(path); err == nil && u.Host != "" { // a proxy's form
		_, rest, _ := strings.Cut(path, "://")
		path = rest[strings.IndexAny(rest+"/", "/?"):]
	}
	return strings.TrimRight(q.base, "/") + path, nil
}
