package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

// editing is a scenario in the editor.
type editing struct {
	Stored   scenario.Stored
	Name     string
	Flow     ui.Flow
	Zone     string // of the draft
	Triggers []trigger
	Faults   int
	Warnings int
	Now      time.Time
	Notice   ui.Notice

	MayConnect bool // who looks may make connections
}

// trigger is one way in, as the trigger panel shows it.
type trigger struct {
	ID, Uses, Title, App string
	Tile                 ui.Tile
	URL                  string // empty: it has none
	Page                 bool   // URL is a page for people
	Mail                 string // the address that mail comes in at; empty: it has none
	Curl                 string // a line that sends the sample event there
	Signed               string // how its requests are signed; empty: they are not
	Manual               bool   // Curl cannot say how it is signed
	With                 map[string]any
	Planned              *scenario.Planned // of a schedule that can be read
	Silent               string            // since when no event came, in words; empty: it is not silent
	Waiting              *waiting          // what is waited for at its URL; nil: nobody offers to
	Polls                []fact            // how its list is looked at; empty: it does not poll
	Kept                 bool              // its vendor is asked for its events, so nobody else sends there
	Subscribed           *scenario.Subscribed
}

func newEditing(s scenario.Stored, d tree.Drawer, address func(*scenario.Trigger, string) (string, string), secret string, now time.Time) editing {
	m := editing{Stored: s, Name: s.Name, Now: now, Faults: len(fault.Faults(s.Problems))}
	m.Warnings = len(s.Problems) - m.Faults
	doc, _, err := scenario.Decode(s.Draft)
	if err != nil {
		return m
	}
	m.Flow, m.Zone = d.Draw(doc.Scenario), doc.Timezone
	keys := map[string]string{}
	for _, t := range s.Triggers {
		keys[t.ID] = t.Key
	}
	i := 0
	for _, t := range doc.AllTriggers() {
		if t == nil {
			continue
		}
		node := m.Flow.Triggers[i]
		i++
		shown := trigger{ID: t.Key(), Uses: t.Uses, Title: node.Title, App: node.App, Tile: node.Tile, With: t.With}
		key := keys[t.Key()]
		if own := d.Catalogue.Trigger(t.Uses); own != nil && own.Poll != nil {
			shown.Polls = pollFacts(own, t)
		} else if key != "" {
			shown.URL, shown.Mail = address(t, key)
		}
		shown.Page = shown.URL != "" && t.Uses == "form"
		if shown.URL != "" && !shown.Page {
			sign, known := signingOf(t, d.Catalogue)
			shown.Signed, shown.Manual = sign.scheme, sign.scheme != "" && !known
			shown.Curl = curl(shown.URL, sampleBody(t, d.Catalogue), sign, secret)
			shown.Kept = subscribes(t.Uses, d.Catalogue)
		}
		m.Triggers = append(m.Triggers, shown)
	}
	return m
}

// subscribes says that a trigger's vendor is asked for its events.
func subscribes(uses string, catalogue *actions.Catalogue) bool {
	t := catalogue.Trigger(uses)
	return t != nil && t.Subscribe != nil
}

// subscribed says where subscriptions stand.
func (h *Handler) subscribed(m *editing) {
	if h.Subscribed == nil {
		return
	}
	of := h.Subscribed(m.Stored.Workspace, m.Stored.ID)
	for i, t := range m.Triggers {
		if one, ok := of[t.ID]; ok && t.Kept {
			m.Triggers[i].Subscribed = &one
		}
	}
}

// stands says in a word how a subscription is, and the class of its mark.
func stands(s *scenario.Subscribed) (class, word string) {
	switch {
	case s == nil:
		return "", "asked for when the scenario is published"
	case s.State == "live" && s.Error != "":
		return "warn", "live, and could not be renewed"
	case s.State == "live":
		return "ok", "live"
	case s.State == "failed":
		return "bad", "not there"
	case s.State == "sandbox":
		return "", "not asked for, since the connection sends nothing"
	}
	return "", "being asked for"
}

// plan says of the schedules when they fire.
func (h *Handler) plan(m *editing) {
	for i, t := range m.Triggers {
		if t.Uses != "schedule" || h.Planned == nil {
			continue
		}
		if planned, err := h.Planned(t.With, m.Zone); err == nil { // what is wrong stands among the problems
			m.Triggers[i].Planned = &planned
		}
	}
}

// health says which triggers are silent, in the scenario's zone.
func (m *editing) health(list []run.Health) {
	zone, err := scenario.Zone(m.Zone)
	if err != nil {
		zone = time.UTC
	}
	for _, one := range list {
		for i := range m.Triggers {
			if since := one.SilentSince.In(zone); m.Triggers[i].ID == one.Trigger && !one.SilentSince.IsZero() {
				m.Triggers[i].Silent = fmt.Sprintf("Expected every %s, nothing since %s", scenario.Spell(one.Expect), sinceText(since, m.Now.In(zone)))
			}
		}
	}
}

// sinceText is a time of the day, with its date where that is not today.
func sinceText(at, now time.Time) string {
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2 January 2006, 15:04")
}

// silent gives the triggers that are.
func (m editing) silent() (out []trigger) {
	for _, t := range m.Triggers {
		if t.Silent != "" {
			out = append(out, t)
		}
	}
	return out
}

// fact is a line of the trigger panel.
type fact struct{ Label, Value string }

// pollFacts are the options of a trigger that polls, with what holds where one is not given.
func pollFacts(own *actions.Trigger, t *scenario.Trigger) []fact {
	var out []fact
	for _, f := range own.Inputs() {
		text := value.Text(t.With[f.ID])
		switch {
		case text != "":
		case f.ID == "every":
			text = actions.Short(own.Poll.Every)
		case f.Default != nil:
			text = value.Text(f.Default)
		default:
			continue
		}
		out = append(out, fact{f.Label, text})
	}
	return out
}

// readable lays a draft of one long line out over several, as the API and scripts write it in one; nil: it needs none.
func readable(draft []byte) []byte {
	if len(draft) < 120 || bytes.IndexByte(bytes.TrimSpace(draft), '\n') >= 0 {
		return nil
	}
	var out bytes.Buffer
	if json.Indent(&out, draft, "", "  ") != nil {
		return nil
	}
	return out.Bytes()
}

func drawing(f ui.Flow, name string) ui.Canvas {
	return ui.Canvas{Label: name + " as a drawing", Flow: f}
}

// problems is how many there are, in words.
func (m editing) problems() string { return ui.Count(m.Faults+m.Warnings, "problem", "problems") }

// noun is what stands behind their number.
func (m editing) noun() string {
	_, noun, _ := strings.Cut(m.problems(), " ")
	return noun
}

// chip says which version runs and whether the draft differs.
func (m editing) chip() (class, text string) {
	switch {
	case m.Stored.Status == scenario.Paused:
		return "warn", fmt.Sprintf("v%d paused", m.Stored.Version)
	case m.Stored.Version == 0:
		return "", "draft"
	}
	return "ok", fmt.Sprintf("v%d live", m.Stored.Version)
}

// script is the page's data for src/editor.ts.
func (m editing) script() map[string]any {
	problems := m.Stored.Problems
	if problems == nil {
		problems = []fault.Problem{}
	}
	return map[string]any{"slug": m.Stored.Slug, "revision": m.Stored.Revision, "problems": problems, "mayConnect": m.MayConnect}
}
