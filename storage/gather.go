package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// turn is when a run may begin of whose trigger only so many begin in a time: no stretch as long as the window sees more. The live
// version says how many, for a run may come of one before it; where that has no pace by now, r has none either.
func (b *batch) turn(ctx context.Context, r *run.Run) (at time.Time, err error) {
	if live, known, err := liveFlow(ctx, b.tx, r.Workspace, r.ScenarioID, r.Trigger); err != nil {
		return at, err
	} else if known {
		r.Pace = live.pace
	}
	if r.Pace.Most == 0 {
		return at, nil
	}
	now := time.UnixMilli(b.now).UTC()
	var before sql.NullInt64
	err = b.tx.QueryRowContext(ctx, `SELECT slot_at FROM runs WHERE scenario_id = $1 AND trigger_id = $2 AND slot_at IS NOT NULL ORDER BY slot_at DESC LIMIT 1 OFFSET $3`,
		r.ScenarioID, r.Trigger, r.Pace.Most-1).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return now, nil
	}
	if at := moment(before).Add(r.Pace.Window); at.After(now) {
		return at, err
	}
	return now, err
}

func gatherKey(a *run.Accept) any {
	if a.Gather == nil {
		return nil
	}
	return a.Gather.Key
}

// gather puts an event to those that it waits with, before it is stored, and says when it is due; nil: it waits for none.
func (b *batch) gather(ctx context.Context, a *run.Accept) (due any, err error) {
	g, e := a.Gather, &a.Event
	if g == nil {
		return nil, nil
	}
	if g.Latest {
		_, err = b.tx.ExecContext(ctx, `UPDATE events SET due_at = NULL, outcome = $1, detail = $2 WHERE scenario_id = $3 AND trigger_id = $4 AND gather = $5 AND due_at IS NOT NULL`,
			string(run.Replaced), "a newer event came before it was quiet", e.ScenarioID, e.Trigger, g.Key)
	}
	if err != nil || g.For == 0 {
		return g.Due.UnixMilli(), err
	}
	live, known, err := liveFlow(ctx, b.tx, e.Workspace, e.ScenarioID, e.Trigger)
	if err != nil || !known {
		return g.Due.UnixMilli(), err
	}
	wait := live.batch
	if g.Latest {
		wait = live.quiet
	}
	switch wait { // it may come of a version before the live one
	case g.For:
		return g.Due.UnixMilli(), nil
	case 0:
		return b.now, nil
	case run.UntilEnough:
		return run.Never().UnixMilli(), nil
	}
	return e.At.Add(wait).UnixMilli(), nil
}

// members marks the stored events that a new one is made of, all of them or none.
func (b *batch) members(ctx context.Context, a *run.Accept) error {
	m, e := a.Members, &a.Event
	if m == nil {
		return nil
	}
	var waiting int
	if err := b.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM events WHERE scenario_id = $1 AND trigger_id = $2 AND gather = $3 AND id <= $4 AND due_at IS NOT NULL`,
		e.ScenarioID, e.Trigger, m.Key, m.Last).Scan(&waiting); err != nil {
		return err
	}
	if waiting != m.Count {
		return fault.New(fault.Conflict, "The events of the batch are others by now.")
	}
	_, err := b.tx.ExecContext(ctx, `UPDATE events SET outcome = $1, run_id = $2, detail = $3, due_at = NULL
		WHERE scenario_id = $4 AND trigger_id = $5 AND gather = $6 AND id <= $7 AND due_at IS NOT NULL`, string(run.Accepted), e.RunID, "in a batch", e.ScenarioID, e.Trigger, m.Key, m.Last)
	return err
}

// resume starts the run of an event that is stored and waits, or puts it to others that wait.
func (b *batch) resume(ctx context.Context, a *run.Accept) error {
	e := &a.Event
	if a.Gather != nil {
		due, err := b.gather(ctx, a)
		if err != nil {
			return err
		}
		result, err := b.tx.ExecContext(ctx, `UPDATE events SET gather = $1, due_at = $2 WHERE workspace = $3 AND id = $4 AND outcome = 'queued'`, a.Gather.Key, due, e.Workspace, e.ID)
		return waits(result, err)
	}
	if err := waits(b.h.held.ExecContext(ctx, string(e.Outcome), e.RunID, "", e.Workspace, e.ID)); err != nil {
		return err
	}
	return b.begin(ctx, a)
}

func waits(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return fault.New(fault.Conflict, "The event does not wait any more.")
}

// DueEvents lists the gathered events of a trigger that are due, the first due first, and says when the next one is; zero:
// there is none.
func (s *Store) DueEvents(ctx context.Context, scenarioID, trigger string, now time.Time, limit int) (due []run.Gathered, next time.Time, err error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id, gather FROM events WHERE scenario_id = $1 AND trigger_id = $2 AND due_at <= $3 ORDER BY due_at, id LIMIT $4`, scenarioID, trigger, now.UnixMilli(), limit)
	due, err = all(rows, err, func(rows *sql.Rows) (g run.Gathered, err error) { return g, rows.Scan(&g.ID, &g.Key) })
	if err != nil {
		return nil, next, s.failed(err)
	}
	var at sql.NullInt64
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT MIN(due_at) FROM events WHERE scenario_id = $1 AND trigger_id = $2 AND due_at > $3`, scenarioID, trigger, now.UnixMilli()).Scan(&at)
	return due, moment(at), s.failed(err)
}

// Waiting counts the events that wait together, up to limit, and says when the first of these is due; zero: none waits.
func (s *Store) Waiting(ctx context.Context, scenarioID, trigger, key string, limit int) (n int, due time.Time, err error) {
	var at sql.NullInt64
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT COUNT(*), MIN(due_at) FROM (SELECT due_at FROM events WHERE scenario_id = $1 AND trigger_id = $2 AND gather = $3 AND due_at IS NOT NULL
		ORDER BY id LIMIT $4) AS first`, scenarioID, trigger, key, limit).Scan(&n, &at)
	return n, moment(at), s.failed(err)
}

// GatheredEvents gives the events that wait together, oldest first, without what is kept apart of them.
func (s *Store) GatheredEvents(ctx context.Context, scenarioID, trigger, key string, limit int) ([]run.Event, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, eventFull+` WHERE e.scenario_id = $1 AND e.trigger_id = $2 AND e.gather = $3 AND e.due_at IS NOT NULL ORDER BY e.id LIMIT $4`, scenarioID, trigger, key, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Event, error) { return scanEvent(rows.Scan) })
	return list, s.failed(err)
}

// Gatherings lists the triggers of which events wait for others, by scenario id and trigger.
func (s *Store) Gatherings(ctx context.Context) ([][2]string, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, sqlGatherings)
	list, err := all(rows, err, func(rows *sql.Rows) (of [2]string, err error) { return of, rows.Scan(&of[0], &of[1]) })
	return list, s.failed(err)
}

// sqlGatherings goes from trigger to trigger through the index, so that it costs the same however many events wait.
const sqlGatherings = `WITH RECURSIVE at (scenario, trigger) AS (
	SELECT * FROM (SELECT scenario_id, trigger_id FROM events WHERE due_at IS NOT NULL ORDER BY scenario_id, trigger_id LIMIT 1) AS first
	UNION ALL SELECT n.scenario_id, n.trigger_id FROM at JOIN events n ON n.id = (SELECT m.id FROM events m WHERE m.due_at IS NOT NULL
		AND (m.scenario_id, m.trigger_id) > (at.scenario, at.trigger) ORDER BY m.scenario_id, m.trigger_id LIMIT 1))
	SELECT scenario, trigger FROM at`

// Ungather lets go of events that wait for others while their trigger gathers no more, or is gone: gone says why they start
// nothing; where it is empty they wait as those of a paused scenario do. At most limit, and it gives how many.
func (s *Store) Ungather(ctx context.Context, scenarioID, trigger, gone string, limit int) (n int, err error) {
	outcome := run.Held
	if gone != "" {
		outcome = run.Filtered
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE events SET due_at = NULL, outcome = $1, detail = $2 WHERE id IN
			(SELECT id FROM events WHERE scenario_id = $3 AND trigger_id = $4 AND due_at IS NOT NULL LIMIT $5)`, string(outcome), gone, scenarioID, trigger, limit)
		if err != nil {
			return err
		}
		changed, err := result.RowsAffected()
		n = int(changed)
		return err
	})
	return n, err
}
