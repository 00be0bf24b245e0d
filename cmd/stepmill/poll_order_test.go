package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/poll"
)

// listing is a trigger that polls, the list that it looks at, and what was taken in of it.
type listing struct {
	trigger *triggers.Trigger
	items   []any
	at      string
	took    []string
	done    func()
}

func (l *listing) All(context.Context, func(string) bool) []*triggers.Trigger {
	return []*triggers.Trigger{l.trigger}
}

func (l *listing) Cursor(context.Context, string, string, string) (string, error) {
	return "", fault.New(fault.NotFound, "There is none.")
}

func (l *listing) Poll(_ context.Context, _ run.Look, each func(run.Part) (bool, error)) (run.Looked, error) {
	_, err := each(run.Part{Items: l.items})
	return run.Looked{Whole: err == nil}, err
}

func (l *listing) AcceptAll(_ context.Context, starts []*run.Start, _ *run.Cursor) error {
	for _, s := range starts {
		l.took = append(l.took, value.Text(value.At(s.Value, l.at)))
	}
	if len(l.took) >= len(l.items) {
		l.done()
	}
	return nil
}

// put writes at a pointer, and gives what was written into: objects are made where they lack.
func put(into any, pointer string, v any) any {
	name, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	within := func(have any) any {
		if !more {
			return v
		}
		return put(have, rest, v)
	}
	if list, ok := into.([]any); ok {
		i, _ := strconv.Atoi(name)
		list[i] = within(list[i])
		return list
	}
	object, ok := into.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[name] = within(object[name])
	return object
}

// silent are the lists whose vendors do not say in any way which of the items came first.
var silent = []string{"dropbox.entry_created", "dropbox.entry_deleted", "google_sheets.row_changed", "google_sheets.sheet_created", "microsoft_teams.new_team_member", "slack.new_user"}

// TestPollOrder: what one look finds is taken in oldest first, in whatever order the vendor lists it.
func TestPollOrder(t *testing.T) {
	lists := 0
	for c := range connectors.Catalogue.All() {
		for _, spec := range c.Triggers {
			uses := c.ID + "." + spec.ID
			if spec.Poll == nil || spec.Poll.Row != "" || slices.Contains(silent, uses) {
				continue
			}
			lists++
			t.Run(uses, func(t *testing.T) { ordered(t, uses, spec) })
		}
	}
	if lists < 40 {
		t.Errorf("only %d lists were tried", lists)
	}
}

func ordered(t *testing.T, uses string, spec actions.Trigger) {
	p := spec.Poll
	if p.Time == "" && p.Rises == "" {
		t.Fatal("nothing says which of its items came first")
	}
	def := &scenario.Trigger{Uses: uses, With: map[string]any{"start": "all"}}
	for _, f := range spec.Input {
		if f.Required && f.Default == nil {
			def.With[f.ID] = f.Example
			if f.Example == nil {
				def.With[f.ID] = "x"
			}
		}
	}
	items := make([]any, 3)
	for i := range items {
		text, err := json.Marshal(spec.Sample)
		if err != nil {
			t.Fatal(err)
		}
		item, err := value.Decode(text, value.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		object := item.(map[string]any)
		put(object, p.Page.ID, strconv.Itoa(9+i)) // as texts they would be in another order
		at := time.Now().Add(time.Duration(i-10) * time.Minute)
		switch _, text := value.At(item, p.Time+p.Rises).(string); {
		case p.Rises == p.Page.ID: // its id is all that says it
		case text:
			put(object, p.Time+p.Rises, at.UTC().Format(time.RFC3339))
		default:
			put(object, p.Time+p.Rises, at.Unix())
		}
		items[i] = item
	}
	id := func(i int) string { return value.Text(value.At(items[i], p.Page.ID)) }
	want := []string{id(0), id(1), id(2)}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		l := &listing{at: p.Page.ID, done: cancel, trigger: &triggers.Trigger{Def: def, Spec: &spec,
			StoredTrigger: scenario.StoredTrigger{Workspace: "w", ScenarioID: "s", ID: "trigger", Uses: uses, Key: "k", Status: scenario.Live, Version: 1}}}
		for _, i := range order {
			l.items = append(l.items, items[i])
		}
		var said strings.Builder
		(&poll.Poller{Triggers: l, Cursors: l, Starter: l, Source: l, Now: time.Now, Log: slog.New(slog.NewTextHandler(&said, nil))}).Run(ctx)
		if !slices.Equal(l.took, want) {
			t.Errorf("listed as %v they were taken in as %v, not %v: %s", order, l.took, want, fmt.Sprint(said.String()))
		}
	}
}
