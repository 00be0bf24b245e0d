package inbox

import (
	"net/http"
	"net/url"
	"sort"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
)

// query is what the list is asked for.
type query struct{ Scenario, Outcome, Cursor string }

func queryOf(r *http.Request) query {
	v := r.URL.Query()
	return query{Scenario: v.Get("scenario"), Outcome: v.Get("outcome"), Cursor: v.Get("cursor")}
}

func (q query) path(cursor string) string {
	v := url.Values{}
	for name, text := range map[string]string{"scenario": q.Scenario, "outcome": q.Outcome, "cursor": cursor} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if len(v) == 0 {
		return "/inbox"
	}
	return "/inbox?" + v.Encode()
}

// listing is a page of events.
type listing struct {
	Query     query
	Rows      []row
	Scenarios []scenario.Stored
	Next      string
	Now       time.Time
}

// row is one event.
type row struct {
	ID, Outcome, Class, Scenario, Source, Run string
	At                                        time.Time
}

func newListing(p run.EventPage, scenarios []scenario.Stored, q query, now time.Time) listing {
	m := listing{Query: q, Scenarios: scenarios, Next: p.NextCursor, Now: now}
	names := map[string]string{}
	for _, s := range scenarios {
		names[s.Slug] = s.Name
	}
	for _, e := range p.Events {
		r := row{ID: e.ID, Outcome: string(e.Outcome), Class: class(e.Outcome), Scenario: names[e.Scenario], Source: e.Source, Run: e.RunID, At: e.At}
		if r.Scenario == "" {
			r.Scenario = e.Scenario
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}

func class(o run.Outcome) string {
	switch o {
	case run.Accepted:
		return "ok"
	case run.Held:
		return "warn"
	case run.Sampled:
		return ""
	}
	return ""
}

func outcomes() []run.Outcome {
	return []run.Outcome{run.Accepted, run.Held, run.Duplicate, run.Filtered, run.Sampled}
}

// meaning says in a sentence what became of an event.
func meaning(o run.Outcome) string {
	switch o {
	case run.Accepted:
		return "It started a run."
	case run.Held:
		return "The scenario is paused: it starts a run when it is switched on again."
	case run.Duplicate:
		return "The same event came in before; the run is the first one's."
	case run.Filtered:
		return "The trigger's topics or condition said no, so it started nothing."
	case run.Sampled:
		return "The editor was waiting for a sample, and this is it."
	}
	return ""
}

// event is one event as its page shows it.
type event struct {
	Event  run.Event
	Value  any
	Header []header
	Raw    string
	Now    time.Time
}

type header struct{ Name, Value string }

const (
	rawShown   = 64 << 10
	valueShown = 48 << 10
)

func newEvent(e run.Event, now time.Time) event {
	m := event{Event: e, Now: now}
	if e.Damaged != "" {
		m.Value = e.Damaged
	} else if len(e.Value) > valueShown {
		m.Value = ui.TooLarge(e.Value, "GET /api/v1/events/"+e.ID)
	} else if v, err := value.Decode(e.Value, value.Stored()); err == nil {
		m.Value = v
	}
	for name, text := range e.Header {
		m.Header = append(m.Header, header{name, text})
	}
	sort.Slice(m.Header, func(i, j int) bool { return m.Header[i].Name < m.Header[j].Name })
	m.Raw = string(e.Raw)
	if len(m.Raw) > rawShown {
		m.Raw = m.Raw[:rawShown] + "\n… " + ui.Bytes(len(e.Raw)-rawShown) + " more"
	}
	return m
}
