package storagetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

func seen(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	first := run.Seen{Workspace: "w", ScenarioID: "1", Trigger: "a", At: start, Outcome: run.Duplicate}
	failed := run.Seen{Workspace: "w", ScenarioID: "1", Trigger: "b", ErrorAt: start, Error: "The disk is full.", LookFailed: true,
		Refused: []run.Refusal{{At: start, Status: 503, Message: "The disk is full.", From: "192.0.2.1"}, {At: start.Add(-time.Second), Status: 401, Message: "No."}}}
	for _, list := range [][]run.Seen{{first, failed}, {{Workspace: "w", ScenarioID: "1", Trigger: "a", At: start.Add(time.Hour), Outcome: run.Filtered}}} {
		if err := s.SaveSeen(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	first.At, first.Outcome = start.Add(time.Hour), run.Filtered
	got := must[[]run.Seen](t)(s.Seen(t.Context()))
	if len(got) != 2 || !reflect.DeepEqual(got[0], first) || !reflect.DeepEqual(got[1], failed) {
		t.Errorf("kept are %+v", got)
	}
	for i, source := range []string{"webhook", "webhook", "test", "replay", "replay of 1", "run 1", "backfill"} {
		a := accept(sc)
		a.Event.Source, a.Event.At = source, start.Add(time.Duration(i)*time.Minute)
		taken(t, s, a)
	}
	late := must[[]run.Seen](t)(s.SeenSince(t.Context(), start))
	if want := (run.Seen{Workspace: sc.Workspace, ScenarioID: sc.ID, Trigger: "trigger", At: start.Add(time.Minute), Outcome: run.Accepted}); len(late) != 1 || !reflect.DeepEqual(late[0], want) {
		t.Errorf("found are %+v", late)
	}
	if none := must[[]run.Seen](t)(s.SeenSince(t.Context(), start.Add(2*time.Minute))); len(none) != 0 {
		t.Errorf("found are %+v", none)
	}
}

func captures(t *testing.T, s *storage.Store) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	one := run.Captured{Capture: run.Capture{Until: now.Add(10 * time.Minute)}, Workspace: "w", ScenarioID: "1", Trigger: "a", Since: now}
	other := one
	other.Trigger = "b"
	old := one
	old.Trigger, old.Until = "c", now.Add(-25*time.Hour)
	later := one
	later.Since, later.Until = one.Since.Add(time.Minute), one.Until.Add(time.Minute)
	for _, c := range []run.Captured{old, one, other, later} {
		if err := s.SaveCapture(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if got := must[[]run.Captured](t)(s.Captures(t.Context())); !reflect.DeepEqual(got, []run.Captured{later, other}) {
		t.Errorf("kept are %+v", got)
	}
	for range 2 {
		if err := s.ForgetCapture(t.Context(), "w", "1", "a"); err != nil {
			t.Fatal(err)
		}
	}
	if got := must[[]run.Captured](t)(s.Captures(t.Context())); !reflect.DeepEqual(got, []run.Captured{other}) {
		t.Errorf("kept are %+v", got)
	}
}
