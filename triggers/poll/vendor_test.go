package poll

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// thing is what a vendor's list holds.
type thing struct {
	id      int
	made    time.Time
	changed time.Time
	shown   time.Time // from when on the list has it
	gone    bool
	ever    bool // it was gone once
}

// vendor is a list that changes while it is read, and at other times; its parts are those of outbound's walk.
type vendor struct {
	spec  *actions.Poll
	size  int // items of a part
	parts int // of one look

	mu     sync.Mutex
	rng    *rand.Rand
	things []*thing
	rows   []any // of a list of rows
	again  []int // numbers of rows that went, and may be those of others by now
	wild   bool  // it changes, errs and lags
	looks  int
	whole  int // looks that read to an end
}

func (v *vendor) chance(n int) bool { return v.wild && v.rng.IntN(n) == 0 }

// churn changes the list a little.
func (v *vendor) churn() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.spec.Row != "" {
		v.churnRows()
		return
	}
	switch n := v.rng.IntN(20); {
	case n < 12:
		v.add(v.rng.IntN(4) + 1)
	case n < 13:
		v.add(v.rng.IntN(60))
	case n < 16 && len(v.things) > 0:
		for range v.rng.IntN(6) { // some go, mostly new ones; and come back
			one := v.things[max(0, len(v.things)-1-v.rng.IntN(30))]
			one.gone, one.ever = !one.gone, true
		}
	case len(v.things) > 0 && v.spec.Changed:
		one := v.things[v.rng.IntN(len(v.things))]
		one.changed = v.stamp()
	}
}

// stamp is the vendor's time: of whole seconds, and of a clock that is a little behind.
func (v *vendor) stamp() time.Time { return time.Now().Add(-7 * time.Second).Truncate(time.Second) }

func (v *vendor) add(n int) {
	for range n {
		at := v.stamp()
		one := &thing{id: len(v.things) + 1, made: at, changed: at, shown: at}
		if v.spec.Time != "" && v.chance(4) {
			one.shown = at.Add(time.Duration(v.rng.Int64N(int64(v.spec.Overlap - 10*time.Second))))
		}
		v.things = append(v.things, one)
	}
}

func (v *vendor) churnRows() {
	switch n := v.rng.IntN(10); {
	case n < 7:
		for range v.rng.IntN(30) + 1 {
			v.rows = append(v.rows, []any{fmt.Sprint("row ", len(v.rows)+1), int64(1)})
		}
	case n < 8:
		v.rows = append(v.rows, []any{""}, []any{}, []any{"after empty ones"})
	case len(v.rows) > 3: // the last ones go
		v.rows = v.rows[:len(v.rows)-v.rng.IntN(3)]
		v.again = append(v.again, len(v.rows)+1, len(v.rows)+2)
	}
}

func (v *vendor) at(one *thing) time.Time {
	if v.spec.Changed {
		return one.changed
	}
	return one.made
}

// list is what the list shows now.
func (v *vendor) list(l run.Look) []*thing {
	var out []*thing
	for _, one := range v.things {
		if one.gone || one.shown.After(time.Now()) || v.spec.Since.As != "" && v.at(one).Before(l.Since.Truncate(time.Minute)) {
			continue
		}
		out = append(out, one)
	}
	switch v.spec.Order {
	case actions.OldestFirst:
		slices.SortStableFunc(out, func(a, b *thing) int { return cmp.Or(v.at(a).Compare(v.at(b)), a.id-b.id) })
	case actions.NewestFirst:
		slices.SortStableFunc(out, func(a, b *thing) int { return cmp.Or(v.at(b).Compare(v.at(a)), b.id-a.id) })
	default:
		slices.SortFunc(out, func(a, b *thing) int { return (a.id*7919)%100003 - (b.id*7919)%100003 })
	}
	return out
}

func (v *vendor) item(one *thing) any {
	out := map[string]any{"id": fmt.Sprint(one.id)}
	if v.spec.Time != "" {
		out["at"] = v.at(one).UTC().Format(time.RFC3339)
	}
	return out
}

// Poll reads the list part by part; between two parts it may change.
func (v *vendor) Poll(ctx context.Context, l run.Look, each func(run.Part) (bool, error)) (run.Looked, error) {
	v.mu.Lock()
	v.looks++
	v.mu.Unlock()
	if v.spec.Row != "" {
		return v.pollRows(l, each)
	}
	after := -1 // the id that the next part begins behind
	for parts := 0; ; parts++ {
		if err := v.err(); err != nil {
			return run.Looked{}, err
		}
		if parts == v.parts {
			return run.Looked{}, nil
		}
		items, last, more, err := v.cut(l, after)
		if err != nil {
			return run.Looked{}, err
		}
		goOn, err := each(run.Part{Items: items})
		if err != nil || !goOn || !more {
			v.mu.Lock()
			v.whole++
			v.mu.Unlock()
			return run.Looked{Whole: true}, err
		}
		after = last
		time.Sleep(time.Second)
		v.mu.Lock()
		wild := v.wild
		v.mu.Unlock()
		if wild && parts%4 == 0 {
			v.churn()
		}
	}
}

// cut gives the part behind an item. A list by offset does not know where that is once it has gone; a token does.
func (v *vendor) cut(l run.Look, after int) (items []any, last int, more bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := v.list(l)
	from := 0
	if after >= 0 {
		from = slices.IndexFunc(list, func(one *thing) bool { return one.id == after }) + 1
		if from == 0 && v.spec.Page.Kind == actions.Offset {
			return nil, 0, false, fault.New(fault.Conflict, "The list moved.")
		}
		if from == 0 { // the token is of the place, not of the item
			gone := v.things[after-1]
			from, _ = slices.BinarySearchFunc(list, gone, func(a, b *thing) int {
				order := cmp.Or(v.at(a).Compare(v.at(b)), a.id-b.id)
				if v.spec.Order == actions.NewestFirst {
					order = -order
				}
				return order
			})
			if v.spec.Order == actions.Unordered {
				from = 0
			}
		}
	}
	part := list[from:min(from+v.size, len(list))]
	if v.spec.Page.Kind == actions.Whole {
		part = list
	}
	for _, one := range part {
		items = append(items, v.item(one))
		last = one.id
	}
	return items, last, from+len(part) < len(list), nil
}

func (v *vendor) pollRows(l run.Look, each func(run.Part) (bool, error)) (run.Looked, error) {
	for from := l.Row; ; {
		if err := v.err(); err != nil {
			return run.Looked{}, err
		}
		v.mu.Lock()
		end := min(from+int64(v.size), int64(len(v.rows)))
		part := slices.Clone(v.rows[min(from, end):end])
		v.mu.Unlock()
		more, err := each(run.Part{Items: part, Row: from + 1})
		if err != nil || !more || len(part) < v.size {
			return run.Looked{Whole: true}, err
		}
		from = end - 1
		time.Sleep(time.Second)
	}
}

// err is what goes wrong now and then.
func (v *vendor) err() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.chance(8) {
		return nil
	}
	return [...]error{fault.New(fault.Unavailable, "cut"), fault.New(fault.Timeout, "late"), fault.New(fault.Unauthorized, "no"),
		&fault.Error{Code: fault.RateLimited, Message: "slow down", RetryAfter: 45 * time.Second}}[v.rng.IntN(4)]
}
