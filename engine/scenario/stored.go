package scenario

import (
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// Status is whether events start runs.
type Status string

const (
	Draft  Status = "draft"  // never published
	Live   Status = "live"   // events start runs of the live version
	Paused Status = "paused" // events are kept until it is resumed
)

// Stored is a scenario as a workspace keeps it: its draft, and which version is live.
type Stored struct {
	ID        string // UUIDv7 text
	Workspace string
	Slug      string
	Name      string // of the draft
	Status    Status
	Version   int   // the live one; zero: never published
	Revision  int64 // counts the draft's saves from 1
	Dirty     bool  // the draft differs from the live version
	Draft     []byte
	Problems  []fault.Problem // of the draft when it was saved
	Triggers  []StoredTrigger // of the draft
	CreatedAt time.Time
	UpdatedAt time.Time
	Unchanged bool // what publishing gives: the draft was live already, and no version was made
}

// StoredTrigger is a trigger's address: the key of its URL is made with the first draft and never changes.
type StoredTrigger struct {
	Workspace  string
	ScenarioID string
	Scenario   string // slug
	ID         string // Trigger.Key
	Uses       string
	Key        string    // 256 bits, URL-safe text; the secret part of the trigger URL
	Status     Status    // of the scenario
	Version    int       // the live one; zero: none
	ResumedAt  time.Time // when the scenario was last switched on again; zero: never
}

// Release is what publishing freezes: the definition and what was found out about its actions.
type Release struct {
	Definition []byte
	Facts      []byte // JSON of run.Facts
	Triggers   []*Trigger
	Note       string
	Revision   int64           // of the draft it was made from; another one is a Conflict
	Problems   []fault.Problem // of the draft from now on; nil: those that it has
}

// Version is an immutable published copy.
type Version struct {
	ScenarioID string
	Scenario   string // slug
	Workspace  string
	Number     int // from 1
	Definition []byte
	Facts      []byte
	Note       string
	By         string // who published it, for people
	At         time.Time
}

// Subscribed is where the subscription of a trigger stands at its vendor, as the screens and the API show it.
type Subscribed struct {
	State     string    // "wanted", "live", "failed" or "sandbox"
	ExpiresAt time.Time // zero: it does not end, or there is none
	RenewedAt time.Time // when it was last registered, renewed or seen to stand; zero: never
	Error     string    // why it does not stand, or could not be renewed
	Note      string    // what people should know beside
}
