// Package triggers turns what happens outside into events, each once, and hands them to whoever starts runs. It knows
// which triggers are live and what they ask of an event; how a run goes on is not its matter.
package triggers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// Starter makes events durable and starts their runs.
type Starter interface {
	Accept(ctx context.Context, s *run.Start) error
}

// AllStarter makes several events, and how far their trigger has come, durable together, and starts their runs.
type AllStarter interface {
	AcceptAll(ctx context.Context, starts []*run.Start, cursor *run.Cursor) error
}

// Rows are the triggers that people made.
type Rows interface {
	LiveTriggers(ctx context.Context, scenarioID string) ([]scenario.StoredTrigger, error)
	Version(ctx context.Context, actor run.Actor, scenarioID string, number int) (scenario.Version, error)
}

// defaultDedupe is how long an identity is remembered where the trigger does not say.
const defaultDedupe = 7 * 24 * time.Hour

// sameFor is how long what several senders tell may lie apart.
const sameFor = time.Hour

// Trigger is a live trigger made ready: the row that says where it belongs, and its definition compiled.
type Trigger struct {
	scenario.StoredTrigger
	Def     *scenario.Trigger
	Spec    *actions.Trigger // of a connector's trigger; nil: built in
	Zone    *time.Location   // the scenario's
	Samples bool             // it was never published: what comes in is a sample for the editor
	Name    string           // the scenario's
	Answers bool             // a step of the scenario answers the inbound request
	Steps   map[string]bool  // ids of the steps that do
	Since   time.Time        // when its version went live, or was switched on again

	topics []string       // the vendor's names of those wanted; empty: all
	with   map[string]any // the inputs as the spec's Wants takes them
	cond   *expr.Condition
	key    *expr.Template // of dedupe
	keep   time.Duration  // how long a key is remembered
	quiet  *quiet         // of debounce; nil: none
	batch  *batch         // nil: none
	// Told where an event waits for others, and where one is held; nil: nobody asked.
	gathered, held chan<- struct{}
	pulse          *Pulse // nil: nobody looks at what comes in
}

// Compile makes a stored trigger of a version ready.
func Compile(row scenario.StoredTrigger, v scenario.Version, catalogue *actions.Catalogue) (*Trigger, error) {
	e, err := open(row, v)
	if err != nil {
		return nil, err
	}
	return e.compile(row, catalogue)
}

// edition is a version as its triggers need it, read once for all of them.
type edition struct {
	at    time.Time
	name  string
	zone  *time.Location
	defs  map[string]*scenario.Trigger // by their ids
	steps map[string]bool              // ids of the steps that answer
}

// compile makes a stored trigger ready.
func (e *edition) compile(row scenario.StoredTrigger, catalogue *actions.Catalogue) (*Trigger, error) {
	t, err := e.find(row, catalogue)
	if err != nil {
		return nil, err
	}
	return t, t.expressions()
}

// open reads a version for a row of one of its triggers.
func open(row scenario.StoredTrigger, v scenario.Version) (*edition, error) {
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return nil, err
	}
	facts := run.Facts{}
	if len(v.Facts) > 0 {
		if err := json.Unmarshal(v.Facts, &facts); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "The facts of the scenario %q cannot be read.", row.Scenario)
		}
	}
	e := &edition{at: v.At, name: doc.Name, defs: map[string]*scenario.Trigger{}, steps: map[string]bool{}}
	if e.zone, err = scenario.Zone(doc.Timezone); err != nil {
		return nil, fault.Wrap(err, fault.InvalidInput, "%q is not a time zone.", doc.Timezone)
	}
	for _, def := range doc.AllTriggers() {
		e.defs[def.Key()] = def
	}
	doc.Walk(func(step *scenario.Step, _ scenario.Place) {
		if facts[step.Uses].Answers {
			e.steps[step.ID] = true
		}
	})
	return e, nil
}

// find makes a stored trigger, but for its expressions.
func (e *edition) find(row scenario.StoredTrigger, catalogue *actions.Catalogue) (*Trigger, error) {
	t := &Trigger{StoredTrigger: row, Since: e.at, Name: e.name, keep: defaultDedupe, Def: e.defs[row.ID], Zone: e.zone, Answers: len(e.steps) > 0, Steps: e.steps}
	if row.ResumedAt.After(e.at) {
		t.Since = row.ResumedAt
	}
	if t.Def == nil {
		return nil, fault.Wrap(errRetired, fault.NotFound, "The live version of the scenario %q has no trigger %q.", row.Scenario, row.ID)
	}
	t.Spec = catalogue.Trigger(t.Def.Uses)
	t.topics = topics(t.Def, t.Spec)
	if t.Spec != nil && t.Spec.Wants != nil {
		var err error
		if t.with, err = actions.Coerce(t.Spec.Input, t.Def.With); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Trigger) expressions() (err error) {
	if t.Def.If != "" {
		if t.cond, err = expr.CompileCondition(t.Def.If); err != nil {
			return err
		}
	}
	if d := t.Def.Dedupe; d != nil {
		if t.key, err = expr.CompileTemplate(d.Key); err != nil {
			return err
		}
		if d.For != "" {
			if t.keep, err = scenario.ParseDuration(d.For); err != nil {
				return err
			}
		}
	}
	return t.gathering()
}

// topics gives the vendor's names of the topics a trigger wants: what people call them stands for several.
func topics(def *scenario.Trigger, spec *actions.Trigger) []string {
	if spec == nil || spec.Topic == "" {
		return nil
	}
	if len(spec.Only) > 0 {
		return spec.Only
	}
	list, _ := def.With["topics"].([]any)
	var out []string
	for _, item := range list {
		name, _ := item.(string)
		if vendor, ok := spec.Aliases[name]; ok {
			out = append(out, vendor...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

// Topics are the vendor's names of the topics that are wanted; empty: all.
func (t *Trigger) Topics() []string { return t.topics }

// Wants says whether an event passes the trigger's topics and its `if`, and why not.
func (t *Trigger) Wants(v any, now time.Time) (ok bool, why string, err error) {
	if len(t.topics) > 0 {
		topic := t.Topic(v)
		switch {
		case topic == "":
			return false, "it has no topic, and some are wanted", nil
		case !slices.Contains(t.topics, topic):
			return false, fmt.Sprintf("its topic %q is none of those wanted", fault.Clip(topic, 80)), nil
		}
	}
	if t.Spec != nil && t.Spec.Wants != nil {
		if why := t.Spec.Wants(t.with, v); why != "" {
			return false, why, nil
		}
	}
	if t.cond == nil {
		return true, "", nil
	}
	holds, err := t.cond.Eval(expr.Vars{"trigger": v}, expr.Moment{Now: now, Zone: t.Zone})
	if err != nil {
		return false, "", fault.Wrap(err, fault.InvalidInput, "The trigger's if: %s", fault.MessageOf(err))
	}
	if !holds {
		return false, "the trigger's if does not hold", nil
	}
	return true, "", nil
}

// Topic is the vendor's name of the kind of an event; empty: it has none.
func (t *Trigger) Topic(v any) string {
	at := t.Spec.Topic
	if !strings.HasPrefix(at, "/") {
		at = "/" + at
	}
	topic, _ := value.At(v, at).(string)
	return topic
}

// Happening is one thing that happened outside, before it is an event.
type Happening struct {
	Value    any             // what `trigger` will be
	JSON     json.RawMessage // Value, as it is kept; nil: as value.Encode writes it
	Raw      []byte
	Header   map[string]string
	Delivery string // its identity as the sender gives it; empty: none
	Same     string // of what several senders may tell at once: what is the same in all of them; empty: one sender tells it
	BodyHash string // set where the sender promises the same body with the same identity
	Source   string
	Cursor   string // how far the trigger has come with it; empty: it keeps no count
	At       time.Time
	Overlap  run.Overlap
	Past     bool // it makes up for something past: no sign that events come
	Depth    int  // how many runs led to it, one by the requests of another
	Answer   chan<- run.Answer
	Files    []value.Large // that Value refers to
}

// Intake turns a happening into an event and has it kept. What became of it stands in the result.
func Intake(ctx context.Context, starter Starter, t *Trigger, h Happening) (*run.Accept, error) {
	s, err := t.start(h)
	if err != nil {
		return nil, err
	}
	err = starter.Accept(ctx, s)
	if !h.Past {
		t.pulse.took(t, &s.Accept, h.At, err)
	}
	if err != nil {
		return nil, err
	}
	t.taken(s)
	return &s.Accept, nil
}

// IntakeAll turns happenings into events, in their order, and has them kept together with how far the trigger has come with
// them: all of it, or nothing.
func IntakeAll(ctx context.Context, starter AllStarter, t *Trigger, list []Happening, cursor string) error {
	starts := make([]*run.Start, len(list))
	for i, h := range list {
		var err error
		if starts[i], err = t.start(h); err != nil {
			return err
		}
	}
	err := starter.AcceptAll(ctx, starts, t.cursor(cursor))
	for i, s := range starts {
		t.pulse.took(t, &s.Accept, list[i].At, err)
	}
	if err == nil {
		t.taken(starts...)
	}
	return err
}

// taken tells the gatherer where one of what was taken in waits for others, and the releaser where one is held.
func (t *Trigger) taken(list ...*run.Start) {
	for _, s := range list {
		switch {
		case s.Accept.Gather != nil:
			nudge(t.gathered)
		case s.Accept.Event.Outcome == run.Held:
			nudge(t.held)
		}
	}
}

func (t *Trigger) cursor(text string) *run.Cursor {
	return &run.Cursor{Workspace: t.Workspace, ScenarioID: t.ScenarioID, Trigger: t.ID, Value: text}
}

// start is a happening as the engine takes it.
func (t *Trigger) start(h Happening) (*run.Start, error) {
	data := h.JSON
	if data == nil {
		var err error
		if data, err = value.Encode(h.Value); err != nil {
			return nil, err
		}
	}
	s := &run.Start{Version: t.Version, Value: h.Value, Depth: h.Depth, Answer: h.Answer}
	a := &s.Accept
	a.Overlap, a.Files, a.Ordered = h.Overlap, h.Files, true
	a.Event = run.Event{Workspace: t.Workspace, ScenarioID: t.ScenarioID, Scenario: t.Scenario, Trigger: t.ID, Outcome: run.Accepted,
		Value: data, Raw: h.Raw, Header: h.Header, Source: h.Source, At: h.At}
	if h.Delivery != "" {
		a.Dedupe = append(a.Dedupe, run.DedupeKey{Key: "delivery:" + hashLong(h.Delivery), Until: h.At.Add(defaultDedupe), Body: h.BodyHash})
	}
	if h.Same != "" {
		a.Dedupe = append(a.Dedupe, run.DedupeKey{Key: "same:" + hashLong(h.Same), Until: h.At.Add(sameFor)})
	}
	if h.Cursor != "" {
		a.Cursor = t.cursor(h.Cursor)
	}
	if t.Samples {
		a.Event.Outcome, a.Dedupe = run.Sampled, nil
		return s, nil
	}
	unkeyed := t.dedupe(a, h)
	wanted, why, err := t.Wants(h.Value, h.At)
	if t.Def.Disabled {
		wanted, why, err = false, "its trigger is switched off", nil
	}
	switch {
	case err != nil:
		s.Failure = run.FailureOf(err)
	case wanted && unkeyed != nil: // kept and shown as a failed run, for refused it would be lost
		s.Failure = run.FailureOf(unkeyed)
	case !wanted:
		a.Event.Outcome, a.Event.Detail = run.Filtered, why
	case t.Status == scenario.Paused:
		a.Event.Outcome = run.Held
	}
	if err == nil && wanted && unkeyed == nil {
		if a.Gather, err = t.gather(h.Value, h.At); err != nil {
			s.Failure = run.FailureOf(err)
		} else if a.Gather != nil {
			a.Event.Outcome = run.Held
		}
	}
	return s, nil
}

// dedupe adds the key that the trigger's `dedupe` gives; an empty one is not compared.
func (t *Trigger) dedupe(a *run.Accept, h Happening) error {
	if t.key == nil {
		return nil
	}
	v, err := t.key.Eval(expr.Vars{"trigger": h.Value}, expr.Moment{Now: h.At, Zone: t.Zone})
	if err != nil {
		return fault.Wrap(err, fault.InvalidInput, "The trigger's dedupe key: %s", fault.MessageOf(err))
	}
	if key := value.Text(v); key != "" {
		a.Dedupe = append(a.Dedupe, run.DedupeKey{Key: "dedupe:" + hashLong(key), Until: h.At.Add(t.keep)})
	}
	return nil
}
