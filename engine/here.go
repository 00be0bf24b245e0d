package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Here is one run carried out in this process's memory, without a store: what `stepmill run` does. Nothing of it
// survives the process.
type Here struct {
	Machine   *machine.Machine
	Invoker   Invoker
	Workspace string
	Now       func() time.Time
	SkipWaits bool            // timers fire at once
	Show      func(run.Entry) // called for each entry, in order, from one goroutine
	Event     string          // id of the event
	Vars      map[string]any
	Replies   *Replies // what answers waits; nil: nothing does
	// Load gives another scenario that the run calls; nil: it can call none.
	Load func(slug string) (*machine.Program, error)
	// ShowOf gives what shows the entries of a called run; it is called from several goroutines.
	ShowOf func(c *run.Child) func(run.Entry)

	ahead   time.Duration // by which skipped waits have moved the clock
	local   []run.Call    // pure ones to make, in order
	more    bool          // the machine has more to decide
	cutAt   time.Time     // when calls of a run that is ending are cut; zero: none is
	replies chan reply
	flights map[string]context.CancelFunc
	ends    chan hereEnd
	called  map[string]context.CancelFunc // by the run's id
	left    chan struct{}
	veil    *run.Veil
	veiled  map[string]any // what of its event the run that calls it hides
}

// hereEnd is how a called run was left.
type hereEnd struct {
	run     string
	status  run.Status
	output  any
	failure *run.Failure
	hidden  *run.Hidden
}

// Replies are what waits are answered with, each once and in order, over a run and all that it calls.
type Replies struct {
	mu   sync.Mutex
	list []Reply
}

// Reply answers one wait: an event, or a person's decision on the approval at a path, or on the next one where it names none.
type Reply struct {
	Event   any
	Verdict *machine.Verdict
	Path    string
}

// NewReplies makes replies of a list.
func NewReplies(list []Reply) *Replies { return &Replies{list: list} }

// next takes the first reply that answers something of what is waited for.
func (r *Replies) next(event bool, approvals []string) (Reply, bool) {
	if r == nil {
		return Reply{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, one := range r.list {
		fits := one.Verdict == nil && event
		if one.Verdict != nil && len(approvals) > 0 {
			if one.Path == "" {
				one.Path = approvals[0]
			}
			for _, path := range approvals {
				fits = fits || path == one.Path
			}
		}
		if fits {
			r.list = append(r.list[:i:i], r.list[i+1:]...)
			return one, true
		}
	}
	return Reply{}, false
}

// Run carries the run out until it ends or can go no further without a person, and gives the status it is left in.
func (h *Here) Run(ctx context.Context) run.Status {
	h.veil = veilOf(h.Machine.Program(), h.veiled)
	h.replies, h.flights = make(chan reply), map[string]context.CancelFunc{}
	h.ends, h.called, h.left = make(chan hereEnd), map[string]context.CancelFunc{}, make(chan struct{})
	defer close(h.left)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h.act(ctx, h.Machine.Queue(h.now(), h.Event))
	h.act(ctx, h.Machine.Start(h.now(), h.Vars))
	for !h.Machine.Status().Ended() {
		if ctx.Err() == nil && h.more {
			h.more = false
			h.act(ctx, h.Machine.Advance(h.now()))
			continue
		}
		if ctx.Err() == nil && len(h.local) > 0 {
			call := h.local[0]
			h.local = h.local[1:]
			if due := h.Machine.Due(); !due.IsZero() && !due.After(h.now()) { // time runs out also while it only computes
				h.act(ctx, h.Machine.Wake(h.now()))
			}
			h.act(ctx, h.Machine.Answer(h.now(), call.Path, call.Attempt, invoked(ctx, h.Invoker, call, nil)))
			continue
		}
		if h.reply(ctx) {
			continue
		}
		due := h.Machine.Due()
		if len(h.flights)+len(h.called) == 0 && (due.IsZero() || h.Machine.Standing() && !h.SkipWaits) {
			break
		}
		h.wait(ctx, due)
	}
	return h.Machine.Status()
}

func (h *Here) now() time.Time { return h.Now().Add(h.ahead) }

// reply gives the run what it waits for; false: nothing of it is there.
func (h *Here) reply(ctx context.Context) bool {
	one, ok := h.Replies.next(h.Machine.Wants())
	switch {
	case !ok:
		return false
	case one.Verdict == nil:
		h.act(ctx, h.Machine.Signal(h.now(), NewID(), one.Event))
	default:
		if d, err := h.Machine.Decide(h.now(), one.Path, *one.Verdict); err == nil {
			h.act(ctx, d)
		}
	}
	return true
}

// wait blocks until an answer comes or a timer fires. When ctx ends the run is cancelled.
func (h *Here) wait(ctx context.Context, due time.Time) {
	sleep := time.Hour
	if !due.IsZero() {
		sleep = max(due.Sub(h.now()), 0)
		if h.SkipWaits && len(h.flights)+len(h.called) == 0 {
			h.ahead += sleep
			sleep = 0
		}
	}
	if h.Machine.Ending() && h.Machine.InFlight() > 0 {
		if h.cutAt.IsZero() {
			h.cutAt = h.now().Add(cutAfter)
		}
		sleep = min(sleep, max(h.cutAt.Sub(h.now()), 0))
	}
	timer := time.NewTimer(sleep)
	defer timer.Stop()
	select {
	case r := <-h.replies:
		if cancel := h.flights[r.path]; cancel != nil {
			cancel()
			delete(h.flights, r.path)
			h.act(ctx, h.Machine.Answer(h.now(), r.path, r.attempt, r.result))
		}
	case end := <-h.ends:
		h.ended(end)
		if end.status.Ended() {
			d := h.Machine.Returned(h.now(), end.run, end.output, end.failure)
			hide(d.Entries, end.hidden)
			h.act(ctx, d)
		}
	case <-timer.C:
		if !h.cutAt.IsZero() && !h.now().Before(h.cutAt) {
			h.cutAt = time.Time{}
			h.act(ctx, h.Machine.Force(h.now()))
			return
		}
		h.act(ctx, h.Machine.Wake(h.now()))
	case <-ctx.Done():
		h.act(ctx, h.Machine.Cancel(h.now(), "Interrupted.", true))
	}
}

func (h *Here) ended(end hereEnd) {
	h.called[end.run]()
	delete(h.called, end.run)
}

func (h *Here) act(ctx context.Context, d machine.Decision) {
	var later []machine.Decision
	h.more = h.more || d.More
	for _, c := range d.Commands { // before the end is shown, which is the last word
		if cancel := h.called[c.Drop]; cancel != nil {
			cancel()
		}
		if c.Tell != nil {
			if start, err := h.child(c.Tell, failureTrigger); err == nil {
				h.call(ctx, c.Tell, start)
			}
		}
	}
	for _, entry := range d.Entries {
		if entry.Kind == run.RunSucceeded || entry.Kind == run.RunFailed || entry.Kind == run.RunCancelled {
			for len(h.called) > 0 {
				h.ended(<-h.ends)
			}
		}
		h.veil = h.veil.Note(&entry)
		h.Show(h.veil.Cover(entry))
	}
	for _, c := range d.Commands {
		switch {
		case c.Cut != "":
			if cancel := h.flights[c.Cut]; cancel != nil {
				cancel()
				delete(h.flights, c.Cut)
			}
		case c.Call != nil:
			start, err := h.child(c.Call, scenarioTrigger)
			if err == nil {
				h.call(ctx, c.Call, start)
			}
			var f *run.Failure
			if err != nil {
				f = run.FailureOf(err)
			}
			later = append(later, h.Machine.Called(h.now(), c.Call.Path, c.Call.Attempt, f))
		case c.Invoke != nil:
			h.invoke(ctx, *c.Invoke)
		}
	}
	for _, d := range later {
		h.act(ctx, d)
	}
}

func (h *Here) invoke(ctx context.Context, call run.Call) {
	call.Workspace, call.Hidden = h.Workspace, slices.Clone(h.veil.Hidden())
	if call.Effect == run.Pure {
		h.local = append(h.local, call)
		return
	}
	each, cancel := context.WithTimeout(ctx, call.Timeout)
	h.flights[call.Path] = cancel
	go func() {
		r := reply{path: call.Path, attempt: call.Attempt, result: invoked(each, h.Invoker, call, nil)}
		select {
		case h.replies <- r:
		case <-h.left:
		}
	}()
}

// child makes a called run.
func (h *Here) child(c *run.Child, uses string) (*Here, error) {
	if h.Load == nil {
		return nil, fault.New(fault.NotFound, "The scenario %q is not here.", c.Scenario)
	}
	program, err := h.Load(c.Scenario)
	if err != nil {
		return nil, err
	}
	trigger, v, err := entrance(program, c, uses)
	if err != nil {
		return nil, err
	}
	if wanted, _, err := program.Admits(trigger.Key(), v, h.now(), nil); err != nil || !wanted {
		return nil, fault.Wrap(err, fault.Conflict, "The trigger of the scenario %q does not want this event.", c.Scenario)
	}
	_, veiled := h.veil.Shown(v)
	return &Here{
		veiled:  veiled,
		Machine: machine.New(program, machine.Input{Run: c.ID, Number: 1, Scenario: c.Scenario, Trigger: trigger.Key(), Value: v, Depth: c.Depth}),
		Invoker: h.Invoker, Workspace: h.Workspace, Now: h.Now, ahead: h.ahead, SkipWaits: h.SkipWaits, Show: h.ShowOf(c), ShowOf: h.ShowOf, Vars: h.Vars, Replies: h.Replies, Load: h.Load,
	}, nil
}

// call carries a called run out beside this one.
func (h *Here) call(ctx context.Context, c *run.Child, start *Here) {
	ctx, cancel := context.WithCancel(ctx)
	h.called[c.ID] = cancel
	go func() {
		end := hereEnd{run: c.ID, status: start.Run(ctx), output: start.Machine.Output(), failure: start.Machine.Failure()}
		if end.status == run.Cancelled {
			end.failure = &run.Failure{Class: string(fault.Cancelled), Message: "The called run was cancelled."}
		}
		end.hidden = start.veil.Hides(end.output, end.failure)
		select {
		case h.ends <- end:
		case <-h.left:
		}
	}()
}

// invoked makes a call and gives its result as a journal would give it back, its output made light where light is given,
// after which the room that it took is free.
func invoked(ctx context.Context, invoker Invoker, call run.Call, light func(any) any) run.Result {
	r := invoker.Invoke(ctx, call)
	if r.Done != nil {
		defer r.Done()
	}
	r = normalized(r)
	if light != nil {
		r.Output = light(r.Output)
	}
	return r
}

// normalized gives a result as a journal would give it back. What a failure came with is left out where it is no value: the
// failure itself must be told.
func normalized(r run.Result) run.Result {
	if r.Failure != nil {
		if !value.Normal(r.Failure.Body) {
			told := *r.Failure
			told.Body, _ = value.Normalize(told.Body) // nil with an error
			r.Failure = &told
		}
		return r
	}
	if value.Normal(r.Output) {
		return r
	}
	v, err := value.Normalize(r.Output)
	if err != nil {
		return run.Result{Failure: run.FailureOf(err), Exchange: r.Exchange}
	}
	r.Output = v
	return r
}
