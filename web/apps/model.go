package apps

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/web/ui"
)

// page is a reference page.
type page struct {
	App       *actions.Connector
	Tile      ui.Tile
	Connected int
	May       bool   // connect it
	Query     string // for triggers and actions
	Ways      []way
	Limits    []string
	Triggers  []operation
	Actions   []operation
	Records   []record
	Examples  []Example
	Guide     *actions.Guide // how its webhooks are set up by hand
}

// operations are the triggers and the actions that fit the query.
func (m page) operations() (triggers, acts []operation) {
	fits := func(list []operation) (out []operation) {
		for _, o := range list {
			if ui.Fits(m.Query, o.Uses, o.Name, o.Help, o.words) {
				out = append(out, o)
			}
		}
		return out
	}
	return fits(m.Triggers), fits(m.Actions)
}

// anyServer says that something is no app, but the built-in steps, with ways to sign in at whatever server somebody has.
func anyServer(c *actions.Connector) bool {
	return len(c.Auth) == 0 || slices.ContainsFunc(c.Auth, func(a actions.Auth) bool { return a.Protocol != "" })
}

// nameOf is what the catalogue calls an app.
func nameOf(c *actions.Connector) string {
	if anyServer(c) {
		return "Built-in steps"
	}
	return c.Name
}

// many is how many triggers and actions there are before a filter is a help.
const many = 8

// few gives the first names, and says how many others there are.
func few(names []string) string {
	const shown = 3
	if len(names) > shown {
		return strings.Join(names[:shown], ", ") + " and " + ui.Count(len(names)-shown, "other", "others")
	}
	return strings.Join(names, ", ")
}

// way is a way to sign in.
type way struct {
	Name, Help string
	SetUp      []string // what is done in the vendor's screens, step by step
	Fields     []input
	Scopes     []string
	More       []extra  // scopes that few need
	Hosts      []string // that see the credentials
	Renewed    string   // how its tokens stay good; empty: nothing is renewed
}

// extra is a scope that is not asked for by itself, and what needs it.
type extra struct{ Scope, For string }

// input is a field of an action, a trigger or a way to sign in.
type input struct {
	ID, Label, Type, Help string
	Required              bool
	Inner                 []input
}

// operation is an action or a trigger.
type operation struct {
	ID, Uses, Name, Help string
	Notes                []string // what is promised, how often is looked
	Inputs               []input
	Sample               string
	words                string // others that it is found by
}

type record struct {
	Name, Many string
	Does       []string
}

func (h *Handler) page(c *actions.Connector, connected int) page {
	m := page{App: c, Tile: h.Apps.Tile(c.ID), Connected: connected, Limits: limits(c, h.Catalogue.Limits(c.ID))}
	m.Tile.Label = ""
	for _, a := range c.Auth {
		m.Ways = append(m.Ways, wayOf(c, a))
	}
	for i := range c.Triggers {
		t := &c.Triggers[i]
		m.Triggers = append(m.Triggers, operation{ID: "trigger-" + t.ID, Uses: c.ID + "." + t.ID, Name: t.Name, Help: t.Description, Notes: told(t), Inputs: inputs(t.Inputs()), Sample: sample(t.Sample)})
		if i := slices.IndexFunc(h.Guides, func(g actions.Guide) bool { return g.Preset == t.Verify.Preset && g.Preset != "" }); i >= 0 && t.Subscribe == nil && m.Guide == nil {
			m.Guide = &h.Guides[i]
		}
	}
	for i := range c.Actions {
		a := &c.Actions[i]
		notes := []string{}
		if a.Guarantee != "" {
			notes = append(notes, a.Guarantee)
		}
		m.Actions = append(m.Actions, operation{ID: "action-" + a.ID, Uses: c.ID + "." + a.ID, Name: a.Name, Help: a.Description, Notes: notes, Inputs: inputs(a.Input), Sample: sample(a.Sample), words: a.Words})
	}
	sort.SliceStable(m.Actions, func(i, j int) bool { return strings.ToLower(m.Actions[i].Name) < strings.ToLower(m.Actions[j].Name) })
	for i := range c.Records {
		m.Records = append(m.Records, record{c.Records[i].Name, c.Records[i].Many, c.Records[i].Does()})
	}
	for _, e := range h.Examples() {
		if slices.Contains(e.Uses, c.ID) {
			m.Examples = append(m.Examples, e)
		}
	}
	return m
}

func wayOf(c *actions.Connector, a actions.Auth) way {
	w := way{Name: a.Name, Help: a.Help, SetUp: c.SetUp[a.Method], Fields: inputs(a.Fields)}
	for _, base := range append([]string{c.BaseURL, a.BaseURL}, c.Also...) {
		if u, err := url.Parse(base); err == nil && u.Host != "" && !slices.Contains(w.Hosts, u.Host) {
			w.Hosts = append(w.Hosts, u.Host)
		}
	}
	if o := a.OAuth; o != nil {
		if w.Scopes = o.Scopes; len(w.Scopes) > 0 {
			w.More = extras(c)
		}
		switch {
		case o.Grant == actions.Code && o.Lives > 0:
			w.Renewed = "People sign in once; the token is renewed by itself before it ends, for all scenarios together."
		case o.Grant == actions.Code:
			w.Renewed = "People sign in once."
		default:
			w.Renewed = "The token is fetched and renewed by itself."
		}
	}
	return w
}

// extras are the scopes that actions and triggers need beside those that are asked for, each with whom it is for.
func extras(c *actions.Connector) []extra {
	var out []extra
	add := func(scopes []string, name string) {
		for _, s := range scopes {
			i := slices.IndexFunc(out, func(e extra) bool { return e.Scope == s })
			if i < 0 {
				out = append(out, extra{s, name})
				continue
			}
			out[i].For += ", " + name
		}
	}
	for _, a := range c.Actions {
		add(a.Scopes, a.Name)
	}
	for _, t := range c.Triggers {
		add(t.Scopes, t.Name)
	}
	return out
}

// limits says how fast an app is asked, and by what it tells that it is too fast.
func limits(c *actions.Connector, of actions.Limits) []string {
	if len(c.Auth) == 0 {
		return nil
	}
	var out []string
	if c.Rate.Requests > 0 {
		out = append(out, fmt.Sprintf("At most %s requests in %s go out over a connection, for all scenarios together, unless the connection says otherwise.", ui.Thousands(c.Rate.Requests), actions.Short(c.Rate.Window)))
	}
	var names []string
	for _, h := range of.Headers {
		for _, name := range []string{h.Remaining, h.Used} {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	says := "The header " + strings.Join(names, "") + " says"
	if n := len(names) - 1; n > 0 {
		says = "The headers " + strings.Join(names[:n], ", ") + " and " + names[n] + " say"
	}
	if len(names) > 0 {
		out = append(out, says+" how much is left, which is not overdrawn: what would be refused waits for the next window.")
	}
	return append(out, "An answer that asks to wait holds back every scenario with that connection until it is over, and uses up none of a step's attempts.")
}

func told(t *actions.Trigger) []string {
	switch {
	case t.Poll != nil:
		return []string{fmt.Sprintf("It is asked every %s, or as the scenario says, %s at the least. Each item starts one run.", actions.Short(t.Poll.Every), actions.Short(t.Poll.Least))}
	case t.Subscribe != nil:
		return []string{"The events are asked for when the scenario is published, and no longer when it is not live any more. Each delivery starts one run, however often it comes."}
	}
	return []string{"Events come in at the trigger's own URL, which is entered at the app. Each delivery starts one run, however often it comes."}
}

func inputs(fields []actions.Field) []input {
	var out []input
	for _, f := range fields {
		out = append(out, input{f.ID, f.Label, words(f.Type), strings.TrimSpace(f.Help + " " + f.Facts()), f.Required, inputs(f.Fields)})
	}
	return out
}

// words are what people call a type.
func words(t actions.Type) string {
	switch t {
	case actions.LongText:
		return "text"
	case actions.DateTime:
		return "time"
	case actions.Date:
		return "day"
	case actions.Integer:
		return "whole number"
	case actions.Boolean:
		return "yes or no"
	case actions.Select:
		return "choice"
	case actions.Texts:
		return "list of texts"
	case actions.Group:
		return "group"
	case actions.JSON:
		return "any value"
	}
	return string(t)
}

// mostSample bounds a sample on a page, in bytes.
const mostSample = 6000

func sample(v any) string {
	if v == nil {
		return ""
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil || len(b) > mostSample {
		return ""
	}
	return string(b)
}
