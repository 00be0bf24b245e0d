package sim

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/run"
)

// logWrites tells of a commit.
func (l *life) logWrites(writes []*run.Write, errs []error) {
	for i, w := range writes {
		var line string
		switch {
		case w.Accept != nil:
			line = acceptText(w.Accept)
		case w.Intake != nil:
			for _, a := range w.Intake.Accepts {
				line += acceptText(a) + "; "
			}
		case w.Signal != nil:
			line = fmt.Sprintf("%s is told %s %s", l.ledger.label(w.Signal.Run), w.Signal.Kind, w.Signal.Key)
		default:
			line = l.appendText(w.Append)
		}
		if errs[i] != nil {
			line += ": " + errs[i].Error()
		}
		l.logf("commit %s", line)
	}
}

func acceptText(a *run.Accept) string {
	if a.FirstEvent != "" {
		return "a known event of " + a.Event.Source
	}
	return fmt.Sprintf("%s begins as %s, hold %d", a.Event.Source, a.Run.ID, a.Run.Hold) + entriesText(a.Entries)
}

func (l *life) appendText(a *run.Append) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s, epoch %d", l.ledger.label(a.Run.ID), a.Run.Status, a.Run.Epoch)
	if a.Release {
		b.WriteString(", released")
	}
	if !a.Run.WakeAt.IsZero() {
		fmt.Fprintf(&b, ", wakes at %.3f", a.Run.WakeAt.Sub(l.born).Seconds())
	}
	if a.Run.Hold != run.NotHeld {
		fmt.Fprintf(&b, ", hold %d", a.Run.Hold)
	}
	if a.Freed {
		b.WriteString(", frees the next of its line")
	}
	b.WriteString(entriesText(a.Entries))
	for _, s := range a.Starts {
		fmt.Fprintf(&b, "; starts %s", s.Run.ID)
	}
	for _, g := range a.Signals {
		fmt.Fprintf(&b, "; tells %s %s", l.ledger.label(g.Run), g.Kind)
	}
	return b.String()
}

// logger puts what the engine says into the life's log.
type logger struct{ life *life }

func (*logger) Enabled(context.Context, slog.Level) bool { return true }

// Handle takes one line.
func (h *logger) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	})
	h.life.logf("the engine says: %s", line)
	return nil
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
	log := l.log
	if left := len(log) - mostShown; left > 0 { // a life without end has a log without end
		log = slices.Concat(log[:mostShown/2], []string{fmt.Sprintf("… %d lines …", left)}, log[len(log)-mostShown/2:])
	}
	return strings.Join(log, "\n") + "\n\n" + strings.Join(l.bad, "\n")
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
