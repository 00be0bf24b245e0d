package poll

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// Health is how a trigger that polls is doing. It is of this process's life; the cursor and the events are in the store.
type Health struct {
	Workspace, ScenarioID string
	Scenario              string // slug
	Trigger               string // id
	Uses                  string
	Every                 time.Duration
	Paused                bool
	Polled                time.Time  // when the last look ended; zero: there was none
	Next                  time.Time  // when the next one is due
	Found                 int        // events
	Failures              int        // looks that failed, one after the other
	Class                 fault.Code // of the last failure; empty: the last look did not fail
	Error                 string
	Note                  string // what people should know about the last look that did not fail
}

// Health tells how the triggers that poll are doing, by scenario and trigger.
func (p *Poller) Health() []Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Health, 0, len(p.table))
	for _, one := range p.table {
		if one.gone {
			continue
		}
		h, t := one.health, one.trigger
		h.Workspace, h.ScenarioID, h.Scenario, h.Trigger, h.Uses, h.Next = t.Workspace, t.ScenarioID, t.Scenario, t.ID, t.Def.Uses, one.next
		h.Paused = t.Status == scenario.Paused
		if one.options != nil {
			h.Every = one.options.Every
		}
		if one.bad != nil {
			h.Class, h.Error = fault.CodeOf(one.bad), fault.MessageOf(one.bad)
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Health) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Trigger, b.Trigger))
	})
	return out
}

// Add tells how one trigger that polls is doing, where it is known.
func (p *Poller) Add(t *triggers.Trigger, h *run.Health) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.table[t.Key]
	if one == nil || one.gone {
		return
	}
	if h.Looked = one.health.Polled; !h.Looked.IsZero() || one.bad != nil { // before, what the last process found holds
		h.Failing = one.health.Class != "" || one.bad != nil
	}
	if !h.Paused {
		h.Next = one.next
	}
	if one.bad != nil {
		h.Error = fault.MessageOf(one.bad)
	}
}

// noted keeps what came of a look, and when the next is.
func (one *polled) noted(l *look, note string, err error, again bool, now time.Time) {
	h := &one.health
	h.Polled = now
	h.Found += l.events
	if err == nil {
		h.Failures, h.Class, h.Error = 0, "", ""
		if note != "" {
			h.Note = note
		}
		one.next = l.now.Add(one.options.Every)
		if again || one.options.list != l.options.list { // the list goes on, or is another one by now
			one.next = now
		}
		return
	}
	h.Failures++
	h.Class, h.Error = fault.CodeOf(err), fault.MessageOf(err)
	wait := mostFail
	if h.Failures < 10 {
		wait = min(afterFail<<(h.Failures-1), mostFail)
	}
	var told *fault.Error
	if errors.As(err, &told) {
		wait = max(wait, told.RetryAfter)
	}
	one.next = now.Add(wait)
}

// passedOver says of a look that it took all but what could not be told.
func (one *polled) passedOver(odd error, now time.Time) {
	err := fault.Wrap(odd, fault.CodeOf(odd), "%s It is passed over, and the others count. The system's own help can say why it is so.", fault.MessageOf(odd))
	one.health.Class, one.health.Error = err.Code, err.Message
	one.trigger.LookFailed(now, err)
}
