package run_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestReplaySpans: of what stands around other steps a replay takes over what it had come to, also of a repeat whose early rounds are
// gone.
func TestReplaySpans(t *testing.T) {
	entry := func(seq int64, kind run.Kind, path string, d run.Data) run.Entry {
		return run.Entry{Seq: seq, Kind: kind, Path: path, At: time.Unix(seq, 0), Data: d}
	}
	gave := func(seq int64, path string, v any) run.Entry {
		return entry(seq, run.StepSucceeded, path, run.Data{Attempt: 1, Output: v})
	}
	began := func(seq int64, path string) run.Entry {
		return entry(seq, run.StepStarted, path, run.Data{Attempt: 1})
	}
	failure := &run.Failure{Class: "not_found", Message: "Gone."}
	journal := []run.Entry{
		entry(1, run.RunQueued, "", run.Data{}), entry(2, run.RunStarted, "", run.Data{}), began(3, "a"), gave(4, "a", "A"),
		entry(5, run.StepStarted, "l", run.Data{}), entry(6, run.RoundStarted, "l[0]", run.Data{}), began(7, "l[0].x"),
		entry(900, run.LoopMarked, "l", run.Data{Cut: &run.Cut{After: 5, Rounds: 100}}),
		entry(901, run.StepKept, "l.x", run.Data{Output: "x99"}), entry(902, run.StepKept, "l.seldom", run.Data{Output: "old"}), entry(903, run.StepKept, "l.skipped", run.Data{Output: "once"}),
		entry(904, run.RoundStarted, "l[100]", run.Data{}), began(905, "l[100].x"), gave(906, "l[100].x", "x100"),
		entry(907, run.StepStarted, "l[100].each", run.Data{}), began(908, "l[100].each[0].y"), gave(909, "l[100].each[0].y", "y0"), gave(910, "l[100].each", []any{"y0"}),
		entry(911, run.StepStarted, "l[100].in", run.Data{}), entry(912, run.RoundStarted, "l[100].in[0]", run.Data{}), began(913, "l[100].in[0].z"), gave(914, "l[100].in[0].z", "z0"), gave(915, "l[100].in", map[string]any{"count": 1}),
		entry(916, run.StepSkipped, "l[100].skipped", run.Data{}),
		entry(917, run.RoundStarted, "l[101]", run.Data{}), began(918, "l[101].x"), gave(919, "l[101].x", "x101"), began(920, "l[101].w"), entry(921, run.StepHandling, "l[101].w", run.Data{Failure: failure}),
		gave(922, "l[101].w.h", "handled"), entry(923, run.StepIgnored, "l[101].w", run.Data{Failure: failure}),
		gave(924, "l", map[string]any{"count": 102}), began(925, "c"), entry(926, run.StepFailed, "c", run.Data{Failure: failure}), entry(927, run.RunFailed, "", run.Data{Failure: failure})}
	const a = `"a":{"output":"A","status":"succeeded"}`
	kept := func(id, output string) string { return `,"l[*].` + id + `":{"output":` + output + `,"status":"kept"}` }
	const round = `,"l[100].each":{"output":["y0"],"status":"succeeded"},"l[100].each[0].y":{"output":"y0","status":"succeeded"},"l[100].in":{"output":{"count":1},"status":"succeeded"},` +
		`"l[100].in[*].z":{"output":"z0","status":"kept"},"l[100].in[0].z":{"output":"z0","status":"succeeded"},"l[100].skipped":{"output":null,"status":"skipped"},"l[100].x":{"output":"x100","status":"succeeded"}`
	const inner = `,"l[100].each[0].y":{"output":"y0","status":"succeeded"},"l[100].in[0].z":{"output":"z0","status":"succeeded"},"l[100].skipped":{"output":null,"status":"skipped"},"l[100].x":{"output":"x100","status":"succeeded"},` +
		`"l[101].w":{"error":{"class":"not_found","message":"Gone."},"status":"handled"},"l[101].w.h":{"output":"handled","status":"succeeded"},"l[101].x":{"output":"x101","status":"succeeded"}`
	for from, want := range map[string]string{
		"l":        `{` + a + `}`,
		"l[100]":   `{` + a + `,"l":{"round":100,"status":"round"}` + kept("seldom", `"old"`) + kept("skipped", `"once"`) + kept("x", `"x99"`) + `}`,
		"l[101].w": `{` + a + `,"l":{"round":101,"status":"round"}` + kept("each", `["y0"]`) + kept("in", `{"count":1}`) + kept("seldom", `"old"`) + kept("x", `"x100"`) + kept("z", `"z0"`) + round + `,"l[101].x":{"output":"x101","status":"succeeded"}}`,
		"c":        `{` + a + `,"l":{"output":{"count":102},"status":"succeeded"}` + kept("each", `["y0"]`) + kept("h", `"handled"`) + kept("in", `{"count":1}`) + kept("seldom", `"old"`) + kept("x", `"x101"`) + kept("z", `"z0"`) + inner + `}`,
	} {
		v, err := run.ReplayOf(run.Run{ID: "r1"}, journal, from)
		if err != nil {
			t.Errorf("from %s: %v", from, err)
			continue
		}
		if got, _ := json.Marshal(v["steps"]); string(got) != want {
			t.Errorf("from %s it takes over\n%s\nand not\n%s", from, got, want)
		}
	}
	for from, want := range map[string]fault.Code{"l[50]": fault.NotFound, "l[99].x": fault.NotFound, "l[500].x": fault.NotFound} {
		if _, err := run.ReplayOf(run.Run{ID: "r1"}, journal, from); fault.CodeOf(err) != want || strings.Contains(err.Error(), "no longer kept") != (from != "l[500].x") {
			t.Errorf("from %s: %v", from, err)
		}
	}
	handled := append(journal[:len(journal)-4:len(journal)-4], entry(924, run.StepHandling, "l", run.Data{Failure: failure}), began(925, "l.note"), entry(926, run.StepFailed, "l.note", run.Data{Failure: failure}))
	v, err := run.ReplayOf(run.Run{ID: "r1"}, handled, "l.note")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(v["steps"]); !strings.HasPrefix(string(got), `{`+a+`,"l":{"error":{"class":"not_found","message":"Gone."},"status":"handled"}`+kept("each", `["y0"]`)) {
		t.Errorf("from what the repeat does when it fails it takes over %s", got)
	}
}
