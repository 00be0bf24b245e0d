package pipedrive

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestBodies: what the inputs become, where they do not go into the body as they are; or which input is wrong.
func TestBodies(t *testing.T) {
	parts := func(f func(map[string]any) (actions.Parts, error)) func(map[string]any) (map[string]any, error) {
		return func(in map[string]any) (map[string]any, error) {
			p, err := f(in)
			return p.Body, err
		}
	}
	for _, c := range []struct {
		what string
		body func(map[string]any) (map[string]any, error)
		in   map[string]any
		want string // or "!" and what the error begins with
	}{
		{"common", common, map[string]any{"label_ids": []any{"5", int64(6)}, "visible_to": "3", "fields": map[string]any{"a": 1}}, `{"a":1,"label_ids":[5,6],"visible_to":3}`},
		{"common", common, map[string]any{"label_ids": []any{"5", "hot"}}, "!The input label_ids/1:"},
		{"person", personBody, map[string]any{"email": "a@example.com", "phones": []any{"1", "2"}}, `{"emails":[{"label":"work","primary":true,"value":"a@example.com"}],"phones":[{"label":"work","primary":true,"value":"1"},{"label":"work","primary":false,"value":"2"}]}`},
		{"deal", dealBody, map[string]any{"expected_close_date": "2026-03-31"}, `{"expected_close_date":"2026-03-31"}`},
		{"deal", dealBody, map[string]any{"expected_close_date": "2026-03-31T23:30:00+02:00"}, `{"expected_close_date":"2026-03-31"}`},
		{"deal", dealBody, map[string]any{"expected_close_date": "2026-02-31"}, "!The input expected_close_date:"},
		{"activity", activityBody, map[string]any{"due": "2026-01-31T00:30:00+01:00", "minutes": 90, "person_id": 7}, `{"due_date":"2026-01-30","due_time":"23:30","duration":"01:30","participants":[{"person_id":7,"primary":true}]}`},
		{"activity", activityBody, map[string]any{"due": "2026-01-31T00:30:00+01:00", "all_day": true}, `{"due_date":"2026-01-31"}`},
		{"activity", activityBody, map[string]any{"minutes": 6000}, "!The input minutes:"},
		{"activity", activityBody, map[string]any{"due": "tomorrow"}, "!The input due:"},
		{"lead", parts(leadBody), map[string]any{"amount": 3, "currency": "EUR", "custom_fields": map[string]any{"d6c9": "pro"}}, `{"d6c9":"pro","value":{"amount":3,"currency":"EUR"}}`},
		{"lead", parts(leadBody), map[string]any{"amount": 3}, "!The input currency:"},
		{"lead", parts(leadBody), map[string]any{"currency": "EUR"}, "!The input amount:"},
		{"note", parts(noteBody), map[string]any{"pinned": false, "deal_id": 1, "org_id": 2}, `{"pinned_to_deal_flag":0,"pinned_to_organization_flag":0}`},
		{"note", parts(noteBody), map[string]any{"pinned": true}, "!The input pinned:"},
		{"webhook", parts(webhook), map[string]any{"secret": "stepmill:a:b", "action": "change"}, `{"http_auth_password":"a:b","http_auth_user":"stepmill","name":"Stepmill","version":"2.0"}`},
		{"webhook", parts(webhook), map[string]any{"secret": "a"}, "!The secret"},
	} {
		got, err := c.body(c.in)
		if wrong, ok := strings.CutPrefix(c.want, "!"); ok {
			if err == nil || !strings.HasPrefix(err.Error(), wrong) {
				t.Errorf("%s of %v says %v, not %s", c.what, c.in, err, wrong)
			}
		} else if err != nil || value.Text(got) != c.want {
			t.Errorf("%s of %v is %s (%v), not %s", c.what, c.in, value.Text(got), err, c.want)
		}
	}
}

// TestData: things come out of their envelope, and an empty one is none.
func TestData(t *testing.T) {
	if got, err := data(actions.Response{Value: map[string]any{"success": true, "data": "it"}}); got != "it" || err != nil {
		t.Errorf("it is %v (%v)", got, err)
	}
	if _, err := data(actions.Response{Value: map[string]any{"success": true, "data": nil}}); err == nil {
		t.Error("nothing is a thing")
	}
}
