package sim

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/enginetest/draw"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// lower is the half of a seed that names its world.
const lower = 1<<32 - 1

// plan is all that is drawn of a life before it begins.
type plan struct {
	seed      uint64
	fate      uint64 // the seed of what calls give and people say: in a calm world the same for every life
	calm      bool   // nothing in it depends on time, so that crashes change nothing of how its runs end
	smooth    bool   // of a calm one: things go on beside one another, and none of them fails
	rounds    bool   // its repeats go round often, and their journals are shortened
	scenarios []drawn
	acts      []act
	events    []act    // of them, what is sent, each once
	ends      []end    // of its processes, one after another; the last one lives on
	faults    []broken // of the disk, by the number of the commit
	outage    [2]time.Duration
	flaky     int           // in the first minute, of so many questions to the disk one is not answered; zero: all are
	fsync     time.Duration // what a commit takes
	places    int           // runs in memory at once; zero: the engine's own bound
}

// drawn is a scenario of a plan.
type drawn struct {
	slug string
	text []byte
	line bool // its runs are in order by trigger.k
}

// act is something that happens to the installation from outside.
type act struct {
	at    time.Duration // from the beginning
	what  deed
	n     int    // an event's number; of the others, which run they are about
	which int    // scenario of an event
	key   string // dedupe key of an event; "": none
	line  int    // order_by key of an event
}

type deed int

const (
	sends deed = iota
	signals
	decides
	resumes
	cancels
	pesters // resumes what is not parked, again and again
)

// end is how and when a process ends.
type end struct {
	how    ending
	n      int           // the commit or the call, counted from the process's start
	within time.Duration // of a stop and of being cut off: after so long
	beside time.Duration // how long one that is cut off lives on
	down   time.Duration // until the next one starts
}

type ending int

const (
	beforeCommit ending = iota // nothing of it is kept
	afterCommit                // all of it is, and nobody heard so
	beforeEffect
	afterEffect // it happened, and nobody heard so
	stopped     // it drains
	cutOff      // it cannot renew its lease and lives on for a while, beside the next one
)

func (e ending) String() string {
	return [...]string{"dies before its commit", "dies after its commit", "dies before its effect", "dies after its effect", "is stopped", "is cut off"}[e]
}

// broken is a commit that goes wrong.
type broken struct {
	n    int // counted from the life's start
	kept bool
	code string // of the error: unavailable or internal
}

// newPlan draws the plan of a seed: of a world's first life, or of another one of the world that the first is given of.
func newPlan(seed uint64, first *plan) (*plan, error) {
	src := draw.NewSeeded(seed)
	pick := func(n int) int { return src.Pick("", n) }
	p := &plan{seed: seed, fate: seed, rounds: seed&lower > 1000 && seed%16 == 3} // below are the seeds that TestSeeds keeps
	if first == nil {
		switch pick(5) {
		case 0, 1:
			p.calm = true
		case 2:
			p.calm, p.smooth = true, true
		}
	} else if p.calm, p.smooth, p.scenarios = first.calm, first.smooth, first.scenarios; p.calm {
		p.fate = first.fate
	}
	p.fsync = []time.Duration{0, time.Millisecond, 20 * time.Millisecond}[pick(3)]
	if pick(4) == 0 {
		p.places = 1 + pick(6)
	}
	if pick(3) == 0 {
		p.flaky = 4 + pick(30)
	}
	if first == nil {
		if err := p.drawScenarios(src); err != nil {
			return nil, err
		}
	}
	p.drawActs(pick, first)
	for range pick(4) {
		p.ends = append(p.ends, end{how: ending(pick(6)), n: 1 + pick(12), within: time.Duration(pick(20_000)) * time.Millisecond, beside: time.Duration(pick(90)) * time.Second,
			down: []time.Duration{0, time.Second, 40 * time.Second}[pick(3)]})
	}
	for range max(0, pick(5)-1) {
		p.faults = append(p.faults, broken{n: 1 + pick(40), kept: pick(2) == 0, code: []string{"unavailable", "unavailable", "internal"}[pick(3)]})
	}
	if pick(5) == 0 {
		from := time.Duration(pick(10_000)) * time.Millisecond
		p.outage = [2]time.Duration{from, from + []time.Duration{time.Second, 20 * time.Second, 70 * time.Second}[pick(3)]}
	}
	return p, nil
}

// marks says how often repeats are marked: so that some journals are shortened, now and then.
func (p *plan) marks() machine.Marks {
	if !p.rounds {
		return machine.Marks{}
	}
	return machine.Marks{Every: 4 + int(p.seed>>4%16), Kept: 1 + int(p.seed>>8%3)}
}

// undisturbed is the plan without what goes wrong in it.
func (p *plan) undisturbed() *plan {
	out := *p
	out.ends, out.faults, out.outage = nil, nil, [2]time.Duration{}
	return &out
}

func (p *plan) drawScenarios(src draw.Source) error {
	pick := func(n int) int { return src.Pick("", n) }
	many := 1 + pick(4)
	for i := range many {
		d := &draw.Drawer{Source: src, Apps: []string{"idempotent", "read", "once", "pure"}, Asks: true, Limits: true}
		if p.calm {
			d = &draw.Drawer{Source: src, Apps: []string{"idempotent", "read", "pure"}, Serial: !p.smooth, Smooth: p.smooth}
		}
		d.Rounds = p.rounds
		for j := i + 1; j < many; j++ {
			d.Calls = append(d.Calls, slug(j))
		}
		trigger := map[string]any{"id": "in", "uses": "webhook"}
		one := drawn{slug: slug(i), line: pick(3) == 0}
		if one.line {
			trigger["order_by"] = "{{ trigger.k }}"
		}
		if pick(3) == 0 {
			trigger["concurrency"] = 1 + pick(2)
		}
		doc := map[string]any{"stepmill": 1, "name": one.slug, "triggers": []any{trigger,
			map[string]any{"id": "called", "uses": "scenario"}, map[string]any{"id": "told", "uses": "failure"}}, "steps": d.Steps(pick(4))}
		if i+1 < many && pick(3) == 0 {
			doc["on_failure"] = map[string]any{"scenario": slug(i + 1)}
		}
		if !p.calm && pick(4) == 0 {
			doc["settings"] = map[string]any{"timeout": "20s"}
		}
		var err error
		if one.text, err = json.Marshal(doc); err != nil {
			return err
		}
		p.scenarios = append(p.scenarios, one)
	}
	return nil
}

func slug(i int) string { return fmt.Sprintf("scenario-%d", i) }

// drawActs draws what happens from outside. In a calm world each life has the events of the first.
func (p *plan) drawActs(pick func(int) int, first *plan) {
	sent := 1 + pick(8)
	if first != nil && p.calm {
		p.events = first.events
		sent = len(p.events)
	}
	for n := range sent {
		a := act{at: time.Duration(pick(4)*pick(2000)) * time.Millisecond, n: n, which: pick(len(p.scenarios)), line: pick(2)}
		if n < len(p.events) {
			a.which, a.line = p.events[n].which, p.events[n].line
		}
		if p.calm || pick(3) > 0 {
			a.key = fmt.Sprintf("key-%d", n)
		}
		p.acts = append(p.acts, a)
		if first == nil {
			p.events = append(p.events, a)
		}
		if a.key != "" && pick(4) == 0 { // delivered twice
			a.at += time.Duration(pick(3000)) * time.Millisecond
			p.acts = append(p.acts, a)
		}
	}
	if !p.calm {
		for range pick(6) {
			p.acts = append(p.acts, act{at: time.Duration(pick(15_000)) * time.Millisecond, what: signals + deed(pick(5)), n: pick(12)})
		}
	}
	slices.SortStableFunc(p.acts, func(a, b act) int { return int(a.at - b.at) })
}

// chance draws something of a life that is asked for while it goes on: the same whenever the same is asked.
func (p *plan) chance(n int, what string, of ...any) int {
	h := fnv.New64a()
	var room [64]byte
	text := strconv.AppendUint(room[:0], p.fate, 10)
	text = append(append(text, 0), what...)
	for _, o := range of {
		text = append(text, 0)
		switch o := o.(type) {
		case string:
			text = append(text, o...)
		case int:
			text = strconv.AppendInt(text, int64(o), 10)
		}
	}
	h.Write(text)
	return int(h.Sum64() >> 33 % uint64(n))
}

// facts are by the app in an action's name: pure.x is pure, and so on.
func facts(s *scenario.Scenario) run.Facts {
	out := run.Facts{}
	for _, action := range machine.Actions(s) {
		app, _, _ := strings.Cut(action, ".")
		out[action] = run.Fact{Effect: run.Effect(app), Timeout: callTimeout}
	}
	return out
}

// callTimeout is how long a call may take.
const callTimeout = 6 * time.Second

// compiled is a scenario that is ready to run.
type compiled struct {
	triggers []*scenario.Trigger
	facts    []byte // as they are published
	program  *machine.Program
}

// compile makes the scenarios ready to run.
func (p *plan) compile() (map[string]compiled, error) {
	out := map[string]compiled{}
	for _, d := range p.scenarios {
		doc, problems, err := scenario.Decode(d.text)
		if err == nil && len(problems) > 0 {
			err = fmt.Errorf("the drawn scenario is wrong: %v", problems)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.text, err)
		}
		c := compiled{triggers: doc.AllTriggers()}
		if c.facts, err = json.Marshal(facts(doc.Scenario)); err == nil {
			c.program, err = engine.Compile(scenario.Version{Scenario: d.slug, Number: 1, Definition: d.text, Facts: c.facts})
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.text, err)
		}
		out[d.slug] = c
	}
	return out, nil
}
