// Package scenario is what people write: a trigger and a tree of steps, as one JSON document. It decodes, lints and
// describes that document with the place of every problem; what a scenario does when it runs is not known here.
package scenario

import "strings"

// Format is the version of the document format that this release writes; it reads every older one.
const Format = 1

// Scenario is the whole document.
type Scenario struct {
	Schema      string     `json:"$schema" doc:"Where an editor finds the schema; Stepmill does not read it."`
	Stepmill    int        `json:"stepmill" required:"true" is:"format" doc:"The version of this format."`
	Name        string     `json:"name" required:"true" is:"title" doc:"What people call it."`
	Description string     `json:"description" is:"remark" doc:"What it is for."`
	Tags        []string   `json:"tags" doc:"Words to find it by."`
	Timezone    string     `json:"timezone" is:"zone" doc:"IANA name of the zone that schedules and dates are read in; UTC where not given."`
	Trigger     *Trigger   `json:"trigger" doc:"What starts runs."`
	Triggers    []*Trigger `json:"triggers" min:"1" doc:"Several triggers, each with an id; instead of trigger."`
	Steps       []*Step    `json:"steps" required:"true" doc:"What a run does, in order."`
	OnFailure   *OnFailure `json:"on_failure" doc:"The scenario to call when a run fails."`
	Settings    *Settings  `json:"settings" doc:"Limits, retention and the label of runs."`
	Origin      *Origin    `json:"origin" doc:"Where an import took it from."`
}

// AllTriggers gives the triggers in whichever of the two forms they were written.
func (s *Scenario) AllTriggers() []*Trigger {
	if s.Trigger != nil {
		return []*Trigger{s.Trigger}
	}
	return s.Triggers
}

// TriggerPath is the JSON Pointer of the i-th of AllTriggers.
func (s *Scenario) TriggerPath(i int) string {
	if s.Trigger != nil {
		return "/trigger"
	}
	return index("/triggers", i)
}

// Trigger is what starts runs, and how many of them.
type Trigger struct {
	ID          string         `json:"id" is:"id" doc:"What run.trigger says; needed where there are several."`
	Name        string         `json:"name" is:"remark" doc:"What people call it."`
	Note        string         `json:"note" is:"remark" doc:"A remark."`
	Uses        string         `json:"uses" required:"true" is:"trigger" doc:"webhook, schedule, manual, form, email, scenario, failure, or a connector's trigger."`
	Connection  string         `json:"connection" is:"slug" doc:"The connection of a connector's trigger."`
	With        map[string]any `json:"with" doc:"Its options."`
	If          string         `json:"if" is:"condition" doc:"Events for which this is false start nothing."`
	Dedupe      *Dedupe        `json:"dedupe" doc:"Which events are the same one."`
	OrderBy     string         `json:"order_by" is:"template" doc:"Events with an equal key run one after the other."`
	Concurrency int            `json:"concurrency" min:"1" doc:"How many runs move at once. One that waits, for a time, an event or a person, does not count."`
	Throttle    string         `json:"throttle" is:"rate" doc:"How many events a window, as 100/1m."`
	Debounce    *Debounce      `json:"debounce" doc:"Wait for quiet and take the last event."`
	Batch       *Batch         `json:"batch" doc:"Gather events into one run."`
	Priority    int            `json:"priority" doc:"Where runs wait for room to move, those of a higher one begin first."`
	Expect      *Expect        `json:"expect" doc:"How often an event is expected: without one for that long the trigger is called silent."`
	Disabled    bool           `json:"disabled" doc:"It starts nothing."`
	Sample      Value          `json:"sample" doc:"An event for the builder and for tests."`
	Origin      *Origin        `json:"origin" doc:"Where an import took it from."`
}

// Connector says that the trigger is a connector's, and no built-in one.
func (t *Trigger) Connector() bool { return strings.Contains(t.Uses, ".") }

// Key is the trigger's name in run.trigger and in the store.
func (t *Trigger) Key() string {
	if t.ID != "" {
		return t.ID
	}
	return "trigger"
}

// Dedupe says when two events are the same one.
type Dedupe struct {
	Key string `json:"key" required:"true" is:"template" doc:"Equal keys are the same event; an empty key is not compared."`
	For string `json:"for" is:"duration" doc:"How long, from the first; 7 days where not given."`
}

// Debounce is written as a duration, or as an object with a key.
type Debounce struct {
	For string `json:"for" required:"true" is:"duration" doc:"How long it must be quiet."`
	Key string `json:"key" is:"template" doc:"Quiet is per key."`
}

// Batch gathers events.
type Batch struct {
	Size int    `json:"size" min:"1" max:"10000" doc:"This many events make a batch."`
	For  string `json:"for" is:"duration" doc:"After this long what there is makes a batch."`
}

// Expect says when a trigger's silence is noticed.
type Expect struct {
	Every string `json:"every" required:"true" is:"limit" doc:"At least so often, as 1h; a minute or more."`
}

// OnFailure names the scenario that is told of failed runs.
type OnFailure struct {
	Scenario string `json:"scenario" required:"true" is:"slug" doc:"Its slug."`
}

// Settings hold for every run of the scenario.
type Settings struct {
	Timeout   string     `json:"timeout" is:"limit" doc:"Of a run, active time: waits do not count."`
	Retention *Retention `json:"retention" doc:"How long runs are kept."`
	Keep      string     `json:"keep" enum:"all,failed,none" doc:"Whose data is kept."`
	Label     string     `json:"label" is:"template" doc:"What lists and searches call a run."`
}

// Retention bounds what is kept of ended runs.
type Retention struct {
	For   string `json:"for" is:"duration" doc:"By age."`
	Count int    `json:"count" min:"1" doc:"By number."`
	Bytes string `json:"bytes" is:"bytes" doc:"By size, as 1GB."`
}

// Origin says where an import took a thing from.
type Origin struct {
	Kind     string         `json:"kind" required:"true" enum:"n8n,make,zapier" doc:"The other system."`
	Node     any            `json:"node" is:"name" doc:"Its id there."`
	Name     string         `json:"name" is:"remark" doc:"Its name there."`
	Type     string         `json:"type" doc:"Its type there."`
	Version  any            `json:"version" is:"version" doc:"Its type's version there."`
	Fidelity string         `json:"fidelity" enum:"exact,approximated,missing" doc:"How well it was understood."`
	Notes    []string       `json:"notes" doc:"What to look at."`
	Raw      map[string]any `json:"raw" doc:"Its parameters there."`
}

// Step is one place in a scenario. Exactly one of the kinds, Uses to Group, is set.
type Step struct {
	ID       string   `json:"id" required:"true" is:"id" doc:"Unique in the scenario."`
	Name     string   `json:"name" is:"remark" doc:"What people call it."`
	Note     string   `json:"note" is:"remark" doc:"A remark."`
	If       string   `json:"if" is:"condition" doc:"Skipped when false."`
	Disabled bool     `json:"disabled" doc:"Skipped."`
	Retry    *Retry   `json:"retry" doc:"How often and when it is tried again."`
	Timeout  string   `json:"timeout" is:"limit" doc:"Of one attempt of an action, else of the whole step."`
	OnError  *OnError `json:"on_error" doc:"What happens when it failed for good."`
	Undo     *Step    `json:"undo" doc:"The action that takes it back."`
	Sample   Value    `json:"sample" doc:"An output for the builder and for tests."`
	Mask     []string `json:"mask" doc:"Paths within its input and output whose values are stored and shown masked, as contact.email or orders[*].card."`
	Delivery string   `json:"delivery" enum:"at_least_once,at_most_once" doc:"What happens to a call that was in flight when the process died."`
	Origin   *Origin  `json:"origin" doc:"Where an import took it from."`

	Uses       string         `json:"uses" is:"uses" kind:"true" doc:"The action it runs, as slack.send_message."`
	Connection string         `json:"connection" is:"slug" with:"uses" doc:"The connection it uses."`
	With       map[string]any `json:"with" with:"uses,call" doc:"The action's inputs."`
	Each       *Each          `json:"each" with:"uses,call" doc:"Once for each item of a list."`

	Router   *Router   `json:"router" kind:"true" doc:"Branches."`
	ForEach  *ForEach  `json:"for_each" kind:"true" doc:"Steps for each item of a list."`
	Repeat   *Repeat   `json:"repeat" kind:"true" doc:"Steps again and again."`
	Parallel *Parallel `json:"parallel" kind:"true" doc:"Branches at once."`
	Wait     *Wait     `json:"wait" kind:"true" doc:"Until a time, an event or a decision."`
	Call     *Call     `json:"call" kind:"true" doc:"Another scenario."`
	Stop     *Stop     `json:"stop" kind:"true" doc:"The end of the run or of a loop."`
	Group    *Group    `json:"group" kind:"true" doc:"Steps under one name."`
}

// Kind is the key that says what the step does: "uses", "router", and so on.
func (s *Step) Kind() string {
	switch {
	case s.Router != nil:
		return "router"
	case s.ForEach != nil:
		return "for_each"
	case s.Repeat != nil:
		return "repeat"
	case s.Parallel != nil:
		return "parallel"
	case s.Wait != nil:
		return "wait"
	case s.Call != nil:
		return "call"
	case s.Stop != nil:
		return "stop"
	case s.Group != nil:
		return "group"
	}
	return "uses"
}

// Title is what people call the step: its name, else its id.
func (s *Step) Title() string {
	if s.Name != "" {
		return s.Name
	}
	return s.ID
}

// Retry says how often a failed attempt is made again, and after how long.
type Retry struct {
	Attempts int      `json:"attempts" min:"1" max:"1000" doc:"The first one counts; 3 where not given, of which one is none for ten minutes where the app asks to slow down."`
	Initial  string   `json:"initial" is:"duration" doc:"Before the second attempt; 1 s where not given."`
	Factor   float64  `json:"factor" min:"1" doc:"By which each delay is longer; 2 where not given."`
	Max      string   `json:"max" is:"duration" doc:"The longest delay; 1 m where not given."`
	On       []string `json:"on" enum:"rate_limited,unavailable,timeout,invalid_input,unauthorized,not_found,conflict,too_large,cancelled,internal,uncertain" doc:"Which error classes; rate_limited, unavailable and timeout where not given."`
}

// OnError says what happens when a step failed for good.
type OnError struct {
	Do     string  `json:"do" required:"true" enum:"stop,ignore,resume,handle,park,rollback,commit" doc:"The directive."`
	Output Value   `json:"output" is:"template" doc:"Of resume: the step's output."`
	Steps  []*Step `json:"steps" doc:"Of handle: what is done."`
	Then   string  `json:"then" enum:"continue,stop" doc:"Of handle: what follows; continue where not given."`
}

// Each is written as a template, or as an object.
type Each struct {
	Items       any    `json:"items" required:"true" is:"list" doc:"The list."`
	As          string `json:"as" is:"variable" doc:"The name of the item; item where not given."`
	Concurrency int    `json:"concurrency" min:"1" doc:"How many at once; 1 where not given."`
	OnItemError string `json:"on_item_error" enum:"stop,skip" doc:"Whether a failed item ends the loop."`
}

// Router chooses branches.
type Router struct {
	Mode     string    `json:"mode" required:"true" enum:"first,all" doc:"The first branch that holds, or every one."`
	Parallel bool      `json:"parallel" doc:"With all: at once."`
	Branches []*Branch `json:"branches" required:"true" min:"1" doc:"In the order they are asked."`
}

// Branch is one way through a router or a parallel step.
type Branch struct {
	ID      string   `json:"id" required:"true" is:"id" doc:"Unique in its step."`
	Name    string   `json:"name" is:"remark" doc:"What people call it."`
	If      string   `json:"if" is:"condition" of:"router" doc:"Taken when it holds; without it the branch is the else."`
	Steps   []*Step  `json:"steps" required:"true" doc:"What it does."`
	OnError *OnError `json:"on_error" of:"parallel" doc:"What happens when it failed for good."`
}

// ForEach runs steps for each item of a list.
type ForEach struct {
	Items       any     `json:"items" required:"true" is:"list" doc:"The list."`
	As          string  `json:"as" is:"variable" doc:"The name of the item; item where not given."`
	Batch       int     `json:"batch" min:"1" doc:"Lists of this many instead of single items."`
	Concurrency int     `json:"concurrency" min:"1" doc:"How many at once; 1 where not given."`
	OnItemError string  `json:"on_item_error" enum:"stop,skip" doc:"Whether a failed item ends the loop."`
	Collect     Value   `json:"collect" is:"template" doc:"What each item adds to the step's output."`
	Steps       []*Step `json:"steps" required:"true" doc:"What is done with each."`
}

// Repeat runs steps again and again. Exactly one of While and Until is set.
type Repeat struct {
	While string  `json:"while" is:"condition" doc:"Asked before each round."`
	Until string  `json:"until" is:"condition" doc:"Asked after each round."`
	Max   int     `json:"max" min:"1" doc:"The most rounds; 100 where not given."`
	Every string  `json:"every" is:"duration" doc:"From the beginning of one round to the next."`
	Steps []*Step `json:"steps" required:"true" doc:"What a round does."`
}

// Parallel runs branches at once.
type Parallel struct {
	Branches []*Branch `json:"branches" required:"true" min:"1" doc:"All of them run."`
}

// Wait holds exactly one of its fields.
type Wait struct {
	For      string    `json:"for" is:"duration_template" doc:"This long."`
	Until    string    `json:"until" is:"moment_template" doc:"Until this time, RFC 3339."`
	Event    *Await    `json:"event" doc:"Until a call of the run's resume URL."`
	Approval *Approval `json:"approval" doc:"Until somebody decides."`
}

// Await is a wait for an event.
type Await struct {
	Match   string `json:"match" is:"condition" doc:"Which call; any where not given."`
	Timeout string `json:"timeout" is:"limit" doc:"How long."`
}

// Approval is a wait for a person's decision.
type Approval struct {
	To      []string `json:"to" is:"template" doc:"Who is asked."`
	Form    []any    `json:"form" is:"template" doc:"What they fill in."`
	Message string   `json:"message" is:"template" doc:"What they read."`
	Timeout string   `json:"timeout" is:"limit" doc:"How long."`
}

// Call runs another scenario.
type Call struct {
	Scenario string `json:"scenario" required:"true" is:"slug" doc:"Its slug."`
	Async    bool   `json:"async" doc:"Do not wait for its end."`
}

// Stop ends the run or leaves the loop.
type Stop struct {
	As      string `json:"as" required:"true" enum:"succeeded,failed,break,continue" doc:"How."`
	Message string `json:"message" is:"template" doc:"What people read."`
}

// Group is a named sequence.
type Group struct {
	Steps []*Step `json:"steps" required:"true" doc:"What it does, in order."`
}

// Value is any JSON value, and whether it was written at all: null is a value.
type Value struct {
	Given bool
	V     any
}
