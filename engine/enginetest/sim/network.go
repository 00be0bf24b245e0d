package sim

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// network is what the calls of a life reach. What becomes of a call follows from the run's label, the path and the attempt,
// never from the time. It holds every call to what it may be.
type network struct {
	life *life

	mu    sync.Mutex
	last  map[string]*effect         // by run and path: the latest call
	keys  map[string]string          // the run and path that an idempotency key is of
	gates map[run.Gate][]*effect     // calls under way of runs that have a gate
	said  map[string]map[string]bool // by run: the paths that a person has spoken on since the last call there
	told  map[string]bool            // runs that a person told something: they pass their gate
}

// effect is one call as the outside saw it.
type effect struct {
	ctx     context.Context
	call    run.Call
	unknown bool // its answer, if there was one, says nothing of whether it happened
}

func newNetwork(l *life) *network {
	return &network{life: l, last: map[string]*effect{}, keys: map[string]string{}, gates: map[run.Gate][]*effect{},
		said: map[string]map[string]bool{}, told: map[string]bool{}}
}

// speaks notes that a person has their say on a step, "" on the whole run.
func (n *network) speaks(id, path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said[id] == nil {
		n.said[id] = map[string]bool{}
	}
	n.said[id][path], n.told[id] = true, true
}

// tells notes that a person told a run something that decides nothing.
func (n *network) tells(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told[id] = true
}

// spoken says that a person spoke on a step or on what stands around it, and forgets it.
func (n *network) spoken(id, path string) bool {
	found := false
	for p := range n.said[id] {
		if p == "" || path == p || strings.HasPrefix(path, p+".") || strings.HasPrefix(path, p+"[") {
			found = true
			if p == path {
				delete(n.said[id], p)
			}
		}
	}
	return found
}

// invoke is a call of a process.
func (n *network) invoke(ctx context.Context, p *process, call run.Call) run.Result {
	l := n.life
	label := l.ledger.label(call.Run)
	if call.Effect == run.Pure {
		return n.result(label, call)
	}
	if p.call() == beforeEffect {
		p.die()
	}
	if p.dead() || ctx.Err() != nil {
		return cut(call) // nothing went out
	}
	e := n.begin(ctx, label, call)
	defer n.finish(e)
	if p.diesNow(afterEffect) {
		p.die()
		return cut(call)
	}
	took := n.takes(label, call)
	timer := time.NewTimer(took)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.gone:
		return cut(call)
	case <-ctx.Done():
		r := cut(call)
		if ctx.Err() == context.DeadlineExceeded && call.Effect != run.Once {
			r.Failure.Class = string(fault.Timeout)
		}
		return r
	}
	r := n.result(label, call)
	n.answers(e, r)
	l.logf("  %s %s gives %s", label, try(call.Path, call.Attempt), outcome(r))
	return r
}

func outcome(r run.Result) string {
	if r.Failure != nil {
		return r.Failure.Class
	}
	return "ok"
}

// cut is what is known of a call whose answer did not come.
func cut(call run.Call) run.Result {
	class := fault.Cancelled
	if call.Effect == run.Once {
		class = fault.Uncertain
	}
	return run.Result{Failure: &run.Failure{Class: string(class), Message: "The answer did not come."}}
}

// takes draws how long a call takes: more than it may is to hang.
func (n *network) takes(label string, call run.Call) time.Duration {
	switch n.life.plan.chance(12, "takes", label, call.Path, call.Attempt) {
	case 0:
		if !n.life.plan.smooth {
			return time.Hour
		}
	case 1, 2:
		return 3 * time.Second
	case 3, 4, 5:
		return 150 * time.Millisecond
	case 6:
		return 0
	}
	return time.Millisecond
}

// result draws what a call gives.
func (n *network) result(label string, call run.Call) run.Result {
	p := n.life.plan
	if p.smooth || p.chance(4, "fails", label, call.Path, call.Attempt) > 0 {
		return run.Result{Output: map[string]any{"of": call.Path}}
	}
	classes := []fault.Code{fault.Unavailable, fault.Unavailable, fault.InvalidInput, fault.Timeout, fault.NotFound, fault.RateLimited}
	if call.Effect == run.Once {
		classes = append(classes, fault.Uncertain)
	}
	f := &run.Failure{Class: string(classes[p.chance(len(classes), "class", label, call.Path, call.Attempt)]), Message: "no"}
	if f.Class == string(fault.RateLimited) {
		f.RetryAfter = 1500
		if p.chance(2, "later", label, call.Path, call.Attempt) == 0 { // no try for longer than a life: when that ends hangs on the clock, and a crash changes it
			f.HeldFor = (24 * time.Hour).Milliseconds()
		}
	}
	return run.Result{Failure: f}
}

// begin holds a call to what it may be, and notes it.
func (n *network) begin(ctx context.Context, label string, call run.Call) *effect {
	l, at := n.life, try(call.Path, call.Attempt)
	l.logf("  %s %s calls %s", label, at, call.Action)
	if call.Effect != run.Read && !l.ledger.intends(call.Run, call.Path, call.Attempt) {
		l.wrong("%s %s was called before that was durable", label, at)
	}
	e := &effect{ctx: ctx, call: call, unknown: true}
	place := call.Run + " " + call.Path
	n.mu.Lock()
	defer n.mu.Unlock()
	if of, ok := n.keys[call.Key]; ok && of != place || call.Key != run.Key(call.Run, call.Path) {
		l.wrong("%s %s was called with the key %s, which is that of %s", label, at, call.Key, of)
	}
	n.keys[call.Key] = place
	before, spoken := n.last[place], n.spoken(call.Run, call.Path)
	if call.Effect == run.Once && before != nil && !spoken && (before.unknown || !l.ledger.knows(call.Run, call.Path, before.call.Attempt)) {
		l.wrong("%s %s was called again, though nobody knew what became of attempt %d", label, at, before.call.Attempt)
	}
	n.last[place] = e
	n.enter(e, label)
	return e
}

// enter holds the runs whose calls are under way to their gate.
func (n *network) enter(e *effect, label string) {
	s, _ := n.life.ledger.story(e.call.Run)
	if s.run.Limit == 0 || n.told[e.call.Run] || n.life.crowded.Load() {
		return
	}
	gate := run.Gate{Scenario: s.run.ScenarioID, Trigger: s.run.Trigger}
	inside := map[string]bool{e.call.Run: true}
	var under []*effect
	for _, o := range n.gates[gate] {
		if o.ctx.Err() == nil && !n.told[o.call.Run] {
			inside[o.call.Run] = true
			under = append(under, o)
		}
	}
	n.gates[gate] = append(under, e)
	if len(inside) > s.run.Limit {
		n.life.wrong("with %s %d runs of %s move at once, and %d may", label, len(inside), s.run.Scenario, s.run.Limit)
	}
}

// answers notes that the outside gave a call its answer.
func (n *network) answers(e *effect, r run.Result) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e.unknown = r.Failure != nil && r.Failure.Class == string(fault.Uncertain)
}

// finish takes a call out that is under way no more.
func (n *network) finish(e *effect) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for gate, list := range n.gates {
		for i, o := range list {
			if o == e {
				n.gates[gate] = append(list[:i:i], list[i+1:]...)
				return
			}
		}
	}
}

// forget ends every call of a process that is gone.
func (n *network) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.gates)
}
