package sim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// check holds what is stored in the end to what must be.
func (l *life) check() {
	l.checkEvents()
	lines := map[string][]*story{}
	for _, s := range l.ledger.runs(false) {
		l.checkRun(s)
		if s.run.Line != "" {
			key := s.run.ScenarioID + " " + s.run.Line
			lines[key] = append(lines[key], s)
		}
	}
	for _, line := range lines {
		l.checkLine(line)
	}
}

// checkEvents: an event that was sent has its run, and one with a dedupe key has one.
func (l *life) checkEvents() {
	runs := map[string]int{}
	for _, s := range l.ledger.runs(false) {
		runs[s.label]++
	}
	for _, a := range l.plan.acts {
		if a.what != sends {
			continue
		}
		n := runs[fmt.Sprint(a.n)]
		if n == 0 || a.key != "" && n > 1 || n < l.accepted[a.n] {
			l.wrong("event %d was accepted %d times and has %d runs", a.n, l.accepted[a.n], n)
		}
	}
}

// checkRun: the stored journal is what was committed, without a gap but for what a mark let go of, and folding it gives the
// stored row.
func (l *life) checkRun(s *story) {
	r, err := l.store.Run(context.Background(), actor, s.run.ID)
	if err != nil {
		l.wrong("%s cannot be read: %v", s.label, err)
		return
	}
	entries, err := l.store.Journal(context.Background(), actor, s.run.ID, 0)
	if err != nil {
		l.wrong("the journal of %s cannot be read: %v", s.label, err)
		return
	}
	s.short = len(entries) < len(s.entries)
	signals, at := map[string]bool{}, 0
	for i, e := range s.entries {
		if e.Seq != int64(i)+1 {
			l.wrong("entry %d of %s was committed as %d", i+1, s.label, e.Seq)
		}
		if at < len(entries) && entries[at].Seq == e.Seq {
			if o := entries[at]; o.Pos != e.Pos || o.Kind != e.Kind {
				l.wrong("entry %d of %s is %s at %d and was committed as %s at %d", e.Seq, s.label, o.Kind, o.Pos, e.Kind, e.Pos)
			}
			at++
		} else if !s.cut(e.Seq) {
			l.wrong("entry %d of %s is not there, and no mark let go of it", e.Seq, s.label)
		}
		if e.Kind == run.RunSignalled {
			if signals[e.Event] {
				l.wrong("%s took the signal %s twice", s.label, e.Event)
			}
			signals[e.Event] = true
		}
	}
	if at < len(entries) {
		l.wrong("the journal of %s has the entry %d, which was not committed", s.label, entries[at].Seq)
	}
	m, err := l.fold(s, entries)
	if err != nil {
		l.wrong("the journal of %s does not fold: %v", s.label, err)
		return
	}
	s.end = m
	if m.Status() != r.Status || m.Seq() != r.Seq || m.Label() != r.Label {
		l.wrong("%s is stored as %s at %d, and its journal says %s at %d", s.label, r.Status, r.Seq, m.Status(), m.Seq())
	}
	if r.Status == run.Succeeded {
		if output, _ := value.Encode(m.Output()); string(output) != string(r.Output) {
			l.wrong("the output of %s is stored as %s, and its journal says %s", s.label, r.Output, output)
		}
	}
}

// cut says that a mark let go of an entry.
func (s *story) cut(seq int64) bool {
	return slices.ContainsFunc(s.entries, func(e run.Entry) bool { return e.Cut != nil && seq > e.Cut.After && seq < e.Cut.Before })
}

// fold gives the state that a journal says.
func (l *life) fold(s *story, entries []run.Entry) (*machine.Machine, error) {
	m := machine.New(l.programs[s.run.Scenario].program, machine.Input{Run: s.run.ID, Number: s.run.Number, Scenario: s.run.Scenario, Version: s.run.Version,
		Trigger: s.run.Trigger, Depth: s.run.Depth, Marks: l.plan.marks()})
	for _, e := range entries {
		if err := m.Apply(e); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// checkLine: of the runs of a line each begins when the one before has ended.
func (l *life) checkLine(line []*story) {
	slices.SortFunc(line, func(a, b *story) int { return cmp.Compare(a.run.Number, b.run.Number) })
	var end int64
	for _, s := range line {
		began := int64(0)
		for _, e := range s.entries {
			if e.Kind == run.RunStarted {
				began = e.Pos
			}
		}
		if began != 0 && began < end {
			l.wrong("%s of the line %q began before the one before it had ended", s.label, s.run.Line)
		}
		end = max(end, s.entries[len(s.entries)-1].Pos)
	}
}

// outcome is what people see of the runs in the end: the same whatever the life went through, where nothing in it depends
// on time. It is asked for after check.
func (l *life) outcome() string {
	names := []string{}
	list := l.ledger.runs(false)
	for _, s := range list {
		names = append(names, s.run.ID, s.label)
	}
	plain := strings.NewReplacer(names...)
	slices.SortFunc(list, func(a, b *story) int { return strings.Compare(a.label, b.label) })
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s %s", s.label, s.entries[len(s.entries)-1].Kind)
		if s.end != nil {
			fmt.Fprintf(&b, " %s", plain.Replace(value.Text(s.end.Output())))
		}
		b.WriteString("\n")
		steps := run.Steps(s.entries)
		slices.SortFunc(steps, func(a, b run.Step) int { return strings.Compare(a.Path, b.Path) })
		for _, step := range steps {
			fmt.Fprintf(&b, "%s %s %s %s\n", s.label, step.Path, step.Status, plain.Replace(value.Text(step.Output)))
		}
	}
	return b.String()
}

// differ lists the lines that stand in one of two outcomes only.
func differ(want, got string) string {
	var b strings.Builder
	for _, side := range []struct{ mark, these, those string }{{"-", want, got}, {"+", got, want}} {
		others := strings.Split(side.those, "\n")
		for _, line := range strings.Split(side.these, "\n") {
			if !slices.Contains(others, line) {
				b.WriteString(side.mark + " " + line + "\n")
			}
		}
	}
	return b.String()
}
