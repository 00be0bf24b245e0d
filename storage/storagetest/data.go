package storagetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
)

// data holds what a data store keeps, for how long, and that a step that writes is carried out once.
func data(t *testing.T, s *storage.Store) {
	do := func(op value.DataOp) value.DataAnswer {
		t.Helper()
		op.Workspace = system.Workspace
		if op.Store == "" {
			op.Store = "things"
		}
		return must[value.DataAnswer](t)(s.Data(t.Context(), op))
	}
	set := func(key, v string, more ...func(*value.DataOp)) value.DataAnswer {
		t.Helper()
		op := value.DataOp{Verb: value.DataSet, Key: key, Value: json.RawMessage(v)}
		for _, m := range more {
			m(&op)
		}
		return do(op)
	}
	get := func(key string) string {
		t.Helper()
		answer := do(value.DataOp{Verb: value.DataGet, Key: key})
		return fmt.Sprint(answer.Found, " ", string(answer.Item.Value))
	}
	if first := set("a", `{"n":1}`); first.Found || string(first.Item.Value) != `{"n":1}` || first.Item.At.IsZero() {
		t.Errorf("the first: %+v", first)
	}
	if second := set("a", `2`); !second.Found || string(second.Before.Value) != `{"n":1}` || get("a") != "true 2" {
		t.Errorf("the second: %+v %s", second, get("a"))
	}
	only := func(what string) func(*value.DataOp) { return func(op *value.DataOp) { op.Only = what } }
	if kept := set("a", `3`, only("new")); !kept.Found || get("a") != "true 2" {
		t.Errorf("only new: %+v", kept)
	}
	if none := set("b", `3`, only("existing")); none.Found || get("b") != "false " {
		t.Errorf("only existing: %+v", none)
	}
	once := func(op *value.DataOp) { op.Once = "run.step" }
	set("c", `1`, once)
	if again := set("c", `2`, once); again.Found || get("c") != "true 1" {
		t.Errorf("the same step again: %+v %s", again, get("c"))
	}
	if gone := do(value.DataOp{Verb: value.DataDelete, Key: "c"}); !gone.Found || string(gone.Item.Value) != "1" || get("c") != "false " {
		t.Errorf("deleted: %+v", gone)
	}
	if gone := do(value.DataOp{Verb: value.DataDelete, Key: "c"}); gone.Found {
		t.Errorf("deleted twice: %+v", gone)
	}

	set("short", `1`, func(op *value.DataOp) { op.For = time.Millisecond })
	set("p%1", `1`)
	set("p_2", `2`)
	time.Sleep(5 * time.Millisecond)
	list := func(op value.DataOp) string {
		t.Helper()
		op.Verb = value.DataList
		answer := do(op)
		var keys []string
		for _, one := range answer.Items {
			keys = append(keys, one.Key)
		}
		return fmt.Sprint(strings.Join(keys, " "), " ", answer.More)
	}
	for want, op := range map[string]value.DataOp{"a p%1 p_2 false": {}, "p%1 p_2 false": {Prefix: "p"}, "a true": {Limit: 1}, "p_2 false": {After: "p%1"}, " false": {Prefix: "q"}, "p%1 false": {Prefix: "p%"}} {
		if got := list(op); got != want {
			t.Errorf("%+v lists %q, want %q", op, got, want)
		}
	}
	if stores := must[[]value.DataStore](t)(s.DataStores(t.Context(), system)); len(stores) != 1 || stores[0].Slug != "things" || stores[0].Items != 4 {
		t.Errorf("stores: %+v", stores)
	}
	if more := must[bool](t)(s.ForgetData(t.Context(), 10)); more || must[[]value.DataStore](t)(s.DataStores(t.Context(), system))[0].Items != 3 {
		t.Error("what is kept no longer is not let go of")
	}

	add := func(key, by string) string {
		t.Helper()
		return string(do(value.DataOp{Verb: value.DataAdd, Key: key, By: by}).Item.Value)
	}
	if got := add("sum", "0.1") + " " + add("sum", "0.2") + " " + add("sum", "-1e2") + " " + add("big", "9007199254740993") + " " + add("big", "1"); got != "0.1 0.3 -99.7 9007199254740993 9007199254740994" {
		t.Errorf("counted: %s", got)
	}
	set("word", `"x"`)
	for says, op := range map[string]value.DataOp{"no number to add to": {Verb: value.DataAdd, Key: "word", By: "1"}, "no number to add.": {Verb: value.DataAdd, Key: "n", By: "x"}, "The key is empty": {Verb: value.DataGet},
		"longer than 500": {Verb: value.DataSet, Key: strings.Repeat("k", 501)}, "keeps 262144": {Verb: value.DataSet, Key: "large", Value: json.RawMessage(`"` + strings.Repeat("x", 262_143) + `"`)}, "too many digits": {Verb: value.DataAdd, Key: "n", By: "1e300"}} {
		op.Workspace, op.Store = system.Workspace, "things"
		if _, err := s.Data(t.Context(), op); !strings.Contains(fault.MessageOf(err), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { add("race", "1") })
	}
	all.Wait()
	if get("race") != "true 20" {
		t.Errorf("twenty at once counted %s", get("race"))
	}

	seen := do(value.DataOp{Verb: value.DataSeen, Keys: []string{"x", "y"}})
	if seen.Found || len(seen.Known) != 0 {
		t.Errorf("never seen: %+v", seen)
	}
	if seen = do(value.DataOp{Verb: value.DataSeen, Keys: []string{"y", "z"}}); seen.Found || len(seen.Known) != 1 || seen.Known[0] != "y" {
		t.Errorf("one was seen: %+v", seen)
	}
	if seen = do(value.DataOp{Verb: value.DataSeen, Keys: []string{"x"}}); !seen.Found || seen.Item.At.IsZero() || get("x") != "false " {
		t.Errorf("seen: %+v", seen)
	}
	other := value.DataOp{Workspace: "other", Verb: value.DataGet, Store: "things", Key: "a"}
	if got := must[value.DataAnswer](t)(s.Data(t.Context(), other)); got.Found {
		t.Error("another workspace sees it")
	}
}

// locks holds that one run has a lock at a time: until it lets go, ends, or its time is over.
func locks(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	one, two := taken(t, s, free(accept(sc))), taken(t, s, free(accept(sc)))
	take := func(r run.Run, long time.Duration) bool {
		t.Helper()
		op := value.DataOp{Workspace: system.Workspace, Verb: value.DataLock, Store: "locks", Key: "l", Run: r.ID, For: long}
		answer := must[value.DataAnswer](t)(s.Data(t.Context(), op))
		if answer.Found == (answer.Holder == r.ID) {
			t.Errorf("%+v", answer)
		}
		return !answer.Found
	}
	drop := func(r run.Run) bool {
		t.Helper()
		return must[value.DataAnswer](t)(s.Data(t.Context(), value.DataOp{Workspace: system.Workspace, Verb: value.DataUnlock, Store: "locks", Key: "l", Run: r.ID})).Found
	}
	again := take(one, time.Hour) // it has it, and asks once more
	if !take(one, time.Hour) || !again || take(two, time.Hour) || drop(two) || take(two, time.Minute) {
		t.Error("two have it at once")
	}
	if !drop(one) || !take(two, 20*time.Millisecond) {
		t.Error("what is let go of cannot be taken")
	}
	time.Sleep(30 * time.Millisecond)
	three := taken(t, s, free(accept(sc)))
	if !take(three, time.Hour) {
		t.Error("what is over cannot be taken")
	}
	end := &run.Append{Run: three, Entries: []run.Entry{{Seq: three.Seq + 1, Kind: run.RunSucceeded, At: time.Now()}}}
	end.Run.Seq++
	end.Run.Status, end.Run.EndedAt = run.Succeeded, time.Now()
	if errs := s.Commit(t.Context(), []*run.Write{{Append: end}}); errs[0] != nil {
		t.Fatal(errs[0])
	}
	four := taken(t, s, free(accept(sc)))
	if !take(four, time.Hour) {
		t.Error("what an ended run held cannot be taken")
	}
}
