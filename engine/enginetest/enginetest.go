// Package enginetest is what any executor must do, as one suite: whole scenarios over a real store, with crashes.
package enginetest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// Store is what the suite reads and prepares beside what the executor needs.
type Store interface {
	CreateScenario(ctx context.Context, actor run.Actor, s scenario.Stored) (scenario.Stored, error)
	Publish(ctx context.Context, actor run.Actor, id string, r scenario.Release) (scenario.Stored, error)
	Run(ctx context.Context, actor run.Actor, id string) (run.Run, error)
	Runs(ctx context.Context, actor run.Actor, f run.Filter) (run.Page, error)
	Journal(ctx context.Context, actor run.Actor, runID string, after int64) ([]run.Entry, error)
	WholeJournal(ctx context.Context, actor run.Actor, runID string) ([]run.Entry, error)
	Event(ctx context.Context, actor run.Actor, id string) (run.Event, error)
	Events(ctx context.Context, actor run.Actor, f run.EventFilter) (run.EventPage, error)
	Cursor(ctx context.Context, workspace, scenarioID, trigger string) (string, error)
}

// Executor is what is tested.
type Executor interface {
	Accept(ctx context.Context, s *run.Start) error
	AcceptAll(ctx context.Context, starts []*run.Start, cursor *run.Cursor) error
	Cancel(ctx context.Context, actor run.Actor, runID string) error
	Settle(ctx context.Context, actor run.Actor, runID, path, outcome string, output any) error
	Resume(ctx context.Context, actor run.Actor, runID, path string, input map[string]any) error
	Signal(ctx context.Context, g *run.Signal) error
	Decide(ctx context.Context, actor run.Actor, runID, path string, v machine.Verdict) error
}

// Bench is one data directory with the executors that run on it, one after another.
type Bench interface {
	Store() Store
	// Start runs an executor; stop drains it, kill abandons it as a crash would, without telling the store.
	Start(invoker Invoker) (e Executor, stop, kill func())
}

// Invoker is the outside that the suite plays.
type Invoker interface {
	Invoke(ctx context.Context, call run.Call) run.Result
}

var actor = run.SystemActor(run.DefaultWorkspace)

// Outside answers calls by their action and remembers them.
type Outside struct {
	mu    sync.Mutex
	calls []run.Call
	Do    map[string]func(ctx context.Context, call run.Call) run.Result
}

// Invoke answers a call: by Do, else with its input.
func (o *Outside) Invoke(ctx context.Context, call run.Call) run.Result {
	o.mu.Lock()
	o.calls = append(o.calls, call)
	do := o.Do[call.Action]
	o.mu.Unlock()
	if do != nil {
		return do(ctx, call)
	}
	return run.Result{Output: call.Input}
}

// Keys lists the idempotency keys of the calls of an action.
func (o *Outside) Keys(action string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var keys []string
	for _, c := range o.calls {
		if c.Action == action {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Run runs the suite.
func Run(t *testing.T, open func(t *testing.T) Bench) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Bench)
	}{
		{"a run goes through its steps and is recorded whole", wholeRun},
		{"a thousand runs at once all succeed", thousandRuns},
		{"a crash between steps goes on where it was, and an idempotent call keeps its key", crashIdempotent},
		{"a crash during a call of effect once makes it uncertain, and a person settles it", crashOnce},
		{"a wait outlives a restart", waitOutlivesRestart},
		{"a retry waits in the store and succeeds", retrySucceeds},
		{"cancel ends a waiting, a queued and a hanging run", cancelEnds},
		{"an answer reaches the request that waits", answers},
		{"who waits for an answer still does when the run sleeps", answersAfterSleep},
		{"a panic in an action fails its run only", panics},
		{"draining finishes the call in flight and begins no other", drains},
		{"draining amid decisions starts nothing twice and leaves nothing in doubt", drainsAmid},
		{"runs that a dying process had just woken go on", wakesAgain},
		{"many short waits one after the other cost about as much each", shortWaits},
		{"the same delivery is one run, also concurrently", oneRun},
		{"several events come in together with their cursor, each known one left out", manyIn},
		{"where one of several events cannot be kept, none is, and nothing is taken up by them", noneIn},
		{"several events taken in together outlive a crash", manyCrash},
		{"a loop over many items at once collects them in order", manyItems},
		{"a called run is waited for, also over a crash, and its output comes back", calls},
		{"a called run that fails or cannot be started fails the step", callsFail},
		{"cancelling a run cancels the run it waits for", cancelsCalled},
		{"an event wakes a run that waits for it, is kept for a later wait, and counts once", eventsWake},
		{"an approval waits for a person, over a restart", approvals},
		{"a parked run goes on with another input", parks},
		{"a replay from inside an item does that item, or fails", replaysItems},
		{"a replay from a step on does nothing of what stands before it", replaysNothingBefore},
		{"a repeat goes round for ever and costs what its newest rounds do, over a crash and in a replay", longRepeat},
		{"rolling back takes back what was done, over a crash", rollsBack},
		{"a failed run starts the scenario that is told of it", tellsFailure},
		{"runs of one order_by key go one after the other, over retries and a crash", inOrder},
		{"a run that waits holds its line, and one that is cancelled in it lets the rest pass", holdsLine},
		{"a planned time beside a run that has not ended is passed over, also after a crash", skips},
		{"the runs before a planned time are cancelled and it begins, over a crash", cancelsBefore},
		{"no more runs of a trigger move at once than its concurrency, over a crash", limited},
		{"runs that wait take no part of the limit", limitedAwake},
		{"no more runs of a trigger begin in a time than its throttle, over a crash", throttled},
		{"called runs keep to their trigger's concurrency, over a crash", calledLimited},
		{"called runs keep to their trigger's order and throttle", calledInOrder},
		{"a scenario that calls itself passes its own gate, and where it would wait for itself in a line the call fails", calledByItself},
		{"two scenarios whose lines would wait for one another do not stand still", calledInARing},
		{"the if and the dedupe of a failure trigger hold, and its flow", tellsFailureOnce},
		{"a run that only computes can be cancelled, and outlives a restart", computes},
		{"the data of runs is not kept where their scenario says so", keeps},
		{"what a step masks is stored and shown masked, and whole for the steps that need it", masks},
		{"what a step masks is hidden from what comes right behind it", masksAtOnce},
		{"what a called run masks is masked in its caller, over a crash, when it fails, and in a replay", masksReturned},
		{"large values are kept apart, and are whole for the steps that read them", large},
		{"what the items of a loop give is whole, also where it was kept apart and read back", largeCollected},
		{"an order_by that fails is a failed run", unordered},
		{"a scenario that hangs leaves room for others, and can be cancelled", hangs},
		{"whatever an action gives, its own run bears it and no other", poison},
		{"scenarios that call one another in a ring, and loops without bound, fail", loops},
		{"a run keeps to its version when another is published", withdrawn},
		{"a run that is cancelled while it completes ends once", races},
		{"an answer that comes after its call was given up counts for nothing", lateAnswer},
		{"what is busy is asked again, and what says no is not", stopsAsking},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// publish makes a live scenario.
func publish(t *testing.T, store Store, slug, steps string) scenario.Stored {
	t.Helper()
	return publishWith(t, store, slug, `"trigger": {"uses": "webhook"}`, steps)
}

// publishWith is publish with the scenario's other members.
func publishWith(t *testing.T, store Store, slug, more, steps string) scenario.Stored {
	t.Helper()
	text := []byte(`{"stepmill": 1, "name": "` + slug + `", ` + more + `, "steps": ` + steps + `}`)
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", err, problems)
	}
	data, err := json.Marshal(factsOf(doc))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := store.CreateScenario(t.Context(), actor, scenario.Stored{Slug: slug, Name: slug, Draft: text})
	if err != nil {
		t.Fatal(err)
	}
	stored, err = store.Publish(t.Context(), actor, stored.ID, scenario.Release{Definition: text, Facts: data, Triggers: doc.AllTriggers()})
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// republish makes the next version of a scenario.
func republish(t *testing.T, store Store, s scenario.Stored, steps string) scenario.Stored {
	t.Helper()
	text := []byte(`{"stepmill": 1, "name": "` + s.Slug + `", "trigger": {"uses": "webhook"}, "steps": ` + steps + `}`)
	doc, problems, err := scenario.Decode(text)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", err, problems)
	}
	facts, err := json.Marshal(factsOf(doc))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := store.Publish(t.Context(), actor, s.ID, scenario.Release{Definition: text, Facts: facts, Triggers: doc.AllTriggers()})
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// factsOf are by the app in an action's name: pure.x is pure, and so on.
func factsOf(doc *scenario.Document) run.Facts {
	facts := run.Facts{}
	for _, action := range machine.Actions(doc.Scenario) {
		app, name, _ := strings.Cut(action, ".")
		facts[action] = run.Fact{Effect: run.Effect(app), Answers: name == "respond"}
	}
	return facts
}

func event(s scenario.Stored, value any) *run.Start {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return &run.Start{Version: s.Version, Value: value, Accept: run.Accept{Event: run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug,
		Trigger: "trigger", Outcome: run.Accepted, Value: data, Source: "test"}}}
}

func accept(t *testing.T, e Executor, s scenario.Stored, value any) string {
	t.Helper()
	start := event(s, value)
	if err := e.Accept(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	return start.Accept.Event.RunID
}

// until waits for a run to reach a status.
func until(t *testing.T, store Store, id string, want ...run.Status) run.Run {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		r, err := store.Run(t.Context(), actor, id)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(want, r.Status) {
			return r
		}
		if time.Now().After(deadline) || r.Status.Ended() {
			t.Fatalf("the run is %s (%+v), not %v", r.Status, r.Error, want)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func kinds(t *testing.T, store Store, id string) string {
	t.Helper()
	entries, err := store.Journal(t.Context(), actor, id, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, e := range entries {
		if e.Seq != int64(i)+1 {
			t.Fatalf("entry %d has sequence number %d", i+1, e.Seq)
		}
		out = append(out, strings.TrimSuffix(string(e.Kind)+" "+e.Path, " "))
	}
	return strings.Join(out, ", ")
}
