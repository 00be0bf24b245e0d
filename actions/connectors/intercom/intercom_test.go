package intercom

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestBodies: what the inputs become, where they do not go into the body as they are; or which input is wrong.
func TestBodies(t *testing.T) {
	plan := map[string]any{"field": "plan", "operator": "IN", "values": []any{"a", "b"}}
	name := map[string]any{"field": "name", "operator": "~", "value": "Ada"}
	since := "2026-01-31T09:30:00Z"
	for _, c := range []struct {
		what string
		body func(map[string]any) (actions.Parts, error)
		in   map[string]any
		want string // or "!" and what the error begins with
	}{
		{"search", searched, map[string]any{}, `{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"0"}]},"sort":{"field":"updated_at","order":"descending"}}`},
		{"search", searched, map[string]any{"updated_since": since, "filters": []any{name}, "match": "AND"},
			`{"query":{"operator":"AND","value":[{"field":"updated_at","operator":">","value":"1769765400"},{"field":"name","operator":"~","value":"Ada"}]},"sort":{"field":"updated_at","order":"descending"}}`},
		{"search", searched, map[string]any{"filters": []any{name, plan}, "match": "OR"},
			`{"query":{"operator":"OR","value":[{"field":"name","operator":"~","value":"Ada"},{"field":"plan","operator":"IN","value":["a","b"]}]},"sort":{"field":"updated_at","order":"descending"}}`},
		{"search", searched, map[string]any{"filters": []any{name, plan}, "match": "OR", "created_since": since},
			`{"query":{"operator":"AND","value":[{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1769765400"}]},{"operator":"OR","value":[{"field":"name","operator":"~","value":"Ada"},{"field":"plan","operator":"IN","value":["a","b"]}]}]},"sort":{"field":"updated_at","order":"descending"}}`},
		{"search", searched, map[string]any{"filters": []any{map[string]any{"field": "a", "operator": "NIN"}}}, "!The input filters/0/values:"},
		{"contact", contactBody, map[string]any{"signed_up_at": "2026-01-31T10:30:00+01:00"}, `{"signed_up_at":1769851800}`},
		{"ticket", ticketBody, map[string]any{"email": "a@example.com", "title": "T", "attributes": map[string]any{"Severity": "high"}}, `{"contacts":[{"email":"a@example.com"}],"ticket_attributes":{"Severity":"high","_default_title_":"T"}}`},
		{"ticket", ticketBody, map[string]any{}, "!The input contact:"},
		{"ticket", ticketBody, map[string]any{"email": "a@example.com", "contact": "1"}, "!The input contact:"},
		{"change", ticketChange, map[string]any{"admin": "780", "snoozed_until": since, "description": "D"}, `{"admin_id":780,"snoozed_until":1769851800,"ticket_attributes":{"_default_description_":"D"}}`},
		{"change", ticketChange, map[string]any{"admin": "grace"}, "!The input admin:"},
		{"message", message, map[string]any{"admin": "780", "kind": "in_app", "template": "plain"}, `{"from":{"id":780,"type":"admin"}}`},
		{"message", message, map[string]any{"admin": "780", "kind": "email", "template": "plain", "subject": "S"}, `{"from":{"id":780,"type":"admin"},"template":"plain"}`},
		{"message", message, map[string]any{"admin": "780", "kind": "email"}, "!The input subject:"},
		{"event", dataEvent, map[string]any{"at": since, "email": "a@example.com"}, `{"created_at":1769851800}`},
		{"event", dataEvent, map[string]any{"at": since}, "!The input user_id:"},
		{"event", dataEvent, map[string]any{"at": "now", "contact": "1"}, "!The input at:"},
	} {
		got, err := c.body(c.in)
		if wrong, ok := strings.CutPrefix(c.want, "!"); ok {
			if err == nil || !strings.HasPrefix(err.Error(), wrong) {
				t.Errorf("%s of %v says %v, not %s", c.what, c.in, err, wrong)
			}
		} else if err != nil || value.Text(got.Body) != c.want {
			t.Errorf("%s of %v is %s (%v), not %s", c.what, c.in, value.Text(got.Body), err, c.want)
		}
	}
}

// TestParts: what tells a close, a snooze and an assignment apart.
func TestParts(t *testing.T) {
	for _, c := range []struct {
		what string
		in   map[string]any
		want string
	}{
		{"closed", nil, `{"message_type":"close","type":"admin"}`},
		{"open", nil, `{"message_type":"open"}`},
		{"snoozed", map[string]any{"until": "2026-01-31T09:30:00Z"}, `{"message_type":"snoozed","snoozed_until":1769851800}`},
		{"assigned", map[string]any{"assignee": "780"}, `{"assignee_id":"780","message_type":"assignment","type":"admin"}`},
		{"assigned", map[string]any{"team": "814865"}, `{"assignee_id":"814865","message_type":"assignment","type":"team"}`},
		{"assigned", map[string]any{}, `{"assignee_id":"0","message_type":"assignment","type":"admin"}`},
	} {
		if got := value.Text(part(c.what, c.in)); got != c.want {
			t.Errorf("%s with %v is %s, not %s", c.what, c.in, got, c.want)
		}
	}
}
