package drafts

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

var (
	ada   = run.Actor{Workspace: run.DefaultWorkspace, Name: "Ada", Role: run.Editor}
	other = run.Actor{Workspace: "other", Name: "Eve", Role: run.Owner}
)

const (
	good = "{\n  \"stepmill\": 1,\n  \"name\": \"Greet\",\n  \"trigger\": {\"uses\": \"webhook\"}, \"steps\": [{\"id\": \"s\", \"uses\": \"core.set\"}]}"
	// warned has a step that the check warns of, faulty one that it refuses.
	warned = `{"stepmill": 1, "name": "W", "trigger": {"uses": "webhook"}, "steps": [{"id": "warned", "uses": "core.set"}]}`
	faulty = `{"stepmill": 1, "name": "F", "trigger": {"uses": "webhook"}, "steps": [{"id": "faulty", "uses": "core.set"}]}`
)

// desk is a service over a real store, and what it told.
type desk struct {
	Service
	store   *storage.Store
	changed []string
}

func newDesk(t *testing.T) *desk {
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
	d := &desk{store: store}
	d.Service = Service{Store: store, Check: check,
		Changed: func(_ context.Context, id string) { d.changed = append(d.changed, id) }}
	return d
}

func check(_ context.Context, _ run.Actor, _ string, doc *scenario.Document, said []fault.Problem) ([]fault.Problem, run.Facts, error) {
	facts := run.Facts{"core.set": {Effect: run.Pure}}
	switch doc.Steps[0].ID {
	case "warned":
		return append(said, fault.Problem{Path: "/steps/0", Severity: fault.Warning, Message: "Hm."}), facts, nil
	case "faulty":
		return append(said, fault.Problem{Path: "/steps/0/id", Line: 1, Column: 70, Message: "No."}, fault.Problem{Path: "/steps/0", Severity: fault.Warning, Message: "Hm."}), facts, nil
	case "broken":
		return nil, nil, fault.New(fault.Unavailable, "The database is not there.")
	}
	return said, facts, nil
}

func (d *desk) create(t *testing.T, slug, definition string) scenario.Stored {
	t.Helper()
	s, err := d.Create(t.Context(), ada, slug, []byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCreate(t *testing.T) {
	d := newDesk(t)
	s := d.create(t, "", good)
	if s.Slug != "greet" || s.Name != "Greet" || s.Status != scenario.Draft || s.Version != 0 || s.Revision != 1 || string(s.Draft) != good || len(s.Problems) != 0 {
		t.Errorf("%+v", s)
	}
	if len(s.Triggers) != 1 || s.Triggers[0].Uses != "webhook" || len(s.Triggers[0].Key) < 43 {
		t.Errorf("its trigger is %+v", s.Triggers)
	}
	if s := d.create(t, "", good); s.Slug != "greet-2" {
		t.Errorf("the second of the name is %s", s.Slug)
	}
	if s := d.create(t, "chosen", faulty); s.Slug != "chosen" || len(s.Problems) != 2 || s.Problems[0].Line != 1 {
		t.Errorf("a draft with faults is %+v", s)
	}
	if s := d.create(t, "", `{"stepmill": 1, "steps": [{"id": "s"}]}`); s.Name == "" || s.Slug == "" {
		t.Errorf("without a name it is %+v", s)
	}
}

// TestSaveUnchanged: a draft that is saved as it is keeps its revision, so that nobody else's page is behind.
func TestSaveUnchanged(t *testing.T) {
	d := newDesk(t)
	have := d.create(t, "have", faulty)
	for _, revision := range []int64{0, 1} {
		if s, err := d.Save(t.Context(), ada, "have", have.Draft, revision); err != nil || s.Revision != 1 || len(s.Problems) != 2 {
			t.Errorf("%+v %v", s, err)
		}
	}
	if s, err := d.Save(t.Context(), ada, "have", []byte(good), 1); err != nil || s.Revision != 2 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := d.Save(t.Context(), ada, "have", []byte(good), 1); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("from an older revision it gives %v", err)
	}
}

// TestNoDocument: what is no scenario of this format is refused and not kept, by every way in.
func TestNoDocument(t *testing.T) {
	d := newDesk(t)
	have := d.create(t, "have", good)
	for _, text := range []string{``, `null`, `[]`, `"x"`, `{`, `{}`, `{"stepmill": 2}`, `{"stepmill": "1"}`, `{"stepmill": 1,}`, `{"stepmill": 1} x`, "\xff{\"stepmill\": 1}",
		`{"stepmill": 1, "x": ` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`} {
		if _, err := d.Create(t.Context(), ada, "", []byte(text)); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("creating %.40q: %v", text, err)
		}
		if _, err := d.Save(t.Context(), ada, "have", []byte(text), 0); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("saving %.40q: %v", text, err)
		}
	}
	list, err := d.store.Scenarios(t.Context(), ada)
	if err != nil || len(list) != 1 || list[0].Revision != have.Revision || string(list[0].Draft) != good {
		t.Errorf("%+v %v", list, err)
	}
}

func TestSlugs(t *testing.T) {
	d := newDesk(t)
	for _, slug := range []string{"-a", "_a", "A", "a b", "a/b", "ä", "a\n", strings.Repeat("a", 64)} {
		_, err := d.Create(t.Context(), ada, slug, []byte(good))
		if p := fault.ProblemsOf(err); len(p) != 1 || p[0].Path != "/slug" {
			t.Errorf("the slug %q: %v", slug, err)
		}
	}
	d.create(t, strings.Repeat("a", 63), good)
	d.create(t, "0_a-b", good)
	if _, err := d.Create(t.Context(), ada, "0_a-b", []byte(good)); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a slug twice: %v", err)
	}
}

func TestSave(t *testing.T) {
	d := newDesk(t)
	first := d.create(t, "s", good)
	second, err := d.Save(t.Context(), ada, "s", []byte(warned), first.Revision)
	if err != nil || second.Revision != 2 || second.Name != "W" || second.Slug != "s" || second.ID != first.ID || len(second.Problems) != 1 {
		t.Errorf("%+v %v", second, err)
	}
	if second.Triggers[0].Key != first.Triggers[0].Key {
		t.Error("the trigger's address changed")
	}
	if _, err := d.Save(t.Context(), ada, "s", []byte(good), first.Revision); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("saving over somebody else's: %v", err)
	}
	if third, err := d.Save(t.Context(), ada, first.ID, []byte(good), 0); err != nil || third.Revision != 3 {
		t.Errorf("saving whatever is there: %+v %v", third, err)
	}
	for name, err := range map[string]error{
		"unknown":   errOf(d.Save(t.Context(), ada, "none", []byte(good), 0)),
		"elsewhere": errOf(d.Save(t.Context(), other, "s", []byte(good), 0)),
	} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Save(t.Context(), ada, "s", []byte(strings.Replace(good, `"s"`, `"broken"`, 1)), 0); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a check that cannot be made: %v", err)
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestPublish(t *testing.T) {
	d := newDesk(t)
	s := d.create(t, "s", warned)
	live, err := d.Publish(t.Context(), ada, "s", strings.Repeat("n", 600), 1)
	if err != nil || live.Status != scenario.Live || live.Version != 1 || live.Dirty {
		t.Fatalf("%+v %v", live, err)
	}
	v, err := d.store.Version(t.Context(), ada, s.ID, 1)
	if err != nil || string(v.Definition) != warned || v.By != "Ada" || len(v.Note) > 510 || !strings.Contains(string(v.Facts), "core.set") {
		t.Errorf("%+v %v", v, err)
	}
	if fmt.Sprint(d.changed) != fmt.Sprint([]string{s.ID}) {
		t.Errorf("told of %v", d.changed)
	}
	again, err := d.Publish(t.Context(), ada, "s", "again", 0)
	if err != nil || !again.Unchanged || again.Version != 1 || again.Dirty || len(d.changed) != 1 {
		t.Errorf("what has not changed is published as %+v, %v; told of %v", again, err, d.changed)
	}
	if _, err := d.Save(t.Context(), ada, "s", []byte(faulty), 0); err != nil {
		t.Fatal(err)
	}
	_, err = d.Publish(t.Context(), ada, "s", "", 0)
	if p := fault.ProblemsOf(err); fault.CodeOf(err) != fault.InvalidInput || len(p) != 1 || p[0].Path != "/steps/0/id" || p[0].Column != 70 {
		t.Errorf("publishing faults: %v %+v", err, p)
	}
	if _, err := d.Publish(t.Context(), ada, "s", "", 1); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("publishing what is not there any more: %v", err)
	}
	if _, err := d.Publish(t.Context(), other, "s", "", 0); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("publishing another workspace's: %v", err)
	}
	if have, err := d.store.Scenario(t.Context(), ada, "s"); err != nil || have.Version != 1 || have.Status != scenario.Live || !have.Dirty || len(d.changed) != 1 {
		t.Errorf("what is live is %+v %v; told of %v", have, err, d.changed)
	}
}

func TestPauseAndDelete(t *testing.T) {
	d := newDesk(t)
	d.create(t, "s", good)
	if _, err := d.SetPaused(t.Context(), ada, "s", true); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("pausing what was never published: %v", err)
	}
	if _, err := d.Publish(t.Context(), ada, "s", "", 0); err != nil {
		t.Fatal(err)
	}
	for _, paused := range []bool{true, false} {
		got, err := d.SetPaused(t.Context(), ada, "s", paused)
		if err != nil || (got.Status == scenario.Paused) != paused {
			t.Errorf("paused %v: %+v %v", paused, got, err)
		}
	}
	if len(d.changed) != 3 {
		t.Errorf("told of %v", d.changed)
	}
	if err := d.Delete(t.Context(), other, "s", 0); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("deleting another workspace's: %v", err)
	}
	if err := d.Delete(t.Context(), ada, "s", 0); err != nil || len(d.changed) != 4 {
		t.Errorf("%v; told of %v", err, d.changed)
	}
	if err := d.Delete(t.Context(), ada, "s", 0); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("deleting twice: %v", err)
	}
}

func TestRestore(t *testing.T) {
	d := newDesk(t)
	d.create(t, "s", good)
	if _, err := d.Publish(t.Context(), ada, "s", "", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Save(t.Context(), ada, "s", []byte(faulty), 0); err != nil {
		t.Fatal(err)
	}
	got, err := d.Restore(t.Context(), ada, "s", 1)
	if err != nil || string(got.Draft) != good || got.Revision != 3 || got.Version != 1 || len(got.Problems) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := d.Restore(t.Context(), ada, "s", 2); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a version that is not there: %v", err)
	}
}

func TestProblems(t *testing.T) {
	d := newDesk(t)
	for text, want := range map[string]int{good: 0, faulty: 2, `{"stepmill": 1,}`: 1, `[]`: 1} {
		list, err := d.Problems(t.Context(), ada, "", []byte(text))
		if err != nil || len(list) != want {
			t.Errorf("%s: %+v %v", text, list, err)
		}
	}
}

// TestLongNames: a name of megabytes does not stand in every list.
func TestLongNames(t *testing.T) {
	d := newDesk(t)
	s, err := d.Create(t.Context(), ada, "long", []byte(strings.Replace(good, "Greet", strings.Repeat("é", 1<<20), 1)))
	if err != nil || len(s.Name) > scenario.MaxName+len("…") || !strings.HasPrefix(s.Name, "éé") {
		t.Errorf("it is called by %d bytes: %v", len(s.Name), err)
	}
}
