// Package api is the REST API: its types are its documentation, and one table turns faults into answers. What is asked
// for is done elsewhere.
package api

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/drafts"
)

// Store is what the API reads and keeps beside drafts.
type Store interface {
	Scenarios(ctx context.Context, a run.Actor) ([]scenario.Stored, error)
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	Versions(ctx context.Context, a run.Actor, scenarioID string) ([]scenario.Version, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, n int) (scenario.Version, error)
	Runs(ctx context.Context, a run.Actor, f run.Filter) (run.Page, error)
	Run(ctx context.Context, a run.Actor, id string) (run.Run, error)
	// LightRun and LightEvent leave apart what is kept apart.
	LightRun(ctx context.Context, a run.Actor, id string) (run.Run, error)
	LightEvent(ctx context.Context, a run.Actor, id string) (run.Event, error)
	// Excerpt gives the first entries and the last ones, and how many it leaves out between.
	Excerpt(ctx context.Context, a run.Actor, runID string, x run.Excerpt) ([]run.Entry, int64, error)
	Entries(ctx context.Context, a run.Actor, runID string, after int64) iter.Seq2[run.Entry, error]
	Value(ctx context.Context, a run.Actor, runID string, l value.Large) ([]byte, error)
	Events(ctx context.Context, a run.Actor, f run.EventFilter) (run.EventPage, error)
	Event(ctx context.Context, a run.Actor, id string) (run.Event, error)
	File(ctx context.Context, a run.Actor, eventID, hash string) (io.ReadCloser, error)
	FileOfRun(ctx context.Context, a run.Actor, runID, hash string) (io.ReadCloser, error)
	FileNamed(ctx context.Context, a run.Actor, owner, hash string) value.File
	Connections(ctx context.Context, a run.Actor) ([]run.Connection, error)
	Connection(ctx context.Context, a run.Actor, ref string) (run.Connection, error)
	CreateConnection(ctx context.Context, a run.Actor, c run.Connection, values run.Values) (run.Connection, error)
	PauseConnection(ctx context.Context, a run.Actor, id string, paused bool) (run.Connection, error)
	DeleteConnection(ctx context.Context, a run.Actor, id string) error
	// StandFor counts the runs that stand for want of each connection, by its slug.
	StandFor(ctx context.Context, a run.Actor) (map[string]int, error)
	Secrets(ctx context.Context, a run.Actor) ([]run.SecretInfo, error)
	CreateSecret(ctx context.Context, a run.Actor, slug string, secret run.Secret) (run.SecretInfo, error)
	ReplaceSecret(ctx context.Context, a run.Actor, slug string, secret run.Secret) (run.SecretInfo, error)
	DeleteSecret(ctx context.Context, a run.Actor, slug string) error
	DataStores(ctx context.Context, a run.Actor) ([]value.DataStore, error)
	Data(ctx context.Context, op value.DataOp) (value.DataAnswer, error)
	Keys(ctx context.Context, a run.Actor) ([]run.APIKey, error)
	CreateKey(ctx context.Context, a run.Actor, k run.APIKey) (run.APIKey, error)
	RevokeKey(ctx context.Context, a run.Actor, ref string) error
	Job(ctx context.Context, a run.Actor, id string) (run.Job, error)
	Jobs(ctx context.Context, a run.Actor, limit int) ([]run.Job, error)
	BeginAnswer(ctx context.Context, a run.Actor, key, fingerprint string) (*run.KeptAnswer, error)
	KeepAnswer(ctx context.Context, a run.Actor, key string, kept *run.KeptAnswer) error
}

// Engine moves runs.
type Engine interface {
	Cancel(ctx context.Context, a run.Actor, runID string) error
	Settle(ctx context.Context, a run.Actor, runID, path, outcome string, output any) error
	Resume(ctx context.Context, a run.Actor, runID, path string, input map[string]any) error
	Discard(ctx context.Context, a run.Actor, runID string) error
}

// Starter starts runs by hand: a trigger's sample or a given event, or an event of the inbox again.
type Starter interface {
	Test(ctx context.Context, a run.Actor, ref, trigger string, payload json.RawMessage) (eventID, runID string, err error)
	// Replay starts another run of an event, with a payload in place of what it says (nil: its own).
	Replay(ctx context.Context, a run.Actor, eventID string, payload json.RawMessage) (runID string, err error)
	// ReplayRun starts another run of a run: from a step on ("": all of it), on an event (nil: its own), on a version (zero:
	// the live one, negative: its own).
	ReplayRun(ctx context.Context, a run.Actor, runID, from string, payload json.RawMessage, version int) (newID string, err error)
}

// Config is what the API is made of.
type Config struct {
	Store     Store
	Drafts    *drafts.Service
	Engine    Engine
	Starter   Starter
	Bulk      Bulk
	Schedules Schedules
	Captures  Captures
	// Subscriptions are those that are kept at vendors.
	Subscriptions Subscriptions
	Connectors    *actions.Catalogue
	// Test makes a connection's cheapest call.
	Test func(ctx context.Context, a run.Actor, c run.Connection) error
	// Choices loads the options of an input from an account.
	Choices func(ctx context.Context, q run.Choosing) (run.Chosen, error)
	// RecordFields says what a record type is made of in an account, and whether that is a sample.
	RecordFields func(ctx context.Context, q run.RecordAsk) ([]actions.RecordField, bool, error)
	// FromCurl gives the inputs of an HTTP step for a command line of curl, and what does not stand among them.
	FromCurl func(command string) (with map[string]any, notes []string, err error)
	// SignIn begins a sign-in over a connection: where the person goes, and the cookie that binds it to their browser.
	SignIn func(ctx context.Context, a run.Actor, c run.Connection) (string, *http.Cookie, error)
	// Held says what a connection holds.
	Held func(ctx context.Context, a run.Actor, c run.Connection) (Held, error)
	// Renew puts values into a connection. Of those that it holds already the ones named by keep stay, all others go.
	Renew func(ctx context.Context, a run.Actor, c run.Connection, values run.Values, keep []string) (run.Connection, error)
	// CheckValues says what is wrong with a connection's certificates, and with where it would get its tokens.
	CheckValues func(c run.Connection, values run.Values) error
	// CheckRef says why a value that lies elsewhere is not to be had here.
	CheckRef func(r run.Ref) error
	// Health says how the live triggers do, of one scenario, by its id, or all of the workspace.
	Health func(ctx context.Context, a run.Actor, scenarioID string) []run.Health
	// Address says where a trigger's events come in, by its definition and its key: a URL, or a mail address; both empty:
	// nowhere from outside.
	Address func(t *scenario.Trigger, key string) (url, mail string)
	Now     func() time.Time
	Version string
}

// api knows its operations. huma draws a schema of every type of theirs, when the first request comes.
type api struct {
	Config
	routes     []access.Route
	operations []*operationOf
	document   func() *huma.OpenAPI
}

// Routes gives every operation as a route, and the OpenAPI document with them.
func Routes(cfg Config) []access.Route {
	a := &api{Config: cfg}
	a.document = sync.OnceValue(a.draw)
	a.scenarios()
	a.runs()
	a.bulk()
	a.schedules()
	a.triggers()
	a.captures()
	a.events()
	a.connections()
	a.connectors()
	a.choices()
	a.recordFields()
	a.fromCurl()
	a.secrets()
	a.stores()
	a.keys()
	a.add("GET", "/api/v1/openapi.json", access.Read, func(w http.ResponseWriter, r *http.Request) {
		b, err := json.Marshal(a.document())
		if err != nil {
			http.Error(w, "The document cannot be written.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(b)
	})
	a.add("GET", "/api/v1/schema/scenario.json", access.Read, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/schema+json")
		w.Write(scenario.Schema())
	})
	return a.routes
}

func (a *api) add(method, path string, needs access.Permission, h http.HandlerFunc) {
	a.routes = append(a.routes, access.Route{Method: method, Pattern: path, Needs: needs, Handle: access.Of(h)})
}

// stamp is a time as the API writes it; null where it is zero.
type stamp struct{ time.Time }

func (s stamp) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("null"), nil
	}
	return []byte(s.UTC().Format(`"` + run.TimeFormat + `"`)), nil
}

// Schema says what a time is in the document.
func (stamp) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date-time", Nullable: true}
}

// cursor is where the next page begins; null where there is none.
func cursor(next string) *string { return orNull(next) }

func readTime(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fault.Invalid("The time is not right.", []fault.Problem{{Path: "/" + name, Message: strconv.Quote(fault.Clip(text, 40)) + " is no time; RFC 3339 is, as 2026-01-31T09:30:00Z."}})
	}
	return t, nil
}

// List is one page of a list.
type List[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next_cursor"`
}

// listOf is the answer that holds one.
type listOf[T any] struct{ Body List[T] }
