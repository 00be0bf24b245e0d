package core

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestPostgreSQL asks and changes a real database.
func TestPostgreSQL(t *testing.T) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	names := append([]string{"postgres"}, "pg_ctl")
	for _, f := range found {
		t.Setenv("PATH", filepath.Dir(f)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	postgres, initdb := program(t, names...), program(t, "initdb")
	_, pool, cert, key := certified(t)
	dir, port := t.TempDir(), freePort(t)
	as := whom(t, dir, cert, key)
	if out, err := as(exec.Command(initdb, "-D", dir+"/db", "-U", "ada", "-A", "scram-sha-256", "--pwfile", secretFile(t, dir), "-E", "UTF8", "--no-sync", "--no-instructions")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	started(t, port, as(exec.Command(postgres, "-D", dir+"/db", "-p", port, "-h", "127.0.0.1", "-k", dir, "-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+dir+"/key.pem", "-c", "fsync=off")))
	d := deskFor("postgresql", "127.0.0.1:"+port, map[string]string{"security": "tls", "database": "postgres", "user": "ada", "password": "secret word"})
	d.cfg.RootCAs = pool
	ready(t, d)

	change := func(query string, values ...any) map[string]any {
		t.Helper()
		return d.good(t, "sql_query", map[string]any{"query": query, "values": values, "access": "write"})
	}
	change(`create table customers (id bigint generated always as identity primary key, email text unique not null, plan text, paid numeric(20,4), at timestamptz, day date, plain timestamp, tags text[], seats int[], extra jsonb, blob bytea, ok boolean, big numeric, n float8)`)
	got := change(`insert into customers (email, plan, paid, at, day, plain, tags, seats, extra, blob, ok, big, n) values ($1, $2, $3, $4, $5, $6, '{"a b",NULL,"c"}', '{1,2}', $7, '\x00ff', $8, $9, $10) returning id, email`,
		"ada'; drop table customers; --", nil, 12.5, "2026-01-31T10:30:00+01:00", "2026-01-31", "2026-01-31T09:30:00", map[string]any{"a": []any{1, "x"}}, true, "12345678901234567890.25", 0.1)
	gives(t, got, `{"changed":1,"count":1,"more":false,"rows":[{"email":"ada'; drop table customers; --","id":1}]}`)
	gives(t, d.good(t, "sql_query", map[string]any{"query": "select * from customers where id = $1", "values": []any{1}}),
		`{"count":1,"more":false,"rows":[{"at":"2026-01-31T09:30:00Z","big":"12345678901234567890.25","blob":"AP8=","day":"2026-01-31","email":"ada'; drop table customers; --","extra":{"a":[1,"x"]},"id":1,"n":0.1,"ok":true,"paid":12.5,"plain":"2026-01-31T09:30:00","plan":null,"seats":[1,2],"tags":["a b",null,"c"]}]}`)
	gives(t, d.good(t, "sql_query", map[string]any{"query": "select $1::bytea as a, $2::bytea as b, $3::jsonb as c, $4::bytea as d", "values": []any{map[string]any{"base64": "AP8="}, d.put("a.bin", "", []byte("\x00\xff")).Value(), map[string]any{"base64": 1}, `\x00ff`}})["rows"],
		`[{"a":"AP8=","b":"AP8=","c":{"base64":1},"d":"XHgwMGZm"}]`)
	gives(t, change("update customers set plan = 'pro' where id = $1", 1), `{"changed":1,"count":0,"more":false,"rows":[]}`)
	gives(t, change("with x as (select 1 as id) update customers set plan = 'a returning' from x where customers.id = x.id"), `{"changed":1,"count":0,"more":false,"rows":[]}`)
	gives(t, d.good(t, "sql_query", map[string]any{"query": "select generate_series(1, 3000000) as n", "limit": 2}), `{"count":2,"more":true,"rows":[{"n":1},{"n":2}]}`)

	for _, c := range []struct {
		query, access string
		values        []any
		class         fault.Code
		says          string
	}{
		{"delete from customers", "read", nil, fault.InvalidInput, "127.0.0.1 says: cannot execute DELETE in a read-only transaction. Set the step's access to write"},
		{"select * from nowhere", "read", nil, fault.InvalidInput, `127.0.0.1 says: relation "nowhere" does not exist (character 15 of the query).`},
		{"select 1; select 2", "read", nil, fault.InvalidInput, "127.0.0.1 says: cannot insert multiple commands into a prepared statement."},
		{"select $1::int + $2::int as n", "read", []any{1}, fault.InvalidInput, "The input values: the query has 2 places for values, and 1 value is given."},
		{"select ?", "read", []any{1}, fault.InvalidInput, "127.0.0.1 says: syntax error at end of input (character 9 of the query). A place for a value is written $1, $2"},
		{"select $1::date", "read", []any{"31.01.2026"}, fault.InvalidInput, `127.0.0.1 says: date/time field value out of range: "31.01.2026". Perhaps you need a different "datestyle" setting. A date goes there as 2026-01-31, a time as 2026-01-31T09:30:00Z: {{ format_date(trigger.at, "YYYY-MM-DD") }}, or`},
		{"select $1::int as n", "read", []any{"x"}, fault.InvalidInput, `127.0.0.1 says: invalid input syntax for type integer: "x".`},
		{"select 1 as a, 2 as a", "read", nil, fault.InvalidInput, `The input query: it gives two columns named "a"`},
		{"insert into customers (email) values ($1)", "write", []any{"ada'; drop table customers; --"}, fault.Conflict, "127.0.0.1 says: duplicate key value violates unique constraint"},
		{"copy customers to stdout", "write", nil, fault.InvalidInput, "The input query: COPY moves streams and files"},
		{"-- x\n;", "read", nil, fault.InvalidInput, "The input query: it holds no statement"},
		{"select repeat('x', 11000000) as a", "read", nil, fault.TooLarge, "The query gives more than 10 MB within its first row; ask"},
	} {
		failed(t, d.invoke(t, "sql_query", map[string]any{"query": c.query, "values": c.values, "access": c.access}), c.class, c.says)
	}
	for _, c := range []struct {
		query, want string
		values      []any
	}{
		{"select id from customers where id = any($1)", `[{"id":1}]`, []any{[]any{1, 7}}},
		{"select n from unnest($1::text[], $2::bool[]) as of (n, ok) where ok", `[{"n":"a\"\\, {b}"},{"n":null}]`, []any{[]any{"a\"\\, {b}", nil, ""}, []any{true, true, false}}},
		{"select $1::jsonb as a, $2::int[] as b, $3::text as c, cardinality($4::int[]) as d", `[{"a":[1,"x"],"b":[],"c":"[1]","d":4}]`, []any{[]any{1, "x"}, []any{}, []any{1}, []any{[]any{1, 2}, []any{3, 4}}}},
	} {
		out := d.good(t, "sql_query", map[string]any{"query": c.query, "values": c.values})
		gives(t, out["rows"], c.want)
	}
	failed(t, d.invoke(t, "sql_query", map[string]any{"query": "select 1 as n where 1 = any($1)", "values": []any{[]any{"x"}}}), fault.InvalidInput, `127.0.0.1 says: invalid input syntax for type integer: "x".`)
	if r := d.invokeIn(t, t.Context(), 300*time.Millisecond, "sql_query", map[string]any{"query": "select pg_sleep(20)::text as x"}); r.Failure == nil || r.Failure.Class != string(fault.Timeout) {
		t.Errorf("a query that lasts too long gives %+v", r.Failure)
	}
	// What goes wrong after a change was made undoes it, and nothing is in doubt.
	r := d.invoke(t, "sql_query", map[string]any{"query": "insert into customers (email) select 'x' || n from generate_series(1, 20) n returning repeat('y', 1000000) as a", "access": "write"})
	failed(t, r, fault.TooLarge, "The query gives more than 10 MB")
	gives(t, d.good(t, "sql_query", map[string]any{"query": "select count(*) as n from customers"}), `{"count":1,"more":false,"rows":[{"n":1}]}`)

	d.values["password"] = "another"
	failed(t, d.invoke(t, "sql_query", map[string]any{"query": "select 1"}), fault.Unauthorized, `127.0.0.1 says: password authentication failed for user "ada".`)
	d.tested(t, "127.0.0.1 says: ")
	d.values["password"], d.cfg.RootCAs = "secret word", nil
	if r := d.invoke(t, "sql_query", map[string]any{"query": "select 1"}); r.Failure == nil || !strings.Contains(r.Failure.Message, "certificate") {
		t.Errorf("a server that nobody vouches for gives %+v", r)
	}
	d.values["security"] = "none"
	d.good(t, "sql_query", map[string]any{"query": "select 1 as n"})
	d.tested(t, "")
}

// TestMariaDB asks and changes a real database that speaks as MySQL.
func TestMariaDB(t *testing.T) {
	server, install := program(t, "mariadbd", "mysqld"), program(t, "mariadb-install-db", "mysql_install_db")
	_, pool, cert, key := certified(t)
	dir, port := t.TempDir(), freePort(t)
	as := whom(t, dir, cert, key)
	if out, err := as(exec.Command(install, "--no-defaults", "--datadir="+dir+"/db", "--auth-root-authentication-method=normal", "--skip-test-db")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	first := filepath.Join(dir, "first.sql")
	if err := os.WriteFile(first, []byte("create database shop;\ncreate user ada@'127.0.0.1' identified by 'secret word';\ngrant all on shop.* to ada@'127.0.0.1';\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	started(t, port, as(exec.Command(server, "--no-defaults", "--datadir="+dir+"/db", "--port="+port, "--bind-address=127.0.0.1", "--socket="+dir+"/socket", "--pid-file="+dir+"/pid",
		"--ssl-cert="+cert, "--ssl-key="+dir+"/key.pem", "--skip-name-resolve", "--init-file="+first)))
	d := deskFor("mysql", "127.0.0.1:"+port, map[string]string{"security": "tls", "database": "shop", "user": "ada", "password": "secret word"})
	d.cfg.RootCAs = pool
	ready(t, d)
	change := func(query string, values ...any) map[string]any {
		t.Helper()
		return d.good(t, "sql_query", map[string]any{"query": query, "values": values, "access": "write"})
	}
	change("create table customers (id bigint unsigned auto_increment primary key, email varchar(200) unique not null, plan text, paid decimal(20,4), at timestamp, day date, plain datetime, extra json, bin varbinary(10), ok boolean, b bit(4), n double, f float)")
	gives(t, change("insert into customers (email, plan, paid, at, day, plain, extra, bin, ok, b, n, f) values (?, ?, ?, ?, ?, ?, ?, x'00ff', ?, 5, ?, 0.1)",
		"ada'; drop table customers; --", nil, 12.5, "2026-01-31 09:30:00", "2026-01-31", "2026-01-31 09:30:00", map[string]any{"a": []any{1, "x"}}, true, 0.1),
		`{"changed":1,"count":0,"last_id":1,"more":false,"rows":[]}`)
	gives(t, d.good(t, "sql_query", map[string]any{"query": "select * from customers where id = ?", "values": []any{1}}),
		`{"count":1,"more":false,"rows":[{"at":"2026-01-31T09:30:00Z","b":5,"bin":"AP8=","day":"2026-01-31","email":"ada'; drop table customers; --","extra":"{\"a\":[1,\"x\"]}","f":0.1,"id":1,"n":0.1,"ok":1,"paid":12.5,"plain":"2026-01-31T09:30:00","plan":null}]}`)
	gives(t, d.good(t, "sql_query", map[string]any{"query": "select hex(?) as a, hex(?) as b, cast('0000-00-00' as date) as c", "values": []any{map[string]any{"base64": "AP8="}, d.put("a.bin", "", []byte("\x00\xff")).Value()}})["rows"], `[{"a":"00FF","b":"00FF","c":null}]`)
	change("create table large (id bigint unsigned auto_increment primary key)")
	gives(t, change("insert into large values (18446744073709551614)")["last_id"], "18446744073709551614")
	gives(t, change("update customers set plan = 'pro' where id = ?", 1), `{"changed":1,"count":0,"more":false,"rows":[]}`)
	gives(t, change("insert into customers (email) values ('b') returning id"), `{"changed":1,"count":1,"more":false,"rows":[{"id":2}]}`)
	for _, c := range []struct {
		query, access string
		values        []any
		class         fault.Code
		says          string
	}{
		{"delete from customers", "read", nil, fault.InvalidInput, "127.0.0.1 says: Cannot execute statement in a READ ONLY transaction (error 1792). Set the step's access to write"},
		{"select * from nowhere", "read", nil, fault.InvalidInput, "127.0.0.1 says: Table 'shop.nowhere' doesn't exist (error 1146)."},
		{"select 1; select 2", "read", nil, fault.InvalidInput, "127.0.0.1 says: You have an error in your SQL syntax"},
		{"select $1 as n", "read", []any{1}, fault.InvalidInput, "127.0.0.1 says: Unknown column '$1' in 'SELECT' (error 1054). A place for a value is written as a question mark here"},
		{"select ? + ? as n", "read", []any{1}, fault.InvalidInput, "The input values: the query has 2 places for values, and 1 value is given."},
		{"insert into customers (email) values (?)", "write", []any{"b"}, fault.Conflict, "127.0.0.1 says: Duplicate entry 'b' for key 'email'"},
		{"insert into customers (email, plain) values ('z', ?)", "write", []any{"tomorrow"}, fault.InvalidInput, "127.0.0.1 says: Incorrect datetime value: 'tomorrow' for column `shop`.`customers`.`plain` at row 1 (error 1292). A time goes there as 2026-01-31 09:30:00: {{ format_date(trigger.at, \"YYYY-MM-DD HH:mm:ss\") }}."},
		{"load data local infile '/etc/passwd' into table customers", "write", nil, fault.Uncertain, "The query on 127.0.0.1 fails: local file '/etc/passwd' is not registered."},
	} {
		failed(t, d.invoke(t, "sql_query", map[string]any{"query": c.query, "values": c.values, "access": c.access}), c.class, c.says)
	}
	if r := d.invokeIn(t, t.Context(), 300*time.Millisecond, "sql_query", map[string]any{"query": "select sleep(20) as x"}); r.Failure == nil || r.Failure.Class != string(fault.Timeout) {
		t.Errorf("a query that lasts too long gives %+v", r.Failure)
	}
	if r := d.invokeIn(t, t.Context(), 300*time.Millisecond, "sql_query", map[string]any{"query": "insert into customers (email) select sleep(20)", "access": "write"}); r.Failure == nil || r.Failure.Class != string(fault.Uncertain) {
		t.Errorf("a change whose answer is lost gives %+v", r.Failure)
	}
	d.values["password"] = "another"
	failed(t, d.invoke(t, "sql_query", map[string]any{"query": "select 1"}), fault.Unauthorized, "127.0.0.1 says: Access denied for user 'ada'")
	d.tested(t, "127.0.0.1 says: ")
	d.values["password"], d.values["security"] = "secret word", "none"
	d.good(t, "sql_query", map[string]any{"query": "select 1 as n"})
	d.tested(t, "")
}

// TestSQLite asks and changes a database file, which may reach nothing but itself.
func TestSQLite(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // nobody else's
	d := deskFor("none", "127.0.0.1:1", nil)
	d.connection.Slug = ""
	file := d.put("shop.sqlite", "application/vnd.sqlite3", nil).Value()
	change := func(query string, values ...any) map[string]any {
		t.Helper()
		out := d.good(t, "sqlite_query", map[string]any{"file": file, "query": query, "values": values, "access": "write"})
		file = out["file"].(map[string]any)
		delete(out, "file")
		return out
	}
	gives(t, d.good(t, "sqlite_query", map[string]any{"file": file, "query": "select hex(?) as a, hex(?) as b", "values": []any{map[string]any{"base64": "AP8="}, d.put("a.bin", "", []byte("\x00\xff")).Value()}})["rows"], `[{"a":"00FF","b":"00FF"}]`)
	change("create table customers (id integer primary key, email text unique, at timestamp, extra, n numeric)")
	gives(t, change("insert into customers (email, at, extra, n) values (?, '2026-01-31 09:30:00', x'00ff', ?)", "ada'; drop table customers; --", 12.5), `{"changed":1,"count":0,"last_id":1,"more":false,"rows":[]}`)
	gives(t, change("insert into customers (email) values ('b') returning id, 1 as one"), `{"changed":1,"count":1,"more":false,"rows":[{"id":2,"one":1}]}`)
	gives(t, d.good(t, "sqlite_query", map[string]any{"file": file, "query": "select * from customers"}),
		`{"count":2,"more":false,"rows":[{"at":"2026-01-31T09:30:00","email":"ada'; drop table customers; --","extra":"AP8=","id":1,"n":12.5},{"at":null,"email":"b","extra":null,"id":2,"n":null}]}`)
	d.good(t, "sqlite_query", map[string]any{"file": file, "query": "pragma table_info(customers)"})
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for _, c := range []struct {
		query, access string
		values        []any
		class         fault.Code
		says          string
	}{
		{"delete from customers", "read", nil, fault.InvalidInput, `The file "shop.sqlite": attempt to write a readonly database. Set the step's access to write`},
		{"select * from nowhere", "read", nil, fault.InvalidInput, `The file "shop.sqlite": no such table: nowhere.`},
		{"select 1; delete from customers", "write", nil, fault.InvalidInput, "The input query: it holds several statements"},
		{"-- x", "read", nil, fault.InvalidInput, "The input query: it holds no statement"},
		{"/* x */", "write", nil, fault.InvalidInput, "The input query: it holds no statement"},
		{" ; ", "read", nil, fault.InvalidInput, "The input query: it holds no statement"},
		{";; -- x\n /* open", "read", nil, fault.InvalidInput, "The input query: it holds no statement"},
		{"create table a (x); drop table customers", "write", nil, fault.InvalidInput, "The input query: it holds several statements"},
		{"attach database '" + elsewhere + "' as x", "write", nil, fault.InvalidInput, `The file "shop.sqlite": the statement would open another file`},
		{"vacuum into '" + elsewhere + "'", "write", nil, fault.InvalidInput, `The file "shop.sqlite": `},
		{"pragma journal_mode = wal", "write", nil, fault.InvalidInput, `The file "shop.sqlite": the statement would open another file`},
		{"select ? as a", "read", []any{map[string]any{"base64": "?"}}, fault.InvalidInput, `The input values/0: "?" is no base64`},
		{"select ? as a", "read", []any{[]any{file}}, fault.InvalidInput, "The input values/0: a file is within it"},
		{"select ? as a", "read", []any{map[string]any{"file": strings.Repeat("0", 64), "name": "b", "type": "", "size": 6 << 20}}, fault.InvalidInput, `The input values/0: the file "b" has more than 5 MB`},
		{"select load_extension('x')", "read", nil, fault.InvalidInput, `The file "shop.sqlite": `},
		{"select writefile('" + elsewhere + "', 'x')", "read", nil, fault.InvalidInput, `The file "shop.sqlite": no such function: writefile.`},
		{"select zeroblob(100000000) as a", "read", nil, fault.TooLarge, `The file "shop.sqlite": string or blob too big.`},
		{"select ? as a", "read", nil, fault.InvalidInput, "The input values: the query has 1 place for values, and 0 values are given."},
		{"insert into customers (id) values (1)", "write", nil, fault.Conflict, `The file "shop.sqlite": UNIQUE constraint failed: customers.id.`},
	} {
		failed(t, d.invoke(t, "sqlite_query", map[string]any{"file": file, "query": c.query, "values": c.values, "access": c.access}), c.class, c.says)
	}
	if _, err := os.Stat(elsewhere); err == nil {
		t.Error("a statement made a file elsewhere")
	}
	if r := d.invokeIn(t, t.Context(), 300*time.Millisecond, "sqlite_query", map[string]any{"file": file, "query": "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as c from n"}); r.Failure == nil || r.Failure.Class != string(fault.Timeout) {
		t.Errorf("a query without an end gives %+v", r.Failure)
	}
	failed(t, d.invoke(t, "sqlite_query", map[string]any{"file": d.put("a.txt", "text/plain", bytes.Repeat([]byte("no database "), 1000)).Value(), "query": "select * from customers"}), fault.InvalidInput, `The file "a.txt": it is damaged, or no database of SQLite`)
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "stepmill-sqlite-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestNoDatabase: what answers otherwise, or not at all, is no database; and nothing in clear is said to one that has no TLS.
func TestNoDatabase(t *testing.T) {
	for _, method := range []string{"postgresql", "mysql"} {
		for says, want := range map[string]string{"": "The connection to 127.0.0.1", "HTTP/1.1 400 Bad Request\r\n\r\n": "", "N": "", strings.Repeat("\xff", 5000): "", strings.Repeat("\x00", 5000): ""} {
			for _, security := range []string{"tls", "none"} {
				addr, heard := saying(t, says)
				d := deskFor(method, addr, map[string]string{"security": security, "database": "x", "user": "ada", "password": "secret word"})
				r := d.invoke(t, "sql_query", map[string]any{"query": "select 1"})
				if r.Failure == nil || !strings.HasPrefix(r.Failure.Message, want) {
					t.Errorf("%s, %s: %q gives %+v", method, security, says, r.Failure)
				}
				if got := heard(); security == "tls" && strings.Contains(got, "ada") {
					t.Errorf("%s: it says in clear %q", method, got)
				}
			}
		}
	}
	addr, _ := saying(t, "N")
	failed(t, deskFor("postgresql", addr, map[string]string{"security": "tls", "user": "ada"}).invoke(t, "sql_query", map[string]any{"query": "select 1"}), fault.InvalidInput, "127.0.0.1 offers no TLS")
	addr, _ = saying(t, "x")
	failed(t, deskFor("postgresql", addr, map[string]string{"security": "tls", "user": "ada"}).invoke(t, "sql_query", map[string]any{"query": "select 1"}), fault.Unavailable, "127.0.0.1 does not speak PostgreSQL at that port")
}

// saying is a server that says something to whoever comes, and what it heard.
func saying(t *testing.T, text string) (string, func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heard := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			heard <- ""
			return
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(conn)
		conn.Close()
		heard <- string(b)
	}()
	return l.Addr().String(), func() string { return <-heard }
}

// TestSandboxedQuery shows what would be asked.
func TestSandboxedQuery(t *testing.T) {
	d := deskFor("postgresql", "127.0.0.1:1", map[string]string{"security": "tls", "database": "x", "user": "ada"})
	d.connection.Sandbox = true
	d.good(t, "sql_query", map[string]any{"query": "select $1", "values": []any{7, "x"}})
	if len(d.kept) != 1 || d.kept[0].Method != "QUERY" || d.kept[0].Body != "select $1\n-- values: [7,\"x\"]" {
		t.Errorf("it keeps %+v", d.kept)
	}
}

// TestDecimals: a number is one only where nothing of it is lost.
func TestDecimals(t *testing.T) {
	for text, want := range map[string]any{"12.50": 12.5, "1": 1, "0.1": 0.1, "12345678901234567.89": "12345678901234567.89", "NaN": "NaN", "-Infinity": "-Infinity", "1e+22": 1e22, "Infinity": "Infinity", "-0.000000000000000001": -1e-18} {
		if got := decimal(text); got != want {
			t.Errorf("%s gives %v (%T)", text, got, got)
		}
	}
}

func gives(t testing.TB, got any, want string) {
	t.Helper()
	if text := value.Text(got); text != want {
		t.Errorf("it gives\n%s\nnot\n%s", text, want)
	}
}

// ready waits until a database answers.
func ready(t *testing.T, d *desk) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r := d.invoke(t, "sql_query", map[string]any{"query": "select 1 as n"})
		if r.Failure == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%+v", r.Failure)
		}
	}
}

func secretFile(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "secret")
	if err := os.WriteFile(name, []byte("secret word\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// whom makes commands run as a user that servers run as, which root is not, with a folder and its files for its own.
func whom(t *testing.T, dir, cert, key string) func(*exec.Cmd) *exec.Cmd {
	t.Helper()
	b, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "key.pem")
	if err := os.WriteFile(own, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		return func(c *exec.Cmd) *exec.Cmd { return c }
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	for _, name := range []string{dir, own} {
		if err := os.Chown(name, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{filepath.Dir(dir), filepath.Dir(cert), filepath.Dir(filepath.Dir(cert))} {
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return func(c *exec.Cmd) *exec.Cmd {
		c.Dir, c.SysProcAttr = dir, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return c
	}
}
