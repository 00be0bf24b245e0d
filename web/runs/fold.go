package runs

import (
	"fmt"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// View is what a journal says about a run, as the page shows it. src/fold.ts makes the same of the same entries; the
// files in testdata/fold hold both to it.
type View struct {
	Status  string          `json:"status"`
	Seq     int64           `json:"seq"`
	Label   string          `json:"label,omitempty"`
	Queued  string          `json:"queued,omitempty"`
	Started string          `json:"started,omitempty"`
	Ended   string          `json:"ended,omitempty"`
	Until   string          `json:"until,omitempty"` // when a waiting run goes on
	Error   any             `json:"error,omitempty"`
	Output  any             `json:"output,omitempty"`
	Gap     bool            `json:"gap,omitempty"`    // entries between the first and the last are not shown
	GapIn   string          `json:"gap_in,omitempty"` // the key of the repeat that all of them are of; empty: they may be of any step
	Steps   []StepView      `json:"steps"`            // in the order they began
	last    string          // path of the last entry that had one
	marked  map[string]bool // repeats that a mark was seen of: beside what is inside them nothing happens
	byPath  map[string]int
	cut     []int // of Steps, those that were open before the gap and were not heard to have ended
}

// StepView is one step of a run, or one of its rounds in a loop.
type StepView struct {
	Path    string   `json:"path"`
	Key     string   `json:"key"` // the path without the rounds: the node it is drawn at
	Status  string   `json:"status"`
	Attempt int      `json:"attempt"`
	Started string   `json:"started,omitempty"`
	Ended   string   `json:"ended,omitempty"`
	Until   string   `json:"until,omitempty"`
	Input   any      `json:"input,omitempty"`
	Output  any      `json:"output,omitempty"`
	Error   any      `json:"error,omitempty"`
	HTTP    any      `json:"http,omitempty"`
	Taken   []string `json:"taken,omitempty"`
	Handled bool     `json:"handled,omitempty"` // its on_error steps began
	Asks    bool     `json:"asks,omitempty"`    // it waits for a person's decision; Input is what is asked
	Message string   `json:"message,omitempty"`
	Tries   []Try    `json:"tries"`
	was     string   // its status before the gap
}

// Try is one attempt at a step.
type Try struct {
	Started string `json:"started"`
	Ended   string `json:"ended,omitempty"`
	Error   any    `json:"error,omitempty"`
	HTTP    any    `json:"http,omitempty"`
	Lost    bool   `json:"lost,omitempty"` // the process died while it was in flight
}

// Fold makes a view of a journal.
func Fold(entries []run.Entry) View {
	v := View{Status: string(run.Queued), Steps: []StepView{}, byPath: map[string]int{}, marked: map[string]bool{}}
	for i := range entries {
		v.apply(&entries[i])
	}
	return v
}

// inWords says of a value that is kept apart where it is.
func inWords(v any) any {
	if large, ok := v.(value.Large); ok {
		return fmt.Sprintf("%d bytes of data, kept apart; the API gives them below this run as /values/%s.", large.Bytes, large.Hash)
	}
	return v
}

func (v *View) apply(entry *run.Entry) {
	shown := *entry
	e := &shown
	e.Input, e.Output = inWords(e.Input), inWords(e.Output)
	if e.Kind == run.LoopMarked {
		v.marked[e.Path] = true
	}
	if v.Seq > 0 && e.Seq > v.Seq+1 {
		v.gap(e)
	}
	if e.Path != "" {
		v.last = e.Path
	}
	if v.Gap && e.Kind != run.StepKept {
		v.heard(e.Path)
	}
	v.Seq = e.Seq
	at := moment(e.At)
	switch {
	case e.Kind == run.ItemEnded, e.Kind == run.LoopMarked, e.Kind == run.StepKept:
		return
	case e.Kind == run.RoundStarted:
		v.nextRound(e.Path)
		return
	case e.Path != "":
		s := v.step(e.Path)
		fresh := s.Started == ""
		s.apply(e, at)
		if v.Gap && fresh && startless(e.Kind) {
			s.Started = "" // it began where nothing is shown
		}
		if s.Ended != "" {
			v.over(e.Path)
		}
		v.takeBack(e)
		return
	}
	switch e.Kind {
	case run.RunQueued:
		v.Queued = at
	case run.RunStarted:
		v.Status, v.Started, v.Label = "running", at, e.Label
	case run.RunWaiting:
		v.Status, v.Until = "waiting", moment(e.Until)
	case run.RunResumed, run.RunCancelling:
		v.Status, v.Until, v.Error = "running", "", nil
	case run.RunIncomplete, run.RunUncertain:
		v.Status, v.Error = status(e.Kind), failure(e)
	case run.RunSucceeded, run.RunFailed, run.RunCancelled:
		v.Status, v.Ended, v.Until = status(e.Kind), at, ""
		v.Error, v.Output = failure(e), e.Output
		v.over("")
	}
}

// nextRound ends the pause of a repeat between two rounds; path is the new round's.
func (v *View) nextRound(path string) {
	if i, ok := v.byPath[path[:max(strings.LastIndexByte(path, '['), 0)]]; ok && v.Steps[i].Status == "waiting" {
		v.Steps[i].Status, v.Steps[i].Until = "running", ""
	}
}

// takeBack tells the step that is being undone how its undo, the step inside it, ended.
func (v *View) takeBack(e *run.Entry) {
	i, ok := v.byPath[e.Path[:max(strings.LastIndexByte(e.Path, '.'), 0)]]
	if !ok || v.Steps[i].Status != "undoing" {
		return
	}
	switch e.Kind {
	case run.StepSucceeded, run.StepIgnored:
		v.Steps[i].Status = "undone"
	case run.StepFailed, run.StepCancelled:
		v.Steps[i].Status, v.Steps[i].Error = "failed", failure(e)
	}
}

// status is the word behind the point of a kind.
func status(k run.Kind) string {
	for i := range k {
		if k[i] == '.' {
			return string(k[i+1:])
		}
	}
	return string(k)
}

func (v *View) step(path string) *StepView {
	i, ok := v.byPath[path]
	if !ok {
		i = len(v.Steps)
		v.byPath[path] = i
		v.Steps = append(v.Steps, StepView{Path: path, Key: Key(path), Tries: []Try{}})
	}
	return &v.Steps[i]
}

func (s *StepView) apply(e *run.Entry, at string) {
	if s.Started == "" {
		s.Started = at
	}
	if e.Message != "" {
		s.Message = e.Message
	}
	switch e.Kind {
	case run.StepStarted:
		if s.Ended != "" { // another round of a repeat
			*s = StepView{Path: s.Path, Key: s.Key, Started: at, Tries: []Try{}}
		}
		s.Status, s.Until = "running", ""
		s.Taken = e.Taken
		if e.Input != nil {
			s.Input = e.Input
		}
		s.Tries = append(s.Tries, Try{Started: at})
		if s.Attempt = 1; e.Attempt > 0 {
			s.Attempt = max(e.Attempt, len(s.Tries))
		}
	case run.StepWaiting:
		s.Status, s.Until = "waiting", moment(e.Until)
		if s.Asks = e.Input != nil; s.Asks {
			s.Input = e.Input
		}
	case run.StepRetrying:
		s.Status, s.Until = "retrying", moment(e.Until)
		s.answered(e, at)
	case run.StepHandling:
		s.Status, s.Handled = "running", true
		s.answered(e, at)
	case run.StepUncertain, run.StepParked:
		s.Status = status(e.Kind)
		s.answered(e, at)
	case run.StepResumed:
		s.Status, s.Error = "running", nil
		if e.Input != nil {
			s.Input = e.Input
		}
	case run.StepUndoing:
		s.Status = "undoing"
	case run.StepLost:
		s.again(e)
		if n := len(s.Tries); n > 0 {
			s.Tries[n-1].Lost, s.Tries[n-1].Ended = true, at
		}
	case run.StepSucceeded, run.StepFailed, run.StepIgnored, run.StepSkipped, run.StepCancelled:
		s.Status, s.Ended, s.Until = status(e.Kind), at, ""
		s.answered(e, at)
		s.Output = e.Output
	}
}

// word is what the step's status is called on screens.
func (s *StepView) word() string {
	switch {
	case s.Status == "waiting" && s.Asks:
		return "needs a decision"
	case s.Status == "undoing":
		return "taking back"
	case s.Status == "undone":
		return "taken back"
	case s.Status == unknown:
		return notShown
	}
	return s.Status
}

// answered notes what ended the attempt in flight.
func (s *StepView) answered(e *run.Entry, at string) {
	f, x := failure(e), exchange(e)
	if f != nil || e.Kind == run.StepSucceeded {
		s.Error = f
	}
	if x != nil {
		s.HTTP = x
	}
	s.again(e)
	n := len(s.Tries)
	if n > 0 && s.Tries[n-1].Lost && f != nil && s.Tries[n-1].Error == nil { // nobody knows what became of it
		s.Tries[n-1].Error = f
	}
	if n == 0 || s.Tries[n-1].Ended != "" {
		return
	}
	s.Tries[n-1].Ended, s.Tries[n-1].Error, s.Tries[n-1].HTTP = at, f, x
}

// again notes that a call which was lost with the process was made again, once more is heard of it than that nobody knows what
// became of it.
func (s *StepView) again(e *run.Entry) {
	n := len(s.Tries)
	if n == 0 || !s.Tries[n-1].Lost || s.Tries[n-1].Error != nil || e.Kind == run.StepCancelled || e.Failure != nil && e.Failure.Class == string(fault.Uncertain) {
		return
	}
	s.Tries = append(s.Tries, Try{Started: s.Tries[n-1].Ended})
	s.Attempt++
}

func failure(e *run.Entry) any {
	if e.Failure == nil {
		return nil
	}
	return e.Failure.Value()
}

func exchange(e *run.Entry) any {
	if e.Exchange == nil {
		return nil
	}
	x := e.Exchange
	out := map[string]any{"method": x.Method, "url": x.URL, "ms": x.Millis}
	if x.Status != 0 {
		out["status"] = x.Status
	}
	if x.Sandboxed {
		out["sandboxed"] = true
	}
	if x.RequestID != "" {
		out["request_id"] = x.RequestID
	}
	if x.Connection != "" {
		out["connection"] = x.Connection
	}
	return out
}

// Key is a step's path without the rounds of its loops: "orders[3].ticket" is drawn at "orders.ticket".
func Key(path string) string {
	out := make([]byte, 0, len(path))
	inside := false
	for i := range len(path) {
		switch path[i] {
		case '[':
			inside = true
		case ']':
			inside = false
		default:
			if !inside {
				out = append(out, path[i])
			}
		}
	}
	return string(out)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(run.TimeFormat)
}

func parse(s string) time.Time {
	t, _ := time.Parse(run.TimeFormat, s)
	return t
}
