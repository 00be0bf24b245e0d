package storage

import (
	"context"
	"database/sql"
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// A journal may be larger than memory: every reader goes through its rows one at a time, and keeps what it was asked for.

// Journal gives a run's entries after a sequence number, in order, all at once.
func (s *Store) Journal(ctx context.Context, actor run.Actor, runID string, after int64) ([]run.Entry, error) {
	var out []run.Entry
	for e, err := range s.Entries(ctx, actor, runID, after) {
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Entries reads a run's entries after a sequence number as they are gone through, in order.
func (s *Store) Entries(ctx context.Context, actor run.Actor, runID string, after int64) iter.Seq2[run.Entry, error] {
	return s.walk(ctx, actor, runID, after, "ASC", run.DecodeEntries)
}

// walk goes through a journal from one of its ends: ASC, or DESC.
func (s *Store) walk(ctx context.Context, actor run.Actor, runID string, after int64, order string, decode func([]byte) ([]run.Entry, error)) iter.Seq2[run.Entry, error] {
	return func(yield func(run.Entry, error) bool) {
		rows, err := s.cfg.Read.QueryContext(ctx, `SELECT pos, data FROM journal WHERE workspace = $1 AND run_id = $2 AND seq + entries > $3 ORDER BY pos `+order, actor.Workspace, runID, after+1)
		if err != nil {
			yield(run.Entry{}, s.failed(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			chunk, err := scanChunk(rows, decode)
			if err != nil {
				yield(run.Entry{}, s.failed(err))
				return
			}
			if order == "DESC" {
				slices.Reverse(chunk)
			}
			for _, e := range chunk {
				if e.Seq > after && !yield(e, nil) {
					return
				}
			}
		}
		if err := rows.Err(); err != nil {
			yield(run.Entry{}, s.failed(err))
		}
	}
}

// Excerpt gives of a run's entries the first ones and the last ones, and how many that are kept it leaves out between. Of a long
// journal it reads no more than that.
func (s *Store) Excerpt(ctx context.Context, actor run.Actor, runID string, x run.Excerpt) ([]run.Entry, int64, error) {
	half := x.Bytes / 2
	if x.Bytes == 0 {
		half = math.MaxInt / 2
	}
	head, tail := run.NewSparing(half, half), run.NewSparing(half, 0)
	seen, full, err := gather(head, max(x.First, 1), s.walk(ctx, actor, runID, x.After, "ASC", run.DecodeUnread))
	if err != nil {
		return nil, 0, err
	}
	if full && x.Last > 0 {
		if _, _, err := gather(tail, x.Last, s.walk(ctx, actor, runID, seen, "DESC", run.DecodeUnread)); err != nil {
			return nil, 0, err
		}
	}
	last, err := tail.Entries()
	if err != nil {
		return nil, 0, err
	}
	hidden := int64(0)
	if len(last) > 0 {
		slices.Reverse(last)
		head.Close()
		if hidden, err = s.between(ctx, actor, runID, seen, last[0].Seq); err != nil {
			return nil, 0, err
		}
	}
	first, err := head.Entries()
	return append(first, last...), hidden, err
}

// between counts the entries that are kept between two.
func (s *Store) between(ctx context.Context, actor run.Actor, runID string, first, last int64) (n int64, err error) {
	if first+1 == last {
		return 0, nil
	}
	rows, err := s.cfg.Read.QueryContext(ctx, `SELECT seq, entries FROM journal WHERE workspace = $1 AND run_id = $2 AND seq + entries > $3 AND seq < $4`, actor.Workspace, runID, first+1, last)
	counts, err := all(rows, err, func(rows *sql.Rows) (int64, error) {
		var seq, entries int64
		err := rows.Scan(&seq, &entries)
		return min(seq+entries, last) - max(seq, first+1), err
	})
	for _, one := range counts {
		n += one
	}
	return n, s.failed(err)
}

// gather takes entries in, at most so many. It gives the seq of the last, and whether there were so many.
func gather(into *run.Sparing, most int, entries iter.Seq2[run.Entry, error]) (seq int64, full bool, err error) {
	for e, err := range entries {
		if err != nil {
			return 0, false, err
		}
		n, err := into.Add(e)
		if seq = e.Seq; err != nil || n == most {
			return seq, true, err
		}
	}
	return seq, false, nil
}

// standing gives a value that stands in a journal, by its name. Without the entry it is looked for in all of them.
func (s *Store) standing(ctx context.Context, actor run.Actor, runID string, l value.Large) ([]byte, error) {
	for e, err := range s.walk(ctx, actor, runID, max(l.Entry-1, 0), "ASC", run.DecodeUnread) {
		if err != nil {
			return nil, err
		}
		if l.Entry != 0 && e.Seq != l.Entry {
			break
		}
		for _, v := range []any{e.Input, e.Output} {
			if text, ok := v.(run.Unread); ok && text.Named(0).Hash == l.Hash {
				return text, nil
			}
		}
	}
	return nil, fault.New(fault.NotFound, "The run %q has no value %q.", fault.Clip(runID, 60), fault.Clip(l.Hash, 80))
}

// scanChunk reads pos and data of a row of the journal.
func scanChunk(rows *sql.Rows, decode func([]byte) ([]run.Entry, error)) ([]run.Entry, error) {
	var pos int64
	var data string
	if err := rows.Scan(&pos, &data); err != nil {
		return nil, err
	}
	text, err := unsummed(data)
	if err != nil {
		return nil, err
	}
	return decodeChunk(pos, text, decode)
}

func decodeChunk(pos int64, text []byte, decode func([]byte) ([]run.Entry, error)) ([]run.Entry, error) {
	entries, err := decode(text)
	for i := range entries {
		entries[i].Pos = pos + int64(i)
	}
	return entries, err
}

// feedBytes bounds what is read for a feed at a time.
const feedBytes = 1 << 20

// EntriesAfter gives what was stored after a position, of a run, a scenario or all, at least one row of the journal and at
// most limit of them; fewer where they are large.
func (s *Store) EntriesAfter(ctx context.Context, actor run.Actor, pos int64, f run.FeedFilter, limit int) ([]run.FeedEntry, error) {
	query := `SELECT j.pos, j.data, j.run_id, s.slug FROM journal j JOIN runs r ON r.id = j.run_id JOIN scenarios s ON s.workspace = r.workspace AND s.id = r.scenario_id
		WHERE j.workspace = $1 AND j.pos >= COALESCE((SELECT MAX(pos) FROM journal WHERE pos <= $2), 0)`
	args := []any{actor.Workspace, pos + 1} // the row that holds the next position begins at or before it
	if f.Run != "" {
		query += ` AND j.run_id = $3`
		args = append(args, f.Run)
	} else if f.Scenario != "" {
		query += ` AND s.slug = $3`
		args = append(args, f.Scenario)
	}
	rows, err := s.cfg.Read.QueryContext(ctx, query+` ORDER BY j.pos LIMIT `+strconv.Itoa(max(limit, 1)), args...)
	if err != nil {
		return nil, s.failed(err)
	}
	defer rows.Close()
	var out []run.FeedEntry
	for bytes := 0; (len(out) == 0 || bytes < feedBytes) && rows.Next(); {
		var first int64
		var data, runID, slug string
		if err := rows.Scan(&first, &data, &runID, &slug); err != nil {
			return nil, s.failed(err)
		}
		text, err := unsummed(data)
		if err != nil { // its own page says so; the others go on
			continue
		}
		entries, err := decodeChunk(first, text, run.DecodeEntries)
		if err != nil {
			return nil, s.failed(err)
		}
		bytes += len(data)
		for _, e := range entries {
			if e.Pos > pos {
				out = append(out, run.FeedEntry{Workspace: actor.Workspace, Run: runID, Scenario: slug, Entry: e})
			}
		}
	}
	return out, s.failed(rows.Err())
}
