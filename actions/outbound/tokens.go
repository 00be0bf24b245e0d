package outbound

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

const (
	maxTokenAnswer = 256 << 10 // bytes
	tokenWithin    = 30 * time.Second
)

// tokenRefusal is the error of a token request that gave none.
type tokenRefusal struct {
	err  error
	dead bool // what was shown is good for nothing any more: a person has to act
	sent bool // the request may have arrived, and its answer is not known
}

func (r *tokenRefusal) Error() string { return r.err.Error() }
func (r *tokenRefusal) Unwrap() error { return r.err }

// shows is how the app shows at the token's URL who it is: as the connection says, or as every app does there.
func (a *tokenAsk) shows() actions.ClientAuth {
	return cmp.Or(actions.ClientAuth(a.values[actions.FieldClientAuth]), a.oauth.Client)
}

// post makes a token request, with the app's credentials where the vendor wants them, and gives its good answer.
func (a *tokenAsk) post(ctx context.Context, u *url.URL, params map[string]string) (map[string]any, error) {
	header := http.Header{"Accept": {"application/json"}}
	if a.shows() == actions.ClientInBody {
		params["client_id"], params["client_secret"] = a.values[actions.FieldClientID], a.values[actions.FieldClientSecret]
	}
	var body []byte
	if a.oauth.JSON {
		header.Set("Content-Type", "application/json")
		var err error
		if body, err = json.Marshal(params); err != nil {
			return nil, err
		}
	} else {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		form := url.Values{}
		for name, text := range params {
			form.Set(name, text)
		}
		body = []byte(form.Encode())
	}
	req, err := http.NewRequest(http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	if a.shows() == actions.ClientInBasic {
		req.SetBasicAuth(url.QueryEscape(a.values[actions.FieldClientID]), url.QueryEscape(a.values[actions.FieldClientSecret])) // RFC 6749, 2.3.1
	}
	resp, parsed, err := a.exchange(ctx, req)
	if err != nil {
		return nil, err
	}
	answer, _ := parsed.(map[string]any)
	return answer, a.judge(resp, answer, params["grant_type"] == "authorization_code")
}

// exchange makes one request to the vendor through the guarded dialer. Redirects are not followed: nobody else is to see
// what it carries.
func (a *tokenAsk) exchange(ctx context.Context, req *http.Request) (*http.Response, any, error) {
	if err := a.client.guard.checkTarget(req.URL); err != nil {
		return nil, nil, err
	}
	var s sending
	req = req.WithContext(context.WithValue(s.traced(ctx), dials{}, new(atomic.Int32)))
	s.once(req) // a code or a refresh token may be good for one time only
	req.Header.Set("User-Agent", "Stepmill/"+a.client.cfg.Version)
	resp, err := a.client.over(a.own).RoundTrip(req)
	if err != nil {
		return nil, nil, &tokenRefusal{err: unanswered(ctx, req.URL, err, s.head.Load()), sent: s.head.Load()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	switch {
	case err != nil:
		return nil, nil, &tokenRefusal{err: unanswered(ctx, req.URL, err, true), sent: true}
	case len(body) > maxTokenAnswer:
		return nil, nil, &tokenRefusal{err: fault.New(fault.TooLarge, "The answer of %s is larger than %d kB.", fault.Clip(req.URL.Host, 100), maxTokenAnswer>>10), sent: true}
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, nil, &tokenRefusal{err: fault.New(fault.Unavailable, "%s redirects, which is not followed where credentials are sent.", fault.Clip(req.URL.Host, 100))}
	}
	return resp, tokenBody(resp.Header.Get("Content-Type"), body), nil
}

// tokenBody reads an answer: JSON, or a form as some vendors still answer.
func tokenBody(contentType string, body []byte) any {
	parsed, _ := parse(contentType, body) // what is none is judged as such
	text, isText := parsed.(string)
	if !isText || !strings.Contains(contentType, "form-urlencoded") && !strings.Contains(contentType, "text/plain") {
		return parsed
	}
	form, err := url.ParseQuery(text)
	if err != nil {
		return parsed
	}
	out := map[string]any{}
	for name := range form {
		out[name] = form.Get(name)
	}
	return out
}

// temporary are a token endpoint's words for what may be better a moment later.
var temporary = []string{"temporarily_unavailable", "server_error", "slow_down", "rate_limited", "ratelimited", "internal_error", "service_unavailable", "fatal_error"}

// who gives the tokens, for people.
func (a *tokenAsk) who() string {
	if u, err := a.tokenURL(); err == nil && a.connector.BaseURL == "" {
		return u.Hostname()
	}
	return a.connector.Name
}

// judge makes the error of an answer without a token, of a sign-in's code or of what was had before. Vendors say no with status 200 too.
func (a *tokenAsk) judge(resp *http.Response, answer map[string]any, code bool) error {
	word, _ := answer["error"].(string)
	if resp.StatusCode < 300 && word == "" && answer["ok"] != false {
		return nil
	}
	said := word
	if words := vendorWords(withoutError(answer)); words != "" {
		said = strings.TrimPrefix(said+": "+words, ": ")
	}
	said = fault.Clip(a.mask.mask(strings.Join(strings.Fields(said), " ")), 300)
	name := a.who()
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		err := fault.New(fault.RateLimited, "%s asks to slow down.", name)
		err.RetryAfter = retryAfter(resp.Header, a.client.cfg.Now())
		return &tokenRefusal{err: err}
	case resp.StatusCode >= 500 || slices.Contains(temporary, word):
		return &tokenRefusal{err: fault.New(fault.Unavailable, "%s gives no token now: %d %s", name, resp.StatusCode, sentence(said))}
	case word == "invalid_client" || word == "unauthorized_client" || word == "incorrect_client_credentials" || word == "bad_client_secret" || word == "invalid_client_id":
		return &tokenRefusal{dead: true, err: fault.New(fault.Unauthorized, "%s does not take the app's client ID and secret: %s Compare them with those of your app at the vendor.", name, sentence(said))}
	case word == "invalid_grant" && code:
		return &tokenRefusal{dead: true, err: fault.New(fault.Unauthorized, "%s does not take the code of this sign-in: %s A code is good once, and for a few minutes. Begin the sign-in anew.", name, sentence(said))}
	case word == "invalid_grant" || slices.Contains(a.oauth.Dead, word):
		return &tokenRefusal{dead: true, err: fault.New(fault.Unauthorized, "%s does not take the sign-in any more: %s", name, sentence(said))}
	case word != "" || len(answer) > 0 && (resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnauthorized):
		return &tokenRefusal{dead: true, err: fault.New(fault.Unauthorized, "%s refused: %s", name, sentence(said))}
	}
	return &tokenRefusal{err: fault.New(fault.Unavailable, "%s gave no token; it answered %d %s.", name, resp.StatusCode, http.StatusText(resp.StatusCode))}
}

// withoutError is an answer without the word that stands for its error already.
func withoutError(answer map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range answer {
		if _, word := v.(string); name != "error" || !word {
			out[name] = v
		}
	}
	return out
}

// get makes the request of a step after the token.
func (a *tokenAsk) get(ctx context.Context, step *actions.TokenStep, values map[string]string, access run.Secret) (any, error) {
	text, err := fillHost(step.URL, values)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if own := a.values[actions.FieldTokenURL]; own != "" { // where the tokens come from an address of their own, this does too
		o, err := a.tokenURL()
		if err != nil {
			return nil, err
		}
		u.Scheme, u.Host = o.Scheme, o.Host
	}
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	for name, text := range a.connector.Headers {
		req.Header.Set(name, text)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", cmp.Or(step.Scheme, "Bearer")+" "+access.Reveal())
	resp, answer, err := a.exchange(ctx, req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fault.New(fault.Unavailable, "%s gave a token and then answered %d %s to what it is for.", a.who(), resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return answer, nil
}

// serviceKey is what of a service account's key file is used. The address that it names is not: a key goes nowhere but to
// the vendor.
type serviceKey struct {
	ID     string `json:"private_key_id"`
	Key    string `json:"private_key"`
	Client string `json:"client_email"`
}

func readServiceKey(text string) (serviceKey, any, error) {
	var k serviceKey
	err := json.Unmarshal([]byte(text), &k)
	if err != nil || k.Client == "" || k.Key == "" {
		return k, nil, fault.New(fault.InvalidInput, "The key is no service account's JSON file: it has client_email and private_key.")
	}
	private, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(k.Key))
	if err != nil {
		return k, nil, fault.New(fault.InvalidInput, "The service account's private_key cannot be read; put in the whole JSON file anew.")
	}
	return k, private, nil
}

// assertion is the signed JWT by which a service account asks (RFC 7523).
func (a *tokenAsk) assertion() (string, error) {
	k, private, err := readServiceKey(a.values[actions.FieldServiceKey])
	if err != nil {
		return "", &tokenRefusal{err: err, dead: true}
	}
	u, err := a.tokenURL()
	if err != nil {
		return "", err
	}
	now := a.client.cfg.Now()
	claims := jwt.MapClaims{"iss": k.Client, "aud": u.String(), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "scope": a.oauth.Join(a.values[actions.FieldScopes])}
	if who := a.values[actions.FieldSubject]; who != "" {
		claims["sub"] = who
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	if k.ID != "" {
		token.Header["kid"] = k.ID
	}
	return token.SignedString(private)
}

// opened are a connection's values as texts, defaults filled in.
func opened(auth actions.Auth, values run.Values) map[string]string {
	out := make(map[string]string, len(values))
	for name, secret := range values {
		out[name] = secret.Reveal()
	}
	for _, f := range auth.Fields {
		if out[f.ID] == "" && f.Default != nil {
			out[f.ID] = value.Text(f.Default)
		}
	}
	return out
}

// fillHost puts values into an address: they are parts of a host's name or of a path, and can be nothing else.
func fillHost(text string, values map[string]string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, _ := strings.Cut(rest, "}")
		switch v := values[name]; {
		case v == "":
			return "", atValue(name, fault.New(fault.InvalidInput, "its %s is missing.", name))
		case !actions.HostText(v):
			return "", atValue(name, fault.New(fault.InvalidInput, "its %s is part of an address and may hold letters, digits, dots and hyphens only.", name))
		default:
			b.WriteString(v)
		}
		text = after
	}
}

// thisMachine says that a host is the loopback's.
func thisMachine(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
