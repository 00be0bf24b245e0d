package engine

import (
	"context"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// task is a run in memory: its machine, what was decided and is not durable yet, and its calls in flight.
type task struct {
	e       *Engine
	run     run.Run
	m       *machine.Machine
	program *machine.Program
	veil    *run.Veil // nil: the scenario masks nothing

	buffer []run.Entry // decided, not durable
	heavy  int         // bytes of what it holds beyond its first entries
	safe   int         // how many of them stand on something from outside; the rest could be decided again
	more   bool        // the machine has more to decide at once
	heldAt int         // in the buffer: what was decided with the first held call begins here
	until  time.Time   // when the decision under way has taken long enough
	stayed time.Time   // until when it waits here for something that has no time; zero: it does not
	// How many of starts and others stand on what is safe.
	safeStarts, safeOthers int
	held                   []*run.Call        // to be made once the buffer is durable
	local                  []*run.Call        // to be made here and now: they have no effect outside
	calls                  map[string]*flight // in flight, by path
	flying                 int                // bytes of their inputs
	reply                  chan reply         // their answers
	inbox                  chan message       // what others tell the run
	told                   []message          // answered once what they decided is durable
	poke                   chan struct{}      // says that signals came in
	starts                 []*run.Accept      // runs to start with the next commit
	callers                run.Callers        // as they were when last asked for; First "": never
	others                 []*run.Signal      // what other runs are told with it
	taken                  []int64            // signals that the buffer stands for
	first                  *message           // told before anything else
	left                   chan struct{}      // closed when the run is no longer in memory
	answer                 waiter
	loaded                 loaded
	filesTo                string // the run that is given files with the next commit; empty: none
	out                    []any  // outputs that answer the request, not durable yet

	past    bool // it did not go through its trigger's gate: a person told it something
	lost    bool // it is not known whether the lease is still this process's
	ctx     context.Context
	abandon context.CancelFunc
	cutAt   time.Time // zero: no cancel is under way
}

func (e *Engine) newTask(r run.Run) *task {
	t := &task{e: e, run: r, until: time.Now().Add(computesFor), inbox: make(chan message), poke: make(chan struct{}, 1), left: make(chan struct{})}
	t.ctx, t.abandon = context.WithCancel(context.Background())
	return t
}

// begin drives a run that was accepted just now.
func (t *task) begin(queued run.Entry, trigger any, veiled map[string]any, failure *run.Failure) {
	defer t.guard()
	defer t.unload()
	if err := t.programOf(&t.program, &t.run); err != nil {
		t.broken(err)
		return
	}
	t.veil = veilOf(t.program, veiled)
	t.veil = t.veil.Note(&queued)
	t.m = machine.New(t.program, t.input(trigger))
	if err := t.m.Apply(queued); err != nil {
		t.broken(err)
		return
	}
	if failure != nil {
		t.take(t.m.Refuse(t.e.now(), failure))
	} else {
		t.take(t.m.Start(t.e.now(), nil))
	}
	t.drive()
}

// ahead decides what a run begins with before its event is durable, so that one commit holds both. It is false, and then
// the run begins after that commit, where this would wait for something or compute for long while a sender waits, or where
// what is decided hangs on what only the commit tells: the run's number, and whether it stands behind another. A true one has
// entered.
func (t *task) ahead(a *run.Accept, program *machine.Program, queued run.Entry, trigger any) (done bool) {
	if program.ReadsRun() || a.Run.Line != "" || a.Run.Error != nil || a.Event.Large.Hash != "" || queued.Input != nil || t.e.programs.heavy(a.Run, queued.At) || !t.e.enter() {
		return false
	}
	defer func() {
		if p := recover(); p != nil { // the run meets it again, where it is answered for
			done = false
		}
		if !done {
			t.e.tasks.Done()
		}
	}()
	now := queued.At
	t.run, t.program, t.veil = *a.Run, program, veilOf(program, a.Event.Veiled)
	t.veil = t.veil.Note(&queued)
	t.m = machine.New(program, t.input(trigger))
	if t.m.Apply(queued) != nil {
		return false
	}
	began := time.Now()
	t.until = began.Add(aheadFor)
	d := t.m.Start(now, nil)
	t.e.programs.weigh(a.Run, time.Since(began), now)
	waits := func(c machine.Command) bool { return c.Invoke == nil }
	large := func(e run.Entry) bool {
		return value.Size(e.Input, apartFrom) >= apartFrom || value.Size(e.Output, apartFrom) >= apartFrom
	}
	if t.m.Status() != run.Running || slices.ContainsFunc(d.Commands, waits) || slices.ContainsFunc(d.Entries, large) {
		return false
	}
	t.buffer, t.more = d.Entries, d.More
	for i := range t.buffer {
		t.veil = t.veil.Note(&t.buffer[i])
	}
	a.Entries = slices.Grow(a.Entries, len(t.buffer))
	for _, entry := range t.buffer {
		a.Entries = append(a.Entries, t.veil.Cover(entry))
	}
	for _, c := range d.Commands {
		if c.Invoke.Effect == run.Pure {
			t.local = append(t.local, c.Invoke)
		} else {
			t.held = append(t.held, c.Invoke)
		}
	}
	t.row(false)
	return true
}

// goOn drives a run whose beginning was decided ahead and is durable now: the calls that were decided are made, also where
// the engine drains.
func (t *task) goOn() {
	defer t.guard()
	defer t.unload()
	t.m.Count(t.run.Number)
	t.buffer, t.heldAt = nil, -1
	t.drive()
}

// resume drives a run out of the store: its journal is folded, and it goes on where it was.
func (t *task) resume() {
	defer t.guard()
	defer t.unload()
	var told []run.Signal
	if err := t.patiently(func() (err error) { told, err = t.fold(); return err }); err != nil {
		t.broken(err)
		return
	}
	now := t.e.now()
	switch {
	case t.m.Status() == run.Queued && (t.first != nil || t.run.Hold == run.BehindOther): // it is not its turn to begin
		if t.first != nil {
			t.tell(*t.first)
			t.first = nil
		}
		if !t.m.Status().Ended() {
			t.commit(true)
			t.e.behind(t.run.ScenarioID)
			return
		}
	case t.m.Status() == run.Queued && slices.ContainsFunc(told, cancels): // it ends before anything of it begins
		for _, g := range told {
			t.signalled(g)
		}
	case t.m.Status() == run.Queued && t.run.Error != nil:
		t.take(t.m.Refuse(now, t.run.Error))
	case t.m.Status() == run.Queued:
		t.take(t.m.Start(now, nil))
	case t.m.InFlight() > 0:
		t.take(t.m.Lost(now))
	default:
		t.take(t.m.Advance(now))
	}
	t.take(t.m.Wake(now))
	for _, g := range told {
		t.signalled(g)
	}
	if t.first != nil {
		t.tell(*t.first)
	}
	t.drive()
}

// fold brings the run's machine to where its journal ends, and gives what the run was told and has not taken. The journal
// is read as it is folded: what is in memory of it is what the machine keeps.
func (t *task) fold() ([]run.Signal, error) {
	in, err := t.e.cfg.Store.Replay(t.ctx, t.run.ID)
	if err != nil {
		return nil, err
	}
	t.run = in.Run
	if t.program, err = t.e.programs.get(t.ctx, &t.run); err != nil {
		return nil, err
	}
	var trigger any = in.Large
	if in.Large.Hash == "" {
		if trigger, err = value.Decode(in.Value, value.Stored()); err != nil {
			return nil, err
		}
	}
	t.veil = veilOf(t.program, in.Veiled)
	t.m = machine.New(t.program, t.input(run.UncoverValue(trigger, in.Veiled)))
	for entry, err := range in.Entries {
		if err != nil {
			return nil, err
		}
		run.Uncover(&entry)
		t.veil = t.veil.Note(&entry)
		if err := t.m.Apply(entry); err != nil {
			return nil, err
		}
	}
	return in.Signals, nil
}

// programOf gives the program of a run: this one, or one that it starts.
func (t *task) programOf(into **machine.Program, r *run.Run) error {
	return t.patiently(func() (err error) { *into, err = t.e.programs.get(t.ctx, r); return err })
}

func (t *task) input(trigger any) machine.Input {
	in := machine.Input{Run: t.run.ID, Number: t.run.Number, Scenario: t.run.Scenario, Version: t.run.Version,
		Load: t.load, Marks: t.e.cfg.Marks, Enough: func() bool { return time.Now().After(t.until) }, Trigger: t.run.Trigger, URL: t.e.cfg.BaseURL + "/runs/" + t.run.ID, Value: trigger, Depth: t.run.Depth}
	if t.e.cfg.ResumeURL != nil && t.program.NeedsResumeURL() {
		in.ResumeURL = t.e.cfg.ResumeURL(&t.run)
	}
	return in
}

// take keeps a decision for the next commit and sorts its commands.
func (t *task) take(d machine.Decision) {
	t.until = time.Now().Add(computesFor) // of the next one
	for i := range d.Entries {            // what a step masks is hidden before anything else is told of it
		t.veil = t.veil.Note(&d.Entries[i])
	}
	if d.Facts > 0 {
		t.safe, t.safeStarts, t.safeOthers = len(t.buffer)+d.Facts, len(t.starts), len(t.others)
	}
	decided := len(t.buffer) + d.Facts
	t.weigh(d.Entries)
	t.buffer = append(t.buffer, d.Entries...)
	t.more = t.more || d.More
	for _, c := range d.Commands {
		switch {
		case c.Cut != "":
			t.cut(c.Cut)
		case c.Call != nil:
			t.call(c.Call)
		case c.Tell != nil:
			t.tellFailure(c.Tell)
		case c.Drop != "":
			t.others = append(t.others, &run.Signal{Workspace: t.run.Workspace, Run: c.Drop, Kind: run.SignalCancel, Key: t.run.ID, At: t.e.now(),
				Data: []byte(`{"message":"The run that called it waits for it no more."}`)})
		case c.Invoke.Effect == run.Pure:
			t.local = append(t.local, c.Invoke)
		case c.Invoke.Effect == run.Read:
			t.start(c.Invoke)
		default:
			if len(t.held) == 0 {
				t.heldAt = decided
			}
			t.held = append(t.held, c.Invoke)
		}
	}
}

// tell lets somebody tell the run something. They hear of it when it is durable.
func (t *task) tell(msg message) {
	var d machine.Decision
	err := noRun(t.run.ID)
	if msg.workspace == t.run.Workspace {
		d, err = msg.decide(t, t.e.now())
	}
	if err != nil {
		msg.done <- err
		return
	}
	t.take(d)
	t.told = append(t.told, msg)
}
