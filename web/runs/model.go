package runs

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/fields"
	"github.com/stepmill/stepmill/web/ui"
)

// page is one run as its screen shows it.
type page struct {
	Run           run.Run
	Name          string // of the scenario
	View          View
	Flow          ui.Flow
	Lights        ui.Lights
	Event         any    // what started it; nil: no longer kept
	Source        string // how that came
	Again         fields.Event
	Asked         string // the dialog that stands open when the page comes
	Entries       []json.RawMessage
	After         int64 // position of the last entry in it
	Side          listing
	Selected      string // key of the open node
	Nodes         map[string]ui.Node
	Now           time.Time
	CanCancel     bool
	CanReplay     bool
	CanReplayFrom bool
	Attention     attention
	Notice        ui.Notice
	Lacks         lacking
}

// Values larger than this are left out of the page; the API gives them whole.
const largest = 48 << 10

func newPage(r run.Run, entries []run.Entry, flow ui.Flow, now time.Time) page {
	p := page{Run: r, Flow: flow, View: Fold(entries), Now: now, Nodes: map[string]ui.Node{}}
	p.Lights = Light(flow, p.View, now)
	flow.Each(func(n ui.Node) { p.Nodes[n.Key] = n })
	for i := range entries {
		e := cut(entries[i], r.ID)
		p.After = max(p.After, e.Pos)
		text, err := e.AppendJSON(nil, fmt.Sprintf(`"pos":%d,`, e.Pos))
		if err == nil {
			p.Entries = append(p.Entries, text)
		}
	}
	return p
}

// cut replaces a large input or output by a sentence about it.
func cut(e run.Entry, runID string) run.Entry {
	e.Input, e.Output = cutValue(e.Input, runID), cutValue(e.Output, runID)
	return e
}

func cutValue(v any, runID string) any {
	text, err := value.Encode(v)
	if err != nil || len(text) <= largest {
		return v
	}
	return ui.TooLarge(text, "GET /api/v1/runs/"+runID+"/journal")
}

// open chooses the step that the panel shows: the one asked for, else the one that failed, that runs, or the first.
func (p *page) open(asked string) {
	if _, ok := p.Nodes[asked]; ok {
		p.Selected = asked
		return
	}
	best := -1
	for i := range p.View.Steps {
		s := &p.View.Steps[i]
		n, known := p.Nodes[s.Key]
		if !known {
			continue
		}
		r := rank(s.Status)
		if fails(n, s) {
			r = rank("failed")
		}
		if r > 0 && r >= best {
			best, p.Selected = r, s.Key
		}
	}
	if p.Selected == "" && len(p.Flow.Triggers) > 0 {
		p.Selected = p.Flow.Triggers[0].Key
	}
}

func rank(status string) int {
	switch status {
	case "failed":
		return 3
	case "uncertain", "parked", "retrying":
		return 2
	case "running", "waiting":
		return 1
	}
	return 0
}

// step is the last round of the open step; nil where the run has not come there.
func (p page) step() *StepView {
	var found *StepView
	for i := range p.View.Steps {
		if p.View.Steps[i].Key == p.Selected {
			found = &p.View.Steps[i]
		}
	}
	return found
}

func (p page) elapsed() string {
	start, end := parse(p.View.Started), p.Now
	if start.IsZero() {
		start = p.Run.CreatedAt
	}
	if p.View.Ended != "" {
		end = parse(p.View.Ended)
	}
	return ui.Took(end.Sub(start))
}

// progress is how many of the steps that are due have ended.
func (p page) progress() string {
	done, due, hidden := 0, 0, 0
	for key := range p.Nodes {
		switch s := p.Lights.Nodes[key]; {
		case strings.HasPrefix(key, "trigger:"):
		case s.State == unknown:
			hidden++
		case s.State == "skipped":
			if s.Meta == notReached && p.View.Status != "succeeded" { // the run ended before it
				due++
			}
		case s.State == "" || s.State == "running" || s.State == "waiting" || s.State == "retrying" || s.State == "uncertain" || s.State == "cancelled":
			due++
		default:
			due++
			done++
		}
	}
	if hidden > 0 {
		return fmt.Sprintf("%d of %d, %d not shown", done, due, hidden)
	}
	return fmt.Sprintf("%d of %d", done, due)
}

func (p page) retries() int {
	n := 0
	for _, s := range p.View.Steps {
		n += max(0, s.Attempt-1)
	}
	return n
}

func (p page) startedBy() string {
	if p.Source == run.SourceTest {
		return "A sample"
	}
	for _, t := range p.Flow.Triggers {
		if t.Key == "trigger:"+p.Run.Trigger || len(p.Flow.Triggers) == 1 {
			return t.App
		}
	}
	return p.Run.Trigger
}

// other is the run that this one was started by, and what it is to this one; empty: none.
func (p page) other() (id, as string) {
	if old := run.ReplayedBy(p.Source); old != "" {
		return old, "A replay"
	}
	if p.Run.Parent != "" {
		return p.Run.Parent, "A call"
	}
	return "", ""
}

// script is the page's data for src/run.ts.
func (p page) script() map[string]any {
	entries := p.Entries
	if entries == nil {
		entries = []json.RawMessage{}
	}
	return map[string]any{
		"run": p.Run.ID, "scenario": p.Run.Scenario, "trigger": p.Run.Trigger, "event": p.Event, "after": p.After,
		"selected": p.Selected, "entries": entries, "words": Words(), "replayFrom": p.CanReplayFrom, "now": p.Now.UnixMilli(),
	}
}
