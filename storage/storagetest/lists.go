package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

func feed(t *testing.T, s *storage.Store) {
	sc, quiet := makeScenario(t, s, system, "s"), makeScenario(t, s, system, "quiet")
	a, b := taken(t, s, accept(sc)), taken(t, s, accept(quiet))
	commit(t, s, &run.Write{Append: appended(a, run.Running, run.RunStarted, run.StepStarted, run.StepSucceeded)}, &run.Write{Append: appended(b, run.Running, run.RunStarted)})
	last := must[int64](t)(s.LastPos(t.Context()))
	if last != 6 {
		t.Fatalf("the last position is %d", last)
	}
	for after := range last + 1 {
		list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, after, run.FeedFilter{}, 100))
		if int64(len(list)) != last-after {
			t.Errorf("after %d there are %d", after, len(list))
		}
		for i, e := range list {
			if e.Pos != after+int64(i)+1 {
				t.Errorf("after %d, entry %d is at %d", after, i, e.Pos)
			}
		}
	}
	if list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, 3, run.FeedFilter{Run: a.ID}, 100)); len(list) != 2 || list[0].Run != a.ID || list[0].Scenario != "s" {
		t.Errorf("%+v", list)
	}
	if list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, 0, run.FeedFilter{Scenario: "quiet"}, 100)); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), other, 0, run.FeedFilter{}, 100)); len(list) != 0 {
		t.Errorf("another workspace sees %d entries", len(list))
	}
}

// needing lists the runs that stand until somebody acts: parked, uncertain, or with an open decision; till that is decided.
func needing(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	want := map[string]bool{}
	var asked *run.Append
	for i, c := range []struct {
		status run.Status
		asks   bool
	}{{run.Waiting, false}, {run.Waiting, true}, {run.Incomplete, false}, {run.Uncertain, true}, {run.Running, true}, {run.Failed, false}} {
		a := appended(taken(t, s, accept(sc)), c.status, run.RunStarted)
		a.Run.Asks = c.asks
		commit(t, s, &run.Write{Append: a})
		want[a.Run.ID] = i == 1 || i == 2 || i == 3
		if i == 1 {
			asked = a
		}
	}
	list := func() {
		for _, f := range []run.Filter{{Needs: true}, {Needs: true, Scenario: "s"}, {Needs: true, Statuses: []run.Status{run.Waiting, run.Incomplete, run.Uncertain}}} {
			page := must[run.Page](t)(s.Runs(t.Context(), system, f))
			n := 0
			for _, w := range want {
				if w {
					n++
				}
			}
			if page.Total != n || len(page.Runs) != n {
				t.Errorf("%d need somebody, not %d", page.Total, n)
			}
			for _, r := range page.Runs {
				if !want[r.ID] || r.Asks != (r.ID == asked.Run.ID) {
					t.Errorf("%s needs somebody: %s, asks %t", r.ID, r.Status, r.Asks)
				}
			}
		}
	}
	list()
	decided := appended(asked.Run, run.Waiting, run.RunResumed, run.RunWaiting)
	decided.Run.Asks = false
	commit(t, s, &run.Write{Append: decided})
	want[asked.Run.ID] = false
	list()
}

func runs(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	makeScenario(t, s, system, "empty")
	var ids []string
	for i := range 25 {
		r := taken(t, s, accept(sc))
		ids = append([]string{r.ID}, ids...)
		status, kind := run.Succeeded, run.RunSucceeded
		if i%5 == 0 {
			status, kind = run.Failed, run.RunFailed
		}
		a := appended(r, status, run.RunStarted, kind)
		a.Run.EndedAt, a.Run.Label = start, fmt.Sprintf("label_%d%%", i)
		commit(t, s, &run.Write{Append: a})
	}
	var got []string
	for next, pages := "", 0; ; pages++ {
		page := must[run.Page](t)(s.Runs(t.Context(), system, run.Filter{Cursor: next, Limit: 10}))
		if page.Total != 25 || page.More {
			t.Errorf("the total is %d", page.Total)
		}
		for _, r := range page.Runs {
			got = append(got, r.ID)
		}
		if next = page.NextCursor; next == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(ids, " ") {
		t.Error("the pages do not hold each run once, newest first")
	}
	for _, scenario := range []string{"", sc.ID} {
		got = nil
		for next := ""; ; {
			page := must[run.Page](t)(s.Runs(t.Context(), system, run.Filter{Scenario: scenario, Cursor: next, Limit: 10, Query: "label"}))
			if page.Total != 25 || page.More {
				t.Errorf("%d hold the text", page.Total)
			}
			for _, r := range page.Runs {
				got = append(got, r.ID)
			}
			if next = page.NextCursor; next == "" {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(ids, " ") {
			t.Error("the pages of those that hold a text do not hold each once, newest first")
		}
	}
	for name, c := range map[string]struct {
		f    run.Filter
		want int
	}{
		"failed": {run.Filter{Statuses: []run.Status{run.Failed}}, 5}, "two statuses": {run.Filter{Statuses: []run.Status{run.Failed, run.Succeeded}}, 25}, "another scenario": {run.Filter{Scenario: "empty"}, 0},
		"by id": {run.Filter{Scenario: sc.ID}, 25}, "since": {run.Filter{Since: start.Add(time.Second)}, 0}, "until": {run.Filter{Until: start.Add(time.Second)}, 25},
		"a label": {run.Filter{Query: "label_7%"}, 1}, "a wild card is a letter": {run.Filter{Query: "l_bel"}, 0}, "a zero byte": {run.Filter{Query: "\x00"}, 0}, "a zero byte behind": {run.Filter{Query: "label\x00"}, 0}, "a number": {run.Filter{Query: "#7"}, 1}, "an id": {run.Filter{Query: ids[3]}, 1}, "its scenario's name": {run.Filter{Query: sc.Name}, 25}, "a quote": {run.Filter{Query: `'; DROP TABLE runs; --`}, 0},
	} {
		if page := must[run.Page](t)(s.Runs(t.Context(), system, c.f)); page.Total != c.want || len(page.Runs) != c.want {
			t.Errorf("%s: %d", name, page.Total)
		}
	}
	for _, cursor := range []string{"x", "!!", "YWZ0ZXIgbm9wZQ"} {
		_, err := s.Runs(t.Context(), system, run.Filter{Cursor: cursor})
		code(t, err, fault.InvalidInput)
	}
	_, err := s.Run(t.Context(), system, "nope")
	code(t, err, fault.NotFound)
}

func events(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	held := accept(sc)
	held.Run, held.Event.Outcome, held.Event.RunID = nil, run.Held, ""
	filtered := accept(sc)
	filtered.Run, filtered.Event.Outcome, filtered.Event.Detail, filtered.Event.RunID = nil, run.Filtered, "because", ""
	for _, err := range commit(t, s, &run.Write{Accept: held}, &run.Write{Accept: filtered}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	page := must[run.EventPage](t)(s.Events(t.Context(), system, run.EventFilter{Outcome: run.Filtered}))
	if len(page.Events) != 1 || page.Events[0].Detail != "because" || page.Events[0].Value != nil {
		t.Errorf("%+v", page)
	}
	for name, c := range map[string]struct {
		f    run.EventFilter
		want int
	}{
		"a text in the value": {run.EventFilter{Query: `"a":1`}, 2}, "a header": {run.EventFilter{Query: "y"}, 2}, "what is said": {run.EventFilter{Query: "because"}, 1}, "an id": {run.EventFilter{Query: held.Event.ID}, 1},
		"a wild card is a letter": {run.EventFilter{Query: "bec_use"}, 0}, "a zero byte": {run.EventFilter{Query: "\x00"}, 0}, "a zero byte behind": {run.EventFilter{Query: "because\x00"}, 0}, "a quote": {run.EventFilter{Query: `'; DROP TABLE events; --`}, 0}, "by slug": {run.EventFilter{Scenario: "s"}, 2}, "by scenario id": {run.EventFilter{Scenario: sc.ID}, 2},
		"another scenario": {run.EventFilter{Scenario: "t"}, 0}, "by trigger": {run.EventFilter{Trigger: "trigger"}, 2}, "another trigger": {run.EventFilter{Trigger: "x", Query: "because"}, 0},
		"since": {run.EventFilter{Since: start.Add(time.Second)}, 0}, "until": {run.EventFilter{Until: start.Add(time.Second)}, 2}, "all at once": {run.EventFilter{Scenario: "s", Trigger: "trigger", Outcome: run.Filtered, Query: "because", Until: start.Add(time.Second)}, 1},
	} {
		if page := must[run.EventPage](t)(s.Events(t.Context(), system, c.f)); len(page.Events) != c.want || page.NextCursor != "" {
			t.Errorf("%s: %d, next %q", name, len(page.Events), page.NextCursor)
		}
	}
	var order []string
	for f := (run.EventFilter{OldestFirst: true, Limit: 1}); ; {
		page := must[run.EventPage](t)(s.Events(t.Context(), system, f))
		for _, e := range page.Events {
			order = append(order, e.ID)
		}
		if f.Cursor = page.NextCursor; f.Cursor == "" {
			break
		}
	}
	if !slices.Equal(order, []string{held.Event.ID, filtered.Event.ID}) {
		t.Errorf("oldest first they are %v", order)
	}
	list := must[[]run.Event](t)(s.HeldEvents(t.Context(), system, sc.ID, 10))
	if len(list) != 1 || string(list[0].Value) != `{"a":1}` {
		t.Fatalf("%+v", list)
	}
	again := accept(sc)
	again.Held, again.Event.ID, again.Run.EventID = true, held.Event.ID, held.Event.ID
	twice := accept(sc)
	twice.Held, twice.Event.ID, twice.Run.EventID = true, held.Event.ID, held.Event.ID
	errs := commit(t, s, &run.Write{Accept: again}, &run.Write{Accept: twice})
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	code(t, errs[1], fault.Conflict)
	if e := must[run.Event](t)(s.Event(t.Context(), system, held.Event.ID)); e.Outcome != run.Accepted || e.RunID != again.Event.RunID {
		t.Errorf("%+v", e)
	}
	point := accept(sc)
	point.Cursor = &run.Cursor{Workspace: sc.Workspace, ScenarioID: sc.ID, Trigger: "trigger", Value: "one"}
	commit(t, s, &run.Write{Accept: point})
	if text := must[string](t)(s.Cursor(t.Context(), sc.Workspace, sc.ID, "trigger")); text != "one" {
		t.Errorf("the cursor is %q", text)
	}
	_, err := s.Cursor(t.Context(), sc.Workspace, sc.ID, "nope")
	code(t, err, fault.NotFound)
}

func scenarios(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	made := must[scenario.Stored](t)(s.CreateScenario(ctx, system, scenario.Stored{Slug: "a", Name: "A", Draft: []byte(`{"v": 1}`), Problems: []fault.Problem{{Path: "/x", Line: 2, Message: "m"}}, Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "webhook"}}}))
	if made.Status != scenario.Draft || made.Revision != 1 || len(made.Problems) != 1 || len(made.Triggers) != 1 || len(made.Triggers[0].Key) != 43 {
		t.Errorf("%+v", made)
	}
	_, err := s.CreateScenario(ctx, system, scenario.Stored{Slug: "a", Name: "B", Draft: []byte(`{}`)})
	code(t, err, fault.Conflict)
	_, err = s.SetPaused(ctx, system, made.ID, true)
	code(t, err, fault.Conflict)
	key := made.Triggers[0].Key
	made.Draft, made.Name = []byte(`{"v": 2}`), "A2"
	saved := must[scenario.Stored](t)(s.SaveDraft(ctx, system, made, 1))
	if saved.Revision != 2 || saved.Triggers[0].Key != key || saved.Name != "A2" {
		t.Errorf("%+v", saved)
	}
	_, err = s.SaveDraft(ctx, system, made, 1)
	code(t, err, fault.Conflict)
	_, err = s.Publish(ctx, system, made.ID, scenario.Release{Definition: []byte(`{}`), Facts: []byte(`{}`), Revision: 1})
	code(t, err, fault.Conflict)
	if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, "")); len(list) != 0 {
		t.Error("a draft's trigger is live")
	}
	live := must[scenario.Stored](t)(s.Publish(ctx, system, made.ID, scenario.Release{Definition: saved.Draft, Facts: []byte(`{"f":1}`), Triggers: []*scenario.Trigger{{Uses: "webhook"}, {ID: "b", Uses: "manual"}}, Revision: 2, Note: "first"}))
	if live.Status != scenario.Live || live.Version != 1 || live.Dirty || len(live.Triggers) != 2 {
		t.Errorf("%+v", live)
	}
	if paused := must[scenario.Stored](t)(s.SetPaused(ctx, system, made.ID, true)); paused.Status != scenario.Paused {
		t.Errorf("%+v", paused)
	}
	again := must[scenario.Stored](t)(s.Publish(ctx, system, made.ID, scenario.Release{Definition: saved.Draft, Facts: []byte(`{}`), Triggers: []*scenario.Trigger{{Uses: "webhook"}, {ID: "b", Uses: "manual"}}}))
	if again.Status != scenario.Paused || again.Version != 2 {
		t.Errorf("publishing switched it on: %+v", again)
	}
	if list := must[[]scenario.Version](t)(s.Versions(ctx, system, made.ID)); len(list) != 2 || list[0].Number != 2 || list[1].Note != "first" || list[1].By != "system" {
		t.Errorf("%+v", list)
	}
	if v := must[scenario.Version](t)(s.Version(ctx, system, made.ID, 1)); string(v.Definition) != `{"v": 2}` || string(v.Facts) != `{"f":1}` {
		t.Errorf("%+v", v)
	}
	_, err = s.Version(ctx, system, made.ID, 3)
	code(t, err, fault.NotFound)
	if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, "")); len(list) != 2 || list[0].Version != 2 {
		t.Errorf("%+v", list)
	}
	for id, want := range map[string]int{made.ID: 2, "another": 0} {
		if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, id)); len(list) != want {
			t.Errorf("of %s there are %+v", id, list)
		}
	}
	b := func(list []scenario.StoredTrigger) string {
		for _, t := range list {
			if t.ID == "b" {
				return t.Key
			}
		}
		return ""
	}
	publish := func(list ...*scenario.Trigger) []scenario.StoredTrigger {
		return must[scenario.Stored](t)(s.Publish(ctx, system, made.ID, scenario.Release{Definition: saved.Draft, Facts: []byte(`{}`), Triggers: list})).Triggers
	}
	kept := b(again.Triggers)
	if got := b(publish(&scenario.Trigger{Uses: "webhook"})); got != "" || kept == "" {
		t.Errorf("a trigger that neither the draft nor the live version has is listed: %q", got)
	}
	if got := b(must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, ""))); got != "" {
		t.Error("and it is live")
	}
	saved.Triggers = append(saved.Triggers, scenario.StoredTrigger{ID: "b", Uses: "manual"})
	if got := b(must[scenario.Stored](t)(s.SaveDraft(ctx, system, saved, 0)).Triggers); got != kept {
		t.Errorf("put back into the draft its key is %q, not %q", got, kept)
	}
	if got := b(must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, ""))); got != "" {
		t.Error("a trigger of the draft alone is live")
	}
	publish(&scenario.Trigger{Uses: "webhook"}, &scenario.Trigger{ID: "b", Uses: "manual"})
	saved.Triggers = saved.Triggers[:1]
	if got := must[scenario.Stored](t)(s.SaveDraft(ctx, system, saved, 0)); b(got.Triggers) != kept || b(must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, ""))) != kept {
		t.Errorf("taken out of the draft alone it is not there: %+v", got.Triggers)
	}
	if err := s.DeleteScenario(ctx, system, made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Scenario(ctx, system, "a")
	code(t, err, fault.NotFound)
	if list := must[[]scenario.StoredTrigger](t)(s.LiveTriggers(ctx, "")); len(list) != 0 {
		t.Error("a deleted scenario's trigger is live")
	}
	must[scenario.Version](t)(s.Version(ctx, system, made.ID, 1)) // its runs still need it
	must[scenario.Stored](t)(s.CreateScenario(ctx, system, scenario.Stored{Slug: "a", Name: "again", Draft: []byte(`{}`)}))
}
