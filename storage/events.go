package storage

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// How many events, from the newest on, are looked at for a page: no index has the conditions, and a text is looked for in
// what they hold. A page may then be short, or empty; its NextCursor goes on behind.
const (
	seenEvents = 20_000
	readEvents = 3_000
)

// Events lists the inbox, newest first unless it is asked for otherwise, without bodies.
func (s *Store) Events(ctx context.Context, actor run.Actor, f run.EventFilter) (run.EventPage, error) {
	q, beyond, order, furthest := &eventsQuery{}, `e.id < ?`, `DESC`, `MIN`
	if f.OldestFirst {
		beyond, order, furthest = `e.id > ?`, `ASC`, `MAX`
	}
	q.add(&q.where, `e.workspace = ?`, actor.Workspace)
	if !f.Since.IsZero() {
		q.add(&q.where, `e.id >= ?`, idBefore(f.Since.Add(-nearly)))
		q.add(&q.where, `e.at >= ?`, f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		q.add(&q.where, `e.at < ?`, f.Until.UnixMilli())
	}
	if f.Cursor != "" {
		after, err := readCursor(f.Cursor)
		if err != nil {
			return run.EventPage{}, err
		}
		q.add(&q.where, beyond, after)
	}
	seen := q.conditions(f)
	limit := pageSize(f.Limit)
	from := `FROM events e WHERE ` + strings.Join(q.where, " AND ") + ` ORDER BY e.id ` + order + ` LIMIT ` + strconv.Itoa(seen)
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT e.id, e.workspace, e.scenario_id, s.slug, e.trigger_id, e.outcome, e.detail, e.run_id, e.source, e.at, '', NULL, '', NULL, 0, 0, p.times, p.at
		FROM (SELECT e.* `+from+`) e JOIN scenarios s ON s.workspace = e.workspace AND s.id = e.scenario_id LEFT JOIN repeats p ON p.event_id = e.id WHERE `+strings.Join(append(q.fits, `1 = 1`), " AND ")+` ORDER BY e.id `+order+` LIMIT `+strconv.Itoa(limit+1), q.args...)
	var page run.EventPage
	page.Events, err = all(rows, err, func(rows *sql.Rows) (run.Event, error) { return scanEvent(rows.Scan) })
	if err != nil {
		return page, s.failed(err)
	}
	if len(page.Events) > limit {
		page.Events = page.Events[:limit]
		page.NextCursor = makeCursor(page.Events[limit-1].ID)
		return page, nil
	}
	var last sql.NullString
	var count int
	err = s.cfg.Read.QueryRowContext(ctx, `SELECT `+furthest+`(id), COUNT(*) FROM (SELECT e.id `+from+`) AS seen`, q.args[:q.first]...).Scan(&last, &count)
	if count == seen {
		page.NextCursor = makeCursor(last.String)
	}
	return page, s.failed(err)
}

// eventsQuery is which events are looked at, and which of these fit.
type eventsQuery struct {
	where, fits []string
	args        []any
	first       int // how many of the args are of where
}

func (q *eventsQuery) add(to *[]string, condition string, v ...any) {
	for _, one := range v {
		q.args = append(q.args, one)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(q.args)), 1)
	}
	*to = append(*to, condition)
}

// conditions adds what events are asked for that no index has, and gives how many are looked at.
func (q *eventsQuery) conditions(f run.EventFilter) (seen int) {
	seen, q.first = seenEvents, len(q.args)
	if f.Scenario != "" {
		q.add(&q.fits, `(s.slug = ? OR s.id = ?)`, f.Scenario, f.Scenario)
	}
	if f.Trigger != "" {
		q.add(&q.fits, `e.trigger_id = ?`, f.Trigger)
	}
	if f.Outcome != "" {
		q.add(&q.fits, `e.outcome = ?`, string(f.Outcome))
	}
	if f.Query != "" {
		seen = readEvents
		held, bound := holdsAny(f.Query, "e.detail", "e.header", "e.value")
		q.add(&q.fits, `(e.id = ? OR e.run_id = ? OR `+held+`)`, append([]any{f.Query, f.Query}, bound...)...)
	}
	return seen
}

const eventFull = `SELECT e.id, e.workspace, e.scenario_id, s.slug, e.trigger_id, e.outcome, e.detail, e.run_id, e.source, e.at, e.value, e.raw, e.header, e.raw_large, e.raw_at, e.raw_bytes, p.times, p.at
	FROM events e JOIN scenarios s ON s.workspace = e.workspace AND s.id = e.scenario_id LEFT JOIN repeats p ON p.event_id = e.id`

// Event gives one event, whole.
func (s *Store) Event(ctx context.Context, actor run.Actor, id string) (run.Event, error) {
	e, err := s.LightEvent(ctx, actor, id)
	if err != nil {
		return e, err
	}
	if err := s.whole(ctx, &e); fault.CodeOf(err) == fault.Unavailable {
		return e, err
	} else if err != nil { // the rest can be shown
		e.Damaged = fault.MessageOf(err)
	}
	return e, nil
}

// LightEvent gives one event. What is kept apart of it stays so.
func (s *Store) LightEvent(ctx context.Context, actor run.Actor, id string) (run.Event, error) {
	e, err := scanEvent(s.cfg.Read.QueryRowContext(ctx, eventFull+` WHERE e.workspace = $1 AND e.id = $2`, actor.Workspace, id).Scan)
	if err == sql.ErrNoRows {
		return e, fault.New(fault.NotFound, "There is no event %q.", fault.Clip(id, 60))
	}
	return e, s.failed(err)
}

func scanEvent(scan func(...any) error) (run.Event, error) {
	var e run.Event
	var outcome, text, header string
	var large sql.NullString
	var at int64
	var repeats, repeated sql.NullInt64
	err := scan(&e.ID, &e.Workspace, &e.ScenarioID, &e.Scenario, &e.Trigger, &outcome, &e.Detail, &e.RunID, &e.Source, &at, &text, &e.Raw, &header, &large, &e.RawAt, &e.RawBytes, &repeats, &repeated)
	if err != nil {
		return e, err
	}
	e.Outcome, e.At = run.Outcome(outcome), time.UnixMilli(at).UTC()
	e.Repeats, e.RepeatedAt = int(repeats.Int64), moment(repeated)
	e.LargeRaw, _ = readLarge(large.String)
	var apart bool
	if e.Large, apart = readLarge(text); !apart && text != "" {
		if e.Value, err = unsummed(text); err != nil {
			return e, err
		}
		e.Unfold()
	}
	if header != "" {
		err = readStrings(header, &e.Header)
	}
	return e, err
}

// RanSince gives the events of a trigger that have a run and came at or after a time, oldest first, with their values. Values
// that were not kept are null. Ids begin with the time, by which the index finds the place.
func (s *Store) RanSince(ctx context.Context, actor run.Actor, scenarioID, trigger string, since time.Time) ([]run.Event, error) {
	rows, err := s.cfg.Read.QueryContext(ctx, eventFull+` WHERE e.workspace = $1 AND e.scenario_id = $2 AND e.trigger_id = $3 AND e.id >= $4 AND e.at >= $5 AND e.run_id <> '' ORDER BY e.id`,
		actor.Workspace, scenarioID, trigger, idBefore(since.Add(-nearly)), since.UnixMilli())
	list, err := all(rows, err, func(rows *sql.Rows) (run.Event, error) { return scanEvent(rows.Scan) })
	return list, s.failed(err)
}

// Cursor says how far a trigger has come; NotFound: it has not begun.
func (s *Store) Cursor(ctx context.Context, workspace, scenarioID, trigger string) (string, error) {
	var text string
	err := s.cfg.Read.QueryRowContext(ctx, `SELECT value FROM cursors WHERE workspace = $1 AND scenario_id = $2 AND trigger_id = $3`, workspace, scenarioID, trigger).Scan(&text)
	if err == sql.ErrNoRows {
		return "", fault.New(fault.NotFound, "The trigger has not begun.")
	}
	return text, s.failed(err)
}
