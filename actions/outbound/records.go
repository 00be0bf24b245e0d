package outbound

import (
	"context"
	"maps"
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// mostFields is how many fields of a record type are read at most.
const mostFields = 5000

// RecordFields gives what a record type is made of in the account of a connection: what is known of every account, and what it lists.
// A sandbox connection gives what the connector's sample lists.
func (c *Client) RecordFields(ctx context.Context, q run.RecordAsk) (out []actions.RecordField, sandboxed bool, err error) {
	connector := c.cfg.Connectors.Get(q.Connector)
	if connector == nil {
		return nil, false, fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(q.Connector, 60))
	}
	r := connector.Record(q.Record)
	if r == nil {
		var ids []string
		for _, one := range connector.Records {
			ids = append(ids, one.ID)
		}
		return nil, false, fault.New(fault.NotFound, "%s has no record type %q.%s", connector.Name, fault.Clip(q.Record, 60), fault.DidYouMean(q.Record, ids))
	}
	list := r.Fields.List
	if list.Action == "" {
		return slices.Clone(r.Fields.Known), false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, defaultWithin)
	defer cancel()
	input := maps.Clone(list.With)
	if input == nil {
		input = map[string]any{}
	}
	input[actions.LimitField().ID] = mostFields
	call := run.Call{Workspace: q.Workspace, Scenario: q.Scenario, Action: connector.ID + "." + list.Action, Connection: q.Connection, Input: input, Effect: run.Read, Attempt: 1}
	d, err := c.prepare(ctx, call)
	defer func() { d.held.leave(c.rooms) }()
	if err != nil {
		return nil, false, d.fault(err)
	}
	answer := d.action.Sample
	if !d.sandbox {
		if answer, err = d.carryOut(ctx); err != nil {
			return nil, false, d.fault(err)
		}
	}
	items, ok := value.At(answer, list.At).([]any)
	if !ok {
		return nil, false, fault.New(fault.Unavailable, "%s answered without a list of fields.", connector.Name)
	}
	return joined(r.Fields, items), d.sandbox, nil
}

// joined are the known fields, with the options that the account lists for them, and then those that are listed only, each once.
func joined(of actions.RecordFields, items []any) []actions.RecordField {
	out := slices.Clone(of.Known)
	at := map[string]int{}
	for i, f := range out {
		at[f.Name] = i
	}
	for _, item := range items {
		for _, f := range of.Read(item) {
			if f.Name == "" {
				continue
			}
			i, known := at[f.Name]
			if !known {
				at[f.Name] = len(out)
				out = append(out, f)
			} else if len(out[i].Options) == 0 {
				out[i].Options = f.Options
			}
		}
	}
	return out
}
