package core

import (
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// takesTokens is a server's side of XOAUTH2: it says why it refuses before it does.
type takesTokens struct{ refused bool }

func tokenServer(mechanism string) sasl.Server {
	if mechanism == sasl.OAuthBearer {
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if o.Token != "good token" || o.Username != "ada" {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		})
	}
	return &takesTokens{}
}

func (s *takesTokens) Next(said []byte) ([]byte, bool, error) {
	switch {
	case s.refused && len(said) == 0:
		return nil, false, &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 3}, Message: "Authentication unsuccessful"}
	case s.refused:
		return nil, false, errors.New("it goes on")
	case said == nil:
		return []byte{}, false, nil
	case string(said) == "user=ada\x01auth=Bearer good token\x01\x01":
		return nil, true, nil
	}
	s.refused = true
	return []byte(`{"status": "400"}`), false, nil
}

type tokenSession struct {
	imapserver.Session
	mechanism string
}

func (s *tokenSession) AuthenticateMechanisms() []string { return []string{s.mechanism} }
func (s *tokenSession) Authenticate(string) (sasl.Server, error) {
	return &loggedIn{tokenServer(s.mechanism), s.Session}, nil
}

// loggedIn opens the account of whoever the token is taken of.
type loggedIn struct {
	sasl.Server
	session imapserver.Session
}

func (l *loggedIn) Next(said []byte) ([]byte, bool, error) {
	challenge, done, err := l.Server.Next(said)
	if done && err == nil {
		err = l.session.Login("ada", "secret word")
	}
	return challenge, done, err
}

// TestMailTokens signs in at mail servers by both forms of a token, and says what a server says against it.
func TestMailTokens(t *testing.T) {
	mail := map[string]any{"to": []any{"bob@example.com"}, "subject": "Hello", "text": "Hi"}
	for _, mechanism := range []string{"XOAUTH2", sasl.OAuthBearer} {
		p := &post{tokens: []string{mechanism}}
		d := p.opened(t, "starttls")
		d.connection.Method = "smtp_oauth"
		d.values["access_token"], d.values["password"], d.values["client_id"], d.values["client_secret"] = "good token", "", "id", "secret"
		d.good(t, "email_send", mail)
		if len(p.mails) != 1 {
			t.Errorf("%s: %d mails came", mechanism, len(p.mails))
		}
		d.values["access_token"] = "CANARY-old"
		r := d.invoke(t, "email_send", mail)
		failed(t, r, fault.Unauthorized, "127.0.0.1 does not take the ")
		if strings.Contains(r.Failure.Message, "CANARY") {
			t.Errorf("it repeats the token: %s", r.Failure.Message)
		}

		d = mailboxes(t, "starttls", nil, func(s imapserver.Session) imapserver.Session { return &tokenSession{s, mechanism} })
		d.connection.Method = "imap_oauth"
		d.values["access_token"], d.values["password"], d.values["client_id"], d.values["client_secret"] = "good token", "", "id", "secret"
		d.good(t, "email_read", map[string]any{})
		d.values["access_token"] = "CANARY-old"
		failed(t, d.invoke(t, "email_read", map[string]any{}), fault.Unauthorized, "127.0.0.1 does not take the ")
	}
	d := (&post{}).opened(t, "starttls")
	d.connection.Method, d.values["access_token"] = "smtp_oauth", run.Secret("good token")
	failed(t, d.invoke(t, "email_send", mail), fault.InvalidInput, "127.0.0.1 takes no tokens there")
}
