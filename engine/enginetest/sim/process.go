package sim

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// process is one start of the engine over the life's disk and network. Once it is dead neither hears of it again.
type process struct {
	life   *life
	name   string
	plan   end
	lasts  bool // it lives on, whatever the plan says
	engine *engine.Engine
	gone   chan struct{} // closed when it dies

	mu      sync.Mutex
	isDead  bool
	alone   bool // it cannot renew its lease
	commits int
	calls   int
	due     bool // it dies at the next chance that its plan names

	cancel context.CancelFunc
	served chan struct{}
}

// begin starts the next process.
func (l *life) begin() *process {
	p := &process{life: l, name: engine.NewID(), gone: make(chan struct{}), served: make(chan struct{})}
	if l.started < len(l.plan.ends) {
		p.plan = l.plan.ends[l.started]
	} else {
		p.lasts = true
	}
	l.started++
	l.logf("process %d begins", l.started)
	if l.beside.Load() == 0 { // what it does that is alone on the disk
		if err := l.store.ForgetLeases(context.Background()); err != nil {
			l.wrong("the leases could not be ended: %v", err)
		}
	}
	p.engine = engine.New(engine.Config{Store: p, Invoker: p, Listeners: []engine.Listener{&listener{life: l}}, Now: l.now, Owner: p.name,
		MaxActive: l.plan.places, Marks: l.plan.marks(), Compile: l.compile, Log: slog.New(&logger{life: l})})
	var ctx context.Context
	ctx, p.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(p.served)
		if err := p.engine.Serve(ctx, 10*time.Second); err != nil {
			l.logf("process %d cannot begin: %v", l.started, err)
			time.Sleep(time.Second)
			p.die()
		}
	}()
	return p
}

// die ends the process at once: from now on it reaches nothing.
func (p *process) die() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isDead {
		p.isDead = true
		close(p.gone)
	}
}

func (p *process) dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isDead
}

// cutOff keeps the process from renewing its lease. It lives on for a while.
func (p *process) cutOff() {
	p.life.beside.Add(1)
	p.mu.Lock()
	p.alone = true
	p.mu.Unlock()
	select {
	case <-time.After(p.plan.beside):
	case <-p.gone:
	}
	p.life.logf("the process that was cut off ends")
	p.die()
	p.end()
	p.life.beside.Add(-1)
}

// end takes the process down: what is left of a dead one, or one that drains.
func (p *process) end() {
	if p.dead() {
		p.engine.Kill()
	}
	p.cancel()
	<-p.served
	if p.dead() { // also one that could not begin, and was told things all the same
		p.engine.Kill()
	}
	p.engine.Close()
	p.life.network.forget()
}

// call counts a call, and says how the process ends with it; stopped: it does not.
func (p *process) call() ending {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if !p.lasts && p.calls == p.plan.n && (p.plan.how == beforeEffect || p.plan.how == afterEffect) {
		p.due = true
		return p.plan.how
	}
	return stopped
}

// diesNow says that the process ends so, at this moment.
func (p *process) diesNow(how ending) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.due && p.plan.how == how && !p.isDead
}

// Invoke makes a call.
func (p *process) Invoke(ctx context.Context, call run.Call) run.Result {
	return p.life.network.invoke(ctx, p, call)
}

// out is what the process is told when it is dead, or when the disk does not work.
func (p *process) out() error {
	if p.dead() {
		return fault.New(fault.Unavailable, "The process is dead.")
	}
	if o := p.life.plan.outage; o[1] > 0 {
		if at := p.life.age(); at >= o[0] && at < o[1] {
			return fault.New(fault.Unavailable, "The disk does not work.")
		}
	}
	return nil
}

// Commit makes a batch durable, unless the plan says otherwise.
func (p *process) Commit(ctx context.Context, writes []*run.Write) []error {
	l := p.life
	time.Sleep(l.plan.fsync)
	if err := p.out(); err != nil {
		return all(writes, err)
	}
	how, wrong := p.commit()
	if how == beforeCommit {
		p.die()
		return all(writes, p.out())
	}
	if wrong != nil && !wrong.kept {
		l.logf("a commit of %d writes fails as %s", len(writes), wrong.code)
		return all(writes, fault.New(fault.Code(wrong.code), "The disk refused it."))
	}
	errs := l.keep(ctx, writes)
	switch {
	case how == afterCommit:
		p.die()
		return all(writes, p.out())
	case wrong != nil:
		l.logf("the answer of that commit is lost and taken for %s", wrong.code)
		return all(writes, fault.New(fault.Code(wrong.code), "The disk did not answer."))
	}
	return errs
}

// commit counts a commit, and says how the process ends with it, or how it goes wrong.
func (p *process) commit() (ending, *broken) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commits++
	if !p.lasts && p.commits == p.plan.n && p.plan.how <= afterCommit {
		return p.plan.how, nil
	}
	n := int(p.life.commits.Add(1))
	for i, f := range p.life.plan.faults {
		if f.n == n {
			return stopped, &p.life.plan.faults[i]
		}
	}
	return stopped, nil
}

func all(writes []*run.Write, err error) []error {
	errs := make([]error, len(writes))
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// reads is a question to the disk that is answered after a moment, if it works. What was asked for may be done although the
// answer is lost.
func reads[T any](p *process, ask func(Store) (T, error)) (T, error) {
	if p.life.plan.fsync > time.Millisecond {
		time.Sleep(time.Millisecond)
	}
	var none T
	if err := p.out(); err != nil {
		return none, err
	}
	v, err := ask(p.life.store)
	if n := p.life.questions.Add(1); p.life.plan.flaky > 0 && p.life.age() < time.Minute && n%int64(p.life.plan.flaky) == 0 {
		return none, fault.New(fault.Unavailable, "The disk did not answer.")
	}
	return v, err
}

// Heartbeat renews the process's lease.
func (p *process) Heartbeat(ctx context.Context, owner string, until time.Time) error {
	p.mu.Lock()
	alone := p.alone
	p.mu.Unlock()
	if alone {
		return fault.New(fault.Unavailable, "The disk cannot be reached.")
	}
	_, err := reads(p, func(s Store) (any, error) { return nil, s.Heartbeat(ctx, owner, until) })
	return err
}

// Claim takes the lease on runs.
func (p *process) Claim(ctx context.Context, owner string, ids []string, behind bool) ([]run.Lease, error) {
	return reads(p, func(s Store) ([]run.Lease, error) { return s.Claim(ctx, owner, ids, behind) })
}

// Claimable lists runs that could move.
func (p *process) Claimable(ctx context.Context, now time.Time, each, limit int) ([]run.Wake, error) {
	return reads(p, func(s Store) ([]run.Wake, error) { return s.Claimable(ctx, now, each, limit) })
}

// Gates lists the triggers that hold runs back.
func (p *process) Gates(ctx context.Context) ([]run.Gate, error) {
	return reads(p, func(s Store) ([]run.Gate, error) { return s.Gates(ctx) })
}

// Beyond lists the runs that a gate holds back.
func (p *process) Beyond(ctx context.Context, g run.Gate, limit int) ([]string, error) {
	return reads(p, func(s Store) ([]string, error) { return s.Beyond(ctx, g, limit) })
}

// Due lists the next timers.
func (p *process) Due(ctx context.Context, before time.Time, limit int) ([]run.Wake, error) {
	return reads(p, func(s Store) ([]run.Wake, error) { return s.Due(ctx, before, limit) })
}

// Replay gives what a run is taken up from.
func (p *process) Replay(ctx context.Context, id string) (run.Replay, error) {
	return reads(p, func(s Store) (run.Replay, error) { return s.Replay(ctx, id) })
}

// Signals gives what a run was told.
func (p *process) Signals(ctx context.Context, id string) ([]run.Signal, error) {
	return reads(p, func(s Store) ([]run.Signal, error) { return s.Signals(ctx, id) })
}

// Callers gives the runs that led to a run.
func (p *process) Callers(ctx context.Context, id string) (run.Callers, error) {
	return reads(p, func(s Store) (run.Callers, error) { return s.Callers(ctx, id) })
}

// Scenario gives a scenario.
func (p *process) Scenario(ctx context.Context, actor run.Actor, ref string) (scenario.Stored, error) {
	return reads(p, func(s Store) (scenario.Stored, error) { return s.Scenario(ctx, actor, ref) })
}

// Version gives a version.
func (p *process) Version(ctx context.Context, actor run.Actor, id string, n int) (scenario.Version, error) {
	return reads(p, func(s Store) (scenario.Version, error) { return s.Version(ctx, actor, id, n) })
}

// listener holds the feed to its order: positions only grow.
type listener struct {
	life *life
	last int64
}

// Publish takes what was committed.
func (l *listener) Publish(entries []run.FeedEntry) {
	for _, e := range entries {
		if e.Pos <= l.last {
			l.life.wrong("after position %d the feed is told %d", l.last, e.Pos)
		}
		l.last = e.Pos
	}
}
