package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Store is what access keeps.
type Store interface {
	Owners(ctx context.Context) (int, error)
	CreateUser(ctx context.Context, actor run.Actor, u run.User, first bool) (run.User, error)
	UserByEmail(ctx context.Context, email string) (run.User, error)
	CreateSession(ctx context.Context, user run.User, hash string, expires time.Time) error
	SessionByHash(ctx context.Context, hash string) (run.Session, error)
	TouchSession(ctx context.Context, hash string) error
	DeleteSession(ctx context.Context, hash string) error
	KeyByHash(ctx context.Context, hash string) (run.APIKey, error)
	TouchKey(ctx context.Context, id string) error
}

// Config is what a gate is made of.
type Config struct {
	Store      Store
	Now        func() time.Time
	BaseURL    string     // https makes cookies secure
	SetUpToken string     // asked for at the first set-up; empty: not asked
	Demo       *run.Actor // everybody is this actor; nil: nobody is
}

const (
	sessionIdle  = 12 * time.Hour
	sessionMost  = 30 * 24 * time.Hour
	touchAfter   = time.Minute
	minPassword  = 10
	maxPassword  = 1024
	keyBeginning = "smk_"
)

// Gate identifies who asks.
type Gate struct {
	cfg    Config
	secure bool
	tries  *tries
	hasher *hasher
}

// NewGate makes a gate.
func NewGate(cfg Config) *Gate {
	return &Gate{cfg: cfg, secure: strings.HasPrefix(cfg.BaseURL, "https://"), tries: newTries(cfg.Now), hasher: newHasher()}
}

// Identify says who asks: by an API key, a session's cookie, or as the demo. Nobody is the zero Actor; a key or a cookie
// that does not hold is an error.
func (g *Gate) Identify(r *http.Request) (run.Actor, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return g.byKey(r, header)
	}
	if g.cfg.Demo != nil {
		if !localHost(r.Host) {
			return run.Actor{}, fault.New(fault.Unauthorized, "The demo answers only at localhost.")
		}
		return *g.cfg.Demo, nil
	}
	cookie, err := r.Cookie(g.cookieName())
	if err != nil {
		return run.Actor{}, nil
	}
	return g.bySession(r.Context(), hashOf(cookie.Value))
}

// LocalURL says that a base URL is one of this machine alone.
func LocalURL(base string) bool {
	u, err := url.Parse(base)
	return err == nil && localHost(u.Host)
}

// localHost keeps pages elsewhere from reaching the demo by a name of theirs that points here.
func localHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

func (g *Gate) byKey(r *http.Request, header string) (run.Actor, error) {
	scheme, plain, _ := strings.Cut(header, " ")
	if plain = strings.TrimSpace(plain); !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(plain, keyBeginning) {
		return run.Actor{}, badKey("The header Authorization must be Bearer and an API key that begins with smk_.")
	}
	now := g.cfg.Now()
	key, err := g.cfg.Store.KeyByHash(r.Context(), hashOf(plain))
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return run.Actor{}, badKey("The API key is not known.")
	case err != nil:
		return run.Actor{}, err
	case !key.RevokedAt.IsZero():
		return run.Actor{}, badKey("The API key %q was revoked.", key.Name)
	case !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt):
		return run.Actor{}, badKey("The API key %q has expired; make another one.", key.Name)
	}
	if now.Sub(key.UsedAt) > touchAfter {
		if err := g.cfg.Store.TouchKey(r.Context(), key.ID); err != nil {
			return run.Actor{}, err
		}
	}
	return run.Actor{Workspace: key.Workspace, Key: key.ID, Name: "key " + key.Name, Role: key.Role}, nil
}

func (g *Gate) bySession(ctx context.Context, hash string) (run.Actor, error) {
	now := g.cfg.Now()
	s, err := g.cfg.Store.SessionByHash(ctx, hash)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return run.Actor{}, nil
	case err != nil:
		return run.Actor{}, err
	case now.Sub(s.SeenAt) > sessionIdle:
		return run.Actor{}, g.cfg.Store.DeleteSession(ctx, hash)
	}
	if now.Sub(s.SeenAt) > touchAfter {
		if err := g.cfg.Store.TouchSession(ctx, hash); err != nil {
			return run.Actor{}, err
		}
	}
	return run.Actor{Workspace: s.User.Workspace, User: s.User.ID, Name: s.User.Name, Role: s.User.Role}, nil
}

func (g *Gate) cookieName() string {
	if g.secure {
		return "__Host-sid"
	}
	return "sid"
}

// HasOwner says that the first set-up is done.
func (g *Gate) HasOwner(ctx context.Context) (bool, error) {
	n, err := g.cfg.Store.Owners(ctx)
	return n > 0, err
}

// SignIn checks a password and begins a session. It says no more than that the two do not fit.
func (g *Gate) SignIn(w http.ResponseWriter, r *http.Request, email, password string) error {
	address, err := readEmail(email)
	if err != nil {
		return err
	}
	if len(password) > maxPassword {
		return wrongSignIn()
	}
	if err := g.tries.take(address, r.RemoteAddr); err != nil {
		return err
	}
	user, err := g.cfg.Store.UserByEmail(r.Context(), address)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	if !g.hasher.fits(user.Password, password) { // also for nobody: the time tells nothing
		return wrongSignIn()
	}
	g.tries.giveBack(address, r.RemoteAddr)
	return g.begin(w, r, user)
}

func wrongSignIn() error {
	return fault.New(fault.Unauthorized, "The address and the password do not fit.")
}

// Owner is what the first set-up asks for.
type Owner struct{ Name, Email, Password, Token string }

// SetUp makes the owner's account, once, and begins a session.
func (g *Gate) SetUp(w http.ResponseWriter, r *http.Request, o Owner) error {
	known, err := g.HasOwner(r.Context())
	if err != nil {
		return err
	}
	if known { // asked before the password costs anything: the address is open to everybody for good
		return fault.New(fault.Conflict, "This server has been set up already; sign in.")
	}
	if err := g.tries.take("", r.RemoteAddr); err != nil {
		return err
	}
	if g.cfg.SetUpToken == "" && !localHost(r.Host) { // something stands in front of this address and lets others in
		return fault.New(fault.Unauthorized, "The first account is made at localhost. To make it from elsewhere, start Stepmill with --base-url; it then prints a token that is asked for.")
	}
	if g.cfg.SetUpToken != "" && subtle.ConstantTimeCompare([]byte(o.Token), []byte(g.cfg.SetUpToken)) != 1 {
		return fault.New(fault.Unauthorized, "The set-up token is not the one that was printed when Stepmill started.")
	}
	user, err := g.hasher.user(o.Name, o.Email, o.Password, run.Owner)
	if err != nil {
		return err
	}
	if user, err = g.cfg.Store.CreateUser(r.Context(), run.SystemActor(run.DefaultWorkspace), user, true); err != nil {
		return err
	}
	return g.begin(w, r, user)
}

// NewUser makes a user with the password's hash.
func NewUser(name, email, password string, role run.Role) (run.User, error) {
	return newHasher().user(name, email, password, role)
}

func (h *hasher) user(name, email, password string, role run.Role) (run.User, error) {
	var wrong []string
	if name = strings.TrimSpace(name); name == "" || len(name) > 200 {
		wrong = append(wrong, "Give a name of at most 200 bytes.")
	}
	address, err := readEmail(email)
	if err != nil {
		wrong = append(wrong, fault.MessageOf(err))
	}
	switch {
	case len(password) < minPassword:
		wrong = append(wrong, fmt.Sprintf("The password needs at least %d characters.", minPassword))
	case len(password) > maxPassword:
		wrong = append(wrong, fmt.Sprintf("The password has more than %d bytes.", maxPassword))
	}
	if wrong != nil {
		return run.User{}, fault.New(fault.InvalidInput, "%s", strings.Join(wrong, " "))
	}
	hash, err := h.make(password)
	return run.User{Name: name, Email: address, Password: hash, Role: role}, err
}

func readEmail(text string) (string, error) {
	a, err := mail.ParseAddress(strings.TrimSpace(text))
	if err != nil || a.Name != "" || len(a.Address) > 254 {
		return "", fault.New(fault.InvalidInput, "%q is no mail address.", fault.Clip(text, 60))
	}
	return strings.ToLower(a.Address), nil
}

// begin makes a new session, so that none from before the sign-in goes on.
func (g *Gate) begin(w http.ResponseWriter, r *http.Request, user run.User) error {
	if old, err := r.Cookie(g.cookieName()); err == nil {
		if err := g.cfg.Store.DeleteSession(r.Context(), hashOf(old.Value)); err != nil {
			return err
		}
	}
	plain, err := randomText()
	if err != nil {
		return err
	}
	expires := g.cfg.Now().Add(sessionMost)
	if err := g.cfg.Store.CreateSession(r.Context(), user, hashOf(plain), expires); err != nil {
		return err
	}
	http.SetCookie(w, g.cookie(plain, int(sessionMost.Seconds())))
	return nil
}

func (g *Gate) cookie(text string, age int) *http.Cookie {
	return &http.Cookie{Name: g.cookieName(), Value: text, Path: "/", MaxAge: age, HttpOnly: true, Secure: g.secure, SameSite: http.SameSiteLaxMode}
}

// SignOut ends the session.
func (g *Gate) SignOut(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(g.cookieName()); err == nil {
		if err := g.cfg.Store.DeleteSession(r.Context(), hashOf(c.Value)); err != nil {
			return err
		}
	}
	http.SetCookie(w, g.cookie("", -1))
	return nil
}

// SignInURL is where a signed-out browser is led, and comes back from.
func SignInURL(r *http.Request) string {
	if r.URL.Path == "/" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(r.URL.RequestURI())
}

// NewKey is what an API key is made of.
type NewKey struct {
	Name    string
	Role    run.Role
	Expires time.Time // zero: never
}

// MakeKey makes an API key: the text that is shown once, and what is kept of it.
func MakeKey(in NewKey) (plain string, key run.APIKey, err error) {
	name := strings.TrimSpace(in.Name)
	if name == "" || len(name) > 100 || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", key, fault.New(fault.InvalidInput, "A key needs a name of at most 100 bytes, without line breaks and other control characters.")
	}
	switch in.Role {
	case run.Viewer, run.Operator, run.Editor, run.Admin:
	default:
		return "", key, fault.New(fault.InvalidInput, "%q is no role of a key; take viewer, operator, editor or admin.", fault.Clip(string(in.Role), 40))
	}
	text, err := randomText()
	if err != nil {
		return "", key, err
	}
	plain = keyBeginning + text
	return plain, run.APIKey{Name: name, Prefix: plain[:10], Hash: hashOf(plain), Role: in.Role, ExpiresAt: in.Expires}, nil
}

func randomText() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
