package engine

import (
	"context"
	"slices"
	"sync"
)

// ceiling bounds the calls in flight, over all runs: each holds a connection. A scenario may have as many as are free beside, so
// that one whose destination hangs leaves room for the others; those that wait go on by scenario, the one with the fewest first.
type ceiling struct {
	mu      sync.Mutex
	limit   int
	used    int
	by      map[string]int             // by the scenario's id
	waiting map[string][]chan struct{} // in the order they came
}

func newCeiling(limit int) *ceiling {
	return &ceiling{limit: limit, by: map[string]int{}, waiting: map[string][]chan struct{}{}}
}

func (c *ceiling) fits(scenario string) bool { return c.by[scenario] < c.limit-c.used }

func (c *ceiling) give(scenario string) {
	c.used++
	c.by[scenario]++
}

// try takes room for a call where there is some now.
func (c *ceiling) try(scenario string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting[scenario]) > 0 || !c.fits(scenario) {
		return false
	}
	c.give(scenario)
	return true
}

// take waits for room for a call, as long as ctx lasts.
func (c *ceiling) take(ctx context.Context, scenario string) error {
	if c.try(scenario) {
		return nil
	}
	c.mu.Lock()
	turn := make(chan struct{})
	c.waiting[scenario] = append(c.waiting[scenario], turn)
	c.next() // room may have come meanwhile
	c.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.waiting[scenario], turn)
	if i < 0 { // it was given a moment ago
		c.back(scenario)
		return ctx.Err()
	}
	c.waiting[scenario] = slices.Delete(c.waiting[scenario], i, i+1)
	if len(c.waiting[scenario]) == 0 {
		delete(c.waiting, scenario)
	}
	return ctx.Err()
}

// free gives the room of a call to the next.
func (c *ceiling) free(scenario string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.back(scenario)
}

func (c *ceiling) back(scenario string) {
	c.used--
	if c.by[scenario]--; c.by[scenario] == 0 {
		delete(c.by, scenario)
	}
	c.next()
}

// next gives the room that there is to those that wait.
func (c *ceiling) next() {
	for {
		next := ""
		for s := range c.waiting {
			if c.fits(s) && (next == "" || c.by[s] < c.by[next]) {
				next = s
			}
		}
		if next == "" {
			return
		}
		turn := c.waiting[next][0]
		if c.waiting[next] = c.waiting[next][1:]; len(c.waiting[next]) == 0 {
			delete(c.waiting, next)
		}
		c.give(next)
		close(turn)
	}
}
