package triggers

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// SeenStore keeps what triggers last had to do with.
type SeenStore interface {
	Seen(ctx context.Context) ([]run.Seen, error)
	// SeenSince finds the same in the events that came at or after a time by themselves, not by hand.
	SeenSince(ctx context.Context, since time.Time) ([]run.Seen, error)
	SaveSeen(ctx context.Context, list []run.Seen) error
}

// Monitor knows how the live triggers do, and notices those that are silent although events are expected.
type Monitor struct {
	Book  *Book
	Store SeenStore
	Now   func() time.Time
	Next  func(*Trigger) time.Time    // when a schedule fires next; zero: never
	More  func(*Trigger, *run.Health) // adds what others know; nil: nobody does
	// Lacks begins a look at all triggers, and says why one can take nothing in; empty: it can. Nil: nobody knows.
	Lacks func(ctx context.Context) func(*Trigger) string
	Log   *slog.Logger

	mu     sync.Mutex
	loaded bool             // what was kept is known: before that nobody can be called silent
	silent map[place]bool   // those that the log was told of
	counts map[string]count // by workspace
}

const (
	saveEvery  = 30 * time.Second
	saveSoon   = time.Second        // refusals and errors, which no event tells of after a crash: one row for each trigger, however many came
	lookBack   = 7 * 24 * time.Hour // how far events are searched where nothing was kept
	countEvery = 5 * time.Second
)

// count is of how many triggers something was wrong, and when.
type count struct {
	n  int
	at time.Time
}

// Load reads what was kept, and what came in after that was last done.
func (m *Monitor) Load(ctx context.Context) error {
	kept, err := m.Store.Seen(ctx)
	if err != nil {
		return err
	}
	since := m.Now().Add(-lookBack)
	for _, s := range kept {
		if at := s.At.Add(-2 * saveEvery); at.After(since) {
			since = at
		}
	}
	late, err := m.Store.SeenSince(ctx, since)
	if err != nil {
		return err
	}
	m.Book.pulse.recall(kept, false)
	m.Book.pulse.recall(late, true) // the next look back need not reach as far
	m.mu.Lock()
	m.loaded = true
	m.mu.Unlock()
	return nil
}

// Run keeps what comes in and looks for silence until ctx ends.
func (m *Monitor) Run(ctx context.Context) {
	ticker, soon := time.NewTicker(saveEvery), time.NewTicker(saveSoon)
	defer ticker.Stop()
	defer soon.Stop()
	m.look(ctx)
	for {
		select {
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			m.save(end, true)
			return
		case <-soon.C:
			m.save(ctx, false)
		case <-m.Book.pulse.now:
			m.save(ctx, false)
		case <-ticker.C:
			m.look(ctx)
		}
	}
}

func (m *Monitor) look(ctx context.Context) {
	if !m.knows() {
		if err := m.Load(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("what the triggers last had to do with could not be read; it is tried again", "error", err)
		}
	}
	m.save(ctx, true)
	m.tell(ctx)
}

// knows says that what was kept has been read.
func (m *Monitor) knows() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.loaded
}

// save keeps what is not kept yet, all or what is to be kept soon. What was kept before is read first: a row takes the place
// of another.
func (m *Monitor) save(ctx context.Context, all bool) {
	if !m.knows() {
		return
	}
	list := m.Book.pulse.take(all)
	if len(list) == 0 {
		return
	}
	if err := m.Store.SaveSeen(ctx, list); err != nil {
		m.Book.pulse.giveBack(list)
		m.Log.Error("what the triggers had to do with could not be kept; it is tried again", "error", err)
	}
}

// tell says of each silence once in the log.
func (m *Monitor) tell(ctx context.Context) {
	now := map[place]bool{}
	for _, h := range m.Health(ctx, "", "") {
		key := place{h.Workspace, h.ScenarioID, h.Trigger}
		if h.SilentSince.IsZero() {
			continue
		}
		if now[key] = true; !m.silent[key] {
			m.Log.Warn("a trigger is silent: no event came although one was expected", "scenario", h.Scenario, "trigger", h.Trigger, "every", h.Expect, "since", h.SilentSince)
		}
	}
	m.silent = now
}

// Health says how the live triggers do, of a workspace and a scenario, by its id; all of them with "".
func (m *Monitor) Health(ctx context.Context, workspace, scenarioID string) []run.Health {
	loaded := m.knows()
	var out []run.Health
	now := m.Now().UTC()
	lacks := func(*Trigger) string { return "" }
	if m.Lacks != nil {
		lacks = m.Lacks(ctx)
	}
	for _, t := range m.Book.All(ctx, func(string) bool { return true }) {
		if workspace != "" && t.Workspace != workspace || scenarioID != "" && t.ScenarioID != scenarioID {
			continue
		}
		h := run.Health{Seen: m.Book.pulse.of(t), Scenario: t.Scenario, Uses: t.Def.Uses, Paused: t.Status == scenario.Paused}
		h.Failing = h.LookFailed && t.Spec != nil && t.Spec.Poll != nil
		h.Refusing = !h.Paused && h.Refuses(t.Since)
		if t.Def.Uses == "schedule" && m.Next != nil && !h.Paused {
			h.Next = m.Next(t)
		}
		if t.Def.Expect != nil {
			h.Expect, _ = scenario.ParseDuration(t.Def.Expect.Every) // publishing has read it
		}
		last := h.At
		if t.Since.After(last) { // from when on it was there to be told something
			last = t.Since
		}
		if h.Expect > 0 && loaded && !h.Paused && now.Sub(last) >= h.Expect {
			h.SilentSince = last
		}
		if m.More != nil {
			m.More(t, &h)
		}
		if why := lacks(t); why != "" {
			h.Failing, h.Error = true, why
		}
		if h.Failing && loaded {
			h.ErrorAt = m.Book.pulse.stands(t, now, h.Error)
		}
		out = append(out, h)
	}
	if workspace != "" && scenarioID == "" && loaded {
		m.counted(workspace, now, out)
	}
	slices.SortFunc(out, func(a, b run.Health) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Trigger, b.Trigger))
	})
	return out
}

// counted notes with how many triggers of a workspace something is wrong.
func (m *Monitor) counted(workspace string, now time.Time, list []run.Health) {
	one := count{at: now}
	for _, h := range list {
		if h.Wrong() {
			one.n++
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts == nil {
		m.counts = map[string]count{}
	}
	m.counts[workspace] = one
}

// Wrong is with how many triggers of a workspace something is wrong, as it was a few seconds ago at most: every page asks it.
func (m *Monitor) Wrong(ctx context.Context, workspace string) int {
	known := func() count {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.counts[workspace]
	}
	if age := m.Now().Sub(known().at); age < 0 || age >= countEvery {
		m.Health(ctx, workspace, "")
	}
	return known().n
}
