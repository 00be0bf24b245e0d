package storage

import (
	"context"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// entries writes entries where the last ones were written, as rows of the journal.
func (b *batch) entries(runID string, list []run.Entry) ([]byte, []row, error) {
	if err := b.s.seal(runID, list); err != nil {
		return nil, nil, err
	}
	data, rows := b.s.written[:0], b.s.rows[:0]
	for len(list) > 0 {
		begin := len(data)
		out, n, err := run.AppendSome(data, list[:untilMark(list)], rowBytes)
		if err != nil {
			return nil, nil, err
		}
		data, list = out, list[n:]
		rows = append(rows, row{begin, len(data), n})
	}
	if cap(data) <= writtenKept {
		b.s.written, b.s.rows = data, rows
	}
	return data, rows, nil
}

// untilMark counts the entries up to the next mark, which begins a row: what is before it may be deleted.
func untilMark(list []run.Entry) int {
	for i := range list {
		if i > 0 && list[i].Kind == run.LoopMarked {
			return i
		}
	}
	return len(list)
}

const (
	writtenKept = 1 << 20   // bytes
	rowBytes    = 512 << 10 // whoever reads an entry has its whole row in memory
)

// row is where a row of the journal lies in what was written, and how many entries it holds.
type row struct{ begin, end, entries int }

// journal stores entries, written as data, and gives each its position.
func (b *batch) journal(ctx context.Context, r *run.Run, entries []run.Entry, data []byte, rows []row) error {
	for _, row := range rows {
		first := b.pos + 1
		for i := range entries[:row.entries] {
			b.pos++
			entries[i].Pos = b.pos
		}
		if _, err := b.h.chunk.ExecContext(ctx, first, r.Workspace, r.ID, entries[0].Seq, row.entries, summed(data[row.begin:row.end])); err != nil {
			return err
		}
		entries = entries[row.entries:]
	}
	return nil
}

func (b *batch) append(ctx context.Context, a *run.Append) error {
	r := &a.Run
	if len(a.Entries) == 0 && !a.Release {
		return fault.New(fault.Internal, "A write to the journal of run %s holds no entry.", r.ID)
	}
	before := r.Seq - int64(len(a.Entries))
	for i, e := range a.Entries {
		if e.Seq != before+int64(i)+1 {
			return fault.New(fault.Internal, "A write to the journal of run %s leaves a gap at %d.", r.ID, e.Seq)
		}
	}
	failure, err := failureText(r.Error)
	if err != nil {
		return err
	}
	var output any
	if r.Output != nil {
		output = string(r.Output)
	}
	owner := a.Owner
	if a.Release {
		owner = ""
	}
	var data []byte
	var rows []row
	if len(a.Entries) > 0 {
		if data, rows, err = b.entries(r.ID, a.Entries); err != nil {
			return err
		}
	}
	if r.LargeOutput.Hash != "" {
		output = largeText(r.LargeOutput)
	}
	apart := 0
	if a.Strip {
		output = nil
	} else if apart, err = b.refers(ctx, r, a.Entries); err != nil {
		return err
	}
	result, err := b.h.advance.ExecContext(ctx, string(r.Status), r.Seq, r.Label, failure, output, millis(r.StartedAt), millis(r.EndedAt), millis(r.WakeAt), owner, attention(r.Status, r.Asks), int(r.Hold), len(data)+apart,
		r.ID, r.Workspace, r.Epoch, before)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "The lease on run %s was lost.", r.ID)
	}
	if a.FilesTo != "" {
		if err := b.referAs(ctx, r.Workspace, a.FilesTo, []string{r.ID}); err != nil {
			return err
		}
		if _, err := b.refer(ctx, r.Workspace, a.FilesTo, 0, run.Larges(a.Entries)...); err != nil { // where this run keeps nothing
			return err
		}
	}
	if len(a.Entries) > 0 {
		if err := b.journal(ctx, r, a.Entries, data, rows); err != nil {
			return err
		}
		if err := b.stands(ctx, r, a.Entries); err != nil {
			return err
		}
		for i := range a.Entries {
			if cut := a.Entries[i].Cut; cut != nil && cut.Before > 0 {
				if err := b.shorten(ctx, r, cut); err != nil {
					return err
				}
			}
		}
	}
	if r.Strikes > 0 && a.Progress {
		if _, err := b.tx.ExecContext(ctx, `UPDATE runs SET strikes = 0 WHERE id = $1`, r.ID); err != nil {
			return err
		}
	}
	if a.Strip {
		if err := b.strip(ctx, r); err != nil {
			return err
		}
	}
	if r.Status.Ended() && r.Line != "" {
		result, err := b.h.next.ExecContext(ctx, b.now, r.ScenarioID, r.ID, r.Line) // its trigger may have another id by now
		if err != nil {
			return err
		}
		if n, err = result.RowsAffected(); err != nil {
			return err
		}
		a.Freed = n > 0
	}
	return b.others(ctx, a)
}

// asking is the attention of a run that waits for somebody's decision.
const asking = 2

// attention marks the runs that somebody may look for by their status: all but those that go or went well.
func attention(s run.Status, asks bool) any {
	switch {
	case s == run.Queued || s == run.Running || s == run.Succeeded:
		return nil
	case s == run.Waiting && asks:
		return asking
	}
	return 1
}

func failureText(f *run.Failure) (any, error) {
	if f == nil {
		return nil, nil
	}
	b, err := value.Encode(f.Value())
	return string(b), err
}
