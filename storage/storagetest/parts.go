package storagetest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
)

// masked holds that what is taken out of entries, events and signals comes back to who goes on with a run, and to nobody
// else, and not where it lies elsewhere.
func masked(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	a := accept(sc)
	a.Event.Veiled = map[string]any{"/a": "secret one"}
	r := taken(t, s, a)
	next := appended(r, run.Running, run.RunStarted, run.StepStarted)
	next.Private = true
	next.Entries[1].Veiled = map[string]any{"/input/x": "secret two", "/input/y": 9007199254740993}
	next.Signals = []*run.Signal{{Workspace: r.Workspace, Run: r.ID, Kind: run.SignalReturned, Key: "k", Data: []byte(`{"output":"secret three"}`), At: start}}
	if err := commit(t, s, &run.Write{Append: next})[0]; err != nil {
		t.Fatal(err)
	}
	in := must[run.Replay](t)(s.Replay(t.Context(), r.ID))
	if in.Veiled["/a"] != "secret one" || len(in.Signals) != 1 || string(in.Signals[0].Data) != `{"output":"secret three"}` {
		t.Errorf("%+v", in)
	}
	if got := listed(t, in)[2].Veiled; got["/input/x"] != "secret two" || got["/input/y"] != 9007199254740993 {
		t.Errorf("%v", got)
	}
	if e := must[run.Event](t)(s.WholeEvent(t.Context(), system, r.EventID)); e.Veiled["/a"] != "secret one" {
		t.Errorf("%+v", e)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, r.EventID)); e.Veiled != nil {
		t.Errorf("who only looks is given %v", e.Veiled)
	}
	for _, e := range must[[]run.Entry](t)(s.Journal(t.Context(), system, r.ID, 0)) {
		if b := must[[]byte](t)(e.AppendJSON(nil, "")); e.Veiled != nil || bytes.Contains(b, []byte("secret")) || bytes.Contains(b, []byte("sealed")) {
			t.Errorf("who only looks is given %s", b)
		}
	}
	after := appended(next.Run, run.Running, run.StepSucceeded)
	after.Private, after.Taken = true, []int64{in.Signals[0].ID}
	if err := commit(t, s, &run.Write{Append: after})[0]; err != nil {
		t.Fatal(err)
	}
	if left := must[[]run.Signal](t)(s.Signals(t.Context(), r.ID)); len(left) != 0 {
		t.Errorf("%+v", left)
	}
	if foreign := must[[]run.Entry](t)(s.WholeJournal(t.Context(), stranger, r.ID)); len(foreign) != 0 {
		t.Errorf("another workspace is given %+v", foreign)
	}
	_, err := s.WholeEvent(t.Context(), stranger, r.EventID)
	code(t, err, fault.NotFound)
}

var stranger = run.SystemActor("elsewhere")

// large holds that what is kept apart is referred to, is whole where one thing is asked for, and goes with what refers to
// it, but not before.
func large(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	keep := func(text string) value.Large {
		l := must[value.Large](t)(s.Keep(t.Context(), "me", []byte(text)))
		if got := must[[]byte](t)(s.Kept(t.Context(), l)); string(got) != text {
			t.Fatalf("%q is kept as %q", text, got)
		}
		return l
	}
	body := `"` + strings.Repeat("x", 1000) + `"`
	shared, raw, lone := keep(body), keep(body+" "), keep(`"lone"`)
	a := accept(sc)
	a.Event.Value, a.Event.Raw, a.Event.Large, a.Event.LargeRaw = nil, nil, shared, raw
	r := taken(t, s, a)
	other := taken(t, s, accept(sc))
	end := func(r run.Run) *run.Append {
		w := appended(r, run.Succeeded, run.RunStarted, run.RunSucceeded)
		w.Entries[1].Output, w.Run.LargeOutput, w.Run.EndedAt, w.Release = shared, shared, start.Add(time.Second), true
		return w
	}
	for _, err := range commit(t, s, &run.Write{Append: end(r)}, &run.Write{Append: end(other)}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := must[run.Run](t)(s.Run(t.Context(), system, r.ID)); string(got.Output) != body {
		t.Errorf("the output is %.60s", got.Output)
	}
	if e := must[run.Event](t)(s.Event(t.Context(), system, r.EventID)); string(e.Value) != body || string(e.Raw) != body+" " {
		t.Errorf("the event is %.60s, %.60s", e.Value, e.Raw)
	}
	in := must[run.Replay](t)(s.Replay(t.Context(), r.ID))
	if in.Large != shared || in.Value != nil || listed(t, in)[2].Output != shared {
		t.Errorf("%+v", in)
	}
	if whole := must[[]run.Entry](t)(s.WholeJournal(t.Context(), system, r.ID)); whole[2].Output != shared {
		t.Errorf("%.60v", whole[2].Output)
	}
	if got := must[[]byte](t)(s.Value(t.Context(), system, r.ID, shared)); string(got) != body {
		t.Errorf("%.60s", got)
	}
	_, err := s.Value(t.Context(), stranger, r.ID, shared)
	code(t, err, fault.NotFound)
	_, err = s.Value(t.Context(), system, r.ID, lone)
	code(t, err, fault.NotFound)

	there := func(l value.Large) bool {
		_, err := s.Kept(t.Context(), l)
		return err == nil
	}
	sweep := func(want int) {
		t.Helper()
		if n, _, err := s.SweepBlobs(t.Context(), false); err != nil || n != want {
			t.Errorf("%d are taken away, not %d (%v)", n, want, err)
		}
	}
	sweep(0)
	s.Release("me")
	sweep(1)
	if there(lone) || !there(shared) || !there(raw) {
		t.Error("what is used went, or what is not stayed")
	}
	for _, gone := range []run.Run{r, other} {
		if _, err := s.Forget(t.Context(), []run.Old{{ID: gone.ID, Event: gone.EventID}}, time.Second); err != nil {
			t.Fatal(err)
		}
		sweep(1) // first the body as it came; the output is the other's too
	}
	if there(shared) || there(raw) {
		t.Error("what belongs to nothing stayed")
	}
	soon := keep(body) // somebody is about to refer to it, and another's reference goes
	third := accept(sc)
	third.Event.Value, third.Event.Large = nil, soon
	gone := taken(t, s, third)
	for _, err := range commit(t, s, &run.Write{Append: end(gone)}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Forget(t.Context(), []run.Old{{ID: gone.ID, Event: gone.EventID}}, time.Second); err != nil {
		t.Fatal(err)
	}
	sweep(0)
	code(t, s.Hold(t.Context(), "me", lone), fault.NotFound)
	if err := s.Hold(t.Context(), "another", soon); err != nil || !there(soon) {
		t.Errorf("what is about to be referred to went: %v", err)
	}
	s.Release("me")
	sweep(0)
	s.Release("another")
	sweep(1)
	stripped := end(taken(t, s, accept(sc)))
	stripped.Entries[1].Output, stripped.Run.LargeOutput = keep(body), keep(body)
	stripped.Strip = true
	if err := commit(t, s, &run.Write{Append: stripped})[0]; err != nil {
		t.Fatal(err)
	}
	s.Release("me")
	sweep(1)
	bare := accept(sc)
	bare.Event.Outcome, bare.Event.Value, bare.Event.Large, bare.Event.RunID, bare.Run, bare.Entries, bare.Event.At = run.Filtered, nil, keep(body), "", nil, nil, start
	for _, err := range commit(t, s, &run.Write{Accept: bare}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Release("me")
	sweep(0)
	if _, err := s.ForgetEvents(t.Context(), sc.Workspace, sc.ID, time.Now().Add(time.Hour), 10); err != nil {
		t.Fatal(err)
	}
	sweep(1)
	within := accept(sc)
	within.Event.Value, within.Event.Raw, within.Event.Large, within.Event.RawAt, within.Event.RawBytes = nil, nil, keep(body), 1, 5
	if e := must[run.Event](t)(s.Event(t.Context(), system, taken(t, s, within).EventID)); string(e.Value) != body || string(e.Raw) != "xxxxx" {
		t.Errorf("the event is %.60s, %.60s", e.Value, e.Raw)
	}
}
