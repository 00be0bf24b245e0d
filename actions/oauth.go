package actions

import (
	"slices"
	"strings"
	"time"
)

// OAuth is how a way to sign in comes by its tokens (RFC 6749), as data. In URLs and texts {name} stands for the
// connection's value of that name. The access token is the value access_token, which Auth.Apply puts into requests.
type OAuth struct {
	Grant     Grant
	Authorize string            // where people sign in, a URL; of Code only; empty: the connection's value of FieldAuthorizeURL
	Token     string            // where tokens are given out, a URL; empty: the connection's value of FieldTokenURL
	Scopes    []string          // asked for where the connection names none
	Separator string            // between scopes; empty: a space
	Extra     map[string]string // further parameters of Authorize
	Params    map[string]string // further parameters of a token request; grant_type stands in for the grant's own
	Client    ClientAuth
	JSON      bool // token requests are JSON; otherwise they are forms
	PKCE      bool // the vendor takes code challenges (RFC 7636), S256 always
	Rotates   bool // each refresh gives a new refresh token, and the old one is good for nothing
	// Lives is how long a token is good for where the answer does not say; zero: it does not expire.
	Lives time.Duration
	// Issuer is what the vendor calls itself in the answer of a sign-in (RFC 9207); empty: the origin of Authorize.
	Issuer string
	// Dead are the vendor's own words for a refresh token that is good for nothing any more, beside invalid_grant.
	Dead    []string
	Values  []TokenValue // what of the token's answer becomes a value of the connection
	Account string       // JSON Pointer into the token's answer: who signed in, for people; empty: it does not say
	After   *TokenStep   // what is asked with the new token; nil: nothing
}

// Grant is how the first token is got.
type Grant string

const (
	Code           Grant = "code"            // a person signs in at the vendor and comes back with a code
	Client         Grant = "client"          // the app's own credentials are enough
	ServiceAccount Grant = "service_account" // a JWT that the connection's key signs (RFC 7523), RS256
)

// ClientAuth is how an app shows at the token's URL who it is.
type ClientAuth string

const (
	ClientInBody  ClientAuth = "body"  // client_id and client_secret in the form, or the JSON
	ClientInBasic ClientAuth = "basic" // HTTP Basic
	ClientUnasked ClientAuth = "none"  // a service account's JWT says it all
)

// TokenValue is a part of an answer that becomes a value of the connection.
type TokenValue struct {
	Name    string
	Pointer string // JSON Pointer into the answer
	// Hosts are the domains that a URL may be of; the value is its host. nil: the value is the text, a part of a host's name.
	Hosts []string
	// Default is the value where the answer does not say; empty: it has to.
	Default string
}

// TokenStep is a request with the new token, a GET, that says more about it.
type TokenStep struct {
	URL     string
	Scheme  string // of the Authorization header; empty: Bearer
	Pick    string // JSON Pointer into each item of a list: the one that Equals is taken; empty: the answer is no list
	Equals  string // empty, also after its names are filled in: the only one
	Choose  string // the field that says which one, for the error that asks for it
	Values  []TokenValue
	Account string
}

// The fields that every app of OAuth has.
const (
	FieldClientID     = "client_id"
	FieldClientSecret = "client_secret"
	FieldScopes       = "scopes"
	FieldAuthorizeURL = "authorize_url"
	FieldTokenURL     = "token_url"
	FieldClientAuth   = "client_auth" // a ClientAuth, where the connection may choose one
	FieldServiceKey   = "key"         // of a service account: the JSON file
	FieldSubject      = "subject"     // of a service account: whom it acts for
)

// The values that tokens have.
const (
	ValueAccess  = "access_token"
	ValueRefresh = "refresh_token"
)

// OAuthApp is a way to sign in by the person's own app at the vendor. More fields stand behind those of the app.
func OAuthApp(help string, o OAuth, more ...Field) Auth {
	fields := []Field{
		{ID: FieldClientID, Label: "Client ID", Help: "Of your app at the vendor.", Type: Text, Required: true},
		{ID: FieldClientSecret, Label: "Client secret", Help: "Of your app at the vendor.", Type: Text, Required: true, Secret: true},
	}
	if len(o.Scopes) > 0 {
		fields = append(fields, Field{ID: FieldScopes, Label: "Scopes", Type: Text,
			Help: "What the connection may do, separated by spaces. Leave it empty for what the actions need; one that needs more says so, and then all of them are named here."})
	}
	fields = append(fields, more...)
	method, name := "oauth", "OAuth app"
	if o.Grant == Code {
		fields = append(fields, Field{ID: FieldAuthorizeURL, Label: "Sign-in address", Help: "Only where the vendor is reached at another address than its own.", Type: Text})
	} else {
		method, name = "server", "Server-to-server app"
	}
	fields = append(fields, tokenAddress())
	return Auth{Method: method, Name: name, Help: help, Fields: fields, Apply: bearer(), OAuth: &o}
}

// GoogleServiceAccount is a way to sign in by the key of a Google service account.
func GoogleServiceAccount(scopes ...string) Auth {
	return Auth{
		Method: "service_account", Name: "Service account",
		Help: "In the Google Cloud console under IAM, Service accounts, Keys: the JSON file of a key. What it works with must be shared with the account's address.",
		Fields: []Field{
			{ID: FieldServiceKey, Label: "Key", Help: "The whole JSON file.", Type: LongText, Required: true, Secret: true},
			{ID: FieldSubject, Label: "Acts for", Help: "The mail address of a user of your domain whom it acts for; leave it empty for the account itself.", Type: Text},
			{ID: FieldScopes, Label: "Scopes", Help: "What the connection may do, separated by spaces. Leave it empty for what the actions need.", Type: Text},
			tokenAddress(),
		},
		Apply: bearer(),
		OAuth: &OAuth{Grant: ServiceAccount, Token: "https://oauth2.googleapis.com/token", Scopes: scopes, Client: ClientUnasked, Lives: time.Hour},
	}
}

// GoogleOAuth is a way to sign in by the person's own app at Google.
func GoogleOAuth(scopes ...string) Auth {
	return OAuthApp("In the Google Cloud console under APIs & Services, Credentials: an OAuth client of the kind web application, with this server's address and /oauth/callback as a redirect URI.", OAuth{
		Grant: Code, Authorize: "https://accounts.google.com/o/oauth2/v2/auth", Token: "https://oauth2.googleapis.com/token", Scopes: scopes,
		Extra: map[string]string{"access_type": "offline", "prompt": "consent"}, Client: ClientInBody, PKCE: true, Lives: time.Hour, Issuer: "https://accounts.google.com"})
}

// Needing is the action with scopes that it needs beside those that are asked for by themselves: since few need them, or an administrator
// has to agree. Its description says so.
func (a Action) Needing(scopes ...string) Action {
	a.Scopes, a.Description = scopes, a.Description+needs(scopes)
	return a
}

// Needing is the trigger with scopes, as Action.Needing.
func (t Trigger) Needing(scopes ...string) Trigger {
	t.Scopes, t.Description = scopes, t.Description+needs(scopes)
	return t
}

func needs(scopes []string) string {
	if len(scopes) == 1 {
		return " It needs the scope " + scopes[0] + "."
	}
	return " It needs the scopes " + strings.Join(scopes, " ") + "."
}

func tokenAddress() Field {
	return Field{ID: FieldTokenURL, Label: "Token address", Help: "Only where the vendor is reached at another address than its own.", Type: Text}
}

func bearer() []Place {
	return []Place{{In: InHeader, Name: "Authorization", Value: "Bearer {" + ValueAccess + "}"}}
}

// Gives lists the values that tokens add to a connection's own.
func (o *OAuth) Gives() []string {
	names := []string{ValueAccess, ValueRefresh}
	for _, v := range o.Values {
		names = append(names, v.Name)
	}
	if o.After != nil {
		for _, v := range o.After.Values {
			names = append(names, v.Name)
		}
	}
	return names
}

// NeedsSignIn says that a connection is good for nothing before a person has signed in at the vendor.
func (a Auth) NeedsSignIn() bool { return a.OAuth != nil && a.OAuth.Grant == Code }

// Open says that a value of a connection is no secret.
func (a Auth) Open(name string) bool {
	if a.OAuth != nil && name != ValueAccess && name != ValueRefresh && slices.Contains(a.OAuth.Gives(), name) {
		return true
	}
	return slices.ContainsFunc(a.Fields, func(f Field) bool { return f.ID == name && !f.Secret })
}

// Join writes scopes as the vendor takes them; text is what the connection names, separated by spaces or commas.
func (o *OAuth) Join(text string) string {
	list := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' })
	if len(list) == 0 {
		list = o.Scopes
	}
	if o.Separator == "" {
		return strings.Join(list, " ")
	}
	return strings.Join(list, o.Separator)
}
