package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stepmill/stepmill/engine/failpoint"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// hot are the statements of Commit, prepared once on the writer's connection.
type hot struct {
	known, dedupe, event, run, chunk, cursor, advance, held, signal, wake, ahead, next *sql.Stmt
}

const (
	sqlKnown  = `SELECT event_id, run_id, body, until FROM dedupe WHERE workspace = $1 AND scenario_id = $2 AND trigger_id = $3 AND key = $4`
	sqlDedupe = `INSERT INTO dedupe (workspace, scenario_id, trigger_id, key, event_id, run_id, body, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (workspace, scenario_id, trigger_id, key) DO UPDATE SET event_id = excluded.event_id, run_id = excluded.run_id, body = excluded.body, until = excluded.until`
	sqlEvent = `INSERT INTO events (id, workspace, scenario_id, trigger_id, outcome, detail, run_id, value, raw, header, source, at, sealed, raw_large, raw_at, raw_bytes, gather, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
	sqlRun = `INSERT INTO runs (id, workspace, scenario_id, version, number, trigger_id, event_id, status, error, epoch, owner, seq, created_at, parent_id, depth, waited, line, cap, held, bytes, label, started_at, priority, wake_at, slot_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $24)`
	sqlChunk  = `INSERT INTO journal (pos, workspace, run_id, seq, entries, data) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlCursor = `INSERT INTO cursors (workspace, scenario_id, trigger_id, value, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace, scenario_id, trigger_id) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`
	// Whether a run stands behind another is the store's to say: it may have moved up since its row was read.
	sqlAdvance = `UPDATE runs SET status = $1, seq = $2, label = $3, error = $4, output = $5, started_at = $6, ended_at = $7, wake_at = $8, owner = $9, attention = $10, held = CASE $11 WHEN 1 THEN held ELSE $11 END, bytes = bytes + $12
		WHERE id = $13 AND workspace = $14 AND epoch = $15 AND seq = $16`
	sqlSignal = `INSERT INTO signals (workspace, run_id, kind, key, data, taken, at, body) VALUES ($1, $2, $3, $4, $5, 0, $6, $7) ON CONFLICT (run_id, kind, key) DO NOTHING`
	sqlWake   = `UPDATE runs SET wake_at = $1 WHERE id = $2 AND workspace = $3 AND ended_at IS NULL AND wake_at IS NOT NULL`
	sqlAhead  = `SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE scenario_id = $1 AND trigger_id = $2 AND line = $3 AND line <> '' AND ended_at IS NULL LIMIT 1) AS a`
	sqlNext   = `UPDATE runs SET held = 0, wake_at = CASE WHEN wake_at > $1 THEN wake_at END WHERE held = 1 AND id = (SELECT n.id FROM runs n WHERE n.scenario_id = $2 AND n.trigger_id = (SELECT o.trigger_id FROM runs o WHERE o.id = $3) AND n.line = $4
		AND n.line <> '' AND n.ended_at IS NULL ORDER BY n.number LIMIT 1)`
	sqlRepeat = `INSERT INTO repeats (event_id, times, at) SELECT id, 1, CAST($1 AS BIGINT) FROM events WHERE id = $2
		ON CONFLICT (event_id) DO UPDATE SET times = repeats.times + 1, at = excluded.at`
	sqlHeld = `UPDATE events SET outcome = $1, run_id = $2, detail = $3, due_at = NULL WHERE workspace = $4 AND id = $5 AND outcome = 'queued'`
)

func (h *hot) prepare(ctx context.Context, db *sql.DB) error {
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{{&h.known, sqlKnown}, {&h.dedupe, sqlDedupe}, {&h.event, sqlEvent}, {&h.run, sqlRun}, {&h.chunk, sqlChunk},
		{&h.cursor, sqlCursor}, {&h.advance, sqlAdvance}, {&h.held, sqlHeld}, {&h.signal, sqlSignal}, {&h.wake, sqlWake}, {&h.ahead, sqlAhead}, {&h.next, sqlNext}} {
		stmt, err := db.PrepareContext(ctx, p.text)
		if err != nil {
			return err
		}
		*p.into = stmt
	}
	return nil
}

func (h *hot) close() {
	for _, stmt := range []*sql.Stmt{h.known, h.dedupe, h.event, h.run, h.chunk, h.cursor, h.advance, h.held, h.signal, h.wake, h.ahead, h.next} {
		if stmt != nil {
			stmt.Close()
		}
	}
}

// Commit makes a batch durable in one transaction and gives each write its own outcome. A write that cannot be done, a
// lost lease, an unknown scenario, leaves the others as they are. When the database itself fails nothing of the batch is
// kept and every write says Unavailable. It is called from one goroutine.
func (s *Store) Commit(ctx context.Context, writes []*run.Write) []error {
	ctx = context.WithoutCancel(ctx) // what is being made durable is not let go of; and a driver watches a context at a price
	errs := make([]error, len(writes))
	err := s.commit(ctx, writes, errs)
	if err != nil && len(writes) > 1 && fault.CodeOf(s.failed(err)) != fault.Unavailable {
		// One write that the database refuses must not fail the rest: each gets its own transaction.
		for i, w := range writes {
			one := []error{nil}
			if err := s.commit(ctx, []*run.Write{w}, one); err != nil {
				one[0] = s.failed(err)
			}
			errs[i] = one[0]
		}
		return errs
	}
	if err != nil {
		err = s.failed(err)
		for i := range errs {
			errs[i] = err
		}
	}
	return errs
}

// batch is one transaction of Commit and what it counts up only once it is durable.
type batch struct {
	s       *Store
	tx      *sql.Tx
	h       hot
	pos     int64
	numbers map[string]int64
	now     int64
	loose   []string // what deleted references referred to
}

func (s *Store) commit(ctx context.Context, writes []*run.Write, errs []error) error {
	tx, err := s.cfg.Dialect.Begin(ctx, s.cfg.Write)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	b := batch{s: s, tx: tx, pos: s.pos, now: s.now(), h: hot{tx.Stmt(s.hot.known), tx.Stmt(s.hot.dedupe), tx.Stmt(s.hot.event),
		tx.Stmt(s.hot.run), tx.Stmt(s.hot.chunk), tx.Stmt(s.hot.cursor), tx.Stmt(s.hot.advance), tx.Stmt(s.hot.held), tx.Stmt(s.hot.signal), tx.Stmt(s.hot.wake), tx.Stmt(s.hot.ahead), tx.Stmt(s.hot.next)}}
	if s.unsure {
		if err := b.recount(ctx); err != nil {
			return err
		}
	}
	for i, w := range writes {
		var err error
		switch {
		case w.Accept != nil:
			err = b.accept(ctx, w.Accept)
		case w.Intake != nil:
			err = b.intake(ctx, w.Intake)
		case w.Signal != nil:
			err = b.tell(ctx, w.Signal)
		default:
			err = b.append(ctx, w.Append)
		}
		var own *fault.Error
		var partly partly
		if errors.As(err, &own) && !errors.As(err, &partly) { // decided before anything of the write was done
			errs[i] = err
		} else if err != nil {
			return err
		}
	}
	failpoint.Here(failpoint.CommitBefore)
	if err := tx.Commit(); err != nil {
		s.unsure = true
		return err
	}
	failpoint.Here(failpoint.CommitAfter)
	s.pos = b.pos
	s.loosen(b.loose)
	for id, n := range b.numbers {
		s.numbers[id] = n
	}
	return nil
}

// recount reads what is counted in memory from the database: a commit failed, and it may have happened all the same.
func (b *batch) recount(ctx context.Context) error {
	err := b.tx.QueryRowContext(ctx, sqlLastPos).Scan(&b.pos)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	clear(b.s.numbers)
	b.s.pos, b.s.unsure = b.pos, false
	return nil
}

func (b *batch) accept(ctx context.Context, a *run.Accept) error {
	e := &a.Event
	a.FirstEvent, a.FirstRun, a.OtherBody, a.Instead, a.Told = "", "", false, "", nil
	if known, err := b.known(ctx, a); known || err != nil {
		return err
	}
	if a.Held {
		return b.resume(ctx, a)
	}
	if err := b.members(ctx, a); err != nil {
		return err
	}
	due, err := b.gather(ctx, a)
	if err != nil {
		return err
	}
	if err := b.ordered(ctx, a); err != nil {
		return err
	}
	if err := b.overlaps(ctx, a); err != nil {
		return err
	}
	if a.Instead != "" {
		instead := *a
		instead.Stands()
		e = &instead.Event
	}
	for _, k := range a.Dedupe {
		if _, err := b.h.dedupe.ExecContext(ctx, e.Workspace, e.ScenarioID, e.Trigger, k.Key, e.ID, e.RunID, k.Body, k.Until.UnixMilli()); err != nil {
			return err
		}
	}
	header, err := value.Encode(e.Header)
	if err != nil {
		return err
	}
	sealed, err := b.s.sealParts(e.Veiled, eventPlace(e.ID))
	if err != nil {
		return err
	}
	if _, err := b.h.event.ExecContext(ctx, e.ID, e.Workspace, e.ScenarioID, e.Trigger, string(e.Outcome), e.Detail, e.RunID, eventValue(e), e.Raw, string(header), e.Source, e.At.UnixMilli(), sealed, rawLarge(e), e.RawAt, e.RawBytes, gatherKey(a), due); err != nil {
		return err
	}
	if _, err := b.refer(ctx, e.Workspace, e.ID, 0, append([]value.Large{e.Large, e.LargeRaw}, a.Files...)...); err != nil {
		return err
	}
	if err := b.referAs(ctx, e.Workspace, e.ID, a.FilesOf); err != nil {
		return err
	}
	if err := b.moveCursor(ctx, a.Cursor); err != nil {
		return err
	}
	if !a.Started() {
		return nil
	}
	return b.begin(ctx, a)
}

// known looks for the event's identities, among those stored and those of the batch.
func (b *batch) known(ctx context.Context, a *run.Accept) (bool, error) {
	e := &a.Event
	for _, k := range a.Dedupe {
		var body string
		var until int64
		err := b.h.known.QueryRowContext(ctx, e.Workspace, e.ScenarioID, e.Trigger, k.Key).Scan(&a.FirstEvent, &a.FirstRun, &body, &until)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return false, err
		}
		if until <= e.At.UnixMilli() {
			a.FirstEvent, a.FirstRun = "", ""
			continue
		}
		a.OtherBody = k.Body != "" && body != "" && body != k.Body
		return true, b.repeat(ctx, a)
	}
	return false, nil
}

// repeat counts at an event that its delivery came again. What this server finds again by itself, as in a list, is none.
func (b *batch) repeat(ctx context.Context, a *run.Accept) error {
	if source := a.Event.Source; a.OtherBody || source != run.SourceRequest && source != "form" && source != "mail" {
		return nil
	}
	_, err := b.tx.ExecContext(ctx, sqlRepeat, a.Event.At.UnixMilli(), a.FirstEvent)
	return err
}

// begin inserts the run and its first entries.
func (b *batch) begin(ctx context.Context, a *run.Accept) error {
	r := a.Run
	number, err := b.number(ctx, r)
	if err != nil {
		return err
	}
	r.Number = number
	owner, failed := a.Owner, r.Error
	if r.Hold == run.BehindOther { // it was found so by a transaction that failed
		r.Hold = run.NotHeld
	}
	if r.Line != "" {
		var ahead int
		if err := b.h.ahead.QueryRowContext(ctx, r.ScenarioID, r.Trigger, r.Line).Scan(&ahead); err != nil {
			return err
		}
		if ahead > 0 {
			if failed, err = b.circle(ctx, r); err != nil {
				return err
			}
			if failed == nil {
				r.Hold, r.Epoch, owner, failed = run.BehindOther, 0, "", r.Error
			}
		}
	}
	failure, err := failureText(failed)
	if err != nil {
		return err
	}
	var turn any // when it may begin, where its trigger has a pace
	if r.Pace.Most > 0 {
		if r.WakeAt, err = b.turn(ctx, r); err != nil {
			return err
		}
		if r.Pace.Most > 0 {
			turn = r.WakeAt.UnixMilli()
		}
	}
	data, rows, err := b.entries(r.ID, a.Entries)
	if err != nil {
		return err
	}
	bytes := len(data) + len(a.Event.Value) + len(a.Event.Raw) + a.Event.Large.Bytes + a.Event.LargeRaw.Bytes
	if _, err := b.refers(ctx, r, a.Entries); err != nil {
		return err
	}
	if _, err := b.h.run.ExecContext(ctx, r.ID, r.Workspace, r.ScenarioID, r.Version, r.Number, r.Trigger, r.EventID, string(r.Status), failure, r.Epoch, owner, r.Seq, r.CreatedAt.UnixMilli(), r.Parent, r.Depth, boolean(r.Waited), r.Line, r.Limit, int(r.Hold), bytes, r.Label, millis(r.StartedAt), r.Priority, turn); err != nil {
		return err
	}
	if a.Again != "" {
		if _, err := b.tx.ExecContext(ctx, sqlAgain, a.Again); err != nil {
			return err
		}
	}
	return b.journal(ctx, r, a.Entries, data, rows)
}

// number counts the runs of a scenario.
func (b *batch) number(ctx context.Context, r *run.Run) (int64, error) {
	if b.numbers == nil {
		b.numbers = map[string]int64{}
	}
	n, ok := b.numbers[r.ScenarioID]
	if !ok {
		if n, ok = b.s.numbers[r.ScenarioID]; !ok {
			var last sql.NullInt64
			err := b.tx.QueryRowContext(ctx, `SELECT MAX(number) FROM runs WHERE workspace = $1 AND scenario_id = $2`, r.Workspace, r.ScenarioID).Scan(&last)
			if err != nil {
				return 0, err
			}
			n = last.Int64
		}
	}
	b.numbers[r.ScenarioID] = n + 1
	return n + 1, nil
}
