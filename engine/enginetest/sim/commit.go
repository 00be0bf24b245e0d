package sim

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Commit makes a batch durable; a write that cannot be done leaves the others as they are.
func (d *Disk) Commit(_ context.Context, writes []*run.Write) []error {
	d.mu.Lock()
	defer d.mu.Unlock()
	errs := make([]error, len(writes))
	for i, w := range writes {
		switch {
		case w.Accept != nil:
			errs[i] = d.accept(w.Accept)
		case w.Intake != nil:
			errs[i] = d.intake(w.Intake)
		case w.Signal != nil:
			errs[i] = d.tell(w.Signal)
		default:
			errs[i] = d.append(w.Append)
		}
	}
	return errs
}

func (d *Disk) accept(a *run.Accept) error {
	e := &a.Event
	a.FirstEvent, a.FirstRun, a.OtherBody = "", "", false
	for _, k := range a.Dedupe {
		if first, ok := d.dedupe[dedupe{e.ScenarioID, e.Trigger, k.Key}]; ok && first.until.After(e.At) {
			a.FirstEvent, a.FirstRun, a.OtherBody = first.event, first.run, k.Body != "" && first.body != "" && k.Body != first.body
			return nil
		}
	}
	for _, k := range a.Dedupe {
		d.dedupe[dedupe{e.ScenarioID, e.Trigger, k.Key}] = known{e.ID, e.RunID, k.Body, k.Until}
	}
	if a.Run == nil {
		return nil
	}
	r := a.Run
	if d.rows[r.ID] != nil {
		return fault.New(fault.Conflict, "There is already one of that name.")
	}
	d.numbers[r.ScenarioID]++
	r.Number = d.numbers[r.ScenarioID]
	owner := a.Owner
	if r.Line != "" && len(d.line(r)) > 0 {
		r.Hold, r.Epoch, owner = run.BehindOther, 0, ""
	}
	if first := d.rows[a.Again]; first != nil {
		first.again++
	}
	kept := &row{run: *r, owner: owner, value: slices.Clone(e.Value)}
	kept.run = kept.copy()
	d.rows[r.ID] = kept
	d.ids = append(d.ids, r.ID)
	slices.Sort(d.ids)
	return d.journal(kept, a.Entries)
}

// intake takes in several events; no run of theirs may be there already. What their cursor is nobody asks here.
func (d *Disk) intake(in *run.Intake) error {
	for _, a := range in.Accepts { // before anything of the write is done
		if a.Run != nil && d.rows[a.Run.ID] != nil {
			return fault.New(fault.Conflict, "There is already one of that name.")
		}
	}
	for _, a := range in.Accepts {
		if err := d.accept(a); err != nil {
			return err
		}
	}
	return nil
}

// line lists the runs of a line that have not ended, in their order.
func (d *Disk) line(r *run.Run) []*row {
	list := d.some(func(o *row) bool {
		return o.run.Line == r.Line && o.run.ScenarioID == r.ScenarioID && o.run.Trigger == r.Trigger
	})
	slices.SortFunc(list, func(a, b *row) int { return cmp.Compare(a.run.Number, b.run.Number) })
	return list
}

func (d *Disk) journal(r *row, entries []run.Entry) error {
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].Kind != run.LoopMarked { // a mark begins a chunk: what is before it may go
			n++
		}
		data, err := run.AppendEntries(nil, entries[:n])
		if err != nil {
			return err
		}
		r.journal = append(r.journal, &chunk{first: d.pos + 1, seq: entries[0].Seq, data: data})
		if cut := entries[0].Cut; cut != nil {
			r.shorten(cut)
		}
		for i := range entries[:n] {
			d.pos++
			entries[i].Pos = d.pos
		}
		entries = entries[n:]
	}
	return nil
}

// shorten lets go of what a mark lets go of, or of only the later half of it.
func (r *row) shorten(cut *run.Cut) {
	from, to := 0, 0
	for i, c := range r.journal {
		if c.seq <= cut.After {
			from = i + 1
		}
		if c.seq < cut.Before {
			to = i + 1
		}
	}
	if cut.Before%3 == 0 {
		from += (to - from) / 2
	}
	if from < to {
		r.journal = slices.Delete(slices.Clone(r.journal), from, to) // who reads it has the old one
	}
}

func (d *Disk) append(a *run.Append) error {
	r := &a.Run
	before := r.Seq - int64(len(a.Entries))
	for i, e := range a.Entries {
		if e.Seq != before+int64(i)+1 {
			return fault.New(fault.Internal, "A write to the journal of run %s leaves a gap at %d.", r.ID, e.Seq)
		}
	}
	kept := d.rows[r.ID]
	if kept == nil || kept.run.Epoch != r.Epoch || kept.run.Seq != before {
		return fault.New(fault.Conflict, "The lease on run %s was lost.", r.ID)
	}
	for _, start := range a.Starts { // before anything of the write is done
		if d.rows[start.Run.ID] != nil {
			return fault.New(fault.Conflict, "There is already one of that name.")
		}
	}
	k := &kept.run
	k.Status, k.Seq, k.Label, k.Error, k.Output, k.StartedAt, k.EndedAt, k.WakeAt = r.Status, r.Seq, r.Label, r.Error, r.Output, r.StartedAt, r.EndedAt, r.WakeAt
	if r.Hold != run.BehindOther {
		k.Hold = r.Hold
	}
	kept.run = kept.copy()
	if kept.owner = a.Owner; a.Release {
		kept.owner = ""
	}
	if len(a.Entries) > 0 {
		if err := d.journal(kept, a.Entries); err != nil {
			return err
		}
	}
	if r.Status.Ended() && r.Line != "" {
		if next := d.line(r); len(next) > 0 && next[0].run.Hold == run.BehindOther {
			next[0].run.Hold, a.Freed = run.NotHeld, true
		}
	}
	return d.others(a)
}

// others does what a write to a journal means for other runs, and for what the run was told.
func (d *Disk) others(a *run.Append) error {
	for _, start := range a.Starts {
		if err := d.accept(start); err != nil {
			return err
		}
	}
	for _, g := range a.Signals {
		d.signal(g)
	}
	kept, waits := d.rows[a.Run.ID], false
	for i := range kept.signals {
		g := &kept.signals[i]
		g.taken = g.taken || slices.Contains(a.Taken, g.ID)
		waits = waits || !g.taken
	}
	if a.Release && !a.Run.WakeAt.IsZero() && waits {
		kept.run.WakeAt = now()
	}
	return nil
}

func (d *Disk) tell(g *run.Signal) error {
	switch r := d.rows[g.Run]; {
	case r == nil:
		return fault.New(fault.NotFound, "There is no run %q.", g.Run)
	case !r.run.EndedAt.IsZero():
		return fault.New(fault.Conflict, "The run has ended; it waits for nothing any more.")
	}
	d.signal(g)
	return nil
}

func (d *Disk) signal(g *run.Signal) {
	r := d.rows[g.Run]
	if r == nil {
		return
	}
	if g.Known = slices.ContainsFunc(r.signals, func(o signal) bool { return o.Kind == g.Kind && o.Key == g.Key }); g.Known {
		return
	}
	d.signals++
	kept := signal{Signal: *g}
	kept.ID = d.signals
	r.signals = append(r.signals, kept)
	if r.run.EndedAt.IsZero() && !r.run.WakeAt.IsZero() {
		r.run.WakeAt = now()
	}
}

// now is the time as a store keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
