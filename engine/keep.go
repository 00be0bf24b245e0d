package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// commit makes the buffer durable, and gives the run up where release says so. It is false when the run is no longer
// this process's.
func (t *task) commit(release bool) bool {
	if t.ctx.Err() != nil { // it was abandoned, and its calls were cut: what it decided then is not what happened
		t.lose(t.ctx.Err())
		return false
	}
	if len(t.buffer) == 0 && !release {
		t.heard(nil)
		return true
	}
	t.row(release)
	t.returns()
	entries := make([]run.Entry, len(t.buffer))
	for i, entry := range t.buffer {
		entries[i] = t.veil.Cover(entry)
		if entry.Kind == run.StepKept || entry.Kind == run.RunKept { // what it refers to may stand nowhere else soon
			whole, err := t.whole(entry.Output)
			if err != nil {
				t.lose(err)
				return false
			}
			entries[i].Files = value.Files(whole)
		}
		if err := t.lighten(&entries[i]); err != nil {
			t.lose(err)
			return false
		}
	}
	w := &run.Write{Append: &run.Append{Run: t.run, Entries: entries, Owner: t.e.cfg.Owner, Release: release || t.run.Status.Ended(),
		Strip: t.run.Status.Ended() && !t.program.Keeps(t.run.Status), Starts: t.starts, Signals: t.others, Taken: t.taken, Private: t.veil != nil, FilesTo: t.filesTo,
		Progress: t.run.Strikes > 0 && progress(entries)}}
	if err := t.patiently(func() error { return t.e.commit(t.ctx, w, t.run.Scenario) }); err != nil {
		if errors.Is(err, value.ErrUnwritable) && len(t.buffer) > 0 { // nor could it be the next time, whatever was sent again by then
			t.run.Seq = t.buffer[0].Seq - 1
			t.broken(err)
			return false
		}
		t.lose(err)
		t.tellOthers() // it may be kept all the same
		return false
	}
	if w.Append.Progress {
		t.run.Strikes = 0
	}
	t.filesTo, t.heavy = "", 0
	t.buffer, t.safe, t.safeStarts, t.safeOthers, t.heldAt = t.buffer[:0], 0, 0, 0, 0
	t.heard(nil)
	if w.Append.Freed {
		t.e.behind(t.run.ScenarioID)
	}
	t.tellOthers()
	t.tellAnswer(release)
	if release && !t.run.WakeAt.IsZero() {
		t.e.timers.add(run.Wake{ID: t.run.ID, Scenario: t.run.ScenarioID, At: t.run.WakeAt})
	}
	return true
}

// progress says that a step ended.
func progress(entries []run.Entry) bool {
	return slices.ContainsFunc(entries, func(e run.Entry) bool {
		switch e.Kind {
		case run.StepSucceeded, run.StepFailed, run.StepIgnored, run.StepRetrying, run.StepHandling, run.StepParked, run.StepUncertain:
			return true
		}
		return false
	})
}

// patiently does something again until the store can be reached, or the task is abandoned. Who told the run something meanwhile
// is not kept waiting.
func (t *task) patiently(do func() error) error {
	for delay := 10 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		err := do()
		if fault.CodeOf(err) != fault.Unavailable || t.ctx.Err() != nil {
			return err
		}
		if delay >= putsOffAfter {
			t.heard(fault.New(fault.Unavailable, "Nothing can be written now, so the run cannot say that it is done. What was asked may still be done when it can: look at the run before you ask again."))
		}
		t.putOff(delay)
	}
}

// putsOffAfter is how long nothing must have been written before who told the run something hears of it.
const putsOffAfter = 80 * time.Millisecond

// putOff waits before something is done again. Whoever tells the run something in that time is sent away.
func (t *task) putOff(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case msg := <-t.inbox:
			msg.done <- fault.New(fault.Unavailable, "Nothing can be written now; nothing was done. Try again in a moment.")
		case <-timer.C:
			return
		case <-t.ctx.Done():
			return
		}
	}
}

// row brings the run's row to where its machine stands. Only a run that is given up has a timer in the store: until then
// it has one here.
func (t *task) row(release bool) {
	m := t.m
	t.run.Status, t.run.Label, t.run.Error = m.Status(), t.veil.Text(m.Label()), t.veil.Failure(m.Failure())
	t.run.Asks = m.Asks()
	if n := len(t.buffer); n > 0 {
		t.run.Seq = t.buffer[n-1].Seq
		for _, e := range t.buffer {
			switch {
			case e.Kind == run.RunStarted:
				t.run.StartedAt = e.At
			case e.Kind == run.RunSucceeded || e.Kind == run.RunFailed || e.Kind == run.RunCancelled:
				t.run.EndedAt = e.At
			}
		}
	}
	t.run.WakeAt = time.Time{}
	if release && (t.run.Status == run.Waiting || t.run.Status == run.Uncertain || t.run.Status == run.Incomplete) {
		if t.run.WakeAt = m.Due(); t.run.WakeAt.IsZero() {
			t.run.WakeAt = run.Never()
		}
	}
	if t.run.Status.Ended() {
		t.run.Hold = run.NotHeld
	}
	if t.run.Status == run.Succeeded {
		shown, _ := t.veil.Shown(m.Output())
		if large, ok := shown.(value.Large); ok {
			t.run.LargeOutput = large
		} else {
			t.run.Output, _ = value.Encode(shown)
		}
	}
}

// tellAnswer tells the waiting request what is durable now.
func (t *task) tellAnswer(release bool) {
	if t.answer.to == nil {
		return
	}
	for _, output := range t.out {
		t.send(run.Answer{Output: output, Status: run.Running})
		t.answer.told = true
	}
	t.out = nil
	switch {
	case !release:
	case t.run.Status == run.Waiting || t.run.Status == run.Queued || t.run.Status == run.Running: // it goes on by itself: whoever waits still does
		t.e.remember(t.run.ID, t.answer)
		t.answer = waiter{}
	default:
		output, err := t.whole(t.m.Output())
		if err != nil {
			t.e.cfg.Log.Error("the output of a run could not be read for who waits for it", "run", t.run.ID, "error", err)
		}
		t.send(run.Answer{Output: output, Status: t.run.Status})
	}
}

func (t *task) send(a run.Answer) {
	select {
	case t.answer.to <- a:
	default:
	}
}

// guard keeps one run's panic from ending the process: the run fails, and the log says where.
func (t *task) guard() {
	t.abandonOnExit()
	defer t.e.letGo(t.run.ID)
	if p := recover(); p != nil {
		t.e.cfg.Log.Error("a run panicked", "run", t.run.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		t.broken(fault.New(fault.Internal, "The run met a defect inside Stepmill; the server's log has the details."))
	}
}

func (t *task) abandonOnExit() {
	for _, f := range t.calls {
		f.cancel()
	}
}

// lose gives a run up of which it is not known what the store says: it is claimed anew.
func (t *task) lose(err error) {
	t.e.cfg.Log.Error("a run is given up; it is claimed anew if it is still this process's", "run", t.run.ID, "error", err)
	t.lost = true
	t.heard(err)
}

// broken fails a run that cannot be moved: its version does not load, its journal does not fold. That it was abandoned
// meanwhile is no reason for that.
func (t *task) broken(err error) {
	if t.ctx.Err() != nil {
		t.lose(err)
		return
	}
	t.e.cfg.Log.Error("a run cannot go on", "run", t.run.ID, "error", err)
	now := t.e.now()
	f := run.FailureOf(err)
	t.run.Status, t.run.Error, t.run.EndedAt, t.run.WakeAt = run.Failed, f, now, time.Time{}
	t.run.Seq++
	entry := run.Entry{Seq: t.run.Seq, Kind: run.RunFailed, At: now, Data: run.Data{Failure: f, Message: f.Message}}
	w := &run.Write{Append: &run.Append{Run: t.run, Entries: []run.Entry{entry}, Release: true}}
	if t.run.Waited && t.run.Parent != "" {
		w.Append.Signals = append(w.Append.Signals, t.returned(map[string]any{"error": f.Value()}))
	}
	err = t.e.commit(context.WithoutCancel(t.ctx), w, t.run.Scenario)
	if len(w.Append.Signals) > 0 { // also where it is not known whether it is kept
		t.e.poke(t.run.Parent)
	}
	if err != nil {
		t.lose(err)
		return
	}
	if w.Append.Freed {
		t.e.behind(t.run.ScenarioID)
	}
	if t.answer.to != nil {
		t.send(run.Answer{Status: run.Failed})
	}
}
