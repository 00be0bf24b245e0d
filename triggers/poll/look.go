package poll

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

const (
	// mostTogether is how many events one commit takes. Each commit has a cursor that is right by itself.
	mostTogether = 100
	// moves is how often a list is begun again that moves while it is read.
	moves = 3
)

// look is one look at a list under way.
type look struct {
	p       *Poller
	trigger *triggers.Trigger
	options *Options
	spec    *actions.Poll
	now     time.Time

	cursor *cursor // as it is durable
	kept   bool    // the store has it
	events int     // how many were kept

	fresh  []found         // what counts and is not kept yet, in the list's order
	all    []found         // what the list has, where all of it is remembered
	within map[string]bool // what this walk has met
	odd    error           // of items that cannot be told from others, or have no time: the first one's; nil: there are none
}

// do looks at the list and keeps what is new. It is called again at once where the list goes on.
func (l *look) do(ctx context.Context) (again bool, err error) {
	for range moves {
		l.fresh, l.all, l.within, l.odd = nil, nil, map[string]bool{}, nil
		before := l.cursor
		var looked run.Looked
		looked, err = l.p.Source.Poll(ctx, l.asked(), func(part run.Part) (bool, error) { return l.part(ctx, part) })
		var unkept unkept
		if fault.CodeOf(err) == fault.Conflict && !errors.As(err, &unkept) {
			continue
		}
		if err != nil {
			return false, err
		}
		if looked.Sandboxed {
			return false, nil
		}
		if l.odd != nil && len(l.all) == 0 { // it is not the list that it was, which says nothing of what is new
			return false, l.odd
		}
		return l.end(ctx, before, looked.Whole)
	}
	return false, fault.New(fault.Unavailable, "%s", fault.MessageOf(err))
}

// asked is what the list is asked for.
func (l *look) asked() run.Look {
	t := l.trigger
	out := run.Look{Workspace: t.Workspace, Scenario: t.Scenario, Trigger: t.ID, Uses: t.Def.Uses, Connection: t.Def.Connection, Input: l.options.Input,
		Sampled: l.cursor.Sampled, Row: max(l.cursor.Row-1, l.options.First-1, 0)} // with the last one known: some systems refuse a part that begins below it
	if l.cursor.From > 0 {
		out.Since = time.UnixMilli(l.cursor.From)
	}
	return out
}

// begin makes the cursor of a list that was never looked at, as it was when the trigger went live.
func (l *look) begin() *cursor {
	at := l.now
	if live := l.trigger.Since; !live.IsZero() && live.Before(at) {
		at = live
	}
	return begin(l.spec, l.options, at)
}

// streams says that what the list gives may be kept part by part: it comes oldest first, and can be read on from there.
func (l *look) streams() bool {
	return l.spec.Row != "" || l.spec.Order == actions.OldestFirst && l.spec.Time != "" && l.spec.Since.As != actions.NoClock && l.cursor.Begun
}

// part takes a part of the list in.
func (l *look) part(ctx context.Context, part run.Part) (more bool, err error) {
	switch {
	case part.Sandboxed:
		next := l.cursor.clone()
		next.Sampled = true
		return false, l.keep(ctx, part.Items, next)
	case l.cursor.Sampled: // the connection is none of a sandbox any more
		l.cursor = l.begin()
	}
	if l.spec.Row != "" {
		return true, l.rows(ctx, part)
	}
	for _, item := range part.Items {
		f, err := tell(l.spec, item)
		if err != nil { // it keeps none of the others from counting
			l.odd = cmp.Or(l.odd, err)
			continue
		}
		if done := l.sift(f); done {
			return false, nil
		}
	}
	if l.streams() {
		return true, l.keepFresh(ctx)
	}
	return true, nil
}

// sift puts an item to those that count, or finds that no more will.
func (l *look) sift(f found) (done bool) {
	if l.within[f.key] { // the list moved, and shows it twice
		return false
	}
	l.within[f.key] = true
	l.all = append(l.all, found{key: f.key, at: f.at})
	if !l.cursor.known(f) {
		l.fresh = append(l.fresh, f)
		return false
	}
	switch {
	case l.spec.Time == "" && l.spec.Order == actions.OldestFirst:
		l.fresh = nil // what stands before one that is known is older, and was passed over once
	case l.spec.Time == "" && l.spec.Order == actions.NewestFirst:
		return l.cursor.Begun
	case l.spec.Order == actions.NewestFirst:
		return f.at < l.cursor.From
	}
	return false
}

// end keeps what was found in a list that is not kept part by part.
func (l *look) end(ctx context.Context, before *cursor, whole bool) (again bool, err error) {
	if l.streams() && (whole || l.cursor != before) {
		return !whole, l.endStream(ctx, whole)
	}
	if !whole || l.spec.Time == "" && len(l.all) > mostSeen {
		return false, fault.New(fault.TooLarge, "The list has more that is new than one look can read (%d items). Nothing of it was taken; narrow the trigger's inputs, or let it start now.", mostSeen)
	}
	if l.cursor.Begun {
		if err := l.keepFresh(ctx); err != nil {
			return false, err
		}
		return false, l.stand(ctx)
	}
	return false, l.beginning(ctx)
}

// beginning passes over what was there when the trigger went live. What came since then counts: the first look may come late, as
// where the system did not answer.
func (l *look) beginning(ctx context.Context) error {
	live := l.trigger.Since.Truncate(time.Second) // as exact as most systems are
	before := func(f found) bool { return l.spec.Time == "" || live.IsZero() || f.at < live.UnixMilli() }
	l.fresh = slices.DeleteFunc(l.fresh, before)
	next := l.cursor.clone()
	next.Begun = true
	next.take(l.byAge(slices.DeleteFunc(l.all, func(f found) bool { return !before(f) })), l.spec, l.now)
	if err := l.keep(ctx, nil, next); err != nil {
		return err
	}
	return l.keepFresh(ctx)
}

// stand keeps the cursor of a list of which nothing counted yet, or that lacks what it remembers.
func (l *look) stand(ctx context.Context) error {
	next := l.cursor.clone()
	if l.spec.Returns {
		next.stay(l.all, true)
	}
	if l.kept && len(next.Seen) == len(l.cursor.Seen) {
		return nil
	}
	return l.keep(ctx, nil, next)
}

// byAge sorts items, oldest first.
func (l *look) byAge(list []found) []found {
	if l.spec.Order == actions.NewestFirst || l.spec.Later {
		slices.Reverse(list)
	}
	slices.SortStableFunc(list, func(a, b found) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rise, b.rise)) })
	return list
}

// keepFresh makes events of what counts, oldest first, some in each commit.
func (l *look) keepFresh(ctx context.Context) error {
	list := l.byAge(l.fresh)
	l.fresh = nil
	for some := range slices.Chunk(list, mostTogether) {
		next := l.cursor.clone()
		if l.spec.Time == "" && l.spec.Order == actions.Unordered {
			next.stay(l.all, l.spec.Returns)
		}
		next.take(some, l.spec, l.now)
		items := make([]any, len(some))
		for i, f := range some {
			items[i] = f.item
		}
		if err := l.keep(ctx, items, next); err != nil {
			return err
		}
	}
	return nil
}

// stay makes what is known and still in the list the last to be forgotten; alone forgets all else.
func (c *cursor) stay(list []found, alone bool) {
	before := c.Count
	for _, f := range list {
		if _, known := c.Seen[f.key]; known {
			c.Count++
			c.Seen[f.key] = c.Count
		}
	}
	if alone {
		maps.DeleteFunc(c.Seen, func(_ string, count int64) bool { return count <= before })
	}
}

// rows keeps the rows of a part. Empty ones between others are passed over.
func (l *look) rows(ctx context.Context, part run.Part) error {
	var items []any
	next := l.cursor.clone()
	for i, item := range part.Items {
		number := part.Row + int64(i)
		cells, _ := item.([]any)
		if number <= l.cursor.Row || !slices.ContainsFunc(cells, func(cell any) bool { return cell != nil && cell != "" }) {
			continue
		}
		next.Row = number
		if l.cursor.Begun {
			items = append(items, map[string]any{"row": number, "values": cells})
		}
		if len(items) == mostTogether {
			if err := l.keep(ctx, items, next); err != nil {
				return err
			}
			items, next = nil, l.cursor.clone()
		}
	}
	if len(items) > 0 || next.Row > l.cursor.Row {
		return l.keep(ctx, items, next)
	}
	return nil
}

// endStream keeps the cursor of a list that is kept part by part, where none of its parts did.
func (l *look) endStream(ctx context.Context, whole bool) error {
	if l.cursor.Begun || !whole {
		return l.stand(ctx)
	}
	next := l.cursor.clone()
	next.Begun = true
	return l.keep(ctx, nil, next)
}

// keep makes events and the cursor after them durable together.
func (l *look) keep(ctx context.Context, items []any, next *cursor) error {
	text, err := next.text()
	if err != nil {
		return err
	}
	list := make([]triggers.Happening, len(items))
	for i, item := range items {
		v, err := value.Normalize(item)
		if err != nil {
			return err
		}
		list[i] = triggers.Happening{Value: v, Source: "poll", At: l.p.Now().UTC()}
	}
	if err := triggers.IntakeAll(ctx, l.p.Starter, l.trigger, list, text); err != nil {
		return unkept{err}
	}
	l.cursor, l.kept = next, true
	l.events += len(items)
	return nil
}

// unkept is the error of a commit: whether it happened may not be known.
type unkept struct{ error }

func (u unkept) Unwrap() error { return u.error }
