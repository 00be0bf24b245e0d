package triggers

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// listing is the live triggers, those that something is wrong with first.
type listing struct {
	Rows  []row
	Wrong int // how many of them something is wrong with
	Now   time.Time
}

// row is one trigger.
type row struct {
	ID, State, Class string
	Trouble          string // what is wrong now, in a sentence; empty: nothing
	Scenario, Name   string // slug; what it is called
	Trigger, What    string // id; what it waits for, in words
	Last             time.Time
	Outcome          string
	Looked           time.Time
	Next             time.Time
	Expires          time.Time
	ErrorAt          time.Time
	Error            string
	Refused          []run.Refusal
}

func newListing(list []run.Health, scenarios []scenario.Stored, apps *ui.Apps, now time.Time) listing {
	m := listing{Now: now}
	names := map[string]string{}
	for _, s := range scenarios {
		names[s.Slug] = s.Name
	}
	for _, h := range list {
		r := row{ID: h.Scenario + "." + h.Trigger, Scenario: h.Scenario, Name: names[h.Scenario], Trigger: h.Trigger, What: what(h.Uses, apps), Last: h.At, Outcome: string(h.Outcome),
			Looked: h.Looked, Next: h.Next, Expires: h.Expires, ErrorAt: h.ErrorAt, Error: h.Error, Refused: h.Refused}
		if r.Name == "" {
			r.Name = h.Scenario
		}
		r.State, r.Class, r.Trouble = state(h)
		if r.Trouble != "" {
			m.Wrong++
		}
		m.Rows = append(m.Rows, r)
	}
	slices.SortStableFunc(m.Rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return m
}

func rank(r row) int {
	if r.Trouble != "" {
		return 0
	}
	return 1
}

// state says in a word how a trigger does, and in a sentence what is wrong.
func state(h run.Health) (word, class, trouble string) {
	switch {
	case h.Failing:
		return "Failing", "bad", h.Error
	case !h.SilentSince.IsZero():
		return "Silent", "warn", "An event is expected every " + scenario.Spell(h.Expect) + ", and none came."
	case h.Paused:
		return "Paused", "", ""
	case h.At.IsZero():
		return "Waiting", "", ""
	}
	return "Well", "ok", ""
}

// what a trigger waits for, in words.
func what(uses string, apps *ui.Apps) string {
	switch uses {
	case "webhook":
		return "A request to its URL"
	case "schedule":
		return "The clock"
	case "manual":
		return "A person"
	case "scenario":
		return "A call by another scenario"
	case "failure":
		return "A failed run"
	case "form":
		return "Its form"
	case "email":
		return "A mail"
	}
	app, event, _ := strings.Cut(uses, ".")
	return apps.Name(app) + ": " + strings.ReplaceAll(event, "_", " ")
}

func (r row) page() string { return "/scenarios/" + url.PathEscape(r.Scenario) }

func (r row) events() string {
	return "/inbox?" + url.Values{"scenario": {r.Scenario}, "trigger": {r.Trigger}}.Encode()
}
