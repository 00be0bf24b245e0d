package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Authorize gives the address at the vendor's where a person signs in over a connection. What comes back goes to redirect
// and carries state.
func (c *Client) Authorize(connection run.Connection, values run.Values, redirect, state string, verifier run.Secret) (string, error) {
	a, err := c.tokensOf(connection, values)
	if err != nil {
		return "", err
	}
	if a.oauth.Grant != actions.Code {
		return "", fault.New(fault.InvalidInput, "Nobody signs in over the connection %q; its values are enough.", connection.Slug)
	}
	u, err := a.authorizeURL()
	if err != nil {
		return "", err
	}
	query := u.Query()
	for name, text := range a.oauth.Extra {
		query.Set(name, text)
	}
	query.Set("response_type", "code")
	query.Set("client_id", a.values[actions.FieldClientID])
	query.Set("redirect_uri", redirect)
	query.Set("state", state)
	if scopes := a.oauth.Join(a.values[actions.FieldScopes]); scopes != "" {
		query.Set("scope", scopes)
	}
	if a.oauth.PKCE {
		sum := sha256.Sum256([]byte(verifier.Reveal()))
		query.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		query.Set("code_challenge_method", "S256")
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// Exchange gives the tokens for the code that a sign-in ended with.
func (c *Client) Exchange(ctx context.Context, connection run.Connection, values run.Values, back run.SignInReturn) (run.Tokens, error) {
	a, err := c.tokensOf(connection, values)
	if err != nil {
		return run.Tokens{}, err
	}
	if err := a.issued(back.Issuer); err != nil {
		return run.Tokens{}, err
	}
	for _, name := range a.oauth.Gives() { // of the sign-in before
		delete(a.values, name)
	}
	params := map[string]string{"grant_type": "authorization_code", "code": back.Code.Reveal(), "redirect_uri": back.Redirect}
	if a.oauth.PKCE {
		params["code_verifier"] = back.Verifier.Reveal()
	}
	ctx, cancel := context.WithTimeout(ctx, tokenWithin)
	defer cancel()
	t, err := a.ask(ctx, params)
	if err != nil {
		return t, err
	}
	return t, a.after(ctx, &t)
}

// tokenAsk is what a connection's tokens are come by with.
type tokenAsk struct {
	client     *Client
	connector  *actions.Connector
	connection run.Connection
	auth       actions.Auth
	oauth      *actions.OAuth
	values     map[string]string
	mask       signIn // hides the credentials in what the vendor says
	own        *certificates
}

func (c *Client) tokensOf(connection run.Connection, values run.Values) (*tokenAsk, error) {
	connector := c.cfg.Connectors.Get(connection.Connector)
	if connector == nil {
		return nil, fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(connection.Connector, 60))
	}
	d := &doing{client: c, connector: connector, connection: connection}
	auth, err := d.auth()
	if err != nil {
		return nil, err
	}
	if auth.OAuth == nil {
		return nil, fault.New(fault.InvalidInput, "The connection %q has no tokens: it signs in by the values that were put in.", connection.Slug)
	}
	a := &tokenAsk{client: c, connector: connector, connection: connection, auth: auth, oauth: auth.OAuth, values: opened(auth, values)}
	a.mask.secrets = secretForms(auth, a.values)
	a.own, err = certificatesOf(auth, a.values, c.cfg.RootCAs)
	return a, err
}

// CheckValues says what is wrong with a connection's values that no field can say: its certificates, and the addresses of its
// tokens. Its problems name the value, as /values/token_url.
func (c *Client) CheckValues(connection run.Connection, values run.Values) error {
	connector := c.cfg.Connectors.Get(connection.Connector)
	if connector == nil {
		return fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(connection.Connector, 60))
	}
	auth, _ := connector.Way(connection.Method)
	if auth.OAuth == nil {
		if _, err := certificatesOf(auth, opened(auth, values), c.cfg.RootCAs); err != nil {
			return err
		}
		return c.reaches(connector, connection, auth, values)
	}
	a, err := c.tokensOf(connection, values)
	if err != nil {
		return err
	}
	if a.oauth.Grant == actions.Code {
		if _, err := a.authorizeURL(); err != nil {
			return err
		}
	}
	if a.oauth.Grant == actions.ServiceAccount {
		if _, _, err := readServiceKey(a.values[actions.FieldServiceKey]); err != nil {
			return atValue(actions.FieldServiceKey, err)
		}
	}
	if _, err = a.tokenURL(); err != nil {
		return err
	}
	return c.reaches(connector, connection, auth, values)
}

// reaches asks that the address which a connection is tested by is one that its credentials may be sent to.
func (c *Client) reaches(connector *actions.Connector, connection run.Connection, auth actions.Auth, values run.Values) error {
	at, err := url.Parse(values[auth.TestAt].Reveal())
	if err != nil || at.Host == "" || auth.TestAt == "" {
		return nil
	}
	d := &doing{client: c, connector: connector, connection: connection, signIn: signIn{slug: connection.Slug, places: auth.Apply, values: opened(auth, values)}}
	if err := d.bind(auth); err != nil {
		return err
	}
	if _, err := d.signIn.mayGoTo(at); err != nil {
		return atValue(auth.TestAt, err)
	}
	return nil
}

// atValue says which of a connection's values an error is about.
func atValue(name string, err error) error {
	return fault.Invalid(fault.MessageOf(err), []fault.Problem{{Path: "/values/" + name, Message: fault.MessageOf(err)}})
}

func (a *tokenAsk) authorizeURL() (*url.URL, error) {
	return a.address(actions.FieldAuthorizeURL, a.oauth.Authorize)
}

func (a *tokenAsk) tokenURL() (*url.URL, error) {
	return a.address(actions.FieldTokenURL, a.oauth.Token)
}

// address is the connection's own address, the value of a field, else the vendor's. It is of https; only this machine may do
// without.
func (a *tokenAsk) address(field, vendors string) (*url.URL, error) {
	text := a.values[field]
	if text == "" {
		var err error
		if text, err = fillHost(vendors, a.values); err != nil {
			why := fmt.Sprintf("The connection %q: %s", a.connection.Slug, fault.MessageOf(err))
			problems := fault.ProblemsOf(err)
			for i := range problems {
				problems[i].Message = why
			}
			return nil, fault.Invalid(why, problems)
		}
	}
	u, err := url.Parse(text)
	if err == nil {
		err = checkURL(u)
	}
	if err != nil || u.Fragment != "" || u.Scheme != "https" && !thisMachine(u.Hostname()) {
		return nil, atValue(field, fault.New(fault.InvalidInput, "The connection %q: %q is no address to sign in at; it begins with https://.", a.connection.Slug, fault.Clip(text, 100)))
	}
	return u, nil
}

// issued asks that whoever sent a code is whom the sign-in was begun at (RFC 9207).
func (a *tokenAsk) issued(issuer string) error {
	if issuer == "" {
		return nil
	}
	want, err := a.authorizeURL()
	if err != nil {
		return err
	}
	got, err := url.Parse(issuer)
	own := a.values[actions.FieldAuthorizeURL] != ""
	if err == nil && (a.oauth.Issuer != "" && !own && issuer == a.oauth.Issuer || (a.oauth.Issuer == "" || own) && sameOrigin(want, got)) {
		return nil
	}
	return fault.New(fault.Unauthorized, "The sign-in was begun at %s and answered by another server, %q. Nothing was sent there.", want.Host, fault.Clip(issuer, 100))
}

// first gets tokens with what the connection has: its refresh token, or its own credentials.
func (a *tokenAsk) first(ctx context.Context) (run.Tokens, error) {
	params := map[string]string{}
	switch a.oauth.Grant {
	case actions.Code:
		params["grant_type"], params["refresh_token"] = "refresh_token", a.values[actions.ValueRefresh]
	case actions.Client:
		params["grant_type"] = "client_credentials"
		if scopes := a.oauth.Join(a.values[actions.FieldScopes]); scopes != "" {
			params["scope"] = scopes
		}
	case actions.ServiceAccount:
		assertion, err := a.assertion()
		if err != nil {
			return run.Tokens{}, err
		}
		params["grant_type"], params["assertion"] = "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion
	}
	return a.ask(ctx, params)
}

// renewable says that tokens can be had without a person.
func (a *tokenAsk) renewable() bool {
	return a.oauth.Grant != actions.Code || a.values[actions.ValueRefresh] != ""
}

// ask makes one token request and reads its answer.
func (a *tokenAsk) ask(ctx context.Context, params map[string]string) (run.Tokens, error) {
	for name, text := range a.oauth.Params {
		if text = expand(text, a.values); text != "" {
			params[name] = text
		}
	}
	u, err := a.tokenURL()
	if err != nil {
		return run.Tokens{}, err
	}
	answer, err := a.post(ctx, u, params)
	if err != nil {
		return run.Tokens{}, err
	}
	return a.read(answer)
}

// bearers are the types of tokens that are sent as bearer tokens, in small letters; the last two are Slack's words.
var bearers = []string{"", "bearer", "bot", "user"}

// read takes a token request's good answer apart.
func (a *tokenAsk) read(answer map[string]any) (run.Tokens, error) {
	t := run.Tokens{Access: run.Secret(tokenText(answer[actions.ValueAccess])), Refresh: run.Secret(tokenText(answer[actions.ValueRefresh])), Values: map[string]string{}}
	if t.Access == "" { // Intercom's older word
		t.Access = run.Secret(tokenText(answer["token"]))
	}
	if t.Access == "" {
		return t, &tokenRefusal{err: fault.New(fault.Unavailable, "%s gave an answer without a token.", a.who())}
	}
	if kind := value.Text(answer["token_type"]); !slices.Contains(bearers, strings.ToLower(kind)) {
		return t, &tokenRefusal{dead: true, err: fault.New(fault.Unauthorized, "%s gave a token of the type %q, which Stepmill cannot send; it sends bearer tokens. Choose these in the app's settings at the vendor.", a.who(), fault.Clip(a.mask.mask(kind), 40))}
	}
	switch scope := answer["scope"].(type) {
	case string:
		t.Scopes = scope
	case []any:
		t.Scopes = strings.Join(texts(scope), " ")
	}
	t.Scopes = fault.Clip(strings.Join(strings.Fields(t.Scopes), " "), 2000)
	t.Account = a.person(answer, a.oauth.Account)
	if life := lifeOf(answer["expires_in"], a.oauth.Lives); life > 0 {
		t.ExpiresAt = a.client.cfg.Now().UTC().Add(life)
		early := min(life/5, 5*time.Minute)
		if t.Refresh == "" && !a.renewable() { // a person has to act, and needs time for it
			early = min(life/5, 24*time.Hour)
		}
		t.RefreshAt = t.ExpiresAt.Add(-early)
	}
	if len(t.Scopes) == 0 && t.Refresh != "" {
		t.Scopes = a.oauth.Join(a.values[actions.FieldScopes]) // RFC 6749, 5.1: not said where it is what was asked for
	}
	return t, a.take(answer, a.oauth.Values, t.Values)
}

// longestLife is how long a token is believed to live at most.
const longestLife = 365 * 24 * time.Hour

// lifeOf reads how long a token lives; nonsense counts as not said.
func lifeOf(said any, otherwise time.Duration) time.Duration {
	seconds, err := strconv.ParseFloat(value.Text(said), 64)
	if said == nil || err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return otherwise
	}
	if seconds >= longestLife.Seconds() {
		return longestLife
	}
	return time.Duration(seconds * float64(time.Second))
}

// tokenText is a token that can stand in a header; "" where it is none.
func tokenText(v any) string {
	text, _ := v.(string)
	if len(text) > 16<<10 || !headerText(text) {
		return ""
	}
	return text
}

// take reads what of an answer becomes values. One that an answer to a refresh does not repeat stays as it is.
func (a *tokenAsk) take(answer any, list []actions.TokenValue, into map[string]string) error {
	for _, v := range list {
		text := value.Text(value.At(answer, v.Pointer))
		if text == "" && a.values[v.Name] != "" {
			continue
		}
		if v.Hosts != nil {
			text = hostBelow(text, v.Hosts, a.values[actions.FieldTokenURL] != "")
		}
		if text == "" && value.Text(value.At(answer, v.Pointer)) == "" {
			text = v.Default
		}
		if text == "" || !actions.HostText(text) {
			return fault.New(fault.Unavailable, "%s did not say, or not in a way that can be taken, what %s of the account is.", a.who(), v.Name)
		}
		into[v.Name] = text
	}
	return nil
}

// hostBelow gives the host of an https URL where it is one of the domains or below one. A connection whose tokens come from
// an address of its own takes any.
func hostBelow(text string, domains []string, any bool) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && !(any && thisMachine(u.Hostname())) || u.User != nil || u.Hostname() == "" {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, domain := range domains {
		if any || host == domain || strings.HasSuffix(host, "."+domain) {
			return host
		}
	}
	return ""
}

// person is who signed in, for people.
func (a *tokenAsk) person(answer any, pointer string) string {
	if pointer == "" {
		return ""
	}
	return fault.Clip(a.mask.mask(strings.Join(strings.Fields(value.Text(value.At(answer, pointer))), " ")), 200)
}

// after asks with new tokens what they do not say themselves. Who signed in is for people only: not to know it is no error.
func (a *tokenAsk) after(ctx context.Context, t *run.Tokens) error {
	step := a.oauth.After
	if step == nil {
		return nil
	}
	values := maps.Clone(a.values)
	maps.Copy(values, t.Values)
	answer, err := a.get(ctx, step, values, t.Access)
	if err == nil && step.Pick != "" {
		answer, err = a.pick(answer, step, values)
	}
	if err != nil {
		if len(step.Values) == 0 {
			a.client.cfg.Logger.Warn("who signed in is not known", "connection", a.connection.Slug, "error", a.mask.mask(err.Error()))
			return nil
		}
		return err
	}
	if who := a.person(answer, step.Account); who != "" {
		t.Account = who
	}
	return a.take(answer, step.Values, t.Values)
}

// pick chooses one of several: the one that the connection names, or the only one.
func (a *tokenAsk) pick(answer any, step *actions.TokenStep, values map[string]string) (any, error) {
	list, _ := answer.([]any)
	var names []string
	for _, item := range list {
		name := value.Text(value.At(item, step.Pick))
		if values[step.Choose] == "" && len(list) == 1 || values[step.Choose] != "" && strings.EqualFold(strings.TrimRight(name, "/"), expand(step.Equals, values)) {
			return item, nil
		}
		names = append(names, name)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Unauthorized, "The account that signed in has access to nothing in %s.", a.who())
	}
	return nil, fault.New(fault.InvalidInput, "The account that signed in has access to %s; write into the connection's field %s which one is meant.", fault.Clip(strings.Join(names, ", "), 300), step.Choose)
}
