package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
)

// LiveTrigger is how a trigger of a published scenario does.
type LiveTrigger struct {
	Scenario  string           `json:"scenario"`
	Trigger   string           `json:"trigger" doc:"Its id in the scenario."`
	Uses      string           `json:"uses"`
	URL       string           `json:"url,omitempty" doc:"Where its events come in; of a form and a chat the page. Not shown to who may not start runs."`
	Mail      string           `json:"address,omitempty" doc:"Of an email trigger, where mail comes in: the address."`
	Paused    bool             `json:"paused"`
	LastEvent stamp            `json:"last_event" doc:"When an event came last; null: none did."`
	Outcome   *string          `json:"last_outcome" doc:"What became of it."`
	Next      stamp            `json:"next" doc:"When a schedule fires next, or a list is looked at."`
	Failing   bool             `json:"failing" doc:"What error says still holds."`
	Refusing  bool             `json:"refusing" doc:"The last request to its URL was refused, and no event came in since; refused has its words and its time."`
	Error     *string          `json:"error" doc:"Why an event could not be taken in, or a list not be looked at, last."`
	ErrorAt   stamp            `json:"error_at"`
	Expected  *string          `json:"expected_every" doc:"How often an event is expected; null: nothing is said of that."`
	Silent    stamp            `json:"silent_since" doc:"Since when no event came although one was expected."`
	Expires   stamp            `json:"subscription_expires" doc:"When its subscription at the vendor ends, where it is not renewed."`
	Refused   []RefusedRequest `json:"refused" doc:"The last requests to its URL that were not taken in, newest first; each is kept within a second."`
}

// RefusedRequest is one that was not taken in.
type RefusedRequest struct {
	At      stamp  `json:"at"`
	Status  int    `json:"status"`
	Message string `json:"message"`
	From    string `json:"from"`
}

func liveTriggerOf(h run.Health) LiveTrigger {
	out := LiveTrigger{Scenario: h.Scenario, Trigger: h.Trigger, Uses: h.Uses, Paused: h.Paused, LastEvent: stamp{h.At}, Outcome: orNull(string(h.Outcome)), Next: stamp{h.Next},
		Failing: h.Failing, Refusing: h.Refusing, Error: orNull(h.Error), ErrorAt: stamp{h.ErrorAt}, Silent: stamp{h.SilentSince}, Expires: stamp{h.Expires}, Refused: []RefusedRequest{}}
	if h.Expect > 0 {
		out.Expected = orNull(scenario.Spell(h.Expect))
	}
	for _, r := range h.Refused {
		out.Refused = append(out.Refused, RefusedRequest{stamp{r.At}, r.Status, r.Message, r.From})
	}
	return out
}

// orNull is a text; null where there is none.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (a *api) triggers() {
	type triggerListInput struct {
		Scenario string `query:"scenario" doc:"Slug or id."`
		Paging
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: "/api/v1/triggers", Summary: "List the live triggers, and how they do"}, func(ctx context.Context, actor run.Actor, in *triggerListInput) (*listOf[LiveTrigger], error) {
		id := ""
		if in.Scenario != "" {
			s, err := a.Store.Scenario(ctx, actor, in.Scenario)
			if err != nil {
				return nil, err
			}
			id = s.ID
		}
		addresses, err := a.addresses(ctx, actor)
		if err != nil {
			return nil, err
		}
		return pageOf(a.Health(ctx, actor, id), in.Paging, func(h run.Health) string { return h.ScenarioID + " " + h.Trigger }, func(h run.Health) LiveTrigger {
			out, at := liveTriggerOf(h), addresses[h.ScenarioID+" "+h.Trigger]
			out.URL, out.Mail = at.URL, at.Mail
			return out
		})
	})
}

// addresses are where events come in, by scenario and trigger.
func (a *api) addresses(ctx context.Context, actor run.Actor) (map[string]Trigger, error) {
	list, err := a.Store.Scenarios(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := map[string]Trigger{}
	for _, s := range list {
		_, defs := definitions(s)
		for _, t := range a.addressed(s, defs) {
			out[s.ID+" "+t.ID] = t
		}
	}
	if !access.May(actor.Role, access.Operate) {
		clear(out)
	}
	return out, nil
}
