package gallery

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// Start is a moment to count from.
var Start = time.Date(2026, 3, 4, 14, 6, 34, 0, time.UTC)

// Store is a workspace in memory. It only reads.
type Store struct {
	now     time.Time
	runs    []run.Run
	entries map[string][]run.Entry
	list    []scenario.Stored
}

// NewStore is the sample workspace as it stands at a moment.
func NewStore(now time.Time) *Store {
	s := &Store{now: now, entries: map[string][]run.Entry{}}
	s.list = []scenario.Stored{
		s.scenario("lead-routing", leadRouting, scenario.Live, 48, "lead"),
		s.scenario("intercom-escalations", escalations, scenario.Live, 3, "trigger"),
		s.scenario("new-users", newUser, scenario.Paused, 7, "trigger"),
		s.scenario("nightly-export", broken, scenario.Draft, 0, "trigger"),
	}
	s.list[0].Dirty = true
	s.addRuns()
	return s
}

func (s *Store) scenario(slug, text string, status scenario.Status, version int, trigger string) scenario.Stored {
	out := scenario.Stored{ID: "id-" + slug, Workspace: "default", Slug: slug, Status: status, Version: version, Revision: 12, Draft: []byte(text),
		CreatedAt: s.now.Add(-90 * 24 * time.Hour), UpdatedAt: s.now.Add(-26 * time.Minute)}
	doc, problems, err := scenario.Decode([]byte(text))
	if err != nil {
		panic(err)
	}
	out.Name, out.Problems = doc.Name, problems
	for _, t := range doc.AllTriggers() {
		out.Triggers = append(out.Triggers, scenario.StoredTrigger{ID: t.Key(), Uses: t.Uses, Key: "hk_3vQx8Zb1nT0cVw5yLkR2mD7pSaGfJeUo9iHqXtB4", Scenario: slug})
	}
	return out
}

func (s *Store) addRuns() {
	people := []string{"ada@example.com", "alan@example.net", "edsger@example.com", "barbara@example.org", "donald@example.net", "margaret@example.com",
		"ken@example.org", "grace@example.com", "frances@example.com", "john@example.org", "katherine@example.net", "tony@example.com", "radia@example.org"}
	for i, who := range people {
		at := s.now.Add(-time.Duration(i*i*3+i*4) * time.Minute).Add(-3400 * time.Millisecond)
		r := run.Run{ID: fmt.Sprintf("01957%03d-7c1e-7d2a-9b3c-5f1e2a3b4c5d", 284-i), ScenarioID: "id-lead-routing", Scenario: "lead-routing", Version: 48, Number: int64(1284 - i),
			Trigger: "lead", EventID: "event-1", Status: run.Succeeded, Label: who, CreatedAt: at, StartedAt: at, EndedAt: at.Add(time.Duration(2700+i*130) * time.Millisecond)}
		switch i {
		case 0:
			r.Status, r.EndedAt = run.Running, time.Time{}
			s.entries[r.ID] = liveJournal(at)
		case 3:
			r.Status = run.Failed
			r.Error = &run.Failure{Class: "not_found", Message: "Slack: channel_not_found", Step: "post", Path: "size.post", Status: 200}
			s.entries[r.ID] = failedJournal(at)
		case 7:
			r.Status, r.EndedAt, r.WakeAt = run.Waiting, time.Time{}, s.now.Add(19*time.Hour)
			s.entries[r.ID] = waitingJournal(at)
		default:
			s.entries[r.ID] = doneJournal(at)
		}
		s.runs = append(s.runs, r)
	}
	at := s.now.Add(-8 * time.Minute)
	s.runs = append(s.runs, run.Run{ID: "01957500-loop", ScenarioID: "id-intercom-escalations", Scenario: "intercom-escalations", Version: 3, Number: 61, Trigger: "trigger",
		Status: run.Succeeded, Label: "Cannot log in", CreatedAt: at, StartedAt: at, EndedAt: at.Add(2 * time.Second)})
	s.entries["01957500-loop"] = loopJournal(at)
}

func (s *Store) Runs(_ context.Context, _ run.Actor, f run.Filter) (run.Page, error) {
	p := run.Page{}
	for _, r := range s.runs {
		ok := (f.Scenario == "" || r.Scenario == f.Scenario || r.ScenarioID == f.Scenario) && (f.Since.IsZero() || r.CreatedAt.After(f.Since)) &&
			strings.Contains(r.Label+fmt.Sprint(r.Number), f.Query)
		if len(f.Statuses) > 0 {
			any := false
			for _, status := range f.Statuses {
				any = any || r.Status == status
			}
			ok = ok && any
		}
		if ok {
			p.Runs = append(p.Runs, r)
		}
	}
	p.Total = len(p.Runs)
	if p.Total > 12 && f.Limit > 12 {
		p.NextCursor = "more"
		p.Total = 1284
	}
	return p, nil
}

func (s *Store) Run(_ context.Context, _ run.Actor, id string) (run.Run, error) {
	for _, r := range s.runs {
		if r.ID == id {
			return r, nil
		}
	}
	return run.Run{}, fault.New(fault.NotFound, "There is no run %s.", id)
}

func (s *Store) Excerpt(_ context.Context, _ run.Actor, id string, _ run.Excerpt) ([]run.Entry, int64, error) {
	return s.entries[id], 0, nil
}

func (s *Store) Event(_ context.Context, _ run.Actor, id string) (run.Event, error) {
	return run.Event{ID: id, Scenario: "lead-routing", ScenarioID: "id-lead-routing", Trigger: "lead", Outcome: run.Accepted, RunID: s.runs[0].ID, Source: "webhook", At: s.now.Add(-time.Minute), Repeats: 3, RepeatedAt: s.now.Add(-20 * time.Second),
		Header: map[string]string{"content-type": "application/json", "user-agent": "Intercom-Webhooks/1.0", "x-hub-signature": "sha1=…"},
		Raw:    []byte("\ufeff{\r\n\"topic\": \"contact.lead.signed_up\"}\r" + strings.Repeat(" ", 70_000)),
		Value:  json.RawMessage(`{"topic":"contact.lead.signed_up","data":{"item":{"email":"ada@example.com","company":"Analytical Engines Ltd","employees":340,"tags":["trial","web"]}}}`)}, nil
}

func (s *Store) Events(ctx context.Context, a run.Actor, f run.EventFilter) (run.EventPage, error) {
	var p run.EventPage
	for i, outcome := range []run.Outcome{run.Accepted, run.Duplicate, run.Accepted, run.Filtered, run.Held, run.Accepted, run.Sampled} {
		if f.Outcome != "" && f.Outcome != outcome {
			continue
		}
		e, _ := s.Event(ctx, a, fmt.Sprintf("0195e%03d", i))
		e.Outcome, e.At = outcome, s.now.Add(-time.Duration(i*i*7+1)*time.Minute)
		if outcome != run.Accepted && outcome != run.Duplicate {
			e.RunID = ""
		}
		if i != 0 {
			e.Repeats = 0
		}
		e.Source = []string{"webhook", "webhook", "test", "webhook", "schedule", "webhook", "webhook"}[i]
		p.Events = append(p.Events, e)
	}
	return p, nil
}

func (s *Store) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) { return s.list, nil }

func (s *Store) Scenario(_ context.Context, _ run.Actor, ref string) (scenario.Stored, error) {
	for _, one := range s.list {
		if one.Slug == ref || one.ID == ref {
			return one, nil
		}
	}
	return scenario.Stored{}, fault.New(fault.NotFound, "There is no scenario %q.", ref)
}

func (s *Store) Version(_ context.Context, _ run.Actor, id string, n int) (scenario.Version, error) {
	one, err := s.Scenario(context.Background(), run.Actor{}, id)
	return scenario.Version{Number: n, Definition: one.Draft}, err
}

func (s *Store) LastPos(context.Context) (int64, error) { return 5000, nil }

func (s *Store) Outbox(context.Context, run.Actor, int, string) ([]run.Recorded, error) {
	return []run.Recorded{
		{ID: "o1", Run: s.runs[0].ID, Scenario: "lead-routing", Path: "size.post", Connection: "slack", Connector: "slack", Action: "send_message", Method: "POST", URL: "https://slack.com/api/chat.postMessage",
			Header: map[string]string{"Authorization": "Bearer ***", "Content-Type": "application/json", "Idempotency-Key": "01957284.size.post"}, Body: `{"channel":"#enterprise","text":"New lead: Analytical Engines Ltd"}`, At: s.now.Add(-2 * time.Second)},
		{ID: "o2", Run: s.runs[1].ID, Scenario: "new-users", Path: "member", Connection: "mailchimp", Connector: "mailchimp", Action: "upsert_member", Method: "PUT", URL: "https://us1.api.mailchimp.com/3.0/lists/b1/members/5d41402abc4b2a76b9719d911017c592",
			Header: map[string]string{"Authorization": "Basic ***"}, Body: `{"email_address":"alan@example.net","status_if_new":"subscribed"}`, At: s.now.Add(-4 * time.Minute)},
	}, nil
}

// Connectors are the apps of the sample workspace.
func Connectors() *actions.Catalogue {
	token := []actions.Auth{{Method: "token", Name: "Access token", Help: "Make an app at the vendor, install it, and copy the token that begins with xoxb-.",
		Fields: []actions.Field{{ID: "token", Label: "Token", Help: "It is sealed at once and never shown again.", Type: actions.Text, Required: true, Secret: true, Example: "xoxb-…"}}}}
	app := func(id, name, color, mono, category string, acts ...string) actions.Connector {
		c := actions.Connector{ID: id, Name: name, Color: color, Monogram: mono, Category: category, Auth: slices.Clone(token), Test: &actions.Request{Method: "GET", Path: "/me"}, BaseURL: "https://api." + strings.ReplaceAll(id, "_", "") + ".example", Rate: actions.Rate{Requests: 50, Window: time.Minute}}
		for i := 0; i+1 < len(acts); i += 2 {
			c.Actions = append(c.Actions, actions.Action{ID: acts[i], Name: acts[i+1]})
		}
		return c
	}
	core := app("core", "Built in", "", "", "Built in", "set", "Set values", "http_request", "HTTP request", "respond", "Answer the request")
	core.Auth = nil
	intercom := app("intercom", "Intercom", "#1f8ded", "I", "Support")
	intercom.Auth[0].Fields = append(intercom.Auth[0].Fields[:1:1], actions.Field{ID: "client_secret", Label: "Client secret", Help: "Signs the events that Intercom sends.", Type: actions.Text, Secret: true},
		actions.Field{ID: "region", Label: "Region", Type: actions.Select, Options: []actions.Option{{Value: "us", Label: "United States"}, {Value: "eu", Label: "Europe"}}, Default: "us"})
	intercom.Triggers = []actions.Trigger{{ID: "event", Name: "Something happens", Sample: map[string]any{"topic": "contact.lead.signed_up"}, Verify: actions.Verification{Preset: "intercom", Secret: "client_secret"}}}
	hubspot := app("hubspot", "HubSpot", "#ff7a59", "H", "CRM", "upsert_contact", "Create or update a contact")
	hubspot.Icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 5a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z"/></svg>`
	return actions.CatalogueOf(core, intercom, hubspot,
		app("salesforce", "Salesforce", "#00a1e0", "Sf", "CRM", "create_record", "Create a record"),
		app("slack", "Slack", "#611f69", "S", "Communication", "send_message", "Send a message"),
		app("google_sheets", "Google Sheets", "#34a853", "G", "Productivity", "append_row", "Append a row"),
		app("mailchimp", "Mailchimp", "#c9a400", "M", "Marketing", "upsert_member", "Add or update a member"),
		app("notion", "Notion", "#8a8a8a", "N", "Productivity", "create_page", "Create a page"),
		app("mixpanel", "Mixpanel", "#7856ff", "Mx", "Analytics", "track", "Track an event"),
		signedIn(app("jira", "Jira", "#0052cc", "J", "Development", "create_issue", "Create an issue", "add_comment", "Add a comment", "transition_issue", "Move an issue on")),
		signedIn(app("github", "GitHub", "#24292f", "Gh", "Development", "create_issue", "Create an issue")),
		signedIn(app("pipedrive", "Pipedrive", "#017737", "P", "CRM", "create_deal", "Create a deal")),
	)
}

// Jobs gives none: the gallery does nothing to many runs.
func (s *Store) Jobs(context.Context, run.Actor, int) ([]run.Job, error) { return nil, nil }
