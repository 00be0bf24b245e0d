package outbox

import (
	"net/url"
	"sort"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
)

// listing is a page of recorded requests.
type listing struct {
	Rows   []row
	Next   string // id below which older ones are; empty: there are none
	Now    time.Time
	Notice ui.Notice
}

// row is one recorded request.
type row struct {
	ID, Method, URL, Short string
	Tile                   ui.Tile
	App, Action            string
	Run, Scenario, Path    string
	Name                   string // of the scenario
	Header                 []header
	Body                   any
	HasBody                bool
	At                     time.Time
}

type header struct{ Name, Value string }

func newListing(recorded []run.Recorded, scenarios []scenario.Stored, apps *ui.Apps, now time.Time) listing {
	m := listing{Now: now}
	names := map[string]string{}
	for _, s := range scenarios {
		names[s.Slug] = s.Name
	}
	for _, one := range recorded {
		r := row{ID: one.ID, Method: one.Method, URL: one.URL, Short: short(one.URL), Tile: apps.Tile(one.Connector), App: apps.Name(one.Connector), Action: one.Action,
			Run: one.Run, Scenario: one.Scenario, Path: one.Path, At: one.At}
		if r.Name = names[one.Scenario]; r.Name == "" { // it is gone
			r.Name = one.Scenario
		}
		r.Tile.Label = ""
		r.Body, r.HasBody = bodyOf(one.Body)
		for name, text := range one.Header {
			r.Header = append(r.Header, header{name, text})
		}
		sort.Slice(r.Header, func(i, j int) bool { return r.Header[i].Name < r.Header[j].Name })
		m.Rows = append(m.Rows, r)
	}
	if len(recorded) == perPage {
		m.Next = recorded[len(recorded)-1].ID
	}
	return m
}

// bodyOf is a body as people read it: a JSON or form body taken apart, anything else as its text.
func bodyOf(text string) (any, bool) {
	if text == "" {
		return nil, false
	}
	if v, err := value.Decode([]byte(text), value.Limits{}); err == nil {
		return v, true
	}
	return text, true
}

// short is an address without what all of them share.
func short(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host + u.EscapedPath()
}
