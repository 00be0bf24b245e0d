package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
)

// Run is a run in a list.
type Run struct {
	ID        string `json:"id"`
	Number    int64  `json:"number" doc:"Counts the scenario's runs."`
	Scenario  string `json:"scenario"`
	Version   int    `json:"version"`
	Status    string `json:"status" enum:"queued,running,waiting,incomplete,uncertain,succeeded,failed,cancelled"`
	Event     string `json:"event"`
	Label     string `json:"label"`
	CreatedAt stamp  `json:"created_at"`
	StartedAt stamp  `json:"started_at"`
	EndedAt   stamp  `json:"ended_at"`
	Until     *stamp `json:"until,omitempty" doc:"When a waiting run goes on by itself; left out where it waits for no time."`
	HeldBy    string `json:"held_by,omitempty" enum:"order_by,concurrency" doc:"Of a run that could move: what it waits for its turn for."`
	OrderKey  string `json:"order_key,omitempty" doc:"What its trigger's order_by gave; a long one is hashed."`
	Parent    string `json:"parent,omitempty" doc:"The run that called it."`
}

// RunDetail is a run with what it did.
type RunDetail struct {
	Run
	Source   string          `json:"source" doc:"How its event came in: webhook, schedule, poll, form, mail, batch, test, replay, replay of RUN, run RUN."`
	ReplayOf string          `json:"replay_of,omitempty" doc:"The run that it replays, all of it or from a step on."`
	Trigger  json.RawMessage `json:"trigger" doc:"The event's value."`
	Output   json.RawMessage `json:"output"`
	// Larger ones would make an answer of many megabytes.
	TriggerLarge *Large   `json:"trigger_large,omitempty" doc:"Stands for a trigger of more than 1 MB that is kept apart; trigger is null."`
	OutputLarge  *Large   `json:"output_large,omitempty" doc:"Stands for an output of more than 1 MB that is kept apart; output is null."`
	Error        *Failure `json:"error"`
	Steps        []Step   `json:"steps"`
	// A loop over a hundred thousand items would make an answer of many megabytes.
	Shortened bool `json:"shortened,omitempty" doc:"The steps of its beginning and its end stand here; the journal has all that is kept."`
}

// Failure is why a run or a step failed.
type Failure struct {
	Class   string          `json:"class"`
	Message string          `json:"message"`
	Step    string          `json:"step,omitempty"`
	Path    string          `json:"path,omitempty"`
	Status  int             `json:"status,omitempty" doc:"The remote's HTTP status."`
	Body    json.RawMessage `json:"body,omitempty" doc:"The remote's answer, shortened."`
}

// Step is one step of a run.
type Step struct {
	Path     string          `json:"path"`
	Status   string          `json:"status" enum:"waiting,running,retrying,succeeded,failed,ignored,skipped,uncertain,cancelled,unknown" doc:"unknown: it began, and what became of it stands in the part of the journal that a shortened answer leaves out."`
	Attempts int             `json:"attempts"`
	Input    json.RawMessage `json:"input"`
	Output   json.RawMessage `json:"output"`
	// Large ones are not carried along with the run.
	InputLarge  *Large   `json:"input_large,omitempty" doc:"Stands for an input that is kept apart because of its size, or left out of a run that has many megabytes; input is null."`
	OutputLarge *Large   `json:"output_large,omitempty" doc:"Stands for an output that is kept apart because of its size, or left out of a run that has many megabytes; output is null."`
	Error       *Failure `json:"error"`
	StartedAt   stamp    `json:"started_at"`
	EndedAt     stamp    `json:"ended_at"`
	Until       *stamp   `json:"until,omitempty" doc:"When it goes on by itself: of one that is tried again, as its app asked or its retry says, or that waits for a time."`
}

func runOf(r run.Run) Run {
	var until *stamp
	if r.Status == run.Waiting && !r.WakeAt.Equal(run.Never()) {
		until = untilOf(r.WakeAt)
	}
	return Run{Until: until, ID: r.ID, Number: r.Number, Scenario: r.Scenario, Version: r.Version, Status: string(r.Status), Event: r.EventID, Label: r.Label,
		CreatedAt: stamp{r.CreatedAt}, StartedAt: stamp{r.StartedAt}, EndedAt: stamp{r.EndedAt}, HeldBy: heldBy(r.Hold), OrderKey: r.Line, Parent: r.Parent}
}

// untilOf is when something goes on; nil: that is not known.
func untilOf(at time.Time) *stamp {
	if at.IsZero() {
		return nil
	}
	return &stamp{at}
}

func heldBy(h run.Hold) string {
	switch h {
	case run.BehindOther:
		return "order_by"
	case run.BeyondLimit:
		return "concurrency"
	}
	return ""
}

func raw(v any) json.RawMessage {
	b, err := value.Encode(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

func rawOr(b []byte) json.RawMessage {
	if len(b) == 0 {
		return json.RawMessage("null")
	}
	return b
}

func failureOf(f *run.Failure) *Failure {
	if f == nil {
		return nil
	}
	out := &Failure{Class: f.Class, Message: f.Message, Step: f.Step, Path: f.Path, Status: f.Status}
	if f.Body != nil {
		out.Body = raw(f.Body)
	}
	return out
}

func stepsOf(entries []run.Entry) []Step {
	out := []Step{}
	for _, s := range run.Steps(entries) {
		out = append(out, Step{Path: s.Path, Status: string(s.Status), Attempts: s.Attempts, Input: raw(s.Input), Output: raw(s.Output),
			InputLarge: largeOf(s.Input), OutputLarge: largeOf(s.Output),
			Error: failureOf(s.Failure), StartedAt: stamp{s.StartedAt}, EndedAt: stamp{s.EndedAt}, Until: untilOf(s.Until)})
	}
	return out
}

// answerBytes is about how much an answer of a run holds: the values of its steps, or the entries of a page of its journal.
const answerBytes = 8 << 20

type runInput struct {
	ID string `path:"id" maxLength:"60"`
}

func (a *api) runs() {
	const base = "/api/v1/runs"
	type runListInput struct {
		Scenario string `query:"scenario" doc:"Slug or id."`
		Status   string `query:"status" doc:"One status or several with commas."`
		Since    string `query:"since" doc:"Created at or after, RFC 3339."`
		Until    string `query:"until" doc:"Created before, RFC 3339."`
		Q        string `query:"q" maxLength:"200" doc:"In the id, number, label or error."`
		Paging
	}
	type runListOutput struct {
		Body struct {
			Items []Run   `json:"items"`
			Next  *string `json:"next_cursor"`
			Total int     `json:"total" doc:"Exact up to 10,000."`
			More  bool    `json:"more,omitempty" doc:"There are more than total."`
		}
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List runs, newest first"}, func(ctx context.Context, actor run.Actor, in *runListInput) (*runListOutput, error) {
		f := run.Filter{Scenario: in.Scenario, Query: in.Q, Cursor: in.Cursor, Limit: in.Limit}
		var err error
		if f.Since, err = readTime("since", in.Since); err == nil {
			f.Until, err = readTime("until", in.Until)
		}
		if err == nil {
			f.Statuses, err = readStatuses("status", in.Status)
		}
		if err != nil {
			return nil, err
		}
		page, err := a.Store.Runs(ctx, actor, f)
		out := &runListOutput{}
		out.Body.Items, out.Body.Next, out.Body.Total, out.Body.More = []Run{}, cursor(page.NextCursor), page.Total, page.More
		for _, r := range page.Runs {
			out.Body.Items = append(out.Body.Items, runOf(r))
		}
		return out, err
	})
	type runDetailOutput struct{ Body RunDetail }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}", Summary: "Show a run"}, func(ctx context.Context, actor run.Actor, in *runInput) (*runDetailOutput, error) {
		r, err := a.Store.LightRun(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		event, err := a.Store.LightEvent(ctx, actor, r.EventID)
		if err != nil {
			return nil, err
		}
		entries, hidden, err := a.Store.Excerpt(ctx, actor, r.ID, run.Excerpt{First: 10_000, Last: 2000, Bytes: answerBytes})
		if err != nil {
			return nil, err
		}
		out := &runDetailOutput{RunDetail{Shortened: hidden > 0 || r.Seq > int64(len(entries)), Source: event.Source, ReplayOf: run.ReplayedBy(event.Source), Run: runOf(r), Error: failureOf(r.Error), Steps: stepsOf(entries)}}
		if out.Body.Trigger, out.Body.TriggerLarge, err = a.shown(ctx, actor, r.ID, event.Value, event.Large); err == nil {
			out.Body.Output, out.Body.OutputLarge, err = a.shown(ctx, actor, r.ID, r.Output, r.LargeOutput)
		}
		return out, err
	})
	a.journal(base)
	a.file(base, "A file that a run refers to: one of its event, or that a step made or was given", a.Store.FileOfRun)
	a.values(base)
	a.moves(base)
}

func readStatuses(name, text string) ([]run.Status, error) {
	var out []run.Status
	for _, word := range strings.Split(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		known := false
		for _, s := range run.Statuses() {
			known = known || string(s) == word
		}
		if !known {
			return nil, fault.Invalid("The status is not right.", []fault.Problem{{Path: "/" + name, Message: fmt.Sprintf("%q is no status of a run.", fault.Clip(word, 40))}})
		}
		out = append(out, run.Status(word))
	}
	return out, nil
}

func (a *api) journal(base string) {
	type journalInput struct {
		ID     string `path:"id" maxLength:"60"`
		After  int64  `query:"after" minimum:"0" doc:"Only entries behind this sequence number."`
		Cursor string `query:"cursor" maxLength:"200"`
		Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"10000" doc:"How many entries a page holds; it holds fewer where they come to more than 8 MB."`
	}
	type runJournalOutput struct {
		Body struct {
			Items []json.RawMessage `json:"items" doc:"Entries: seq, pos, kind, path, at, data."`
			Next  *string           `json:"next_cursor"`
		}
	}
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{id}/journal", Summary: "The journal of a run, in order",
		Description: "seq counts from 1 without a gap, but where a repeat went round so often that only its newest rounds are kept: behind such a gap stands an entry loop.marked whose cut says which entries are gone."}, func(ctx context.Context, actor run.Actor, in *journalInput) (*runJournalOutput, error) {
		r, err := a.Store.LightRun(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		if in.Cursor != "" {
			seq, err := readCursor(in.Cursor)
			if err == nil {
				in.After, err = strconv.ParseInt(seq, 10, 64)
			}
			if err != nil {
				return nil, badCursor()
			}
		}
		out := &runJournalOutput{}
		out.Body.Items, out.Body.Next, err = a.entries(ctx, actor, &r, in.After, in.Limit)
		return out, err
	})
}

// entries gives a page of a journal: as many entries as are asked for, or fewer, where these are large; and where the next one
// begins.
func (a *api) entries(ctx context.Context, actor run.Actor, r *run.Run, after int64, limit int) ([]json.RawMessage, *string, error) {
	items, bytes := []json.RawMessage{}, 0
	for e, err := range a.Store.Entries(ctx, actor, r.ID, after) {
		if err != nil {
			return nil, nil, err
		}
		if len(items) == limit {
			return items, nextEntry(after), nil
		}
		f := run.FeedEntry{Run: r.ID, Scenario: r.Scenario, Entry: e}
		text, err := f.AppendJSON(nil)
		if err != nil {
			return nil, nil, err
		}
		if bytes += len(text); bytes > answerBytes && len(items) > 0 {
			return items, nextEntry(after), nil
		}
		items, after = append(items, text), e.Seq
	}
	return items, nil, nil
}

func nextEntry(after int64) *string {
	next := makeCursor(strconv.FormatInt(after, 10))
	return &next
}

func (a *api) moves(base string) {
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{id}/cancel", Summary: "Cancel a run", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *runInput) (*struct{}, error) {
		if _, err := a.Store.LightRun(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return nil, a.Engine.Cancel(ctx, actor, in.ID)
	})
	a.resume(base)
	a.replay(base)
}

func (a *api) resume(base string) {
	type runResumeInput struct {
		ID   string `path:"id" maxLength:"60"`
		Body *struct {
			Path    string          `json:"path,omitempty" doc:"The step's path; of a run in which one step is parked, or one is uncertain, it may be left out."`
			Input   json.RawMessage `json:"input,omitempty" doc:"Of a parked step: what it is tried again with, in place of its own input."`
			Outcome string          `json:"outcome,omitempty" enum:"happened,did_not_happen,skip" doc:"Of an uncertain step: what became of its call."`
			Output  json.RawMessage `json:"output,omitempty" doc:"With happened: what the call gave."`
		}
	}
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{id}/resume", Summary: "Go on with a parked step, or say what became of an uncertain one", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *runResumeInput) (*struct{}, error) {
		if _, err := a.Store.LightRun(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		if in.Body == nil {
			return nil, a.Engine.Resume(ctx, actor, in.ID, "", nil)
		}
		switch given := func(text json.RawMessage) bool { return len(text) > 0 && string(text) != "null" }; {
		case given(in.Body.Output) && in.Body.Outcome != "happened":
			return nil, fault.Invalid("The output is not right.", []fault.Problem{{Path: "/output", Message: "An output goes with the outcome happened: it is what the call gave."}})
		case given(in.Body.Input) && in.Body.Outcome != "":
			return nil, fault.Invalid("The input is not right.", []fault.Problem{{Path: "/input", Message: "An input goes with a parked step; of an uncertain one the outcome is said, and with happened its output."}})
		}
		if in.Body.Outcome != "" {
			output, err := decoded(in.Body.Output)
			if err != nil {
				return nil, err
			}
			return nil, a.Engine.Settle(ctx, actor, in.ID, in.Body.Path, in.Body.Outcome, output)
		}
		v, err := decoded(in.Body.Input)
		if err != nil {
			return nil, err
		}
		input, ok := v.(map[string]any)
		if v != nil && !ok {
			return nil, fault.Invalid("The input is not right.", []fault.Problem{{Path: "/input", Message: "An input is an object: names and values, as the step has them in with."}})
		}
		return nil, a.Engine.Resume(ctx, actor, in.ID, in.Body.Path, input)
	})
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{id}/discard", Summary: "End a run that stands, without going on", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *runInput) (*struct{}, error) {
		if _, err := a.Store.LightRun(ctx, actor, in.ID); err != nil {
			return nil, err
		}
		return nil, a.Engine.Discard(ctx, actor, in.ID)
	})
}

func decoded(text json.RawMessage) (any, error) {
	if len(text) == 0 {
		return nil, nil
	}
	return value.Decode(text, value.Limits{})
}

func (a *api) replay(base string) {
	type runReplayInput struct {
		ID   string `path:"id" maxLength:"60"`
		Body *struct {
			From    string          `json:"from,omitempty" doc:"Path of the step from which all is done anew; what was done before it is taken over, and nothing of what stands before it is done, whatever the event says now. Empty: everything."`
			Payload json.RawMessage `json:"payload,omitempty" doc:"The event in place of the run's own."`
			Version json.RawMessage `json:"version,omitempty" doc:"The version's number, or \"latest\"; the run's own where it is left out."`
		}
	}
	type runReplayOutput struct {
		Body struct {
			Run string `json:"run" doc:"The new run."`
		}
	}
	operation(a, access.Operate, huma.Operation{Method: "POST", Path: base + "/{id}/replay", Summary: "Start another run of a run's event, or of a part of it", DefaultStatus: 202}, func(ctx context.Context, actor run.Actor, in *runReplayInput) (*runReplayOutput, error) {
		from, payload, version := "", json.RawMessage(nil), -1
		if in.Body != nil {
			from, payload = in.Body.From, in.Body.Payload
			var err error
			if version, err = readVersion(in.Body.Version); err != nil {
				return nil, err
			}
		}
		out := &runReplayOutput{}
		var err error
		out.Body.Run, err = a.Starter.ReplayRun(ctx, actor, in.ID, from, payload, version)
		return out, err
	})
}

// readVersion reads which version a replay runs on: a number, "latest" as zero, or nothing as -1, the run's own.
func readVersion(text json.RawMessage) (int, error) {
	switch trimmed := strings.TrimSpace(string(text)); trimmed {
	case "", "null":
		return -1, nil
	case `"latest"`:
		return 0, nil
	default:
		if n, err := strconv.Atoi(trimmed); err == nil && n > 0 {
			return n, nil
		}
	}
	return 0, fault.Invalid("The version is not right.", []fault.Problem{{Path: "/version", Message: `Write the version's number, or "latest".`}})
}
