package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// flow is what a trigger's live version says of how its events become runs, as its row keeps it.
type flow struct {
	limit int // how many runs move at once; zero: any number
	pace  run.Pace
	quiet time.Duration // of debounce; zero: none
	batch time.Duration // zero: none; run.UntilEnough: as long as it takes
}

// flowOf reads what a trigger that was checked says.
func flowOf(t *scenario.Trigger) (f flow, err error) {
	f.limit = t.Concurrency
	if t.Throttle != "" {
		if f.pace.Most, f.pace.Window, err = scenario.ParseRate(t.Throttle, scenario.MaxThrottle); err != nil {
			return f, err
		}
	}
	if t.Debounce != nil {
		if f.quiet, err = scenario.ParseDuration(t.Debounce.For); err != nil {
			return f, err
		}
	}
	if t.Batch == nil {
		return f, nil
	}
	if f.batch = run.UntilEnough; t.Batch.For != "" {
		f.batch, err = scenario.ParseDuration(t.Batch.For)
	}
	return f, err
}

// liveFlow gives what the live version of a trigger says; known is false where no version does, or none since that is kept.
func liveFlow(ctx context.Context, tx *sql.Tx, workspace, scenarioID, trigger string) (f flow, known bool, err error) {
	var limit, most, window, quiet, batch sql.NullInt64
	err = tx.QueryRowContext(ctx, `SELECT cap, pace_most, pace_window, quiet, batch FROM triggers WHERE workspace = $1 AND scenario_id = $2 AND id = $3 AND stands >= 2`,
		workspace, scenarioID, trigger).Scan(&limit, &most, &window, &quiet, &batch)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	of := func(n sql.NullInt64) time.Duration { return time.Duration(n.Int64) * time.Millisecond }
	return flow{int(limit.Int64), run.Pace{Most: int(most.Int64), Window: of(window)}, of(quiet), of(batch)}, limit.Valid, err
}

// reckon keeps what a version that goes live says of a trigger, and reckons anew what is held for what the one before it said, in
// the transaction that publishes it, so that a crash between the two leaves nothing behind. Its order stays.
func (s *Store) reckon(ctx context.Context, tx *sql.Tx, actor run.Actor, scenarioID string, t *scenario.Trigger) error {
	now, err := flowOf(t)
	if err != nil {
		return err
	}
	before, known, err := liveFlow(ctx, tx, actor.Workspace, scenarioID, t.Key())
	if err != nil || known && before == now {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE triggers SET cap = $1, pace_most = $2, pace_window = $3, quiet = $4, batch = $5 WHERE workspace = $6 AND scenario_id = $7 AND id = $8`,
		now.limit, now.pace.Most, now.pace.Window.Milliseconds(), now.quiet.Milliseconds(), now.batch.Milliseconds(), actor.Workspace, scenarioID, t.Key()); err != nil {
		return err
	}
	of := [2]string{scenarioID, t.Key()}
	if now.limit == 0 && (!known || before.limit > 0) { // they wait for a place, as any other
		if _, err := tx.ExecContext(ctx, `UPDATE runs SET held = 0 WHERE scenario_id = $1 AND trigger_id = $2 AND held = 2`, of[0], of[1]); err != nil {
			return err
		}
	}
	if !known || before.pace != now.pace {
		if err := s.turns(ctx, tx, of, now.pace); err != nil {
			return err
		}
	}
	if !known || before.quiet != now.quiet || before.batch != now.batch {
		return s.dueAnew(ctx, tx, of, now)
	}
	return nil
}

// awaits are the runs of a trigger whose turn is to come.
const awaits = ` WHERE scenario_id = $1 AND trigger_id = $2 AND slot_at > $3 AND status = 'queued' AND wake_at IS NOT NULL`

// turns gives those runs of a trigger that wait for their turn the turns that a pace gives them; without one they begin at once.
func (s *Store) turns(ctx context.Context, tx *sql.Tx, of [2]string, p run.Pace) error {
	now := s.now()
	rows, err := tx.QueryContext(ctx, `SELECT id FROM runs`+awaits+` ORDER BY slot_at, number`, of[0], of[1], now)
	ids, err := all(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return err
	}
	// What was cancelled before its turn takes none.
	if _, err := tx.ExecContext(ctx, `UPDATE runs SET slot_at = NULL, wake_at = CASE WHEN status = 'queued' THEN NULL ELSE wake_at END WHERE scenario_id = $1 AND trigger_id = $2 AND slot_at > $3`, of[0], of[1], now); err != nil || p.Most == 0 {
		return err
	}
	rows, err = tx.QueryContext(ctx, `SELECT slot_at FROM runs WHERE scenario_id = $1 AND trigger_id = $2 AND slot_at IS NOT NULL ORDER BY slot_at DESC LIMIT $3`, of[0], of[1], p.Most)
	began, err := all(rows, err, func(rows *sql.Rows) (at int64, err error) { return at, rows.Scan(&at) })
	if err != nil || len(ids) == 0 {
		return err
	}
	stmt, err := tx.PrepareContext(ctx, `UPDATE runs SET slot_at = $1, wake_at = $1 WHERE id = $2`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	given := make([]int64, 0, len(ids))
	for i, id := range ids {
		at := now
		if i >= p.Most {
			at = max(at, given[i-p.Most]+p.Window.Milliseconds())
		} else if k := p.Most - i - 1; k < len(began) {
			at = max(at, began[k]+p.Window.Milliseconds())
		}
		if _, err := stmt.ExecContext(ctx, at, id); err != nil {
			return err
		}
		given = append(given, at)
	}
	return nil
}

// dueAnew says when the events are due that wait for others at a trigger, by what it says now, from when they came. Where it gathers
// none any more the gatherer lets go of them, and what waits for the kind that is gone goes on at once.
func (s *Store) dueAnew(ctx context.Context, tx *sql.Tx, of [2]string, f flow) error {
	if f.quiet == 0 && f.batch == 0 {
		return nil
	}
	quiet := [2]int64{1, f.quiet.Milliseconds()}
	if f.quiet == 0 {
		quiet = [2]int64{0, s.now()}
	}
	batch := [2]int64{1, (f.quiet + f.batch).Milliseconds()}
	switch f.batch {
	case 0:
		batch = [2]int64{0, s.now()}
	case run.UntilEnough:
		batch = [2]int64{0, run.Never().UnixMilli()}
	}
	const anew = `UPDATE events SET due_at = at * $1 + $2 WHERE scenario_id = $3 AND trigger_id = $4 AND due_at IS NOT NULL AND gather `
	if _, err := tx.ExecContext(ctx, anew+`<> $5`, quiet[0], quiet[1], of[0], of[1], run.BatchKey); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, anew+`= $5`, batch[0], batch[1], of[0], of[1], run.BatchKey)
	return err
}
