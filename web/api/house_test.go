package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/check"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/drafts"
)

// house is the API over a real store, a real checker and the real catalogue. What moves runs notes what it is asked.
type house struct {
	health   []run.Health
	trap     trap
	healthOf string // the scenario whose triggers were asked for last
	made     int    // runs
	t        *testing.T
	store    *storage.Store
	router   http.Handler
	keys     map[run.Role]string
	asked    []string
	fails    error // what moving a run gives
	tested   error // what testing a connection gives
	logging  sync.Mutex
	logged   []error
	output   any // of the first step of runs that are stored
}

func (h *house) Cancel(_ context.Context, a run.Actor, id string) error {
	h.asked = append(h.asked, fmt.Sprintf("cancel %s by %s", id, a.Name))
	return h.fails
}

func (h *house) Settle(_ context.Context, _ run.Actor, id, path, outcome string, output any) error {
	h.asked = append(h.asked, fmt.Sprintf("settle %s %s %s %v", id, path, outcome, output))
	return h.fails
}

func (h *house) Resume(_ context.Context, _ run.Actor, id, path string, input map[string]any) error {
	h.asked = append(h.asked, fmt.Sprintf("resume %s %q %v", id, path, input))
	return h.fails
}

func (h *house) Discard(_ context.Context, _ run.Actor, id string) error {
	h.asked = append(h.asked, "discard "+id)
	return h.fails
}

func (h *house) ReplayRun(_ context.Context, _ run.Actor, id, from string, payload json.RawMessage, version int) (string, error) {
	h.asked = append(h.asked, fmt.Sprintf("replay run %s %q %s %d", id, from, payload, version))
	return "the run", h.fails
}

func (h *house) Test(_ context.Context, _ run.Actor, ref, trigger string, payload json.RawMessage) (string, string, error) {
	h.asked = append(h.asked, fmt.Sprintf("test %s %q %s", ref, trigger, payload))
	return "the event", "the run", h.fails
}

func (h *house) Replay(_ context.Context, _ run.Actor, id string, payload json.RawMessage) (string, error) {
	h.asked = append(h.asked, strings.TrimSpace("replay "+id+" "+string(payload)))
	return "the run", h.fails
}

func (h *house) Planned(with map[string]any, timezone string) (scenario.Planned, error) {
	if with["cron"] != "0 9 * * *" {
		return scenario.Planned{}, fault.New(fault.InvalidInput, "cron: %v cannot be read.", with["cron"])
	}
	zone, err := scenario.Zone(timezone)
	return scenario.Planned{Words: "At 09:00 every day", Zone: zone, Next: []time.Time{time.Date(2026, 3, 1, 9, 0, 0, 0, zone)}, Choice: &scenario.Choice{Kind: "daily", At: []string{"09:00"}}}, err
}

func (h *house) Cron(c scenario.Choice) (string, error) {
	if c.Kind != "daily" {
		return "", fault.New(fault.InvalidInput, "n: it does not come out even.")
	}
	return "0 9 * * *", nil
}

func (h *house) check(ctx context.Context, a run.Actor, slug string, doc *scenario.Document, said []fault.Problem) ([]fault.Problem, run.Facts, error) {
	list, err := h.store.Connections(ctx, a)
	bySlug := map[string]run.Connection{}
	for _, c := range list {
		bySlug[c.Slug] = c
	}
	problems, facts := check.New(connectors.Catalogue, nil).Check(doc, &check.Workspace{Slug: slug, Connections: bySlug})
	doc.Place(problems)
	return fault.InOrder(append(said, problems...)), facts, err
}

func newHouse(t *testing.T) *house {
	t.Helper()
	sealer, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: sealer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &house{t: t, store: store, output: "fine", keys: map[run.Role]string{}}
	service := &drafts.Service{Store: store, Check: h.check, Changed: func(context.Context, string) {}}
	routes := Routes(Config{Store: store, Drafts: service, Engine: h, Starter: h, Bulk: h, Schedules: h, Captures: &h.trap, Subscriptions: stood{}, Connectors: connectors.Catalogue,
		Test: func(context.Context, run.Actor, run.Connection) error { return h.tested },
		Choices: func(_ context.Context, q run.Choosing) (run.Chosen, error) {
			return run.Chosen{Choices: []run.Choice{{Value: q.Connection + " " + q.Uses + " " + q.Field + " " + q.Scenario, Label: q.Search}}}, h.tested
		},
		FromCurl: func(command string) (map[string]any, []string, error) {
			return map[string]any{"url": command}, nil, h.tested
		},
		RecordFields: func(_ context.Context, q run.RecordAsk) ([]actions.RecordField, bool, error) {
			return []actions.RecordField{{Name: q.Record, Label: q.Connection + " " + q.Scenario, Type: actions.Text, Input: "x"}, {Name: "two", Type: actions.Select, Many: true, Options: []actions.Option{{Value: "a", Label: "A"}}, OnlyNew: true, Input: "y"},
				{Name: "three", Type: actions.DateTime}}, true, h.tested
		},
		SignIn: func(_ context.Context, a run.Actor, c run.Connection) (string, *http.Cookie, error) {
			return "https://vendor.test/" + c.Slug, &http.Cookie{Name: "sign_in", Value: "COOKIE", Path: "/oauth/callback", HttpOnly: true}, h.tested
		},
		Held: h.held, Renew: h.renew,
		CheckRef: func(r run.Ref) error {
			if r.Name == "gone" {
				return fault.New(fault.InvalidInput, "Not set up.")
			}
			return nil
		},
		CheckValues: func(_ run.Connection, values run.Values) error {
			if values["authorize_url"] != "" {
				return fault.Invalid("Not there.", []fault.Problem{{Path: "/values/authorize_url", Message: "Not there."}})
			}
			if values["token_url"] != "" {
				return fault.New(fault.InvalidInput, "Not there.")
			}
			return nil
		},
		Health: func(_ context.Context, _ run.Actor, scenarioID string) []run.Health {
			h.healthOf = scenarioID
			return h.health
		},
		Address: func(t *scenario.Trigger, key string) (string, string) { return addressOf(t, key) }, Now: time.Now, Version: "1.2.3"})
	gate := access.NewGate(access.Config{Store: store, Now: time.Now})
	h.router, err = access.NewRouter(routes, gate, func(w http.ResponseWriter, _ *http.Request, err error) {
		h.logging.Lock()
		h.logged = append(h.logged, err)
		h.logging.Unlock()
		if _, ok := err.(access.Answered); !ok {
			WriteError(w, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []run.Role{run.Viewer, run.Operator, run.Editor, run.Admin} {
		plain, key, err := access.MakeKey(access.NewKey{Name: string(role), Role: role})
		if err == nil {
			_, err = store.CreateKey(t.Context(), run.SystemActor(run.DefaultWorkspace), key)
		}
		if err != nil {
			t.Fatal(err)
		}
		h.keys[role] = plain
	}
	return h
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// ask sends a request as the admin; headers are pairs.
func (h *house) ask(method, path, body string, headers ...string) answer {
	h.t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+h.keys[run.Admin])
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.router.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), text: w.Body.String(), body: map[string]any{}}
	if len(a.text) > 0 {
		if err := json.Unmarshal([]byte(a.text), &a.body); err != nil {
			h.t.Fatalf("%s %s: %v in %.200s", method, path, err, a.text)
		}
	}
	if a.status >= 400 {
		h.problem(method+" "+path, a)
	}
	return a
}

// problem asks that an error is one as RFC 9457 writes them.
func (h *house) problem(name string, a answer) {
	h.t.Helper()
	if a.header.Get("Content-Type") != "application/problem+json" || a.body["status"] != float64(a.status) || a.body["title"] != http.StatusText(a.status) ||
		a.body["detail"] == "" || a.body["code"] == "" || a.body["type"] != "about:blank" {
		h.t.Errorf("%s: no problem: %v %s", name, a.header, a.text)
	}
	places, _ := a.body["errors"].([]any)
	if len(a.text) > 5000+300*max(len(places)-10, 0) {
		h.t.Errorf("%s: the problem repeats what was sent: %d bytes", name, len(a.text))
	}
}

// want asks for a status.
func (h *house) want(status int, method, path, body string, headers ...string) answer {
	h.t.Helper()
	a := h.ask(method, path, body, headers...)
	if a.status != status {
		h.t.Fatalf("%s %s %.200s is answered %d %s, not %d", method, path, body, a.status, a.text, status)
	}
	return a
}

// places are the paths of a problem's errors.
func (a answer) places() string {
	list, _ := a.body["errors"].([]any)
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprint(e.(map[string]any)["path"]))
	}
	return strings.Join(out, " ")
}

// addressOf says where triggers are, as cmd does.
func addressOf(t *scenario.Trigger, key string) (url, mail string) {
	switch {
	case t.Uses == "form" && t.With["mode"] == "chat":
		return "http://stepmill.test/chat/" + key, ""
	case t.Uses == "form":
		return "http://stepmill.test/forms/" + key, ""
	case t.Uses == "email":
		return "", key + "@in.stepmill.test"
	case t.Uses == "webhook" || t.Connector():
		return "http://stepmill.test/hooks/" + key, ""
	}
	return "", ""
}

const definition = `{"stepmill": 1, "name": "W1", "trigger": {"uses": "webhook"}, "steps": [{"id": "s", "uses": "core.set", "with": {"values": {"a": 1}}}]}`

func created(definition string) string { return `{"slug": "w1", "definition": ` + definition + `}` }

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// newRun stores a run that failed at its second step.
// queuedRun is a run that has not begun.
func (h *house) queuedRun() run.Run {
	h.t.Helper()
	a := h.ask("GET", "/scenarios/w1", "")
	if a.status == 404 {
		h.want(201, "POST", "/scenarios", created(definition))
		a = h.want(200, "POST", "/scenarios/w1/publish", "")
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 123e6, time.UTC)
	h.made++
	r := run.Run{ID: fmt.Sprintf("019b76da-%04x-7000-8000-000000000000", 0xa800+h.made), Workspace: run.DefaultWorkspace, ScenarioID: a.body["id"].(string), Scenario: "w1", Version: 1, Trigger: "trigger",
		EventID: uuid.Must(uuid.NewV7()).String(), Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: now}
	accept := &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: now}},
		Event: run.Event{ID: r.EventID, Workspace: r.Workspace, ScenarioID: r.ScenarioID, Scenario: "w1", Trigger: "trigger", Outcome: run.Accepted, RunID: r.ID,
			Value: []byte(`{"body":{"id":9007199254740993}}`), Source: "webhook", At: now}}
	h.commit(&run.Write{Accept: accept})
	return r
}

func (h *house) newRun() run.Run {
	h.t.Helper()
	r := h.queuedRun()
	now := r.CreatedAt
	failure := &run.Failure{Class: "unauthorized", Message: "Refused.", Step: "b", Path: "b", Status: 401, Body: map[string]any{"x": 1}}
	entries := []run.Entry{
		{Kind: run.RunStarted}, {Kind: run.StepStarted, Path: "a", Data: run.Data{Attempt: 1, Input: map[string]any{"n": 9007199254740993}}},
		{Kind: run.StepSucceeded, Path: "a", Data: run.Data{Output: h.output}}, {Kind: run.StepStarted, Path: "b", Data: run.Data{Attempt: 1}},
		{Kind: run.StepFailed, Path: "b", Data: run.Data{Failure: failure}}, {Kind: run.RunFailed, Data: run.Data{Failure: failure}}}
	for i := range entries {
		r.Seq++
		entries[i].Seq, entries[i].At = r.Seq, now.Add(time.Duration(i)*time.Second)
	}
	r.Status, r.Error, r.StartedAt, r.EndedAt = run.Failed, failure, now, now.Add(time.Minute)
	h.commit(&run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: entries, Release: true}})
	return r
}

func (h *house) commit(w *run.Write) {
	h.t.Helper()
	if err := h.store.Commit(h.t.Context(), []*run.Write{w})[0]; err != nil {
		h.t.Fatal(err)
	}
}
