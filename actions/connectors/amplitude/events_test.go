package amplitude

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

// TestEventOf: what Amplitude would drop is refused, and times are milliseconds.
func TestEventOf(t *testing.T) {
	for given, want := range map[string]string{
		`{"event":"e","user_id":"user-1","at":"2025-11-24T16:10:00+01:00","properties":{"a":1},"product_id":"p"}`: `{"event_properties":{"a":1},"event_type":"e","insert_id":"i","productId":"p","time":1763997000000,"user_id":"user-1"}`,
		`{"event":"e","device_id":"device","insert_id":"own"}`:                                                    `{"device_id":"device","event_type":"e","insert_id":"own"}`,
		`{"event":"e","user_id":"u"}`: "fewer than 5", `{"event":"e"}`: "give a user ID",
	} {
		v, _ := value.Decode([]byte(given), value.Limits{})
		got, err := eventOf(v.(map[string]any), "i", false)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && value.Text(any(got)) != want {
			t.Errorf("%s: %s %v", given, value.Text(any(got)), err)
		}
	}
	if _, err := eventOf(map[string]any{"user_id": "u"}, "i", true); err != nil {
		t.Error(err)
	}
}

// TestIdentification: changes are JSON within a form, whatever their values hold.
func TestIdentification(t *testing.T) {
	got, err := identification(map[string]any{"set": map[string]any{"a": `"&=`}, "unset": []any{"b"}}, map[string]any{"user_id": "u"}, "user_properties")
	if want := `[{"user_id":"u","user_properties":{"$set":{"a":"\"&="},"$unset":{"b":"-"}}}]`; err != nil || got.Body["identification"] != want {
		t.Errorf("%v %v", got.Body, err)
	}
	if _, err := identification(map[string]any{}, map[string]any{}, "user_properties"); err == nil {
		t.Error("nothing is a change")
	}
}
