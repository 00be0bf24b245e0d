package access

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestRolesAndRoutes walks every role over a route of every permission.
func TestRolesAndRoutes(t *testing.T) {
	d := newDesk(t)
	permissions := []Permission{Public, Read, Operate, Edit, Administer}
	var routes []Route
	for _, p := range permissions {
		routes = append(routes, Route{Method: "GET", Pattern: fmt.Sprintf("/%d", p), Needs: p, Handle: func(w http.ResponseWriter, r *http.Request) error {
			actor, _ := ActorFrom(r.Context())
			_, err := w.Write([]byte(actor.Role))
			return err
		}})
	}
	router, err := NewRouter(routes, d.Gate, func(w http.ResponseWriter, _ *http.Request, err error) {
		w.WriteHeader(map[bool]int{true: 401, false: 403}[SignedOut(err)])
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(router.Routes()) != len(permissions) {
		t.Errorf("the router knows %d routes", len(router.Routes()))
	}
	may := map[run.Role]string{ // for each permission above: . allowed, x refused, - signed out
		"":           ".----",
		"unheard of": ".xxxx",
		run.Viewer:   "..xxx",
		run.Operator: "...xx",
		run.Editor:   "....x",
		run.Admin:    ".....",
		run.Owner:    ".....",
		run.System:   ".xxxx", // the engine asks nothing over HTTP
	}
	for role, want := range may {
		actor := run.Actor{Workspace: run.DefaultWorkspace, Role: role}
		router.gate = NewGate(Config{Now: time.Now, Demo: &actor})
		for i, p := range permissions {
			w, r := httptest.NewRecorder(), request("GET", fmt.Sprintf("/%d", p))
			r.Host = "localhost:8080"
			router.ServeHTTP(w, r)
			code := map[byte]int{'.': 200, 'x': 403, '-': 401}[want[i]]
			if w.Code != code || code == 200 && w.Body.String() != string(role) {
				t.Errorf("the role %q on a route that needs %d is answered %d %q, not %d", role, p, w.Code, w.Body, code)
			}
		}
	}
}

func TestUndeclaredRoute(t *testing.T) {
	route := Route{Method: "GET", Pattern: "/x", Handle: Of(http.NotFoundHandler())}
	if _, err := NewRouter([]Route{route}, nil, nil); err == nil || !strings.Contains(err.Error(), "GET /x") {
		t.Errorf("a route without a permission starts: %v", err)
	}
}

func TestSession(t *testing.T) {
	d := newDesk(t)
	if known, err := d.HasOwner(t.Context()); known || err != nil {
		t.Errorf("a new server has an owner: %v %v", known, err)
	}
	first := d.owner()
	if first.Name != "sid" || !first.HttpOnly || first.Secure || first.SameSite != http.SameSiteLaxMode || first.Path != "/" || len(first.Value) != 43 {
		t.Errorf("the cookie is %+v", first)
	}
	if a := d.who(request("GET", "/", first)); a.Role != run.Owner || a.Name != "Ada" || a.User == "" || a.Workspace != run.DefaultWorkspace {
		t.Errorf("the owner is %+v", a)
	}
	if _, err := d.store.SessionByHash(t.Context(), first.Value); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the cookie itself is stored: %v", err)
	}
	second, err := d.signIn("ada@example.COM", password, "192.0.2.1:1", first)
	if err != nil {
		t.Fatal(err)
	}
	if second.Value == first.Value || d.who(request("GET", "/", first)).Role != "" {
		t.Error("signing in again leaves the session from before it")
	}
	d.pass(11 * time.Hour)
	if d.who(request("GET", "/", second)).Role == "" {
		t.Error("a session ends after 11 idle hours")
	}
	d.pass(11 * time.Hour)
	if d.who(request("GET", "/", second)).Role == "" {
		t.Error("using a session does not keep it")
	}
	d.pass(12*time.Hour + time.Second)
	if d.who(request("GET", "/", second)).Role != "" {
		t.Error("a session outlives 12 idle hours")
	}
	d.pass(-time.Hour)
	if d.who(request("GET", "/", second)).Role != "" {
		t.Error("a session that ended idle comes back with the clock")
	}
	third, err := d.signIn("ada@example.com", password, "192.0.2.1:1")
	if err != nil {
		t.Fatal(err)
	}
	for range 30 * 24 / 10 {
		d.pass(10 * time.Hour)
		d.who(request("GET", "/", third))
	}
	if d.who(request("GET", "/", third)).Role != "" {
		t.Error("a session in use outlives 30 days")
	}
}

func TestSignOut(t *testing.T) {
	d := newDesk(t)
	cookie := d.owner()
	w := httptest.NewRecorder()
	if err := d.SignOut(w, request("POST", "/logout", cookie)); err != nil {
		t.Fatal(err)
	}
	if c := only(t, w); c.Value != "" || c.MaxAge >= 0 {
		t.Errorf("the browser keeps %+v", c)
	}
	if d.who(request("GET", "/", cookie)).Role != "" {
		t.Error("the session goes on")
	}
	if err := d.SignOut(httptest.NewRecorder(), request("POST", "/logout")); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
}

func TestSecureCookie(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.BaseURL = "https://stepmill.test" })
	c := d.owner()
	if c.Name != "__Host-sid" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("over https the cookie is %+v", c)
	}
	plain := *c
	plain.Name = "sid"
	if d.who(request("GET", "/", &plain)).Role != "" {
		t.Error("over https the cookie without __Host- is taken")
	}
}

func TestSetUp(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.SetUpToken = "tok" })
	for _, c := range []struct {
		name string
		in   Owner
		code fault.Code
	}{
		{"no token", Owner{"Ada", "a@b.example", password, ""}, fault.Unauthorized},
		{"another token", Owner{"Ada", "a@b.example", password, "tak"}, fault.Unauthorized},
		{"no name", Owner{" ", "a@b.example", password, "tok"}, fault.InvalidInput},
		{"no address", Owner{"Ada", "a.b.example", password, "tok"}, fault.InvalidInput},
		{"an address with a name", Owner{"Ada", "Ada <a@b.example>", password, "tok"}, fault.InvalidInput},
		{"a short password", Owner{"Ada", "a@b.example", "nine char", "tok"}, fault.InvalidInput},
		{"a long password", Owner{"Ada", "a@b.example", strings.Repeat("x", 1025), "tok"}, fault.InvalidInput},
		{"all right", Owner{"Ada", "a@b.example", password, "tok"}, ""},
		{"a second owner", Owner{"Eve", "e@b.example", password, "tok"}, fault.Conflict},
	} {
		if err := d.SetUp(httptest.NewRecorder(), request("POST", "/setup"), c.in); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := NewUser("", "nobody", "short", run.Owner); err == nil || !strings.Contains(err.Error(), "name") || !strings.Contains(err.Error(), "address") || !strings.Contains(err.Error(), "password") {
		t.Errorf("not all that is wrong is said: %v", err)
	}
}

// TestSetUpIsCheap: once there is an owner, the address costs nobody's guess a password's hash.
func TestSetUpIsCheap(t *testing.T) {
	d := newDesk(t)
	d.owner()
	for range cap(d.hasher.slots) { // every slot taken: whoever hashes now would wait for ever
		d.hasher.slots <- struct{}{}
	}
	done := make(chan error, 1)
	go func() {
		done <- d.SetUp(httptest.NewRecorder(), request("POST", "/setup"), Owner{"Eve", "e@b.example", password, ""})
	}()
	select {
	case err := <-done:
		if fault.CodeOf(err) != fault.Conflict {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("a set-up that cannot be waits for a hash")
	}
}

func TestKeys(t *testing.T) {
	d := newDesk(t)
	plain, key := d.key(run.Operator, d.clock.Add(time.Hour))
	if !strings.HasPrefix(plain, "smk_") || len(plain) != 4+43 || key.Prefix != plain[:10] || strings.Contains(key.Hash, plain[4:]) || len(key.Hash) != 64 {
		t.Errorf("the key is %q, kept as %+v", plain, key)
	}
	if a := d.who(withKey(plain)); a.Role != run.Operator || a.Key != key.ID || a.User != "" || a.Name != "key of operator" {
		t.Errorf("who shows it is %+v", a)
	}
	used, err := d.store.KeyByHash(t.Context(), key.Hash)
	if err != nil || used.UsedAt.IsZero() {
		t.Errorf("its use is not noted: %+v %v", used, err)
	}
	ended, endedKey := d.key(run.Admin, time.Time{})
	if err := d.store.RevokeKey(t.Context(), run.SystemActor(run.DefaultWorkspace), endedKey.ID); err != nil {
		t.Fatal(err)
	}
	cookie := d.owner()
	for name, header := range map[string]string{"revoked": "Bearer " + ended, "unknown": "Bearer smk_nothing", "no key": "Bearer abc", "another scheme": "Basic YTpi", "empty": "Bearer "} {
		r := request("GET", "/", cookie)
		r.Header.Set("Authorization", header)
		if a, err := d.Identify(r); !SignedOut(err) || a.Role != "" {
			t.Errorf("%s: %+v %v; a session beside it must not help", name, a, err)
		}
	}
	d.pass(time.Hour)
	if _, err := d.Identify(withKey(plain)); !SignedOut(err) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("at its end: %v", err)
	}
}

func TestMakeKey(t *testing.T) {
	for _, in := range []NewKey{{"", run.Admin, time.Time{}}, {"  ", run.Admin, time.Time{}}, {strings.Repeat("n", 101), run.Admin, time.Time{}}, {"n", run.Owner, time.Time{}}, {"n", run.System, time.Time{}}, {"n", "", time.Time{}}} {
		if plain, _, err := MakeKey(in); fault.CodeOf(err) != fault.InvalidInput || plain != "" {
			t.Errorf("%.20q as %q: %v", in.Name, in.Role, err)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		plain, _, err := MakeKey(NewKey{"n", run.Viewer, time.Time{}})
		if err != nil || seen[plain] {
			t.Fatalf("%q %v", plain, err)
		}
		seen[plain] = true
	}
}

func TestDemoHost(t *testing.T) {
	demo := run.Actor{Workspace: "demo", Name: "Demo", Role: run.Owner}
	d := newDesk(t, func(c *Config) { c.Demo = &demo })
	for host, ok := range map[string]bool{"localhost": true, "localhost:8080": true, "127.0.0.1": true, "127.0.0.1:8080": true, "[::1]": true, "[::1]:8080": true,
		"evil.example": false, "localhost.evil.example:8080": false, "127.0.0.1.evil.example": false, "192.168.0.1:8080": false, "0.0.0.0:8080": false, "": false} {
		r := request("GET", "/")
		r.Host = host
		if a, err := d.Identify(r); (err == nil && a.Role == run.Owner) != ok || SignedOut(err) {
			t.Errorf("the host %q: %+v %v", host, a, err)
		}
	}
}

// brokenStore cannot be reached.
type brokenStore struct{ Store }

func (brokenStore) KeyByHash(context.Context, string) (run.APIKey, error) {
	return run.APIKey{}, fault.New(fault.Unavailable, "The database is not there.")
}

func (brokenStore) SessionByHash(context.Context, string) (run.Session, error) {
	return run.Session{}, fault.New(fault.Unavailable, "The database is not there.")
}

// TestBrokenStore: a store that cannot answer is not the same as a key that is not known.
func TestBrokenStore(t *testing.T) {
	g := NewGate(Config{Store: brokenStore{}, Now: time.Now})
	for name, r := range map[string]*http.Request{"key": withKey("smk_x"), "cookie": request("GET", "/", &http.Cookie{Name: "sid", Value: "x"})} {
		if _, err := g.Identify(r); fault.CodeOf(err) != fault.Unavailable || SignedOut(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignInURL(t *testing.T) {
	for target, want := range map[string]string{"/": "/login", "/runs?status=failed": "/login?next=%2Fruns%3Fstatus%3Dfailed"} {
		if got := SignInURL(request("GET", target)); got != want {
			t.Errorf("%s leads to %s", target, got)
		}
	}
}
