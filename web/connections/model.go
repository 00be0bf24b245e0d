package connections

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// listing is the list of connections.
type listing struct {
	Cards   []card
	App     string // whose connections are shown; empty: those of all
	AppName string
	May     bool // whoever looks may change them
	Notice  ui.Notice
}

// path is where the list is fetched from.
func (m *listing) path() string {
	if m.App == "" {
		return "/connections"
	}
	return "/connections?" + url.Values{"app": {m.App}}.Encode()
}

// order puts those first that need a person.
func (m *listing) order() {
	slices.SortStableFunc(m.Cards, func(a, b card) int { return rank(a.State) - rank(b.State) })
}

func rank(s run.State) int {
	return slices.Index([]run.State{run.NeedsAuth, run.Expiring, run.Paused, run.RateLimited, run.Connected}, s)
}

// needs says how many connections need a person, and how many runs wait for those.
func (m *listing) needs() (connections, runs int) {
	for _, c := range m.Cards {
		if c.State == run.NeedsAuth {
			connections++
			runs += c.Waiting
		}
	}
	return connections, runs
}

// card is one connection.
type card struct {
	ID, Slug, Name, App string
	Tile                ui.Tile
	State               run.State
	Ails                run.Ailment
	Detail              string // why the state is what it is, and what to do
	Account             string
	Expires             time.Time // of its token; zero: it does not, or there is none
	Now                 time.Time
	Limited             time.Time // until when it sends nothing; zero: it sends
	Sandbox             bool
	Unsigned            bool   // a person has to sign in, and nobody has yet
	Tests               bool   // its app has a request that tests it
	Untested            string // why it has none; empty where it has one, and for a sandbox
	Host                string // of a replaced base URL
	Used                []link
	Waiting             int // runs that stand for want of it
	Mend                mend
}

// mend is the one thing to do about a connection.
type mend struct{ Verb, Icon, Path string } // a Path that Gets is a page; any other takes a form

// Gets says that it is a page to go to.
func (m mend) Gets() bool { return strings.HasSuffix(m.Path, "/values") }

type link struct{ Slug, Name string }

// at is a connection's page. "new" is the page that makes one.
func at(c card) string {
	if c.Slug == "new" {
		return "/connections/" + c.ID
	}
	return "/connections/" + url.PathEscape(c.Slug)
}

func (h *Handler) card(c run.Connection, u uses) card {
	one := card{ID: c.ID, Slug: c.Slug, Name: c.Name, App: h.Apps.Name(c.Connector), Tile: h.Apps.Tile(c.Connector), State: c.State, Ails: c.Ails, Detail: c.Detail, Account: c.Account,
		Expires: c.ExpiresAt, Now: h.Now(), Limited: c.LimitedUntil, Sandbox: c.Sandbox, Used: u.by[c.Slug], Waiting: u.waiting[c.Slug]}
	one.Tile.Label = ""
	if one.Name == "" {
		one.Name = c.Slug
	}
	if b, err := url.Parse(c.BaseURL); err == nil {
		one.Host = b.Host
	}
	if c.Sandbox && c.State != run.Paused { // it asks nobody for anything
		one.State = run.Connected
	}
	connector, auth, _ := h.way(c)
	signs := auth.NeedsSignIn()
	if tests, why := connector.Tested(c.Method); !c.Sandbox {
		one.Tests, one.Untested = tests, why
	}
	if anyServer(connector) {
		one.App = serverName(auth)
	}
	one.Unsigned = signs && c.Tokens == 0 && c.Ails == ""
	one.Mend = mending(c, one, signs)
	one.Detail = here(one.Detail)
	if one.Detail == "" || one.State != run.NeedsAuth {
		one.Detail = stateDetail(one, signs)
	}
	return one
}

// expired says that its token is good no more.
func (c card) expired() bool { return !c.Expires.IsZero() && !c.Expires.After(c.Now) }

// here is what to do about a connection without that which its page says by its buttons.
func here(detail string) string {
	for _, said := range []string{run.SignInAgain, run.PutNewValues} {
		detail = strings.TrimSpace(strings.ReplaceAll(detail, said, ""))
	}
	return detail
}

func mending(c run.Connection, one card, signs bool) mend {
	at := at(one)
	switch {
	case c.State == run.Paused:
		return mend{"Resume", "play", at + "/resume"}
	case c.Sandbox:
		return mend{}
	case c.Ails != "" && c.State == run.NeedsAuth && one.Tests:
		return mend{"Test", "activity", at + "/test"}
	case signs && c.State == run.NeedsAuth && c.Tokens == 0:
		return mend{"Sign in", "key-round", at + "/sign-in"}
	case signs && (c.State == run.NeedsAuth || c.State == run.Expiring):
		return mend{"Sign in again", "key-round", at + "/sign-in"}
	case c.State == run.NeedsAuth:
		return mend{"Put new values in", "key-round", at + "/values"}
	}
	if !one.Tests {
		return mend{}
	}
	return mend{"Test", "activity", at + "/test"}
}

func stateWords(c card) (word, class string) {
	switch {
	case c.State == run.NeedsAuth && c.Ails == run.Unheard:
		return "Secret not found", "bad"
	case c.State == run.NeedsAuth && c.Ails == run.Doubted:
		return "Not taken now", "bad"
	case c.State == run.NeedsAuth && c.Ails == run.Unrenewed:
		return "No new token", "bad"
	case c.State == run.NeedsAuth && c.Unsigned:
		return "Not signed in yet", "bad"
	case c.State == run.Expiring && c.expired():
		return "Token expired", "warn"
	}
	switch c.State {
	case run.Connected:
		return "Connected", "ok"
	case run.Expiring:
		return "Expires soon", "warn"
	case run.NeedsAuth:
		return "Needs a new sign-in", "bad"
	case run.RateLimited:
		return "Asked to slow down", "warn"
	case run.Paused:
		return "Paused", ""
	}
	return string(c.State), ""
}

// stateDetail is what a state means, where nothing more is known of it.
func stateDetail(c card, signs bool) string {
	switch c.State {
	case run.Expiring:
		text := "Its token is about to expire and could not be renewed yet."
		if c.expired() {
			text = "Its token expired and could not be renewed yet."
		}
		text += " That is tried again every half a minute, and with the next call."
		if signs {
			text += " Sign in again if it stays so."
		}
		return text
	case run.NeedsAuth:
		return "The app does not take its credentials any more."
	case run.RateLimited:
		return "The app takes no more calls for now. They wait, and go on by themselves."
	case run.Paused:
		return "It was switched off: nothing is sent over it, and runs that need it stand until it is resumed."
	}
	return ""
}

// uses are what depends on connections.
type uses struct {
	scenarios []scenario.Stored
	by        map[string][]link // scenarios by the slug of a connection, those that name it
	waiting   map[string]int    // runs by the slug of the connection for want of which they stand
}

// add notes the connections that a definition names.
func (u *uses) add(s scenario.Stored, definition []byte) {
	doc, _, err := scenario.Decode(definition)
	if err != nil {
		return
	}
	for _, slug := range doc.Connections() {
		if l := (link{s.Slug, s.Name}); !slices.Contains(u.by[slug], l) {
			u.by[slug] = append(u.by[slug], l)
		}
	}
}
