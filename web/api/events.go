package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
)

// Event is an event of the inbox.
type Event struct {
	ID       string          `json:"id"`
	Scenario string          `json:"scenario"`
	Trigger  string          `json:"trigger"`
	Outcome  string          `json:"outcome" enum:"accepted,queued,filtered,replaced,captured"`
	Detail   string          `json:"detail,omitempty"`
	Run      string          `json:"run,omitempty"`
	Source   string          `json:"source"`
	At       stamp           `json:"at"`
	Repeats  int             `json:"repeats" doc:"How often the same delivery came again; it started nothing."`
	Again    stamp           `json:"repeated_at" doc:"When it last did; null: it did not."`
	Value    json.RawMessage `json:"value,omitempty"`
}

func eventOf(e run.Event) Event {
	return Event{ID: e.ID, Scenario: e.Scenario, Trigger: e.Trigger, Outcome: string(e.Outcome), Detail: e.Detail, Run: e.RunID, Source: e.Source, At: stamp{e.At}, Repeats: e.Repeats, Again: stamp{e.RepeatedAt}, Value: json.RawMessage(e.Value)}
}

func (a *api) events() {
	const base = "/api/v1/events"
	type eventListInput struct {
		Scenario string `query:"scenario"`
		Trigger  string `query:"trigger" doc:"Its id in the scenario."`
		Outcome  string `query:"outcome" enum:"accepted,queued,filtered,replaced,captured"`
		Text     string `query:"q" maxLength:"200" doc:"A text in the event, its headers, or what is said of it; an id. The newest few thousand are looked through for a page, which may be short or empty though there is a next one."`
		Since    string `query:"since"`
		Until    string `query:"until"`
		Paging
	}
	type listOutput = listOf[Event]
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List the inbox, newest first"}, func(ctx context.Context, actor run.Actor, in *eventListInput) (*listOutput, error) {
		f := run.EventFilter{Scenario: in.Scenario, Trigger: in.Trigger, Query: in.Text, Outcome: run.Outcome(in.Outcome), Cursor: in.Cursor, Limit: in.Limit}
		var err error
		if f.Since, err = readTime("since", in.Since); err == nil {
			f.Until, err = readTime("until", in.Until)
		}
		if err != nil {
			return nil, err
		}
		page, err := a.Store.Events(ctx, actor, f)
		out := &listOutput{}
		out.Body.Items, out.Body.Next = []Event{}, cursor(page.NextCursor)
		for _, e := range page.Events {
			out.Body.Items = append(out.Body.Items, eventOf(e))
		}
		return out, err
	})
	type eventOutput struct{ Body Event }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}", Summary: "Show an event"}, func(ctx context.Context, actor run.Actor, in *runInput) (*eventOutput, error) {
		e, err := a.Store.Event(ctx, actor, in.ID)
		return &eventOutput{eventOf(e)}, err
	})
	type eventReplayInput struct {
		ID   string `path:"id" maxLength:"60"`
		Body *struct {
			Payload json.RawMessage `json:"payload,omitempty" doc:"The event in place of what was received."`
		}
	}
	type eventReplayOutput struct {
		Body struct {
			Run string `json:"run"`
		}
	}
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{id}/replay", Summary: "Start another run of an event, on the live version", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *eventReplayInput) (*eventReplayOutput, error) {
		out := &eventReplayOutput{}
		var payload json.RawMessage
		if in.Body != nil {
			payload = in.Body.Payload
		}
		var err error
		out.Body.Run, err = a.Starter.Replay(ctx, actor, in.ID, payload)
		return out, err
	})
	a.eventBody(base)
	a.file(base, "A file that an event refers to", a.Store.File)
}

func (a *api) eventBody(base string) {
	type eventBodyOutput struct {
		asFile
		Body []byte
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}/body", Summary: "The body of an event, byte for byte as it came", Responses: fileResponse()}, func(ctx context.Context, actor run.Actor, in *runInput) (*eventBodyOutput, error) {
		e, err := a.Store.Event(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		body, err := BodyOf(e)
		return &eventBodyOutput{fileNamed("event-" + e.ID + ".bin"), body}, err
	})
}

// BodyOf gives the body of an event as it came; NotFound says why there is none.
func BodyOf(e run.Event) ([]byte, error) {
	switch {
	case len(e.Raw) > 0:
		return e.Raw, nil
	case e.Detail == run.NotKept:
		return nil, fault.New(fault.NotFound, "The body of this event was not kept, as its scenario's settings say.")
	case e.Damaged != "":
		return nil, fault.New(fault.NotFound, "The body of this event is not there: %s", e.Damaged)
	case holdsFile(e):
		return nil, fault.New(fault.NotFound, "The body of this event is not kept as it came, since it held files: its fields and files are in the event, and each file is at /files beneath it.")
	}
	return nil, fault.New(fault.NotFound, "This event came without a body.")
}

// holdsFile says that files came with an event.
func holdsFile(e run.Event) bool {
	v, err := value.Decode(e.Value, value.Stored())
	return err == nil && value.HasFile(v)
}
