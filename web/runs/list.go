package runs

import (
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

// query is what a list of runs is asked for.
type query struct {
	Scenario string // slug; empty: all
	Fixed    string // slug of the scenario whose page the list is on
	Status   string // a status, "open" for all that have not ended, or "needs" for those that a person must see to
	Since    string // "1h", "24h", "7d"
	Text     string
	Cursor   string
	Side     bool   // the narrow list beside a run
	Current  string // id of the run beside which it stands
	Limit    int
}

// queryOf reads what is asked for. What cannot be read is left out, and wrong says so.
func queryOf(r *http.Request) (q query, wrong string) {
	v := r.URL.Query()
	q = query{Scenario: v.Get("scenario"), Status: v.Get("status"), Since: v.Get("since"), Text: strings.TrimSpace(v.Get("q")),
		Cursor: v.Get("cursor"), Side: v.Get("view") == "side", Current: v.Get("current"), Limit: 50}
	if slug := r.PathValue("scenario"); slug != "" {
		q.Scenario, q.Fixed = slug, slug
	}
	if q.Side {
		q.Fixed, q.Limit = q.Scenario, 40
	}
	return q, q.drop()
}

// drop leaves out what cannot be read, and says so; empty: it can.
func (q *query) drop() string {
	var wrong []string
	if s := q.Status; s != "" && s != "open" && s != "needs" && !slices.Contains(run.Statuses(), run.Status(s)) {
		wrong = append(wrong, fmt.Sprintf("status=%s is no status of a run, so runs of any status are shown.", fault.Clip(s, 40)))
		q.Status = ""
	}
	if !slices.ContainsFunc(periods(), func(p period) bool { return p.key == q.Since }) {
		wrong = append(wrong, fmt.Sprintf("since=%s is none of the times that can be chosen, so runs of any time are shown.", fault.Clip(q.Since, 40)))
		q.Since = ""
	}
	return strings.Join(wrong, " ")
}

func (q query) filter(now time.Time) run.Filter {
	f := run.Filter{Scenario: q.Scenario, Query: q.Text, Cursor: q.Cursor, Limit: q.Limit}
	for _, p := range periods() {
		if p.key == q.Since && p.length > 0 {
			f.Since = now.Add(-p.length)
		}
	}
	switch {
	case q.Status == "open":
		f.Statuses = []run.Status{run.Queued, run.Running, run.Waiting, run.Incomplete, run.Uncertain}
	case q.Status == "needs":
		f.Needs = true
	case slices.Contains(run.Statuses(), run.Status(q.Status)):
		f.Statuses = []run.Status{run.Status(q.Status)}
	}
	return f
}

// path is the address of the list with one thing changed.
func (q query) path(name, to string) string {
	v := url.Values{}
	set := func(key, text string) {
		if key == name {
			text = to
		}
		if text != "" {
			v.Set(key, text)
		}
	}
	path := "/runs"
	if q.Fixed != "" && !q.Side {
		path = "/scenarios/" + url.PathEscape(q.Fixed) + "/runs"
	} else {
		set("scenario", q.Scenario)
	}
	set("status", q.Status)
	set("since", q.Since)
	set("q", q.Text)
	set("cursor", "")
	if q.Side {
		set("view", "side")
		set("current", q.Current)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// filtered says that the list leaves something out.
func (q query) filtered() bool {
	return q.Status != "" || q.Since != "" || q.Text != "" || q.Scenario != "" && q.Fixed == ""
}

type period struct {
	key, label string
	length     time.Duration
}

func periods() []period {
	return []period{{"", "Any time", 0}, {"1h", "Last hour", time.Hour}, {"24h", "Last 24 hours", 24 * time.Hour}, {"7d", "Last 7 days", 7 * 24 * time.Hour}}
}

// listing is a list of runs as a screen shows it.
type listing struct {
	Query     query
	Wrong     string // what of it could not be read and is left out
	Name      string // of the scenario whose page the list is on
	Rows      []row
	Scenarios []scenario.Stored
	Total     string
	Many      many
	Next      string // cursor of the older ones; empty: there are none
	After     int64  // position of the feed at which it was read
	Now       time.Time
}

// row is one run in a list.
type row struct {
	ID, Number, Status, Class string
	Scenario, ScenarioName    string
	Label                     string
	Why                       string // what went wrong, or what holds it back; empty: nothing
	At                        time.Time
	Took                      string
	Until                     time.Time // of a waiting one
	Current                   bool
	Needs                     bool // it stands until a person acts
}

func newList(p run.Page, scenarios []scenario.Stored, q query, now time.Time) listing {
	m := listing{Query: q, Scenarios: scenarios, Next: p.NextCursor, Now: now, Total: ui.Count(p.Total, "run", "runs")}
	if p.More {
		m.Total = "more than " + m.Total
	}
	names := map[string]string{}
	for _, s := range scenarios {
		names[s.Slug] = s.Name
	}
	m.Name = names[q.Fixed]
	for _, one := range p.Runs {
		r := row{ID: one.ID, Number: fmt.Sprintf("#%d", one.Number), Status: string(one.Status), Class: ui.StatusClass(string(one.Status)), Scenario: one.Scenario,
			ScenarioName: names[one.Scenario], Label: one.Label, At: one.CreatedAt, Current: one.ID == q.Current, Needs: one.Status == run.Incomplete || one.Status == run.Uncertain || one.Asks}
		if r.ScenarioName == "" {
			r.ScenarioName = one.Scenario
		}
		if one.Error != nil {
			r.Why = fault.Clip(one.Error.Message, 180)
		}
		switch one.Hold {
		case run.BehindOther:
			r.Why = "behind another run of " + strconv.Quote(fault.Clip(one.Line, 60))
		case run.BeyondLimit:
			r.Why = fmt.Sprintf("behind others: at most %d of its trigger move at once", one.Limit)
		}
		if one.Status == run.Waiting && !one.WakeAt.IsZero() && !one.WakeAt.Equal(run.Never()) {
			r.Until = one.WakeAt
		}
		if !one.EndedAt.IsZero() && !one.StartedAt.IsZero() {
			r.Took = ui.Took(one.EndedAt.Sub(one.StartedAt))
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
