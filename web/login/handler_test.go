package login

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// book knows one password, and whether there is an owner.
type book struct {
	owner bool
	made  Owner
}

func (b *book) HasOwner(context.Context) (bool, error) { return b.owner, nil }

func (b *book) SignIn(_ http.ResponseWriter, _ *http.Request, email, password string) error {
	if password == "again" {
		return &fault.Error{Code: fault.RateLimited, Message: "Too many attempts.", RetryAfter: 1500 * time.Millisecond}
	}
	if password != "right" {
		return fault.New(fault.Unauthorized, "The address and the password do not go together.")
	}
	return nil
}

func (b *book) SetUp(_ http.ResponseWriter, _ *http.Request, o Owner) error {
	if len(o.Password) < 10 {
		return fault.New(fault.InvalidInput, "The password is too short.")
	}
	b.made, b.owner = o, true
	return nil
}

func (b *book) SignOut(http.ResponseWriter, *http.Request) error { return nil }

func ask(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func handler(b *book, token bool) *Handler {
	return &Handler{Accounts: b, NeedsToken: token, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{} }}
}

func TestPages(t *testing.T) {
	get := httptest.NewRequest("GET", "/login?next=/runs", nil)
	uitest.Compare(t, "sign-in", ask(t, handler(&book{owner: true}, false).Page, get).Body.String())
	uitest.Compare(t, "set-up", ask(t, handler(&book{}, false).Page, get).Body.String())
	uitest.Compare(t, "set-up-token", ask(t, handler(&book{}, true).Page, get).Body.String())
}

func TestSignIn(t *testing.T) {
	h := handler(&book{owner: true}, false)
	got := ask(t, h.SignIn, uitest.Form("/login", "email", "ada@example.com", "password", "wrong", "next", "/runs"))
	if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "do not go together") || !strings.Contains(body, "ada@example.com") || strings.Contains(body, `value="wrong"`) {
		t.Errorf("status %d", got.Code)
	}
	got = ask(t, h.SignIn, uitest.Form("/login", "email", "ada@example.com", "password", "again"))
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "2" || !strings.Contains(got.Body.String(), "Too many attempts.") {
		t.Errorf("too many attempts: status %d, %v", got.Code, got.Header())
	}
	got = ask(t, h.SignIn, uitest.Form("/login", "email", "ada@example.com", "password", "right", "next", "/runs?status=failed"))
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/runs?status=failed" {
		t.Errorf("it leads to %s", got.Header().Get("Location"))
	}
}

func TestNextStaysOnThisSite(t *testing.T) {
	for next, want := range map[string]string{"/runs": "/runs", "": "/scenarios", "https://evil.example": "/scenarios", "//evil.example": "/scenarios", `/\evil.example`: "/scenarios", "/a\nb": "/scenarios", "runs": "/scenarios"} {
		r := httptest.NewRequest("GET", "/login?next="+url.QueryEscape(next), nil)
		if got := nextOf(r); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestSetUp(t *testing.T) {
	b := &book{}
	h := handler(b, true)
	got := ask(t, h.SetUp, uitest.Form("/setup", "name", "Ada", "email", "ada@example.com", "password", "short", "token", "T"))
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "too short") || b.owner {
		t.Errorf("status %d", got.Code)
	}
	got = ask(t, h.SetUp, uitest.Form("/setup", "name", " Ada ", "email", "ada@example.com", "password", "long enough", "token", " T "))
	if got.Code != http.StatusSeeOther || b.made != (Owner{"Ada", "ada@example.com", "long enough", "T"}) {
		t.Errorf("status %d, made %+v", got.Code, b.made)
	}
}
