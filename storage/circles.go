package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

const (
	sqlCaller = `SELECT parent_id, waited FROM runs WHERE id = $1`
	sqlFirst  = `SELECT id FROM runs WHERE scenario_id = $1 AND trigger_id = $2 AND line = $3 AND line <> '' AND ended_at IS NULL ORDER BY number LIMIT 1`
	sqlCalled = `SELECT id, scenario_id, trigger_id, line, held FROM runs WHERE parent_id = $1 AND parent_id <> '' AND waited = 1 AND ended_at IS NULL`
)

// circle says why a run that stands behind another of its line would never begin: those that wait for it are what the line
// waits for. nil: it is its turn some time. A run waits for those that it called, and one that is held for the first of its
// line; every such tie is made in a transaction that looks here, so no circle of them is ever closed.
func (b *batch) circle(ctx context.Context, r *run.Run) (*run.Failure, error) {
	if !r.Waited {
		return nil, nil
	}
	waiting := map[string]bool{}
	for id, waited := r.Parent, 1; id != "" && waited == 1; {
		waiting[id] = true
		err := b.tx.QueryRowContext(ctx, sqlCaller, id).Scan(&id, &waited)
		if errors.Is(err, sql.ErrNoRows) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	first, err := b.first(ctx, r)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for list := []string{first}; len(list) > 0; {
		id := list[0]
		list = list[1:]
		switch {
		case waiting[id]:
			return &run.Failure{Class: string(fault.Conflict), Message: "This run would wait for ever: it stands in the line \"" + fault.Clip(r.Line, 60) +
				"\" of its trigger's order_by behind a run that waits for this one to end. Give the call another key, or make it async."}, nil
		case id == "" || seen[id]:
			continue
		}
		seen[id] = true
		more, err := b.awaited(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return nil, nil
}

// first gives the run that the others of a line wait for; "": there is none.
func (b *batch) first(ctx context.Context, r *run.Run) (id string, err error) {
	err = b.tx.QueryRowContext(ctx, sqlFirst, r.ScenarioID, r.Trigger, r.Line).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// awaited lists what must end before a run can: those that it called, and where these are held the first of their lines.
func (b *batch) awaited(ctx context.Context, runID string) ([]string, error) {
	rows, err := b.tx.QueryContext(ctx, sqlCalled, runID)
	called, err := all(rows, err, func(rows *sql.Rows) (r run.Run, err error) {
		return r, rows.Scan(&r.ID, &r.ScenarioID, &r.Trigger, &r.Line, &r.Hold)
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range called {
		out = append(out, called[i].ID)
		if called[i].Hold != run.BehindOther {
			continue
		}
		first, err := b.first(ctx, &called[i])
		if err != nil {
			return nil, err
		}
		out = append(out, first)
	}
	return out, nil
}
