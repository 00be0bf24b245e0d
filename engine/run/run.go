// Package run is the vocabulary of what happens: events, runs and their journals, calls and results, and the Actor who
// asks. It holds data types and their text forms; it decides nothing and stores nothing.
package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/value"
)

// Status is where a run stands.
type Status string

const (
	Queued     Status = "queued"     // accepted, nothing done yet
	Running    Status = "running"    // something can move
	Waiting    Status = "waiting"    // all that is left waits for a time or an event
	Incomplete Status = "incomplete" // parked until a person mends the cause
	Uncertain  Status = "uncertain"  // parked: a person says whether a call happened
	Succeeded  Status = "succeeded"
	Failed     Status = "failed"
	Cancelled  Status = "cancelled"
)

// Statuses lists every status, in the order a run may pass through them.
func Statuses() []Status {
	return []Status{Queued, Running, Waiting, Incomplete, Uncertain, Succeeded, Failed, Cancelled}
}

// Ended says that the run will never move again.
func (s Status) Ended() bool { return s == Succeeded || s == Failed || s == Cancelled }

// Run is one execution of a version for one event.
type Run struct {
	ID         string // UUIDv7 text
	Workspace  string
	ScenarioID string
	Scenario   string // the scenario's slug
	Version    int
	Number     int64  // counts the runs of a scenario from 1
	Trigger    string // id of the trigger that fired
	EventID    string
	Status     Status
	Label      string // what lists call it, from settings.label; may be empty
	Error      *Failure
	Output     json.RawMessage // nil until the run succeeded
	// Asks says that it waits for somebody's decision, whatever else it waits for.
	Asks bool
	// Strikes is how often the process crashed while the run was moving, since it last got on.
	Strikes int
	// LargeOutput is Output where it is kept apart. Who asks the store for one run has it in Output.
	LargeOutput value.Large
	Epoch       int64 // the fencing number of its lease
	Seq         int64 // of the last entry
	CreatedAt   time.Time
	StartedAt   time.Time // zero: not started
	EndedAt     time.Time // zero: not ended
	WakeAt      time.Time // zero: no timer; Never: it sleeps until it is told something

	Priority int    // of those that wait for a place the higher ones begin first
	Pace     Pace   // how many runs of its trigger may begin in a time; the store makes of it when this one may
	Line     string // its trigger's order_by key: of those with an equal one each begins when the one before has ended; empty: none
	Limit    int    // how many runs of its trigger move at once; zero: any number
	Hold     Hold   // why it may not move although it could

	Parent string // id of the run that called it; empty: none did
	Depth  int    // how many runs led to it, by calls and by requests to trigger URLs
	Waited bool   // its parent goes on when it has ended
}

// Pace is so many in a time; zero: any number.
type Pace struct {
	Most   int
	Window time.Duration
}

// Hold says why a run that could move does not.
type Hold int

const (
	NotHeld     Hold = iota
	BehindOther      // another of its line has not ended
	BeyondLimit      // as many runs of its trigger move as may
)

// Never is when a run wakes that sleeps without a timer.
func Never() time.Time { return time.UnixMilli(1 << 52).UTC() }

// Event is one happening that may start a run.
type Event struct {
	ID         string // UUIDv7 text
	Workspace  string
	ScenarioID string
	Scenario   string // slug
	Trigger    string // the trigger's id
	Outcome    Outcome
	Detail     string            // why, for people; may be empty
	RunID      string            // of the run it started, or of the first one when it is a duplicate
	Value      json.RawMessage   // what `trigger` is in expressions
	Raw        []byte            // the body as it came, before anything parsed it; nil where the trigger has none
	Header     map[string]string // of an inbound request, names in lower case
	Source     string            // what it came from, for people: "webhook", "schedule", "test"
	At         time.Time
	Veiled     map[string]any // what a Veil took out of Value, by its place there; the store seals it
	Large      value.Large    // Value where it is kept apart; then Value is nil
	LargeRaw   value.Large    // Raw where it is kept apart; then Raw is nil
	RawAt      int            // where in Value Raw stands, so that it is kept once
	RawBytes   int            // how long it is there; zero: it does not stand there
	Repeats    int            // how often the same delivery came again
	RepeatedAt time.Time      // when it last did; zero: it did not
	Damaged    string         // why Value or Raw is not there, where what was kept cannot be read; it is for people
}

// Fold takes Raw out where it stands within Value.
func (e *Event) Fold() {
	if len(e.Raw) == 0 {
		return
	}
	if at := bytes.Index(e.Value, e.Raw); at >= 0 {
		e.RawAt, e.RawBytes, e.Raw = at, len(e.Raw), nil
	}
}

// Unfold puts Raw back that Fold took out.
func (e *Event) Unfold() {
	if end := e.RawAt + e.RawBytes; e.RawBytes > 0 && e.RawAt >= 0 && end <= len(e.Value) {
		e.Raw = e.Value[e.RawAt:end:end]
	}
}

// Outcome is what became of an event.
type Outcome string

const (
	Accepted  Outcome = "accepted"  // it started a run
	Held      Outcome = "queued"    // the scenario is paused, or events before it wait still: it starts a run in its turn
	Duplicate Outcome = "duplicate" // the run is the first one's
	Filtered  Outcome = "filtered"  // the trigger's topics or `if` said no
	Sampled   Outcome = "captured"  // the editor waited for a sample
	Replaced  Outcome = "replaced"  // a newer one came before it was quiet, and that one starts the run
)

// Failure is a fault as a journal keeps it and as handlers see it in `error`.
type Failure struct {
	Class   string `json:"class"` // a fault.Code
	Message string `json:"message"`
	Step    string `json:"step,omitempty"`   // id of the step that failed
	Path    string `json:"path,omitempty"`   // its path
	Status  int    `json:"status,omitempty"` // the remote's HTTP status
	Body    any    `json:"body,omitempty"`   // the remote's answer, shortened
	Run     string `json:"run,omitempty"`    // of a called run that failed
	// RetryAfter is what the remote asked for in milliseconds; zero: the retry policy decides.
	RetryAfter int64 `json:"retry_after_ms,omitempty"`
	// Held says that nothing was sent since the call's turn had not come: it is no try.
	Held bool `json:"held,omitempty"`
	// HeldFor is for how long, from the first time on, being held is no try, in milliseconds; zero: the number of times decides.
	// Where something was sent and told to come later, it is none so long where nobody wrote how often the step is tried.
	HeldFor int64 `json:"held_for_ms,omitempty"`
	// Parks says that nothing was sent since somebody switched the connection off: the step stands, whatever its on_error says, until
	// it is on again. An undo, which cannot stand, is held.
	Parks bool `json:"parks,omitempty"`
	// Connection is the slug of the one whose credentials the remote did not take, and Since of when these were: a step that
	// is parked by it goes on once there are later ones. Empty: it is no failure of a connection.
	Connection string `json:"connection,omitempty"`
	Since      int64  `json:"connection_since,omitempty"`
}

// Call is one attempt at an action.
type Call struct {
	Workspace  string
	Run        string
	Scenario   string // slug
	Version    int    // of the scenario
	Path       string // the step's path
	Attempt    int    // from 1
	Action     string // "slack.send_message"
	Connection string // slug; empty: none
	Input      map[string]any
	Key        string // the idempotency key, the same for every attempt
	Effect     Effect
	Timeout    time.Duration
	Hidden     []string // texts that steps of the run mask: nothing that is shown of the call has them
	Depth      int      // of the run: how many others it is inside of
}

// Where events come from: Source says so.
const (
	SourceRequest = "webhook" // a request to a trigger's URL
	SourceTest    = "test"
	sourceReplay  = "replay of "
)

// SourceReplay is the source of an event that starts another run of a run.
func SourceReplay(of string) string { return sourceReplay + of }

// ReplayedBy gives the run that one whose event has a source replays; "": none.
func ReplayedBy(source string) string {
	of, ok := strings.CutPrefix(source, sourceReplay)
	if !ok {
		return ""
	}
	return of
}

// Result is what a call gave: an output or a failure.
type Result struct {
	Output   any
	Failure  *Failure
	Exchange *Exchange     // the last HTTP exchange; nil: there was none
	Said     string        // lines for the run's log
	Files    []value.Large // that were kept for the run: they stay as long as it does, where its output refers to them
	Done     func()        // gives back the room that a large output takes, once it is kept elsewhere or let go of; nil: none is taken
}

// Exchange is one HTTP request and its answer, with every secret masked, as the run page shows it.
type Exchange struct {
	Method     string `json:"method"`
	URL        string `json:"url"`
	Status     int    `json:"status,omitempty"` // zero: no answer
	Millis     int64  `json:"ms"`
	Sandboxed  bool   `json:"sandboxed,omitempty"` // recorded, not sent
	RequestID  string `json:"request_id,omitempty"`
	Connection string `json:"connection,omitempty"`
}

// Effect says what a lost answer means.
type Effect string

const (
	Pure       Effect = "pure"       // nothing outside; no commit of its own
	Read       Effect = "read"       // changes nothing outside; asked again
	Idempotent Effect = "idempotent" // the key makes a repeat harmless
	Once       Effect = "once"       // a lost answer is uncertain
)

// Fact is what the machine knows of an action. Facts are frozen into a version when it is published, so that a later
// connector cannot change a run under way.
type Fact struct {
	Effect  Effect        `json:"effect"`
	Timeout time.Duration `json:"timeout,omitempty"` // of one attempt, in nanoseconds; zero: 30 s
	Answers bool          `json:"answers,omitempty"` // its output answers the inbound request (core.respond)
	// The inputs that hold headers, parameters and a URL with some: what is called like a credential there is masked.
	Headers string `json:"headers,omitempty"`
	Params  string `json:"params,omitempty"`
	URL     string `json:"url,omitempty"`
	// Secrets are the inputs that are masked whole.
	Secrets []string `json:"secrets,omitempty"`
	// Mirror is the input that the output is: what is masked in one is in the other.
	Mirror string `json:"mirror,omitempty"`
	// The input that says whether a call only reads, with which values it does, in capitals, and what it is when it is not given.
	ReadBy      string   `json:"read_by,omitempty"`
	Reads       []string `json:"reads,omitempty"`
	ReadDefault string   `json:"read_default,omitempty"`
}

// EffectOf is the effect of a step's calls: the action's, but for a call that only reads, and for what the step says of delivery.
func (f Fact) EffectOf(with map[string]any, delivery string) Effect {
	effect := f.Effect
	if effect == "" {
		effect = Once
	}
	switch {
	case delivery == "at_most_once" && effect == Idempotent:
		return Once
	case delivery != "at_most_once" && f.onlyReads(with):
		return Read
	case delivery == "at_least_once" && effect == Once:
		return Idempotent
	}
	return effect
}

func (f Fact) onlyReads(with map[string]any) bool {
	if f.ReadBy == "" {
		return false
	}
	by, given := with[f.ReadBy]
	if !given {
		by = f.ReadDefault
	}
	text, _ := by.(string)
	return slices.Contains(f.Reads, strings.ToUpper(strings.TrimSpace(text)))
}

// Credential says that a header of this name carries what proves who asks.
func Credential(header string) bool {
	lower := strings.ToLower(header)
	for _, word := range []string{"authorization", "cookie", "api-key", "apikey", "token", "secret", "password", "credential", "signature"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// CredentialParam says that a parameter of this name carries what proves who asks.
func CredentialParam(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	return name == "key" || name == "sig" || strings.Contains(name, "access-key") || Credential(name)
}

// CredentialIn is the first parameter of a URL, or of its template, that carries a credential, and what stands there; empty: none.
func CredentialIn(url string) (name, text string) {
	_, query, _ := strings.Cut(url, "?")
	query, _, _ = strings.Cut(query, "#")
	for param := range strings.SplitSeq(query, "&") {
		if name, text, _ := strings.Cut(param, "="); text != "" && CredentialParam(name) {
			return name, text
		}
	}
	return "", ""
}

// Facts are by action, as `uses` names it.
type Facts map[string]Fact

// Key is the idempotency key of the step at path in a run: the same over retries, crashes, resume and restore.
func Key(run, path string) string {
	key := run + "." + path
	if len(key) <= 100 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return run + "." + hex.EncodeToString(sum[:16])
}

// Role is what an actor may do at most.
type Role string

const (
	Viewer   Role = "viewer"
	Operator Role = "operator" // runs and approvals
	Editor   Role = "editor"
	Admin    Role = "admin"
	Owner    Role = "owner"
	System   Role = "system" // Stepmill itself: the engine, triggers, start-up
)

// Actor is who asks. Every method of the store takes one and answers only from its workspace.
type Actor struct {
	Workspace string
	User      string // id of the user; empty for a key and for the system
	Key       string // id of the API key; empty otherwise
	Name      string // for people: an address, a key's name, "system"
	Role      Role
}

// ID tells the actors of a workspace apart.
func (a Actor) ID() string {
	switch {
	case a.User != "":
		return "user " + a.User
	case a.Key != "":
		return "key " + a.Key
	}
	return a.Name
}

// KeptAnswer is what a request with an idempotency key was answered, for when it is sent again.
type KeptAnswer struct {
	Status int                 `json:"status"`
	Header map[string][]string `json:"header"`
	Body   []byte              `json:"body"`
}

// DefaultWorkspace is the one workspace there is.
const DefaultWorkspace = "default"

// SystemActor acts for Stepmill itself in a workspace.
func SystemActor(workspace string) Actor {
	return Actor{Workspace: workspace, Name: "system", Role: System}
}
