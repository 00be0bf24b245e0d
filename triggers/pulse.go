package triggers

import (
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
	dirty map[place]bool // not kept yet; true: kept soon, for nothing else tells of it after a crash
	now   chan struct{}  // something rare is to be kept at once
}

// mostRefusals is how many requests that were not taken in are remembered of a trigger.
const mostRefusals = 20

// place tells the triggers of an installation apart.
type place struct{ workspace, scenario, trigger string }

func newPulse() *Pulse {
	return &Pulse{seen: map[place]run.Seen{}, dirty: map[place]bool{}, now: make(chan struct{}, 1)}
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
	p.set(s, false)
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
	p.set(s, true)
}

// stands notes what still keeps a trigger from taking anything in, where it is not the last that is known, and gives since when it is.
func (p *Pulse) stands(t *Trigger, at time.Time, message string) time.Time {
	if s := p.of(t); !s.ErrorAt.IsZero() && s.Error == fault.Clip(message, 300) {
		return s.ErrorAt
	}
	p.failed(t, at, message)
	return at
}

func (p *Pulse) entry(t *Trigger) run.Seen {
	s := p.seen[place{t.Workspace, t.ScenarioID, t.ID}]
	s.Workspace, s.ScenarioID, s.Trigger = t.Workspace, t.ScenarioID, t.ID
	return s
}

func (p *Pulse) set(s run.Seen, soon bool) {
	key := place{s.Workspace, s.ScenarioID, s.Trigger}
	p.seen[key] = s
	p.mark(key, soon)
}

// Refused notes a request to the trigger's URL that was not taken in.
func (t *Trigger) Refused(r run.Refusal) {
	p := t.pulse
	if p == nil {
		return
	}
	r.Message = fault.Clip(r.Message, 300)
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.entry(t)
	s.ErrorAt, s.Error = r.At, r.Message
	s.Refused = newest([]run.Refusal{r}, s.Refused)
	p.set(s, true)
}

// newest puts two lists, newest first, one after the other, as many as are remembered. What was given out before does not change.
func newest(list, older []run.Refusal) []run.Refusal {
	out := slices.Concat(list, older)
	return out[:min(len(out), mostRefusals)]
}

// LookFailed notes that what the trigger looks at could not be.
func (t *Trigger) LookFailed(at time.Time, err error) {
	t.pulse.failed(t, at, fault.MessageOf(err))
	t.pulse.looked(t, true)
	t.pulse.atOnce()
}

// Looked notes that what the trigger looks at could be.
func (t *Trigger) Looked() { t.pulse.looked(t, false) }

// looked notes whether the last look failed, where that is another than before.
func (p *Pulse) looked(t *Trigger, failed bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.entry(t); s.LookFailed != failed {
		s.LookFailed = failed
		p.set(s, true)
		nudge(p.now)
	}
}

// atOnce has what is to be kept soon kept now: looks are rare, each one that fails is known after a crash too.
func (p *Pulse) atOnce() {
	if p != nil {
		nudge(p.now)
	}
}

// mark notes that what is known is not kept yet; soon stays soon.
func (p *Pulse) mark(key place, soon bool) { p.dirty[key] = p.dirty[key] || soon }

// recall takes in what was found, where nothing later is known, and keeps it where it is not kept yet. Refusals that were found
// come before those that are known: they are asked for once.
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
				p.mark(key, false)
			}
		}
		if kept.ErrorAt.After(s.ErrorAt) {
			s.ErrorAt, s.Error = kept.ErrorAt, kept.Error
		}
		s.LookFailed = s.LookFailed || kept.LookFailed
		s.Refused = newest(s.Refused, kept.Refused)
		p.seen[key] = s
	}
}

// of gives what is known of a trigger.
func (p *Pulse) of(t *Trigger) run.Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.entry(t)
}

// take gives what is not kept yet, all or what is to be kept soon; what cannot be kept is given back.
func (p *Pulse) take(all bool) []run.Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []run.Seen
	for key, soon := range p.dirty {
		if soon || all {
			out = append(out, p.seen[key])
			delete(p.dirty, key)
		}
	}
	return out
}

func (p *Pulse) giveBack(list []run.Seen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range list {
		key := place{s.Workspace, s.ScenarioID, s.Trigger}
		p.mark(key, false) // with all others: a store that fails is not asked again soon
	}
}
