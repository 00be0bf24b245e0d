package run_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestReplayShortened: of a repeat whose early rounds are gone a replay takes over what it had come to, and never what it would
// have to do again.
func TestReplayShortened(t *testing.T) {
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
		entry(901, run.StepKept, "l[99].x", run.Data{Output: "x99"}), entry(902, run.StepKept, "l[99].seldom", run.Data{Output: "old"}), entry(903, run.StepKept, "l[99].skipped", run.Data{Output: "once"}),
		entry(904, run.RoundStarted, "l[100]", run.Data{}), began(905, "l[100].x"), gave(906, "l[100].x", "x100"),
		entry(907, run.StepStarted, "l[100].each", run.Data{}), began(908, "l[100].each[0].y"), gave(909, "l[100].each[0].y", "y0"), gave(910, "l[100].each", []any{"y0"}),
		entry(911, run.StepStarted, "l[100].in", run.Data{}), entry(912, run.RoundStarted, "l[100].in[0]", run.Data{}), began(913, "l[100].in[0].z"), gave(914, "l[100].in[0].z", "z0"), gave(915, "l[100].in", map[string]any{"count": 1}),
		entry(916, run.StepSkipped, "l[100].skipped", run.Data{}),
		entry(917, run.RoundStarted, "l[101]", run.Data{}), began(918, "l[101].x"), gave(919, "l[101].x", "x101"), began(920, "l[101].w"), entry(921, run.StepHandling, "l[101].w", run.Data{Failure: failure}),
		gave(922, "l[101].w.h", "handled"), entry(923, run.StepIgnored, "l[101].w", run.Data{Failure: failure}),
		gave(924, "l", map[string]any{"count": 102}), began(925, "c"), entry(926, run.StepFailed, "c", run.Data{Failure: failure}), entry(927, run.RunFailed, "", run.Data{Failure: failure})}
	const a = `"a":{"output":"A","status":"succeeded"}`
	const seen = `"l[0].each":{"output":["y0"],"status":"kept"},"l[0].in":{"output":{"count":1},"status":"kept"},"l[0].seldom":{"output":"old","status":"kept"}`
	for from, want := range map[string]string{
		"l":        `{` + a + `}`,
		"l[100]":   `{` + a + `,"l":{"round":100,"status":"round"},"l[0].seldom":{"output":"old","status":"kept"},"l[0].skipped":{"output":"once","status":"kept"},"l[0].x":{"output":"x99","status":"kept"}}`,
		"l[101].w": `{` + a + `,"l":{"round":101,"status":"round"},` + seen + `,"l[0].x":{"output":"x100","status":"kept"},"l[0].z":{"output":"z0","status":"kept"},"l[101].x":{"output":"x101","status":"succeeded"}}`,
		"c":        `{` + a + `,"l":{"output":{"count":102},"status":"succeeded"},"l[0].each":{"output":["y0"],"status":"kept"},"l[0].h":{"output":"handled","status":"kept"},"l[0].in":{"output":{"count":1},"status":"kept"},"l[0].seldom":{"output":"old","status":"kept"},"l[0].x":{"output":"x101","status":"kept"},"l[0].z":{"output":"z0","status":"kept"}}`,
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
	for from, want := range map[string]fault.Code{"l[50]": fault.NotFound, "l[99].x": fault.NotFound, "l[99].seldom": fault.NotFound} {
		if _, err := run.ReplayOf(run.Run{ID: "r1"}, journal, from); fault.CodeOf(err) != want {
			t.Errorf("from %s: %v", from, err)
		}
	}
	handled := append(journal[:len(journal)-4:len(journal)-4], entry(924, run.StepHandling, "l", run.Data{Failure: failure}), began(925, "l.note"), entry(926, run.StepFailed, "l.note", run.Data{Failure: failure}))
	if _, err := run.ReplayOf(run.Run{ID: "r1"}, handled, "l.note"); fault.CodeOf(err) != fault.Conflict || !strings.Contains(fault.MessageOf(err), "from l,") {
		t.Errorf("from what the repeat does when it fails: %v", err)
	}
}
