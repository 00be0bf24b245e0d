package main

import (
	"context"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/triggers"
)

// samples are the captures with what is done with one.
type samples struct {
	*triggers.Captures
	s *server
}

func (c samples) UseSample(ctx context.Context, a run.Actor, ref, trigger, event string) (stored, error) {
	e, err := c.s.store.Event(ctx, a, event)
	if err != nil {
		return stored{}, err
	}
	return c.s.drafts.UseSample(ctx, a, ref, trigger, e.Value)
}
