package run_test

import (
	"encoding/json"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

func TestReplayOf(t *testing.T) {
	failure := &run.Failure{Class: "not_found", Message: "Gone."}
	journal := func(list ...run.Entry) []run.Entry {
		out := []run.Entry{{Kind: run.RunQueued}, {Kind: run.RunStarted}}
		out = append(out, list...)
		for i := range out {
			out[i].Seq = int64(i) + 1
			out[i].At = out[i].At.AddDate(1, 0, i)
		}
		return out
	}
	act := func(path string) run.Entry {
		return run.Entry{Kind: run.StepStarted, Path: path, Data: run.Data{Attempt: 1}}
	}
	gave := func(path string, v any) run.Entry {
		return run.Entry{Kind: run.StepSucceeded, Path: path, Data: run.Data{Output: v}}
	}
	said := func(kind run.Kind, path string) run.Entry {
		return run.Entry{Kind: kind, Path: path, Data: run.Data{Failure: failure}}
	}
	holds := func(path string) run.Entry { return run.Entry{Kind: run.StepStarted, Path: path} }
	whole := journal(
		act("a"), said(run.StepHandling, "a"), act("a.note"), gave("a.note", "noted"), said(run.StepIgnored, "a"),
		holds("l"), act("l[0].b"), gave("l[0].b", 1), act("l[1].b"), said(run.StepFailed, "l[1].b"), act("l[2].b"), gave("l[2].b", 3), gave("l", nil),
		run.Entry{Kind: run.StepSkipped, Path: "s"}, act("c"), said(run.StepFailed, "c"), said(run.RunFailed, ""))
	for from, want := range map[string]string{
		"a":      `{}`,
		"l":      `{"a":{"handled":{"class":"not_found","message":"Gone."},"output":null,"status":"ignored"},"a.note":{"output":"noted","status":"succeeded"},"a[*].note":{"output":"noted","status":"kept"}}`,
		"a.note": `{"a":{"error":{"class":"not_found","message":"Gone."},"status":"handled"}}`,
		"l[1]":   `{"a":{"handled":{"class":"not_found","message":"Gone."},"output":null,"status":"ignored"},"a.note":{"output":"noted","status":"succeeded"},"a[*].note":{"output":"noted","status":"kept"},"l[0].b":{"output":1,"status":"succeeded"}}`,
		"c": `{"a":{"handled":{"class":"not_found","message":"Gone."},"output":null,"status":"ignored"},"a.note":{"output":"noted","status":"succeeded"},"a[*].note":{"output":"noted","status":"kept"},"l":{"output":null,"status":"succeeded"},"l[0].b":{"output":1,"status":"succeeded"},` +
			`"l[1].b":{"error":{"class":"not_found","message":"Gone."},"status":"failed"},"l[2].b":{"output":3,"status":"succeeded"},"s":{"output":null,"status":"skipped"}}`,
	} {
		v, err := run.ReplayOf(run.Run{ID: "r1"}, whole, from)
		if err != nil {
			t.Errorf("from %s: %v", from, err)
			continue
		}
		got, err := json.Marshal(v["steps"])
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("from %s it takes over\n%s\nand not\n%s", from, got, want)
		}
	}
	beside := journal(holds("p"), act("p.l"), act("p.m"), act("p.n"), act("p.z"), gave("p.l", "sent"), said(run.StepFailed, "p.m"), act("p.l2"), gave("p.l2", 2), said(run.StepFailed, "p.z"), said(run.RunFailed, ""))
	v, err := run.ReplayOf(run.Run{ID: "r1"}, beside, "p.z")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(v["steps"]); string(got) != `{"p.l":{"output":"sent","status":"succeeded"}}` {
		t.Errorf("of the branches beside it takes over %s", got)
	}
	for _, from := range []string{"x", "", "l[7]", "l[1", "cc"} {
		if v, err := run.ReplayOf(run.Run{ID: "r1"}, whole, from); from != "" && fault.CodeOf(err) != fault.NotFound {
			t.Errorf("from %q: %v %v", from, v, err)
		}
	}
	back := journal(act("a"), gave("a", 1), said(run.RunRollingBack, ""), run.Entry{Kind: run.StepUndoing, Path: "a"}, act("a.u"), gave("a.u", 1), said(run.RunFailed, ""))
	if _, err := run.ReplayOf(run.Run{ID: "r1"}, back, "a"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("of a run that took back what it did: %v", err)
	}
}
