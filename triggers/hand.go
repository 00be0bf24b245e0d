package triggers

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// HandStore is what starting by hand reads.
type HandStore interface {
	Scenario(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error)
	Version(ctx context.Context, a run.Actor, scenarioID string, number int) (scenario.Version, error)
	WholeEvent(ctx context.Context, a run.Actor, id string) (run.Event, error)
	Run(ctx context.Context, a run.Actor, id string) (run.Run, error)
	WholeEntries(ctx context.Context, a run.Actor, runID string) iter.Seq2[run.Entry, error]
}

// Hand starts runs because a person asked: with a trigger's sample, or with an event again.
type Hand struct {
	Store     HandStore
	Starter   Starter
	Catalogue *actions.Catalogue
	Now       func() time.Time
}

// live gives a scenario that has a live version.
func (h *Hand) live(ctx context.Context, a run.Actor, ref string) (scenario.Stored, error) {
	s, err := h.Store.Scenario(ctx, a, ref)
	if err == nil && s.Version == 0 {
		return s, fault.New(fault.Conflict, "The scenario %q was never published; publish it first.", s.Slug)
	}
	return s, err
}

// stillLive is live, of what something came in for some time ago.
func (h *Hand) stillLive(ctx context.Context, a run.Actor, id, slug string) (scenario.Stored, error) {
	s, err := h.live(ctx, a, id)
	if fault.CodeOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "The scenario %q was deleted, so nothing can be started for it again.", slug)
	}
	return s, err
}

// Test starts a run of the live version. Without a trigger it is the first, without a payload the trigger's sample.
func (h *Hand) Test(ctx context.Context, a run.Actor, ref, trigger string, payload json.RawMessage) (eventID, runID string, err error) {
	s, err := h.live(ctx, a, ref)
	if err != nil {
		return "", "", err
	}
	v, err := h.Store.Version(ctx, a, s.ID, s.Version)
	if err != nil {
		return "", "", err
	}
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return "", "", err
	}
	def, err := pick(doc, trigger)
	if err != nil {
		return "", "", err
	}
	data, err := h.payload(def, payload)
	if err != nil {
		return "", "", err
	}
	return h.start(ctx, s, def.Key(), data, run.SourceTest)
}

func pick(doc *scenario.Document, id string) (*scenario.Trigger, error) {
	for _, t := range doc.AllTriggers() {
		if id == "" || t.Key() == id {
			return t, nil
		}
	}
	if id == "" {
		return &scenario.Trigger{Uses: "manual"}, nil
	}
	return nil, fault.New(fault.NotFound, "The scenario has no trigger %q.", fault.Clip(id, 60))
}

// payload is the event's value: what was given, the trigger's sample, or its connector's.
func (h *Hand) payload(def *scenario.Trigger, given json.RawMessage) (any, error) {
	var v any
	spec := h.Catalogue.Trigger(def.Uses)
	switch {
	case len(given) > 0:
		var err error
		if v, err = value.Decode(given, value.Limits{}); err != nil {
			return nil, err
		}
		if err := fits(def, AsEvent(def.Uses, v)); err != nil {
			return nil, err
		}
	case def.Sample.Given:
		v = def.Sample.V
	case spec != nil:
		v = spec.Sample
	default:
		v = sampleOf(def)
	}
	return asBatch(def, AsEvent(def.Uses, v)), nil
}

// AsEvent is the value of `trigger` that people mean when they give an event: for a webhook what is no whole request is
// its body.
func AsEvent(uses string, v any) any {
	if uses != "webhook" {
		return v
	}
	object, ok := v.(map[string]any)
	if _, has := object["body"]; ok && has {
		return v
	}
	return map[string]any{"method": "POST", "path": "/", "query": map[string]any{}, "headers": map[string]any{}, "body": v}
}

func (h *Hand) start(ctx context.Context, s scenario.Stored, trigger string, v any, source string) (eventID, runID string, err error) {
	data, err := value.Encode(v)
	if err != nil {
		return "", "", err
	}
	if v, err = value.Normalize(v); err != nil {
		return "", "", err
	}
	start := &run.Start{Version: s.Version, Value: v}
	start.Accept.Event = run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: trigger, Outcome: run.Accepted, Value: data, Source: source, At: h.Now().UTC()}
	if err := h.Starter.Accept(ctx, start); err != nil {
		return "", "", err
	}
	return start.Accept.Event.ID, start.Accept.Event.RunID, nil
}

// event gives an event to start another run of.
func (h *Hand) event(ctx context.Context, a run.Actor, id string) (run.Event, error) {
	e, err := h.Store.WholeEvent(ctx, a, id)
	if err == nil && e.Detail == run.NotKept {
		err = fault.New(fault.Conflict, "The data of this run was not kept, as its scenario's settings say; it cannot be started again.")
	}
	return e, err
}

// Replay starts another run of an event, on the version that is live now. A payload stands in place of what the event says.
func (h *Hand) Replay(ctx context.Context, a run.Actor, eventID string, payload json.RawMessage) (string, error) {
	return h.replayEvent(ctx, a, eventID, payload, nil)
}

// ReplayEventOnce is Replay for a job that may be interrupted: asked again with the same key it starts no other run. One that
// starts a run by itself yet, or that went into the run of a batch, which is an event too, is a Conflict.
func (h *Hand) ReplayEventOnce(ctx context.Context, a run.Actor, e run.Event, key string) error {
	if e.Outcome == run.Held {
		return fault.New(fault.Conflict, "It waits, and starts a run by itself.")
	}
	if e.Outcome == run.Accepted && e.RunID != "" {
		switch began, err := h.Store.Run(ctx, a, e.RunID); {
		case err != nil && fault.CodeOf(err) != fault.NotFound:
			return err
		case err == nil && began.EventID != e.ID:
			return fault.New(fault.Conflict, "It went into the run of a batch.")
		}
	}
	_, err := h.replayEvent(ctx, a, e.ID, nil, h.once(key, e.ID))
	return err
}

// once are the keys by which a job does something about one of many no second time.
func (h *Hand) once(job, id string) []run.DedupeKey {
	return []run.DedupeKey{{Key: "job:" + job + ":" + id, Until: h.Now().Add(defaultDedupe)}}
}

func (h *Hand) replayEvent(ctx context.Context, a run.Actor, eventID string, payload json.RawMessage, once []run.DedupeKey) (string, error) {
	e, err := h.event(ctx, a, eventID)
	if err != nil {
		return "", err
	}
	if len(payload) > 0 {
		v, err := value.Decode(payload, value.Limits{})
		if err != nil {
			return "", err
		}
		e.Veiled = nil
		if e.Value, err = value.Encode(v); err != nil {
			return "", err
		}
	}
	s, err := h.stillLive(ctx, a, e.ScenarioID, e.Scenario)
	if err != nil {
		return "", err
	}
	v, err := value.Decode(e.Value, value.Stored())
	if err != nil {
		return "", err
	}
	def, err := h.trigger(ctx, a, s, e.Trigger)
	if err != nil {
		return "", err
	}
	if len(payload) > 0 {
		if err := fits(def, v); err != nil {
			return "", err
		}
	}
	if def != nil && def.Batch != nil && !isBatch(v) {
		v = asBatch(def, v)
		if e.Value, err = value.Encode(v); err != nil {
			return "", err
		}
		within := map[string]any{}
		run.Beneath(within, "/events/0", e.Veiled)
		e.Veiled = within
	}
	start := &run.Start{Version: s.Version, Value: v}
	start.Accept.Event = run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: e.Trigger, Outcome: run.Accepted, Value: e.Value,
		Veiled: e.Veiled, Source: "replay", At: h.Now().UTC()}
	start.Accept.Dedupe, start.Accept.FilesOf = once, []string{e.ID}
	err = h.Starter.Accept(ctx, start)
	return start.Accept.Event.RunID, err
}

// fits holds what is given as an event to what events of its trigger are: objects, but for what people and scenarios give.
func fits(def *scenario.Trigger, v any) error {
	if _, object := v.(map[string]any); object || def == nil || def.Uses == "manual" || def.Uses == "scenario" {
		return nil
	}
	needs := "an object, as the events of this trigger are"
	if def.Uses == "webhook" {
		needs = `an object with "body", and "headers", "query", "method" and "path" where steps read them: it stands in place of the whole event`
	}
	return fault.Invalid("The payload is none of this trigger's events.", []fault.Problem{{Path: "/payload", Message: "It must be " + needs + "."}})
}

// trigger gives the definition of a trigger of a scenario's live version; nil: it has none of that id.
func (h *Hand) trigger(ctx context.Context, a run.Actor, s scenario.Stored, id string) (*scenario.Trigger, error) {
	v, err := h.Store.Version(ctx, a, s.ID, s.Version)
	if err != nil {
		return nil, err
	}
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return nil, err
	}
	for _, t := range doc.AllTriggers() {
		if t.Key() == id {
			return t, nil
		}
	}
	return nil, nil
}

// ReplayRun starts another run of a run: from the step at a path on ("": all of it), on another event (nil: its own), on a
// version (zero: the live one, negative: its own).
func (h *Hand) ReplayRun(ctx context.Context, a run.Actor, runID, from string, payload json.RawMessage, version int) (string, error) {
	old, err := h.Store.Run(ctx, a, runID)
	if err != nil {
		return "", err
	}
	return h.replay(ctx, a, old, from, payload, version, nil)
}

// ReplayOnce is ReplayRun for a job that may be interrupted: asked again with the same key it starts no other run.
func (h *Hand) ReplayOnce(ctx context.Context, a run.Actor, old run.Run, from string, version int, key string) error {
	_, err := h.replay(ctx, a, old, from, nil, version, h.once(key, old.ID))
	return err
}

func (h *Hand) replay(ctx context.Context, a run.Actor, old run.Run, from string, payload json.RawMessage, version int, once []run.DedupeKey) (string, error) {
	s, err := h.stillLive(ctx, a, old.ScenarioID, old.Scenario)
	if err != nil {
		return "", err
	}
	start := &run.Start{Version: s.Version}
	switch {
	case version < 0:
		start.Version = old.Version
	case version > 0:
		if _, err := h.Store.Version(ctx, a, s.ID, version); err != nil {
			return "", err
		}
		start.Version = version
	}
	var event run.Event
	if len(payload) == 0 {
		if event, err = h.event(ctx, a, old.EventID); err != nil {
			return "", err
		}
	}
	limits := value.Stored()
	data := []byte(event.Value)
	if len(payload) > 0 {
		data, limits = payload, value.Limits{}
	}
	if start.Value, err = value.Decode(data, limits); err != nil {
		return "", err
	}
	if len(payload) > 0 {
		def, err := h.trigger(ctx, a, s, old.Trigger)
		if err == nil {
			err = fits(def, start.Value)
		}
		if err != nil {
			return "", err
		}
	}
	if data, err = value.Encode(start.Value); err != nil {
		return "", err
	}
	if from != "" {
		entries, err := run.Replayable(h.Store.WholeEntries(ctx, a, old.ID), from)
		if err != nil {
			return "", err
		}
		given, err := run.ReplayOf(old, entries, from)
		if err != nil {
			return "", err
		}
		if err := h.has(ctx, a, s, start.Version, from); err != nil {
			return "", err
		}
		start.Replay = given
	}
	start.Accept.Event = run.Event{Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: old.Trigger, Outcome: run.Accepted, Value: data,
		Veiled: event.Veiled, Source: run.SourceReplay(old.ID), At: h.Now().UTC()}
	start.Accept.Dedupe, start.Accept.FilesOf = once, []string{old.EventID}
	if start.Replay != nil { // steps that it takes over made files
		start.Accept.FilesOf = append(start.Accept.FilesOf, old.ID)
	}
	err = h.Starter.Accept(ctx, start)
	return start.Accept.Event.RunID, err
}

// has holds the path that a replay begins at to the version that it executes: without that step all of it would be done anew.
func (h *Hand) has(ctx context.Context, a run.Actor, s scenario.Stored, version int, path string) error {
	v, err := h.Store.Version(ctx, a, s.ID, version)
	if err != nil {
		return err
	}
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return err
	}
	if !doc.Has(path) {
		return fault.New(fault.InvalidInput, "Version %d of the scenario %q has no step %q to begin from. Replay it on the version that it ran on, or from a step that both have.", version, s.Slug, fault.Clip(path, 100))
	}
	return nil
}
