package outbound

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Poll looks at the list of a trigger that polls and hands it on part by part, until each says that it is enough. A
// sandbox connection gives the trigger's sample, once. The error says, where the vendor did, when to ask again. It never
// panics and holds no secret.
func (c *Client) Poll(ctx context.Context, l run.Look, each func(run.Part) (more bool, err error)) (looked run.Looked, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Logger.Error("a poll panicked", "trigger", l.Uses, "scenario", l.Scenario, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "The trigger %s failed inside Stepmill; the server's log has the details.", l.Uses)
		}
	}()
	connector, trigger := c.cfg.Connectors.Of(l.Uses), c.cfg.Connectors.Trigger(l.Uses)
	if trigger == nil || trigger.Poll == nil {
		return looked, fault.New(fault.InvalidInput, "There is no trigger %q that polls.", fault.Clip(l.Uses, 80))
	}
	call := run.Call{Workspace: l.Workspace, Scenario: l.Scenario, Path: l.Trigger, Action: l.Uses, Connection: l.Connection, Input: l.Input, Effect: run.Read, Attempt: 1}
	action := &actions.Action{ID: trigger.ID, Effect: actions.Read, Ways: trigger.Ways, Input: trigger.Input, Request: trigger.Poll.Request, Sample: trigger.Sample}
	d := &doing{client: c, call: call, action: action, connector: connector, trigger: true}
	defer func() { d.held.leave(c.rooms) }()
	if err := c.open(ctx, d); err != nil {
		return looked, d.fault(err)
	}
	w := newWalk(d, trigger.Poll, l, c.cfg.Now())
	if looked.Sandboxed = d.sandbox; d.sandbox {
		looked.Whole = true
		return looked, d.fault(w.stand(ctx, l.Sampled, each))
	}
	own := error(nil)
	looked.Whole, err = w.pages(ctx, func(items []any, before int64) (bool, error) {
		var more bool
		more, own = each(run.Part{Items: items, Row: before + 1})
		return more, own
	})
	if own != nil {
		return looked, own
	}
	return looked, d.fault(err)
}

// newWalk begins a walk through a trigger's list where the look says.
func newWalk(d *doing, p *actions.Poll, l run.Look, now time.Time) *walk {
	w := &walk{d: d, request: p.Request, page: &p.Page, take: p.Items, rows: p.Row != "", offset: l.Row}
	if !l.Since.IsZero() && p.Since.As != actions.NoClock {
		since := clockText(l.Since, p.Since.As, now)
		if d.input["since"] = since; p.Since.Spot.Name != "" {
			w.fixed = append(w.fixed, placed{p.Since.Spot, since})
		}
	}
	return w
}

// clockText writes a time as a system takes it.
func clockText(t time.Time, as actions.Clock, now time.Time) any {
	switch as {
	case actions.Unix:
		return t.Unix()
	case actions.UnixMilli:
		return t.UnixMilli()
	case actions.MinutesAgo:
		return int64(max(now.Sub(t), 0)/time.Minute) + 1
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// stand records what would have been asked, and gives the sample in place of the list.
func (w *walk) stand(ctx context.Context, sampled bool, each func(run.Part) (bool, error)) error {
	if sampled {
		return nil
	}
	if _, err := w.part(ctx); err != nil {
		return err
	}
	_, err := each(run.Part{Items: []any{w.d.action.Sample}, Sandboxed: true})
	return err
}
