package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// Store is what a life runs over: what the engine needs kept, and what the simulator prepares and reads.
type Store interface {
	engine.Store
	ForgetLeases(ctx context.Context) error
	CreateScenario(ctx context.Context, actor run.Actor, s scenario.Stored) (scenario.Stored, error)
	Publish(ctx context.Context, actor run.Actor, id string, r scenario.Release) (scenario.Stored, error)
	Run(ctx context.Context, actor run.Actor, id string) (run.Run, error)
	Journal(ctx context.Context, actor run.Actor, runID string, after int64) ([]run.Entry, error)
}

var actor = run.SystemActor(run.DefaultWorkspace)

// life is one installation from its first event until every run has ended.
type life struct {
	plan     *plan
	store    Store
	ledger   *ledger
	network  *network
	stored   []scenario.Stored
	programs map[string]compiled // by the scenario's slug
	born     time.Time

	started   int          // processes so far
	beside    atomic.Int32 // of them, those that are cut off and live on
	crowded   atomic.Bool  // such a one has been: a gate holds within one process
	questions atomic.Int64 // to the disk
	commits   atomic.Int32 // that were tried by processes that lived on
	keeping   sync.Mutex   // a store is written to by one at a time

	mu       sync.Mutex
	current  *process      // nil: none lives
	changed  chan struct{} // closed when the current process is another one
	accepted map[int]int   // by event number: how often it was accepted as a new one
	log      []line
	bad      []string
	asked    int        // how often the time was asked for since it was
	asking   time.Time  // this
	turns    *rand.Rand // who asks for the time lets others go first now and then
}

// newLife makes the life of a plan, over its scenarios by their slug.
func newLife(p *plan, programs map[string]compiled) *life {
	l := &life{plan: p, ledger: newLedger(), programs: programs, accepted: map[int]int{}, turns: rand.New(rand.NewPCG(p.seed, 1))}
	l.network = newNetwork(l)
	return l
}

// live plays the life over a store. It runs in a bubble of testing/synctest, whose clock goes on when nothing can move.
func (l *life) live(store Store) {
	l.store, l.born, l.changed = store, time.Now(), make(chan struct{})
	if err := l.publish(); err != nil {
		l.wrong("%v", err)
		return
	}
	over := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { l.keepAlive(over) })
	var acts sync.WaitGroup
	for _, a := range l.plan.acts {
		time.Sleep(time.Until(l.born.Add(a.at)))
		acts.Go(func() { l.act(a) })
	}
	acts.Wait()
	l.settle()
	close(over)
	all.Wait()
	l.check()
}

func (l *life) publish() error {
	for _, one := range l.plan.scenarios {
		made := l.programs[one.slug]
		s, err := l.store.CreateScenario(context.Background(), actor, scenario.Stored{Slug: one.slug, Name: one.slug, Draft: one.text})
		if err == nil {
			s, err = l.store.Publish(context.Background(), actor, s.ID, scenario.Release{Definition: one.text, Facts: made.facts, Triggers: made.triggers})
		}
		if err != nil {
			return err
		}
		l.stored = append(l.stored, s)
		l.logf("%s", one.text)
	}
	return nil
}

// compile gives the program of a version, which was compiled before.
func (l *life) compile(v scenario.Version) (*machine.Program, error) {
	return l.programs[v.Scenario].program, nil
}

// keepAlive starts a process, and the next one after it ended, until the life is over.
func (l *life) keepAlive(over <-chan struct{}) {
	var apart sync.WaitGroup
	defer apart.Wait()
	for {
		p := l.begin()
		l.set(p)
		var stop <-chan time.Time
		if !p.lasts && p.plan.how >= stopped {
			stop = time.After(p.plan.within)
		}
		select {
		case <-over:
			p.end()
			return
		case <-stop:
		case <-p.gone:
		}
		l.logf("process %d %s", l.started, p.plan.how)
		l.set(nil)
		if p.plan.how == cutOff && !p.lasts {
			l.crowded.Store(true)
			apart.Go(p.cutOff)
		} else {
			p.end()
		}
		time.Sleep(p.plan.down)
	}
}

// keep makes a batch durable and notes what is.
func (l *life) keep(ctx context.Context, writes []*run.Write) []error {
	l.keeping.Lock()
	defer l.keeping.Unlock()
	errs := l.store.Commit(ctx, writes)
	l.ledger.note(writes, errs)
	l.logWrites(writes, errs)
	return errs
}

func (l *life) set(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current = p
	close(l.changed)
	l.changed = make(chan struct{})
}

// alive waits for a process.
func (l *life) alive() *process {
	for {
		l.mu.Lock()
		p, changed := l.current, l.changed
		l.mu.Unlock()
		if p != nil {
			return p
		}
		<-changed
	}
}

// act carries an act out. A sender sends again until it is told that the event is kept.
func (l *life) act(a act) {
	if a.what != sends {
		if list := l.ledger.runs(false); len(list) > 0 {
			l.deed(a.what, list[a.n%len(list)].run.ID, fmt.Sprint("act ", a.n))
		}
		return
	}
	for {
		p := l.alive()
		start := l.event(a)
		var err error
		if a.n%3 == 0 {
			err = p.engine.AcceptAll(context.Background(), []*run.Start{start}, nil)
		} else {
			err = p.engine.Accept(context.Background(), start)
		}
		switch {
		case err == nil && start.Accept.FirstEvent == "":
			l.mu.Lock()
			l.accepted[a.n]++
			l.mu.Unlock()
			l.logf("event %d is accepted as %s", a.n, start.Accept.Event.RunID)
			l.keeps(a, start.Accept.Event.RunID)
			return
		case err == nil:
			l.logf("event %d was known", a.n)
			l.keeps(a, start.Accept.FirstRun)
			return
		}
		l.logf("event %d is not accepted: %v", a.n, err)
		time.Sleep(time.Second)
	}
}

// keeps holds the engine to what it said: the run is durable.
func (l *life) keeps(a act, id string) {
	if _, ok := l.ledger.story(id); !ok {
		l.wrong("event %d was accepted, and its run %s is not durable", a.n, id)
	}
}

func (l *life) event(a act) *run.Start {
	data := fmt.Appendf(nil, `{"k":"line-%d","n":%d}`, a.line, a.n)
	v, err := value.Decode(data, value.Limits{})
	if err != nil {
		l.wrong("an event cannot be read: %v", err)
	}
	s := l.stored[a.which]
	start := &run.Start{Version: s.Version, Value: v, Accept: run.Accept{Event: run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug,
		Trigger: "in", Outcome: run.Accepted, Value: data, Source: fmt.Sprint("event ", a.n)}}}
	if a.key != "" {
		start.Accept.Dedupe = []run.DedupeKey{{Key: a.key, Until: l.now().Add(24 * time.Hour)}}
	}
	return start
}

func (l *life) age() time.Duration { return time.Since(l.born) }

// mostAsked is how often the time may be asked for before it goes on: more is a loop that does not wait.
const mostAsked = 100_000

// now is the engine's clock.
func (l *life) now() time.Time {
	now := time.Now()
	l.mu.Lock()
	if !now.Equal(l.asking) {
		l.asking, l.asked = now, 0
	}
	l.asked++
	spins, lets := l.asked > mostAsked, l.turns.IntN(4) == 0
	l.mu.Unlock()
	if lets { // others go first here
		runtime.Gosched()
	}
	if spins {
		l.wrong("the engine spins: it asked %d times for the time while that did not go on", mostAsked)
		time.Sleep(time.Second) // lets it go on, and so the life end
	}
	return now
}

// wrong notes what must not be.
func (l *life) wrong(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	l.logf("WRONG: %s", line)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bad = append(l.bad, line)
}
