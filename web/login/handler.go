// Package login holds the screens of somebody who is not signed in: the first one, which makes the owner's account, and
// the sign-in. Passwords pass through it to whoever checks them and are kept nowhere.
package login

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/ui"
)

// Accounts checks who people are. SignIn and SetUp begin the session: they set its cookie on the response.
type Accounts interface {
	// HasOwner says that the first set-up is done.
	HasOwner(ctx context.Context) (bool, error)
	SignIn(w http.ResponseWriter, r *http.Request, email, password string) error
	SetUp(w http.ResponseWriter, r *http.Request, o Owner) error
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// Owner is what the first set-up asks for.
type Owner struct {
	Name, Email, Password string
	Token                 string // printed at start; asked for where the server is not on loopback
}

// Handler serves the screens.
type Handler struct {
	Accounts   Accounts
	Chrome     func(*http.Request) ui.Chrome
	NeedsToken bool // the first set-up asks for the token that was printed at start
}

// form is what the pages show again after something was wrong.
type form struct {
	Name, Email, Next string
	Wrong             string
	Token             bool
}

// Page serves GET /login: the sign-in, or the first set-up while there is no owner.
func (h *Handler) Page(w http.ResponseWriter, r *http.Request) error {
	return h.show(w, r, form{Next: nextOf(r)}, http.StatusOK)
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request, f form, status int) error {
	known, err := h.Accounts.HasOwner(r.Context())
	if err != nil {
		return err
	}
	f.Token = h.NeedsToken
	if !known {
		return ui.Render(w, r, status, setUpPage(h.Chrome(r), f))
	}
	return ui.Render(w, r, status, signInPage(h.Chrome(r), f))
}

// SignIn serves POST /login with `email`, `password` and `next`.
func (h *Handler) SignIn(w http.ResponseWriter, r *http.Request) error {
	f := form{Email: strings.TrimSpace(r.FormValue("email")), Next: nextOf(r)}
	return h.finish(w, r, f, h.Accounts.SignIn(w, r, f.Email, r.FormValue("password")))
}

// SetUp serves POST /setup with `name`, `email`, `password` and `token`.
func (h *Handler) SetUp(w http.ResponseWriter, r *http.Request) error {
	f := form{Name: strings.TrimSpace(r.FormValue("name")), Email: strings.TrimSpace(r.FormValue("email")), Next: "/scenarios"}
	o := Owner{Name: f.Name, Email: f.Email, Password: r.FormValue("password"), Token: strings.TrimSpace(r.FormValue("token"))}
	return h.finish(w, r, f, h.Accounts.SetUp(w, r, o))
}

func (h *Handler) finish(w http.ResponseWriter, r *http.Request, f form, err error) error {
	switch fault.CodeOf(err) {
	case "":
		http.Redirect(w, r, f.Next, http.StatusSeeOther)
		return nil
	case fault.InvalidInput, fault.Unauthorized, fault.Conflict, fault.NotFound:
		f.Wrong = fault.MessageOf(err)
		return h.show(w, r, f, http.StatusUnprocessableEntity)
	case fault.RateLimited:
		f.Wrong = fault.MessageOf(err)
		var own *fault.Error
		if errors.As(err, &own) && own.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(own.RetryAfter.Seconds()))))
		}
		return h.show(w, r, f, http.StatusTooManyRequests)
	}
	return err
}

// SignOut serves POST /logout.
func (h *Handler) SignOut(w http.ResponseWriter, r *http.Request) error {
	if err := h.Accounts.SignOut(w, r); err != nil {
		return err
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// nextOf is where to go after signing in: a page of this site, never another one's.
func nextOf(r *http.Request) string {
	next := r.FormValue("next")
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/scenarios"
	}
	return next
}
