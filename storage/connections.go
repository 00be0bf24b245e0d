package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

const connectionColumns = `id, workspace, slug, name, connector, method, state, detail, sandbox, base_url, rate, concurrency, created_at, updated_at,
	token_count, account, scopes, expires_at, refresh_at, paused, limited_until, since, grants, refs, ails`

// scanConnection reads connectionColumns. What of the state a moment decides is decided for now.
func (s *Store) scanConnection(scan func(...any) error) (run.Connection, error) {
	var c run.Connection
	var state, grants, refs string
	var sandbox, paused int
	var created, updated, limited int64
	var expires, refresh sql.NullInt64
	err := scan(&c.ID, &c.Workspace, &c.Slug, &c.Name, &c.Connector, &c.Method, &state, &c.Detail, &sandbox, &c.BaseURL, &c.Rate, &c.Concurrency, &created, &updated,
		&c.Tokens, &c.Account, &c.Scopes, &expires, &refresh, &paused, &limited, &c.Since, &grants, &refs, &c.Ails)
	if err != nil {
		return c, err
	}
	c.State, c.Sandbox = run.State(state), sandbox != 0
	c.CreatedAt, c.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	c.ExpiresAt, c.RefreshAt = moment(expires), moment(refresh)
	now := s.now()
	if limited > now {
		c.LimitedUntil = time.UnixMilli(limited).UTC()
	}
	switch {
	case paused != 0:
		c.State = run.Paused
	case c.State == run.NeedsAuth:
	case limited > now:
		c.State = run.RateLimited
	case refresh.Valid && refresh.Int64 <= now:
		c.State = run.Expiring
	}
	if err := json.Unmarshal([]byte(grants), &c.Grants); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(refs), &c.Refs)
}

// Connections lists the workspace's connections by slug.
func (s *Store) Connections(ctx context.Context, actor run.Actor) ([]run.Connection, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE workspace = $1 ORDER BY slug`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Connection, error) { return s.scanConnection(rows.Scan) })
	return list, s.failed(err)
}

// Connection gives one connection by its slug or id.
func (s *Store) Connection(ctx context.Context, actor run.Actor, ref string) (run.Connection, error) {
	c, err := s.scanConnection(s.cfg.Read.QueryRowContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE workspace = $1 AND (slug = $2 OR id = $2)`, actor.Workspace, ref).Scan)
	if err == sql.ErrNoRows {
		return c, fault.New(fault.NotFound, "There is no connection %q.", fault.Clip(ref, 60))
	}
	return c, s.failed(err)
}

// CreateConnection keeps a connection and seals its values.
func (s *Store) CreateConnection(ctx context.Context, actor run.Actor, c run.Connection, values run.Values) (run.Connection, error) {
	c.ID, c.Workspace = newID(), actor.Workspace
	sealed, err := s.sealValues(actor, "sealed", c.ID, values)
	if err != nil {
		return c, err
	}
	grants, refs, err := connectionTexts(c)
	if err != nil {
		return c, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		var taken int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM connections WHERE workspace = $1 AND slug = $2`, actor.Workspace, c.Slug).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return fault.New(fault.Conflict, "There is already a connection %q; choose another slug.", c.Slug)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO connections (id, workspace, slug, name, connector, method, state, detail, sandbox, base_url, rate, concurrency, sealed, created_at, updated_at, since, paused, grants, refs)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14, $15, $16, $17)`,
			c.ID, actor.Workspace, c.Slug, c.Name, c.Connector, c.Method, storedState(c.State), c.Detail, boolean(c.Sandbox), c.BaseURL, c.Rate, c.Concurrency, sealed, s.now(),
			boolean(c.State == run.Paused), grants, refs)
		return err
	})
	if err != nil {
		return run.Connection{}, err
	}
	return s.Connection(ctx, actor, c.ID)
}

// storedState is what is kept of a state: pausing has a column of its own, and the clock decides the others.
func storedState(state run.State) string {
	if state == run.NeedsAuth {
		return string(run.NeedsAuth)
	}
	return string(run.Connected)
}

func connectionTexts(c run.Connection) (grants, refs string, err error) {
	g, err := json.Marshal(c.Grants)
	if err != nil {
		return "", "", err
	}
	if c.Refs == nil {
		c.Refs = map[string]run.Ref{}
	}
	r, err := json.Marshal(c.Refs)
	return string(g), string(r), err
}

// UpdateConnection replaces what can change of a connection, by its id. Values that are nil stay. Tokens were given for the
// values, the way to sign in and the address: where any of these is another they are dropped, and where none is, the
// connection's state stays too.
func (s *Store) UpdateConnection(ctx context.Context, actor run.Actor, c run.Connection, values run.Values) (run.Connection, error) {
	grants, refs, err := connectionTexts(c)
	if err != nil {
		return c, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		var sealed []byte
		var method, base, before, state, detail string
		var ails run.Ailment
		var tokens int64
		absent := fault.New(fault.NotFound, "There is no such connection.")
		if err := one(tx.QueryRowContext(ctx, `SELECT sealed, method, base_url, refs, state, detail, ails, token_count FROM connections WHERE workspace = $1 AND id = $2`, actor.Workspace, c.ID), absent,
			&sealed, &method, &base, &before, &state, &detail, &ails, &tokens); err != nil {
			return err
		}
		same := method == c.Method && base == c.BaseURL && before == refs
		if values != nil {
			had, err := s.openValues(actor, "sealed", c.ID, sealed)
			if err != nil {
				return err
			}
			same = same && maps.Equal(had, values)
			if sealed, err = s.sealValues(actor, "sealed", c.ID, values); err != nil {
				return err
			}
		}
		next := storedState(c.State)
		if tokens > 0 && same {
			next, c.Detail, c.Ails = state, detail, ails
		}
		if next == string(run.Connected) {
			c.Ails = ""
		}
		if _, err := tx.ExecContext(ctx, `UPDATE connections SET name = $1, method = $2, state = $3, detail = $4, sandbox = $5, base_url = $6, rate = $7, concurrency = $8,
			sealed = $9, updated_at = $10, since = CASE WHEN since >= $10 THEN since + 1 ELSE $10 END, limited_until = CASE WHEN $11 = 1 THEN limited_until ELSE 0 END,
			grants = $12, refs = $13, ails = $14 WHERE workspace = $15 AND id = $16`,
			c.Name, c.Method, next, c.Detail, boolean(c.Sandbox), c.BaseURL, c.Rate, c.Concurrency, sealed, s.now(), boolean(same), grants, refs, c.Ails, actor.Workspace, c.ID); err != nil {
			return err
		}
		if same {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE connections SET tokens = NULL, token_count = token_count + 1, account = '', scopes = '', expires_at = NULL, refresh_at = NULL, refresh_owner = '', refresh_until = 0,
			refreshing = 0 WHERE workspace = $1 AND id = $2`, actor.Workspace, c.ID)
		return err
	})
	if err != nil {
		return run.Connection{}, err
	}
	return s.Connection(ctx, actor, c.ID)
}

// DeleteConnection takes a connection and its values away.
func (s *Store) DeleteConnection(ctx context.Context, actor run.Actor, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM connections WHERE workspace = $1 AND id = $2`, actor.Workspace, id)
		return oneRow(result, err, "There is no such connection.")
	})
}

// oneRow is NotFound where a statement touched nothing.
func oneRow(result sql.Result, err error, absent string) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return fault.New(fault.NotFound, "%s", absent)
}

// Credentials gives a connection with its values opened, and those that its tokens add. It is for outbound and for the
// check of signatures only.
func (s *Store) Credentials(ctx context.Context, workspace, slug string) (run.Connection, run.Values, error) {
	actor := run.SystemActor(workspace)
	var sealed, tokens []byte
	row := s.cfg.Read.QueryRowContext(ctx, `SELECT `+connectionColumns+`, sealed, tokens FROM connections WHERE workspace = $1 AND (slug = $2 OR id = $2)`, workspace, slug)
	c, err := s.scanConnection(func(into ...any) error { return row.Scan(append(into, &sealed, &tokens)...) })
	if err == sql.ErrNoRows {
		return c, nil, fault.New(fault.NotFound, "There is no connection %q.", fault.Clip(slug, 60))
	}
	if err != nil {
		return c, nil, s.failed(err)
	}
	values, err := s.openValues(actor, "sealed", c.ID, sealed)
	if err != nil || tokens == nil {
		return c, values, err
	}
	more, err := s.openValues(actor, "tokens", c.ID, tokens)
	maps.Copy(values, more)
	return c, values, err
}

// sealValues closes values so that they open in their column of their row only.
func (s *Store) sealValues(actor run.Actor, column, id string, values run.Values) ([]byte, error) {
	texts := make(map[string]string, len(values))
	for name, secret := range values {
		texts[name] = secret.Reveal()
	}
	plain, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	return s.cfg.Sealer.Seal(plain, place("connections", column, actor, id))
}

func (s *Store) openValues(actor run.Actor, column, id string, sealed []byte) (run.Values, error) {
	plain, err := s.cfg.Sealer.Open(sealed, place("connections", column, actor, id))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	if err := readStrings(string(plain), &texts); err != nil {
		return nil, s.failed(err)
	}
	values := make(run.Values, len(texts))
	for name, text := range texts {
		values[name] = run.Secret(text)
	}
	return values, nil
}

func readStrings(text string, into *map[string]string) error {
	return json.Unmarshal([]byte(text), into)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Secrets lists the workspace's secrets without their values.
func (s *Store) Secrets(ctx context.Context, actor run.Actor) ([]run.SecretInfo, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id, slug, created_at, updated_at FROM secrets WHERE workspace = $1 ORDER BY slug`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (run.SecretInfo, error) {
		var info run.SecretInfo
		var created, updated int64
		err := rows.Scan(&info.ID, &info.Slug, &created, &updated)
		info.CreatedAt, info.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
		return info, err
	})
	return list, s.failed(err)
}

// CreateSecret keeps a secret under a slug; one that is taken is a Conflict.
func (s *Store) CreateSecret(ctx context.Context, actor run.Actor, slug string, secret run.Secret) (run.SecretInfo, error) {
	id, now := newID(), s.cfg.Now().UTC().Truncate(time.Millisecond)
	sealed, err := s.cfg.Sealer.Seal([]byte(secret.Reveal()), place("secrets", "sealed", actor, id))
	if err != nil {
		return run.SecretInfo{}, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT INTO secrets (id, workspace, slug, sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (workspace, slug) DO NOTHING`, id, actor.Workspace, slug, sealed, now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fault.New(fault.Conflict, "There is already a secret %q; replace it, or choose another slug.", slug)
	})
	return run.SecretInfo{ID: id, Slug: slug, CreatedAt: now, UpdatedAt: now}, err
}

// ReplaceSecret gives a secret another value.
func (s *Store) ReplaceSecret(ctx context.Context, actor run.Actor, slug string, secret run.Secret) (run.SecretInfo, error) {
	info := run.SecretInfo{Slug: slug, UpdatedAt: s.cfg.Now().UTC().Truncate(time.Millisecond)}
	err := s.write(ctx, func(tx *sql.Tx) error {
		var created int64
		absent := fault.New(fault.NotFound, "There is no secret %q.", fault.Clip(slug, 60))
		if err := one(tx.QueryRowContext(ctx, `SELECT id, created_at FROM secrets WHERE workspace = $1 AND slug = $2`, actor.Workspace, slug), absent, &info.ID, &created); err != nil {
			return err
		}
		info.CreatedAt = time.UnixMilli(created).UTC()
		sealed, err := s.cfg.Sealer.Seal([]byte(secret.Reveal()), place("secrets", "sealed", actor, info.ID))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE secrets SET sealed = $1, updated_at = $2 WHERE workspace = $3 AND id = $4`, sealed, info.UpdatedAt.UnixMilli(), actor.Workspace, info.ID)
		return err
	})
	return info, err
}

// DeleteSecret takes a secret away.
func (s *Store) DeleteSecret(ctx context.Context, actor run.Actor, slug string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM secrets WHERE workspace = $1 AND slug = $2`, actor.Workspace, slug)
		return oneRow(result, err, "There is no such secret.")
	})
}

// SecretValue opens a secret.
func (s *Store) SecretValue(ctx context.Context, workspace, slug string) (run.Secret, error) {
	var id string
	var sealed []byte
	absent := fault.New(fault.NotFound, "There is no secret %q.", fault.Clip(slug, 60))
	if err := one(s.cfg.Read.QueryRowContext(ctx, `SELECT id, sealed FROM secrets WHERE workspace = $1 AND slug = $2`, workspace, slug), absent, &id, &sealed); err != nil {
		return "", s.failed(err)
	}
	plain, err := s.cfg.Sealer.Open(sealed, place("secrets", "sealed", run.SystemActor(workspace), id))
	return run.Secret(plain), err
}

// Record keeps a request that a sandbox connection did not send.
func (s *Store) Record(ctx context.Context, r run.Recorded) error {
	header, err := json.Marshal(r.Header)
	if err != nil {
		return err
	}
	if r.ID == "" {
		r.ID = newID()
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := s.shrinkOutbox(ctx, tx, r.Workspace); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO outbox (id, workspace, run_id, scenario, path, connection, connector, action, method, url, header, body, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			r.ID, r.Workspace, r.Run, r.Scenario, r.Path, r.Connection, r.Connector, r.Action, r.Method, r.URL, string(header), r.Body, r.At.UnixMilli())
		return err
	})
}

// outboxKept is how many recorded requests a workspace keeps; the oldest make place.
const outboxKept = 10_000

func (s *Store) shrinkOutbox(ctx context.Context, tx *sql.Tx, workspace string) error {
	var rows int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE workspace = $1`, workspace).Scan(&rows); err != nil || rows < outboxKept {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE workspace = $1 ORDER BY id LIMIT $2)`, workspace, rows-outboxKept+1)
	return err
}

// Outbox lists recorded requests, newest first, before one by its id ("" is from the newest on).
func (s *Store) Outbox(ctx context.Context, actor run.Actor, limit int, before string) ([]run.Recorded, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT id, workspace, run_id, scenario, path, connection, connector, action, method, url, header, body, at FROM outbox
		WHERE workspace = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT `+strconv.Itoa(pageSize(limit)), actor.Workspace, before)
	list, err := all(rows, err, func(rows *sql.Rows) (run.Recorded, error) {
		var r run.Recorded
		var header string
		var at int64
		if err := rows.Scan(&r.ID, &r.Workspace, &r.Run, &r.Scenario, &r.Path, &r.Connection, &r.Connector, &r.Action, &r.Method, &r.URL, &header, &r.Body, &at); err != nil {
			return r, err
		}
		r.At = time.UnixMilli(at).UTC()
		return r, readStrings(header, &r.Header)
	})
	return list, s.failed(err)
}

// ClearOutbox forgets the recorded requests.
func (s *Store) ClearOutbox(ctx context.Context, actor run.Actor) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE workspace = $1`, actor.Workspace)
		return err
	})
}
