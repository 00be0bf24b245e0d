package storage

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Heartbeat says that a process lives, and with it its leases, until a time.
func (s *Store) Heartbeat(ctx context.Context, owner string, until time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO leases (workspace, owner, until) VALUES ('', $1, $2) ON CONFLICT (owner) DO UPDATE SET until = excluded.until`, owner, until.UnixMilli())
		return err
	})
}

// ForgetLeases ends every lease, on runs and on refreshing tokens: what a process does that is alone on the database, at its start.
func (s *Store) ForgetLeases(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM leases`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE connections SET refresh_owner = '', refresh_until = 0 WHERE refresh_owner <> ''`)
		return err
	})
}

// Strike notes that the process that had the leases crashed by itself: one of the runs that it moved may be the cause.
// It is called before ForgetLeases, and gives how many runs that were.
func (s *Store) Strike(ctx context.Context) (int, error) {
	var n int64
	err := s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE runs SET strikes = strikes + 1 WHERE ended_at IS NULL AND wake_at IS NULL AND held = 0 AND owner <> ''`)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	return int(n), err
}

// Claimable lists runs that could move and that nobody moves: of each scenario the first by priority and age, up to each, and
// limit in all.
func (s *Store) Claimable(ctx context.Context, now time.Time, each, limit int) ([]run.Wake, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, sqlClaimable, now.UnixMilli(), each, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (w run.Wake, err error) { return w, rows.Scan(&w.ID, &w.Scenario) })
	return list, s.failed(err)
}

// sqlClaimable goes from scenario to scenario through the index, so that a long queue of one costs the others nothing.
const sqlClaimable = `WITH RECURSIVE open (scenario) AS (
	SELECT MIN(scenario_id) FROM runs WHERE ended_at IS NULL AND wake_at IS NULL AND held = 0
	UNION ALL SELECT (SELECT MIN(n.scenario_id) FROM runs n WHERE n.ended_at IS NULL AND n.wake_at IS NULL AND n.held = 0 AND n.scenario_id > open.scenario)
		FROM open WHERE open.scenario IS NOT NULL)
	SELECT r.id, r.scenario_id FROM open JOIN runs r ON r.id IN (SELECT c.id FROM runs c WHERE c.ended_at IS NULL AND c.wake_at IS NULL AND c.held = 0
		AND c.scenario_id = open.scenario
		AND (c.owner = '' OR c.owner NOT IN (SELECT l.owner FROM leases l WHERE l.until > $1)) ORDER BY c.priority DESC, c.id LIMIT $2) ORDER BY r.priority DESC, r.id LIMIT $3`

// Due lists the next timers up to a time, earliest first. Only runs that nobody moves have one here.
func (s *Store) Due(ctx context.Context, before time.Time, limit int) ([]run.Wake, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id, scenario_id, wake_at FROM runs WHERE wake_at IS NOT NULL AND wake_at < $1
		AND held = 0 ORDER BY wake_at LIMIT $2`, before.UnixMilli(), limit)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Wake, error) {
		var w run.Wake
		var at sql.NullInt64
		err := rows.Scan(&w.ID, &w.Scenario, &at)
		w.At = moment(at)
		return w, err
	})
	return list, s.failed(err)
}

// Gates lists the triggers that hold runs back because of their limit, which is that of their live version, or, where none says it, of
// the newest such run.
func (s *Store) Gates(ctx context.Context) ([]run.Gate, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, sqlGates)
	list, err := all(rows, err, func(rows *sql.Rows) (g run.Gate, err error) { return g, rows.Scan(&g.Scenario, &g.Trigger, &g.Limit) })
	return list, s.failed(err)
}

// sqlGates goes from trigger to trigger through the index, so that it costs the same however many runs they hold back.
const sqlGates = `WITH RECURSIVE newest (id) AS (
	SELECT (SELECT id FROM runs WHERE held = 2 ORDER BY scenario_id DESC, trigger_id DESC, number DESC LIMIT 1)
	UNION ALL SELECT (SELECT n.id FROM runs n WHERE n.held = 2 AND (n.scenario_id, n.trigger_id) < (r.scenario_id, r.trigger_id)
			ORDER BY n.scenario_id DESC, n.trigger_id DESC, n.number DESC LIMIT 1)
		FROM newest JOIN runs r ON r.id = newest.id)
	SELECT r.scenario_id, r.trigger_id, CASE WHEN t.cap > 0 THEN t.cap ELSE r.cap END FROM newest JOIN runs r ON r.id = newest.id
		LEFT JOIN triggers t ON t.workspace = r.workspace AND t.scenario_id = r.scenario_id AND t.id = r.trigger_id AND t.stands >= 2`

// Beyond lists the next runs that a trigger's limit holds back, in the order they came.
func (s *Store) Beyond(ctx context.Context, g run.Gate, limit int) ([]string, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id FROM runs WHERE scenario_id = $1 AND trigger_id = $2 AND held = 2 ORDER BY number LIMIT $3`, g.Scenario, g.Trigger, limit)
	ids, err := all(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	return ids, s.failed(err)
}

// Claim takes the lease on those of the runs that have not ended and whose lease nobody else alive holds: a process claims
// its own anew when it lost sight of how far they came. Each claim raises the epoch, so that whoever held it before can write
// no more, and ends the run's sleep; the live version says how many of its trigger may move at once. A run that stands behind another of its line is claimed only with behind, or anew, and
// stays there.
func (s *Store) Claim(ctx context.Context, owner string, ids []string, behind bool) ([]run.Lease, error) {
	var all []run.Lease
	for part := range slices.Chunk(ids, claimedAtOnce) {
		leases, err := s.claim(ctx, owner, part, behind)
		if all = append(all, leases...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// claimedAtOnce is how many runs one transaction claims: a hundred of them hold the writer for ten milliseconds, in which nobody else
// gets on.
const claimedAtOnce = 16

func (s *Store) claim(ctx context.Context, owner string, ids []string, behind bool) ([]run.Lease, error) {
	var leases []run.Lease
	err := s.write(ctx, func(tx *sql.Tx) error {
		leases = nil
		for _, id := range ids {
			result, err := tx.ExecContext(ctx, `UPDATE runs SET owner = $1, epoch = epoch + 1, wake_at = NULL, held = CASE held WHEN 2 THEN 0 ELSE held END, cap = COALESCE((SELECT t.cap FROM triggers t
				WHERE t.workspace = runs.workspace AND t.scenario_id = runs.scenario_id AND t.id = runs.trigger_id AND t.stands >= 2), cap) WHERE id = $2 AND ended_at IS NULL AND (held <> 1 OR $3 = 1 OR owner = $1)
				AND (owner = '' OR owner = $1 OR owner NOT IN (SELECT l.owner FROM leases l WHERE l.until > $4))`, owner, id, boolean(behind), s.now())
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				continue
			}
			r, err := scanRun(tx.QueryRowContext(ctx, `SELECT `+runColumns+runFrom+` WHERE r.id = $1`, id).Scan)
			if err != nil {
				return err
			}
			leases = append(leases, run.Lease{Run: r, Owner: owner})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return leases, nil
}

// Replay gives what a run is taken up from.
func (s *Store) Replay(ctx context.Context, runID string) (run.Replay, error) {
	var in run.Replay
	row := s.cfg.Read.QueryRowContext(ctx, `SELECT `+runColumns+`, e.value, e.sealed`+runFrom+` JOIN events e ON e.id = r.event_id WHERE r.id = $1`, runID)
	var text string
	var sealed []byte
	r, err := scanRun(func(into ...any) error { return row.Scan(append(into, &text, &sealed)...) })
	if err == sql.ErrNoRows {
		return in, fault.New(fault.NotFound, "There is no run %q.", fault.Clip(runID, 60))
	}
	if err != nil {
		return in, s.failed(err)
	}
	in.Run = r
	if large, ok := readLarge(text); ok {
		in.Large = large
	} else if in.Value, err = unsummed(text); err != nil {
		return in, err
	}
	if in.Veiled, err = s.openParts(sealed, eventPlace(r.EventID)); err != nil {
		return in, err
	}
	in.Entries = s.WholeEntries(ctx, run.SystemActor(r.Workspace), runID)
	in.Signals, err = s.Signals(ctx, runID)
	return in, err
}
