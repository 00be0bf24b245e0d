package zoom

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestPrepared: what the inputs become in Zoom's requests.
func TestPrepared(t *testing.T) {
	for _, c := range []struct {
		prepare func(map[string]any) (actions.Parts, error)
		in      map[string]any
		want    string // of the parts, or the error's beginning
	}{
		{arranged, map[string]any{"kind": "recurring_fixed", "start": "2026-01-31T10:30:00+01:00", "registration": "automatic", "recording": "cloud", "waiting_room": false, "settings": map[string]any{"watermark": true}},
			`{"settings":{"approval_type":0,"auto_recording":"cloud","waiting_room":false,"watermark":true},"start_time":"2026-01-31T09:30:00Z","type":8}`},
		{arranged, map[string]any{"invitees": []any{"a@example.com", " "}, "alternative_hosts": []any{"b@example.com", "c@example.com"}},
			`{"settings":{"alternative_hosts":"b@example.com;c@example.com","meeting_invitees":[{"email":"a@example.com"}]}}`},
		{arranged, map[string]any{}, `{}`},
		{arranged, map[string]any{"start": "2026-01-31T10:30", "timezone": "Europe/Zurich"}, `{"start_time":"2026-01-31T09:30:00Z"}`},
		{arranged, map[string]any{"start": "2026-01-31T10:30:15"}, `{"start_time":"2026-01-31T10:30:15"}`},
		{arranged, map[string]any{"start": "2026-01-31T10:30:15", "timezone": "Mars/Olympus"}, "The input timezone: Mars/Olympus"},
		{arranged, map[string]any{"start": "tomorrow"}, "The input start: tomorrow is no time"},
		{answered, map[string]any{"answers": map[string]any{"b?": 2, "a?": "x"}}, `{"custom_questions":[{"title":"a?","value":"x"},{"title":"b?","value":"2"}]}`},
		{answered, map[string]any{}, `null`},
		{setRegistrants().Request.Prepare, map[string]any{"registrants": []any{"a@example.com", "x1"}}, `{"registrants":[{"email":"a@example.com"},{"id":"x1"}]}`},
		{setRegistrants().Request.Prepare, map[string]any{"registrants": []any{" "}}, "The input registrants"},
	} {
		parts, err := c.prepare(c.in)
		got := "null"
		if parts.Body != nil {
			got = value.Text(parts.Body)
		}
		if err != nil {
			got = fault.MessageOf(err)
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%v gives\n%s, not\n%s", c.in, got, c.want)
		}
	}
}

// TestTwice: a UUID with slashes is encoded here once, and once more with the address.
func TestTwice(t *testing.T) {
	for id, want := range map[string]string{"4444AAA==": "4444AAA==", "/ajXp112QmuoKj4854875==": "%2FajXp112QmuoKj4854875==", "a//b": "a%2F%2Fb", "a/b": "a/b", "857 4606 5432": "85746065432"} {
		if parts, err := twice(map[string]any{"uuid": id}); err != nil || parts.Path["uuid"] != want {
			t.Errorf("%s becomes %s (%v), not %s", id, parts.Path["uuid"], err, want)
		}
	}
}

// TestDays: recordings are asked for by days in UTC, in their order.
func TestDays(t *testing.T) {
	parts, err := days(map[string]any{"from": "2026-01-01T00:30:00+01:00", "to": "2026-01-31T00:00:00Z"})
	if got := fmt.Sprint(parts.Query, err); got != "map[from:2025-12-31 to:2026-01-31] <nil>" {
		t.Errorf("it asks for %s", got)
	}
	for _, in := range []map[string]any{{"from": "2026-02-01T00:00:00Z", "to": "2026-01-31T00:00:00Z"}, {"from": "soon"}} {
		if _, err := days(in); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%v is taken: %v", in, err)
		}
	}
}

// TestSame: a meeting is the one by its topic, and by its start where one is given, whatever zone it is written in.
func TestSame(t *testing.T) {
	item := map[string]any{"topic": "Weekly", "start_time": "2026-01-31T09:30:00Z", "timezone": "Europe/Zurich"}
	for _, c := range []struct {
		in   map[string]any
		want bool
	}{
		{map[string]any{"topic": " Weekly "}, true},
		{map[string]any{"topic": "Weekly", "start": "2026-01-31T10:30:00+01:00"}, true},
		{map[string]any{"topic": "Weekly", "start": "2026-02-07T09:30:00Z"}, false},
		{map[string]any{"topic": "Monthly"}, false},
		{map[string]any{"topic": "Weekly", "start": "2026-01-31T10:30", "timezone": "Europe/Zurich"}, true},
		{map[string]any{"topic": "Weekly", "start": "2026-01-31T10:30"}, true}, // as the meeting's own zone has it
		{map[string]any{"topic": "Weekly", "start": "2026-01-31T09:30"}, false},
		{map[string]any{"topic": "Weekly", "start": "2026-01-31T10:30", "timezone": "Mars/Olympus"}, false},
	} {
		if got := same(item, c.in); got != c.want {
			t.Errorf("%v is the same: %v", c.in, got)
		}
	}
}

// TestLinks: what people paste for a meeting gives its number.
func TestLinks(t *testing.T) {
	for _, in := range []any{"https://us02web.zoom.us/j/85746065432?pwd=a.1", "https://zoom.us/w/85746065432", "https://zoom.us/meeting/85746065432", "https://app.zoom.us/wc/85746065432/join", "857 4606 5432", " 85746065432 ", 85746065432} {
		got, err := actions.Coerce([]actions.Field{meetingField()}, map[string]any{"meeting": in})
		if err != nil || value.Text(got["meeting"]) != "85746065432" {
			t.Errorf("%v gives %v (%v)", in, got, err)
		}
	}
	if got := uuidField("").Tidy("/j/1ajXp112QmuoKj4854875=="); got != "/j/1ajXp112QmuoKj4854875==" {
		t.Errorf("a UUID is taken for a link: %s", got)
	}
}

// TestWants: an event passes where it is of the meeting and the host that are asked for.
func TestWants(t *testing.T) {
	event := map[string]any{"payload": map[string]any{"object": map[string]any{"id": "85746065432", "host_id": "h1"}}}
	summary := map[string]any{"payload": map[string]any{"object": map[string]any{"meeting_id": 85746065432, "meeting_host_id": "h1"}}}
	for _, c := range []struct {
		with map[string]any
		want bool
	}{
		{nil, true},
		{map[string]any{"number": "857 4606 5432"}, true},
		{map[string]any{"number": "https://zoom.us/j/85746065432", "host": "h1"}, true},
		{map[string]any{"number": 1}, false},
		{map[string]any{"host": "h2"}, false},
	} {
		for _, trigger := range named() {
			with, err := actions.Coerce(trigger.Input, c.with)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range []any{event, summary} {
				if why := trigger.Wants(with, one); (why == "") != c.want {
					t.Errorf("%s with %v and %v: %q", trigger.ID, c.with, one, why)
				}
			}
		}
	}
}
