package connections

import (
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// listing is the list of connections.
type listing struct {
	Cards   []card
	CanTest bool
	Notice  ui.Notice
}

// card is one connection.
type card struct {
	ID, Slug, Name, App string
	Tile                ui.Tile
	State, Class        string
	Detail              string
	Sandbox             bool
	Host                string // of a replaced base URL
	Used                []link
}

type link struct{ Slug, Name string }

func newListing(all []run.Connection, scenarios []scenario.Stored, apps *ui.Apps, canTest bool) listing {
	users := usedBy(scenarios)
	m := listing{CanTest: canTest}
	for _, c := range all {
		one := card{ID: c.ID, Slug: c.Slug, Name: c.Name, App: apps.Name(c.Connector), Tile: apps.Tile(c.Connector), Detail: c.Detail, Sandbox: c.Sandbox, Used: users[c.Slug]}
		one.State, one.Class = stateWords(c.State)
		one.Tile.Label = ""
		if one.Name == "" {
			one.Name = c.Slug
		}
		if u, err := url.Parse(c.BaseURL); err == nil {
			one.Host = u.Host
		}
		m.Cards = append(m.Cards, one)
	}
	return m
}

func stateWords(s run.State) (word, class string) {
	switch s {
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
	return string(s), ""
}

// usedBy gives, by connection slug, the scenarios whose draft names it.
func usedBy(scenarios []scenario.Stored) map[string][]link {
	out := map[string][]link{}
	for _, s := range scenarios {
		doc, _, err := scenario.Decode(s.Draft)
		if err != nil {
			continue
		}
		add := func(slug string) {
			l := link{s.Slug, s.Name}
			if slug != "" && !slices.Contains(out[slug], l) {
				out[slug] = append(out[slug], l)
			}
		}
		for _, t := range doc.AllTriggers() {
			if t != nil {
				add(t.Connection)
			}
		}
		doc.Walk(func(step *scenario.Step, _ scenario.Place) { add(step.Connection) })
	}
	return out
}

// pick is an app that can be connected.
type pick struct {
	ID, Name, Category string
	Tile               ui.Tile
}

func connectable(connectors []actions.Connector, apps *ui.Apps) []pick {
	var list []pick
	for _, c := range connectors {
		if len(c.Auth) > 0 {
			t := apps.Tile(c.ID)
			t.Label = ""
			list = append(list, pick{c.ID, c.Name, c.Category, t})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return strings.ToLower(list[i].Name) < strings.ToLower(list[j].Name) })
	return list
}

// form makes a connection of one connector.
type form struct {
	Connector actions.Connector
	Auth      actions.Auth
	Tile      ui.Tile
	Plain     map[string]string // what was typed, without the secrets
	Wrong     map[string]string // by field
	Failed    string            // why the whole was not taken
}

func newForm(c actions.Connector, apps *ui.Apps, method string) *form {
	f := &form{Connector: c, Auth: c.Auth[0], Tile: apps.Tile(c.ID), Plain: map[string]string{"slug": strings.ReplaceAll(c.ID, "_", "-"), "name": c.Name}, Wrong: map[string]string{}}
	f.Tile.Label = ""
	for _, a := range c.Auth {
		if a.Method == method {
			f.Auth = a
		}
	}
	for _, field := range f.Auth.Fields {
		if text, ok := field.Default.(string); ok {
			f.Plain["value."+field.ID] = text
		}
	}
	return f
}

var (
	slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	rateForm = regexp.MustCompile(`^[1-9][0-9]*/([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$`)
)

const maxConcurrency = 1000

// read takes what was typed. What is wrong stands in Wrong afterwards.
func (f *form) read(get func(string) string) (run.Connection, run.Values) {
	text := func(name string) string {
		f.Plain[name] = strings.TrimSpace(get(name))
		return f.Plain[name]
	}
	c := run.Connection{Slug: text("slug"), Name: text("name"), Connector: f.Connector.ID, Method: f.Auth.Method, BaseURL: text("base_url"), Rate: text("rate"),
		Sandbox: text("sandbox") != ""}
	if f.Auth.NeedsSignIn() && !c.Sandbox {
		c.State, c.Detail = run.NeedsAuth, "Nobody has signed in yet."
	}
	if !slugForm.MatchString(c.Slug) {
		f.Wrong["slug"] = "A slug is small letters, digits, - and _, as slack-sales."
	}
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		f.Wrong["base_url"] = "An address begins with https:// or http:// and names a host."
	}
	if s := text("concurrency"); s != "" {
		var err error
		if c.Concurrency, err = strconv.Atoi(s); err != nil || c.Concurrency < 1 || c.Concurrency > maxConcurrency {
			f.Wrong["concurrency"] = "A whole number from 1 to 1000 is needed."
		}
	}
	if c.Rate != "" && !rateForm.MatchString(c.Rate) {
		f.Wrong["rate"] = "A rate is a number of requests in a time, as 100/1m."
	}
	values := run.Values{}
	for _, field := range f.Auth.Asked(c.BaseURL) {
		name := "value." + field.ID
		v := strings.TrimSpace(get(name))
		if !field.Secret {
			f.Plain[name] = v
		}
		switch {
		case v != "":
			values[field.ID] = run.Secret(v)
		case field.Required && !c.Sandbox:
			f.Wrong[name] = field.Label + " is needed."
		}
	}
	return c, values
}
