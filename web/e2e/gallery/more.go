package gallery

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/inbox"
	"github.com/stepmill/stepmill/web/login"
	"github.com/stepmill/stepmill/web/outbox"
	"github.com/stepmill/stepmill/web/scenarios"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

type ctx = context.Context

func more(handle func(string, func(http.ResponseWriter, *http.Request) error), store *Store, drawer tree.Drawer, connectors *actions.Catalogue,
	actor func(*http.Request) run.Actor, chrome func(*http.Request) ui.Chrome, now func() time.Time) {
	templates := []scenarios.Template{{ID: "leads", Description: "New leads go to the right people.", Definition: []byte(leadRouting)}, {ID: "escalate", Definition: []byte(escalations)}, {ID: "users", Description: "Everyone who signs up is on the list, and is thanked.", Definition: []byte(newUser)}}
	s := scenarios.Handler{Store: store, Editing: store, Templates: func() []scenarios.Template { return templates }, Drawer: drawer, Actor: actor, Chrome: chrome, Now: now, Address: func(t *scenario.Trigger, key string) (string, string) {
		switch t.Uses {
		case "schedule", "manual", "scenario", "failure":
			return "", ""
		case "form":
			return "/forms/" + key, ""
		case "email":
			return "", key + "@in.example.com"
		}
		return "https://stepmill.example.com/hooks/" + key, ""
	}}
	pages(handle, chrome)
	handle("GET /scenarios", s.List)
	handle("GET /scenarios/new", s.New)
	handle("POST /scenarios", s.Create)
	handle("GET /scenarios/{scenario}", s.Edit)
	handle("POST /scenarios/{scenario}/draft", s.SaveDraft)
	handle("POST /scenarios/{scenario}/check", s.CheckDraft)
	handle("POST /scenarios/{scenario}/publish", s.Publish)
	handle("POST /scenarios/{scenario}/pause", s.Pause)
	handle("POST /scenarios/{scenario}/resume", s.Resume)
	handle("POST /scenarios/{scenario}/sample", s.Sample)
	handle("POST /scenarios/{scenario}/delete", s.Delete)
	handle("GET /scenarios/{scenario}/export", s.Export)
	linked(handle, store, drawer, connectors, actor, chrome, now)
	o := outbox.Handler{Store: store, Apps: drawer.Apps, Actor: actor, Chrome: chrome, Now: now}
	handle("GET /outbox", o.List)
	handle("POST /outbox/clear", o.Clear)
	i := inbox.Handler{Store: store, Actor: actor, Chrome: chrome, Now: now, Body: func(e run.Event) ([]byte, error) { return e.Raw, nil },
		Replay: func(ctx, run.Actor, string, json.RawMessage) (string, error) { return store.runs[0].ID, nil }}
	handle("GET /inbox", i.List)
	handle("GET /inbox/{event}", i.Show)
	handle("GET /inbox/{event}/body", i.Download)
	handle("POST /inbox/{event}/replay", i.ReplayEvent)
	watched(handle, store, drawer.Apps, actor, chrome, now)
	proofs(handle, store, actor, chrome, now)
	bare := func(r *http.Request) ui.Chrome { return ui.Chrome{Theme: chrome(r).Theme} }
	l := login.Handler{Accounts: accounts{true}, Chrome: bare}
	handle("GET /login", l.Page)
	handle("POST /login", l.SignIn)
	first := login.Handler{Accounts: accounts{false}, Chrome: bare, NeedsToken: true}
	handle("GET /setup", first.Page)
	handle("POST /setup", first.SetUp)
	handle("GET /empty", func(w http.ResponseWriter, r *http.Request) error {
		e := s
		e.Store = nothing{store}
		return e.List(w, r)
	})
}

type nothing struct{ *Store }

func (nothing) Scenarios(ctx, run.Actor) ([]scenario.Stored, error) { return nil, nil }

type accounts struct{ owner bool }

func (a accounts) HasOwner(ctx) (bool, error) { return a.owner, nil }
func (accounts) SignIn(http.ResponseWriter, *http.Request, string, string) error {
	return fault.New(fault.Unauthorized, "The address and the password do not go together.")
}
func (accounts) SetUp(http.ResponseWriter, *http.Request, login.Owner) error { return nil }
func (accounts) SignOut(http.ResponseWriter, *http.Request) error            { return nil }

// The rest of what screens ask a store for.

func (s *Store) SetPaused(c ctx, a run.Actor, id string, paused bool) (scenario.Stored, error) {
	return s.Scenario(c, a, id)
}
func (s *Store) Delete(ctx, run.Actor, string) error { return nil }
func (s *Store) Create(c ctx, a run.Actor, slug string, definition []byte) (scenario.Stored, error) {
	if _, err := s.Scenario(c, a, slug); err == nil {
		return scenario.Stored{}, fault.New(fault.Conflict, "The slug is taken.")
	}
	_, problems, err := scenario.Decode(definition)
	return scenario.Stored{Slug: "lead-routing", Problems: problems}, err
}
func (s *Store) Save(c ctx, a run.Actor, ref string, definition []byte, revision int64) (scenario.Stored, error) {
	doc, problems, err := scenario.Decode(definition)
	if err != nil {
		return scenario.Stored{}, err
	}
	return scenario.Stored{Slug: ref, Name: doc.Name, Revision: revision + 1, Problems: problems}, nil
}
func (s *Store) Publish(c ctx, a run.Actor, ref, note string, revision int64) (scenario.Stored, error) {
	one, err := s.Scenario(c, a, ref)
	if err == nil && len(fault.Faults(one.Problems)) > 0 {
		return one, fault.Invalid("The scenario has faults and cannot be published.", one.Problems)
	}
	return one, err
}
func (s *Store) Sample(ctx, run.Actor, string, string) (string, error) { return s.runs[0].ID, nil }
func (s *Store) ClearOutbox(ctx, run.Actor) error                      { return nil }
