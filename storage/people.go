package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

const userColumns = `u.id, u.workspace, u.name, u.email, u.password, u.role, u.created_at`

func scanUser(scan func(...any) error, more ...any) (run.User, error) {
	var u run.User
	var role string
	var created int64
	err := scan(append([]any{&u.ID, &u.Workspace, &u.Name, &u.Email, &u.Password, &role, &created}, more...)...)
	u.Role, u.CreatedAt = run.Role(role), time.UnixMilli(created).UTC()
	return u, err
}

// Users lists the workspace's users.
func (s *Store) Users(ctx context.Context, actor run.Actor) ([]run.User, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.workspace = $1 ORDER BY u.email`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (run.User, error) { return scanUser(rows.Scan) })
	return list, s.failed(err)
}

// Owners counts the owners of every workspace: none means that nobody has set the server up.
func (s *Store) Owners(ctx context.Context) (int, error) {
	var n int
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM users WHERE role = 'owner'`).Scan(&n)
	return n, s.failed(err)
}

// CreateUser keeps a user. With first it is the owner who sets the server up, and a Conflict once there is one.
func (s *Store) CreateUser(ctx context.Context, actor run.Actor, u run.User, first bool) (run.User, error) {
	u.ID, u.Workspace, u.CreatedAt = newID(), actor.Workspace, s.cfg.Now().UTC().Truncate(time.Millisecond)
	err := s.write(ctx, func(tx *sql.Tx) error {
		var owners, taken int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM users WHERE role = 'owner'`).Scan(&owners); err != nil {
			return err
		}
		if first && owners > 0 {
			return fault.New(fault.Conflict, "This server has been set up already; sign in.")
		}
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM users WHERE email = $1`, u.Email).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return fault.New(fault.Conflict, "There is already an account with this address.")
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO users (id, workspace, name, email, password, role, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			u.ID, u.Workspace, u.Name, u.Email, u.Password, string(u.Role), u.CreatedAt.UnixMilli())
		return err
	})
	return u, err
}

// UserByEmail gives the user who signs in with an address, of any workspace.
func (s *Store) UserByEmail(ctx context.Context, email string) (run.User, error) {
	u, err := scanUser(s.cfg.Read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.email = $1`, email).Scan)
	if err == sql.ErrNoRows {
		return u, fault.New(fault.NotFound, "There is no such account.")
	}
	return u, s.failed(err)
}

// CreateSession keeps a signed-in browser by the hash of its cookie.
func (s *Store) CreateSession(ctx context.Context, user run.User, hash string, expires time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at < $1`, s.now()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, workspace, user_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`,
			hash, user.Workspace, user.ID, s.now(), expires.UnixMilli())
		return err
	})
}

// SessionByHash gives a session that has not expired, with its user.
func (s *Store) SessionByHash(ctx context.Context, hash string) (run.Session, error) {
	out := run.Session{Hash: hash}
	var created, seen, expires int64
	var err error
	out.User, err = scanUser(s.cfg.Read.QueryRowContext(ctx, `SELECT `+userColumns+`, c.created_at, c.seen_at, c.expires_at
		FROM sessions c JOIN users u ON u.workspace = c.workspace AND u.id = c.user_id WHERE c.hash = $1 AND c.expires_at > $2`, hash, s.now()).Scan, &created, &seen, &expires)
	if err == sql.ErrNoRows {
		return out, fault.New(fault.NotFound, "There is no such session.")
	}
	out.CreatedAt, out.SeenAt, out.ExpiresAt = time.UnixMilli(created).UTC(), time.UnixMilli(seen).UTC(), time.UnixMilli(expires).UTC()
	return out, s.failed(err)
}

// TouchSession says that a session was used.
func (s *Store) TouchSession(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen_at = $1 WHERE hash = $2`, s.now(), hash)
		return err
	})
}

// DeleteSession signs a browser out.
func (s *Store) DeleteSession(ctx context.Context, hash string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
		return err
	})
}

const keyColumns = `id, workspace, name, prefix, hash, role, created_at, expires_at, used_at, revoked_at`

func scanKey(scan func(...any) error) (run.APIKey, error) {
	var k run.APIKey
	var role string
	var created int64
	var expires, used, revoked sql.NullInt64
	err := scan(&k.ID, &k.Workspace, &k.Name, &k.Prefix, &k.Hash, &role, &created, &expires, &used, &revoked)
	k.Role, k.CreatedAt = run.Role(role), time.UnixMilli(created).UTC()
	k.ExpiresAt, k.UsedAt, k.RevokedAt = moment(expires), moment(used), moment(revoked)
	return k, err
}

// Keys lists the workspace's API keys, newest first.
func (s *Store) Keys(ctx context.Context, actor run.Actor) ([]run.APIKey, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE workspace = $1 ORDER BY id DESC`, actor.Workspace)
	list, err := all(rows, err, func(rows *sql.Rows) (run.APIKey, error) { return scanKey(rows.Scan) })
	return list, s.failed(err)
}

// CreateKey keeps an API key by its hash.
func (s *Store) CreateKey(ctx context.Context, actor run.Actor, k run.APIKey) (run.APIKey, error) {
	k.ID, k.Workspace, k.CreatedAt = newID(), actor.Workspace, s.cfg.Now().UTC().Truncate(time.Millisecond)
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO api_keys (id, workspace, name, prefix, hash, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			k.ID, k.Workspace, k.Name, k.Prefix, k.Hash, string(k.Role), k.CreatedAt.UnixMilli(), millis(k.ExpiresAt))
		return err
	})
	return k, err
}

// KeyByHash gives the key that a request shows, whatever its state.
func (s *Store) KeyByHash(ctx context.Context, hash string) (run.APIKey, error) {
	k, err := scanKey(s.cfg.Read.QueryRowContext(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE hash = $1`, hash).Scan)
	if err == sql.ErrNoRows {
		return k, fault.New(fault.NotFound, "There is no such key.")
	}
	return k, s.failed(err)
}

// RevokeKey ends a key by its id or name; every one of that name.
func (s *Store) RevokeKey(ctx context.Context, actor run.Actor, ref string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE api_keys SET revoked_at = $1 WHERE workspace = $2 AND (id = $3 OR name = $3) AND revoked_at IS NULL`, s.now(), actor.Workspace, ref)
		return oneRow(result, err, "There is no working key of that id or name.")
	})
}

// ExpireKey lets a key work until a time at most: the overlap of a rotation.
func (s *Store) ExpireKey(ctx context.Context, actor run.Actor, id string, at time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE api_keys SET expires_at = $1 WHERE workspace = $2 AND id = $3 AND (expires_at IS NULL OR expires_at > $1)`, at.UnixMilli(), actor.Workspace, id)
		return oneRow(result, err, "There is no such key, or it ends earlier.")
	})
}

// TouchKey says that a key was used.
func (s *Store) TouchKey(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE api_keys SET used_at = $1 WHERE id = $2`, s.now(), id)
		return err
	})
}

// CheckKey holds the sealer to the database: the first one that opens it leaves a value that only its key opens. A wrong
// master key is refused before anything is served.
func (s *Store) CheckKey(ctx context.Context) error {
	const at, text = "meta|key_check||", "stepmill key check"
	return s.write(ctx, func(tx *sql.Tx) error {
		var sealed []byte
		err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'key_check'`).Scan(&sealed)
		if err == sql.ErrNoRows {
			if sealed, err = s.cfg.Sealer.Seal([]byte(text), at); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO meta (workspace, name, value) VALUES ('', 'key_check', $1)`, sealed)
			return err
		}
		if err != nil {
			return err
		}
		if plain, err := s.cfg.Sealer.Open(sealed, at); err != nil || string(plain) != text {
			return fault.New(fault.Unauthorized, "The master key is not the one that this data was sealed with. Give the right file with --master-key-file.")
		}
		return nil
	})
}
