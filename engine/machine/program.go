package machine

import (
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// Program is a version made ready to run: its steps with their expressions compiled and their defaults filled in. It
// never changes, and any number of runs share it.
type Program struct {
	scenario *scenario.Scenario
	flows    []flow
	keep     string // whose data is kept: all, failed or none; "": all
	steps    []*step
	masks    map[string][]value.Pattern
	label    *expr.Template // nil: runs have none
	zone     *time.Location
	timeout  time.Duration // of the time that a run moves; zero: none
	// onFailure is the scenario that is called when a run fails; "": none.
	onFailure string
	readsRun  bool // an expression may read the run's number
}

// NeedsResumeURL says whether anything may read the run's resume URL: an expression, or the scenario that is told of a failure.
func (p *Program) NeedsResumeURL() bool { return p.readsRun || p.onFailure != "" }

// ReadsRun says whether an expression may read the run's number, which is known only once its event is durable.
func (p *Program) ReadsRun() bool { return p.readsRun }

// flow is how many runs of a trigger move at once, and in which order.
type flow struct {
	trigger string
	key     *expr.Template // of order_by; nil: line
	line    string
	limit   int
	pace    run.Pace
	first   int    // its priority
	entry   *entry // of a failure trigger
}

// step is a compiled scenario.Step.
type step struct {
	id      string
	kind    string
	title   string
	off     bool // disabled
	cond    *expr.Condition
	timeout time.Duration // zero: none
	onError *handler      // nil: none was written
	undo    *step         // nil: nothing takes it back
	undoes  bool          // something inside it can be taken back
	kept    bool          // what it gave is not done again when a person resumes a container around it

	action   string // of uses
	with     *expr.Template
	fact     run.Fact
	retry    retry
	conn     string
	branch   []*branch // of a router or parallel
	all      bool      // a router takes every branch that holds
	together bool      // the branches run at once
	body     []*step   // of a group or a repeat
	loop     *loop     // of for_each and each
	flat     bool      // it is the one step of an each
	repeat   *repeat
	wait     *wait
	call     *call
	stopAs   string
	message  *expr.Template // of a stop
}

type branch struct {
	id      string
	cond    *expr.Condition // nil: the else
	steps   []*step
	onError *handler // of parallel
	ids     []string // of every step inside
}

// loop is for_each, or each, whose body is the step itself.
type loop struct {
	items       *expr.Template
	as          string
	batch       int // zero: single items
	concurrency int
	skip        bool           // a failed item does not end the loop
	collect     *expr.Template // nil: nothing
	body        []*step
}

type repeat struct {
	while, until *expr.Condition // one of them
	most         int
	every        time.Duration // zero: at once
	ids          []string      // of the steps inside that later ones see
	whole        bool          // its journal is needed whole: what its steps did may be taken back, or a container that is parked done again
}

// wait is a compiled wait: of one kind.
type wait struct {
	at    *expr.Template // of for and until
	until bool           // the template is a time, not a duration
	event bool
	match *expr.Condition // of an event; nil: any
	ask   *expr.Template  // of an approval: to, form, message
	limit time.Duration   // of an event or an approval; zero: none
}

type call struct {
	scenario string
	async    bool
}

// handler is a compiled on_error.
type handler struct {
	do     string
	output *expr.Template // of resume
	steps  []*step        // of handle
	stop   bool           // of handle: fail after all
}

type retry struct {
	attempts     int
	patient      bool // nobody wrote how many
	initial, max time.Duration
	factor       float64
	on           []string
}

// The defaults of the format.
const (
	defaultAttempts = 3
	defaultInitial  = time.Second
	defaultFactor   = 2
	defaultMax      = time.Minute
	defaultTimeout  = 30 * time.Second // of one attempt at an action
)

func retryClasses() []string {
	return []string{string(fault.RateLimited), string(fault.Unavailable), string(fault.Timeout)}
}

// Masks gives the paths whose values each step, by its id, masks; nil: none does.
func (p *Program) Masks() map[string][]value.Pattern { return p.masks }

// Trigger gives the scenario's first trigger of a kind; nil: it has none.
func (p *Program) Trigger(uses string) *scenario.Trigger {
	for _, t := range p.scenario.AllTriggers() {
		if t.Uses == uses && !t.Disabled {
			return t
		}
	}
	return nil
}

// Keeps says whether the data of a run is kept that ended so.
func (p *Program) Keeps(s run.Status) bool {
	return p.keep != "none" && (p.keep != "failed" || s == run.Failed)
}

// Flow says how the run of an event begins: the line it stands in, how many runs of its trigger move at once and begin in a
// time, and its priority. It sets these in r, also where the key of the line fails.
func (p *Program) Flow(r *run.Run, event any, now time.Time, load func(value.Large) (any, error)) error {
	for _, f := range p.flows {
		if f.trigger != r.Trigger {
			continue
		}
		r.Line, r.Limit, r.Pace, r.Priority = f.line, f.limit, f.pace, f.first
		if f.key == nil {
			return nil
		}
		v, err := f.key.Eval(expr.Vars{"trigger": event}, expr.Moment{Now: now, Zone: p.zone, Seed: r.ID, Load: load})
		if err != nil {
			return fault.Wrap(err, fault.InvalidInput, "The trigger's order_by: %s", fault.MessageOf(err))
		}
		r.Line = shortened(value.Text(v))
		return nil
	}
	return nil
}

// retries says whether a failure of this class is tried again after this many attempts.
func (s *step) retries(class string, attempts int) bool {
	return attempts < s.retry.attempts && class != string(fault.Uncertain) && slices.Contains(s.retry.on, class)
}

// Actions lists the actions that the program calls, each once, in the order they are written.
func Actions(s *scenario.Scenario) []string {
	var out []string
	s.Walk(func(step *scenario.Step, _ scenario.Place) {
		if name, _, _ := strings.Cut(step.Uses, "@"); name != "" && !slices.Contains(out, step.Uses) {
			out = append(out, step.Uses)
		}
	})
	return out
}
