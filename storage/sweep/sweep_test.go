package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

var (
	system = run.SystemActor(run.DefaultWorkspace)
	now    = time.Now().UTC().Truncate(time.Millisecond)
)

// yard is a store with scenarios whose runs are of any age.
type yard struct {
	*storage.Store
	t   *testing.T
	dir string

	event value.Large // what the next run's event is, where it is kept apart
}

func newYard(t *testing.T) *yard {
	t.Helper()
	sealer, err := vault.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	y := &yard{t: t, dir: t.TempDir()}
	if y.Store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: y.dir, Sealer: sealer}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { y.Close() })
	return y
}

func (y *yard) publish(slug, settings string) scenario.Stored {
	y.t.Helper()
	text := []byte(`{"stepmill": 1, "name": "` + slug + `", "settings": ` + settings + `, "trigger": {"uses": "webhook"}, "steps": []}`)
	s, err := y.CreateScenario(y.t.Context(), system, scenario.Stored{Slug: slug, Name: slug, Draft: text})
	if err == nil {
		s, err = y.Publish(y.t.Context(), system, s.ID, scenario.Release{Definition: text, Facts: []byte(`{}`), Triggers: []*scenario.Trigger{{Uses: "webhook"}}})
	}
	if err != nil {
		y.t.Fatal(err)
	}
	return s
}

// id is one that was made at a time.
func id(at time.Time) string {
	b := uuid.Must(uuid.NewV7())
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return b.String()
}

// add stores a run that was accepted some time ago, and ended at once or not at all.
func (y *yard) add(s scenario.Stored, ago time.Duration, ended bool, size int) run.Run {
	y.t.Helper()
	at := now.Add(-ago)
	r := run.Run{ID: id(at), Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Version: 1, Trigger: "trigger", EventID: id(at), Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: at}
	accept := &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: at}}, Dedupe: []run.DedupeKey{{Key: r.ID, Until: at.Add(7 * 24 * time.Hour)}},
		Event: run.Event{ID: r.EventID, Workspace: s.Workspace, ScenarioID: s.ID, Scenario: s.Slug, Trigger: "trigger", Outcome: run.Accepted, RunID: r.ID, Value: []byte(`"` + strings.Repeat("x", size) + `"`), At: at}}
	if y.event.Hash != "" {
		accept.Event.Value, accept.Event.Large = nil, y.event
	}
	y.commit(&run.Write{Accept: accept})
	end := &run.Append{Run: r, Owner: "me", Release: true, Entries: []run.Entry{{Seq: 2, Kind: run.RunStarted, At: at}, {Seq: 3, Kind: run.RunSucceeded, At: at}}}
	end.Run.Seq, end.Run.Status, end.Run.StartedAt, end.Run.EndedAt = 3, run.Succeeded, at, at
	if !ended {
		end.Run.Status, end.Run.EndedAt, end.Run.WakeAt = run.Waiting, time.Time{}, run.Never()
		end.Entries[1].Kind = run.RunWaiting
	}
	y.commit(&run.Write{Append: end})
	return r
}

func (y *yard) commit(w *run.Write) {
	y.t.Helper()
	if err := y.Commit(y.t.Context(), []*run.Write{w})[0]; err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) numbers(s scenario.Stored) string {
	y.t.Helper()
	list, err := y.OldRuns(y.t.Context(), s.Workspace, s.ID, 0, 1000)
	if err != nil {
		y.t.Fatal(err)
	}
	var out []string
	for _, o := range list {
		out = append(out, fmt.Sprint(o.Number))
	}
	return strings.Join(out, " ")
}

func (y *yard) sweeper(total Limits) *Sweeper {
	return &Sweeper{Store: y.Store, Total: total, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
}

func (y *yard) sweep(w *Sweeper, want int) {
	y.t.Helper()
	if n, err := w.Sweep(y.t.Context()); err != nil || n != want {
		y.t.Errorf("%d runs were deleted, not %d: %v", n, want, err)
	}
}

const day = 24 * time.Hour

func TestByAge(t *testing.T) {
	y := newYard(t)
	s, other := y.publish("s", `{"retention": {"for": "30d"}}`), y.publish("other", `{}`)
	old := y.add(s, 40*day, true, 1)
	y.add(s, 40*day, false, 1) // it still waits
	y.add(s, 20*day, true, 1)
	y.add(other, 400*day, true, 1)
	for _, e := range []run.Event{{Outcome: run.Filtered, At: now.Add(-40 * day)}, {Outcome: run.Filtered, At: now.Add(-day)}, {Outcome: run.Held, At: now.Add(-40 * day)}} {
		e.ID, e.Workspace, e.ScenarioID, e.Scenario, e.Trigger, e.Value = id(e.At), s.Workspace, s.ID, s.Slug, "trigger", []byte(`1`)
		y.commit(&run.Write{Accept: &run.Accept{Event: e}})
	}
	y.sweep(y.sweeper(Limits{}), 1)
	if y.numbers(s) != "2 3" || y.numbers(other) != "1" {
		t.Errorf("left are %s and %s", y.numbers(s), y.numbers(other))
	}
	if page, err := y.Events(t.Context(), system, run.EventFilter{Scenario: "s"}); err != nil || len(page.Events) != 4 { // of two runs, one filtered, one held
		t.Errorf("%d events, %v", len(page.Events), err)
	}
	for _, err := range []error{second(y.Run(t.Context(), system, old.ID)), second(y.Event(t.Context(), system, old.EventID))} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("of a deleted run is left: %v", err)
		}
	}
	if entries, err := y.Journal(t.Context(), system, old.ID, 0); len(entries) > 0 {
		t.Errorf("its journal is left: %v %v", entries, err)
	}
	y.sweep(y.sweeper(Limits{For: 100 * day}), 1)
	if y.numbers(s) != "2 3" || y.numbers(other) != "" {
		t.Errorf("left are %s and %s", y.numbers(s), y.numbers(other))
	}
}

func second[T any](_ T, err error) error { return err }

func TestByCountAndBytes(t *testing.T) {
	y := newYard(t)
	count, bytes := y.publish("count", `{"retention": {"count": 3}}`), y.publish("bytes", `{"retention": {"bytes": "10KB"}}`)
	for i := range 6 {
		y.add(count, time.Hour, i != 1, 1)
		y.add(bytes, time.Hour, i != 1, 3000)
	}
	y.sweep(y.sweeper(Limits{}), 4)
	if y.numbers(count) != "2 4 5 6" || y.numbers(bytes) != "2 4 5 6" {
		t.Errorf("left are %s and %s", y.numbers(count), y.numbers(bytes))
	}
	y.sweep(y.sweeper(Limits{}), 0)
}

func TestManyInSmallSteps(t *testing.T) {
	y := newYard(t)
	s := y.publish("s", `{"retention": {"count": 10}}`)
	for range 1300 {
		y.add(s, time.Hour, true, 20_000)
	}
	used, _, err := y.Size(t.Context())
	if err != nil || used < 20<<20 {
		t.Fatalf("%d bytes, %v", used, err)
	}
	w := y.sweeper(Limits{})
	w.Ballast = sqlite.Ballast(y.dir)
	y.sweep(w, 1290)
	if used, free, err := y.Size(t.Context()); err != nil || used > 3<<20 || free > slack {
		t.Errorf("%d bytes are used and %d free, %v", used, free, err)
	}
	if info, err := os.Stat(filepath.Join(y.dir, "ballast")); err != nil || info.Size() < 1<<20 {
		t.Errorf("there is no ballast: %v", err)
	}
}

// TestApart holds that what a run kept apart goes with it in the same sweep, counts for its bytes, and stays while another
// refers to it.
func TestApart(t *testing.T) {
	y := newYard(t)
	a, b := y.publish("a", `{"retention": {"bytes": "3MB"}}`), y.publish("b", `{}`)
	body := func(name string) []byte { return []byte(`"` + name + strings.Repeat("x", 1<<20) + `"`) }
	for i := range 10 {
		y.addApart(a, time.Duration(200-i)*time.Hour, body(fmt.Sprint(i)))
	}
	y.addApart(b, 100*time.Hour, body("0"))
	y.addApart(b, 99*time.Hour, body("b"))
	y.sweep(y.sweeper(Limits{}), 8)
	if y.numbers(a) != "9 10" || y.files() != 4 {
		t.Errorf("left are %s and %d values kept apart", y.numbers(a), y.files())
	}
	w := y.sweeper(Limits{Bytes: 2 << 20})
	if _, err := w.Sweep(t.Context()); err != nil || y.numbers(a)+y.numbers(b) != "2" || y.files() != 1 {
		t.Errorf("left are %s, %s and %d values kept apart: %v", y.numbers(a), y.numbers(b), y.files(), err)
	}
	if _, err := y.Keep(t.Context(), "nobody", body("lost")); err != nil {
		t.Fatal(err)
	}
	y.Release("nobody")
	y.sweep(w, 0)
	if y.files() != 1 {
		t.Error("what came to nothing is kept apart")
	}
}

// addApart stores a run that has ended and whose event is kept apart.
func (y *yard) addApart(s scenario.Stored, ago time.Duration, body []byte) {
	y.t.Helper()
	large, err := y.Keep(y.t.Context(), "me", body)
	if err != nil {
		y.t.Fatal(err)
	}
	y.event = large
	y.add(s, ago, true, 0)
	y.event = value.Large{}
	y.Release("me")
}

// files counts what is kept apart.
func (y *yard) files() int {
	list, err := filepath.Glob(filepath.Join(y.dir, "blobs", "*", "*"))
	if err != nil {
		y.t.Fatal(err)
	}
	return len(list)
}

// TestApartWhereDeletingFails holds that what went before an error takes no more room.
func TestApartWhereDeletingFails(t *testing.T) {
	y := newYard(t)
	s := y.publish("s", `{"retention": {"count": 1}}`)
	for i := range 3 {
		y.addApart(s, time.Hour, []byte(fmt.Sprint(i)))
	}
	w := y.sweeper(Limits{})
	w.Store = &failing{Store: y.Store}
	if n, err := w.Sweep(t.Context()); n != 1 || err == nil {
		t.Errorf("%d were deleted: %v", n, err)
	}
	if y.files() != 2 {
		t.Errorf("%d values are kept apart", y.files())
	}
}

// failing is a store that deletes one run and then no more.
type failing struct {
	Store
	done bool
}

func (f *failing) Forget(ctx context.Context, list []run.Old, _ time.Duration) (int, error) {
	if f.done {
		return 0, fault.New(fault.Unavailable, "The disk is full.")
	}
	f.done = true
	return f.Store.Forget(ctx, list[:1], time.Second)
}

func TestTotal(t *testing.T) {
	y := newYard(t)
	a, b := y.publish("a", `{}`), y.publish("b", `{}`)
	for i := range 100 {
		y.add(a, time.Duration(200-i)*time.Hour, i != 3, 30_000)
		y.add(b, time.Duration(200-i)*time.Hour, true, 30_000)
	}
	w := y.sweeper(Limits{Bytes: 3 << 20})
	n, err := w.Sweep(t.Context())
	if err != nil || n < 60 || n > 180 {
		t.Errorf("%d were deleted, %v", n, err)
	}
	if used, _, err := y.Size(t.Context()); err != nil || used > 3<<20 {
		t.Errorf("%d bytes are left, %v", used, err)
	}
	if left := y.numbers(a); !strings.HasPrefix(left, "4 ") || !strings.HasSuffix(left, " 100") {
		t.Errorf("left are %s", left)
	}
}

// full is a store whose disk is full until the ballast is dropped.
type full struct {
	Store
	ballast bool
}

func (f *full) Forget(ctx context.Context, list []run.Old, within time.Duration) (int, error) {
	if f.ballast {
		return 0, fault.New(fault.Unavailable, "The disk is full.")
	}
	return f.Store.Forget(ctx, list, within)
}

func (f *full) Fill() error { return nil }

func (f *full) Drop() bool {
	had := f.ballast
	f.ballast = false
	return had
}

func TestFullDisk(t *testing.T) {
	y := newYard(t)
	s := y.publish("s", `{"retention": {"count": 1}}`)
	for range 3 {
		y.add(s, time.Hour, true, 1)
	}
	disk := &full{Store: y.Store, ballast: true}
	w := y.sweeper(Limits{})
	w.Store = disk
	if _, err := w.Sweep(t.Context()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("without ballast: %v", err)
	}
	w.Ballast = disk
	y.sweep(w, 2)
}

func TestKeys(t *testing.T) {
	y := newYard(t)
	s := y.publish("s", `{}`)
	gone, kept := y.add(s, 10*day, true, 1), y.add(s, day, true, 1)
	y.sweep(y.sweeper(Limits{}), 0)
	for _, c := range []struct {
		key   string
		known bool
	}{{gone.ID, false}, {kept.ID, true}} {
		a := &run.Accept{Dedupe: []run.DedupeKey{{Key: c.key, Until: now}}, Event: run.Event{ID: id(now.Add(-30 * day)), Workspace: s.Workspace, ScenarioID: s.ID, Trigger: "trigger", Outcome: run.Filtered, Value: []byte(`1`), At: now.Add(-30 * day)}}
		y.commit(&run.Write{Accept: a})
		if (a.FirstEvent != "") != c.known {
			t.Errorf("the key of %s is known: %v", c.key, a.FirstEvent != "")
		}
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "1KB": 1024, "3MB": 3 << 20, "2GB": 2 << 30, "1TB": 1 << 40, "GB": -1, "1.5GB": -1, "-1GB": -1, "0GB": -1, "1gb": -1, "9999999999TB": -1} {
		if got, err := scenario.ParseBytes(text); err == nil && got != want || (err != nil) != (want < 0) {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
}
