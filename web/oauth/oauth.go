// Package oauth leads a browser to a vendor's sign-in and takes it back: it knows whom it sent, and ends a sign-in once. What
// vendors are asked, and where tokens are kept, is told to it.
package oauth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// Path is where vendors send browsers back to.
const Path = "/oauth/callback"

// within is how long a person may take at the vendor.
const within = 10 * time.Minute

// Store keeps connections, and sign-ins that are under way.
type Store interface {
	Credentials(ctx context.Context, workspace, ref string) (run.Connection, run.Values, error)
	BeginSignIn(ctx context.Context, in run.SignIn) error
	TakeSignIn(ctx context.Context, state, browser, actor string) (run.SignIn, error)
	EndSignIn(ctx context.Context, c run.Connection, t run.Tokens) error
}

// Vendors are asked for tokens.
type Vendors interface {
	Authorize(c run.Connection, values run.Values, redirect, state string, verifier run.Secret) (string, error)
	Exchange(ctx context.Context, c run.Connection, values run.Values, back run.SignInReturn) (run.Tokens, error)
}

// Handler begins and ends sign-ins.
type Handler struct {
	Store   Store
	Vendors Vendors
	BaseURL string // of this server
	Now     func() time.Time
	// Done is told that somebody signed in over a connection.
	Done func()
	// Page is where a connection's page is.
	Page func(run.Connection) string
	// Failed shows a browser that comes back why nobody was signed in. slug is the connection's; empty: it is not known which.
	Failed func(w http.ResponseWriter, r *http.Request, slug string, err error) error
}

// Begin gives the address at the vendor's where an actor signs in over a connection, and the cookie without which nobody
// can end what they began.
func (h *Handler) Begin(ctx context.Context, actor run.Actor, c run.Connection) (string, *http.Cookie, error) {
	c, values, err := h.Store.Credentials(ctx, actor.Workspace, c.ID)
	if err != nil {
		return "", nil, err
	}
	state, browser, verifier := secret(), secret(), secret()
	in := run.SignIn{State: hash(state), Workspace: actor.Workspace, Connection: c.ID, Actor: actor.ID(), Browser: hash(browser), Verifier: run.Secret(verifier),
		Redirect: h.BaseURL + Path, Until: h.Now().Add(within)}
	to, err := h.Vendors.Authorize(c, values, in.Redirect, state, in.Verifier)
	if err != nil {
		return "", nil, err
	}
	if err := h.Store.BeginSignIn(ctx, in); err != nil {
		return "", nil, err
	}
	return to, h.cookie(in.State, browser, int(within.Seconds())), nil
}

// cookie binds a sign-in to a browser. It is sent with the vendor's redirect, which is a top-level navigation, and to the
// callback only.
func (h *Handler) cookie(stateHash, text string, seconds int) *http.Cookie {
	return &http.Cookie{Name: cookieName(stateHash), Value: text, Path: Path, MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(h.BaseURL, "https://")}
}

// cookieName lets several sign-ins be under way in a browser.
func cookieName(stateHash string) string { return "stepmill_sign_in_" + stateHash[:16] }

const mostText = 4096 // bytes of what a vendor sends back

// Callback serves GET /oauth/callback. Whoever comes shows the sign-in's state, which nobody can guess, and the cookie of
// the browser that began it.
func (h *Handler) Callback(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet { // whoever only looks ends no sign-in
		w.Header().Set("Allow", http.MethodGet)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return nil
	}
	query, err := answerOf(r.URL.RawQuery)
	if err != nil {
		return h.Failed(w, r, "", err)
	}
	in, err := h.take(r, query.Get("state"))
	if err != nil {
		return h.Failed(w, r, "", err)
	}
	http.SetCookie(w, h.cookie(in.State, "", -1))
	c, err := h.end(r.Context(), in, query)
	if err != nil {
		return h.Failed(w, r, c.Slug, err)
	}
	http.Redirect(w, r, h.Page(c)+"?done=signed-in", http.StatusSeeOther)
	return nil
}

// answerOf reads what a vendor sends a browser back with.
func answerOf(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "What the vendor sent back cannot be read. Begin the sign-in anew under Connections.")
	}
	for name, list := range query {
		if len(list) != 1 || len(list[0]) > mostText {
			return nil, fault.New(fault.InvalidInput, "What the vendor sent back is not right: %s. Begin the sign-in anew under Connections.", plain(name))
		}
	}
	switch {
	case query.Get("state") == "" && denied(query.Get("error")):
		return nil, fault.New(fault.Unauthorized, "Access was denied at the vendor. The connection is as it was; sign in again under Connections, and allow it there.")
	case query.Get("state") == "":
		return nil, fault.New(fault.InvalidInput, "The vendor's answer says nothing of a sign-in that was begun here. Begin it anew under Connections.")
	}
	return query, nil
}

// denied says that it was the person who said no: access_denied, or in some vendors' words user_denied.
func denied(word string) bool { return word == "access_denied" || word == "user_denied" }

// refusal is what a vendor says where it lets nobody in; nil: it gave a code.
func refusal(query url.Values) error {
	word, text := plain(query.Get("error")), plain(query.Get("error_description"))
	switch {
	case denied(word):
		return fault.New(fault.Unauthorized, "Access was denied at the vendor (%s). The connection is as it was; sign in again, and allow it there.", strings.TrimSuffix(word+": "+text, ": "))
	case query.Get("error") != "":
		return fault.New(fault.Unauthorized, "The vendor did not let anybody in: %s", strings.TrimSuffix(word+": "+text, ": "))
	case query.Get("code") == "":
		return fault.New(fault.InvalidInput, "The vendor's answer holds no code. Begin the sign-in anew under Connections.")
	}
	return nil
}

// take finds the sign-in that a state belongs to, for the browser that began it.
func (h *Handler) take(r *http.Request, state string) (run.SignIn, error) {
	browser, who := "", ""
	if cookie, err := r.Cookie(cookieName(hash(state))); err == nil {
		browser = hash(cookie.Value)
	}
	if actor, ok := access.ActorFrom(r.Context()); ok {
		who = actor.ID()
	}
	return h.Store.TakeSignIn(r.Context(), hash(state), browser, who)
}

// end exchanges the code of an answer and keeps what it gives. It goes on where the browser leaves: the code is used up by
// then.
func (h *Handler) end(ctx context.Context, in run.SignIn, query url.Values) (run.Connection, error) {
	ctx = context.WithoutCancel(ctx)
	c, values, err := h.Store.Credentials(ctx, in.Workspace, in.Connection)
	if err != nil {
		return c, err
	}
	if err := refusal(query); err != nil {
		return c, err
	}
	tokens, err := h.Vendors.Exchange(ctx, c, values, run.SignInReturn{Code: run.Secret(query.Get("code")), Issuer: query.Get("iss"), Redirect: in.Redirect, Verifier: in.Verifier})
	if err != nil {
		return c, err
	}
	if err := h.Store.EndSignIn(ctx, c, tokens); err != nil {
		return c, err
	}
	h.Done()
	return c, nil
}

// plain is a vendor's text on one line, without what no line has.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	return fault.Clip(strings.Join(strings.Fields(text), " "), 300)
}

// secret is 256 bits that nobody guesses.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
