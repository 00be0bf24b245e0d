package core

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-sasl"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// mailTokens are the ways to sign in at mail servers that take no passwords any more: as a person, by OAuth.
func mailTokens(method, name, protocol string, try func(context.Context, actions.Doer) error, fields ...actions.Field) actions.Auth {
	text := func(id, label, help string) actions.Field {
		return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Required: true}
	}
	fields = append(fields,
		text(actions.FieldClientID, "Client ID", "Of your app at the provider."),
		actions.Field{ID: actions.FieldClientSecret, Label: "Client secret", Help: "Of your app at the provider.", Type: actions.Text, Required: true, Secret: true},
		text(actions.FieldAuthorizeURL, "Sign-in address", "At Google https://accounts.google.com/o/oauth2/v2/auth, at Microsoft https://login.microsoftonline.com/common/oauth2/v2.0/authorize."),
		text(actions.FieldTokenURL, "Token address", "At Google https://oauth2.googleapis.com/token, at Microsoft https://login.microsoftonline.com/common/oauth2/v2.0/token."),
		text(actions.FieldScopes, "Scopes", "At Google https://mail.google.com/, at Microsoft https://outlook.office.com/"+map[string]string{"smtp": "SMTP.Send", "imap": "IMAP.AccessAsUser.All"}[protocol]+" offline_access."))
	return actions.Auth{Method: method, Name: name, Protocol: protocol, Try: try, Fields: fields,
		Help:  "For providers that take no password, as Microsoft 365. Make an app there, with this server's address and /oauth/callback as its redirect URI.",
		OAuth: &actions.OAuth{Grant: actions.Code, Client: actions.ClientInBody, PKCE: true, Extra: map[string]string{"access_type": "offline", "prompt": "consent"}}}
}

// byToken signs in with a connection's token, in a form that the server takes.
func byToken(line *actions.Line, takes func(mechanism string) bool) (sasl.Client, error) {
	user, token := line.Values["user"], line.Values[actions.ValueAccess]
	switch {
	case takes("XOAUTH2"):
		return &xoauth2{user, token}, nil
	case takes(sasl.OAuthBearer):
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: user, Token: token, Host: line.Host}), nil
	}
	return nil, fault.New(fault.InvalidInput, "%s takes no tokens there; sign in with a password, or choose another encryption in the connection.", line.Host)
}

// xoauth2 is what Google and Microsoft took before there was RFC 7628, and take still.
type xoauth2 struct{ user, token string }

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the server's reasons for a refusal with nothing, upon which it says that it refuses.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

// tokenRefused is the error of a token that is not taken, where the server gave its reasons in the exchange itself; nil: it is
// another error.
func tokenRefused(line *actions.Line, err error) error {
	var said *sasl.OAuthBearerError
	if !errors.As(err, &said) {
		return nil
	}
	return fault.Wrap(err, fault.Unauthorized, "%s does not take the token: %s", line.Host, fault.Clip(strings.ToValidUTF8(said.Status, "\uFFFD"), 100))
}
