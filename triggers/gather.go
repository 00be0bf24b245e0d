package triggers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// quiet is a compiled debounce: the last event of a key starts a run once no other came for so long.
type quiet struct {
	gap time.Duration
	key *expr.Template // nil: all events are of one key
}

// batch is a compiled batch: so many events, or those of so long, start one run.
type batch struct {
	size int           // zero: any number
	gap  time.Duration // from the first on; zero: until they are enough
}

// Bounds of a batch. What is beyond them makes the next one.
const (
	mostInBatch  = 10_000
	batchBytes   = 8 << 20
	dueAtOnce    = 100
	gatherAgain  = time.Second      // after an error
	longestSleep = 30 * time.Second // a clock that was set is noticed
)

// The keys under which events wait, so that the two kinds of waiting are told apart.
const (
	quietKey = "quiet:"
	batchKey = run.BatchKey
)

func (t *Trigger) gathering() (err error) {
	if d := t.Def.Debounce; d != nil {
		t.quiet = &quiet{}
		if t.quiet.gap, err = scenario.ParseDuration(d.For); err != nil {
			return err
		}
		if d.Key != "" {
			if t.quiet.key, err = expr.CompileTemplate(d.Key); err != nil {
				return err
			}
		}
	}
	t.batch, err = batchOf(t.Def.Batch)
	return err
}

// batchOf compiles a batch; nil: there is none.
func batchOf(def *scenario.Batch) (*batch, error) {
	if def == nil {
		return nil, nil
	}
	b := &batch{size: min(def.Size, mostInBatch)}
	if def.For == "" {
		return b, nil
	}
	var err error
	b.gap, err = scenario.ParseDuration(def.For)
	return b, err
}

// gather says what an event waits for; nil: nothing.
func (t *Trigger) gather(v any, now time.Time) (*run.Gather, error) {
	if t.quiet == nil {
		return t.batch.gather(now), nil
	}
	key := quietKey
	if t.quiet.key != nil {
		k, err := t.quiet.key.Eval(expr.Vars{"trigger": v}, expr.Moment{Now: now, Zone: t.Zone})
		if err != nil {
			return nil, fault.Wrap(err, fault.InvalidInput, "The trigger's debounce key: %s", fault.MessageOf(err))
		}
		key += hashLong(value.Text(k))
	}
	return &run.Gather{Key: key, Due: now.Add(t.quiet.gap), Latest: true, For: t.quiet.gap}, nil
}

func (b *batch) gather(now time.Time) *run.Gather {
	if b == nil {
		return nil
	}
	if b.gap == 0 {
		return &run.Gather{Key: batchKey, Due: run.Never(), For: run.UntilEnough}
	}
	return &run.Gather{Key: batchKey, Due: now.Add(b.gap), For: b.gap}
}

// GatherStore is what the gatherer reads, and how it lets go of what no trigger gathers any more.
type GatherStore interface {
	DueEvents(ctx context.Context, scenarioID, trigger string, now time.Time, limit int) (due []run.Gathered, next time.Time, err error)
	Waiting(ctx context.Context, scenarioID, trigger, key string, limit int) (n int, due time.Time, err error)
	GatheredEvents(ctx context.Context, scenarioID, trigger, key string, limit int) ([]run.Event, error)
	WholeEvent(ctx context.Context, a run.Actor, id string) (run.Event, error)
	Gatherings(ctx context.Context) ([][2]string, error)
	Ungather(ctx context.Context, scenarioID, trigger, gone string, limit int) (int, error)
}

// Gatherer starts the runs of events that waited for others: the last of those that a debounce let pass, and batches. What
// waits stands in the store, so a crash loses none of it; a paused scenario's events wait until it is resumed.
type Gatherer struct {
	Book    *Book
	Store   GatherStore
	Starter Starter
	Now     func() time.Time
	Log     *slog.Logger
}

// Run works until ctx ends.
func (g *Gatherer) Run(ctx context.Context) {
	for {
		next, err := g.Once(ctx)
		sleep := min(max(next.Sub(g.Now()), 10*time.Millisecond), longestSleep)
		if err != nil && ctx.Err() == nil {
			g.Log.Error("gathered events could not be started; it is tried again", "error", err)
			sleep = gatherAgain
		} else if next.IsZero() {
			sleep = longestSleep
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-g.Book.Gathered():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Once starts everything that is due, and says when the next is; zero: nothing waits. One trigger that fails does not hold
// the others.
func (g *Gatherer) Once(ctx context.Context) (next time.Time, err error) {
	var failed error
	live := map[[2]string]*Trigger{}
	for _, t := range g.Book.All(ctx, func(string) bool { return true }) {
		live[[2]string{t.ScenarioID, t.ID}] = t
	}
	waiting, err := g.Store.Gatherings(ctx)
	if err != nil {
		return next, err
	}
	for _, of := range waiting {
		t := live[of]
		var at time.Time
		switch {
		case t == nil || t.quiet == nil && t.batch == nil:
			err = g.letGo(ctx, of, t)
		case t.Status == scenario.Paused:
		default:
			at, err = g.trigger(ctx, t)
		}
		failed = errors.Join(failed, err)
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, failed
}

// letGo ends the waiting of events whose trigger gathers no more: they are held singly where it is still there, and the
// releaser starts their runs.
func (g *Gatherer) letGo(ctx context.Context, of [2]string, t *Trigger) error {
	gone := ""
	if t == nil {
		gone = "its trigger is gone or switched off"
	}
	for {
		n, err := g.Store.Ungather(ctx, of[0], of[1], gone, dueAtOnce)
		if err != nil {
			return err
		}
		if n < dueAtOnce {
			break
		}
	}
	if t != nil {
		nudge(t.held)
	}
	return nil
}

// trigger starts what is due of one trigger, and says when more is; zero: nothing waits.
func (g *Gatherer) trigger(ctx context.Context, t *Trigger) (next time.Time, err error) {
	for ctx.Err() == nil {
		due, at, err := g.Store.DueEvents(ctx, t.ScenarioID, t.ID, g.Now(), dueAtOnce)
		if err != nil {
			return next, err
		}
		quiet := 0
		for _, one := range due {
			if t.batch != nil && one.Key == batchKey {
				continue
			}
			quiet++
			if err := g.start(ctx, t, one); err != nil && fault.CodeOf(err) != fault.Conflict { // a newer one took its place
				return next, err
			}
		}
		if next = at; t.batch != nil {
			if at, err = g.batches(ctx, t); err != nil || next.IsZero() || !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		if quiet == 0 || err != nil {
			return next, err
		}
	}
	return next, ctx.Err()
}

// start starts the run of an event that was waited after, or puts it into a batch.
func (g *Gatherer) start(ctx context.Context, t *Trigger, due run.Gathered) error {
	e, err := g.Store.WholeEvent(ctx, run.SystemActor(t.Workspace), due.ID)
	if err != nil {
		return err
	}
	start := &run.Start{Version: t.Version, Accept: run.Accept{Event: e, Held: true}}
	if start.Value, err = value.Decode(e.Value, value.Stored()); err != nil {
		return err
	}
	if start.Accept.Gather = t.batch.gather(g.Now().UTC()); t.batch == nil {
		start.Accept.Event.Outcome = run.Accepted
	}
	return g.Starter.Accept(ctx, start)
}

// batches starts the batches of a trigger that are full or due, and says when the next is due; zero: nothing waits.
func (g *Gatherer) batches(ctx context.Context, t *Trigger) (time.Time, error) {
	for {
		n, due, err := g.Store.Waiting(ctx, t.ScenarioID, t.ID, batchKey, max(t.batch.size, 1))
		full := t.batch.size > 0 && n >= t.batch.size
		if err != nil || !full && (n == 0 || due.After(g.Now())) {
			return due, err
		}
		if err := g.together(ctx, t); err != nil {
			if fault.CodeOf(err) == fault.Conflict { // another came in between: at once again
				return g.Now(), nil
			}
			return due, err
		}
	}
}

// together starts a run of the events that wait for a batch, as many as make one.
func (g *Gatherer) together(ctx context.Context, t *Trigger) error {
	most := mostInBatch
	if t.batch.size > 0 {
		most = t.batch.size
	}
	list, err := g.Store.GatheredEvents(ctx, t.ScenarioID, t.ID, batchKey, most)
	if err != nil || len(list) == 0 {
		return err
	}
	events, veiled := []any{}, map[string]any{}
	var ids []string
	var bytes int
	members := &run.Members{Key: batchKey}
	for _, e := range list {
		whole, err := g.Store.WholeEvent(ctx, run.SystemActor(t.Workspace), e.ID)
		if err != nil {
			return err
		}
		if bytes += len(whole.Value); bytes > batchBytes && members.Count > 0 {
			break
		}
		v, err := value.Decode(whole.Value, value.Stored())
		if err != nil {
			return err
		}
		run.Beneath(veiled, fmt.Sprintf("/events/%d", members.Count), whole.Veiled)
		events = append(events, v)
		members.Last, members.Count = e.ID, members.Count+1
		ids = append(ids, e.ID)
	}
	start := &run.Start{Version: t.Version, Value: map[string]any{"events": events}}
	var data json.RawMessage
	if data, err = value.Encode(start.Value); err != nil {
		return err
	}
	start.Accept = run.Accept{Members: members, FilesOf: ids, Event: run.Event{Workspace: t.Workspace, ScenarioID: t.ScenarioID, Scenario: t.Scenario, Trigger: t.ID,
		Outcome: run.Accepted, Value: data, Veiled: veiled, Source: "batch", At: g.Now().UTC()}}
	return g.Starter.Accept(ctx, start)
}

// asBatch is the value of `trigger` where the events of a trigger come in batches: one alone is a batch of one.
func asBatch(def *scenario.Trigger, v any) any {
	if def == nil || def.Batch == nil || isBatch(v) {
		return v
	}
	return map[string]any{"events": []any{v}}
}

func isBatch(v any) bool {
	object, _ := v.(map[string]any)
	_, has := object["events"].([]any)
	return has && len(object) == 1
}
