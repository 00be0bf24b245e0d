package inbox

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/jobs"
	"github.com/stepmill/stepmill/web/ui"
)

// query is what the list is asked for.
type query struct {
	Scenario, Trigger, Outcome, Text, Cursor string
	Since                                    string // a time, RFC 3339, or how long ago, as 24h
}

// queryOf reads what is asked for. What cannot be read is left out, and wrong says so.
func queryOf(r *http.Request, now time.Time) (q query, wrong string) {
	v := r.URL.Query()
	q = query{Scenario: v.Get("scenario"), Trigger: v.Get("trigger"), Outcome: v.Get("outcome"), Text: v.Get("q"), Cursor: v.Get("cursor"), Since: v.Get("since")}
	if _, err := since(q.Since, now); err != nil {
		wrong, q.Since = fault.MessageOf(err), ""
	}
	return q, wrong
}

// since reads from when on events are asked for; zero: from the first.
func since(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if ago, err := scenario.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	return time.Time{}, fault.New(fault.InvalidInput, "since=%s is no time, so events of any time are shown. Write a time as 2026-01-31T09:30:00Z, or how long ago as 24h.", fault.Clip(text, 40))
}

// period is a time from when on events are shown.
type period struct{ Value, Label string }

// periods are the times that are offered, and the one that is asked for beside them.
func (q query) periods() []period {
	list := []period{{Value: "", Label: "Any time"}, {Value: "1h", Label: "Last hour"}, {Value: "24h", Label: "Last 24 hours"}, {Value: "7d", Label: "Last 7 days"}}
	if !slices.ContainsFunc(list, func(c period) bool { return c.Value == q.Since }) {
		list = append(list, period{Value: q.Since, Label: "Since " + q.Since})
	}
	return list
}

// asks says that the list is not the whole inbox.
func (q query) asks() bool { return q != query{Cursor: q.Cursor} }

// fields are what is asked for, by name.
func (q query) fields() map[string]string {
	out := map[string]string{}
	for name, text := range map[string]string{"scenario": q.Scenario, "trigger": q.Trigger, "outcome": q.Outcome, "since": q.Since, "q": q.Text} {
		if text != "" {
			out[name] = text
		}
	}
	return out
}

func (q query) path(cursor string) string {
	v := url.Values{}
	for name, text := range q.fields() {
		v.Set(name, text)
	}
	if cursor != "" {
		v.Set("cursor", cursor)
	}
	if len(v) == 0 {
		return "/inbox"
	}
	return "/inbox?" + v.Encode()
}

// listing is a page of events.
type listing struct {
	Query     query
	Wrong     string // what of it could not be read and is left out
	Rows      []row
	Scenarios []scenario.Stored
	Next      string
	Now       time.Time
	CanReplay bool // all that fit
	Jobs      []jobs.Line
}

// row is one event.
type row struct {
	ID, Outcome, Class, Detail, Scenario, Source, Run string
	At                                                time.Time
	Repeats                                           int
	Repeated                                          time.Time // when the same delivery last came again
}

func newListing(p run.EventPage, scenarios []scenario.Stored, q query, now time.Time) listing {
	m := listing{Query: q, Scenarios: scenarios, Next: p.NextCursor, Now: now}
	names := namesOf(scenarios)
	for _, e := range p.Events {
		m.Rows = append(m.Rows, row{ID: e.ID, Outcome: string(e.Outcome), Class: class(e.Outcome), Detail: e.Detail, Scenario: names.of(e.Scenario), Source: e.Source, Run: e.RunID, At: e.At, Repeats: e.Repeats, Repeated: e.RepeatedAt})
	}
	return m
}

// names are what scenarios are called, by their slugs.
type names map[string]string

func namesOf(scenarios []scenario.Stored) names {
	out := names{}
	for _, s := range scenarios {
		out[s.Slug] = s.Name
	}
	return out
}

// of is a scenario's name; of one that is gone the slug is all that is known.
func (n names) of(slug string) string {
	if name := n[slug]; name != "" {
		return name
	}
	return slug
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
	return []run.Outcome{run.Accepted, run.Held, run.Filtered, run.Replaced, run.Sampled}
}

// meaning says in a sentence what became of an event.
func meaning(o run.Outcome) string {
	switch o {
	case run.Accepted:
		return "It started a run."
	case run.Held:
		return "It waits: for its scenario to be switched on again, or for others by its trigger's debounce or batch."
	case run.Replaced:
		return "A newer event came before it was quiet, and that one starts the run."
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
	Event     run.Event
	Scenario  string // its name
	Value     any
	Header    []header // nil: the value has them
	Raw       string   // the body, or its beginning, as it can be shown; empty: there is none
	NotCopied string   // why the body can only be downloaded; empty: it can be copied too
	Now       time.Time
	CanReplay bool
	Again     fields.Event // what may be changed first
	Asked     bool         // the dialog stands open when the page comes
	Notice    ui.Notice
	Files     []ui.File // that the event refers to
}

type header struct{ Name, Value string }

const (
	rawShown   = 64 << 10
	valueShown = 48 << 10
)

func newEvent(e run.Event, body []byte, now time.Time) event {
	m := event{Event: e, Now: now, Raw: shown(body), NotCopied: notCopied(body)}
	if e.Damaged != "" {
		m.Value = e.Damaged
	} else if len(e.Value) > valueShown {
		m.Value = ui.TooLarge(e.Value, "GET /api/v1/events/"+e.ID)
	} else if v, err := value.Decode(e.Value, value.Stored()); err == nil {
		m.Value, m.Again = v, fields.EventOf(e.Value)
	}
	if object, _ := m.Value.(map[string]any); object["headers"] != nil {
		return m
	}
	for name, text := range e.Header {
		m.Header = append(m.Header, header{name, text})
	}
	sort.Slice(m.Header, func(i, j int) bool { return m.Header[i].Name < m.Header[j].Name })
	return m
}

// written is what HTML makes of letters that it cannot hold, but for NUL, which it drops without a trace.
var written = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD")

// shown is the beginning of a body, as a page can have it.
func shown(body []byte) string {
	n := min(len(body), rawShown)
	for n < len(body) && n > rawShown-utf8.UTFMax && !utf8.RuneStart(body[n]) {
		n--
	}
	text := written.Replace(strings.ToValidUTF8(string(body[:n]), "\uFFFD"))
	if n < len(body) {
		text += "\n… " + ui.Bytes(len(body)-n) + " more"
	}
	return text
}

// notCopied says why a body would come out of the clipboard as another one; empty: it would not.
func notCopied(body []byte) string {
	switch {
	case !utf8.Valid(body):
		return "It is not UTF-8 text, so it cannot be copied."
	case bytes.IndexByte(body, 0) >= 0:
		return "It has NUL bytes (\uFFFD), so it cannot be copied."
	}
	return ""
}

// came says in a word how an event came in.
func came(source string) string {
	if source == run.SourceTest {
		return "sample"
	}
	return source
}
