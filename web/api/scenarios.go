package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
)

// Scenario is a scenario as the API shows it.
type Scenario struct {
	ID         string          `json:"id"`
	Slug       string          `json:"slug"`
	Name       string          `json:"name"`
	Status     string          `json:"status" enum:"draft,live,paused"`
	Version    int             `json:"version" doc:"The live version; 0: never published."`
	Revision   int64           `json:"revision" doc:"Counts the draft's saves."`
	Dirty      bool            `json:"dirty" doc:"The draft differs from the live version."`
	Triggers   []Trigger       `json:"triggers"`
	Problems   []fault.Problem `json:"problems" doc:"Of the draft."`
	CreatedAt  stamp           `json:"created_at"`
	UpdatedAt  stamp           `json:"updated_at"`
	Unchanged  bool            `json:"unchanged,omitempty" doc:"Of publishing: the draft was live already, and no version was made."`
	Definition json.RawMessage `json:"definition,omitempty" doc:"The draft."`
}

// Trigger is a trigger's address.
type Trigger struct {
	ID   string `json:"id"`
	Uses string `json:"uses"`
	URL  string `json:"url,omitempty" doc:"Where its events come in; of a form and a chat the page. Not shown to who may not start runs."`
	Mail string `json:"address,omitempty" doc:"Of an email trigger, where mail comes in: the address."`

	Schedule string  `json:"schedule,omitempty" doc:"Of a schedule: when it fires, in words."`
	Timezone string  `json:"timezone,omitempty" doc:"Of a schedule: that its times are meant in."`
	Next     []stamp `json:"next,omitempty" doc:"Of a schedule: the next five times, as the draft has it."`

	Subscription *Subscription `json:"subscription,omitempty" doc:"Of a trigger whose vendor is asked for its events: where that stands."`
}

// Version is a published version.
type Version struct {
	Version    int             `json:"version"`
	Note       string          `json:"note"`
	By         string          `json:"published_by"`
	At         stamp           `json:"published_at"`
	Definition json.RawMessage `json:"definition,omitempty"`
}

func (a *api) scenario(s scenario.Stored) Scenario {
	out := Scenario{ID: s.ID, Slug: s.Slug, Name: s.Name, Status: string(s.Status), Version: s.Version, Revision: s.Revision, Dirty: s.Dirty, Unchanged: s.Unchanged,
		Problems: s.Problems, CreatedAt: stamp{s.CreatedAt}, UpdatedAt: stamp{s.UpdatedAt}}
	if out.Problems == nil {
		out.Problems = []fault.Problem{}
	}
	doc, defs := definitions(s)
	out.Triggers = a.addressed(s, defs)
	a.planned(doc, out.Triggers)
	a.subscribed(s, out.Triggers)
	return out
}

// addressed are a scenario's triggers, and where their events come in.
func (a *api) addressed(s scenario.Stored, defs map[string]*scenario.Trigger) []Trigger {
	out := []Trigger{}
	for _, t := range s.Triggers {
		def := defs[t.ID]
		if def == nil { // the draft has it no more, and its URL works all the same where it is live
			def = &scenario.Trigger{Uses: t.Uses}
		}
		trigger := Trigger{ID: t.ID, Uses: t.Uses}
		trigger.URL, trigger.Mail = a.Address(def, t.Key)
		out = append(out, trigger)
	}
	return out
}

// shownTo leaves out where events come in for who may not start runs: where a trigger checks no signature its address is the secret.
func (s Scenario) shownTo(actor run.Actor) Scenario {
	if !access.May(actor.Role, access.Operate) {
		for i := range s.Triggers {
			s.Triggers[i].URL, s.Triggers[i].Mail = "", ""
		}
	}
	return s
}

// definitions are the triggers of a draft, where what is said of one of them stands in its options. Nil: it cannot be read, or none
// is of that kind.
func definitions(s scenario.Stored) (*scenario.Document, map[string]*scenario.Trigger) {
	if !slices.ContainsFunc(s.Triggers, func(t scenario.StoredTrigger) bool { return t.Uses == "schedule" || t.Uses == "form" }) {
		return nil, nil
	}
	doc, _, err := scenario.Decode(s.Draft)
	if err != nil {
		return nil, nil
	}
	defs := map[string]*scenario.Trigger{}
	for _, t := range doc.AllTriggers() {
		if t != nil {
			defs[t.Key()] = t
		}
	}
	return doc, defs
}

type refInput struct {
	Scenario string `path:"scenario" doc:"Slug or id."`
}

type scenarioOutput struct {
	ETag string `header:"ETag"`
	Body Scenario
}

func (a *api) one(s scenario.Stored, err error) (*scenarioOutput, error) {
	if err != nil {
		return nil, err
	}
	return &scenarioOutput{ETag: fmt.Sprintf(`"%d"`, s.Revision), Body: a.scenario(s)}, nil
}

func (a *api) scenarios() {
	const base = "/api/v1/scenarios"
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List scenarios, by name"}, func(ctx context.Context, actor run.Actor, in *Paging) (*listOf[Scenario], error) {
		list, err := a.Store.Scenarios(ctx, actor)
		if err != nil {
			return nil, err
		}
		return pageOf(list, *in, func(s scenario.Stored) string { return s.ID }, func(s scenario.Stored) Scenario { return a.scenario(s).shownTo(actor) })
	})
	type scenarioCreateInput struct {
		Body struct {
			Slug       string          `json:"slug,omitempty" doc:"Made from the name where it is not given."`
			Definition json.RawMessage `json:"definition" doc:"A scenario file."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: base, Summary: "Create a scenario", DefaultStatus: 201}, func(ctx context.Context, actor run.Actor, in *scenarioCreateInput) (*scenarioOutput, error) {
		return a.one(a.Drafts.Create(ctx, actor, in.Body.Slug, in.Body.Definition))
	})
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{scenario}", Summary: "Show a scenario"}, func(ctx context.Context, actor run.Actor, in *refInput) (*scenarioOutput, error) {
		s, err := a.Store.Scenario(ctx, actor, in.Scenario)
		out, err := a.one(s, err)
		if err == nil {
			out.Body.Definition = s.Draft
			out.Body = out.Body.shownTo(actor)
		}
		return out, err
	})
	type scenarioDeleteInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		IfMatch  string `header:"If-Match" doc:"The revision that is deleted, as ETag gives it."`
		Force    bool   `query:"force" doc:"Also where events wait, as while it is paused: they are not carried out."`
	}
	operation(a, access.Edit, huma.Operation{Method: "DELETE", Path: base + "/{scenario}", Summary: "Delete a scenario", DefaultStatus: 204}, func(ctx context.Context, actor run.Actor, in *scenarioDeleteInput) (*struct{}, error) {
		revision, err := readRevision(in.IfMatch)
		if err == nil && !in.Force {
			err = a.noneWait(ctx, actor, in.Scenario)
		}
		if err != nil {
			return nil, err
		}
		return nil, matched(a.Drafts.Delete(ctx, actor, in.Scenario, revision), revision)
	})
	type scenarioDraftInput struct {
		Scenario string `path:"scenario"`
		IfMatch  string `header:"If-Match" doc:"The revision that the draft was made from, as ETag gives it."`
		Body     struct {
			Definition json.RawMessage `json:"definition" doc:"A scenario file."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "PUT", Path: base + "/{scenario}/draft", Summary: "Save the draft"}, func(ctx context.Context, actor run.Actor, in *scenarioDraftInput) (*scenarioOutput, error) {
		revision, err := readRevision(in.IfMatch)
		if err != nil {
			return nil, err
		}
		s, err := a.Drafts.Save(ctx, actor, in.Scenario, in.Body.Definition, revision)
		return a.one(s, matched(err, revision))
	})
	type scenarioPublishInput struct {
		Scenario string `path:"scenario"`
		IfMatch  string `header:"If-Match"`
		Body     *struct {
			Note string `json:"note,omitempty" maxLength:"500" doc:"What changed."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: base + "/{scenario}/publish", Summary: "Publish the draft"}, func(ctx context.Context, actor run.Actor, in *scenarioPublishInput) (*scenarioOutput, error) {
		revision, err := readRevision(in.IfMatch)
		if err != nil {
			return nil, err
		}
		note := ""
		if in.Body != nil {
			note = in.Body.Note
		}
		s, err := a.Drafts.Publish(ctx, actor, in.Scenario, note, revision)
		return a.one(s, matched(err, revision))
	})
	for path, paused := range map[string]bool{"/pause": true, "/resume": false} {
		operation(a, access.Edit, huma.Operation{Method: "POST", Path: base + "/{scenario}" + path, Summary: "Switch a scenario " + map[bool]string{true: "off; its events are kept", false: "on"}[paused]}, func(ctx context.Context, actor run.Actor, in *refInput) (*scenarioOutput, error) {
			return a.one(a.Drafts.SetPaused(ctx, actor, in.Scenario, paused))
		})
	}
	a.testScenario(base)
	a.backfill()
	a.resubscribe(base)
	a.versions(base)
}

func (a *api) testScenario(base string) {
	type scenarioTestInput struct {
		Scenario string `path:"scenario"`
		Body     *struct {
			Trigger string          `json:"trigger,omitempty" doc:"The trigger's id; the first where none is given."`
			Payload json.RawMessage `json:"payload,omitempty" doc:"The event; the trigger's sample where none is given. For a webhook what has no body is the body."`
		}
	}
	type scenarioStartedOutput struct {
		Body struct {
			Event string `json:"event"`
			Run   string `json:"run"`
		}
	}
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{scenario}/test", Summary: "Start a run of the live version by hand", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *scenarioTestInput) (*scenarioStartedOutput, error) {
		out := &scenarioStartedOutput{}
		var err error
		var trigger string
		var payload json.RawMessage
		if in.Body != nil {
			trigger, payload = in.Body.Trigger, in.Body.Payload
		}
		out.Body.Event, out.Body.Run, err = a.Starter.Test(ctx, actor, in.Scenario, trigger, payload)
		return out, err
	})
}

func (a *api) versions(base string) {
	type versionListInput struct {
		Scenario string `path:"scenario" doc:"Slug or id."`
		Paging
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{scenario}/versions", Summary: "List versions, newest first"}, func(ctx context.Context, actor run.Actor, in *versionListInput) (*listOf[Version], error) {
		s, err := a.Store.Scenario(ctx, actor, in.Scenario)
		if err != nil {
			return nil, err
		}
		list, err := a.Store.Versions(ctx, actor, s.ID)
		if err != nil {
			return nil, err
		}
		return pageOf(list, in.Paging, func(v scenario.Version) string { return strconv.Itoa(v.Number) }, func(v scenario.Version) Version {
			return Version{Version: v.Number, Note: v.Note, By: v.By, At: stamp{v.At}}
		})
	})
	type versionInput struct {
		Scenario string `path:"scenario"`
		N        int    `path:"n" minimum:"1"`
	}
	type scenarioVersionOutput struct{ Body Version }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{scenario}/versions/{n}", Summary: "Show a version"}, func(ctx context.Context, actor run.Actor, in *versionInput) (*scenarioVersionOutput, error) {
		s, err := a.Store.Scenario(ctx, actor, in.Scenario)
		if err != nil {
			return nil, err
		}
		v, err := a.Store.Version(ctx, actor, s.ID, in.N)
		return &scenarioVersionOutput{Version{Version: v.Number, Note: v.Note, By: v.By, At: stamp{v.At}, Definition: v.Definition}}, err
	})
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: base + "/{scenario}/versions/{n}/restore", Summary: "Make a version the draft again"}, func(ctx context.Context, actor run.Actor, in *versionInput) (*scenarioOutput, error) {
		return a.one(a.Drafts.Restore(ctx, actor, in.Scenario, in.N))
	})
}

func readRevision(etag string) (int64, error) {
	if etag == "" || etag == "*" {
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(etag, "W/"), `"`), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.InvalidInput, "If-Match must be the draft's revision, as the ETag of an answer gives it.")
	}
	return n, nil
}

// noneWait is a Conflict where events of a scenario wait: they were answered with 2xx, and nothing would carry them out.
func (a *api) noneWait(ctx context.Context, actor run.Actor, ref string) error {
	s, err := a.Store.Scenario(ctx, actor, ref)
	if err != nil {
		return err
	}
	page, err := a.Store.Events(ctx, actor, run.EventFilter{Scenario: s.ID, Outcome: run.Held, Limit: 1})
	if err == nil && len(page.Events) > 0 {
		return fault.New(fault.Conflict, "Events of %q wait for their turn and would not be carried out. Let them run first, or delete it all the same with ?force=true.", s.Slug)
	}
	return err
}
