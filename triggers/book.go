package triggers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// Book knows the triggers of every published scenario. It reads the store's rows at the start and whenever it is told
// that a scenario changed, so a crash between a change and the telling mends itself.
type Book struct {
	rows      Rows
	catalogue *actions.Catalogue
	log       *slog.Logger

	pulse *Pulse

	loading sync.Mutex // one load at a time: older rows never replace newer ones

	mu    sync.RWMutex
	byKey map[string]*entry

	gathered chan struct{} // an event waits for others
	held     chan struct{} // one is held, or may be no more
}

// entry is a row, and its trigger once it was needed.
type entry struct {
	row  scenario.StoredTrigger
	of   *shared
	once sync.Once
	made *Trigger
	err  error
}

// shared is a version that several entries need: it is read with the first of them, and let go of with the last.
type shared struct {
	mu      sync.Mutex
	edition *edition // nil: it was not read yet, or could not be
}

func (s *shared) read(ctx context.Context, b *Book, row scenario.StoredTrigger) (*edition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.edition != nil {
		return s.edition, nil
	}
	v, err := b.rows.Version(context.WithoutCancel(ctx), run.SystemActor(row.Workspace), row.ScenarioID, row.Version)
	if err == nil {
		s.edition, err = open(row, v)
	}
	return s.edition, err
}

// NewBook makes an empty book; Load fills it.
func NewBook(rows Rows, catalogue *actions.Catalogue, log *slog.Logger) *Book {
	return &Book{rows: rows, catalogue: catalogue, log: log, pulse: newPulse(), byKey: map[string]*entry{}, gathered: make(chan struct{}, 1), held: make(chan struct{}, 1)}
}

// Load reads the rows of a scenario anew, by its id, or all of them with "". Triggers whose version did not change stay
// compiled.
func (b *Book) Load(ctx context.Context, scenarioID string) error {
	b.loading.Lock()
	defer b.loading.Unlock()
	rows, err := b.rows.LiveTriggers(ctx, scenarioID)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := make(map[string]*entry, max(len(rows), len(b.byKey)))
	for key, e := range b.byKey {
		if scenarioID != "" && e.row.ScenarioID != scenarioID {
			fresh[key] = e
		}
	}
	versions := map[string]*shared{} // by their scenarios
	for _, row := range rows {
		if old := b.byKey[row.Key]; old != nil && old.row == row {
			fresh[row.Key] = old
			continue
		}
		of := versions[row.ScenarioID]
		if of == nil {
			of = &shared{}
			versions[row.ScenarioID] = of
		}
		fresh[row.Key] = &entry{row: row, of: of}
	}
	b.byKey = fresh
	nudge(b.gathered)
	nudge(b.held)
	return nil
}

// ByKey gives the live trigger whose URL has this key. A key that is not known, or whose scenario was never published,
// is NotFound, and so is one that polls: nobody may send it events. One that is switched off has its URL all the same.
func (b *Book) ByKey(ctx context.Context, key string) (*Trigger, error) {
	b.mu.RLock()
	e := b.byKey[key]
	b.mu.RUnlock()
	if e == nil {
		return nil, fault.New(fault.NotFound, "There is no live trigger at this URL.")
	}
	t, err := b.open(ctx, e)
	if err == nil && (t.Spec != nil && t.Spec.Poll != nil) {
		return nil, fault.New(fault.NotFound, "There is no live trigger at this URL.")
	}
	return t, err
}

// ByMail gives the live trigger that mail to an address is for, by what stands before its @. Servers on a mail's way may write
// it in other letters.
func (b *Book) ByMail(ctx context.Context, local string) (*Trigger, error) {
	b.mu.RLock()
	key := local
	if e := b.byKey[local]; e == nil {
		for other, e := range b.byKey {
			if e.row.Uses == "email" && strings.EqualFold(other, local) {
				key = other
			}
		}
	}
	b.mu.RUnlock()
	t, err := b.ByKey(ctx, key)
	if err == nil && t.Def.Uses != "email" {
		return nil, fault.New(fault.NotFound, "There is no live trigger at this address.")
	}
	return t, err
}

// Of gives a live trigger of a scenario, by the scenario's id and its own. An empty one means the only schedule there is.
func (b *Book) Of(ctx context.Context, workspace, scenarioID, trigger string) (*Trigger, error) {
	b.mu.RLock()
	var found *entry
	several := false
	for _, e := range b.byKey {
		if e.row.Workspace == workspace && e.row.ScenarioID == scenarioID && (e.row.ID == trigger || trigger == "" && e.row.Uses == "schedule") {
			several = found != nil
			found = e
		}
	}
	b.mu.RUnlock()
	switch {
	case found == nil && trigger == "":
		return nil, fault.New(fault.NotFound, "The scenario has no live schedule, so it has no planned times. Publish it with a trigger that uses schedule.")
	case found == nil:
		return nil, fault.New(fault.NotFound, "The scenario has no live trigger %q.", fault.Clip(trigger, 60))
	case several:
		return nil, fault.New(fault.InvalidInput, "The scenario has several schedules; say which trigger is meant.")
	}
	return b.open(ctx, found)
}

// errRetired is why a trigger that only an older version had is none: its key is kept for a version that has it again.
var errRetired = errors.New("only an older version has it")

// All gives every live trigger of the given kinds of `uses`, and logs those that do not compile.
func (b *Book) All(ctx context.Context, uses func(string) bool) []*Trigger {
	b.mu.RLock()
	var entries []*entry
	for _, e := range b.byKey {
		if uses(e.row.Uses) {
			entries = append(entries, e)
		}
	}
	b.mu.RUnlock()
	var out []*Trigger
	for _, e := range entries {
		t, err := b.open(ctx, e)
		if errors.Is(err, errRetired) {
			continue
		}
		if err != nil {
			b.log.Error("a live trigger cannot be used", "scenario", e.row.Scenario, "trigger", e.row.ID, "error", err)
			continue
		}
		if !t.Def.Disabled {
			out = append(out, t)
		}
	}
	return out
}

func (b *Book) open(ctx context.Context, e *entry) (*Trigger, error) {
	e.once.Do(func() {
		var of *edition
		if of, e.err = e.of.read(ctx, b, e.row); e.err == nil {
			e.made, e.err = of.compile(e.row, b.catalogue)
		}
		if e.made != nil {
			e.made.pulse, e.made.gathered, e.made.held = b.pulse, b.gathered, b.held
		}
		if e.err != nil { // tried again at the next use
			b.mu.Lock()
			if b.byKey[e.row.Key] == e {
				b.byKey[e.row.Key] = &entry{row: e.row, of: e.of}
			}
			b.mu.Unlock()
			return
		}
		e.of = nil
	})
	return e.made, e.err
}

// Gathered says that an event waits for others now, or that it may be time to look.
func (b *Book) Gathered() <-chan struct{} { return b.gathered }

func nudge(who chan<- struct{}) {
	select {
	case who <- struct{}{}:
	default:
	}
}

// hashLong keeps short keys as they are, for people who look, and hashes long ones.
func hashLong(key string) string {
	if len(key) <= 200 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}
