package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/run"
)

// Plan is what Generate fills a database with, for measures at a size that no run would reach in the time there is. The
// same plan gives the same rows, but for their times.
type Plan struct {
	Workspace string
	Scenario  string // its id; its live version is 1, and its first step is a wait called w
	Trigger   string
	Sleepers  int
	Wake      time.Time // when the first sleeper wakes; the others follow a millisecond apart
	History   int       // runs that have ended
	Journals  int       // how many of them, the newest, have an event and a journal
	Seed      uint64
}

const generatedAtOnce = 20_000

// Generate writes runs straight into the tables of a database that is not open elsewhere.
func Generate(ctx context.Context, dir string, p Plan) error {
	db, err := Bare(filepath.Join(dir, File))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000"); err != nil {
		return err
	}
	g := generator{plan: p, random: rand.New(rand.NewPCG(p.Seed, 1)), began: time.Now().Add(-time.Duration(p.History+p.Sleepers) * time.Millisecond)}
	if err := db.QueryRowContext(ctx, `SELECT COALESCE((SELECT MAX(number) FROM runs WHERE scenario_id = $1), 0), COALESCE((SELECT MAX(pos + entries) FROM journal), 1)`, p.Scenario).Scan(&g.number, &g.pos); err != nil {
		return err
	}
	for done := 0; done < p.History+p.Sleepers; done += generatedAtOnce {
		if err := g.batch(ctx, db, done, min(done+generatedAtOnce, p.History+p.Sleepers)); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize")
	return err
}

type generator struct {
	plan   Plan
	random *rand.Rand
	began  time.Time
	number int64
	pos    int64

	run, event, journal *sql.Stmt
}

func (g *generator) batch(ctx context.Context, db *sql.DB, from, to int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&g.run, `INSERT INTO runs (id, workspace, scenario_id, version, number, trigger_id, event_id, status, label, error, output, epoch, owner, seq, created_at, started_at, ended_at, wake_at, attention,
			parent_id, depth, waited, line, cap, held, bytes) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, 1, '', $11, $12, $12, $13, $14, $15, '', 0, 0, '', 0, 0, 700)`},
		{&g.event, `INSERT INTO events (id, workspace, scenario_id, trigger_id, outcome, detail, run_id, value, raw, header, source, at) VALUES ($1, $2, $3, $4, 'accepted', '', $5, $6, NULL, '{}', 'webhook', $7)`},
		{&g.journal, `INSERT INTO journal (pos, workspace, run_id, seq, entries, data) VALUES ($1, $2, $3, 1, $4, $5)`},
	} {
		if *s.into, err = tx.PrepareContext(ctx, s.text); err != nil {
			return err
		}
	}
	for i := from; i < to; i++ {
		if err := g.one(ctx, i); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// one writes a run: first come those that have ended, then those that sleep.
func (g *generator) one(ctx context.Context, i int) error {
	at := g.began.Add(time.Duration(i) * time.Millisecond)
	id, event := g.id(at), g.id(at)
	g.number++
	var ended, wake, attention, failure, output any
	status, until := run.Succeeded, time.Time{}
	switch n := g.random.IntN(100); {
	case i >= g.plan.History:
		status, attention, until = run.Waiting, 1, g.plan.Wake.Add(time.Duration(i-g.plan.History)*time.Millisecond)
		wake = until.UnixMilli()
	case n < 6:
		status, attention, failure = run.Failed, 1, `{"class":"unavailable","message":"The destination answered 503.","step":"post","path":"post"}`
	case n < 8:
		status, attention = run.Cancelled, 1
	default:
		output = `{"ok":true}`
	}
	if status != run.Waiting {
		ended = at.UnixMilli() + 20
	}
	entries := g.entries(at, event, status, until)
	label := fmt.Sprintf("customer%d@example.com", g.random.IntN(100_000))
	if _, err := g.run.ExecContext(ctx, id, g.plan.Workspace, g.plan.Scenario, g.number, g.plan.Trigger, event, string(status), label, failure, output, len(entries), at.UnixMilli(), ended, wake, attention); err != nil {
		return err
	}
	if i < g.plan.History-g.plan.Journals {
		return nil
	}
	if _, err := g.event.ExecContext(ctx, event, g.plan.Workspace, g.plan.Scenario, g.plan.Trigger, id, `{"method":"POST","path":"/","query":{},"headers":{},"body":{"n":1}}`, at.UnixMilli()); err != nil {
		return err
	}
	data, err := run.AppendEntries(nil, entries)
	if err != nil {
		return err
	}
	_, err = g.journal.ExecContext(ctx, g.pos, g.plan.Workspace, id, len(entries), string(data))
	g.pos += int64(len(entries))
	return err
}

// entries are what a run of the scenario would have written.
func (g *generator) entries(at time.Time, event string, status run.Status, until time.Time) []run.Entry {
	list := []run.Entry{{Kind: run.RunQueued, Data: run.Data{Event: event}}, {Kind: run.RunStarted}, {Kind: run.StepWaiting, Path: "w", Data: run.Data{Until: until}}}
	switch status {
	case run.Waiting:
		list = append(list, run.Entry{Kind: run.RunWaiting, Data: run.Data{Until: until}})
	case run.Failed:
		f := &run.Failure{Class: "unavailable", Message: "The destination answered 503.", Step: "w", Path: "w"}
		list = append(list, run.Entry{Kind: run.StepFailed, Path: "w", Data: run.Data{Failure: f}}, run.Entry{Kind: run.RunFailed, Data: run.Data{Failure: f}})
	default:
		list = append(list, run.Entry{Kind: run.StepSucceeded, Path: "w"}, run.Entry{Kind: run.Kind("run." + string(status))})
	}
	for i := range list {
		list[i].Seq, list[i].At = int64(i)+1, at.UTC()
	}
	return list
}

// id is a UUIDv7 of a time, its rest from the plan's seed.
func (g *generator) id(at time.Time) string {
	var id uuid.UUID
	for i := 8; i < 16; i += 8 {
		n := g.random.Uint64()
		for j := range 8 {
			id[i+j] = byte(n >> (8 * j))
		}
	}
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	n := g.random.Uint32()
	id[6], id[7], id[8] = 0x70|byte(n)&0x0f, byte(n>>8), 0x80|id[8]&0x3f
	return id.String()
}
