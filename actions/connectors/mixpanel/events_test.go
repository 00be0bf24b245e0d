package mixpanel

import (
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

// TestEventOf: an event carries its time in milliseconds and an ID, its own where it has one.
func TestEventOf(t *testing.T) {
	event := map[string]any{"event": "Deal Won", "distinct_id": "u", "at": "2025-11-24T16:10:00.5+01:00", "properties": map[string]any{"a": 1, "time": 7}}
	if got, err := eventOf(event, "i"); err != nil || value.Text(any(got)) != `{"event":"Deal Won","properties":{"$insert_id":"i","a":1,"distinct_id":"u","time":1763997000500}}` {
		t.Errorf("%s %v", value.Text(any(got)), err)
	}
	event["insert_id"] = "own"
	if got, err := eventOf(event, "i"); err != nil || value.At(any(got), "/properties/$insert_id") != "own" {
		t.Errorf("%v %v", got, err)
	}
	if _, err := eventOf(map[string]any{"at": "today"}, "i"); err == nil {
		t.Error("today is a time")
	}
	if a, b := insertID("k", 0), insertID("k", 1); a == b || len(a) != 32 || a != insertID("k", 0) {
		t.Errorf("the IDs are %s and %s", a, b)
	}
}
