package run

import (
	"encoding/json"
	"iter"
	"time"

	"github.com/stepmill/stepmill/engine/value"
)

// Write is one thing that the engine's writer makes durable, together with what else is queued at that moment. Exactly
// one of its fields is set. The store fills in what the comments say it does.
type Write struct {
	Accept *Accept
	Intake *Intake
	Append *Append
	Signal *Signal
}

// Signal is something that a run is told from outside: an event for its waits, the end of a run it called. It is kept until
// the run takes it, and wakes a run that sleeps.
type Signal struct {
	ID        int64 // zero until stored
	Workspace string
	Run       string
	Kind      SignalKind
	Key       string // a second one of a kind with the same key is the first
	Data      json.RawMessage
	At        time.Time
	Private   bool   // Data is sealed in the store
	Body      string // hash of what was sent; empty: it is what Key says, whatever it says

	// Set by the store.
	Known     bool // it was there already
	OtherBody bool // and said something else
}

// SignalKind says what a run is told.
type SignalKind string

const (
	SignalEvent    SignalKind = "event"    // Data is what `event` is
	SignalReturned SignalKind = "returned" // Key is the called run's id, Data {"output"} or {"error"}
	SignalCancel   SignalKind = "cancel"   // Data {"message"}: the run that waited for it does so no more
)

// Accept takes an event in, and starts its run.
type Accept struct {
	Event   Event
	Run     *Run        // nil: the event starts none. The store sets Number
	Owner   string      // who holds the run's lease from the start, at epoch 1; empty: nobody, epoch 0
	Entries []Entry     // the run's first, run.queued and maybe more. The store sets Pos
	Dedupe  []DedupeKey // any of them known makes the event a duplicate
	Cursor  *Cursor     // committed with the event, unless that is a duplicate
	Held    bool        // the event is stored already and waits: only its run begins
	Gather  *Gather     // the event waits for others; then Run is nil
	Members *Members    // the stored events that this one is made of; nil: none
	Overlap Overlap     // where another run of its line has not ended
	Ordered bool        // where its run has a line and events of its scenario are held, it is held behind them

	Again string // Callers.First, where the run is one more of those that Callers.Again counts

	Files   []value.Large // that the event refers to: they are kept as long as it is
	FilesOf []string      // ids of events and runs whose files are also this one's

	// Set by the store when a dedupe key was known; then neither event nor run is stored.
	FirstEvent string
	FirstRun   string
	OtherBody  bool // the known delivery had another body

	// Set by the store where there is no run after all: Filtered for RunBefore, as Overlap says, or Held, as Ordered says.
	Instead Outcome
	Told    []string // ids of the runs of its line that were told to end, as Overlap says
}

// Started says, once it is durable, that the event started a run.
func (a *Accept) Started() bool { return a.Run != nil && a.FirstEvent == "" && a.Instead == "" }

// Stands says in the event what became of it in place of a run.
func (a *Accept) Stands() {
	a.Event.Outcome, a.Event.RunID = a.Instead, ""
	if a.Instead == Filtered {
		a.Event.Detail = RunBefore
	}
}

// Gather keeps an event until no other comes, or until there are enough.
type Gather struct {
	Key    string    // of those it waits with, within its trigger
	Due    time.Time // when it is taken at the latest; Never: once they are enough
	Latest bool      // it takes the place of those before it

	// For is how long that is, from when it came; zero: it is not said, and Due holds whatever the live version says.
	For time.Duration
}

// UntilEnough is how long a batch waits that has no time.
const UntilEnough = -time.Millisecond

// BatchKey is the key of those that wait for a batch.
const BatchKey = "batch:"

// Members are the gathered events up to one, by its id, that make another together.
type Members struct {
	Key   string // of those that wait together
	Last  string
	Count int
}

// Gathered is an event that is due, by its id, and the key of those it waits with.
type Gathered struct{ ID, Key string }

// Holding is a scenario that holds events which could start their runs, or, where it is gone, never will.
type Holding struct {
	Workspace, ScenarioID string
	Gone                  bool
}

// Intake takes in, all of them or none, what a look at a vendor's list found, and with them how far it has been read. An
// event that is a duplicate is left out; the others and the cursor are kept.
type Intake struct {
	Accepts []*Accept // none: only the cursor moves
	Cursor  *Cursor
}

// Overlap says what becomes of a run where another of its line has not ended. The store decides it in the transaction that
// takes the event in.
type Overlap string

const (
	OverlapQueue  Overlap = ""       // it begins when those before it have ended
	OverlapSkip   Overlap = "skip"   // it does not begin at all
	OverlapCancel Overlap = "cancel" // those before it are cancelled, and then it begins
)

// RunBefore is why an event is filtered whose run was not begun.
const RunBefore = "the run before had not ended"

// DedupeKey is an identity of an event within its trigger.
type DedupeKey struct {
	Key   string
	Until time.Time // when it is forgotten
	Body  string    // hash of the body where the sender promises the same one with the same key; empty: not compared
}

// Cursor is how far a schedule or a poll has come.
type Cursor struct {
	Workspace  string
	ScenarioID string
	Trigger    string
	Value      string
}

// Append adds entries to a run's journal and says what its row becomes. A run whose epoch is another one is left alone
// and the write is a Conflict: the lease was lost.
type Append struct {
	Run     Run     // ID, Epoch, and the new Status, Seq, Label, Error, Output, StartedAt, EndedAt, WakeAt
	Entries []Entry // in order, none left out. The store sets Pos
	Owner   string  // who holds the lease
	Release bool    // gives the lease up; then there may be no entry

	Strip bool // the run has ended, and the data of its journal and event is not kept

	Progress bool // a step ended: what made the process crash, if anything of this run did, is behind it
	Private  bool // the scenario masks data: what it tells other runs is sealed, what it was told is let go of once taken

	FilesTo string // id of the run whose files this one's are, too, from now on: its output refers to some; empty: nobody's

	Freed bool // set by the store: the next of its line may begin

	Starts  []*Accept // runs that this one starts
	Signals []*Signal // what it tells other runs; to one that has ended nothing is told
	Taken   []int64   // ids of the signals that the entries stand for
}

// Lease is the right to advance a run.
type Lease struct {
	Run   Run
	Owner string // the process that holds it
}

// Wake is a run's next timer.
type Wake struct {
	ID       string
	Scenario string // its id; empty: not known
	At       time.Time
}

// Gate is a trigger of which only so many runs move at once.
type Gate struct {
	Scenario string // its id
	Trigger  string
	Limit    int
}

// Replay is what a run is taken up from: its row, what `trigger` is, and its journal.
type Replay struct {
	Run    Run
	Value  []byte
	Large  value.Large    // Value where it is kept apart
	Veiled map[string]any // what stands masked in Value, by its place there
	// Entries reads the journal, in order, as it is gone through; what is masked in an entry stands in its Veiled. After an
	// error nothing more comes.
	Entries iter.Seq2[Entry, error]
	Signals []Signal // not taken yet, oldest first
}
