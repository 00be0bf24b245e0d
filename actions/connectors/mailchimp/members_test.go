package mailchimp

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/value"
)

// TestSeveral: each address goes once, the last of it wins, and a wrong one is named.
func TestSeveral(t *testing.T) {
	for given, want := range map[string]string{
		`[{"email":"a@x.io","status":"subscribed"},{"email":" A@x.io ","status":"pending","merge_fields":{"FNAME":"A"}}]`: `[{"email_address":"A@x.io","merge_fields":{"FNAME":"A"},"status":"pending"}]`,
		`[]`: "there are 0", `[{"email":"a@x.io"},{"email":"b"}]`: "members/1/email",
	} {
		v, _ := value.Decode([]byte(given), value.Limits{})
		got, err := several(map[string]any{"members": v})
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && value.Text(got.Body["members"]) != want {
			t.Errorf("%s: %s %v", given, value.Text(got.Body["members"]), err)
		}
	}
}

// TestScheduled: a time goes in UTC, on a quarter of an hour.
func TestScheduled(t *testing.T) {
	for at, want := range map[string]string{"2026-01-31T09:30:00+02:00": "2026-01-31T07:30:00+00:00", "2026-01-31T09:31:00Z": "quarters", "2026-01-31T09:30:05Z": "quarters"} {
		got, err := scheduled(map[string]any{"at": at})
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && got.Body["schedule_time"] != want {
			t.Errorf("%s: %v %v", at, got, err)
		}
	}
}

// TestEvent: properties are texts, and the time is UTC.
func TestEvent(t *testing.T) {
	got, err := event(map[string]any{"email": "ada@example.com", "properties": map[string]any{"n": 7, "b": true}, "at": "2026-01-31T09:30:00+01:00"})
	if text := value.Text(any(got.Body)); err != nil || text != `{"occurred_at":"2026-01-31T08:30:00+00:00","properties":{"b":"true","n":"7"}}` {
		t.Errorf("%s %v", text, err)
	}
	if _, err := event(map[string]any{"email": "ada"}); err == nil {
		t.Error("ada is an address")
	}
}
