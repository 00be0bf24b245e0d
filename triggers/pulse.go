package triggers

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Pulse remembers what each trigger last had to do with.
type Pulse struct {
	mu    sync.Mutex
	seen  map[place]run.Seen
	dirty map[place]bool // not kept yet
}

// place tells the triggers of an installation apart.
type place struct{ workspace, scenario, trigger string }

func newPulse() *Pulse { return &Pulse{seen: map[place]run.Seen{}, dirty: map[place]bool{}} }

// took notes an event that was taken in, or why it could not be.
func (p *Pulse) took(t *Trigger, a *run.Accept, at time.Time, err error) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := place{t.Workspace, t.ScenarioID, t.ID}
	s := p.seen[key]
	s.Workspace, s.ScenarioID, s.Trigger = key.workspace, key.scenario, key.trigger
	switch {
	case err != nil:
		s.ErrorAt, s.Error = at, fault.Clip(fault.MessageOf(err), 300)
	case a.FirstEvent != "":
		s.At, s.Outcome = at, run.Duplicate
	default:
		s.At, s.Outcome = at, a.Event.Outcome
	}
	p.seen[key], p.dirty[key] = s, true
}

// recall takes in what was kept, where nothing later is known.
func (p *Pulse) recall(list []run.Seen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, kept := range list {
		key := place{kept.Workspace, kept.ScenarioID, kept.Trigger}
		s, known := p.seen[key]
		if !known {
			s = run.Seen{Workspace: kept.Workspace, ScenarioID: kept.ScenarioID, Trigger: kept.Trigger}
		}
		if kept.At.After(s.At) {
			s.At, s.Outcome = kept.At, kept.Outcome
		}
		if kept.ErrorAt.After(s.ErrorAt) {
			s.ErrorAt, s.Error = kept.ErrorAt, kept.Error
		}
		p.seen[key] = s
	}
}

// of gives what is known of a trigger.
func (p *Pulse) of(t *Trigger) run.Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.seen[place{t.Workspace, t.ScenarioID, t.ID}]
	s.Workspace, s.ScenarioID, s.Trigger = t.Workspace, t.ScenarioID, t.ID
	return s
}

// take gives what is not kept yet; what cannot be kept is given back.
func (p *Pulse) take() []run.Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []run.Seen
	for _, key := range slices.Collect(maps.Keys(p.dirty)) {
		out = append(out, p.seen[key])
	}
	clear(p.dirty)
	return out
}

func (p *Pulse) giveBack(list []run.Seen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range list {
		p.dirty[place{s.Workspace, s.ScenarioID, s.Trigger}] = true
	}
}
