package run

import "testing"

// What a step said goes with its data; why it was skipped stays.
func TestStrip(t *testing.T) {
	e := Entry{Kind: StepSucceeded, Data: Data{Input: 1, Output: 2, Vars: map[string]any{"a": 1}, Message: "The code is 123."}}
	if e.Strip(); e.Input != nil || e.Output != nil || e.Vars != nil || e.Message != "" {
		t.Errorf("%+v", e)
	}
	e = Entry{Kind: StepSkipped, Data: Data{Message: "its if does not hold", Failure: &Failure{Message: "No.", Body: "secret"}}}
	if e.Strip(); e.Message == "" || e.Failure.Body != nil || e.Failure.Message != "No." {
		t.Errorf("%+v", e)
	}
}
