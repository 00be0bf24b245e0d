package storage

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

const runColumns = `r.id, r.workspace, r.scenario_id, s.slug, r.version, r.number, r.trigger_id, r.event_id, r.status, r.label, r.error, r.output,
	r.epoch, r.seq, r.created_at, r.started_at, r.ended_at, r.wake_at, r.parent_id, r.depth, r.waited, r.line, r.cap, r.held, r.strikes, r.attention`

// A left join: the runs are what is gone through, in their order; each has its scenario.
const runFrom = ` FROM runs r LEFT JOIN scenarios s ON s.workspace = r.workspace AND s.id = r.scenario_id`

// scanRun reads runColumns.
func scanRun(scan func(...any) error) (run.Run, error) {
	var r run.Run
	var status string
	var label, failure, output sql.NullString
	var created int64
	var waited int
	var started, ended, wake, looked sql.NullInt64
	err := scan(&r.ID, &r.Workspace, &r.ScenarioID, &r.Scenario, &r.Version, &r.Number, &r.Trigger, &r.EventID, &status, &label, &failure, &output,
		&r.Epoch, &r.Seq, &created, &started, &ended, &wake, &r.Parent, &r.Depth, &waited, &r.Line, &r.Limit, &r.Hold, &r.Strikes, &looked)
	r.Waited, r.Asks = waited != 0, looked.Int64 == asking
	if err != nil {
		return r, err
	}
	r.Status, r.Label = run.Status(status), label.String
	r.CreatedAt, r.StartedAt, r.EndedAt, r.WakeAt = time.UnixMilli(created).UTC(), moment(started), moment(ended), moment(wake)
	if large, ok := readLarge(output.String); ok {
		r.LargeOutput = large
	} else if output.Valid {
		r.Output = []byte(output.String)
	}
	if failure.Valid {
		r.Error, err = readFailure(failure.String)
	}
	return r, err
}

func readFailure(text string) (*run.Failure, error) {
	v, err := value.Decode([]byte(text), value.Limits{})
	if err != nil {
		return nil, err
	}
	o, _ := v.(map[string]any)
	return run.FailureFrom(o), nil
}

// Run gives one run, its output whole.
func (s *Store) Run(ctx context.Context, actor run.Actor, id string) (run.Run, error) {
	r, err := s.LightRun(ctx, actor, id)
	if err != nil || r.LargeOutput.Hash == "" {
		return r, err
	}
	if r.Output, err = s.Kept(ctx, r.LargeOutput); fault.CodeOf(err) == fault.Unavailable {
		return r, err
	} else if err != nil { // the rest can be shown
		r.Output = nil
	}
	return r, nil
}

// LightRun gives one run. An output that is kept apart stays so.
func (s *Store) LightRun(ctx context.Context, actor run.Actor, id string) (run.Run, error) {
	row := s.cfg.Read.QueryRowContext(ctx, `SELECT `+runColumns+runFrom+` WHERE r.workspace = $1 AND r.id = $2`, actor.Workspace, id)
	r, err := scanRun(row.Scan)
	if err == sql.ErrNoRows {
		return r, fault.New(fault.NotFound, "There is no run %q.", fault.Clip(id, 60))
	}
	return r, s.failed(err)
}

// countedRuns bounds how far a list counts its total.
const countedRuns = 10_000

// Runs lists runs, newest first. Every condition that many runs may not fit is one that an index answers, or is bounded.
func (s *Store) Runs(ctx context.Context, actor run.Actor, f run.Filter) (run.Page, error) {
	q, none, err := s.runsQuery(ctx, actor, f)
	if none || err != nil {
		return run.Page{}, err
	}
	if f.Query != "" {
		return s.look(ctx, q, f)
	}
	page := run.Page{}
	if err := s.countRuns(ctx, q, &page); err != nil {
		return page, s.failed(err)
	}
	if f.Cursor != "" {
		if err := q.after(f.Cursor); err != nil {
			return page, err
		}
	}
	limit := pageSize(f.Limit)
	page.Runs, err = s.list(ctx, q, limit+1)
	if len(page.Runs) > limit {
		page.Runs = page.Runs[:limit]
		page.NextCursor = q.cursor(page.Runs[limit-1].ID, page.Runs[limit-1].Number)
	}
	return page, s.failed(err)
}

func (s *Store) list(ctx context.Context, q *runsQuery, limit int) ([]run.Run, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT `+runColumns+runFrom+` WHERE `+q.all()+q.newest(limit), q.args...)
	return all(rows, err, func(rows *sql.Rows) (run.Run, error) { return scanRun(rows.Scan) })
}

// countRuns counts the runs that fit, up to a bound.
func (s *Store) countRuns(ctx context.Context, q *runsQuery, page *run.Page) error {
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM runs r WHERE `+q.all()+` LIMIT `+strconv.Itoa(countedRuns+1)+`) c`, q.args...).Scan(&page.Total)
	if page.Total > countedRuns {
		page.Total, page.More = countedRuns, true
	}
	return err
}

// runsQuery is a list of runs as SQL.
type runsQuery struct {
	where []string
	args  []any
	order string // the column by which it goes; the newest have the largest
}

// all is every condition; none of them is empty.
func (q *runsQuery) all() string { return strings.Join(q.where, " AND ") }

func (q *runsQuery) newest(n int) string {
	return ` ORDER BY ` + q.order + ` DESC LIMIT ` + strconv.Itoa(n)
}

func (q *runsQuery) clone() *runsQuery {
	return &runsQuery{where: slices.Clone(q.where), args: slices.Clone(q.args), order: q.order}
}

func (q *runsQuery) add(condition string, v ...any) {
	q.where = append(q.where, q.bind(condition, v...))
}

// bind gives the parameters of a condition their numbers.
func (q *runsQuery) bind(condition string, v ...any) string {
	for _, x := range v {
		q.args = append(q.args, x)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(q.args)), 1)
	}
	return condition
}

// nearly is how far a run's id and its row may differ about when it was made.
const nearly = time.Minute

// scenarioID finds a scenario by its slug or id, also one that was deleted; "": there is none.
func (s *Store) scenarioID(ctx context.Context, actor run.Actor, ref string) (id string, err error) {
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT id FROM scenarios WHERE workspace = $1 AND (slug = $2 OR id = $3) ORDER BY deleted_at IS NOT NULL LIMIT 1`, actor.Workspace, ref, ref).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// HasScenario says that there is a scenario of a slug or id, or was one.
func (s *Store) HasScenario(ctx context.Context, actor run.Actor, ref string) (bool, error) {
	id, err := s.scenarioID(ctx, actor, ref)
	return id != "", s.failed(err)
}

// runsQuery is none where nothing can fit.
func (s *Store) runsQuery(ctx context.Context, actor run.Actor, f run.Filter) (q *runsQuery, none bool, err error) {
	q = &runsQuery{order: "r.id"}
	if f.Scenario != "" {
		id, err := s.scenarioID(ctx, actor, f.Scenario)
		if err == nil && id == "" {
			return nil, true, nil
		}
		if err != nil {
			return nil, false, s.failed(err)
		}
		q.add(`r.workspace = ?`, actor.Workspace)
		q.add(`r.scenario_id = ?`, id)
		q.order = "r.number" // runs are numbered in the order they came, and an index holds the numbers of a scenario
	} else {
		q.add(`r.workspace || '' = ?`, actor.Workspace) // so that the order of ids is followed, and no index that has none
	}
	q.statuses(f.Statuses)
	if f.Needs {
		q.add(needs)
	}
	// Ids begin with the time, by which the index finds the place; to the millisecond it is the row that knows.
	if !f.Since.IsZero() {
		q.add(`r.id >= ?`, idBefore(f.Since.Add(-nearly)))
		q.add(`r.created_at >= ?`, f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		q.add(`r.id < ?`, idBefore(f.Until.Add(nearly)))
		q.add(`r.created_at < ?`, f.Until.UnixMilli())
	}
	return q, false, nil
}

// needs is every run that stands until somebody acts, each half found by an index of its own.
const needs = `r.id IN (SELECT s.id FROM runs s WHERE s.attention IS NOT NULL AND s.status IN ('incomplete', 'uncertain') UNION ALL SELECT d.id FROM runs d WHERE d.attention = 2)`

// statuses names the indexes that hold the runs of a status. Of the rest, those that went well, there are enough everywhere.
func (q *runsQuery) statuses(list []run.Status) {
	if len(list) == 0 {
		return
	}
	marks, v, sleeps, moves := make([]string, len(list)), make([]any, len(list)), true, true
	for i, status := range list {
		marks[i], v[i] = "?", string(status)
		sleeps = sleeps && attention(status, false) != nil
		moves = moves && (status == run.Queued || status == run.Running)
	}
	q.add(`r.status IN (`+strings.Join(marks, ", ")+`)`, v...)
	switch {
	case sleeps:
		q.add(`r.attention IS NOT NULL`)
	case moves:
		q.add(`r.id IN (SELECT o.id FROM runs o WHERE o.ended_at IS NULL AND o.wake_at IS NULL AND o.held = 0 UNION ALL SELECT h.id FROM runs h WHERE h.held <> 0)`)
	}
}

// cursor is the place behind a run.
func (q *runsQuery) cursor(id string, number int64) string {
	if q.order == "r.number" {
		return makeCursor(fmt.Sprintf("%036d", number)) // as long as an id
	}
	return makeCursor(id)
}

func (q *runsQuery) after(cursor string) error {
	text, err := readCursor(cursor)
	if err != nil || q.order == "r.id" {
		q.add(`r.id < ?`, text)
		return err
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fault.New(fault.InvalidInput, "The cursor is none of this list; begin without one.")
	}
	q.add(`r.number < ?`, number)
	return nil
}

func pageSize(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 500)
}

func makeCursor(id string) string { return base64.RawURLEncoding.EncodeToString([]byte("after " + id)) }

func readCursor(cursor string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	id, ok := strings.CutPrefix(string(b), "after ")
	if err != nil || !ok || len(id) != 36 {
		return "", fault.New(fault.InvalidInput, "The cursor is none of this list; begin without one.")
	}
	return id, nil
}

const sqlLastPos = `SELECT pos + entries - 1 FROM journal ORDER BY pos DESC LIMIT 1`

// LastPos gives the position of the last entry stored; zero: there is none.
func (s *Store) LastPos(ctx context.Context) (int64, error) {
	var pos int64
	err := s.cfg.Read.QueryRowContext(ctx, sqlLastPos).Scan(&pos)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	return pos, s.failed(err)
}
