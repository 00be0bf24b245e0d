// Package engine carries runs out: it takes events in durably, asks the machine what a run does next, makes every
// decision durable before acting on it, and goes on where it was after a crash. It decides nothing that the machine
// decides, knows no connector, and reaches the outside only through its Invoker.
package engine

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// Store is what the engine needs kept. Commit makes a batch durable in one transaction and gives each write its own
// outcome; it is called from one goroutine.
type Store interface {
	Commit(ctx context.Context, writes []*run.Write) []error
	Heartbeat(ctx context.Context, owner string, until time.Time) error
	Claim(ctx context.Context, owner string, ids []string, behind bool) ([]run.Lease, error)
	Claimable(ctx context.Context, now time.Time, each, limit int) ([]run.Wake, error)
	Gates(ctx context.Context) ([]run.Gate, error)
	Beyond(ctx context.Context, g run.Gate, limit int) ([]string, error)
	Due(ctx context.Context, before time.Time, limit int) ([]run.Wake, error)
	Replay(ctx context.Context, runID string) (run.Replay, error)
	Signals(ctx context.Context, runID string) ([]run.Signal, error)
	Callers(ctx context.Context, runID string) (run.Callers, error)
	Scenario(ctx context.Context, actor run.Actor, ref string) (scenario.Stored, error)
	Version(ctx context.Context, actor run.Actor, scenarioID string, number int) (scenario.Version, error)
}

// Invoker carries out calls: actions/outbound.
type Invoker interface {
	Invoke(ctx context.Context, call run.Call) run.Result
}

// Listener is told what was committed, in order. It must not block, and keeps no hold of entries.
type Listener interface {
	Publish(entries []run.FeedEntry)
}

// Config is what an engine is made of.
type Config struct {
	Store     Store
	Invoker   Invoker
	Listeners []Listener
	Blobs     Blobs            // nil: nothing is kept apart
	Now       func() time.Time // nil: time.Now
	Owner     string           // names this process in leases; unique
	BaseURL   string           // what run.url begins with
	// ResumeURL is where events for a run's waits come in; nil: there is no such address.
	ResumeURL func(*run.Run) string
	MaxActive int // runs in memory at once; zero: 2,000. More wait in the store
	MaxCalls  int // calls in flight at once; zero: 4,000. More wait their turn
	MaxAgain  int // run.Callers.Again at most; zero: 10,000. A call that makes one more fails
	Marks     machine.Marks
	// Compile makes a version ready to run; nil: Compile. One that remembers serves who starts many engines over the same
	// versions.
	Compile func(scenario.Version) (*machine.Program, error)
	Log     *slog.Logger
}

const (
	defaultActive = 2000
	defaultCalls  = 4000
	defaultAgain  = 10_000
	leaseFor      = 30 * time.Second
	heartbeat     = 10 * time.Second
	againAfter    = time.Second      // when the store could not be read or written
	cutAfter      = 10 * time.Second // calls still in flight this long after a cancel are cut
	showAfter     = 50 * time.Millisecond
)

// Engine is the embedded executor.
type Engine struct {
	cfg      Config
	writer   *writer
	programs *programs
	timers   *timers
	crew     *crew // carries runs and their calls out

	room    *semaphore.Weighted // in bytes, for what runs load
	keeping *semaphore.Weighted // in bytes, for what runs keep apart
	places  *places
	calls   *ceiling      // of all runs
	waits   *waits        // whose runs wait in the store for a place
	wake    chan struct{} // tells the feeder to look
	again   atomic.Bool   // it will be told in a moment
	stop    chan struct{} // closed when draining begins
	stopped chan struct{} // closed when Serve returned

	answers sync.Map // run id → waiter, of requests whose runs are not in memory yet

	mu       sync.Mutex
	active   map[string]*task
	draining bool // no task begins any more
	tasks    sync.WaitGroup
}

// New makes an engine. Accept works at once; runs move while Serve does.
func New(cfg Config) *Engine {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxActive == 0 {
		cfg.MaxActive = defaultActive
	}
	if cfg.MaxCalls == 0 {
		cfg.MaxCalls = defaultCalls
	}
	if cfg.MaxAgain == 0 {
		cfg.MaxAgain = defaultAgain
	}
	if cfg.Compile == nil {
		cfg.Compile = Compile
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	e := &Engine{
		cfg: cfg, writer: newWriter(cfg.Store, cfg.Listeners, cfg.Log), programs: newPrograms(cfg.Store, cfg.Compile), timers: newTimers(), crew: newCrew(),
		room: semaphore.NewWeighted(loadRoom), keeping: semaphore.NewWeighted(keepRoom), places: newPlaces(cfg.MaxActive), waits: newWaits(), calls: newCeiling(cfg.MaxCalls), wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
		active: map[string]*task{},
	}
	e.waits.all() // what the store holds goes first
	return e
}

func (e *Engine) now() time.Time { return e.cfg.Now().UTC().Truncate(time.Millisecond) }

// Serve moves runs until ctx ends, then drains: calls in flight are finished for up to grace, no other begins.
func (e *Engine) Serve(ctx context.Context, grace time.Duration) error {
	defer close(e.stopped)
	if err := e.renew(ctx); err != nil {
		return err
	}
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var loops sync.WaitGroup
	loops.Go(func() { e.beat(background) })
	loops.Go(func() { e.feed(ctx) })
	loops.Go(func() { e.tick(ctx) })
	e.nudge()
	<-ctx.Done()
	close(e.stop)
	e.drain(grace)
	end()
	loops.Wait()
	return nil
}

// Close ends the writer. It is called after Serve returned and nothing calls Accept any more.
func (e *Engine) Close() {
	e.writer.close()
	e.crew.close()
}

// drain waits for the tasks; those that outlast the grace are abandoned, as a crash would.
func (e *Engine) drain(grace time.Duration) {
	e.mu.Lock()
	e.draining = true
	e.mu.Unlock()
	done := make(chan struct{})
	go func() {
		e.tasks.Wait()
		close(done)
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		e.mu.Lock()
		for _, t := range e.active {
			t.abandon()
		}
		e.mu.Unlock()
		<-done
	}
}

// nudgeAgain lets the feeder look a little later, once however often it is asked for: the store could not be read now.
func (e *Engine) nudgeAgain() {
	if e.again.CompareAndSwap(false, true) {
		time.AfterFunc(againAfter, func() {
			e.again.Store(false)
			e.nudge()
		})
	}
}

func (e *Engine) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// feed takes runs that wait in the store into memory as there is room: after a start, after a burst, and those whose
// process died.
func (e *Engine) feed(ctx context.Context) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for e.findGates(ctx) != nil && ctx.Err() == nil {
		pause(ctx, againAfter)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		case <-ticker.C:
			e.waits.all()
			e.findGates(ctx) // another process, which is dead now, may have held runs back
		}
		e.letIn(ctx)
		for e.waits.any(e.places) && ctx.Err() == nil && e.takeIn(ctx) {
		}
	}
}

const (
	feedEach  = 100 // runs of a scenario that are looked at together
	feedLimit = 1000
)

// takeIn takes in some runs that wait in the store, and is false when nothing more can be done now: a task that ends
// nudges.
func (e *Engine) takeIn(ctx context.Context) bool {
	e.waits.look()
	defer e.waits.forget()
	list, err := e.cfg.Store.Claimable(ctx, e.now(), feedEach, feedLimit)
	if err != nil {
		if ctx.Err() == nil {
			e.cfg.Log.Error("waiting runs could not be listed", "error", err)
		}
		e.waits.all()
		e.nudgeAgain()
		return false
	}
	if len(list) == feedLimit {
		e.waits.all()
	}
	seen := map[string]int{}
	for _, w := range list {
		if seen[w.Scenario]++; seen[w.Scenario] == feedEach {
			e.waits.add(w.Scenario)
		}
	}
	took, rest := e.claim(ctx, list)
	for _, w := range rest {
		e.waits.add(w.Scenario)
	}
	return took > 0
}

// Published lets what is held for a trigger go by what a new version of its scenario says: the store has reckoned it anew.
func (e *Engine) Published(ctx context.Context, scenarioID string) {
	e.timers.refill()
	e.findGates(ctx)
	e.behind(scenarioID)
}

// findGates learns from the store which triggers hold runs back.
func (e *Engine) findGates(ctx context.Context) error {
	list, err := e.cfg.Store.Gates(ctx)
	if err != nil && ctx.Err() == nil {
		e.cfg.Log.Error("the runs that are held back could not be listed; it is tried again", "error", err)
	}
	for _, g := range list {
		e.places.holds(run.Gate{Scenario: g.Scenario, Trigger: g.Trigger}, g.Limit)
	}
	return err
}

// letIn lets in as many of the runs that their trigger's limit holds back as have room now.
func (e *Engine) letIn(ctx context.Context) {
	for _, g := range e.places.open() {
		of := run.Gate{Scenario: g.Scenario, Trigger: g.Trigger}
		ids, err := e.cfg.Store.Beyond(ctx, of, g.free+1)
		if err != nil {
			if ctx.Err() == nil {
				e.cfg.Log.Error("the runs that are held back could not be listed", "error", err)
			}
			e.places.holds(of, g.Limit)
			e.nudgeAgain()
			continue
		}
		if len(ids) > g.free {
			e.places.holds(of, g.Limit)
			ids = ids[:g.free]
		}
		list := make([]run.Wake, len(ids))
		for i, id := range ids {
			list[i] = run.Wake{ID: id, Scenario: g.Scenario}
		}
		if _, rest := e.claim(ctx, list); len(rest) > 0 {
			e.places.holds(of, g.Limit)
		}
	}
}

// tick wakes runs whose timers are due.
func (e *Engine) tick(ctx context.Context) {
	for {
		list, next := e.timers.due(ctx, e.cfg.Store, e.now())
		if len(list) > 0 {
			_, rest := e.claim(ctx, list)
			for _, w := range rest { // there is no place: soon again
				w.At = e.now().Add(wakeAgain)
				e.timers.keep(w)
			}
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-e.timers.changed:
			timer.Stop()
		}
	}
}

const wakeAgain = 50 * time.Millisecond

// Kill abandons everything in memory without another write, as the end of the process would. It is for tests.
func (e *Engine) Kill() {
	e.writer.kill()
	e.mu.Lock()
	e.draining = true
	for _, t := range e.active {
		t.abandon()
	}
	e.mu.Unlock()
}
