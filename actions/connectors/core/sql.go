package core

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const (
	maxRows  = 10_000
	maxBound = 5 << 20 // bytes of the files that are values of a query
)

// dialect is how a kind of server is spoken to.
type dialect struct {
	name    string
	connect func(ctx context.Context, line *actions.Line, dial func() (net.Conn, error)) (driver.Connector, error)
	// begin makes the first statement of a transaction that may last so long; empty: there is none.
	begin   func(most time.Duration) string
	failure func(err error) (code fault.Code, words string, ok bool) // of what the server said; not ok: it said nothing
	// transactional says that of whatever was done nothing stays before the transaction's end.
	transactional bool
	backslash     bool                                 // hides a quote in a text
	numbered      bool                                 // are the places for values: $1, not a question mark
	unsigned      bool                                 // is a number that an insert makes
	cell          func(kind string, v any) (any, bool) // what a row gives; false where the general reading will do
	// lists binds the values that are lists to the places that take some, of a statement that is prepared; nil: there are none.
	lists func(ctx context.Context, tx *sql.Tx, q *question) error
}

func dialects() map[string]dialect {
	return map[string]dialect{"postgresql": postgresql(), "mysql": mysqlServer()}
}

func sqlQuery() actions.Action {
	return actions.Action{
		ID: "sql_query", Name: "Query a database", Description: "Carries out a statement of SQL on PostgreSQL, MySQL or MariaDB.", Effect: actions.Once, Protocol: "sql", Timeout: 5 * time.Minute,
		Guarantee: "Each statement is a transaction of its own, which is done as a whole or not at all. What only looks may be done again, and so may what fails before its end; where the answer to the end of a change is lost, a person decides. On MySQL that counts from the statement on, since not every table there keeps to transactions.",
		Input:     queryFields(),
		Output:    value.Shape{Kind: "object", Fields: map[string]value.Shape{"rows": {Kind: "list"}, "count": {Kind: "number"}, "changed": {Kind: "number"}, "more": {Kind: "boolean"}, "last_id": {}}},
		Sample:    queriedSample(),
		Check:     checkQuery,
		Run:       runQuery,
	}
}

func queryFields() []actions.Field {
	access := choice("access", "Access", "What the statement may do. Where it only looks the database itself refuses any change.", "read", "read", "Only look", "write", "Look and change")
	access.Reads = []string{"read"}
	query := field("query", "Query", actions.LongText, "One statement, written out. Where a value belongs write $1, $2 and so on (MySQL and SQLite: a question mark for each) and give it below: it never becomes part of the statement. A column of bytes gives base64. One of decimals gives numbers, and a text in a row where a number would lose digits; cast it to text where all are to be one.", "select id, plan from customers where email = $1")
	query.Required, query.MaxLen = true, 100_000
	return []actions.Field{
		query,
		field("values", "Values", actions.List, "Those of the places in the query, in their order. A list or an object goes there as JSON; where PostgreSQL takes an array, as in id = any($1), a list goes there as one. Bytes, as for a column of type bytea or BLOB, go there as {\"base64\": \"AP8=\"}, or as a file of up to 5 MB; a text would go there as its letters. A list of objects is many rows at once: insert into t select * from json_populate_recordset(null::t, $1) on PostgreSQL, json_table on MySQL and MariaDB, json_each on SQLite.", []any{"ada@example.com"}),
		access,
		{ID: "limit", Label: "Limit", Help: "How many rows at most are given, up to 10,000.", Type: actions.Integer, Default: 1000, In: actions.InNone},
	}
}

func queriedSample() any {
	return map[string]any{"rows": []any{map[string]any{"id": 1, "plan": "pro"}}, "count": 1, "more": false}
}

// question is a query as it is asked.
type question struct {
	text   string
	given  []any // values, as the step has them
	values []any // and as a driver takes them
	write  bool
	limit  int
}

func planQuery(v map[string]any) (question, error) {
	q := question{text: strings.TrimSpace(textOf(v, "query")), write: textOf(v, "access") == "write"}
	if err := q.bound(v); err != nil {
		return q, err
	}
	if why := unaskable(q.text); why != "" {
		return q, wrong("query", "%s", why)
	}
	q.given = items(v, "values")
	for i, item := range q.given {
		bound, err := bind(itemName("values", i), item)
		if err != nil {
			return q, err
		}
		q.values = append(q.values, bound)
	}
	return q, nil
}

// bound takes how many rows are given.
func (q *question) bound(v map[string]any) error {
	q.limit = 1000
	if n, ok := v["limit"].(int); ok {
		q.limit = n
	}
	if q.limit < 0 || q.limit > maxRows {
		return wrong("limit", "%d is none; it is a number from 0 to 10,000.", q.limit)
	}
	return nil
}

// unaskable says why a text is no statement that a step can ask; empty: it may be one.
func unaskable(text string) string {
	verb, _ := verbOf(text, false)
	switch {
	case strings.ContainsRune(text, 0):
		return "it holds a zero byte, which no statement can."
	case blank(text):
		return "it holds no statement, only spaces, comments or semicolons; write one, as select 1."
	case verb == "COPY":
		return "COPY moves streams and files of the server, which no step has; take SELECT to read, and INSERT with values to write."
	}
	return ""
}

// checkQuery says when publishing what a database would say at every run, and that a statement is never put together.
func checkQuery(with map[string]any, written func(string) bool) (found []actions.InputIssue) {
	if with["query"] != nil && !written("query") {
		return []actions.InputIssue{{Path: "/query", Message: "A statement is written out, so that no value can become a part of it. Write $1 where the value belongs (MySQL and SQLite: ?), and give the value in the list values."}}
	}
	if text, isText := with["query"].(string); isText {
		if why := unaskable(text); why != "" {
			return []actions.InputIssue{{Path: "/query", Message: strings.ToUpper(why[:1]) + why[1:]}}
		}
	}
	found = checkPlan(queryFields(), with, written, func(v map[string]any) error { return new(question).bound(v) }, []string{"limit"})
	verb, _ := verbOf(value.Text(with["query"]), false)
	if (with["access"] == nil || written("access")) && value.Text(with["access"]) != "write" && changes[verb] {
		found = append(found, actions.InputIssue{Path: "/access", Message: fmt.Sprintf("The statement changes something (%s), and the step may only look; set access to write.", verb)})
	}
	return found
}

func runQuery(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	q, err := planQuery(in.Values)
	if err != nil {
		return nil, err
	}
	if err := q.files(ctx, do); err != nil {
		return nil, err
	}
	line, err := do.Dial(ctx, q.shown())
	if err != nil {
		return nil, err
	}
	if line == nil {
		return queriedSample(), nil
	}
	defer line.Close()
	return q.over(ctx, line)
}

// trySQL tests a connection to a database.
func trySQL(ctx context.Context, do actions.Doer) error {
	return on(ctx, do, func(line *actions.Line) error {
		q, err := planQuery(map[string]any{"query": "SELECT 1", "limit": 1})
		if err == nil {
			_, err = q.over(ctx, line)
		}
		return err
	})
}

// over asks the database at the end of a line.
func (q question) over(ctx context.Context, line *actions.Line) (any, error) {
	d, ok := dialects()[line.Method]
	if !ok {
		return nil, fault.New(fault.Internal, "There is no database of the kind %q.", line.Method)
	}
	var used atomic.Bool
	to, err := d.connect(ctx, line, func() (net.Conn, error) {
		if used.Swap(true) { // a second one, to stop the query on the first: that ends with its line
			return nil, errors.New("there is one line only")
		}
		return line.Conn, nil
	})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(to)
	db.SetMaxOpenConns(1)
	defer db.Close()
	defer line.Close() // before the database's own end, which would wait for rows that nobody wants
	out, err := d.ask(ctx, db, q, line.Sent)
	if err == nil {
		return out, within("What the query gives", "ask for less.", out)
	}
	return nil, d.explain(ctx, line, q, err)
}

// shown is the query with its values, for people.
func (q question) shown() actions.Shown {
	s := actions.Shown{Method: "QUERY", Body: q.text}
	if len(q.given) > 0 {
		s.Body += "\n-- values: " + value.Text(q.given)
	}
	return s
}

// ask carries the statement out, in a transaction of its own. sent is told what may stay though no answer comes.
func (d dialect) ask(ctx context.Context, db *sql.DB, q question, sent func(bool)) (map[string]any, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: !q.write})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // after an end it does nothing
	if until, ok := ctx.Deadline(); ok && d.begin != nil {
		if _, err := tx.ExecContext(ctx, d.begin(time.Until(until))); err != nil {
			return nil, err
		}
	}
	prepared, err := tx.PrepareContext(ctx, q.text)
	if err != nil {
		return nil, err
	}
	if d.lists != nil {
		if err := d.lists(ctx, tx, &q); err != nil {
			return nil, err
		}
	}
	if q.write && !d.transactional {
		sent(true)
	}
	out, err := d.carry(ctx, prepared, q)
	if err == nil && q.write {
		if err = within("What the query gives", "let it give back less; nothing was changed.", out); err == nil {
			sent(true)
			err = tx.Commit()
		}
	}
	var own *fault.Error
	if _, _, said := d.failure(err); err == nil || said || errors.As(err, &own) {
		sent(false)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// carry runs a prepared statement, and takes what it gives.
func (d dialect) carry(ctx context.Context, prepared *sql.Stmt, q question) (map[string]any, error) {
	verb, returns := verbOf(q.text, d.backslash)
	if changes[verb] && !returns {
		done, err := prepared.ExecContext(ctx, q.values...)
		if err != nil {
			return nil, err
		}
		out := map[string]any{"rows": []any{}, "count": 0, "more": false}
		if n, err := done.RowsAffected(); err == nil {
			out["changed"] = int(n)
		}
		if id, err := done.LastInsertId(); err == nil && id != 0 && (verb == "INSERT" || verb == "REPLACE") {
			out["last_id"] = int(id)
			if d.unsigned {
				out["last_id"] = d.given("", uint64(id))
			}
		}
		return out, nil
	}
	rows, err := prepared.QueryContext(ctx, q.values...)
	if err != nil {
		return nil, err
	}
	out, err := d.rows(rows, q.limit)
	if q.write || err != nil { // what only looks ends with its line, and so need not be heard to the end
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		return nil, err
	}
	if changes[verb] && out["more"] == false {
		out["changed"] = out["count"]
	}
	return out, nil
}

// rows takes at most limit rows.
func (d dialect) rows(rows *sql.Rows, limit int) (map[string]any, error) {
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, k := range kinds {
		if seen[k.Name()] {
			return nil, wrong("query", "it gives two columns named %s; name one of them otherwise, by AS.", shown(k.Name()))
		}
		seen[k.Name()] = true
	}
	cells, into := make([]any, len(kinds)), make([]any, len(kinds))
	for i := range cells {
		into[i] = &cells[i]
	}
	list, size, more := []any{}, 0, false
	for rows.Next() {
		if len(list) == limit {
			more = true
			break
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make(map[string]any, len(kinds))
		for i, k := range kinds {
			row[strings.ToValidUTF8(k.Name(), "\uFFFD")] = d.given(strings.ToUpper(k.DatabaseTypeName()), cells[i])
		}
		if size += value.Size(row, maxBytes); size > maxBytes {
			return nil, fault.New(fault.TooLarge, "The query gives more than %d MB within its first %s; ask for fewer rows or columns.", maxBytes>>20, strings.TrimPrefix(counted(len(list)+1, "row"), "1 "))
		}
		list = append(list, row)
	}
	if !more {
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return map[string]any{"rows": list, "count": len(list), "more": more}, nil
}

// explain makes the error of what the server said, or did not say.
func (d dialect) explain(ctx context.Context, line *actions.Line, q question, err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return own
	}
	if code, words, ok := d.failure(err); ok {
		words += d.misplaced(q, words)
		return fault.Wrap(err, code, "%s says: %s", line.Host, fault.Clip(strings.Join(strings.Fields(strings.ToValidUTF8(words, "\uFFFD")), " "), 600))
	}
	if wrong := q.miscounted(err); wrong != nil {
		return wrong
	}
	if until, ok := ctx.Deadline(); ok && !time.Now().Before(until) { // the line's own end comes a moment before the call's
		<-ctx.Done()
	}
	if ctx.Err() != nil || broke(err) {
		return line.Failure(err)
	}
	// It may be anything, also an answer that nobody understands: so nothing is claimed of what was done.
	return fault.Wrap(err, fault.Unavailable, "The query on %s fails: %s. Look at the statement, its values, and whether %s is what answers at the connection's port.", line.Host, fault.Clip(err.Error(), 300), d.name)
}

// misplaced is what is said where a place for a value is written as another kind of server has it, and this one stumbles over that.
func (d dialect) misplaced(q question, words string) string {
	switch {
	case len(q.given) == 0:
	case d.numbered && strings.Contains(q.text, "?") && !strings.Contains(q.text, "$1") && strings.Contains(words, "syntax error"):
		return " A place for a value is written $1, $2 and so on here, not as a question mark."
	case !d.numbered && strings.Contains(q.text, "$1") && strings.Contains(words, "'$1'"):
		return " A place for a value is written as a question mark here, not as $1."
	}
	return ""
}

// miscounted is the error of a query with more or fewer values than places; nil: it is another error.
func (q question) miscounted(err error) error {
	var places, given int
	if n, _ := fmt.Sscanf(err.Error(), "sql: expected %d arguments, got %d", &places, &given); n == 2 {
		return wrong("values", "the query has %s for values, and %s given.", counted(places, "place"), countedAre(given, "value"))
	}
	return nil
}
