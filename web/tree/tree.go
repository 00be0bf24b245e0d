// Package tree turns a scenario into the tree that the canvas draws: titles, tiles and branches, in the words of screens.
// It draws nothing itself and knows no run.
package tree

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// Drawer knows the apps that scenarios use.
type Drawer struct {
	Catalogue *actions.Catalogue
	Apps      *ui.Apps
	// Words say when a schedule fires, by its options and its scenario's zone; empty: they cannot be read. Nil: not known.
	Words func(with map[string]any, timezone string) string

	seen map[string]int // keys of the drawing that is being made
	zone string         // of the scenario
}

// AppsOf are the connectors as tiles show them.
func AppsOf(catalogue *actions.Catalogue) *ui.Apps {
	return ui.NewApps(func() (list []ui.App) {
		for c := range catalogue.All() {
			list = append(list, ui.App{ID: c.ID, Name: c.Name, Color: c.Color, Monogram: c.Monogram, Icon: c.Icon})
		}
		return list
	})
}

// Draw gives the tree of a scenario. What could not be read of a draft is missing from it.
func (d Drawer) Draw(s *scenario.Scenario) ui.Flow {
	d.seen, d.zone = map[string]int{}, s.Timezone
	flow := ui.Flow{Triggers: []ui.Node{}, Steps: []ui.Node{}}
	for i, t := range s.AllTriggers() {
		if t != nil {
			flow.Triggers = append(flow.Triggers, d.trigger(t, s.TriggerPath(i)))
		}
	}
	flow.Steps = d.steps(s.Steps, "", "/steps")
	return flow
}

// TriggerKey is the key of a trigger's node.
func TriggerKey(id string) string { return "trigger:" + id }

func (d Drawer) trigger(t *scenario.Trigger, place string) ui.Node {
	n := ui.Node{Key: d.own(TriggerKey(t.Key())), Kind: "trigger", Title: t.Name, Place: place}
	if b, ok := builtIn[t.Uses]; ok {
		if t.Uses == "form" && t.With["mode"] == "chat" {
			b.app, b.title, b.icon = "Chat", "When somebody writes in the chat", "message-circle"
		}
		n.App, n.Tile = b.app, ui.Tile{Class: b.class, Icon: b.icon}
		if title, _ := t.With["title"].(string); n.Title == "" && t.Uses == "form" {
			n.Title = title
		}
		if n.Title == "" {
			n.Title = b.title
			if detail := d.scheduleText(t); detail != "" {
				n.Title = detail
			}
		}
		return n
	}
	app, _, _ := strings.Cut(t.Uses, ".")
	n.App, n.Tile = d.Apps.Name(app), d.tile(app)
	if known := d.Catalogue.Trigger(t.Uses); known != nil {
		n.Detail = known.Name
		if every := pollText(known, t); every != "" {
			n.Title, n.Detail = cmp.Or(n.Title, known.Name), every
		}
	}
	for _, fallback := range []string{n.Detail, t.Uses, "Trigger"} {
		if n.Title == "" {
			n.Title = fallback
		}
	}
	return n
}

type shown struct{ app, title, icon, class string }

// builtIn are the triggers that belong to no connector.
var builtIn = map[string]shown{
	"webhook":  {"Webhook", "When a request comes in", "webhook", ""},
	"schedule": {"Schedule", "At set times", "calendar-clock", "time"},
	"manual":   {"By hand", "When somebody starts it", "hand", ""},
	"form":     {"Form", "When a form is sent", "clipboard", ""},
	"email":    {"Mail", "When a mail comes in", "mail", ""},
	"scenario": {"Scenario", "When another scenario calls", "workflow", "logic"},
	"failure":  {"Failure", "When a run fails", "triangle-alert", "time"},
}

func (d Drawer) scheduleText(t *scenario.Trigger) string {
	if t.Uses != "schedule" {
		return ""
	}
	if d.Words != nil {
		if words := d.Words(t.With, d.zone); words != "" {
			return words
		}
	}
	if every, ok := t.With["every"].(string); ok {
		return "Every " + every
	}
	if cron, ok := t.With["cron"].(string); ok {
		return cron
	}
	return ""
}

// pollText is how often a trigger looks; empty: it does not poll.
func pollText(known *actions.Trigger, t *scenario.Trigger) string {
	if known.Poll == nil {
		return ""
	}
	every, _ := t.With["every"].(string)
	return "Every " + cmp.Or(every, actions.Short(known.Poll.Every))
}

func (d Drawer) steps(steps []*scenario.Step, inside, place string) []ui.Node {
	nodes := []ui.Node{}
	for i, s := range steps {
		if s != nil {
			nodes = append(nodes, d.step(s, inside, fmt.Sprintf("%s/%d", place, i)))
		}
	}
	return nodes
}

func (d Drawer) step(s *scenario.Step, inside, place string) ui.Node {
	n := ui.Node{Key: s.ID, Kind: s.Kind(), Title: s.Name, Place: place}
	if inside != "" {
		n.Key = inside + "." + s.ID
	}
	n.Key = d.own(n.Key)
	if n.Kind == "uses" {
		d.describeAction(&n, s)
	} else {
		describeKind(&n, s)
	}
	if n.Title == "" {
		n.Title = s.ID
	}
	for _, l := range s.Lists() {
		n.Lists = append(n.Lists, d.list(s, l, n.Key, place+l.Path))
	}
	return n
}

// own makes a key that no other node has: a draft may have the same id twice, and both are to be seen.
func (d Drawer) own(key string) string {
	if d.seen[key]++; d.seen[key] > 1 {
		return fmt.Sprintf("%s~%d", key, d.seen[key])
	}
	return key
}

func (d Drawer) list(s *scenario.Step, l scenario.Inner, key, place string) ui.NodeList {
	out := ui.NodeList{ID: "body", Role: "body", Steps: d.steps(l.Steps, key, place)}
	switch {
	case l.Handler && l.Branch != nil:
		out.ID, out.Role, out.Label = l.Branch.ID+"!", "error", "If it fails"
	case l.Handler:
		out.ID, out.Role, out.Label = "error", "error", "If it fails"
		out.Ends = s.OnError.Then == "stop"
	case l.Branch != nil:
		out.ID, out.Role, out.Label, out.Hint = l.Branch.ID, "branch", l.Branch.Name, l.Branch.If
		if out.Label == "" {
			out.Label = l.Branch.ID
		}
	}
	return out
}

// guarantee is what an action promises about a crash in the middle, or what the step says in its place.
func guarantee(a *actions.Action, s *scenario.Step) string {
	fact := run.Fact{Effect: cmp.Or(run.Effect(a.Effect), run.Once)}
	fact.ReadBy, fact.Reads, fact.ReadDefault = a.ReadBy()
	switch effect := fact.EffectOf(s.With, s.Delivery); {
	case effect == fact.Effect:
		return a.Guarantee
	case effect == run.Read:
		return "As it stands here it only reads, so it is asked again after a crash."
	case effect == run.Once:
		return "At most once, as the step says: a call whose answer was lost in a crash is not made again by itself, you are asked."
	}
	return "At least once, as the step says: a call whose answer was lost in a crash is made again, with the same key."
}

func (d Drawer) describeAction(n *ui.Node, s *scenario.Step) {
	app, id, _ := strings.Cut(s.Uses, ".")
	id, _, _ = strings.Cut(id, "@")
	n.App, n.Tile = d.Apps.Name(app), d.tile(app)
	if a := d.Catalogue.Action(s.Uses); a != nil {
		n.Detail, n.Guarantee = a.Name, guarantee(a, s)
		n.Calls = a.Effect != actions.Pure && (app != "core" || id == "http_request")
	}
	if app == "core" {
		n.Tile = ui.Tile{Class: "logic", Icon: coreIcon(id)}
		if n.Detail != "" {
			n.App, n.Detail = n.Detail, ""
		} else {
			n.App = id
		}
	}
	if n.Title == "" {
		n.Title = n.Detail
	}
	if s.Each != nil {
		n.App += " · each"
	}
}

func coreIcon(id string) string {
	for icon, ids := range map[string][]string{
		"braces": {"set"}, "globe": {"http_request"}, "reply": {"respond"}, "terminal": {"log"}, "merge": {"merge"},
		"list-filter": {"filter_list", "unique", "limit", "sort"}, "code": {"code"}, "mail": {"email_send", "email_read"},
		"key-round": {"crypto", "lock"}, "clock": {"date"}, "sparkles": {"llm", "agent"}, "circle-help": {"missing"},
	} {
		for _, known := range ids {
			if known == id {
				return icon
			}
		}
	}
	return "box"
}

func (d Drawer) tile(app string) ui.Tile {
	t := d.Apps.Tile(app)
	t.Label = ""
	return t
}

// describeKind says what a step that is no action is.
func describeKind(n *ui.Node, s *scenario.Step) {
	look := map[string]shown{
		"router": {app: "Router", icon: "split", class: "logic"}, "for_each": {app: "For each", icon: "repeat", class: "logic"},
		"repeat": {app: "Repeat", icon: "repeat", class: "logic"}, "parallel": {app: "At once", icon: "git-fork", class: "logic"},
		"wait": {app: "Wait", icon: "clock", class: "time"}, "call": {app: "Scenario", icon: "workflow", class: "logic"},
		"stop": {app: "Stop", icon: "octagon-x", class: "end"}, "group": {app: "Group", icon: "folder", class: "logic"},
	}[n.Kind]
	n.App, n.Tile = look.app, ui.Tile{Class: look.class, Icon: look.icon}
	title := ""
	switch {
	case s.Wait != nil && s.Wait.For != "":
		title = "For " + s.Wait.For
	case s.Wait != nil && s.Wait.Approval != nil:
		n.App, title = "Approval", "Until somebody decides"
	case s.Wait != nil && s.Wait.Event != nil:
		title = "Until an event"
	case s.Wait != nil && s.Wait.Until != "":
		title = "Until a time"
	case s.Call != nil:
		title = s.Call.Scenario
	case s.Stop != nil:
		n.Ends, n.Fails = true, s.Stop.As == "failed"
		title = map[string]string{"succeeded": "End as succeeded", "failed": "End as failed", "break": "Leave the loop",
			"continue": "Next item"}[s.Stop.As]
	}
	if n.Title == "" {
		n.Title = title
	}
}

// Tiles are the tiles of the apps that a scenario uses, its triggers' first, each once. Logic steps have none.
func (d Drawer) Tiles(s *scenario.Scenario) []ui.Tile {
	var tiles []ui.Tile
	seen := map[string]bool{}
	add := func(uses string) {
		app, _, dotted := strings.Cut(uses, ".")
		if seen[app] || app == "" {
			return
		}
		seen[app] = true
		switch b, ok := builtIn[uses]; {
		case ok:
			tiles = append(tiles, ui.Tile{Class: b.class, Icon: b.icon, Label: b.app})
		case app == "core":
			tiles = append(tiles, ui.Tile{Class: "logic", Icon: "braces", Label: "Built-in actions"})
		case dotted:
			tiles = append(tiles, d.Apps.Tile(app))
		}
	}
	for _, t := range s.AllTriggers() {
		if t != nil {
			add(t.Uses)
		}
	}
	s.Walk(func(step *scenario.Step, _ scenario.Place) { add(step.Uses) })
	return tiles
}
