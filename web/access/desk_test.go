package access

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

const password = "correct horse battery"

// desk is a gate over a real store, with a clock that only the test moves.
type desk struct {
	*Gate
	t     *testing.T
	store *storage.Store
	clock *time.Time
}

func newDesk(t *testing.T, change ...func(*Config)) *desk {
	t.Helper()
	now := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	sealer, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: sealer, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	cfg := Config{Store: store, Now: clock, BaseURL: "http://stepmill.test"}
	for _, c := range change {
		c(&cfg)
	}
	return &desk{Gate: NewGate(cfg), t: t, store: store, clock: &now}
}

func (d *desk) pass(by time.Duration) { *d.clock = d.clock.Add(by) }

// owner sets the server up and gives the session's cookie.
func (d *desk) owner() *http.Cookie {
	d.t.Helper()
	w := httptest.NewRecorder()
	if err := d.SetUp(w, request("POST", "/setup"), Owner{Name: "Ada", Email: "Ada@Example.com", Password: password}); err != nil {
		d.t.Fatal(err)
	}
	return only(d.t, w)
}

// signIn signs in from an address and gives the cookie, nil where it failed.
func (d *desk) signIn(email, password, from string, with ...*http.Cookie) (*http.Cookie, error) {
	w, r := httptest.NewRecorder(), request("POST", "/login", with...)
	r.RemoteAddr = from
	if err := d.SignIn(w, r, email, password); err != nil {
		return nil, err
	}
	return only(d.t, w), nil
}

func only(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("there are %d cookies", len(cookies))
	}
	return cookies[0]
}

func request(method, target string, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost:8080"
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func (d *desk) who(r *http.Request) run.Actor {
	d.t.Helper()
	actor, err := d.Identify(r)
	if err != nil {
		d.t.Fatal(err)
	}
	return actor
}

func (d *desk) key(role run.Role, expires time.Time) (string, run.APIKey) {
	d.t.Helper()
	plain, key, err := MakeKey(NewKey{Name: "of " + string(role), Role: role, Expires: expires})
	if err != nil {
		d.t.Fatal(err)
	}
	if key, err = d.store.CreateKey(d.t.Context(), run.SystemActor(run.DefaultWorkspace), key); err != nil {
		d.t.Fatal(err)
	}
	return plain, key
}

func withKey(plain string) *http.Request {
	r := request("GET", "/")
	r.Header.Set("Authorization", "Bearer "+plain)
	return r
}
