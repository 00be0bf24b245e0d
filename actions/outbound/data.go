package outbound

import (
	"context"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Data keeps the workspaces' data stores.
type Data interface {
	Data(ctx context.Context, op value.DataOp) (value.DataAnswer, error)
}

// Data carries out an operation on one of the workspace's data stores.
func (d *doing) Data(ctx context.Context, op value.DataOp) (value.DataAnswer, error) {
	if d.client.cfg.Data == nil {
		return value.DataAnswer{}, fault.New(fault.Internal, "There are no data stores here.")
	}
	op.Workspace, op.Run = d.call.Workspace, d.call.Run
	if op.Verb.Writes() && op.Verb != value.DataLock && op.Verb != value.DataUnlock { // a lock is asked for again: somebody may have it by now
		op.Once = d.call.Key
	}
	return d.client.cfg.Data.Data(ctx, op)
}
