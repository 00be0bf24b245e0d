package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

const (
	answersKept = 24 * time.Hour
	// answerWithin is how long a request may be under way; one that is older was cut by a crash.
	answerWithin = time.Minute
)

// BeginAnswer notes that an actor's request with an idempotency key is under way. A key that was used for the same
// request gives the answer of that; one of another request, and one whose request is still under way, is a Conflict.
func (s *Store) BeginAnswer(ctx context.Context, actor run.Actor, key, fingerprint string) (*run.KeptAnswer, error) {
	var kept *run.KeptAnswer
	err := s.write(ctx, func(tx *sql.Tx) error {
		now := s.cfg.Now()
		if _, err := tx.ExecContext(ctx, `DELETE FROM answers WHERE at < $1`, now.Add(-answersKept).UnixMilli()); err != nil {
			return err
		}
		var have string
		var status int
		var sealed []byte
		var at int64
		err := tx.QueryRowContext(ctx, `SELECT fingerprint, status, sealed, at FROM answers WHERE workspace = $1 AND actor = $2 AND key = $3`, actor.Workspace, actor.ID(), key).Scan(&have, &status, &sealed, &at)
		switch {
		case err == sql.ErrNoRows:
			_, err := tx.ExecContext(ctx, `INSERT INTO answers (workspace, actor, key, fingerprint, status, at) VALUES ($1, $2, $3, $4, 0, $5)`, actor.Workspace, actor.ID(), key, fingerprint, now.UnixMilli())
			return err
		case err != nil:
			return err
		case have != fingerprint:
			return fault.New(fault.Conflict, "The Idempotency-Key %q was used for another request; take a new one.", fault.Clip(key, 60))
		case status == 0 && now.Sub(time.UnixMilli(at)) < answerWithin:
			return fault.New(fault.Conflict, "The request with the Idempotency-Key %q is still being carried out; ask again.", fault.Clip(key, 60))
		case status == 0:
			_, err := tx.ExecContext(ctx, `UPDATE answers SET at = $1 WHERE workspace = $2 AND actor = $3 AND key = $4`, now.UnixMilli(), actor.Workspace, actor.ID(), key)
			return err
		}
		plain, err := s.cfg.Sealer.Open(sealed, answerPlace(actor, key))
		if err != nil {
			return err
		}
		kept = &run.KeptAnswer{}
		return json.Unmarshal(plain, kept)
	})
	return kept, err
}

// KeepAnswer keeps what a request with an idempotency key was answered, sealed, since it may hold a secret that is shown
// once. nil forgets the request, so that it can be tried again.
func (s *Store) KeepAnswer(ctx context.Context, actor run.Actor, key string, kept *run.KeptAnswer) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if kept == nil {
			_, err := tx.ExecContext(ctx, `DELETE FROM answers WHERE workspace = $1 AND actor = $2 AND key = $3`, actor.Workspace, actor.ID(), key)
			return err
		}
		plain, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		sealed, err := s.cfg.Sealer.Seal(plain, answerPlace(actor, key))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE answers SET status = $1, sealed = $2 WHERE workspace = $3 AND actor = $4 AND key = $5`, kept.Status, sealed, actor.Workspace, actor.ID(), key)
		return err
	})
}

func answerPlace(actor run.Actor, key string) string {
	return place("answers", "sealed", actor, actor.ID()+"/"+key)
}
