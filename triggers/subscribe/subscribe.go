// Package subscribe keeps subscriptions at vendors: it registers what live triggers want, renews it before it ends, and
// removes what nobody wants any more. What is wanted, what stands and what was begun is in the store, so a crash at any
// point is mended by looking again. The clock, the store and the requests come from outside.
package subscribe

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// Triggers gives the live triggers.
type Triggers interface {
	All(ctx context.Context, uses func(string) bool) []*triggers.Trigger
}

// Store keeps the subscriptions, and knows the triggers and connections that they are made of.
type Store interface {
	triggers.Rows
	Subscriptions(ctx context.Context) ([]run.Subscription, error)
	SubscriptionKeys(ctx context.Context, workspace, scenarioID, trigger string) ([]run.SubscriptionKey, error)
	WantSubscription(ctx context.Context, s run.Subscription, secret run.Secret) error
	SaveSubscription(ctx context.Context, s run.Subscription) error
	ForgetSubscription(ctx context.Context, s run.Subscription) error
	TellSubscription(ctx context.Context, workspace, id string, word run.SubscriptionWord) error
	Connection(ctx context.Context, a run.Actor, ref string) (run.Connection, error)
}

// Vendor carries requests about subscriptions out. The error of a registration whose answer was lost is Uncertain.
type Vendor interface {
	Subscribe(ctx context.Context, ask run.SubscriptionAsk) (run.Subscribed, error)
	Subscriptions(ctx context.Context, s run.Subscription) ([]run.Subscribed, error)
}

// Keeper keeps the subscriptions of the live triggers.
type Keeper struct {
	Triggers  Triggers
	Store     Store
	Vendor    Vendor
	Catalogue *actions.Catalogue
	BaseURL   string // what the server's own addresses begin with
	Now       func() time.Time
	Log       *slog.Logger
	Changed   <-chan struct{} // says that triggers or connections changed

	mu     sync.Mutex
	woken  chan struct{}
	live   []*triggers.Trigger // as they were last read
	busy   map[place]string    // the system that is asked there
	held   map[place]time.Time // until when nothing is done there: what came of it could not be kept
	health map[place]Health
}

// place is a trigger of a scenario.
type place struct{ workspace, scenario, trigger string }

// Bounds of all requests together, and their times.
const (
	atOnce    = 8
	atOneApp  = 2 // so that a slow system leaves room for others
	requestIn = time.Minute
	idle      = 30 * time.Second // the longest sleep: a clock that was set is noticed
	afterFail = 15 * time.Second // until the next try; each further one doubles it
	mostFail  = 30 * time.Minute
	checkEach = 12 * time.Hour   // how often one that does not end is seen to stand, up to a quarter less
	leftFor   = time.Hour        // how long what was on its way to a removed one is taken
	mostAsked = 50               // how often a vendor is asked in vain to remove one: about a day
	shortly   = 10 * time.Second // what ends sooner is taken for ended
)

// Run keeps subscriptions until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	k.begin()
	k.load(ctx)
	done := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	defer work.Wait()
	for {
		due, wake := k.turn(ctx)
		for _, one := range due {
			work.Go(func() {
				k.act(ctx, one)
				done <- struct{}{}
			})
		}
		timer := time.NewTimer(min(max(wake.Sub(k.Now()), 10*time.Millisecond), idle))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-k.Changed:
			k.load(ctx)
		case <-k.woken:
		case <-done:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (k *Keeper) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.woken, k.busy, k.held, k.health = make(chan struct{}, 1), map[place]string{}, map[place]time.Time{}, map[place]Health{}
}

// load reads the live triggers that subscribe.
func (k *Keeper) load(ctx context.Context) {
	k.live = nil
	for _, t := range k.Triggers.All(ctx, func(uses string) bool { return strings.Contains(uses, ".") }) {
		if t.Spec != nil && t.Spec.Subscribe != nil {
			k.live = append(k.live, t)
		}
	}
}

// Wake says that something changed: a connection was mended, or something was told.
func (k *Keeper) Wake() {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case k.woken <- struct{}{}:
	default: // also before Run began, which looks at everything
	}
}

// turn looks at everything and takes what is to be done now; wake is when more will be.
func (k *Keeper) turn(ctx context.Context) (due []task, wake time.Time) {
	now := k.Now()
	wake = now.Add(idle)
	before := k.underWay() // what ends after the rows are read is not what they say
	rows, err := k.Store.Subscriptions(ctx)
	if err != nil {
		if ctx.Err() == nil {
			k.Log.Error("the subscriptions could not be read; it is tried again", "error", err)
		}
		return nil, now.Add(afterFail)
	}
	have := map[place][]run.Subscription{}
	for _, s := range rows {
		at := place{s.Workspace, s.ScenarioID, s.Trigger}
		have[at] = append(have[at], s)
	}
	wants := k.wants(ctx)
	for at := range wants {
		if have[at] == nil {
			have[at] = []run.Subscription{}
		}
	}
	k.noteAll(wants, have)
	var list []task
	for at, rows := range have {
		w := wants[at]
		if before[at] != "" || w != nil && w.unknown || w == nil && !k.gone(ctx, at, rows) {
			continue
		}
		one, next := decide(w, rows, now)
		if one.step != nothing {
			one.at, one.want = at, w
			list = append(list, one)
		} else if !next.IsZero() && next.Before(wake) {
			wake = next
		}
	}
	return k.take(list), wake
}

// gone says that a trigger is there no more: its scenario was deleted, or its live version has it no more or does not use
// it. What cannot be read is not taken for gone.
func (k *Keeper) gone(ctx context.Context, at place, rows []run.Subscription) bool {
	if !slices.ContainsFunc(rows, func(s run.Subscription) bool { return s.State != run.Left }) {
		return true // nothing but time is needed
	}
	stored, err := k.Store.LiveTriggers(ctx, at.scenario)
	i := slices.IndexFunc(stored, func(row scenario.StoredTrigger) bool {
		return row.ID == at.trigger && row.Workspace == at.workspace
	})
	if err == nil && i < 0 {
		return true
	}
	var v scenario.Version
	if err == nil {
		v, err = k.Store.Version(ctx, run.SystemActor(at.workspace), at.scenario, stored[i].Version)
	}
	if err == nil {
		var t *triggers.Trigger
		t, err = triggers.Compile(stored[i], v, k.Catalogue)
		if fault.CodeOf(err) == fault.NotFound {
			return true
		}
		if err == nil {
			return t.Def.Disabled || t.Spec == nil || t.Spec.Subscribe == nil
		}
	}
	if ctx.Err() == nil {
		k.Log.Error("a trigger could not be read; its subscription stays", "scenario", at.scenario, "trigger", at.trigger, "error", err)
	}
	return false
}

// underWay is where something is being done.
func (k *Keeper) underWay() map[place]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.busy)
}

// take keeps to the bounds: some for each system, some in all, those first that wait longest.
func (k *Keeper) take(list []task) (out []task) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, apps := k.Now(), map[string]int{}
	for _, app := range k.busy {
		apps[app]++
	}
	slices.SortFunc(list, func(a, b task) int {
		return cmp.Or(a.sub.NextAt.Compare(b.sub.NextAt), cmp.Compare(a.sub.ID, b.sub.ID))
	})
	for _, t := range list {
		app := t.app()
		if len(k.busy) >= atOnce || apps[app] >= atOneApp || k.held[t.at].After(now) {
			continue
		}
		k.busy[t.at] = app
		apps[app]++
		out = append(out, t)
	}
	return out
}

// Keys opens what requests to a trigger's URLs are held to.
func (k *Keeper) Keys(ctx context.Context, t scenario.StoredTrigger) ([]run.SubscriptionKey, error) {
	return k.Store.SubscriptionKeys(ctx, t.Workspace, t.ScenarioID, t.ID)
}

// Tell keeps what a vendor said of a subscription, and has it acted upon.
func (k *Keeper) Tell(ctx context.Context, t scenario.StoredTrigger, id string, word run.SubscriptionWord) error {
	if err := k.Store.TellSubscription(ctx, t.Workspace, id, word); err != nil {
		return err
	}
	k.Wake()
	return nil
}

// Replace has the subscription of a trigger made anew, with another secret: a person asked. Where the vendor takes a second
// one the new one stands before the old one goes.
func (k *Keeper) Replace(ctx context.Context, a run.Actor, scenarioID, trigger string) error {
	rows, err := k.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	found := false
	for _, s := range rows {
		if s.Workspace != a.Workspace || s.ScenarioID != scenarioID || s.Trigger != trigger || s.State != run.Wanted && s.State != run.SubscriptionLive {
			continue
		}
		found = true
		if err := k.Store.TellSubscription(ctx, s.Workspace, s.ID, run.ToldReplace); err != nil {
			return err
		}
	}
	if !found {
		return fault.New(fault.NotFound, "The trigger %q has no subscription at a vendor.", fault.Clip(trigger, 60))
	}
	k.Wake()
	return nil
}
