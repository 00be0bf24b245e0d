package triggers

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
)

// query is what the list is asked for.
type query struct {
	Text, State string
	From        int // how many of those that fit come before the page
}

// queryOf reads what is asked for. What cannot be read is left out, and wrong says so.
func queryOf(r *http.Request) (q query, wrong string) {
	v := r.URL.Query()
	q = query{Text: strings.TrimSpace(v.Get("q")), State: v.Get("state")}
	if !slices.ContainsFunc(choices(), func(c choice) bool { return c.Value == q.State }) {
		wrong, q.State = fmt.Sprintf("state=%s is no state of a trigger, so triggers of any state are shown.", fault.Clip(q.State, 40)), ""
	}
	q.From, _ = strconv.Atoi(v.Get("from")) // what is no number is the first page
	return q, wrong
}

// choice is a state that can be chosen.
type choice struct{ Value, Label string }

const refusing = "Refusing requests"

func choices() []choice {
	return []choice{{"", "Any state"}, {"wrong", "Something is wrong"}, {"failing", "Failing"}, {"refusing", refusing}, {"silent", "Silent"}, {"waiting", "Waiting"}, {"ok", "OK"}, {"paused", "Paused"}}
}

// asks says that the list is not all triggers.
func (q query) asks() bool { return q.Text != "" || q.State != "" }

// path is where the page that begins so far in is.
func (q query) path(from int) string {
	v := url.Values{}
	for name, text := range map[string]string{"q": q.Text, "state": q.State} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if from > 0 {
		v.Set("from", strconv.Itoa(from))
	}
	if len(v) == 0 {
		return "/triggers"
	}
	return "/triggers?" + v.Encode()
}

// onPage is how many triggers a page shows.
const onPage = 50

// listing is a page of the live triggers, those that something is wrong with first.
type listing struct {
	Query query
	Wrong string // what of it could not be read and is left out
	Rows  []row
	Total int // that fit
	Now   time.Time
}

// row is one trigger.
type row struct {
	ID, State, Class string
	Bad              bool   // something is wrong with it now
	Scenario, Name   string // slug; what it is called
	Trigger, What    string // id; what it waits for, in words
	Last             time.Time
	Outcome          string
	Expected         string // how often an event is expected, and that none came; empty: it is not silent
	Looked           time.Time
	Next             time.Time
	Expires          time.Time
	ErrorAt          time.Time
	Error            string
	Holds            bool   // Error does, still
	URL, Mail        string // where its events come in
	Refused          []run.Refusal
}

func newListing(list []run.Health, scenarios []scenario.Stored, apps *ui.Apps, q query, now time.Time) listing {
	m := listing{Query: q, Now: now}
	names := map[string]string{}
	for _, s := range scenarios {
		names[s.Slug] = s.Name
	}
	for _, h := range list {
		r := row{ID: h.Scenario + "." + h.Trigger, Scenario: h.Scenario, Name: cmp.Or(names[h.Scenario], h.Scenario), Trigger: h.Trigger, What: what(h.Uses, apps), Last: h.At, Outcome: string(h.Outcome),
			Looked: h.Looked, Next: h.Next, Expires: h.Expires, ErrorAt: h.ErrorAt, Error: h.Error, Holds: h.Failing || h.Refusing, URL: h.URL, Mail: h.Mail, Refused: h.Refused}
		if h.Refusing && !h.Failing {
			r.Error, r.ErrorAt = h.Refused[0].Message, h.Refused[0].At
		}
		r.State, r.Class, r.Bad = state(h)
		if !h.SilentSince.IsZero() {
			r.Expected = "An event is expected every " + scenario.Spell(h.Expect) + "; none came "
			if h.At.IsZero() {
				r.Expected += "yet."
			} else {
				r.Expected += "since."
			}
		}
		if q.fits(r) {
			m.Rows = append(m.Rows, r)
		}
	}
	slices.SortStableFunc(m.Rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	m.Total = len(m.Rows)
	m.Query.From = min(max(q.From, 0), max(m.Total-1, 0)) / onPage * onPage
	m.Rows = m.Rows[m.Query.From:min(m.Query.From+onPage, m.Total)]
	return m
}

func (q query) fits(r row) bool {
	return (q.State == "" || q.State == "wrong" && r.Bad || r.in(q.State)) && ui.Fits(q.Text, r.Name, r.Scenario, r.Trigger, r.What)
}

// in says that the trigger is in the state of a choice.
func (r row) in(state string) bool {
	return slices.Contains(choices(), choice{state, r.State})
}

func rank(r row) int {
	if r.Bad {
		return 0
	}
	return 1
}

// state says in a word how a trigger does, and whether something is wrong.
func state(h run.Health) (word, class string, bad bool) {
	switch {
	case h.Failing:
		return "Failing", "bad", true
	case h.Refusing:
		return refusing, "bad", true
	case !h.SilentSince.IsZero():
		return "Silent", "warn", true
	case h.Paused:
		return "Paused", "", false
	case h.At.IsZero():
		return "Waiting", "", false
	}
	return "OK", "ok", false
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
