package core

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// readOnly is what is said where a change is refused since the step may only look.
const readOnly = " Set the step's access to write where it is meant to change something."

func postgresql() dialect {
	return dialect{name: "PostgreSQL", connect: connectPostgreSQL, failure: postgresFailure, transactional: true, numbered: true, cell: postgresCell, lists: postgresLists,
		begin: func(most time.Duration) string { // a query that nobody waits for does not go on for ever
			return "SET LOCAL statement_timeout = " + strconv.FormatInt(max(most.Milliseconds(), 1), 10)
		}}
}

// dialed is a driver's dialer that gives a line which is open.
type dialed func() (net.Conn, error)

func (d dialed) Dial(string, string) (net.Conn, error)                         { return d() }
func (d dialed) DialTimeout(string, string, time.Duration) (net.Conn, error)   { return d() }
func (d dialed) DialContext(context.Context, string, string) (net.Conn, error) { return d() }

func connectPostgreSQL(ctx context.Context, line *actions.Line, dial func() (net.Conn, error)) (driver.Connector, error) {
	if line.Values["security"] != "none" {
		conn, err := secured(ctx, line)
		if err != nil {
			return nil, err
		}
		plain := dial
		dial = func() (net.Conn, error) {
			if _, err := plain(); err != nil {
				return nil, err
			}
			return conn, nil
		}
	}
	to, err := pq.NewConnectorConfig(postgresConfig(line))
	if err != nil {
		return nil, err
	}
	to.Dialer(dialed(dial))
	return to, nil
}

// postgresConfig takes nothing from the environment, nor from a file of the account that the server runs under: the path of the one
// for passwords leads nowhere, and so the driver neither reads it nor warns of who may.
func postgresConfig(line *actions.Line) pq.Config {
	return pq.Config{Host: line.Host, Port: 5432, User: line.Values["user"], Password: line.Values["password"], Passfile: filepath.Join(os.DevNull, "none"),
		Database: line.Values["database"], SSLMode: pq.SSLModeDisable, ClientEncoding: "UTF8", Datestyle: "ISO, MDY", ApplicationName: "stepmill"}
}

// secured asks a server of PostgreSQL for TLS, as its protocol does before anything else is said.
func secured(ctx context.Context, line *actions.Line) (net.Conn, error) {
	if _, err := line.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil {
		return nil, line.Failure(err)
	}
	var answer [1]byte
	if _, err := io.ReadFull(line, answer[:]); err != nil {
		return nil, line.Failure(err)
	}
	switch answer[0] {
	case 'S':
		return secure(ctx, line)
	case 'N':
		return nil, fault.New(fault.InvalidInput, "%s offers no TLS, and nothing is sent to it in clear; switch TLS on there, or choose no encryption in the connection.", line.Host)
	}
	return nil, unlike(line, "PostgreSQL", nil)
}

func postgresFailure(err error) (fault.Code, string, bool) {
	var said *pq.Error
	if !errors.As(err, &said) {
		return "", "", false
	}
	code, class := fault.InvalidInput, string(said.Code)
	switch {
	case strings.HasPrefix(class, "28") || class == "42501":
		code = fault.Unauthorized
	case class == "57014":
		code = fault.Timeout
	case strings.HasPrefix(class, "08"), strings.HasPrefix(class, "40"), strings.HasPrefix(class, "53"), strings.HasPrefix(class, "57"), class == "55P03":
		code = fault.Unavailable
	case class == "23505", class == "23P01":
		code = fault.Conflict
	}
	text := said.Message
	if n, err := strconv.Atoi(said.Position); err == nil {
		text += fmt.Sprintf(" (character %d of the query)", n)
	}
	text += "."
	for _, more := range []string{said.Detail, said.Hint} {
		if more != "" {
			text += " " + more
		}
	}
	return code, text + postgresRemedies[class], true
}

// postgresRemedies are what mends a statement, by the state that PostgreSQL gives.
var postgresRemedies = map[string]string{
	"25006": readOnly,
	"57014": " A statement may last as long as the step's timeout.",
	"42P01": " A name with capital letters stands in double quotes, and a table outside the search path has its schema before it.",
	"42703": " A name with capital letters stands in double quotes, and a text in single ones.",
	"22007": dateRemedy, "22008": dateRemedy,
	"22P02": " A number has a point and no spaces, and an empty text is none: give null.",
}

// dateRemedy is how a date goes where a server wants one.
const dateRemedy = " A date goes there as 2026-01-31, a time as 2026-01-31T09:30:00Z: {{ format_date(trigger.at, \"YYYY-MM-DD\") }}, or what core.date gives."

// postgresLists asks which places take arrays, where values are lists: those go there as an array is written, not as JSON.
func postgresLists(ctx context.Context, tx *sql.Tx, q *question) error {
	if !slices.ContainsFunc(q.given, isList) {
		return nil
	}
	var kinds []string
	err := tx.QueryRowContext(ctx, "SELECT parameter_types::text[] FROM pg_catalog.pg_prepared_statements WHERE statement = $1 ORDER BY prepare_time DESC LIMIT 1", q.text).Scan(pq.Array(&kinds))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	values := slices.Clone(q.values)
	for i, v := range q.given {
		if i < len(kinds) && isList(v) && strings.HasSuffix(kinds[i], "[]") {
			values[i] = postgresArray(v.([]any))
		}
	}
	q.values = values
	return nil
}

func isList(v any) bool {
	_, is := v.([]any)
	return is
}

// postgresArray writes a list as PostgreSQL writes arrays; a list within is a further dimension.
func postgresArray(list []any) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, item := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		switch item := item.(type) {
		case nil:
			b.WriteString("NULL")
		case []any:
			b.WriteString(postgresArray(item))
		default:
			b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value.Text(item)) + `"`)
		}
	}
	b.WriteByte('}')
	return b.String()
}

// postgresCell reads lists, which the driver leaves as text.
func postgresCell(kind string, v any) (any, bool) {
	text, ok := v.([]byte)
	if !ok || !strings.HasPrefix(kind, "_") {
		return nil, false
	}
	var list []sql.NullString
	if pq.Array(&list).Scan(text) != nil {
		return nil, false // of several dimensions, or of a type that is written otherwise
	}
	out := make([]any, len(list))
	for i, item := range list {
		if !item.Valid {
			continue
		}
		switch of := kind[1:]; of {
		case "INT2", "INT4", "INT8", "FLOAT4", "FLOAT8", "NUMERIC":
			out[i] = decimal(item.String)
		case "BOOL":
			out[i] = item.String == "t"
		case "BYTEA":
			return nil, false
		default:
			out[i] = column(of, item.String)
		}
	}
	return out, true
}

func mysqlServer() dialect {
	return dialect{name: "MySQL or MariaDB", connect: connectMySQL, failure: mysqlFailure, backslash: true, unsigned: true, cell: mysqlCell}
}

func connectMySQL(_ context.Context, line *actions.Line, dial func() (net.Conn, error)) (driver.Connector, error) {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = line.Values["user"], line.Values["password"], line.Values["database"]
	cfg.Net, cfg.Addr = "tcp", line.Host
	cfg.ParseTime, cfg.ClientFoundRows, cfg.Logger = true, true, &mysql.NopLogger{}
	cfg.Params = map[string]string{"time_zone": "'+00:00'"}
	if line.Values["security"] != "none" {
		cfg.TLS, cfg.AllowCleartextPasswords = line.TLS, true
	}
	cfg.DialFunc = func(context.Context, string, string) (net.Conn, error) { return dial() }
	return mysql.NewConnector(cfg)
}

func mysqlFailure(err error) (fault.Code, string, bool) {
	if errors.Is(err, mysql.ErrNoTLS) {
		return fault.InvalidInput, "it offers no TLS, and nothing is sent to it in clear; switch TLS on there, or choose no encryption in the connection.", true
	}
	var said *mysql.MySQLError
	if !errors.As(err, &said) {
		return "", "", false
	}
	code, text := fault.InvalidInput, strings.TrimSuffix(said.Message, ".")+fmt.Sprintf(" (error %d).", said.Number)
	switch said.Number {
	case 1044, 1045, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 3118, 4151:
		code = fault.Unauthorized
	case 1040, 1053, 1203, 1205, 1213, 1226:
		code = fault.Unavailable
	case 1062, 1586:
		code = fault.Conflict
	case 1969, 3024:
		code = fault.Timeout
	case 1290, 1792:
		text += readOnly
	case 1292:
		text += " A time goes there as 2026-01-31 09:30:00: {{ format_date(trigger.at, \"YYYY-MM-DD HH:mm:ss\") }}."
	}
	return code, text, true
}

// mysqlCell reads what the server means otherwise than others.
func mysqlCell(kind string, v any) (any, bool) {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() { // as MySQL writes no date: 0000-00-00
			return nil, true
		}
		if kind == "TIMESTAMP" { // it has a zone, which is UTC here
			return v.UTC().Format(time.RFC3339Nano), true
		}
	case []byte:
		if kind == "BIT" && len(v) <= 8 {
			n := uint64(0)
			for _, b := range v {
				n = n<<8 | uint64(b)
			}
			return dialect{}.given("", n), true
		}
	}
	return nil, false
}

// broke says that a line was cut, or never came to be.
func broke(err error) bool {
	var of net.Error
	return errors.As(err, &of) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
