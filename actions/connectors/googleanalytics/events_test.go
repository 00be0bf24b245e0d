package googleanalytics

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestPayload: what Google would drop without a word is refused, and the rest goes in its form.
func TestPayload(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"a good one":      {`{"name":"deal_won","params":{"value":120}}`, `{"events":[{"name":"deal_won","params":{"engagement_time_msec":1,"session_id":"7","value":120}}],"timestamp_micros":1769851800000000,"user_properties":{"plan":{"value":"pro"}}}`},
		"a space":         {`{"name":"deal won"}`, "is no name"},
		"Google's own":    {`{"name":"ga_deal"}`, "Google's own"},
		"a long name":     {`{"name":"` + strings.Repeat("a", 41) + `"}`, "is no name"},
		"a wrong param":   {`{"name":"deal","params":{"1a":1}}`, "params"},
		"a nameless item": {`{"name":"purchase","params":{"items":[{"item_id":"a"},{"price":1}]}}`, "items/1"},
		"a long value":    {`{"name":"deal","params":{"a":"` + strings.Repeat("é", 101) + `"}}`, "cuts texts"},
	} {
		event, _ := value.Decode([]byte(c.event), value.Limits{})
		got, err := payload(map[string]any{"at": "2026-01-31T09:30:00Z", "session_id": "7", "engaged_ms": 1, "user_properties": map[string]any{"plan": "pro"}}, []any{event})
		if err != nil && !strings.Contains(err.Error(), c.want) || err == nil && value.Text(any(got.Body)) != c.want {
			t.Errorf("%s: %s %v", name, value.Text(any(got.Body)), err)
		}
	}
	if _, err := payload(map[string]any{}, make([]any, 26)); err == nil {
		t.Error("26 events are taken")
	}
}

// TestReport: an order goes by what it names, conditions stay values, and limits are texts.
func TestReport(t *testing.T) {
	in := map[string]any{"metrics": []any{"activeUsers"}, "dimensions": []any{"country"}, "limit": 5, "order_by": "country", "where": []any{map[string]any{"dimension": "country", "match": "EXACT", "value": `"}`}}}
	got, err := report(in)
	want := `{"dimensionFilter":{"andGroup":{"expressions":[{"filter":{"fieldName":"country","stringFilter":{"matchType":"EXACT","value":"\"}"}}}]}},"dimensions":[{"name":"country"}],"limit":"5","metrics":[{"name":"activeUsers"}],"orderBys":[{"desc":false,"dimension":{"dimensionName":"country"}}]}`
	if text := value.Text(any(got.Body)); err != nil || text != want {
		t.Errorf("%s %v", text, err)
	}
	in["order_by"], in["descending"], in["minutes"] = "activeUsers", true, 5
	if got, err := realtime(in); err != nil || value.Text(got.Body["orderBys"]) != `[{"desc":true,"metric":{"metricName":"activeUsers"}}]` || value.Text(got.Body["minuteRanges"]) != `[{"endMinutesAgo":0,"startMinutesAgo":4}]` {
		t.Errorf("%v %v", got, err)
	}
	for name, v := range map[string]any{"minutes": 31, "limit": 0} {
		bad := map[string]any{"metrics": []any{"a"}, "limit": 5, name: v}
		if _, err := realtime(bad); err == nil {
			t.Errorf("%s %v is taken", name, v)
		}
	}
	answer, _ := value.Decode([]byte(`{"dimensionHeaders":[{"name":"country"}],"metricHeaders":[{"name":"n"}],"rows":[{"dimensionValues":[{"value":"DE"}],"metricValues":[{"value":"2.5"}]}],"rowCount":3}`), value.Limits{})
	if got, err := table(actions.Response{Value: answer}); err != nil || value.Text(got) != `{"items":[{"country":"DE","n":2.5}],"more":true,"total":3}` {
		t.Errorf("%s %v", value.Text(got), err)
	}
}
