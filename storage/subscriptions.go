package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

const subscriptionColumns = `id, workspace, scenario_id, scenario, trigger_id, uses, connection, input, topics, url, purpose, state, asked, vendor_id, kept,
	expires_at, renewed_at, tried_at, next_at, attempts, class, error, told, note, created_at`

func scanSubscription(scan func(...any) error) (run.Subscription, error) {
	var s run.Subscription
	var input, topics, kept string
	var asked int
	var created int64
	var expires, renewed, tried, next sql.NullInt64
	if err := scan(&s.ID, &s.Workspace, &s.ScenarioID, &s.Scenario, &s.Trigger, &s.Uses, &s.Connection, &input, &topics, &s.URL, &s.Purpose, &s.State, &asked, &s.VendorID, &kept,
		&expires, &renewed, &tried, &next, &s.Attempts, &s.Class, &s.Error, &s.Told, &s.Note, &created); err != nil {
		return s, err
	}
	s.Asked, s.CreatedAt = asked != 0, time.UnixMilli(created).UTC()
	s.ExpiresAt, s.RenewedAt, s.TriedAt, s.NextAt = moment(expires), moment(renewed), moment(tried), moment(next)
	if err := json.Unmarshal([]byte(input), &s.Input); err != nil {
		return s, err
	}
	if err := json.Unmarshal([]byte(topics), &s.Topics); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(kept), &s.Kept)
}

// Subscriptions gives every subscription of every workspace, oldest first, without their secrets. Only the process asks,
// which keeps them up.
func (s *Store) Subscriptions(ctx context.Context) ([]run.Subscription, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions ORDER BY id`)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Subscription, error) { return scanSubscription(rows.Scan) })
	return list, s.failed(err)
}

// WantSubscription keeps a subscription that no vendor has heard of yet, with the secret that its vendor will sign with.
func (s *Store) WantSubscription(ctx context.Context, in run.Subscription, secret run.Secret) error {
	sealed, err := s.cfg.Sealer.Seal([]byte(secret.Reveal()), place("subscriptions", "sealed", run.SystemActor(in.Workspace), in.ID))
	if err != nil {
		return err
	}
	input, topics, kept, err := subscriptionTexts(in)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO subscriptions (id, workspace, scenario_id, scenario, trigger_id, uses, connection, input, topics, url, purpose, sealed, state, asked, vendor_id, kept,
			expires_at, renewed_at, tried_at, next_at, attempts, class, error, told, note, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'wanted', 0, '', $13, NULL, NULL, NULL, NULL, 0, '', '', '', $14, $15)`,
			in.ID, in.Workspace, in.ScenarioID, in.Scenario, in.Trigger, in.Uses, in.Connection, input, topics, in.URL, in.Purpose, sealed, kept, in.Note, in.CreatedAt.UnixMilli())
		return err
	})
}

func subscriptionTexts(s run.Subscription) (input, topics, kept string, err error) {
	var texts [3]string
	for i, v := range []any{s.Input, s.Topics, s.Kept} {
		b, err := json.Marshal(v)
		if err != nil {
			return "", "", "", err
		}
		texts[i] = string(b)
	}
	return texts[0], texts[1], texts[2], nil
}

// SaveSubscription keeps where a subscription stands now. What the vendor told is forgotten where it is s.Told, which was
// acted upon; what it told since stays.
func (s *Store) SaveSubscription(ctx context.Context, in run.Subscription) error {
	_, _, kept, err := subscriptionTexts(in)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET state = $1, asked = $2, vendor_id = $3, kept = $4, expires_at = $5, renewed_at = $6, tried_at = $7, next_at = $8, attempts = $9, class = $10, error = $11,
			note = $12, told = CASE WHEN told = $13 THEN '' ELSE told END WHERE workspace = $14 AND id = $15`,
			string(in.State), boolean(in.Asked), in.VendorID, kept, millis(in.ExpiresAt), millis(in.RenewedAt), millis(in.TriedAt), millis(in.NextAt), in.Attempts, string(in.Class), in.Error, in.Note, string(in.Told),
			in.Workspace, in.ID)
		return oneRow(result, err, "There is no such subscription.")
	})
}

// ForgetSubscription takes a subscription and its secret away.
func (s *Store) ForgetSubscription(ctx context.Context, in run.Subscription) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM subscriptions WHERE workspace = $1 AND id = $2`, in.Workspace, in.ID)
		return err
	})
}

// TellSubscription keeps what was told of a subscription until it is acted upon. One that is said to be gone stays so.
func (s *Store) TellSubscription(ctx context.Context, workspace, id string, word run.SubscriptionWord) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET told = CASE WHEN told = 'removed' THEN told ELSE $1 END, next_at = $2 WHERE workspace = $3 AND id = $4`, string(word), s.now(), workspace, id)
		return oneRow(result, err, "There is no such subscription.")
	})
}

// SubscriptionKeys opens what requests to the subscriptions of a trigger are held to: of those that the vendor may know of.
// It is for the check of signatures, and for the registration itself.
func (s *Store) SubscriptionKeys(ctx context.Context, workspace, scenarioID, trigger string) ([]run.SubscriptionKey, error) {
	type row struct {
		run.SubscriptionKey
		sealed []byte
	}
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id, state, sealed FROM subscriptions WHERE workspace = $1 AND scenario_id = $2 AND trigger_id = $3 AND (state <> 'wanted' OR asked = 1) ORDER BY id`,
		workspace, scenarioID, trigger)
	list, err := all(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.ID, &r.State, &r.sealed) })
	if err != nil {
		return nil, s.failed(err)
	}
	out := make([]run.SubscriptionKey, len(list))
	for i, r := range list {
		plain, err := s.cfg.Sealer.Open(r.sealed, place("subscriptions", "sealed", run.SystemActor(workspace), r.ID))
		if err != nil {
			return nil, err
		}
		out[i] = r.SubscriptionKey
		out[i].Secret = run.Secret(plain)
	}
	return out, nil
}
