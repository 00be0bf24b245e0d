package api

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// TestLarge asks for what is kept apart: it is named where it stands, and given whole when it is asked for.
func TestLarge(t *testing.T) {
	h := newHouse(t)
	text := `{"x":"` + strings.Repeat("x", 4994) + `"}`
	l, err := h.store.Keep(t.Context(), "me", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	h.output = l
	r := h.newRun()
	named := `"output_large":{"hash":"` + l.Hash + `","bytes":5002}`
	if a := h.want(200, "GET", "/runs/"+r.ID, ""); !strings.Contains(a.text, `"output":null,`+named) {
		t.Errorf("the run says %s", a.text)
	}
	if a := h.want(200, "GET", "/runs/"+r.ID+"/journal", ""); !strings.Contains(a.text, `"output_large":{"bytes":5002,"hash":"`+l.Hash+`"}`) {
		t.Errorf("the journal says %s", a.text)
	}
	if a := h.want(200, "GET", "/runs/"+r.ID+"/values/"+l.Hash, ""); strings.TrimSpace(a.text) != text {
		t.Errorf("the value is %.80s", a.text)
	}
	h.output = "small"
	other := h.newRun()
	h.want(404, "GET", "/runs/"+other.ID+"/values/"+l.Hash, "")
}

// TestLargeRun shows a run whose trigger and output are kept apart: whole up to a megabyte, else by their names, which the
// run gives and no other.
func TestLargeRun(t *testing.T) {
	h := newHouse(t)
	one := h.newRun()
	keep := func(size int) value.Large {
		l, err := h.store.Keep(t.Context(), "me", []byte(`{"x":"`+strings.Repeat("x", size-8)+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	store := func(trigger, output value.Large) run.Run {
		r := one
		r.ID, r.EventID, r.Status, r.Seq, r.Error = uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String(), run.Queued, 1, nil
		e := run.Event{ID: r.EventID, Workspace: r.Workspace, ScenarioID: r.ScenarioID, Scenario: "w1", Trigger: "trigger", Outcome: run.Accepted, RunID: r.ID, Source: "webhook", At: r.CreatedAt, Large: trigger}
		h.commit(&run.Write{Accept: &run.Accept{Run: &r, Owner: "me", Entries: []run.Entry{{Seq: 1, Kind: run.RunQueued, At: r.CreatedAt}}, Event: e}})
		r.Status, r.Seq, r.LargeOutput = run.Succeeded, 2, output
		h.commit(&run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: []run.Entry{{Seq: 2, Kind: run.RunSucceeded, At: r.CreatedAt, Data: run.Data{Output: output}}}, Release: true}})
		return r
	}
	trigger, output := keep(shownWhole+1), keep(shownWhole+2)
	r := store(trigger, output)
	a := h.want(200, "GET", "/runs/"+r.ID, "")
	for _, want := range []string{`"trigger":null,"output":null`, `"trigger_large":{"hash":"` + trigger.Hash + `","bytes":1048577}`, `"output_large":{"hash":"` + output.Hash + `","bytes":1048578}`} {
		if !strings.Contains(a.text, want) {
			t.Errorf("the run has no %s: %.300s", want, a.text)
		}
	}
	for _, l := range []value.Large{trigger, output} {
		if a := h.want(200, "GET", "/runs/"+r.ID+"/values/"+l.Hash, ""); len(strings.TrimSpace(a.text)) != l.Bytes {
			t.Errorf("the value has %d bytes, not %d", len(a.text), l.Bytes)
		}
		h.want(404, "GET", "/runs/"+one.ID+"/values/"+l.Hash, "")
	}
	trigger, output = keep(shownWhole), keep(shownWhole-1)
	r = store(trigger, output)
	a = h.want(200, "GET", "/runs/"+r.ID, "")
	if strings.Contains(a.text, "_large") || len(a.text) < 2*shownWhole-1 || a.body["trigger"] == nil || a.body["output"] == nil {
		t.Errorf("of what is not larger the run has %.300s", a.text)
	}
	r = store(gone(1000), gone(1000))
	if a = h.want(200, "GET", "/runs/"+r.ID, ""); a.body["trigger"] != nil || a.body["output"] != nil {
		t.Errorf("of what cannot be read the run has %.300s", a.text)
	}
}
