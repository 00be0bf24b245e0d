package core

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// maxDatabase bounds a database file, which lies on disk while it is asked.
const maxDatabase = 1 << 30

func sqliteQuery() actions.Action {
	fields := queryFields()
	fields[0].Help = "One statement, written out. Where a value belongs write a question mark and give it below: it never becomes part of the statement."
	fields[0].Example = "select id, plan from customers where email = ?"
	file := field("file", "File", actions.Object, "A database of SQLite: a file of an earlier step.", map[string]any{"file": strings.Repeat("0", 64), "name": "shop.sqlite", "type": "application/vnd.sqlite3", "size": 8192})
	file.Required = true
	a := fileStep(actions.Action{
		ID: "sqlite_query", Name: "Query a file of SQLite", Local: true, Description: "Carries out a statement of SQL on a database file. Where it changes something the changed database is a new file.",
		Input:  append([]actions.Field{file}, fields...),
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"rows": {Kind: "list"}, "count": {Kind: "number"}, "changed": {Kind: "number"}, "more": {Kind: "boolean"}, "last_id": {}, "file": {}}},
		Sample: queriedSample(),
	}, runSQLite, func(v map[string]any) error { _, err := planQuery(v); return err })
	a.Check = checkQuery
	a.Timeout = 0 // as of any step: one statement asks no more of a file than of a server
	return a
}

func runSQLite(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	q, err := planQuery(in.Values)
	if err != nil {
		return nil, err
	}
	f, err := fileIn(in.Values["file"], "file")
	if err != nil {
		return nil, err
	}
	if several(q.text) {
		return nil, wrong("query", "it holds several statements; give each a step of its own.")
	}
	if err := q.files(ctx, do); err != nil {
		return nil, err
	}
	dir, done, err := copyFolder()
	if err != nil {
		return nil, unspooled(err)
	}
	defer done()
	at := filepath.Join(dir, "db")
	if err := laid(ctx, do, f, at); err != nil {
		return nil, err
	}
	d := sqliteDialect(f)
	db := sql.OpenDB(sqliteFile{at: at, write: q.write})
	db.SetMaxOpenConns(1)
	defer db.Close()
	out, err := d.ask(ctx, db, q, func(bool) {})
	if err != nil {
		return nil, d.explainFile(ctx, f, q, err)
	}
	if !q.write {
		return out, nil
	}
	if err := db.Close(); err != nil { // and so all of it lies in the one file
		return nil, unspooled(err)
	}
	changed, err := os.Open(at)
	if err != nil {
		return nil, unspooled(err)
	}
	defer changed.Close()
	kept, err := do.Keep(ctx, f.Name, f.Type, changed)
	if err != nil {
		return nil, err
	}
	out["file"] = kept.Value()
	return out, nil
}

// laid lays a file down where SQLite opens it.
func laid(ctx context.Context, do actions.Doer, f value.File, at string) error {
	if f.Size > maxDatabase {
		return fault.New(fault.TooLarge, "The file %s has more than %d MB; at most that is taken.", shownName(f), maxDatabase>>20)
	}
	in, err := reading(ctx, do, f)
	if err != nil {
		return err
	}
	defer in.Close()
	to, err := os.OpenFile(at, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return unspooled(err)
	}
	from := &source{in: in}
	_, err = io.Copy(to, from)
	if closed := to.Close(); err == nil {
		err = closed
	}
	if err != nil && from.err == nil {
		return unspooled(err)
	}
	return err
}

// sqliteFile opens a database that somebody else made: it may name no other file, load no code, and be trusted in nothing.
type sqliteFile struct {
	at    string
	write bool
}

func (s sqliteFile) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func (s sqliteFile) Connect(context.Context) (driver.Conn, error) {
	mode := "ro&immutable=1" // a database of WAL's kind could not be read otherwise
	if s.write {
		mode = "rw"
	}
	link := url.URL{Scheme: "file", Path: s.at, RawQuery: "mode=" + mode + "&_txlock=deferred"}
	conn, err := (&sqlite3.SQLiteDriver{}).Open(link.String())
	if err != nil {
		return nil, err
	}
	c, ok := conn.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, errors.New("the driver gives another connection")
	}
	pragmas := "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0"
	if s.write {
		pragmas += "; PRAGMA journal_mode = DELETE"
	}
	if _, err := c.Exec(pragmas, nil); err != nil {
		_ = c.Close()
		return nil, err
	}
	c.SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, maxBytes)
	c.SetLimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
	c.RegisterAuthorizer(func(op int, what, _, _ string) int {
		switch op {
		case sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH:
			return sqlite3.SQLITE_DENY
		case sqlite3.SQLITE_PRAGMA:
			if !harmless[strings.ToLower(what)] {
				return sqlite3.SQLITE_DENY
			}
		}
		return sqlite3.SQLITE_OK
	})
	return c, nil
}

// harmless are the pragmas that tell about a database and change nothing.
var harmless = map[string]bool{"table_info": true, "table_xinfo": true, "table_list": true, "index_list": true, "index_info": true, "index_xinfo": true,
	"foreign_key_list": true, "foreign_key_check": true, "database_list": true, "collation_list": true, "integrity_check": true, "quick_check": true,
	"user_version": true, "application_id": true, "schema_version": true, "page_count": true, "page_size": true, "encoding": true, "freelist_count": true}

func sqliteDialect(f value.File) dialect {
	return dialect{name: "SQLite", transactional: true, failure: func(err error) (fault.Code, string, bool) {
		var said sqlite3.Error
		if !errors.As(err, &said) {
			return "", "", false
		}
		code, text := fault.InvalidInput, said.Error()+"."
		switch said.Code {
		case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
			text = "it is damaged, or no database of SQLite; look at where it comes from."
		case sqlite3.ErrReadonly:
			text += readOnly
		case sqlite3.ErrAuth, sqlite3.ErrPerm:
			text = "the statement would open another file, or change how the database is opened, which no step may."
		case sqlite3.ErrTooBig, sqlite3.ErrNomem:
			code = fault.TooLarge
		case sqlite3.ErrConstraint:
			if said.ExtendedCode == sqlite3.ErrConstraintUnique || said.ExtendedCode == sqlite3.ErrConstraintPrimaryKey {
				code = fault.Conflict
			}
		case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrCantOpen:
			code, text = fault.Unavailable, "it cannot be laid down while it is asked: the disk of the temporary files is full, or it fails."
		}
		return code, text, true
	}}
}

// explainFile makes the error of what SQLite said.
func (d dialect) explainFile(ctx context.Context, f value.File, q question, err error) error {
	var own *fault.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &own):
		return own
	}
	if code, words, ok := d.failure(err); ok {
		return fault.Wrap(err, code, "The file %s: %s", shownName(f), fault.Clip(words, 600))
	}
	if wrong := q.miscounted(err); wrong != nil {
		return wrong
	}
	return fault.Wrap(err, fault.InvalidInput, "The query on the file %s fails: %s", shownName(f), fault.Clip(err.Error(), 300))
}
