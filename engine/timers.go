package engine

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

const (
	horizon   = time.Minute // timers due within it are in memory
	refill    = 30 * time.Second
	maxTimers = 10_000
)

// timers holds the next timers of the store in a heap. Those beyond its horizon stay in the store's index, so a million
// sleeping runs cost nothing here.
type timers struct {
	mu      sync.Mutex
	heap    wakes
	kept    map[string]run.Wake // those of the heap that the store knows nothing of, by run
	until   time.Time           // every timer before it is in the heap
	filled  time.Time
	filling bool  // the store is being asked; nobody waits for that
	since   wakes // what was added meanwhile
	changed chan struct{}

	others, had int // how often the store was said to have others, and how many of these were heeded
}

func newTimers() *timers {
	return &timers{kept: map[string]run.Wake{}, changed: make(chan struct{}, 1)}
}

// add takes in the timer of a run that was just given up.
func (t *timers) add(w run.Wake) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.filling || w.At.Before(t.until) {
		t.push(w)
	}
}

// keep takes in a wake that the store knows nothing of. It forgets those beyond what it may hold: the next start finds them.
func (t *timers) keep(w run.Wake) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, twice := t.kept[w.ID]; twice || len(t.kept) >= maxTimers {
		return
	}
	t.kept[w.ID] = w
	t.push(w)
}

// refill says that the store has other timers than it had: the heap is read anew before the next is taken from it.
func (t *timers) refill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.others++
	t.signal()
}

func (t *timers) signal() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

func (t *timers) push(w run.Wake) {
	heap.Push(&t.heap, w)
	if t.filling {
		t.since = append(t.since, w)
	}
	t.signal()
}

// due gives the runs to wake now, and how long until it should be asked again. It is called from one goroutine.
func (t *timers) due(ctx context.Context, store Store, now time.Time) ([]run.Wake, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := refill
	if now.Sub(t.filled) >= refill || !now.Before(t.until) || now.Before(t.filled) || t.had < t.others {
		t.filling, t.since = true, nil
		others := t.others
		t.mu.Unlock()
		list, err := store.Due(ctx, now.Add(horizon), maxTimers)
		t.mu.Lock()
		t.filling = false
		if err == nil {
			t.fill(list, now)
			t.had = others
		} else {
			next = againAfter
		}
	}
	var list []run.Wake
	for len(t.heap) > 0 && !t.heap[0].At.After(now) && len(list) < 500 {
		w := heap.Pop(&t.heap).(run.Wake)
		delete(t.kept, w.ID)
		list = append(list, w)
	}
	if len(t.heap) > 0 {
		next = min(next, t.heap[0].At.Sub(now))
	}
	return list, max(next, 0)
}

// fill takes in the next timers of the store.
func (t *timers) fill(list []run.Wake, now time.Time) {
	t.filled, t.until = now, now.Add(horizon)
	if len(list) == maxTimers {
		t.until = list[len(list)-1].At
	}
	t.heap = append(append(t.heap[:0], list...), t.since...)
	for _, w := range t.kept {
		t.heap = append(t.heap, w)
	}
	heap.Init(&t.heap)
}

// wakes is a heap by time, and by age where that is the same.
type wakes []run.Wake

func (w wakes) Len() int { return len(w) }
func (w wakes) Less(i, j int) bool {
	if w[i].At.Equal(w[j].At) {
		return w[i].ID < w[j].ID
	}
	return w[i].At.Before(w[j].At)
}
func (w wakes) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w *wakes) Push(x any)   { *w = append(*w, x.(run.Wake)) }
func (w *wakes) Pop() any {
	old := *w
	last := old[len(old)-1]
	*w = old[:len(old)-1]
	return last
}
