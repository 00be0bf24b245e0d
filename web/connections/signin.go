package connections

import (
	"net/http"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/ui"
)

// SignIn serves POST /connections/{connection}/sign-in: it leads on to the vendor.
func (h *Handler) SignIn(w http.ResponseWriter, r *http.Request) error {
	c, err := h.the(r)
	if err != nil {
		return err
	}
	return h.lead(w, r, c)
}

// lead begins a sign-in and sends the browser to the vendor. A redirect would not do: the content policy keeps what a form is
// answered with on this site, so a page goes on by itself, and has a link for who stopped that.
func (h *Handler) lead(w http.ResponseWriter, r *http.Request, c run.Connection) error {
	to, cookie, err := h.BeginSignIn(r.Context(), h.Actor(r), c)
	if err != nil {
		return h.show(w, r, c, answer{Title: "The sign-in could not be begun", Text: fault.MessageOf(err)})
	}
	http.SetCookie(w, cookie)
	return ui.Render(w, r, http.StatusOK, leadPage(h.Chrome(r), h.Apps.Name(c.Connector), h.Page(c), to))
}

// SignInFailed shows a person who comes back from a vendor why nobody was signed in, and what to do. slug is the connection's;
// empty: it is not known which one it is.
func (h *Handler) SignInFailed(w http.ResponseWriter, r *http.Request, slug string, status int, err error) error {
	m := failure{Text: fault.MessageOf(err), May: h.may(r), Slug: slug}
	if c, found := h.Store.Connection(r.Context(), h.Actor(r), slug); slug != "" && found == nil {
		m.Name, m.At, m.App = nameOf(c), h.Page(c), h.Apps.Name(c.Connector)
	}
	return ui.Render(w, r, status, failedPage(h.Chrome(r), m))
}

// failure is a sign-in that came to nothing.
type failure struct {
	Slug, Name, App, At string // of the connection; empty: it is not known, or not for who looks
	Text                string
	May                 bool
}

func nameOf(c run.Connection) string {
	if c.Name == "" {
		return c.Slug
	}
	return c.Name
}

// Page is where a connection's page is.
func (h *Handler) Page(c run.Connection) string { return at(card{ID: c.ID, Slug: c.Slug}) }
