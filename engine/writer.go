package engine

import (
	"context"
	"log/slog"
	"runtime"
	"sync"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// maxBatch bounds the writes of one transaction.
const maxBatch = 512

// pending is a write and who waits for it.
type pending struct {
	write    *run.Write
	scenario string // slug, for the listeners
	done     chan error
}

// writer is the group commit: it takes what is queued, lets go of its turn once but waits for nothing, and makes it durable in
// one transaction.
type writer struct {
	store     Store
	listeners []Listener
	queue     chan *pending
	mu        sync.RWMutex
	closed    bool
	killed    bool // nothing more reaches the store
	ended     chan struct{}
	log       *slog.Logger
	feed      []run.FeedEntry // what publish last told, for its room
	failing   bool            // nothing can be made durable now, which was said
}

func newWriter(store Store, listeners []Listener, log *slog.Logger) *writer {
	w := &writer{store: store, listeners: listeners, log: log, queue: make(chan *pending, 4*maxBatch), ended: make(chan struct{})}
	go w.loop()
	return w
}

// put queues a write. It blocks while the queue is full, which is what holds fast senders back.
func (w *writer) put(ctx context.Context, p *pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.killed {
		return fault.New(fault.Internal, "The process is dead.")
	}
	if w.closed {
		return fault.New(fault.Unavailable, "Stepmill is shutting down.")
	}
	select {
	case w.queue <- p:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "The write queue is full; try again in a moment.")
	}
}

func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) kill() {
	w.mu.Lock()
	w.killed = true
	w.mu.Unlock()
}

func (w *writer) loop() {
	defer close(w.ended)
	batch := make([]*pending, 0, maxBatch)
	writes := make([]*run.Write, 0, maxBatch)
	for first := range w.queue {
		batch = append(batch[:0], first)
		runtime.Gosched() // who is about to write something joins this transaction
	gather:
		for len(batch) < maxBatch {
			select {
			case p, ok := <-w.queue:
				if !ok {
					break gather
				}
				batch = append(batch, p)
			default:
				break gather
			}
		}
		writes = writes[:0]
		for _, p := range batch {
			writes = append(writes, p.write)
		}
		errs := w.store.Commit(context.Background(), writes)
		w.say(errs[0])
		for i, p := range batch {
			p.done <- errs[i]
		}
		w.publish(batch, errs)
		clear(batch)
		clear(writes)
	}
}

// say tells the log when nothing can be made durable any more, and when it can again.
func (w *writer) say(err error) {
	switch failing := fault.CodeOf(err) == fault.Unavailable; {
	case failing && !w.failing:
		w.log.Error("nothing can be written: events are refused, and runs wait where they are until it can", "error", err)
	case !failing && w.failing:
		w.log.Info("the database can be written again: what waited goes on")
	}
	w.failing = fault.CodeOf(err) == fault.Unavailable
}

// feed adds entries of a run to what listeners are told.
func feed(to []run.FeedEntry, r *run.Run, entries []run.Entry) []run.FeedEntry {
	for _, entry := range entries {
		to = append(to, run.FeedEntry{Workspace: r.Workspace, Run: r.ID, Scenario: r.Scenario, Entry: entry})
	}
	return to
}

// feedAccept adds the first entries of the run that an event started, if it did.
func feedAccept(to []run.FeedEntry, a *run.Accept) []run.FeedEntry {
	if !a.Started() {
		return to
	}
	return feed(to, a.Run, a.Entries)
}

// publish tells the listeners what is durable now.
func (w *writer) publish(batch []*pending, errs []error) {
	if len(w.listeners) == 0 {
		return
	}
	all := w.feed[:0]
	for i, p := range batch {
		if errs[i] != nil {
			continue
		}
		switch write := p.write; {
		case write.Append != nil:
			all = feed(all, &write.Append.Run, write.Append.Entries)
			for _, start := range write.Append.Starts {
				all = feedAccept(all, start)
			}
		case write.Intake != nil:
			for _, a := range write.Intake.Accepts {
				all = feedAccept(all, a)
			}
		case write.Accept != nil:
			all = feedAccept(all, write.Accept)
		}
	}
	for _, l := range w.listeners {
		l.Publish(all)
	}
	clear(all)
	w.feed = all
}
