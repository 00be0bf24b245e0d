package sqlite_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// BenchmarkCommit measures the three writes of a run: its event, its intent, its end. One operation is one run.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("batch ", size), func(b *testing.B) { benchmarkCommit(b, size) })
	}
}

func benchmarkCommit(b *testing.B, size int) {
	v, err := vault.New(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	store, err := sqlite.Open(b.Context(), sqlite.Config{Dir: b.TempDir(), Sealer: v})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	s, err := store.CreateScenario(b.Context(), run.SystemActor("default"), scenario.Stored{Slug: "s", Name: "s", Draft: []byte("{}")})
	if err != nil {
		b.Fatal(err)
	}
	input := map[string]any{"text": strings.Repeat("x", 300)}
	now := time.Now().UTC().Truncate(time.Millisecond)
	commit := func(writes []*run.Write) {
		for _, err := range store.Commit(b.Context(), writes) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n += size {
		if n > 0 && n%size != 0 {
			b.Fatal(n)
		}
		accepts, intents, ends := make([]*run.Write, size), make([]*run.Write, size), make([]*run.Write, size)
		for i := range size {
			r := run.Run{ID: uuid.Must(uuid.NewV7()).String(), Workspace: "default", ScenarioID: s.ID, Scenario: "s", Version: 1, Trigger: "trigger", Status: run.Queued, Seq: 1, Epoch: 1, CreatedAt: now}
			r.EventID = uuid.Must(uuid.NewV7()).String()
			accepts[i] = &run.Write{Accept: &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: now}},
				Event: run.Event{ID: r.EventID, Workspace: "default", ScenarioID: s.ID, Trigger: "trigger", Outcome: run.Accepted, RunID: r.ID, Value: []byte(`{"body":"` + strings.Repeat("y", 1000) + `"}`), Source: "webhook", At: now}}}
			r2 := r
			r2.Status, r2.Seq, r2.StartedAt = run.Running, 3, now
			intents[i] = &run.Write{Append: &run.Append{Run: r2, Owner: "me", Entries: []run.Entry{{Seq: 2, Kind: run.RunStarted, At: now}, {Seq: 3, Kind: run.StepStarted, Path: "post", At: now, Data: run.Data{Attempt: 1, Input: input}}}}}
			r3 := r2
			r3.Status, r3.Seq, r3.EndedAt, r3.Output = run.Succeeded, 5, now, []byte(`{"ok":true}`)
			ends[i] = &run.Write{Append: &run.Append{Run: r3, Release: true, Entries: []run.Entry{{Seq: 4, Kind: run.StepSucceeded, Path: "post", At: now, Data: run.Data{Attempt: 1, Output: input}}, {Seq: 5, Kind: run.RunSucceeded, At: now, Data: run.Data{Output: input}}}}}
		}
		commit(accepts)
		commit(intents)
		commit(ends)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size)/1000, "µs/run")
}
