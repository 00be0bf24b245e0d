package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// show prints runs as they happen: for people, or one JSON object a line.
type show struct {
	mu     sync.Mutex
	out    io.Writer
	json   bool
	colour bool
	pos    int64
	runs   map[string]*shown
}

// shown is one of the runs.
type shown struct {
	*show
	run      string
	scenario string
	called   bool              // by another one
	titles   map[string]string // of steps by id
	started  map[string]time.Time
}

func newShow(out io.Writer, asJSON bool) *show {
	s := &show{out: out, json: asJSON, runs: map[string]*shown{}}
	if file, ok := out.(*os.File); ok && os.Getenv("NO_COLOR") == "" {
		info, err := file.Stat()
		s.colour = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return s
}

// of gives what prints the entries of a run.
func (s *show) of(id, slug string, doc *scenario.Document, called bool) func(run.Entry) {
	one := &shown{show: s, run: id, scenario: slug, called: called, titles: map[string]string{}, started: map[string]time.Time{}}
	if doc.Scenario != nil {
		doc.Walk(func(step *scenario.Step, _ scenario.Place) { one.titles[step.ID] = step.Title() })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[id] = one
	return one.entry
}

// entry prints one entry of the journal.
func (s *shown) entry(e run.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pos++
	if s.json {
		e.Pos = s.pos
		feed := run.FeedEntry{Workspace: run.DefaultWorkspace, Run: s.run, Scenario: s.scenario, Entry: e}
		line, err := feed.AppendJSON(nil)
		if err == nil {
			s.out.Write(append(line, '\n'))
		}
		return
	}
	if line := s.line(e); line != "" {
		fmt.Fprintf(s.out, "%s  %s%s\n", e.At.Local().Format("15:04:05.000"), s.margin(), line)
	}
}

// margin sets a called run apart.
func (s *shown) margin() string {
	if s == nil || !s.called {
		return ""
	}
	return s.paint("90", "["+s.scenario+"] ")
}

// line says an entry in words; what says nothing to a person is empty.
func (s *shown) line(e run.Entry) string {
	title := s.title(e.Path)
	switch e.Kind {
	case run.RunStarted:
		return s.paint("34", "▶") + " run " + s.run
	case run.ItemEnded, run.RoundStarted, run.LoopMarked, run.StepKept, run.RunKept:
		return ""
	case run.StepStarted:
		s.started[e.Path] = e.At
		if len(e.Taken) > 0 {
			return s.paint("34", "·") + " " + title + " → " + strings.Join(e.Taken, ", ")
		}
		return s.paint("34", "·") + " " + title
	case run.StepSucceeded:
		return s.paint("32", "✓") + " " + title + s.took(e) + exchange(e.Exchange) + said(e.Message)
	case run.StepSkipped:
		return s.paint("90", "○ "+title+" skipped: "+e.Message)
	case run.StepWaiting:
		if e.Until.IsZero() {
			return s.paint("33", "…") + " " + title + " waits"
		}
		return s.paint("33", "…") + " " + title + " waits until " + e.Until.Local().Format("2006-01-02 15:04:05")
	case run.StepRetrying:
		return s.paint("33", "↻") + " " + title + ": " + e.Failure.Message + fmt.Sprintf(" Attempt %d failed; again at %s.", e.Attempt, e.Until.Local().Format("15:04:05"))
	case run.StepHandling:
		return s.paint("33", "!") + " " + title + ": " + e.Failure.Message + " Its on_error steps run."
	case run.StepIgnored:
		return s.paint("33", "!") + " " + title + " failed and the run goes on: " + e.Failure.Message
	case run.StepParked:
		return s.paint("33", "‖") + " " + title + " is parked: " + e.Failure.Message + exchange(e.Exchange)
	case run.StepUndoing:
		return s.paint("33", "↶") + " " + title + " is taken back"
	case run.RunRollingBack:
		return s.paint("33", "↶") + " what was done is taken back: " + e.Failure.Message
	case run.RunCommitting:
		return s.paint("33", "!") + " the run ends here as succeeded: " + e.Failure.Message
	case run.RunExpired:
		return s.paint("31", "✗") + " " + e.Failure.Message
	case run.RunSignalled:
		return s.paint("34", "→") + " an event came in"
	case run.RunWaiting:
		return s.paint("33", "… the run waits")
	case run.StepFailed, run.StepUncertain:
		return s.paint("31", "✗") + " " + title + ": " + e.Failure.Message + exchange(e.Exchange)
	case run.StepCancelled:
		return s.paint("90", "○ "+title+" cancelled: "+e.Message)
	case run.RunSucceeded:
		return s.paint("32", "✓ succeeded") + "  output " + fault.Clip(output(e.Output), 500)
	case run.RunFailed:
		return s.paint("31", "✗ failed") + "  " + e.Failure.Class + ": " + e.Message
	case run.RunUncertain, run.RunIncomplete:
		return s.paint("31", "? "+strings.TrimPrefix(string(e.Kind), "run.")) + "  " + e.Message
	case run.RunCancelled:
		return s.paint("90", "○ cancelled")
	}
	return ""
}

func output(v any) string {
	b, err := value.Encode(v)
	if err != nil {
		return "?"
	}
	return string(b)
}

// title is what a step is called, set in as deep as it stands, with the item or round where it is inside a loop.
func (s *shown) title(path string) string {
	id, around := path, ""
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		around, id = path[:dot], path[dot+1:]
	}
	title := s.titles[id]
	if title == "" {
		title = id
	}
	if n := len(around); n > 0 && around[n-1] == ']' {
		title += s.paint("90", around[strings.LastIndexByte(around, '['):])
	}
	return strings.Repeat("  ", strings.Count(path, ".")) + title
}

func (s *shown) took(e run.Entry) string {
	if start, ok := s.started[e.Path]; ok {
		return "  " + e.At.Sub(start).Round(time.Millisecond).String()
	}
	return ""
}

func exchange(x *run.Exchange) string {
	if x == nil {
		return ""
	}
	if x.Sandboxed {
		return "  " + x.Method + " " + x.URL + " (sandbox: recorded, not sent)"
	}
	if x.Status == 0 { // of what is no HTTP
		return "  " + x.Method + " " + x.URL
	}
	return fmt.Sprintf("  %s %s → %d", x.Method, x.URL, x.Status)
}

// said are the lines that a step wrote to the run's log.
func said(lines string) string {
	if lines == "" {
		return ""
	}
	return "\n  " + strings.ReplaceAll(lines, "\n", "\n  ")
}

func (s *show) paint(code, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// filtered prints that the event starts nothing.
func (s *show) filtered(at time.Time, why string) {
	if !s.json {
		fmt.Fprintf(s.out, "%s  ○ the event starts no run: %s\n", at.Local().Format("15:04:05.000"), why)
		return
	}
	json.NewEncoder(s.out).Encode(map[string]any{"kind": "event.filtered", "at": at.Format(run.TimeFormat), "data": map[string]any{"message": why}})
}

// Record prints a request that the sandbox kept.
func (s *show) Record(_ context.Context, r run.Recorded) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.json {
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		var body any = r.Body
		if v, err := value.Decode([]byte(r.Body), value.Limits{}); err == nil && r.Body != "" {
			body = v
		}
		return enc.Encode(map[string]any{"kind": "sandbox.request", "path": r.Path, "at": r.At.UTC().Format(run.TimeFormat),
			"data": map[string]any{"method": r.Method, "url": r.URL, "headers": r.Header, "body": body}})
	}
	fmt.Fprintf(s.out, "%s  %s  %s %s\n", r.At.Local().Format("15:04:05.000"), s.runs[r.Run].margin(), s.paint("35", r.Method), r.URL)
	if r.Body != "" {
		fmt.Fprintf(s.out, "                %s\n", fault.Clip(r.Body, 2000))
	}
	return nil
}
