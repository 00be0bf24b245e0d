package hubspot

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestWritten: every property is a text, times are milliseconds, an empty text stays, null and nothing are not written.
func TestWritten(t *testing.T) {
	fields := []actions.Field{{ID: "amount", Type: actions.Number}, {ID: "close", Type: actions.DateTime, Name: "closedate"}, {ID: "phone", Type: actions.Text}}
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{"amount": 12.5, "close": "2026-03-31T02:00:00+02:00"}, `{"properties":{"amount":"12.5","closedate":"1774915200000"}}`},
		{map[string]any{"phone": "", "properties": map[string]any{"vip": true, "kinds": []any{"a", int64(2)}, "gone": nil}}, `{"properties":{"kinds":"a;2","phone":"","vip":"true"}}`},
		{map[string]any{"phone": "1", "properties": map[string]any{"phone": "2"}}, `{"properties":{"phone":"1"}}`},
	} {
		got, err := written(fields, c.in)
		if err != nil || value.Text(got) != c.want {
			t.Errorf("%v is written as %s (%v), not %s", c.in, value.Text(got), err, c.want)
		}
	}
	if _, err := written(fields, map[string]any{"properties": map[string]any{"gone": nil}}); err == nil {
		t.Error("a record without any property is written")
	}
}

// TestSearched: times hold in every group, since groups are alternatives.
func TestSearched(t *testing.T) {
	a := map[string]any{"property": "a", "operator": "EQ", "value": "1"}
	b := map[string]any{"property": "b", "operator": "NOT_HAS_PROPERTY"}
	since := "2026-01-31T09:30:00Z"
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{}, `{"sorts":["made"]}`},
		{map[string]any{"filters": []any{a, b}, "match": "all"}, `{"filterGroups":[{"filters":[{"operator":"EQ","propertyName":"a","value":"1"},{"operator":"NOT_HAS_PROPERTY","propertyName":"b"}]}],"sorts":["made"]}`},
		{map[string]any{"filters": []any{a, b}, "match": "any", "changed_since": since}, `{"filterGroups":[{"filters":[{"operator":"EQ","propertyName":"a","value":"1"},{"operator":"GTE","propertyName":"changed","value":"1769851800000"}]},` +
			`{"filters":[{"operator":"NOT_HAS_PROPERTY","propertyName":"b"},{"operator":"GTE","propertyName":"changed","value":"1769851800000"}]}],"sorts":["changed"]}`},
		{map[string]any{"match": "any", "created_since": since}, `{"filterGroups":[{"filters":[{"operator":"GTE","propertyName":"made","value":"1769851800000"}]}],"sorts":["made"]}`},
	} {
		got, err := searched(c.in, "changed", "made")
		if err != nil || value.Text(got.Body) != c.want {
			t.Errorf("%v is asked as %s (%v), not %s", c.in, value.Text(got.Body), err, c.want)
		}
	}
}

// TestConditions: what an operator needs is asked for by the input's name.
func TestConditions(t *testing.T) {
	for operator, want := range map[string]string{"EQ": "filters/3/value", "IN": "filters/3/values", "BETWEEN": "filters/3/high_value", "HAS_PROPERTY": ""} {
		_, err := condition(3, map[string]any{"property": "a", "operator": operator})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want+":") {
			t.Errorf("%s without a value says %v, not %q", operator, err, want)
		}
	}
	got, err := condition(0, map[string]any{"property": "a", "operator": "BETWEEN", "value": "1", "high_value": "2"})
	if want := map[string]any{"propertyName": "a", "operator": "BETWEEN", "value": "1", "highValue": "2"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("between is written as %v (%v)", got, err)
	}
}

// TestRecordSearch: the kinds of records call their times differently.
func TestRecordSearch(t *testing.T) {
	for kind, want := range map[string]string{"contacts": "lastmodifieddate", "0-1": "lastmodifieddate", "deals": "hs_lastmodifieddate", "2-77": "hs_lastmodifieddate"} {
		got, _ := recordSearch(map[string]any{"object_type": kind, "changed_since": "2026-01-31T09:30:00Z"})
		if have := value.Text(value.At(got.Body, "/filterGroups/0/filters/0/propertyName")); have != want {
			t.Errorf("changes of %s are asked for by %s, not %s", kind, have, want)
		}
	}
	got, _ := recordSearch(map[string]any{"object_type": "notes"})
	if have := value.Text(value.At(got.Body, "/sorts/0")); have != "hs_createdate" {
		t.Errorf("notes are sorted by %s", have)
	}
}

func TestBatch(t *testing.T) {
	got, err := batch(map[string]any{"id_property": "email", "records": []any{map[string]any{"key": "a@example.com", "properties": map[string]any{"n": 1}}}})
	if want := `{"inputs":[{"id":"a@example.com","idProperty":"email","properties":{"n":"1"}}]}`; err != nil || value.Text(got.Body) != want {
		t.Errorf("it is %s (%v)", value.Text(got.Body), err)
	}
	for _, records := range [][]any{nil, make([]any, 101), {map[string]any{"key": "a", "properties": map[string]any{}}}} {
		if _, err := batch(map[string]any{"records": records}); err == nil {
			t.Errorf("%d records are taken", len(records))
		}
	}
}

// TestAnswers: what is taken out of HubSpot's answers.
func TestAnswers(t *testing.T) {
	if got, err := firstResult(actions.Response{Value: map[string]any{"results": []any{"a"}}}); got != "a" || err != nil {
		t.Errorf("the one of a batch is %v (%v)", got, err)
	}
	if _, err := firstResult(actions.Response{Value: map[string]any{}}); err == nil {
		t.Error("nothing is a record")
	}
	got, _ := batched(actions.Response{Value: map[string]any{"status": "COMPLETE", "results": []any{"a"}, "startedAt": "x"}})
	if want := `{"errors":[],"results":["a"],"status":"COMPLETE"}`; value.Text(got) != want {
		t.Errorf("a batch gives %s", value.Text(got))
	}
}

// TestWhatIsAskedFor: a trigger reads its time from a property, which HubSpot must be asked for.
func TestWhatIsAskedFor(t *testing.T) {
	for _, c := range []struct{ list, want []any }{{nil, []any{"t"}}, {[]any{"a"}, []any{"a", "t"}}, {[]any{"t", "a"}, []any{"t", "a"}}} {
		if got := needed(c.list, "t"); !reflect.DeepEqual(got, c.want) {
			t.Errorf("with %v it asks for %v", c.list, got)
		}
	}
}

func TestLabelled(t *testing.T) {
	got, _ := labelled(map[string]any{"from_id": "1", "to_id": "2", "label": int64(37), "category": "USER_DEFINED"})
	if want := `{"inputs":[{"from":{"id":"1"},"to":{"id":"2"},"types":[{"associationCategory":"USER_DEFINED","associationTypeId":37}]}]}`; value.Text(got.Body) != want {
		t.Errorf("it is %s", value.Text(got.Body))
	}
	if got := associations([]link{{"contact_id", "", "", 3}, {"company_id", "", "", 341}}, map[string]any{"company_id": "9"}); len(got) != 1 || value.Text(value.At(got[0], "/types/0/associationTypeId")) != "341" {
		t.Errorf("a new record is put at %v", got)
	}
}

func TestNamed(t *testing.T) {
	got, err := named(map[string]any{"ids": []any{"1", int64(2)}})
	if want := `{"inputs":[{"id":"1"},{"id":"2"}],"properties":[],"propertiesWithHistory":[]}`; err != nil || value.Text(got.Body) != want {
		t.Errorf("it is %s (%v)", value.Text(got.Body), err)
	}
	if _, err := named(map[string]any{"ids": make([]any, 101)}); err == nil {
		t.Error("101 records are asked for at once")
	}
}
