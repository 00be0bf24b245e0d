package engine

import (
	"maps"
	"sync"

	"github.com/stepmill/stepmill/engine/run"
)

// places bounds the runs in memory: over all, so that memory is, by scenario, so that one that hangs slows only itself,
// and by trigger where its `concurrency` says so.
type places struct {
	mu    sync.Mutex
	limit int
	used  int
	by    map[string]int // by the scenario's id
	gates map[run.Gate]*gate
}

// gate is a trigger of which only so many runs move at once.
type gate struct {
	limit  int
	inside int
	more   bool // the store holds runs that it held back
}

func newPlaces(limit int) *places {
	return &places{limit: limit, by: map[string]int{}, gates: map[run.Gate]*gate{}}
}

// take takes a place for a run of a scenario. A scenario may have as many as are free beside: one that fills the memory
// leaves half of it to the others, and two a third.
func (p *places) take(scenario string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.may(scenario) {
		return false
	}
	p.used++
	p.by[scenario]++
	return true
}

func (p *places) may(scenario string) bool { return p.by[scenario] < p.limit-p.used }

// room says that there is a place for a run of a scenario.
func (p *places) room(scenario string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.may(scenario)
}

// force takes a place although there may be none: a person waits.
func (p *places) force(scenario string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used++
	p.by[scenario]++
}

// free gives a place back.
func (p *places) free(scenario string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	if p.by[scenario]--; p.by[scenario] == 0 {
		delete(p.by, scenario)
	}
}

// move counts a place for the scenario that it turned out to be of.
func (p *places) move(from, to string) {
	if from != to {
		p.force(to)
		p.free(from)
	}
}

func gateOf(r *run.Run) run.Gate { return run.Gate{Scenario: r.ScenarioID, Trigger: r.Trigger} }

// enter lets a run through its trigger's gate; it has none where nothing limits it. A new one does not pass those that
// were held back.
func (p *places) enter(r *run.Run, fresh bool) bool {
	if r.Limit == 0 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gates[gateOf(r)]
	if g == nil {
		g = &gate{limit: r.Limit}
		p.gates[gateOf(r)] = g
	}
	g.limit = r.Limit // the newest version says how many, also of one that was claimed
	if g.inside >= g.limit || fresh && g.more {
		return false
	}
	g.inside++
	return true
}

// full says that a new run that nobody takes in yet has to wait before its trigger's gate. It does not pass those that were
// held back.
func (p *places) full(r *run.Run) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gates[gateOf(r)]
	if g == nil || r.Limit == 0 {
		return false
	}
	g.limit = r.Limit // the newest version says how many
	return g.inside >= g.limit || g.more
}

// exit is true where others were held back.
func (p *places) exit(r *run.Run) bool {
	if r.Limit == 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gates[gateOf(r)]
	g.inside--
	if g.inside == 0 && !g.more {
		delete(p.gates, gateOf(r))
	}
	return g.more
}

// holds notes that the store holds runs back because of a gate. A limit of zero is not known.
func (p *places) holds(of run.Gate, limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gates[of]
	if g == nil {
		g = &gate{limit: limit}
		p.gates[of] = g
	}
	if g.more = true; limit > 0 {
		g.limit = limit
	}
}

// room is a gate through which so many may go.
type room struct {
	run.Gate
	free int
}

// open gives the gates that hold runs back and have room, with how much. They are taken to hold none any more.
func (p *places) open() []room {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []room
	for of, g := range p.gates {
		if g.more && g.inside < g.limit {
			g.more = false
			out = append(out, room{run.Gate{Scenario: of.Scenario, Trigger: of.Trigger, Limit: g.limit}, g.limit - g.inside})
		}
	}
	return out
}

// waits are the scenarios whose runs wait in the store for a place. While that is looked up they count as waiting still: what comes
// meanwhile goes behind them.
type waits struct {
	mu    sync.Mutex
	looks int            // how often it was looked up
	known map[string]int // after which of these looks it was said; what was said before the last one is looked up
	every int            // the same of it not being known whose; -1: it is known
}

func newWaits() *waits { return &waits{known: map[string]int{}, every: -1} }

func (w *waits) has(scenario string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, known := w.known[scenario]
	return known || w.every >= 0
}

// any says that a scenario waits for which there is room.
func (w *waits) any(p *places) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.every >= 0 {
		return true
	}
	for scenario := range w.known {
		if p.room(scenario) {
			return true
		}
	}
	return false
}

func (w *waits) add(scenario string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known[scenario] = w.looks
}

func (w *waits) all() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.every = w.looks
}

// look begins to look up who waits; forget ends it: who was not said to wait since then does not.
func (w *waits) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
}

func (w *waits) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.known, func(_ string, said int) bool { return said < w.looks })
	if w.every < w.looks {
		w.every = -1
	}
}

// plenty says that a run may stay in memory although it only waits.
func (p *places) plenty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used < p.limit/4
}
