package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// TestShortenedSteps asks for a run of so many steps that those in the middle are left out: of the one whose end is among
// these nobody says that it runs.
func TestShortenedSteps(t *testing.T) {
	h := newHouse(t)
	r := h.queuedRun()
	var entries []run.Entry
	add := func(e run.Entry) {
		r.Seq++
		e.Seq, e.At = r.Seq, r.CreatedAt
		entries = append(entries, e)
	}
	add(run.Entry{Kind: run.StepStarted, Path: "l"})
	for i := range 7000 {
		add(run.Entry{Kind: run.StepStarted, Path: fmt.Sprintf("l[%d].v", i), Data: run.Data{Attempt: 1}})
		add(run.Entry{Kind: run.StepSucceeded, Path: fmt.Sprintf("l[%d].v", i)})
	}
	add(run.Entry{Kind: run.StepSucceeded, Path: "l"})
	r.Status, r.StartedAt, r.EndedAt = run.Succeeded, r.CreatedAt, r.CreatedAt
	add(run.Entry{Kind: run.RunSucceeded})
	h.commit(&run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: entries}})

	a := h.want(200, "GET", "/runs/"+r.ID, "")
	states := map[string]int{}
	for _, s := range a.body["steps"].([]any) {
		states[s.(map[string]any)["status"].(string)]++
	}
	if a.body["shortened"] != true || states["unknown"] > 1 || states["running"] != 0 || states["succeeded"] < 5000 {
		t.Errorf("of a run that succeeded the steps are %v", states)
	}
}

// TestBounded asks for a run whose outputs are many and just too small to be kept apart: what its answers carry is bounded, and
// what they do not carry is named and can be had.
func TestBounded(t *testing.T) {
	h := newHouse(t)
	r := h.queuedRun()
	const steps, size = 200, 100_000
	output := func(i int) string { return fmt.Sprintf("%03d", i) + strings.Repeat("x", size-3) }
	var entries []run.Entry
	for i := range steps {
		for _, e := range []run.Entry{{Kind: run.StepStarted, Data: run.Data{Attempt: 1, Input: "small"}}, {Kind: run.StepSucceeded, Data: run.Data{Output: map[string]any{"v": output(i)}}}} {
			r.Seq++
			e.Seq, e.At, e.Path = r.Seq, r.CreatedAt, fmt.Sprintf("l[%d].a", i)
			entries = append(entries, e)
		}
	}
	r.Status = run.Running
	h.commit(&run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: entries}})

	a := h.want(200, "GET", "/runs/"+r.ID, "")
	list := a.body["steps"].([]any)
	if len(a.text) > answerBytes+1<<20 || len(list) != steps || a.body["shortened"] != nil {
		t.Fatalf("the run is %d bytes with %d steps", len(a.text), len(list))
	}
	step := func(i int) map[string]any { return list[i].(map[string]any) }
	given := func(i int) any { v, _ := step(i)["output"].(map[string]any); return v["v"] }
	if given(0) != output(0) || given(steps-1) != output(steps-1) || step(steps / 2)["input"] != "small" {
		t.Errorf("its ends are %.100v and %.100v", step(0), step(steps-1))
	}
	named, _ := step(steps / 2)["output_large"].(map[string]any)
	if step(steps / 2)["output"] != nil || named["bytes"] != float64(size+8) || named["entry"] != float64(steps+3) {
		t.Fatalf("what is left out is %.200v", step(steps/2))
	}
	for _, query := range []string{"", fmt.Sprint("?entry=", named["entry"])} {
		if v := h.want(200, "GET", fmt.Sprint("/runs/", r.ID, "/values/", named["hash"], query), ""); strings.TrimSpace(v.text) != `{"v":"`+output(steps/2)+`"}` {
			t.Errorf("%s gives %.40s", query, v.text)
		}
	}
	h.want(404, "GET", fmt.Sprint("/runs/", r.ID, "/values/", named["hash"], "?entry=3"), "")
	h.want(404, "GET", fmt.Sprint("/runs/", h.newRun().ID, "/values/", named["hash"]), "")

	seen, pages := 0, 0
	for query := ""; ; pages++ {
		a := h.want(200, "GET", "/runs/"+r.ID+"/journal"+query, "")
		if len(a.text) > answerBytes+1<<20 {
			t.Fatalf("a page of the journal is %d bytes", len(a.text))
		}
		for _, item := range a.body["items"].([]any) {
			if seen++; item.(map[string]any)["seq"] != float64(seen) {
				t.Fatalf("entry %d is %.100v", seen, item)
			}
		}
		if a.body["next_cursor"] == nil {
			break
		}
		query = "?cursor=" + a.body["next_cursor"].(string)
	}
	if seen != 2*steps+1 || pages != 2 {
		t.Errorf("%d pages have %d entries", pages+1, seen)
	}
}
