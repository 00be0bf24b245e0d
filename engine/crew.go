package engine

import "sync/atomic"

// keptIdle is how many goroutines a crew keeps that have nothing to do.
const keptIdle = 32

// crew carries functions out beside the caller, on goroutines that it keeps for the next: one that has just begun has a stack of a few
// kilobytes, and to let that grow anew for each run and each call took a twentieth of the main job's time.
type crew struct {
	jobs  chan func()
	ended chan struct{} // closed when none is kept any more
	idle  atomic.Int32
}

func newCrew() *crew { return &crew{jobs: make(chan func()), ended: make(chan struct{})} }

func (c *crew) do(f func()) {
	select {
	case c.jobs <- f:
	default:
		go c.work(f)
	}
}

func (c *crew) work(f func()) {
	for f != nil {
		f()
		f = c.next()
	}
}

// next waits for something to do; it is nil where enough others wait, or none is to any more.
func (c *crew) next() func() {
	defer c.idle.Add(-1)
	if c.idle.Add(1) > keptIdle {
		return nil
	}
	select {
	case f := <-c.jobs:
		return f
	case <-c.ended:
		return nil
	}
}

// close lets those go that have nothing to do. What is begun afterwards is carried out too.
func (c *crew) close() { close(c.ended) }
