package run

import (
	"log/slog"
	"time"
)

// Connection is one person's or team's credentials for a connector. It never holds the credentials themselves: those
// are Values, which only outbound and the signature check of a trigger open.
type Connection struct {
	ID        string
	Workspace string
	Slug      string
	Name      string
	Connector string
	Method    string // of the connector's ways to sign in; empty where it needs none
	State     State
	Detail    string // why the state is what it is, for people
	Sandbox   bool   // requests are recorded, not sent
	BaseURL   string // replaces the connector's; empty: the connector's own
	Rate      string // "100/1m"; empty: the connector's own
	// Concurrency is how many of its requests may be under way at once; zero: any number.
	Concurrency int
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// State is what a connection is good for.
type State string

const (
	Connected   State = "connected"
	Expiring    State = "expiring"
	NeedsAuth   State = "needs_auth"
	RateLimited State = "rate_limited"
	Paused      State = "paused"
)

// Values are a connection's credentials by field id.
type Values map[string]Secret

// Secret is a text that no log, message or JSON shows. Reveal gives it where it is used.
type Secret string

func (Secret) String() string               { return "***" }
func (Secret) GoString() string             { return "***" }
func (Secret) LogValue() slog.Value         { return slog.StringValue("***") }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }
func (s Secret) Reveal() string             { return string(s) }

// Recorded is a request that a sandbox connection kept instead of sending it.
type Recorded struct {
	ID         string // UUIDv7 text
	Workspace  string
	Run        string
	Scenario   string // slug
	Path       string // the step's
	Connection string
	Connector  string
	Action     string
	Method     string
	URL        string
	Header     map[string]string // names as sent, secrets masked
	Body       string
	At         time.Time
}
