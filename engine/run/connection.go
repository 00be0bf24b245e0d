package run

import (
	"log/slog"
	"slices"
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
	Detail    string  // why the state is what it is, for people
	Ails      Ailment // of a connection that needs a person: what may pass by itself; empty: nothing
	Sandbox   bool    // requests are recorded, not sent
	BaseURL   string  // replaces the connector's; empty: the connector's own
	Rate      string  // "100/1m"; empty: the connector's own
	// Concurrency is how many of its requests may be under way at once; zero: any number.
	Concurrency int
	Grants      Grants         // who may use it
	Refs        map[string]Ref // values that lie elsewhere, by field id
	CreatedAt   time.Time
	UpdatedAt   time.Time

	Account   string    // who signed in, for people; empty: not known
	Scopes    string    // what the vendor granted, in its words
	ExpiresAt time.Time // of its token; zero: there is none, or it does not expire
	RefreshAt time.Time // when its token is to be renewed; zero: never
	Since     int64     // when its credentials were last put in or mended, Unix milliseconds; each mending is later
	Tokens    int64     // counts the tokens that it was given; zero: it has none

	LimitedUntil time.Time // until when its vendor asked to wait; zero: it did not, or that is over
}

// MaxRate is how many requests a connection's rate may have, since as many moments are remembered.
const MaxRate = 100_000

// What mends a connection, as its detail says it; its page has buttons for that.
const (
	SignInAgain  = "Reconnect it under Connections: sign in again."
	PutNewValues = "Put new values into it under Connections, and test it."
)

// Grants say which scenarios, by slug, and which actions, as app.action, may use a connection. An empty list means every one.
type Grants struct {
	Scenarios []string `json:"scenarios,omitempty"`
	Actions   []string `json:"actions,omitempty"`
}

// Allows says why a scenario or an action may not use the connection; "": it may. A scenario whose slug is not known yet is "".
func (c *Connection) Allows(scenario, action string) string {
	if list := c.Grants.Scenarios; len(list) > 0 && !slices.Contains(list, scenario) {
		return "The connection \"" + c.Slug + "\" is not granted to this scenario. Whoever administers connections can add its slug to the connection's scenarios."
	}
	if list := c.Grants.Actions; action != "" && len(list) > 0 && !slices.Contains(list, action) {
		return "The connection \"" + c.Slug + "\" is not granted to the action " + action + ". Whoever administers connections can add it to the connection's actions."
	}
	return ""
}

// Ref says where a value lies that is not kept here.
type Ref struct {
	From  string `json:"from"`            // "env-file", "vault" or "aws"
	Name  string `json:"name"`            // of the variable, the path, or the secret: its name or ARN
	Key   string `json:"key,omitempty"`   // which member of what lies there; empty: the whole, of a Vault's the one called value
	Stage string `json:"stage,omitempty"` // of the version, in AWS Secrets Manager; empty: AWSCURRENT
}

// Tokens are what a vendor gives for a sign-in or a refresh.
type Tokens struct {
	Access    Secret
	Refresh   Secret            // empty: there is none, or of a refresh: the old one stays
	Values    map[string]string // what the answer says beside, no secrets
	Account   string            // who signed in; empty: not said
	Scopes    string            // granted; empty: not said
	ExpiresAt time.Time         // zero: it does not expire
	RefreshAt time.Time         // when it is to be renewed; zero: never
}

// SignIn is a sign-in at a vendor under way: somebody was sent there, and is waited for.
type SignIn struct {
	State      string // the SHA-256 of what the vendor gives back, hex
	Workspace  string
	Connection string // id
	Actor      string // id of who began it
	Browser    string // the SHA-256 of the cookie that their browser got, hex
	Verifier   Secret // of the code challenge
	Redirect   string // where the vendor sends the browser back to
	Until      time.Time
}

// SignInReturn is what a vendor's sign-in sends a browser back with, and what was kept for it.
type SignInReturn struct {
	Code     Secret
	Issuer   string // what the vendor called itself; empty: it did not
	Redirect string
	Verifier Secret
}

// Parked is a step that stands for want of a connection which has been mended since.
type Parked struct {
	Workspace string
	Run       string
	Path      string
}

// Standing is a step that stands for want of a connection, as people are shown it.
type Standing struct {
	Run      string
	Number   int64  // of the run in its scenario
	Scenario string // slug
	Path     string
	At       time.Time // when the run was made
	Going    bool      // the connection was mended since: it goes on by itself now
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

// Ailment is why a connection is good for nothing now where that may pass without a person: it is asked again.
type Ailment string

const (
	Unheard Ailment = "unread"  // a value that lies elsewhere could not be read
	Doubted Ailment = "doubted" // its token was renewed, and the new one not taken
	// Unrenewed is for a connection whose vendor gives no new token, and has not said why it never will.
	Unrenewed Ailment = "unrenewed"
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
