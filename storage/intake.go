package storage

import (
	"context"

	"github.com/stepmill/stepmill/engine/run"
)

// intake takes in several events and their cursor.
func (b *batch) intake(ctx context.Context, in *run.Intake) error {
	for i, a := range in.Accepts {
		if err := b.accept(ctx, a); err != nil {
			if i > 0 {
				return partly{err}
			}
			return err
		}
	}
	return b.moveCursor(ctx, in.Cursor)
}

// partly is the error of a write of which a part was done before it. That part must not stay, so it ends the transaction,
// and the write is tried again in its own.
type partly struct{ error }

func (p partly) Unwrap() error { return p.error }

// moveCursor keeps how far a trigger has come; nil: it keeps no count.
func (b *batch) moveCursor(ctx context.Context, c *run.Cursor) error {
	if c == nil {
		return nil
	}
	_, err := b.h.cursor.ExecContext(ctx, c.Workspace, c.ScenarioID, c.Trigger, c.Value, b.now)
	return err
}
