package machine

import (
	"maps"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// startLoop evaluates the list that a loop goes over.
func (m *Machine) startLoop(n *node) error {
	v, err := n.step.loop.items.Eval(n.frame.vars, m.moment(n))
	if err != nil {
		return at("items", err)
	}
	items, ok := v.([]any)
	switch {
	case v == nil:
		return fault.New(fault.InvalidInput, "There is no list to go over but null; where it may be missing write ?? [] behind it.")
	case !ok:
		return fault.New(fault.InvalidInput, "A list is needed to go over, and this is of the kind %s.", value.Kind(v))
	}
	if err := m.reaches(n, len(batches(items, n.step.loop.batch))); err != nil {
		return err
	}
	m.emit(n, run.Entry{Kind: run.StepStarted, Data: run.Data{Input: map[string]any{"items": items}}})
	return nil
}

// reaches refuses to replay a part that begins in an item which the list, of another event, does not have: the run would succeed and
// never have done what it was made for.
func (m *Machine) reaches(n *node, items int) error {
	if i, inside := run.IndexIn(m.from, n.path); !inside || i < items {
		return nil
	}
	return fault.New(fault.InvalidInput, "This run replays another from %s on, and the list of %s has %d items now. Replay it from %s.", fault.Clip(m.from, 100), n.step.title, items, n.path)
}

// gather evaluates what ended items add to the loop's output.
func (m *Machine) gather(n *node) {
	for len(n.loop.done) > 0 {
		f := n.loop.done[0]
		e := run.Entry{Kind: run.ItemEnded, Path: f.path}
		at2 := m.moment(n)
		at2.Seed += "\x00" + f.path
		v, err := n.step.loop.collect.Eval(f.vars, at2)
		if err == nil {
			err = n.loop.room(v)
		}
		if err != nil {
			e.Failure = n.fault(at("collect", err))
			e.Failure.Path = f.path
		} else {
			e.Output = v
		}
		m.emit(n, e)
	}
}

// mostGathered bounds what a loop's items give together, in bytes of JSON: it is one list, in memory.
const mostGathered = 64 << 20

// room says that what an item gives has no place beside what the others gave.
func (l *loopState) room(output any) error {
	if l.bytes+sizeOf(output) > mostGathered {
		return fault.New(fault.TooLarge, "What the items give is more than %d MB together, and this item's is left out. Keep less of each: a for_each with a collect that names what is needed.", mostGathered>>20)
	}
	return nil
}

func sizeOf(v any) int {
	if large, ok := v.(value.Large); ok {
		return large.Bytes
	}
	return value.Size(v, mostGathered)
}

// round decides whether a repeat goes round once more.
func (m *Machine) round(n *node) {
	l, r := n.loop, n.step.repeat
	ask := func(c *expr.Condition, name string) (holds, ok bool) {
		holds, err := c.Eval(n.frame.vars, m.moment(n))
		if err != nil {
			m.fail(n, n.fault(at(name, err)), nil)
		}
		return holds, err == nil
	}
	succeed := func() {
		m.emit(n, run.Entry{Kind: run.StepSucceeded, Data: run.Data{Output: n.output()}})
	}
	if r.until != nil && l.begun > 0 && !l.slept {
		if holds, ok := ask(r.until, "until"); !ok {
			return
		} else if holds {
			succeed()
			return
		}
	}
	if next := l.since.Add(r.every); r.every > 0 && l.begun > 0 && l.begun < r.most && !l.slept && next.After(m.now) {
		m.emit(n, run.Entry{Kind: run.StepWaiting, Data: run.Data{Until: next}})
		return
	}
	if r.while != nil {
		if holds, ok := ask(r.while, "while"); !ok {
			return
		} else if !holds {
			succeed()
			return
		}
	}
	if l.begun >= r.most {
		m.fail(n, n.fault(fault.New(fault.TooLarge, "The step %s went round %d times and is not done; raise its max, or check its condition.", n.step.title, r.most)), nil)
		return
	}
	m.mark(n)
	m.emit(n, run.Entry{Kind: run.RoundStarted, Path: itemPath(n.path, l.begun)})
}

// collects says that the loop's output is what its items gave.
func (n *node) collects() bool { return n.step.loop.collect != nil || n.step.kind == "each" }

// collected is a loop's output: what its items gave, in their order.
func (n *node) collected() any {
	l := n.loop
	if !n.collects() {
		return nil
	}
	outs := make([]any, len(l.items))
	copy(outs, l.outs)
	if l.left > 0 {
		outs = outs[:l.left]
	}
	return outs
}

// enterLoop begins the items of a loop.
func (m *Machine) enterLoop(n *node, input any) {
	object, _ := input.(map[string]any)
	items, _ := object["items"].([]any)
	n.loop = &loopState{items: batches(items, n.step.loop.batch)}
	m.set(n, inside)
	m.fill(n)
}

func batches(items []any, size int) []any {
	if size == 0 {
		return items
	}
	var out []any
	for begin := 0; begin < len(items); begin += size {
		out = append(out, items[begin:min(begin+size, len(items))])
	}
	return out
}

// mostAtOnce bounds the items of a loop that are under way, whatever its concurrency says: each has its own scope in memory.
const mostAtOnce = 1000

// fill begins as many items as may run at once, and closes the loop when all have ended.
func (m *Machine) fill(n *node) {
	l := n.loop
	if n.halt != nil || n.frame.halted() != nil {
		return
	}
	for l.begun < len(l.items) && n.live < min(max(1, n.step.loop.concurrency), mostAtOnce) {
		f := &frame{kind: itemFrame, owner: n, index: l.begun, path: itemPath(n.path, l.begun), steps: n.step.loop.body, vars: n.itemScope(l.begun)}
		l.begun++
		n.live++
		m.next(f)
	}
	if l.ended == len(l.items) && n.state != closing {
		m.set(n, closing)
	}
}

// itemScope is what an item's steps see: the item, and the steps before the loop. What they give stays their own.
func (n *node) itemScope(index int) expr.Vars {
	as := n.step.loop.as
	if as == "" {
		as = "item"
	}
	vars := with(n.frame.vars, "index", index)
	vars[as] = n.loop.items[index]
	vars["steps"] = maps.Clone(n.frame.vars["steps"].(map[string]any))
	return vars
}

// itemEnded takes in that the steps of an item have ended.
func (m *Machine) itemEnded(f *frame) {
	n := f.owner
	if n.step.loop.collect != nil {
		n.loop.done = append(n.loop.done, f)
		if n.state != gathering {
			m.set(n, gathering)
		}
		return
	}
	m.gave(n, f.index, f.last)
}

// gave notes what an item gave.
func (m *Machine) gave(n *node, index int, output any) {
	l := n.loop
	if n.collects() {
		for len(l.outs) <= index {
			l.outs = append(l.outs, nil)
		}
		l.outs[index] = output
		l.bytes += sizeOf(output)
	}
	l.ended++
	n.live--
	m.fill(n)
}

// foldItem takes in what an item's collect gave.
func (m *Machine) foldItem(e *run.Entry, n *node) {
	l := n.loop
	f := l.done[0]
	l.done[0] = nil
	l.done = l.done[1:]
	if len(l.done) == 0 && n.state == gathering {
		m.set(n, inside)
	}
	if e.Failure != nil && !n.step.loop.skip {
		l.ended++
		n.live--
		m.stopInside(n, e.Failure, "")
		return
	}
	m.gave(n, f.index, e.Output)
}

// foldRound begins a repeat's next round. Its steps are seen after it, so it shares the scope around.
func (m *Machine) foldRound(e *run.Entry, n *node) {
	l := n.loop
	f := &frame{kind: roundFrame, owner: n, index: l.begun, path: e.Path, steps: n.step.body, vars: n.frame.vars}
	l.begun++
	l.since, l.slept = e.At, false
	n.until = noTime
	m.set(n, inside)
	m.next(f)
}
