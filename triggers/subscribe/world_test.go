package subscribe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var actor = run.SystemActor(run.DefaultWorkspace)

// world is a store, the vendors and what keeps subscriptions between them, on a clock that only the test moves.
type world struct {
	t      *testing.T
	mu     sync.Mutex
	clock  time.Time
	store  *storage.Store
	book   *triggers.Book
	client *outbound.Client
	github *vendor
	graph  *vendor
	inbox  *inbox
	keeper *Keeper
	base   string
	runs   bool // the keeper runs by itself
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC), base: publicBase, inbox: &inbox{known: map[string]bool{}}}
	w.open(w.now)
	log := slog.New(slog.DiscardHandler)
	w.github, w.graph = newVendor(t, w.now, gitHub), newVendor(t, w.now, graph)
	w.client = outbound.New(outbound.Config{Connectors: connectors.Catalogue, Connections: w.store, Version: "test", Now: w.now, Logger: log, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(w.client.Close)
	w.connect("gh", "github", run.Connection{Method: "token", BaseURL: w.github.URL}, run.Values{"token": "t"})
	w.connect("ms", "microsoft_teams", run.Connection{Method: "oauth", BaseURL: w.graph.URL}, run.Values{"client_id": "c", "client_secret": "s", "access_token": "a"})
	w.restart(nil)
	return w
}

// open opens a store and a book of its triggers.
func (w *world) open(now func() time.Time) {
	w.t.Helper()
	sealer, err := vault.New(make([]byte, 32))
	if err != nil {
		w.t.Fatal(err)
	}
	if w.store, err = sqlite.Open(w.t.Context(), sqlite.Config{Dir: w.t.TempDir(), Sealer: sealer, Now: now}); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { w.store.Close() })
	w.book = triggers.NewBook(w.store, connectors.Catalogue, slog.New(slog.DiscardHandler))
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) connect(slug, connector string, c run.Connection, values run.Values) {
	w.t.Helper()
	c.Slug, c.Connector, c.State = slug, connector, run.Connected
	if _, err := w.store.CreateConnection(w.t.Context(), actor, c, values); err != nil {
		w.t.Fatal(err)
	}
}

// restart makes what runs in the process anew, on the same store. The fuse ends it at some point; nil: it does not.
func (w *world) restart(f *fuse) {
	w.t.Helper()
	w.keeper = &Keeper{Triggers: w.book, Store: fusedStore{w.store, f}, Vendor: fusedVendor{w.client, f}, Catalogue: connectors.Catalogue, BaseURL: w.base, Now: w.now, Log: slog.New(slog.DiscardHandler)}
	w.keeper.begin()
	mux := http.NewServeMux()
	hooks := &webhook.Handler{Triggers: w.book, Starter: w.inbox, Secrets: w.store, Subscriptions: w.keeper, Now: w.now, Log: slog.New(slog.DiscardHandler)}
	mux.Handle("/hooks/{key}", hooks)
	mux.Handle("/hooks/{key}/{rest...}", hooks)
	w.github.reach, w.graph.reach = reaches(mux), reaches(mux)
	w.load()
}

func (w *world) load() {
	w.t.Helper()
	if err := w.book.Load(w.t.Context(), ""); err != nil {
		w.t.Fatal(err)
	}
	if !w.runs {
		w.keeper.load(w.t.Context())
	}
}

// settle lets the keeper work until nothing is due.
func (w *world) settle() {
	w.t.Helper()
	for range 40 {
		due, _ := w.keeper.turn(w.t.Context())
		if len(due) == 0 {
			return
		}
		for _, one := range due {
			w.keeper.act(w.t.Context(), one)
		}
	}
	w.t.Fatal("it finds no end")
}

// publish makes a scenario live, or another version of it.
func (w *world) publish(slug string, trigger map[string]any) scenario.Stored {
	w.t.Helper()
	definition, err := json.Marshal(map[string]any{"stepmill": 1, "name": slug, "trigger": trigger, "steps": []any{map[string]any{"id": "a", "uses": "core.set", "with": map[string]any{}}}})
	if err != nil {
		w.t.Fatal(err)
	}
	doc, problems, err := scenario.Decode(definition)
	if err != nil {
		w.t.Fatal(err, problems)
	}
	s, err := w.store.Scenario(w.t.Context(), actor, slug)
	if err != nil {
		s, err = w.store.CreateScenario(w.t.Context(), actor, scenario.Stored{Slug: slug, Name: slug, Draft: definition})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if s, err = w.store.Publish(w.t.Context(), actor, s.ID, scenario.Release{Definition: definition, Facts: []byte(`{}`), Triggers: doc.AllTriggers()}); err != nil {
		w.t.Fatal(err)
	}
	w.load()
	return s
}

func issues(topics ...any) map[string]any {
	return map[string]any{"uses": "github.event", "connection": "gh", "with": map[string]any{"owner": "o", "repo": "r", "topics": topics}}
}

func messagesIn(chat string) map[string]any {
	return map[string]any{"uses": "microsoft_teams.new_message", "connection": "ms", "with": map[string]any{"chat": chat}}
}

// only is the one subscription that a vendor has.
func (w *world) only(v *vendor) hook {
	w.t.Helper()
	list := v.standing()
	if len(list) != 1 {
		w.t.Fatalf("the vendor has %d subscriptions: %+v", len(list), list)
	}
	return list[0]
}

// health is that of the one trigger there is.
func (w *world) health() Health {
	w.t.Helper()
	w.keeper.turn(w.t.Context())
	w.keeper.mu.Lock()
	clear(w.keeper.busy)
	w.keeper.mu.Unlock()
	list := w.keeper.Health(run.DefaultWorkspace, "")
	if len(list) != 1 {
		w.t.Fatalf("%+v", list)
	}
	return list[0]
}

func (w *world) rows() []run.Subscription {
	w.t.Helper()
	list, err := w.store.Subscriptions(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// inbox takes events in, each once.
type inbox struct {
	mu     sync.Mutex
	known  map[string]bool
	events []run.Event
}

func (i *inbox) Accept(_ context.Context, s *run.Start) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	a := &s.Accept
	a.Event.ID = fmt.Sprint(len(i.events))
	if slices.ContainsFunc(a.Dedupe, func(k run.DedupeKey) bool { return i.known[a.Event.Trigger+k.Key] }) {
		a.FirstEvent = "first"
		return nil
	}
	for _, k := range a.Dedupe {
		i.known[a.Event.Trigger+k.Key] = true
	}
	i.events = append(i.events, a.Event)
	return nil
}

// taken counts the events that start runs.
func (i *inbox) taken() (n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range i.events {
		if e.Outcome == run.Accepted || e.Outcome == run.Held {
			n++
		}
	}
	return n
}

// fuse ends a process at the n-th thing it does outside itself: before that is done, or after it was and before anybody
// hears of it. Afterwards nothing works. nil: it never ends it.
type fuse struct {
	left  int
	after bool
	blown bool
}

var errEnded = errors.New("the process has ended")

func (f *fuse) around(do func() error) error {
	if f == nil {
		return do()
	}
	if f.blown {
		return errEnded
	}
	if f.left--; f.left > 0 {
		return do()
	}
	if f.blown = true; f.after {
		do()
	}
	return errEnded
}

type fusedStore struct {
	*storage.Store
	fuse *fuse
}

func (s fusedStore) WantSubscription(ctx context.Context, in run.Subscription, secret run.Secret) error {
	return s.fuse.around(func() error { return s.Store.WantSubscription(ctx, in, secret) })
}

func (s fusedStore) SaveSubscription(ctx context.Context, in run.Subscription) error {
	return s.fuse.around(func() error { return s.Store.SaveSubscription(ctx, in) })
}

func (s fusedStore) ForgetSubscription(ctx context.Context, in run.Subscription) error {
	return s.fuse.around(func() error { return s.Store.ForgetSubscription(ctx, in) })
}

type fusedVendor struct {
	Vendor
	fuse *fuse
}

func (v fusedVendor) Subscribe(ctx context.Context, ask run.SubscriptionAsk) (out run.Subscribed, err error) {
	err = v.fuse.around(func() error {
		out, err = v.Vendor.Subscribe(ctx, ask)
		return err
	})
	return out, err
}

func (v fusedVendor) Subscriptions(ctx context.Context, s run.Subscription) (out []run.Subscribed, err error) {
	err = v.fuse.around(func() error {
		out, err = v.Vendor.Subscriptions(ctx, s)
		return err
	})
	return out, err
}
