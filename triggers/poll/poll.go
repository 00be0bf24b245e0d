// Package poll asks systems for what is new, every so often, and makes an event of each new item, once. How far it has come
// is kept in the very commit that keeps the events. The clock, what is kept and the requests come from outside.
package poll

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// Source looks at lists.
type Source interface {
	Poll(ctx context.Context, l run.Look, each func(run.Part) (more bool, err error)) (run.Looked, error)
}

// Cursors says how far a trigger has come.
type Cursors interface {
	Cursor(ctx context.Context, workspace, scenarioID, trigger string) (string, error)
}

// Triggers gives the live triggers.
type Triggers interface {
	All(ctx context.Context, uses func(string) bool) []*triggers.Trigger
}

// Poller looks at the lists of the live triggers that poll.
type Poller struct {
	Triggers Triggers
	Cursors  Cursors
	Starter  triggers.AllStarter
	Source   Source
	Now      func() time.Time
	Log      *slog.Logger
	Changed  <-chan struct{} // says that triggers changed

	mu    sync.Mutex
	table map[string]*polled // by the trigger's key
}

// Bounds of all looks together.
const (
	atOnce     = 8                // looks
	atOneApp   = 2                // looks at lists of one system, so that a slow one leaves room for others
	lookFor    = 5 * time.Minute  // that one look may take
	idle       = 30 * time.Second // the longest sleep: a clock that was set is noticed
	spread     = time.Second      // for each trigger: over which the first looks after a start are spread
	mostSpread = time.Minute
	afterFail  = 30 * time.Second // until the next look after one that failed; each further one doubles it
	mostFail   = 30 * time.Minute
)

// polled is a live trigger that polls and where it stands.
type polled struct {
	trigger *triggers.Trigger
	options *Options
	bad     error     // its options cannot be read
	next    time.Time // when to look
	busy    bool      // a look is under way
	gone    bool      // it is live no more
	cursor  *cursor   // nil: what the store has must be read
	kept    bool      // the store has it
	health  Health
}

// Run looks until ctx ends.
func (p *Poller) Run(ctx context.Context) {
	p.mu.Lock()
	p.table = map[string]*polled{}
	p.mu.Unlock()
	p.load(ctx, true)
	done := make(chan struct{}, atOnce)
	var looks sync.WaitGroup
	defer looks.Wait()
	for {
		for _, one := range p.due() {
			looks.Go(func() {
				p.look(ctx, one)
				done <- struct{}{}
			})
		}
		timer := time.NewTimer(p.sleep())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-p.Changed:
			p.load(ctx, false)
		case <-done:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// load brings the table to the live triggers. One that was there keeps where it stands.
func (p *Poller) load(ctx context.Context, first bool) {
	live := p.Triggers.All(ctx, func(uses string) bool { return strings.Contains(uses, ".") })
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.table {
		one.gone = true
	}
	for _, t := range live {
		if t.Spec == nil || t.Spec.Poll == nil {
			continue
		}
		one := p.table[t.Key]
		if one == nil {
			one = &polled{next: p.Now()}
			if first && len(live) > 1 {
				one.next = one.next.Add(rand.N(min(time.Duration(len(live))*spread, mostSpread)))
			}
			p.table[t.Key] = one
		}
		if one.gone = false; one.trigger != t {
			p.renew(one, t)
		}
	}
	for key, one := range p.table {
		if one.gone && !one.busy { // a busy one may come back: it must not be looked at twice at once
			delete(p.table, key)
		}
	}
}

// renew takes a trigger's new version in. What it says about how often counts from its last look on.
func (p *Poller) renew(one *polled, t *triggers.Trigger) {
	options, err := Parse(t.Spec, t.Def)
	if one.bad = err; err != nil {
		p.Log.Error("a live trigger that polls cannot be read", "scenario", t.Scenario, "trigger", t.ID, "error", err)
	}
	if one.trigger != nil && err == nil {
		one.next = p.Now()
		if last := one.health.Polled; one.options != nil && one.options.list == options.list && !last.IsZero() && one.health.Failures == 0 {
			one.next = last.Add(options.Every)
		}
	}
	one.trigger = t
	if err == nil {
		one.options = options
	}
}

// due takes the triggers to look at now, those first that wait longest.
func (p *Poller) due() []*polled {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	busy, apps := 0, map[string]int{}
	var waiting []*polled
	for _, one := range p.table {
		switch {
		case one.busy:
			busy++
			apps[one.app()]++
		case one.ready() && !one.next.After(now):
			waiting = append(waiting, one)
		}
	}
	slices.SortFunc(waiting, func(a, b *polled) int { return a.next.Compare(b.next) })
	var out []*polled
	for _, one := range waiting {
		if busy < atOnce && apps[one.app()] < atOneApp {
			one.busy = true
			busy++
			apps[one.app()]++
			out = append(out, one)
		}
	}
	return out
}

func (one *polled) app() string {
	app, _, _ := strings.Cut(one.trigger.Uses, ".")
	return app
}

// ready says that a trigger is looked at. A paused scenario's list waits as it is; its cursor says where to go on.
func (one *polled) ready() bool {
	return one.bad == nil && !one.gone && one.trigger.Status != scenario.Paused
}

// sleep is how long nothing is due. What is due and has no room is begun when a look ends.
func (p *Poller) sleep() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	wake := idle
	for _, one := range p.table {
		if wait := one.next.Sub(now); one.ready() && !one.busy && wait > 0 {
			wake = min(wake, wait)
		}
	}
	return max(wake, 10*time.Millisecond)
}

// look looks at a trigger's list, and says when to look again.
func (p *Poller) look(ctx context.Context, one *polled) {
	p.mu.Lock()
	l := &look{p: p, trigger: one.trigger, options: one.options, spec: one.trigger.Spec.Poll, now: p.Now(), cursor: one.cursor, kept: one.kept}
	p.mu.Unlock()
	note, err := p.stands(ctx, l)
	again := false
	if err == nil {
		bounded, cancel := context.WithTimeout(ctx, lookFor)
		again, err = l.do(bounded)
		cancel()
	}
	if ctx.Err() != nil { // the process ends; what was kept is kept
		err = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	one.busy, one.cursor, one.kept = false, l.cursor, l.kept
	if err != nil {
		one.cursor, one.kept = nil, false // what a commit did that failed is for the store to say
	}
	if one.gone {
		delete(p.table, one.trigger.Key)
	}
	one.noted(l, note, err, again, p.Now())
	if err != nil {
		one.trigger.LookFailed(p.Now().UTC(), err)
		p.Log.Warn("a list could not be looked at; it is tried again", "scenario", l.trigger.Scenario, "trigger", l.trigger.ID, "uses", l.trigger.Def.Uses, "next", one.next, "error", err)
	} else if l.odd != nil {
		one.passedOver(l.odd, p.Now().UTC())
	} else if ctx.Err() == nil {
		one.trigger.Looked()
	}
}

// stands finds where a trigger stands: where it was, or where the store says. A list that it was never at begins anew.
func (p *Poller) stands(ctx context.Context, l *look) (note string, err error) {
	t := l.trigger
	if l.cursor == nil {
		var text string
		text, err = p.Cursors.Cursor(ctx, t.Workspace, t.ScenarioID, t.ID)
		switch {
		case fault.CodeOf(err) == fault.NotFound:
		case err != nil:
			return "", err
		default:
			if l.cursor, err = read(text); err != nil {
				return "", err
			}
			l.kept = true
		}
	}
	switch {
	case l.cursor == nil:
		l.cursor = l.begin()
	case l.cursor.List != l.options.list:
		l.cursor, l.kept = l.begin(), false
		note = "Its inputs choose another list now, so it began anew."
		p.Log.Info("a trigger's inputs choose another list now; it begins anew", "scenario", t.Scenario, "trigger", t.ID, "uses", t.Def.Uses)
	}
	return note, nil
}
