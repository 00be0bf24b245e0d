package sim

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// line is one line of a life's log. It is written out where somebody reads it, which is of few lives.
type line struct {
	at     time.Duration
	format string
	args   []any // none of which changes any more
}

func (l line) String() string {
	return fmt.Sprintf("%10.3f ", l.at.Seconds()) + fmt.Sprintf(l.format, l.args...)
}

func (l *life) logf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = append(l.log, line{l.age(), format, args})
}

// logWrites tells of a commit.
func (l *life) logWrites(writes []*run.Write, errs []error) {
	for i, w := range writes {
		failed := ""
		if errs[i] != nil {
			failed = ": " + errs[i].Error()
		}
		switch {
		case w.Accept != nil:
			l.logf("commit %s%s", l.acceptText(w.Accept), failed)
		case w.Intake != nil:
			for _, a := range w.Intake.Accepts {
				l.logf("commit together %s%s", l.acceptText(a), failed)
			}
		case w.Signal != nil:
			l.logf("commit %s is told %s %s%s", l.ledger.label(w.Signal.Run), w.Signal.Kind, w.Signal.Key, failed)
		default:
			l.logf("commit %s%s", l.appendText(w.Append), failed)
		}
	}
}

func (l *life) acceptText(a *run.Accept) fmt.Stringer {
	return accepted{a.Event.Source, a.Event.RunID, a.FirstEvent != "", a.Run != nil && a.Run.Hold != run.NotHeld, l.ledger.kept(a.Event.RunID, a.Entries)}
}

// accepted is an event that was committed.
type accepted struct {
	source, run string
	known, held bool
	entries     []run.Entry
}

func (a accepted) String() string {
	if a.known {
		return "a known event of " + a.source
	}
	text := a.source + " begins as " + a.run
	if a.held {
		text += ", held back"
	}
	return text + entriesText(a.entries)
}

func (l *life) appendText(a *run.Append) fmt.Stringer {
	out := appended{label: l.ledger.label(a.Run.ID), status: a.Run.Status, epoch: a.Run.Epoch, hold: int(a.Run.Hold), released: a.Release, freed: a.Freed,
		entries: l.ledger.kept(a.Run.ID, a.Entries)}
	if !a.Run.WakeAt.IsZero() {
		out.wakes = a.Run.WakeAt.Sub(l.born)
	}
	for _, s := range a.Starts {
		if s.Run != nil {
			out.starts = append(out.starts, s.Run.ID)
		}
	}
	for _, g := range a.Signals {
		out.tells = append(out.tells, l.ledger.label(g.Run)+" "+string(g.Kind))
	}
	return out
}

// appended is a write to a journal that was committed.
type appended struct {
	label           string
	status          run.Status
	epoch           int64
	hold            int
	released, freed bool
	wakes           time.Duration
	entries         []run.Entry
	starts, tells   []string
}

func (a appended) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s, epoch %d", a.label, a.status, a.epoch)
	if a.released {
		b.WriteString(", released")
	}
	if a.wakes != 0 {
		fmt.Fprintf(&b, ", wakes at %.3f", a.wakes.Seconds())
	}
	if a.hold != 0 {
		fmt.Fprintf(&b, ", hold %d", a.hold)
	}
	if a.freed {
		b.WriteString(", frees the next of its line")
	}
	b.WriteString(entriesText(a.entries))
	for _, id := range a.starts {
		b.WriteString("; starts " + id)
	}
	for _, g := range a.tells {
		b.WriteString("; tells " + g)
	}
	return b.String()
}

// logger puts what the engine says into the life's log.
type logger struct{ life *life }

func (*logger) Enabled(context.Context, slog.Level) bool { return true }

// Handle takes one line.
func (h *logger) Handle(_ context.Context, r slog.Record) error {
	h.life.logf("the engine says: %s", record{r.Clone()})
	return nil
}

// record is what the engine said.
type record struct{ slog.Record }

func (r record) String() string {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	})
	return line
}

// WithAttrs is not used by the engine.
func (h *logger) WithAttrs([]slog.Attr) slog.Handler { return h }

// WithGroup is not used by the engine.
func (h *logger) WithGroup(string) slog.Handler { return h }

const mostShown = 4000

// report is a life that went wrong, for a person.
func (l *life) report() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for i, line := range l.log {
		left := len(l.log) - mostShown // a life without end has a log without end
		if left > 0 && i >= mostShown/2 && i < mostShown/2+left {
			if i == mostShown/2 {
				fmt.Fprintf(&b, "… %d lines …\n", left)
			}
			continue
		}
		b.WriteString(line.String() + "\n")
	}
	return b.String() + "\n" + strings.Join(l.bad, "\n")
}

func entriesText(entries []run.Entry) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "; %d %s", e.Seq, e.Kind)
		if e.Path != "" {
			fmt.Fprintf(&b, " %s", try(e.Path, e.Attempt))
		}
		if e.Failure != nil {
			fmt.Fprintf(&b, " (%s)", e.Failure.Class)
		}
	}
	return b.String()
}
