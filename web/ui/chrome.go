// Package ui holds the parts that every screen is made of: the frame around a page, buttons, tiles, the drawn tree,
// values as a tree. It is given plain data and fetches none; it knows no store, no scenario and no run.
package ui

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"github.com/stepmill/stepmill/web/dist"
)

// Chrome is what stands around a page and depends on who looks.
type Chrome struct {
	User    string // name of the person; empty: nobody is signed in
	Email   string
	Demo    bool   // a signed-in demo workspace: nothing leaves it
	AppsCSS string // address of Apps' style sheet
	Broken  int    // connections that need a person
	Ailing  int    // triggers that something is wrong with
	// Theme is "light" or "dark"; empty follows the system. Render fills it from the browser's cookie.
	Theme string
}

// hosted is the chrome of a page that anybody may open: it shows no app, and has a style sheet of its own.
func (c Chrome) hosted() Chrome {
	c.AppsCSS = dist.URL("hosted.css")
	return c
}

// ThemeCookie holds the theme that a person chose; without it the system's is taken.
const ThemeCookie = "theme"

// ThemeOf reads the person's choice. Anything unknown is the system's.
func ThemeOf(r *http.Request) string {
	if c, err := r.Cookie(ThemeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// Head says what a page is: its title, its place in the navigation and what stands in its top bar.
type Head struct {
	Title   string
	Section string // key of the navigation's current entry
	Crumbs  []Crumb
	Chip    templ.Component // beside the title
	Tabs    []Tab
	Right   templ.Component // at the right of the top bar
	Script  string          // a built script beside app.js, as "run.js"
	Styles  string          // a built style sheet beside style.css, as "extra.css"
	Notice  Notice
	Onward  string // where the page goes by itself; empty: nowhere
}

// Crumb is a page above this one.
type Crumb struct{ Label, Href string }

// Tab is one of the pages about the same thing.
type Tab struct {
	Label, Href string
	Current     bool
}

// Notice is a sentence that the page shows once, as the answer to what was done before.
type Notice struct {
	Text string
	Bad  bool
}

// alarm is how many of what stands behind an entry of the navigation need a person.
func (c Chrome) alarm(key string) int {
	return map[string]int{"connections": c.Broken, "inbox": c.Ailing}[key]
}

// alarmed says the same in words.
func alarmed(key string, n int) string {
	if key == "inbox" {
		return Count(n, "trigger needs you", "triggers need you")
	}
	return Count(n, "needs you", "need you")
}

// place is an entry of the navigation.
type place struct{ key, label, href, icon string }

func places() []place {
	return []place{
		{"scenarios", "Scenarios", "/scenarios", "workflow"},
		{"runs", "Runs", "/runs", "history"},
		{"connections", "Connections", "/connections", "plug"},
		{"inbox", "Inbox", "/inbox", "inbox"},
		{"outbox", "Outbox", "/outbox", "send"},
	}
}

// Render writes a whole page or a fragment of one. It is rendered before anything is sent, so that a view that fails
// becomes an error page and not half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// IsFragment says that a script asked for a part of the page.
func IsFragment(r *http.Request) bool { return r.Header.Get("X-Fragment") != "" }

// initials are what an avatar shows of a name.
func initials(name string) string {
	var out []rune
	start := true
	for _, letter := range name {
		if start && letter != ' ' && len(out) < 2 {
			out = append(out, letter)
		}
		start = letter == ' ' || letter == '.' || letter == '-'
	}
	return string(out)
}

// ConnectionTabs are the views of what scenarios reach out with: connections, the apps that can be connected, and secrets. Current
// is the path of the one that is shown.
func ConnectionTabs(current string) []Tab {
	list := []Tab{{Label: "Connections", Href: "/connections"}, {Label: "Apps", Href: "/apps"}, {Label: "Secrets", Href: "/secrets"}}
	for i := range list {
		list[i].Current = list[i].Href == current
	}
	return list
}

// InboxTabs are the views of what comes in: the events, and the triggers that take them.
func InboxTabs(triggers bool) []Tab {
	return []Tab{{Label: "Events", Href: "/inbox", Current: !triggers}, {Label: "Triggers", Href: "/triggers", Current: triggers}}
}
