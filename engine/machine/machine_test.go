package machine

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flag"

	"golang.org/x/tools/txtar"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestScenarios plays each testdata file: a scenario, what the machine is told line by line, and all that it decides.
// After every line the journal so far is folded into a fresh machine, which must stand where the first one does.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("only %d cases found (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]*txtar.File{}
			for i := range archive.Files {
				parts[archive.Files[i].Name] = &archive.Files[i]
			}
			p := newPlay(t, parts["scenario.json"].Data, parts["event.json"], parts["marks"])
			var got strings.Builder
			lines := bufio.NewScanner(strings.NewReader(string(parts["script"].Data)))
			for lines.Scan() {
				if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "#") {
					got.WriteString("> " + line + "\n" + p.line(line))
				}
			}
			if *update {
				var event []byte
				if parts["event.json"] != nil {
					event = parts["event.json"].Data
				}
				p.keep(strings.TrimSuffix(filepath.Base(file), ".txtar"), parts["scenario.json"].Data, event)
				parts["transcript"].Data = []byte(got.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if want := string(parts["transcript"].Data); got.String() != want {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}

// play is one run being told what a script says.
type play struct {
	t        *testing.T
	program  *Program
	input    Input
	m        *Machine
	now      time.Time
	journal  []run.Entry
	flying   map[string]*run.Call
	children map[string]*run.Child
}

// facts are by the app in an action's name: pure.x is pure, and so on.
func facts(s *scenario.Scenario) run.Facts {
	out := run.Facts{}
	for _, action := range Actions(s) {
		app, _, _ := strings.Cut(action, ".")
		out[action] = run.Fact{Effect: run.Effect(app)}
	}
	return out
}

func newPlay(t *testing.T, text []byte, event, marks *txtar.File) *play {
	t.Helper()
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		t.Fatalf("the scenario is not right: %v %v", err, problems)
	}
	program, problems := Compile(doc.Scenario, facts(doc.Scenario))
	if len(problems) > 0 {
		t.Fatalf("the scenario does not compile: %v", problems)
	}
	var v any
	if event != nil {
		if v, err = value.Decode(event.Data, value.Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	in := goldenInput(v)
	if marks != nil {
		if _, err := fmt.Sscan(string(marks.Data), &in.Marks.Every, &in.Marks.Kept); err != nil {
			t.Fatal(err)
		}
	}
	p := &play{t: t, program: program, input: in, m: New(program, in), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), flying: map[string]*run.Call{}, children: map[string]*run.Child{}}
	p.took(p.m.Queue(p.now, "event1"))
	return p
}

func goldenInput(event any) Input {
	return Input{Run: "run1", Number: 7, Scenario: "test", Version: 2, Trigger: "trigger", URL: "http://x/runs/run1", ResumeURL: "http://x/resume/t", Value: event}
}

// line tells the machine one line of a script and gives what it decided.
func (p *play) line(line string) string {
	word, rest, _ := strings.Cut(line, " ")
	var d Decision
	switch word {
	case "start":
		d = p.m.Start(p.now, map[string]any{"colour": "red"})
	case "answer":
		path, text, _ := strings.Cut(rest, " ")
		d = p.answer(path, run.Result{Output: p.json(text)})
	case "fail", "held", "shut", "later", "off":
		words := strings.SplitN(rest, " ", 3)
		f := &run.Failure{Class: words[1], Message: "It did not work.", Held: word == "held" || word == "shut" || word == "off", Parks: word == "off"}
		if word == "shut" || word == "later" || word == "off" { // for five minutes at most
			f.HeldFor = (5 * time.Minute).Milliseconds()
		}
		if len(words) == 3 {
			after, err := time.ParseDuration(words[2])
			if err != nil {
				p.t.Fatal(err)
			}
			f.RetryAfter = after.Milliseconds()
		}
		d = p.answer(words[0], run.Result{Failure: f})
	case "wake":
		by, err := time.ParseDuration(rest)
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = p.now.Add(by)
		d = p.m.Wake(p.now)
	case "due": // moves the clock to the next timer
		p.now = p.m.Due()
		d = p.m.Wake(p.now)
	case "cancel":
		d = p.m.Cancel(p.now, "Cancelled by a test.", rest == "force")
	case "crash": // what was in memory is gone: the journal is folded anew, by a process that comes a while later
		if rest != "" {
			away, err := time.ParseDuration(rest)
			if err != nil {
				p.t.Fatal(err)
			}
			p.now = p.now.Add(away)
		}
		p.m = p.folded()
		d = p.m.Lost(p.now)
	case "settle":
		words := strings.SplitN(rest, " ", 3)
		var output any
		if len(words) == 3 {
			output = p.json(words[2])
		}
		var err error
		if d, err = p.m.Settle(p.now, strings.Trim(words[0], "*"), Outcome(words[1]), output); err != nil {
			return "  error " + err.Error() + "\n"
		}
	default:
		var err error
		if d, err = p.people(word, rest); err != nil {
			return "  error " + err.Error() + "\n"
		}
	}
	return p.took(d)
}

// people tells what others than actions and clocks say.
func (p *play) people(word, rest string) (Decision, error) {
	first, text, _ := strings.Cut(rest, " ")
	switch word {
	case "force":
		return p.m.Force(p.now), nil
	case "signal":
		return p.m.Signal(p.now, first, p.json(text)), nil
	case "decide":
		decision, comment, _ := strings.Cut(text, " ")
		return p.m.Decide(p.now, first, Verdict{Approved: decision == "approved", By: "ada", Comment: comment, Form: map[string]any{"n": 1}})
	case "resume":
		var input map[string]any
		if text != "" {
			input = p.json(text).(map[string]any)
		}
		return p.m.Resume(p.now, strings.Trim(first, "*"), input, "ada")
	case "called":
		child := p.children[first]
		var f *run.Failure
		if text != "" {
			f = &run.Failure{Class: text, Message: "It could not be started."}
		}
		return p.m.Called(p.now, first, child.Attempt, f), nil
	case "returned":
		child := p.children[first]
		if class, failed := strings.CutPrefix(text, "failed "); failed {
			return p.m.Returned(p.now, child.ID, nil, &run.Failure{Class: class, Message: "The called run failed."}), nil
		}
		return p.m.Returned(p.now, child.ID, p.json(text), nil), nil
	}
	p.t.Fatalf("the script says %q", word+" "+rest)
	return Decision{}, nil
}

func (p *play) json(text string) any {
	v, err := value.Decode([]byte(text), value.Limits{})
	if err != nil {
		p.t.Fatalf("%s: %v", text, err)
	}
	return v
}

func (p *play) answer(path string, r run.Result) Decision {
	call := p.flying[path]
	if call == nil {
		p.t.Fatalf("%s is not in flight", path)
	}
	delete(p.flying, path)
	return p.m.Answer(p.now, path, call.Attempt, r)
}

// took writes a decision down and holds the state to what folding the journal gives.
func (p *play) took(d Decision) string {
	var out strings.Builder
	for _, e := range d.Entries {
		if p.journal = append(p.journal, e); e.Cut != nil {
			p.journal = slices.DeleteFunc(p.journal, func(o run.Entry) bool { return o.Seq > e.Cut.After && o.Seq < e.Cut.Before })
		}
		b, err := e.AppendJSON(nil, "")
		if err != nil {
			p.t.Fatal(err)
		}
		o := p.json(string(b)).(map[string]any)
		data, _ := value.Encode(o["data"])
		fmt.Fprintf(&out, "  %2d %s %s %s\n", e.Seq, e.Kind, e.Path, data)
	}
	for _, c := range d.Commands {
		switch {
		case c.Cut != "":
			fmt.Fprintf(&out, "  cut %s\n", c.Cut)
			delete(p.flying, c.Cut)
			continue
		case c.Drop != "":
			fmt.Fprintf(&out, "  drop %s\n", c.Drop)
			continue
		case c.Call != nil:
			p.children[c.Call.Path] = c.Call
			fmt.Fprintf(&out, "  call %s %s attempt %d depth %d waited %v: %s %s\n", c.Call.Path, c.Call.Scenario, c.Call.Attempt, c.Call.Depth, c.Call.Waited, c.Call.ID, value.Text(c.Call.Value))
			continue
		case c.Tell != nil:
			fmt.Fprintf(&out, "  tell %s: %s\n", c.Tell.Scenario, value.Text(c.Tell.Value))
			continue
		}
		p.flying[c.Invoke.Path] = c.Invoke
		fmt.Fprintf(&out, "  invoke %s %s attempt %d key %s effect %s within %s\n", c.Invoke.Path, c.Invoke.Action, c.Invoke.Attempt, c.Invoke.Key, c.Invoke.Effect, c.Invoke.Timeout)
	}
	if due := p.m.Due(); !due.IsZero() {
		fmt.Fprintf(&out, "  due in %s\n", due.Sub(p.now).Round(time.Second))
	}
	for _, c := range d.Commands {
		if c.Call != nil {
			return out.String() // nothing is committed before it is known whether the run could be started
		}
	}
	fresh := p.folded()
	if fresh.Status() != p.m.Status() || !fresh.Due().Equal(p.m.Due()) || fresh.InFlight() != p.m.InFlight() || fresh.Seq() != p.m.Seq() || fresh.Label() != p.m.Label() {
		p.t.Errorf("folding gives %s due %v with %d calls, the machine stands at %s due %v with %d calls", fresh.Status(), fresh.Due(), fresh.InFlight(), p.m.Status(), p.m.Due(), p.m.InFlight())
	}
	if more := fresh.Advance(p.now); len(more.Entries) > 0 || len(more.Commands) > 0 {
		p.t.Errorf("after folding the machine decides more: %+v", more)
	}
	return out.String()
}

// folded is a fresh machine with the journal so far, read back from its text.
func (p *play) folded() *Machine {
	b, err := run.AppendEntries(nil, p.journal)
	if err != nil {
		p.t.Fatal(err)
	}
	entries, err := run.DecodeEntries(b)
	if err != nil {
		p.t.Fatal(err)
	}
	m := New(p.program, p.input)
	for _, e := range entries {
		if err := m.Apply(e); err != nil {
			p.t.Fatal(err)
		}
	}
	return m
}
