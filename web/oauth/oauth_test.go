package oauth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/oauth"
)

var ada = run.Actor{Workspace: run.DefaultWorkspace, User: "ada", Name: "Ada", Role: run.Admin}

// vendor lets everybody in, and remembers what it was shown.
type vendor struct {
	state    string
	verifier run.Secret
	got      []run.SignInReturn
	err      error
}

func (v *vendor) Authorize(_ run.Connection, _ run.Values, redirect, state string, verifier run.Secret) (string, error) {
	v.state, v.verifier = state, verifier
	return "https://vendor.test/authorize?redirect_uri=" + url.QueryEscape(redirect), v.err
}

func (v *vendor) Exchange(_ context.Context, _ run.Connection, _ run.Values, back run.SignInReturn) (run.Tokens, error) {
	v.got = append(v.got, back)
	return run.Tokens{Access: "CANARY"}, v.err
}

type bench struct {
	*oauth.Handler
	t      *testing.T
	store  *storage.Store
	vendor *vendor
	ahead  atomic.Int64
	done   int
	shown  string // the connection of the last failure that was shown
	c      run.Connection
}

func newBench(t *testing.T) *bench {
	v, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, vendor: &vendor{}}
	now := func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
	if b.store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: v, Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.store.Close() })
	b.Handler = &oauth.Handler{Store: b.store, Vendors: b.vendor, BaseURL: "https://stepmill.test", Now: now, Done: func() { b.done++ },
		Page: func(c run.Connection) string { return "/page/" + c.Slug }, Failed: func(_ http.ResponseWriter, _ *http.Request, slug string, err error) error {
			b.shown = slug
			return err
		}}
	if b.c, err = b.store.CreateConnection(t.Context(), ada, run.Connection{Slug: "c", Connector: "github", Method: "oauth", State: run.NeedsAuth}, run.Values{"client_id": "id"}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) begin() *http.Cookie {
	b.t.Helper()
	to, cookie, err := b.Begin(b.t.Context(), ada, b.c)
	if err != nil || to != "https://vendor.test/authorize?redirect_uri=https%3A%2F%2Fstepmill.test%2Foauth%2Fcallback" {
		b.t.Fatal(to, err)
	}
	return cookie
}

// back is what the vendor sends the browser back with.
func (b *bench) back(query string, cookie *http.Cookie, actor *run.Actor) (*httptest.ResponseRecorder, error) {
	r := httptest.NewRequest("GET", oauth.Path+"?"+strings.ReplaceAll(query, "STATE", b.vendor.state), nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	if actor != nil {
		r = r.WithContext(access.WithActor(r.Context(), *actor))
	}
	w := httptest.NewRecorder()
	return w, b.Callback(w, r)
}

func (b *bench) state() run.State {
	b.t.Helper()
	c, err := b.store.Connection(b.t.Context(), ada, "c")
	if err != nil {
		b.t.Fatal(err)
	}
	return c.State
}

func TestSignIn(t *testing.T) {
	b := newBench(t)
	cookie := b.begin()
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != oauth.Path || len(cookie.Value) < 40 || strings.Contains(cookie.Value+cookie.Name, b.vendor.state) {
		t.Errorf("the cookie is %v", cookie)
	}
	w, err := b.back("code=one&state=STATE&iss=https%3A%2F%2Fvendor.test&scope=x", cookie, &ada)
	if err != nil || w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/page/c?done=signed-in" {
		t.Fatal(err, w.Code, w.Header())
	}
	if b.state() != run.Connected || b.done != 1 {
		t.Errorf("afterwards it is %s; told %d times", b.state(), b.done)
	}
	want := run.SignInReturn{Code: "one", Issuer: "https://vendor.test", Redirect: "https://stepmill.test/oauth/callback", Verifier: b.vendor.verifier}
	if len(b.vendor.got) != 1 || b.vendor.got[0] != want || len(want.Verifier.Reveal()) < 43 {
		t.Errorf("the vendor was shown %#v", b.vendor.got)
	}
	if gone := w.Result().Cookies(); len(gone) != 1 || gone[0].MaxAge >= 0 || gone[0].Name != cookie.Name {
		t.Errorf("the cookie stays: %v", gone)
	}
	if _, err := b.back("code=one&state=STATE", cookie, &ada); fault.CodeOf(err) != fault.Conflict { // a code that is replayed
		t.Errorf("used twice: %v", err)
	}
	if _, err := b.back("code=one&state=STATE", &http.Cookie{Name: "other", Value: "x"}, &ada); fault.CodeOf(err) != fault.Conflict || !strings.Contains(fault.MessageOf(err), "used already") {
		t.Errorf("opened again in the same browser, whose cookie is gone: %v", err)
	}
	if len(b.vendor.got) != 1 {
		t.Error("the code was shown again")
	}
}

// TestCallback is §2.E 38: who may end a sign-in, and with what.
func TestCallback(t *testing.T) {
	bob := ada
	bob.User = "bob"
	for _, c := range []struct {
		name, query string
		cookie      bool
		actor       *run.Actor
		later       time.Duration
		want        fault.Code
		says        string
		spent       bool // the sign-in cannot be ended any more
	}{
		{name: "no state", query: "code=1", cookie: true, want: fault.InvalidInput},
		{name: "an empty state", query: "code=1&state=", cookie: true, want: fault.InvalidInput},
		{name: "denied by a vendor that gives no state back", query: "error=user_denied&error_description=X", cookie: true, want: fault.Unauthorized, says: "Access was denied at the vendor. The connection"},
		{name: "an error without a state", query: "error=%3Cb%3EX&error_description=X", cookie: true, want: fault.InvalidInput, says: "says nothing of a sign-in"},
		{name: "denied in another word", query: "error=user_denied&state=STATE", cookie: true, want: fault.Unauthorized, says: "denied at the vendor (user_denied)", spent: true},
		{name: "another state", query: "code=1&state=xSTATE", cookie: true, want: fault.InvalidInput},
		{name: "two states", query: "code=1&state=STATE&state=STATE", cookie: true, want: fault.InvalidInput},
		{name: "two codes", query: "code=1&code=2&state=STATE", cookie: true, want: fault.InvalidInput},
		{name: "a long code", query: "code=" + strings.Repeat("x", 5000) + "&state=STATE", cookie: true, want: fault.InvalidInput},
		{name: "a query that is none", query: "code=%zz&state=STATE", cookie: true, want: fault.InvalidInput},
		{name: "another browser", query: "code=1&state=STATE", want: fault.Unauthorized, says: "another browser"},
		{name: "another browser that is signed in as the same person", query: "code=1&state=STATE", actor: &ada, want: fault.Unauthorized, says: "another browser"},
		{name: "another person", query: "code=1&state=STATE", cookie: true, actor: &bob, want: fault.Unauthorized, says: "another person"},
		{name: "too late", query: "code=1&state=STATE", cookie: true, later: 10*time.Minute + time.Second, want: fault.InvalidInput, says: "too long"},
		{name: "no code", query: "state=STATE", cookie: true, want: fault.InvalidInput, spent: true},
		{name: "an error", query: "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E%0d%0aX&state=STATE", cookie: true, want: fault.Unauthorized, says: "access_denied: <script>alert(1)</script> X", spent: true},
		{name: "denied", query: "error=access_denied&error_description=No.&state=STATE", cookie: true, want: fault.Unauthorized, says: "denied at the vendor (access_denied: No.)", spent: true},
		{name: "an error and a code", query: "error=x&code=1&state=STATE", cookie: true, want: fault.Unauthorized, spent: true},
		{name: "in time, and signed out meanwhile", query: "code=1&state=STATE", cookie: true, later: 9 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			cookie := b.begin()
			b.ahead.Store(int64(c.later))
			shown := cookie
			if !c.cookie {
				shown = &http.Cookie{Name: cookie.Name, Value: "guess"}
			}
			_, err := b.back(c.query, shown, c.actor)
			if fault.CodeOf(err) != c.want || err != nil && !strings.Contains(fault.MessageOf(err), c.says) {
				t.Errorf("%v", err)
			}
			if c.want == "" {
				return
			}
			if len(b.vendor.got) != 0 || b.state() != run.NeedsAuth {
				t.Error("the code was exchanged")
			}
			if c.later != 0 {
				return
			}
			if (b.shown == "c") != c.spent { // who only knows an address is not told which connection it is about
				t.Errorf("it is shown as one of %q", b.shown)
			}
			if _, err := b.back("code=1&state=STATE", cookie, &ada); (err != nil) != c.spent {
				t.Errorf("who began it ends it then: %v", err)
			}
		})
	}
}

// TestRefusedExchange leaves a connection that waits for another sign-in.
func TestRefusedExchange(t *testing.T) {
	b := newBench(t)
	cookie := b.begin()
	b.vendor.err = fault.New(fault.Unauthorized, "No.")
	if _, err := b.back("code=1&state=STATE", cookie, &ada); fault.MessageOf(err) != "No." || b.state() != run.NeedsAuth || b.done != 0 {
		t.Errorf("%v %s", err, b.state())
	}
	b.vendor.err = nil
	if _, err := b.back("code=1&state=STATE", b.begin(), &ada); err != nil || b.state() != run.Connected {
		t.Errorf("%v %s", err, b.state())
	}
}

// TestChangedMeanwhile: tokens are not kept for an app that they were not given for.
func TestChangedMeanwhile(t *testing.T) {
	b := newBench(t)
	cookie := b.begin()
	if err := b.store.DeleteConnection(t.Context(), ada, b.c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.back("code=1&state=STATE", cookie, &ada); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("deleted: %v", err)
	}
	if err := b.store.EndSignIn(t.Context(), run.Connection{Workspace: ada.Workspace, ID: b.c.ID}, run.Tokens{Access: "A"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("deleted: %v", err)
	}
	other := newBench(t)
	read := other.c
	if _, err := other.store.UpdateConnection(t.Context(), ada, other.c, run.Values{"client_id": "another"}); err != nil {
		t.Fatal(err)
	}
	if err := other.store.EndSignIn(t.Context(), read, run.Tokens{Access: "A"}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("changed: %v", err)
	}
}

// TestSeveral sign-ins may be under way in one browser.
func TestSeveral(t *testing.T) {
	b := newBench(t)
	one, first := b.begin(), b.vendor.state
	two, second := b.begin(), b.vendor.state
	if one.Name == two.Name {
		t.Fatal("the second takes the first one's cookie")
	}
	for state, cookie := range map[string]*http.Cookie{first: one, second: two} {
		if _, err := b.back("code=1&state="+state, cookie, &ada); err != nil {
			t.Error(err)
		}
	}
}

// TestLooks: a HEAD request, as mail scanners and previews send, ends no sign-in.
func TestLooks(t *testing.T) {
	b := newBench(t)
	cookie := b.begin()
	r := httptest.NewRequest("HEAD", oauth.Path+"?code=1&state="+b.vendor.state, nil)
	r.AddCookie(cookie)
	w := httptest.NewRecorder()
	if err := b.Callback(w, r); err != nil || w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET" || len(b.vendor.got) != 0 {
		t.Errorf("%v %d %v", err, w.Code, b.vendor.got)
	}
	if _, err := b.back("code=1&state=STATE", cookie, &ada); err != nil || b.state() != run.Connected {
		t.Errorf("%v %s", err, b.state())
	}
}
