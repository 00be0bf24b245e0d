package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// SaveSeen keeps what triggers last had to do with, in place of what was kept of them.
func (s *Store) SaveSeen(ctx context.Context, list []run.Seen) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, seen := range list {
			refused, err := refusedText(seen.Refused)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO trigger_seen (workspace, scenario_id, trigger_id, at, outcome, error_at, error, refused, look_failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT (workspace, scenario_id, trigger_id) DO UPDATE SET at = excluded.at, outcome = excluded.outcome, error_at = excluded.error_at, error = excluded.error, refused = excluded.refused,
				look_failed = excluded.look_failed`,
				seen.Workspace, seen.ScenarioID, seen.Trigger, millis(seen.At), string(seen.Outcome), millis(seen.ErrorAt), seen.Error, refused, boolean(seen.LookFailed))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// refusedText is the list of a trigger's refusals as its row holds it; empty: there are none.
func refusedText(list []run.Refusal) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// Seen gives what is kept of every trigger of every workspace; only the triggers of the process ask.
func (s *Store) Seen(ctx context.Context) ([]run.Seen, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT workspace, scenario_id, trigger_id, at, outcome, error_at, error, refused, look_failed FROM trigger_seen`)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Seen, error) {
		var seen run.Seen
		var at, failed sql.NullInt64
		var outcome, refused string
		var lookFailed int
		err := rows.Scan(&seen.Workspace, &seen.ScenarioID, &seen.Trigger, &at, &outcome, &failed, &seen.Error, &refused, &lookFailed)
		seen.At, seen.Outcome, seen.ErrorAt, seen.LookFailed = moment(at), run.Outcome(outcome), moment(failed), lookFailed != 0
		if err == nil && refused != "" {
			err = json.Unmarshal([]byte(refused), &seen.Refused)
		}
		return seen, err
	})
	return list, s.failed(err)
}

// SeenSince finds in the events that came at or after a time by themselves when each trigger last had one, for each outcome.
// Ids begin with the time, by which the index finds the place.
func (s *Store) SeenSince(ctx context.Context, since time.Time) ([]run.Seen, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT workspace, scenario_id, trigger_id, outcome, MAX(at) FROM events
		WHERE id >= $1 AND at >= $2 AND source NOT IN ('test', 'replay', 'backfill') AND source NOT LIKE 'replay of %' AND source NOT LIKE 'run %'
		GROUP BY workspace, scenario_id, trigger_id, outcome`, idBefore(since.Add(-nearly)), since.UnixMilli())
	list, err := all(rows, err, func(rows *sql.Rows) (run.Seen, error) {
		var seen run.Seen
		var at int64
		var outcome string
		err := rows.Scan(&seen.Workspace, &seen.ScenarioID, &seen.Trigger, &outcome, &at)
		seen.At, seen.Outcome = time.UnixMilli(at).UTC(), run.Outcome(outcome)
		return seen, err
	})
	return list, s.failed(err)
}
