package triggers

import (
	"context"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// captureFor is how long the editor waits for a request.
const captureFor = 10 * time.Minute

// Captures are the triggers whose next request the editor waits for, to have it as a sample: also of scenarios that were never
// published. What is waited for is kept over a restart, as what came is, among the events.
type Captures struct {
	Book      *Book
	Store     CaptureStore
	Catalogue *actions.Catalogue
	Now       func() time.Time

	mu sync.Mutex
	by map[string]*capture // by the URL's key
}

// CaptureStore gives the drafts that requests are captured for, and keeps what is waited for.
type CaptureStore interface {
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	SaveCapture(ctx context.Context, c run.Captured) error
	ForgetCapture(ctx context.Context, workspace, scenarioID, trigger string) error
	Captures(ctx context.Context) ([]run.Captured, error)
	Events(ctx context.Context, a run.Actor, f run.EventFilter) (run.EventPage, error)
}

// capture is what the editor waits for, and of which trigger.
type capture struct {
	run.Capture
	row scenario.StoredTrigger
}

// Load takes up again what was waited for when the process ended, with what came meanwhile.
func (c *Captures) Load(ctx context.Context) error {
	list, err := c.Store.Captures(ctx)
	if err != nil {
		return err
	}
	by := map[string]*capture{}
	for _, one := range list {
		actor := run.SystemActor(one.Workspace)
		row, err := c.row(ctx, actor, one.ScenarioID, one.Trigger)
		if err != nil { // the trigger is gone, or takes requests no more
			continue
		}
		if one.Event, err = c.came(ctx, actor, one); err != nil {
			return err
		}
		by[row.Key] = &capture{one.Capture, row}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = by
	return nil
}

// came finds the first request that came to a trigger while it was waited for; empty: none did.
func (c *Captures) came(ctx context.Context, a run.Actor, one run.Captured) (string, error) {
	f := run.EventFilter{Scenario: one.ScenarioID, Trigger: one.Trigger, Since: one.Since, Until: one.Until, OldestFirst: true}
	for {
		page, err := c.Store.Events(ctx, a, f)
		if err != nil {
			return "", err
		}
		for _, e := range page.Events {
			if e.Source == run.SourceRequest {
				return e.ID, nil
			}
		}
		if f.Cursor = page.NextCursor; f.Cursor == "" {
			return "", nil
		}
	}
}

// Wait waits for the next request to a trigger of a scenario.
func (c *Captures) Wait(ctx context.Context, a run.Actor, ref, trigger string) (run.Capture, error) {
	row, err := c.row(ctx, a, ref, trigger)
	if err != nil {
		return run.Capture{}, err
	}
	now := c.Now().UTC().Truncate(time.Millisecond)
	one := &capture{run.Capture{Until: now.Add(captureFor)}, row}
	if err := c.Store.SaveCapture(ctx, run.Captured{Capture: one.Capture, Workspace: row.Workspace, ScenarioID: row.ScenarioID, Trigger: row.ID, Since: now}); err != nil {
		return run.Capture{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]*capture{}
	}
	for key, old := range c.by {
		if now.After(old.Until) {
			delete(c.by, key)
		}
	}
	c.by[row.Key] = one
	return one.Capture, nil
}

// State says what is waited for of a trigger, and what came.
func (c *Captures) State(ctx context.Context, a run.Actor, ref, trigger string) (run.Capture, error) {
	row, err := c.row(ctx, a, ref, trigger)
	if err != nil {
		return run.Capture{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.by[row.Key]; one != nil && (one.Event != "" || c.Now().Before(one.Until)) {
		return one.Capture, nil
	}
	return run.Capture{}, nil
}

// Stop waits for nothing of a trigger any more.
func (c *Captures) Stop(ctx context.Context, a run.Actor, ref, trigger string) error {
	row, err := c.row(ctx, a, ref, trigger)
	if err != nil {
		return err
	}
	if err := c.Store.ForgetCapture(ctx, row.Workspace, row.ScenarioID, row.ID); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.by, row.Key)
	return nil
}

// row finds a trigger that has a URL in a scenario's draft.
func (c *Captures) row(ctx context.Context, a run.Actor, ref, trigger string) (scenario.StoredTrigger, error) {
	s, err := c.Store.Scenario(ctx, a, ref)
	if err != nil {
		return scenario.StoredTrigger{}, err
	}
	for _, row := range s.Triggers {
		if trigger != "" && row.ID != trigger {
			continue
		}
		if spec := c.Catalogue.Trigger(row.Uses); row.Key == "" || row.Uses != "webhook" && (spec == nil || spec.Poll != nil) {
			return row, fault.New(fault.InvalidInput, "The trigger %q takes no requests, so none can be waited for.", row.ID)
		}
		row.Workspace, row.ScenarioID, row.Scenario, row.Status = s.Workspace, s.ID, s.Slug, s.Status
		return row, nil
	}
	return scenario.StoredTrigger{}, fault.New(fault.NotFound, "The scenario %q has no trigger %q.", s.Slug, fault.Clip(trigger, 60))
}

// ByKey gives the trigger of a URL's key: a live one as the book has it; of a scenario that was never published, while the
// editor waits for a request, one that takes samples only.
func (c *Captures) ByKey(ctx context.Context, key string) (*Trigger, error) {
	t, err := c.Book.ByKey(ctx, key)
	if fault.CodeOf(err) != fault.NotFound {
		return t, err
	}
	c.mu.Lock()
	one := c.by[key]
	waits := one != nil && one.Event == "" && c.Now().Before(one.Until)
	c.mu.Unlock()
	if !waits {
		return nil, err
	}
	s, failed := c.Store.Scenario(ctx, run.SystemActor(one.row.Workspace), one.row.ScenarioID)
	if failed != nil || s.Version > 0 { // deleted; or it is live, and the book's word holds
		return nil, err
	}
	e, failed := open(one.row, scenario.Version{ScenarioID: s.ID, Definition: s.Draft})
	var made *Trigger
	if failed == nil {
		made, failed = e.find(one.row, c.Catalogue)
	}
	if failed != nil {
		return nil, fault.New(fault.InvalidInput, "The draft's trigger cannot be used yet: %s", fault.MessageOf(failed))
	}
	made.Samples = true
	return made, nil
}

// Took notes the event that a request became.
func (c *Captures) Took(t *Trigger, event string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.by[t.Key]; one != nil && one.Event == "" {
		one.Event = event
	}
}
