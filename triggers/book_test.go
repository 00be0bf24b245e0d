package triggers

import (
	"context"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// shelf is a store of triggers, versions, scenarios and events.
type shelf struct {
	mu         sync.Mutex
	rows       []scenario.StoredTrigger
	definition string
	fails      error
	reads      atomic.Int64 // of versions
	gate       chan func()  // what LiveTriggers does after it read, before it returns
	scenario   scenario.Stored
	events     map[string]run.Event
	held       []run.Event
	runs       map[string]run.Run
	journal    []run.Entry
}

func (s *shelf) Run(_ context.Context, _ run.Actor, id string) (run.Run, error) {
	r, ok := s.runs[id]
	if !ok {
		return r, fault.New(fault.NotFound, "There is no run.")
	}
	return r, s.fails
}

func (s *shelf) WholeEntries(context.Context, run.Actor, string) iter.Seq2[run.Entry, error] {
	return run.Each(s.journal)
}

func (s *shelf) LiveTriggers(_ context.Context, id string) ([]scenario.StoredTrigger, error) {
	s.mu.Lock()
	rows, err := append([]scenario.StoredTrigger(nil), s.rows...), s.fails
	s.mu.Unlock()
	rows = slices.DeleteFunc(rows, func(row scenario.StoredTrigger) bool { return id != "" && row.ScenarioID != id })
	select {
	case wait := <-s.gate:
		wait()
	default:
	}
	return rows, err
}

func (s *shelf) Version(_ context.Context, a run.Actor, id string, n int) (scenario.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads.Add(1)
	if s.fails != nil {
		return scenario.Version{}, s.fails
	}
	return scenario.Version{ScenarioID: id, Workspace: a.Workspace, Number: n, Definition: []byte(s.definition), At: moment}, nil
}

func (s *shelf) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func newBook(t *testing.T) (*Book, *shelf, *strings.Builder) {
	t.Helper()
	s := &shelf{definition: document(`{"uses": "webhook"}`), gate: make(chan func(), 1),
		rows: []scenario.StoredTrigger{{Workspace: "w", ScenarioID: "1", Scenario: "s", ID: "trigger", Uses: "webhook", Key: "k", Status: scenario.Live, Version: 1}}}
	said := &strings.Builder{}
	b := NewBook(s, catalogue(), slog.New(slog.NewTextHandler(said, nil)))
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	return b, s, said
}

func TestBook(t *testing.T) {
	b, s, _ := newBook(t)
	load := func() {
		t.Helper()
		if err := b.Load(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Version != 1 {
				t.Errorf("%v %v", got, err)
			}
		})
	}
	wait.Wait()
	load()
	if _, err := b.ByKey(t.Context(), "k"); err != nil || s.reads.Load() != 1 {
		t.Errorf("%v; the version was read %d times", err, s.reads.Load())
	}
	for _, key := range []string{"", "K", "kk"} {
		if _, err := b.ByKey(t.Context(), key); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%q: %v", key, err)
		}
	}
	if s.reads.Load() != 1 { // §2.B 26: an unknown key costs a look into a map, as a known one does, so the time tells neither
		t.Errorf("for keys that are none the store was asked %d times", s.reads.Load()-1)
	}
	s.set(func() { s.rows[0].Version = 2 })
	load()
	if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Version != 2 || s.reads.Load() != 2 {
		t.Errorf("after a new version: %+v %v", got, err)
	}
	s.set(func() { s.rows[0].Status = scenario.Paused })
	load()
	if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Status != scenario.Paused {
		t.Errorf("after a pause: %+v %v", got, err)
	}
	other := s.rows[0]
	other.ScenarioID, other.Key = "2", "k2"
	s.set(func() { s.rows[0].Version, s.rows = 3, append(s.rows, other) })
	if err := b.Load(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	for key, version := range map[string]int{"k": 2, "k2": 2} {
		if got, err := b.ByKey(t.Context(), key); err != nil || got.Version != version {
			t.Errorf("after only the other was read: %s %+v %v", key, got, err)
		}
	}
	s.set(func() { s.rows = s.rows[:1] })
	if err := b.Load(t.Context(), "2"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ByKey(t.Context(), "k2"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the other was deleted: %v", err)
	}
	s.set(func() { s.fails = fault.New(fault.Unavailable, "The disk is gone.") })
	if err := b.Load(t.Context(), ""); err == nil {
		t.Error("a store that fails is not told of")
	}
	if _, err := b.ByKey(t.Context(), "k"); err != nil {
		t.Errorf("a load that failed took away what was there: %v", err)
	}
	s.set(func() { s.fails, s.rows = nil, nil })
	load()
	before := s.reads.Load()
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a deleted trigger: %v", err)
	}
	if s.reads.Load() != before {
		t.Error("for a deleted trigger the store was asked")
	}
}

// TestBookRetired: a trigger whose key is only kept, for a version that has it again, is none and nothing to worry about.
func TestBookRetired(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook", "id": "other"}`) })
	if list := b.All(t.Context(), func(string) bool { return true }); len(list) != 0 || said.Len() > 0 {
		t.Errorf("%v, and the log says %s", list, said)
	}
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("its URL is answered %v", err)
	}
}

// TestBookMends: a version that could not be read is read again at the next use.
func TestBookMends(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.fails = fault.New(fault.Unavailable, "The disk is gone.") })
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	every := func(string) bool { return true }
	if list := b.All(t.Context(), every); len(list) != 0 || !strings.Contains(said.String(), "The disk is gone.") {
		t.Errorf("%d triggers; the log says %q", len(list), said)
	}
	s.set(func() { s.fails = nil })
	if _, err := b.ByKey(t.Context(), "k"); err != nil {
		t.Error(err)
	}
	if len(b.All(t.Context(), every)) != 1 || len(b.All(t.Context(), func(uses string) bool { return uses == "schedule" })) != 0 {
		t.Error("All does not heed what is used")
	}
}

// TestBookDisabled: a disabled trigger does nothing by itself, which is nothing to complain of; what comes to its URL is kept and
// starts nothing.
func TestBookDisabled(t *testing.T) {
	b, s, said := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "webhook", "disabled": true}`) })
	one, err := b.ByKey(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := one.start(Happening{Value: map[string]any{}}); err != nil || s.Accept.Event.Outcome != run.Filtered || s.Accept.Event.Detail != "its trigger is switched off" {
		t.Errorf("%+v %v", s, err)
	}
	if list := b.All(t.Context(), func(string) bool { return true }); len(list) != 0 || said.Len() != 0 {
		t.Errorf("%d triggers; the log says %q", len(list), said)
	}
}

// TestBookPolls: nobody may send events to a trigger that polls.
func TestBookPolls(t *testing.T) {
	b, s, _ := newBook(t)
	s.set(func() { s.definition = document(`{"uses": "shop.new"}`) })
	if _, err := b.ByKey(t.Context(), "k"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	if list := b.All(t.Context(), func(string) bool { return true }); len(list) != 1 {
		t.Errorf("%d triggers", len(list))
	}
}

// TestBookLoadsInOrder: of two loads at once, the one that read the older rows does not win.
func TestBookLoadsInOrder(t *testing.T) {
	b, s, _ := newBook(t)
	var wait sync.WaitGroup
	s.gate <- func() { // the rows are read, and not yet in the book
		s.set(func() { s.rows[0].Version = 2 })
		if b.loading.TryLock() {
			b.loading.Unlock()
			t.Error("another load could pass this one")
		}
		wait.Go(func() { b.Load(t.Context(), "") })
	}
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	if got, err := b.ByKey(t.Context(), "k"); err != nil || got.Version != 2 {
		t.Errorf("%+v %v", got, err)
	}
}
