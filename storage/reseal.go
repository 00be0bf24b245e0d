package storage

import (
	"context"
	"database/sql"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// sealedRow is a secret that lies in a column of a row.
type sealedRow struct {
	workspace, id string
	sealed        []byte
}

// credentials are where the secrets that people put in lie, and what is derived from them: how the rows are read, how one is
// replaced that is still as it was read, and the place that its seal names.
var credentials = []struct {
	list, replace string
	place         func(sealedRow) string
}{
	{`SELECT workspace, id, sealed FROM connections ORDER BY id`, `UPDATE connections SET sealed = $1 WHERE workspace = $2 AND id = $3 AND sealed = $4`,
		func(r sealedRow) string { return place("connections", "sealed", run.SystemActor(r.workspace), r.id) }},
	{`SELECT workspace, id, tokens FROM connections WHERE tokens IS NOT NULL ORDER BY id`, `UPDATE connections SET tokens = $1 WHERE workspace = $2 AND id = $3 AND tokens = $4`,
		func(r sealedRow) string { return place("connections", "tokens", run.SystemActor(r.workspace), r.id) }},
	{`SELECT workspace, id, sealed FROM secrets ORDER BY id`, `UPDATE secrets SET sealed = $1 WHERE workspace = $2 AND id = $3 AND sealed = $4`,
		func(r sealedRow) string { return place("secrets", "sealed", run.SystemActor(r.workspace), r.id) }},
	{`SELECT workspace, name, value FROM meta WHERE name IN ('key_check', 'link_key') ORDER BY name`, `UPDATE meta SET value = $1 WHERE workspace = $2 AND name = $3 AND value = $4`,
		func(r sealedRow) string { return "meta|" + r.id + "||" }},
}

// Reseal seals anew every credential that is not sealed as current says, each in a transaction of its own, and gives how
// many those were. Stopped in the middle it is called again; meanwhile whoever has both keys opens every one.
func (s *Store) Reseal(ctx context.Context, current func(sealed []byte, place string) bool) (int, error) {
	done := 0
	for _, table := range credentials {
		rows, err := s.cfg.Read.QueryContext(ctx, table.list)
		list, err := all(rows, err, func(rows *sql.Rows) (r sealedRow, err error) { return r, rows.Scan(&r.workspace, &r.id, &r.sealed) })
		if err != nil {
			return done, s.failed(err)
		}
		for _, r := range list {
			at := table.place(r)
			if current(r.sealed, at) {
				continue
			}
			plain, err := s.cfg.Sealer.Open(r.sealed, at)
			if err != nil {
				return done, fault.Wrap(err, fault.CodeOf(err), "What is kept at %s cannot be opened, and stays as it is: %s", at, fault.MessageOf(err))
			}
			sealed, err := s.cfg.Sealer.Seal(plain, at)
			clear(plain)
			if err != nil {
				return done, err
			}
			if err := s.write(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, table.replace, sealed, r.workspace, r.id, r.sealed)
				return err
			}); err != nil {
				return done, err
			}
			done++
		}
	}
	return done, nil
}
