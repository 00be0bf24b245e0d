package pipedrive

import (
	"context"
	"errors"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// asked is a vendor that gives one answer to everything.
type asked struct {
	actions.Doer
	answer any
	err    error
	end    context.CancelFunc
}

func (a asked) Ask(context.Context, *actions.Action, map[string]any) (any, error) {
	a.end()
	return a.answer, a.err
}

func (asked) Log(string) {}

// TestConverted: a conversion that has not ended when the time is over, or that cannot be seen, is running; one that failed is an error.
func TestConverted(t *testing.T) {
	status := func(text string) any { return map[string]any{"conversion_id": "c", "status": text, "deal_id": 42} }
	for _, c := range []struct {
		answer any
		err    error
		want   string
	}{
		{status("completed"), nil, "completed"}, {status("running"), nil, "running"}, {status("not_started"), nil, "running"}, {nil, errors.New("gone"), "running"}, {status("failed"), nil, ""}, {status("rejected"), nil, ""},
	} {
		ctx, end := context.WithCancel(t.Context())
		got, err := converted(ctx, asked{answer: c.answer, err: c.err, end: end}, nil, map[string]any{"conversion": "c"})
		if text := value.Text(value.At(got, "/status")); text != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v (%v) is %s (%v), not %s", c.answer, c.err, text, err, c.want)
		}
	}
}

// TestLinks: ids are found in the addresses of things, of the kind that is asked for alone.
func TestLinks(t *testing.T) {
	for _, c := range []struct{ thing, text, want string }{
		{"deal", "https://acme.pipedrive.com/deal/42", "42"}, {"deal", " https://acme.pipedrive.com/deal/42?tab=x#y ", "42"}, {"person", "https://acme.pipedrive.com/person/7", "7"}, {"organization", "https://acme.pipedrive.com/organization/3/", "3"},
		{"lead", "https://acme.pipedrive.com/leads/inbox/adf21080-0e10-11eb-879b-05d71fb426ec", "adf21080-0e10-11eb-879b-05d71fb426ec"}, {"deal", "https://acme.pipedrive.com/person/7", "https://acme.pipedrive.com/person/7"},
	} {
		if got := (actions.Field{Link: link(c.thing)}).Tidy(c.text); got != c.want {
			t.Errorf("%s is %s", c.text, got)
		}
	}
}

// TestProductBody: a price stands with its currency.
func TestProductBody(t *testing.T) {
	for _, in := range []map[string]any{{"price": 1}, {"cost": 1, "currency": "EUR"}, {"currency": "EUR"}} {
		if got, err := productBody(in); err == nil {
			t.Errorf("%v is taken as %v", in, got)
		}
	}
	if got, err := productBody(map[string]any{"price": 1, "currency": "EUR"}); err != nil || value.Text(got) != `{"prices":[{"currency":"EUR","price":1}]}` {
		t.Errorf("it is %v (%v)", got, err)
	}
}
