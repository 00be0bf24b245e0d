package run

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSteps folds journals, each entry written as kind:path:attempt, into steps written as path=status/attempts.
func TestSteps(t *testing.T) {
	for _, c := range []struct{ name, journal, want string }{
		{"nothing", "", ""},
		{"a run before its first step", "run.queued run.started", ""},
		{"under way", "step.started:a:1", "a=running/1"},
		{"waits", "step.started:a:1 step.waiting:a", "a=waiting/1"},
		{"will be tried again", "step.started:a:1 step.retrying:a:1", "a=retrying/1!"},
		{"is tried again", "step.started:a:1 step.retrying:a:1 step.started:a:2", "a=running/2!"},
		{"succeeded at the second attempt", "step.started:a:1 step.retrying:a:1 step.started:a:2 step.succeeded:a", "a=succeeded/2."},
		{"the process died under it", "step.started:a:1 step.lost:a step.started:a:2", "a=running/2"},
		{"its call is made again after a crash", "step.started:a:1 step.lost:a:1", "a=running/2"},
		{"its call was made again, twice", "step.started:a:1 step.lost:a:1 step.lost:a:1 step.succeeded:a:1", "a=succeeded/3."},
		{"both attempts were made again", "step.started:a:1 step.lost:a:1 step.retrying:a:1 step.started:a:2 step.lost:a:2 step.succeeded:a:2", "a=succeeded/4."},
		{"its lost call is not made again", "step.started:a:1 step.lost:a:1 step.uncertain:a:1", "a=uncertain/1!"},
		{"a person says that its lost call happened", "step.started:a:1 step.lost:a:1 step.uncertain:a:1 step.succeeded:a:1", "a=succeeded/1."},
		{"its run was being cancelled when it was lost", "step.started:a:1 step.lost:a:1 step.cancelled:a:1", "a=cancelled/1."},
		{"its on_error steps run", "step.started:a:1 step.handling:a step.started:a.fix:1 step.succeeded:a.fix step.ignored:a", "a=ignored/1!. a.fix=succeeded/1."},
		{"its turn had not come, twice", "step.started:a:1 step.retrying:a:1h step.started:a:2 step.retrying:a:2h", "a=retrying/0!"},
		{"its turn came", "step.started:a:1 step.retrying:a:1h step.started:a:2 step.succeeded:a:2", "a=succeeded/1."},
		{"failed", "step.started:a:1 step.failed:a", "a=failed/1!."},
		{"never began", "step.skipped:a step.cancelled:b", "a=skipped/0. b=cancelled/0."},
		{"somebody must say", "step.started:a:1 step.uncertain:a", "a=uncertain/1!"},
		{"somebody said", "step.started:a:1 step.uncertain:a step.succeeded:a", "a=succeeded/1."},
		{"goes on after its end", "step.started:a:1 step.failed:a step.started:a:2", "a=running/2!"},
		{"in the order they came up", "step.started:l:1 step.started:l[1].x:1 step.started:l[0].x:1 step.succeeded:l[1].x", "l=running/1 l[1].x=succeeded/1. l[0].x=running/1"},
		{"its end is left out", "step.started:l:1 step.started:l[0].a:1 … step.started:l[9].a:1 step.succeeded:l[9].a step.succeeded:l run.succeeded", "l=succeeded/1. l[0].a=unknown/1 l[9].a=succeeded/1."},
		{"the run goes on behind what is left out", "step.started:l:1 step.started:l[0].a:1 step.started:b:1 … step.started:l[9].a:1", "l=running/1 l[0].a=unknown/1 b=unknown/1 l[9].a=running/1"},
		{"more is heard of it", "step.started:a:1 … step.retrying:a:1 step.started:a:2", "a=running/2!"},
		{"it may still wait for somebody", "step.started:a:1 step.waiting:a … step.skipped:b", "a=waiting/1 b=skipped/0."},
		{"nobody is waited for in a run that ended", "step.started:a:1 step.waiting:a … run.cancelled", "a=unknown/1"},
		{"a kind of a later release", "step.started:a:1 step.pondered:a", "a=running/1"},
	} {
		if got := stepText(Steps(journalOf(c.journal))); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}

func journalOf(text string) []Entry {
	var out []Entry
	left := int64(0) // how many were left out
	for i, word := range strings.Fields(text) {
		if word == "…" {
			left += 1000
			continue
		}
		parts := strings.Split(word+"::", ":")
		e := Entry{Seq: int64(i) + 1 + left, Kind: Kind(parts[0]), Path: parts[1], At: time.Unix(int64(i)+1, 0)}
		if parts[2] != "" {
			e.Attempt = int(parts[2][0] - '0')
		}
		switch e.Kind {
		case StepRetrying, StepFailed, StepIgnored, StepUncertain, StepHandling:
			e.Failure = &Failure{Class: "timeout", Held: strings.HasSuffix(parts[2], "h")}
			if e.Kind == StepUncertain {
				e.Failure.Class = "uncertain"
			}
		}
		out = append(out, e)
	}
	return out
}

func stepText(steps []Step) string {
	var out []string
	for _, s := range steps {
		text := fmt.Sprintf("%s=%s/%d", s.Path, s.Status, s.Attempts)
		if s.Failure != nil {
			text += "!"
		}
		if !s.EndedAt.IsZero() {
			text += "."
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestStepDetails(t *testing.T) {
	exchange := &Exchange{Method: "POST", Status: 200}
	at := func(n int64) time.Time { return time.Unix(n, 0) }
	steps := Steps([]Entry{
		{Kind: StepStarted, Path: "a", At: at(1), Data: Data{Attempt: 1, Input: map[string]any{"n": 1}}},
		{Kind: StepRetrying, Path: "a", At: at(2), Data: Data{Attempt: 1, Failure: &Failure{Class: "timeout"}, Exchange: &Exchange{Status: 504}}},
		{Kind: StepStarted, Path: "a", At: at(3), Data: Data{Attempt: 2}},
		{Kind: StepSucceeded, Path: "a", At: at(4), Data: Data{Output: "out", Exchange: exchange}},
		{Kind: StepSkipped, Path: "b", At: at(5), Data: Data{Message: "its if said no"}},
	})
	a, b := steps[0], steps[1]
	if fmt.Sprint(a.Input) != "map[n:1]" || a.Output != "out" || a.Exchange != exchange || !a.StartedAt.Equal(at(1)) || !a.EndedAt.Equal(at(4)) {
		t.Errorf("%+v", a)
	}
	for _, c := range []struct {
		last  Entry
		until time.Time
	}{
		{Entry{Kind: StepRetrying, Path: "a", At: at(2), Data: Data{Attempt: 1, Until: at(62)}}, at(62)},
		{Entry{Kind: StepWaiting, Path: "a", At: at(2), Data: Data{Until: at(63)}}, at(63)},
		{Entry{Kind: StepWaiting, Path: "a", At: at(2), Data: Data{Until: Never()}}, time.Time{}},
		{Entry{Kind: StepSucceeded, Path: "a", At: at(2)}, time.Time{}},
	} {
		began := Entry{Kind: StepRetrying, Path: "a", At: at(1), Data: Data{Attempt: 1, Until: at(9)}}
		if got := Steps([]Entry{began, c.last})[0].Until; !got.Equal(c.until) {
			t.Errorf("after %s it goes on at %v", c.last.Kind, got)
		}
	}
	if !b.StartedAt.IsZero() || !b.EndedAt.Equal(at(5)) {
		t.Errorf("%+v", b)
	}
}
