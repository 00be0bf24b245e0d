package storage

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// LeaseRefresh gives the right to refresh a connection's tokens until a time, as long as they are those that are known:
// what is asked of the vendor must not be asked twice. It is on disk before anybody asks. broken says that somebody had
// it before and never said what came of it. false: somebody else has it, or the tokens are others by now.
func (s *Store) LeaseRefresh(ctx context.Context, c run.Connection, owner string, until time.Time) (taken, broken bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		var begun int
		row := tx.QueryRowContext(ctx, `SELECT refreshing FROM connections WHERE workspace = $1 AND id = $2 AND token_count = $3 AND (refresh_owner = '' OR refresh_until <= $4)`, c.Workspace, c.ID, c.Tokens, s.now())
		if err := row.Scan(&begun); err != nil {
			if err == sql.ErrNoRows {
				return nil
			}
			return err
		}
		taken, broken = true, begun != 0
		_, err := tx.ExecContext(ctx, `UPDATE connections SET refresh_owner = $1, refresh_until = $2, refreshing = 1 WHERE workspace = $3 AND id = $4`, owner, until.UnixMilli(), c.Workspace, c.ID)
		return err
	})
	return taken && err == nil, broken, err
}

// EndRefresh gives the right back. known says that the tokens are still those of before; otherwise nobody knows whether
// the vendor gave others.
func (s *Store) EndRefresh(ctx context.Context, c run.Connection, owner string, known bool) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET refresh_owner = '', refresh_until = 0, refreshing = CASE WHEN $1 = 1 THEN 0 ELSE refreshing END
			WHERE workspace = $2 AND id = $3 AND refresh_owner = $4`, boolean(known), c.Workspace, c.ID, owner)
		return err
	})
}

// SaveTokens keeps what a refresh gave, in place of the tokens that are known; a Conflict: they are others by now.
func (s *Store) SaveTokens(ctx context.Context, c run.Connection, t run.Tokens) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		return s.keepTokens(ctx, tx, c, t, false)
	})
}

// keepTokens replaces a connection's tokens; signedIn says that a person did it, whatever tokens there were.
func (s *Store) keepTokens(ctx context.Context, tx *sql.Tx, c run.Connection, t run.Tokens, signedIn bool) error {
	actor := run.SystemActor(c.Workspace)
	var before []byte
	var count int64
	if err := one(tx.QueryRowContext(ctx, `SELECT tokens, token_count FROM connections WHERE workspace = $1 AND id = $2`, c.Workspace, c.ID), fault.New(fault.NotFound, "There is no such connection."), &before, &count); err != nil {
		return err
	}
	if !signedIn && count != c.Tokens {
		return fault.New(fault.Conflict, "The connection %q has other tokens by now.", c.Slug)
	}
	values := run.Values{}
	if before != nil && !signedIn { // what an answer does not repeat stays
		had, err := s.openValues(actor, "tokens", c.ID, before)
		if err != nil {
			return err
		}
		values = had
	}
	values["access_token"] = t.Access
	if t.Refresh != "" {
		values["refresh_token"] = t.Refresh
	}
	for name, text := range t.Values {
		values[name] = run.Secret(text)
	}
	sealed, err := s.sealValues(actor, "tokens", c.ID, values)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE connections SET tokens = $1, token_count = token_count + 1, expires_at = $2, refresh_at = $3, account = CASE WHEN $4 = '' THEN account ELSE $4 END,
		scopes = CASE WHEN $5 = '' THEN scopes ELSE $5 END, refresh_owner = '', refresh_until = 0, refreshing = 0, updated_at = $6 WHERE workspace = $7 AND id = $8`,
		sealed, millis(t.ExpiresAt), millis(t.RefreshAt), t.Account, t.Scopes, s.now(), c.Workspace, c.ID)
	return err
}

// Refused marks a connection that is good for nothing: a person has to act, or what ails it may pass by itself. It is passed
// over where it was mended, or its tokens renewed, since the connection was read.
func (s *Store) Refused(ctx context.Context, c run.Connection, ails run.Ailment, detail string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET state = 'needs_auth', detail = $1, ails = $2, refresh_owner = '', refresh_until = 0, refreshing = 0, updated_at = $3
			WHERE workspace = $4 AND id = $5 AND since = $6 AND token_count = $7`, detail, ails, s.now(), c.Workspace, c.ID, c.Since, c.Tokens)
		return err
	})
}

// Mended marks a connection whose credentials turned out to be good after all: what stands for want of it may go on, also
// where the connection was not marked, since a single request was refused.
func (s *Store) Mended(ctx context.Context, c run.Connection) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET state = 'connected', detail = '', ails = '', updated_at = $1, since = CASE WHEN since >= $1 THEN since + 1 ELSE $1 END
			WHERE workspace = $2 AND id = $3 AND since = $4 AND (state = 'needs_auth'
				OR EXISTS (SELECT 1 FROM parked p WHERE p.workspace = connections.workspace AND p.connection = connections.slug AND p.since >= connections.since))`, s.now(), c.Workspace, c.ID, c.Since)
		return err
	})
}

// Limited notes until when a connection's vendor asked to wait.
func (s *Store) Limited(ctx context.Context, c run.Connection, until time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET limited_until = $1 WHERE workspace = $2 AND id = $3 AND limited_until < $1`, until.UnixMilli(), c.Workspace, c.ID)
		return err
	})
}

// PauseConnection switches a connection off, and on again: what was refused meanwhile may go on then.
func (s *Store) PauseConnection(ctx context.Context, actor run.Actor, id string, paused bool) (run.Connection, error) {
	err := s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE connections SET paused = $1, updated_at = $2, since = CASE WHEN $1 = 1 OR paused = 0 THEN since WHEN since >= $2 THEN since + 1 ELSE $2 END
			WHERE workspace = $3 AND id = $4`, boolean(paused), s.now(), actor.Workspace, id)
		return oneRow(result, err, "There is no such connection.")
	})
	if err != nil {
		return run.Connection{}, err
	}
	return s.Connection(ctx, actor, id)
}

// DueTokens lists the connections, of every workspace, whose tokens are to be renewed, the most urgent first.
func (s *Store) DueTokens(ctx context.Context, limit int) ([]run.Connection, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE refresh_at IS NOT NULL AND refresh_at <= $1 AND state = 'connected' AND sandbox = 0
		ORDER BY refresh_at LIMIT $2`, s.now(), limit)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Connection, error) { return s.scanConnection(rows.Scan) })
	return list, s.failed(err)
}

// Ailing lists the connections, of every workspace, that may be good for something again without a person.
func (s *Store) Ailing(ctx context.Context, limit int) ([]run.Connection, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE ails <> '' AND paused = 0 ORDER BY id LIMIT $1`, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Connection, error) { return s.scanConnection(rows.Scan) })
	return list, s.failed(err)
}

// signInKept is how long a sign-in that is over is remembered, so that whoever comes again is told what happened.
const signInKept = 24 * time.Hour

// BeginSignIn keeps a sign-in that is under way.
func (s *Store) BeginSignIn(ctx context.Context, in run.SignIn) error {
	sealed, err := s.cfg.Sealer.Seal([]byte(in.Redirect+"\n"+in.Verifier.Reveal()), place("sign_ins", "sealed", run.SystemActor(in.Workspace), in.State))
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sign_ins WHERE until < $1`, s.now()-signInKept.Milliseconds()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sign_ins (state, workspace, connection_id, actor, browser, sealed, until, used) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			in.State, in.Workspace, in.Connection, in.Actor, in.Browser, sealed, in.Until.UnixMilli())
		return err
	})
}

// TakeSignIn gives a sign-in that is under way to the browser that began it, once. actor is who is signed in there, ""
// nobody. Who has no right to it does not use it up.
func (s *Store) TakeSignIn(ctx context.Context, state, browser, actor string) (run.SignIn, error) {
	in := run.SignIn{State: state}
	err := s.write(ctx, func(tx *sql.Tx) error {
		var until int64
		var used int
		var sealed []byte
		absent := fault.New(fault.InvalidInput, "This sign-in is not known here. Begin it anew under Connections.")
		if err := one(tx.QueryRowContext(ctx, `SELECT workspace, connection_id, actor, browser, sealed, until, used FROM sign_ins WHERE state = $1`, state), absent,
			&in.Workspace, &in.Connection, &in.Actor, &in.Browser, &sealed, &until, &used); err != nil {
			return err
		}
		switch {
		case used != 0: // first: the browser that used it has no cookie of it any more
			return fault.New(fault.Conflict, "This sign-in has been used already. Look under Connections whether it worked, and begin it anew if not.")
		case browser != in.Browser:
			return fault.New(fault.Unauthorized, "This sign-in was begun in another browser, and ends there only. Begin it anew under Connections.")
		case actor != "" && actor != in.Actor:
			return fault.New(fault.Unauthorized, "This sign-in was begun by another person, and only they can end it. Begin it anew under Connections.")
		case until <= s.now():
			return fault.New(fault.InvalidInput, "This sign-in took too long and is not good any more. Begin it anew under Connections.")
		}
		plain, err := s.cfg.Sealer.Open(sealed, place("sign_ins", "sealed", run.SystemActor(in.Workspace), state))
		if err != nil {
			return err
		}
		in.Until = time.UnixMilli(until).UTC()
		redirect, verifier, _ := strings.Cut(string(plain), "\n")
		in.Redirect, in.Verifier = redirect, run.Secret(verifier)
		_, err = tx.ExecContext(ctx, `UPDATE sign_ins SET used = 1 WHERE state = $1`, state)
		return err
	})
	if err != nil {
		return run.SignIn{}, err
	}
	return in, nil
}

// EndSignIn keeps the tokens that a sign-in gave: the connection is good, and what stood for want of it may go on. One that
// was changed since it was read is a Conflict: the tokens were given for what it was.
func (s *Store) EndSignIn(ctx context.Context, c run.Connection, t run.Tokens) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := s.keepTokens(ctx, tx, c, t, true); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE connections SET state = 'connected', detail = '', ails = '', limited_until = 0, since = CASE WHEN since >= $1 THEN since + 1 ELSE $1 END
			WHERE workspace = $2 AND id = $3 AND since = $4`, s.now(), c.Workspace, c.ID, c.Since)
		return changedOne(result, err, fault.New(fault.Conflict, "The connection %q was changed while somebody signed in over it. Begin the sign-in anew under Connections.", c.Slug))
	})
}

// Parked lists steps that stand for want of connections which have been mended since, behind a step.
func (s *Store) Parked(ctx context.Context, after run.Parked, limit int) ([]run.Parked, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT p.workspace, p.run_id, p.path FROM parked p JOIN connections c ON c.workspace = p.workspace AND c.slug = p.connection
		WHERE p.since < c.since AND c.state = 'connected' AND c.paused = 0 AND (p.run_id > $1 OR p.run_id = $1 AND p.path > $2) ORDER BY p.run_id, p.path LIMIT $3`, after.Run, after.Path, limit)
	list, err := all(rows, err, func(rows *sql.Rows) (p run.Parked, err error) { return p, rows.Scan(&p.Workspace, &p.Run, &p.Path) })
	return list, s.failed(err)
}

// Unpark forgets that a step stands.
func (s *Store) Unpark(ctx context.Context, p run.Parked) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM parked WHERE run_id = $1 AND path = $2`, p.Run, p.Path)
		return err
	})
}

// StandFor counts the runs that stand for want of each connection, by its slug.
func (s *Store) StandFor(ctx context.Context, actor run.Actor) (map[string]int, error) {
	type count struct {
		slug string
		runs int
	}
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT p.connection, COUNT(DISTINCT p.run_id) FROM parked p JOIN runs r ON r.id = p.run_id WHERE p.workspace = $1 AND r.ended_at IS NULL GROUP BY p.connection`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (c count, err error) { return c, rows.Scan(&c.slug, &c.runs) })
	out := make(map[string]int, len(list))
	for _, c := range list {
		out[c.slug] = c.runs
	}
	return out, s.failed(err)
}

// stands keeps in step with the journal which steps stand for want of a connection.
func (b *batch) stands(ctx context.Context, r *run.Run, entries []run.Entry) error {
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Kind == run.StepParked && e.Failure != nil && e.Failure.Connection != "":
			if _, err := b.tx.ExecContext(ctx, `INSERT INTO parked (run_id, path, workspace, connection, since) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (run_id, path) DO UPDATE SET connection = excluded.connection, since = excluded.since`, r.ID, e.Path, r.Workspace, e.Failure.Connection, e.Failure.Since); err != nil {
				return err
			}
		case e.Kind == run.StepResumed:
			if _, err := b.tx.ExecContext(ctx, `DELETE FROM parked WHERE run_id = $1 AND path = $2`, r.ID, e.Path); err != nil {
				return err
			}
		}
	}
	return nil
}
