package connections

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
)

// form makes a connection of one connector, or puts new values into one that there is.
type form struct {
	Connector actions.Connector
	Auth      actions.Auth
	Asked     string // the slug that somebody asked for; empty: one is proposed
	Tile      ui.Tile
	Plain     map[string]string // what was typed, without the secrets
	Wrong     map[string]string // by field
	Failed    string            // why the whole was not taken
	Redirect  string            // where the vendor sends browsers back to; empty: it sends none
	Of        *run.Connection   // whose values are put in; nil: a new one
	Held      Held              // what Of holds
	At        string            // the page of Of
}

func (h *Handler) newForm(c actions.Connector, auth actions.Auth) *form {
	f := &form{Connector: c, Auth: auth, Tile: h.Apps.Tile(c.ID), Plain: map[string]string{"slug": strings.ReplaceAll(c.ID, "_", "-"), "name": c.Name}, Wrong: map[string]string{}}
	f.Tile.Label = ""
	if f.anyServer() {
		f.Plain["slug"], f.Plain["name"] = slugOf(auth), ""
	}
	if auth.NeedsSignIn() {
		f.Redirect = h.Redirect
	}
	for _, field := range auth.Fields {
		if text, ok := field.Default.(string); ok {
			f.Plain["value."+field.ID] = text
		}
	}
	return f
}

// formOf is the form for the values of a connection that there is.
func (h *Handler) formOf(c run.Connection, held Held) (*form, error) {
	connector, auth, ok := h.way(c)
	if !ok {
		return nil, fault.New(fault.NotFound, "The connection %q signs in by a way that its app does not have any more; make another connection.", c.Slug)
	}
	f := h.newForm(connector, auth)
	f.Of, f.Held, f.At = &c, held, at(card{ID: c.ID, Slug: c.Slug})
	for name, text := range held.Plain {
		f.Plain["value."+name] = text
	}
	if c.Sandbox {
		f.Plain["sandbox"] = "1"
	}
	for name, ref := range c.Refs {
		f.Plain["ref."+name+".from"], f.Plain["ref."+name+".name"], f.Plain["ref."+name+".key"] = ref.From, ref.Name, ref.Key
		f.Plain["ref."+name+".stage"] = ref.Stage
	}
	return f, nil
}

// anyServer says that the connection is no app's.
func (f *form) anyServer() bool { return anyServer(f.Connector) }

// kind is the app, or the kind of server.
func (f *form) kind() string {
	if f.anyServer() {
		return serverName(f.Auth)
	}
	return f.Connector.Name
}

// needs says that a field is to be filled in. The browser does not insist: a sandbox needs none, and a value may lie elsewhere.
func (f *form) needs(field actions.Field) bool {
	return field.Required && !(field.Secret && f.Held.Sealed[field.ID])
}

// app is what sentences call that which is connected.
func (f *form) app() string {
	if f.anyServer() {
		return "the service"
	}
	return f.Connector.Name
}

// Verb is what the form's button says.
func (f *form) Verb() string {
	tests, _ := f.Connector.Tested(f.Auth.Method)
	switch {
	case f.Auth.NeedsSignIn():
		return "Go on to " + f.app()
	case f.Of != nil && !tests:
		return "Put in"
	case f.Of != nil:
		return "Put in and test"
	}
	return "Connect"
}

const maxConcurrency = 1000

// read takes what was typed for a new connection. What is wrong stands in Wrong afterwards.
func (f *form) read(get func(string) string, v Values) (run.Connection, run.Values) {
	c := run.Connection{Slug: f.text(get, "slug"), Name: f.text(get, "name"), Connector: f.Connector.ID, Method: f.Auth.Method, BaseURL: f.text(get, "base_url")}
	if !value.IsSlug(c.Slug) {
		f.Wrong["slug"] = "A slug is small letters, digits, - and _, as slack-sales."
	}
	if c.Slug == value.NewPage {
		f.Wrong["slug"] = `"new" is taken by this page; choose another slug.`
	}
	if !value.IsName(c.Name) {
		f.Wrong["name"] = value.NoName
	}
	if why := actions.WrongAddress(c.BaseURL); c.BaseURL != "" && why != "" {
		f.Wrong["base_url"] = why
	}
	readLimits(&c, func(name string) string { return f.text(get, name) }, f.Wrong)
	values, _ := f.readValues(&c, get, v)
	return c, values
}

func (f *form) text(get func(string) string, name string) string {
	f.Plain[name] = strings.TrimSpace(get(name))
	return f.Plain[name]
}

// readLimits takes what a connection may send.
func readLimits(c *run.Connection, text func(string) string, wrong map[string]string) {
	c.Rate, c.Concurrency = text("rate"), 0
	if s := text("concurrency"); s != "" {
		var err error
		if c.Concurrency, err = strconv.Atoi(s); err != nil || c.Concurrency < 1 || c.Concurrency > maxConcurrency {
			wrong["concurrency"] = "A whole number from 1 to 1000 is needed."
		}
	}
	if _, _, err := scenario.ParseRate(c.Rate, run.MaxRate); c.Rate != "" && err != nil {
		wrong["rate"] = "A rate is a number of requests in a time, as 100/1m."
	}
}

// readValues takes what a connection signs in with, and notes in c where values lie elsewhere and what follows for its
// state. keep are the secrets that it holds and that nothing was typed for.
func (f *form) readValues(c *run.Connection, get func(string) string, v Values) (values run.Values, keep []string) {
	c.Sandbox, c.State, c.Detail, c.Refs = f.text(get, "sandbox") != "", run.Connected, "", nil
	if f.Auth.NeedsSignIn() && !c.Sandbox {
		c.State, c.Detail = run.NeedsAuth, "Nobody has signed in yet."
	}
	values = run.Values{}
	moved := f.moved(get)
	for _, field := range f.Auth.Asked(c.BaseURL) {
		name := "value." + field.ID
		if c.Sandbox { // its values may be made up
			field.Form = ""
		}
		text := f.Auth.Tidied(field, strings.TrimSpace(get(name)))
		if !field.Secret {
			f.Plain[name] = text
		}
		at := func(part string) string { return f.text(get, "ref."+field.ID+"."+part) }
		ref := run.Ref{From: at("from"), Name: at("name"), Key: at("key"), Stage: at("stage")}
		switch {
		case text != "":
			values[field.ID] = run.Secret(text)
			f.Wrong[name] = f.Auth.WrongValue(field, text)
		case ref.From != "":
			if err := v.CheckRef(ref); err != nil {
				f.Wrong[name] = fault.MessageOf(err)
			}
			if c.Refs == nil {
				c.Refs = map[string]run.Ref{}
			}
			c.Refs[field.ID] = ref
		case field.Secret && f.Held.Sealed[field.ID] && moved != "":
			f.Wrong[name] = field.Label + " is to be typed again: " + moved + " is another than before, and what is kept goes nowhere but where it went."
		case field.Secret && f.Held.Sealed[field.ID]:
			keep = append(keep, field.ID)
		case field.Required && !c.Sandbox:
			f.Wrong[name] = field.Label + " is needed."
		}
		if f.Wrong[name] == "" {
			delete(f.Wrong, name)
		}
	}
	if len(f.Wrong) == 0 && len(keep) == 0 && len(c.Refs) == 0 && !c.Sandbox {
		f.together(*c, values, v)
	}
	return values, keep
}

// moved is the label of a field by which the credentials would go elsewhere than those that the connection holds; "": none is.
func (f *form) moved(get func(string) string) string {
	if f.Of == nil {
		return ""
	}
	whole := func(text, from, name, key, stage string) string {
		if text == "" && from != "" {
			return fmt.Sprintf("%q", []string{from, name, key, stage})
		}
		return text
	}
	return f.Connector.Moved(f.Auth.Method, func(id string) string {
		r := f.Of.Refs[id]
		return whole(f.Held.Plain[id], r.From, r.Name, r.Key, r.Stage)
	}, func(id string) string {
		at := func(part string) string { return strings.TrimSpace(get("ref." + id + "." + part)) }
		return whole(strings.TrimSpace(get("value."+id)), at("from"), at("name"), at("key"), at("stage"))
	})
}

// together finds what is wrong with values that are each right.
func (f *form) together(c run.Connection, values run.Values, v Values) {
	var err error
	switch {
	case f.Auth.OAuth != nil || f.Auth.Certificates:
		err = v.CheckValues(c, values)
	case f.Connector.Derive != nil && c.BaseURL == "":
		texts := make(map[string]string, len(values))
		for name, secret := range values {
			texts[name] = secret.Reveal()
		}
		_, err = f.Connector.Derive(texts)
	}
	placed := false
	for _, p := range fault.ProblemsOf(err) {
		if name, ok := strings.CutPrefix(p.Path, "/values/"); ok {
			f.Wrong["value."+name], placed = p.Message, true
		}
	}
	if err != nil && !placed {
		f.Failed = fault.MessageOf(err)
	}
}

func rateHelp(c actions.Connector) string {
	if c.Rate.Requests > 0 {
		window := c.Rate.Window.String()
		if short, ok := strings.CutSuffix(window, "m0s"); ok {
			window = short + "m"
		}
		return fmt.Sprintf("Requests in a time, as 100/1m; the app's own limit of %d/%s where not given.", c.Rate.Requests, window)
	}
	return "Requests in a time, as 100/1m."
}
