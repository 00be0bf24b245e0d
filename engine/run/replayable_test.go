package run

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestReplayable keeps of a large journal what a replay takes over, and refuses one that takes over too much.
func TestReplayable(t *testing.T) {
	large := strings.Repeat("x", mostTaken/4)
	var list []Entry
	step := func(path string, output any) {
		list = append(list, Entry{Kind: StepStarted, Path: path, Data: Data{Attempt: 1, Input: large}}, Entry{Kind: StepSucceeded, Path: path, Data: Data{Output: output}})
	}
	for range 3 {
		step("a", large)
	}
	step("b", large)
	for range 5 {
		step("c", large)
	}
	got, err := Replayable(Each(list), "b")
	if err != nil || len(got) != len(list) || got[1].Output != large || got[0].Input != nil || got[len(got)-1].Output != nil {
		t.Errorf("%v", err)
	}
	if _, err := Replayable(Each(list), "d"); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("what is too much is %v", err)
	}
}
