package storage

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/stepmill/stepmill/engine/run"
)

const sqlBefore = `SELECT id FROM runs WHERE scenario_id = $1 AND trigger_id = $2 AND line = $3 AND line <> '' AND ended_at IS NULL ORDER BY number`

// overlaps decides what becomes of a run whose trigger does not let it wait for those of its line that have not ended. It
// stands in the transaction that takes the event in, so no run begins or ends between the look and the deed.
func (b *batch) overlaps(ctx context.Context, a *run.Accept) error {
	if a.Overlap == run.OverlapQueue || a.Run == nil || a.Run.Line == "" || a.Instead != "" {
		return nil
	}
	rows, err := b.tx.QueryContext(ctx, sqlBefore, a.Run.ScenarioID, a.Run.Trigger, a.Run.Line)
	before, err := all(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil || len(before) == 0 {
		return err
	}
	if a.Overlap == run.OverlapSkip {
		a.Instead = run.Filtered
		return nil
	}
	message, err := json.Marshal(map[string]string{"message": "Cancelled: the next planned time came, and its trigger's overlap is cancel."})
	if err != nil {
		return err
	}
	for _, id := range before {
		// One such word is enough for a run, so its key is always the same.
		if err := b.signal(ctx, &run.Signal{Workspace: a.Run.Workspace, Run: id, Kind: run.SignalCancel, Key: "overlap", Data: message, At: a.Event.At}); err != nil {
			return err
		}
	}
	a.Told = before
	return nil
}
