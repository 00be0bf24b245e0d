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

	refused map[place][]run.Refusal // newest last
}

// mostRefusals is how many requests that were not taken in are remembered of a trigger.
const mostRefusals = 20

// place tells the triggers of an installation apart.
type place struct{ workspace, scenario, trigger string }

func newPulse() *Pulse {
	return &Pulse{seen: map[place]run.Seen{}, dirty: map[place]bool{}, refused: map[place][]run.Refusal{}}
}

// took notes an event that was taken in, or why it could not be.
func (p *Pulse) took(t *Trigger, a *run.Accept, at time.Time, err error) {
	if p == nil {
		return
	}
	if err != nil {
		p.failed(t, at, fault.MessageOf(err))
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.entry(t)
	if s.At, s.Outcome = at, a.Event.Outcome; a.FirstEvent != "" {
		s.Outcome = run.Duplicate
	}
	p.set(s)
}

// failed notes why nothing could be taken in.
func (p *Pulse) failed(t *Trigger, at time.Time, message string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.entry(t)
	s.ErrorAt, s.Error = at, fault.Clip(message, 300)
	p.set(s)
}

func (p *Pulse) entry(t *Trigger) run.Seen {
	s := p.seen[place{t.Workspace, t.ScenarioID, t.ID}]
	s.Workspace, s.ScenarioID, s.Trigger = t.Workspace, t.ScenarioID, t.ID
	return s
}

func (p *Pulse) set(s run.Seen) {
	key := place{s.Workspace, s.ScenarioID, s.Trigger}
	p.seen[key], p.dirty[key] = s, true
}

// Refused notes a request to the trigger's URL that was not taken in.
func (t *Trigger) Refused(r run.Refusal) {
	p := t.pulse
	if p == nil {
		return
	}
	r.Message = fault.Clip(r.Message, 300)
	p.failed(t, r.At, r.Message)
	p.mu.Lock()
	defer p.mu.Unlock()
	key := place{t.Workspace, t.ScenarioID, t.ID}
	list := append(p.refused[key], r)
	p.refused[key] = list[max(0, len(list)-mostRefusals):]
}

// Failed notes that what the trigger looks at could not be.
func (t *Trigger) Failed(at time.Time, err error) { t.pulse.failed(t, at, fault.MessageOf(err)) }

// refusals gives the last requests that were not taken in, newest first.
func (p *Pulse) refusals(t *Trigger) []run.Refusal {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.Clone(p.refused[place{t.Workspace, t.ScenarioID, t.ID}])
	slices.Reverse(list)
	return list
}

// recall takes in what was found, where nothing later is known, and keeps it where it is not kept yet.
func (p *Pulse) recall(list []run.Seen, keep bool) {
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
			if keep {
				p.dirty[key] = true
			}
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
	return p.entry(t)
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
