package googleanalytics

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// userFields say who did something.
func userFields() []actions.Field {
	return []actions.Field{
		{ID: "client_id", Label: "Client ID", Help: "Of the browser, as the cookie _ga has it behind GA1.1.; any text that stays the same for a person will do.", Type: actions.Text, Required: true, Example: "1234567890.1764000000"},
		{ID: "user_id", Label: "User ID", Help: "What your systems call the person; no mail address.", Type: actions.Text, Example: "u-42"},
		{ID: "session_id", Label: "Session ID", Help: "As the cookie _ga_… has it; without one the event shows in no session.", Type: actions.Text, In: actions.InNone, Example: "1764000000"},
		{ID: "engaged_ms", Label: "Engagement", Help: "How long the person was busy with it, in milliseconds; without it the user does not count as active.", Type: actions.Integer, Default: 1, In: actions.InNone},
		{ID: "at", Label: "When", Help: "When it happened; now where not given. Google drops an event that is older than 72 hours, and its answer does not say so.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		{ID: "user_properties", Label: "User properties", Help: "Values by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"plan": "pro"}},
		{ID: "consent", Label: "Consent", Help: "Whether data may be used for ads.", Type: actions.Select, In: actions.InNone, Options: []actions.Option{{Value: "GRANTED", Label: "Granted"}, {Value: "DENIED", Label: "Denied"}}},
	}
}

const needsMeasurement = " It needs a connection by the Measurement Protocol."

// events are the actions of the Measurement Protocol. It takes everything and says nothing, so what it would drop is refused here.
// Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
func events() []actions.Action {
	sent := map[string]any{"sent": true}
	found := map[string]any{"valid": true, "messages": []any{}}
	name := []actions.Field{{ID: "name", Label: "Event", Help: "Up to 40 letters, digits and _.", Type: actions.Text, Required: true, In: actions.InNone, Example: "deal_won"},
		{ID: "params", Label: "Parameters", Help: "Up to 25 values by their names, texts of up to 100 characters.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"value": 120, "currency": "EUR"}}}
	purchase := []actions.Field{
		{ID: "transaction_id", Label: "Transaction ID", Help: "What your systems call the purchase: Google counts each once.", Type: actions.Text, Required: true, In: actions.InNone, Example: "T-1042"},
		{ID: "value", Label: "Value", Help: "Without taxes and shipping.", Type: actions.Number, Required: true, In: actions.InNone, Example: 120},
		{ID: "currency", Label: "Currency", Help: "Three letters.", Type: actions.Text, Required: true, In: actions.InNone, Example: "EUR"},
		{ID: "tax", Label: "Tax", Help: "Of the whole.", Type: actions.Number, In: actions.InNone, Example: 19}, {ID: "shipping", Label: "Shipping", Help: "Of the whole.", Type: actions.Number, In: actions.InNone, Example: 5},
		{ID: "coupon", Label: "Coupon", Help: "Its code.", Type: actions.Text, In: actions.InNone},
		{ID: "items", Label: "Items", Help: "What was bought: each has an ID or a name.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
			{ID: "item_id", Label: "ID", Help: "The article's number.", Type: actions.Text, Example: "SKU-1"}, {ID: "item_name", Label: "Name", Help: "The article's name.", Type: actions.Text, Example: "Licence"},
			{ID: "price", Label: "Price", Help: "Of one.", Type: actions.Number, Example: 120}, {ID: "quantity", Label: "Quantity", Help: "How many.", Type: actions.Integer, Default: 1}}},
	}
	several := actions.Field{ID: "events", Label: "Events", Help: "Up to 25 of one person.", Type: actions.List, Required: true, In: actions.InNone, Fields: []actions.Field{
		{ID: "name", Label: "Event", Help: "Up to 40 letters, digits and _.", Type: actions.Text, Required: true, Example: "deal_won"}, {ID: "params", Label: "Parameters", Help: "Values by their names.", Type: actions.Object}}}
	lost := "Google takes an event twice: one whose answer was lost in a crash is not sent again by itself, you are asked."
	collect := func(list func(map[string]any) []any) *actions.Request {
		return &actions.Request{Method: "POST", Path: "/mp/collect", Body: actions.JSONBody, Output: func(actions.Response) (any, error) { return sent, nil },
			Prepare: func(in map[string]any) (actions.Parts, error) { return payload(in, list(in)) }}
	}
	one := func(in map[string]any) []any {
		return []any{map[string]any{"name": in["name"], "params": in["params"]}}
	}
	return []actions.Action{
		{ID: "send_event", Name: "Send an event", Description: "Sends an event of a person." + needsMeasurement, Ways: []string{byMeasurement}, Effect: actions.Once, Guarantee: lost, Input: append(name, userFields()...), Output: value.ShapeOf(sent), Sample: sent, Request: collect(one)},
		{ID: "send_events", Name: "Send several events", Description: "Sends events of one person." + needsMeasurement, Ways: []string{byMeasurement}, Effect: actions.Once, Guarantee: lost, Input: append([]actions.Field{several}, userFields()...), Output: value.ShapeOf(sent), Sample: sent,
			Request: collect(func(in map[string]any) []any { list, _ := in["events"].([]any); return list })},
		{ID: "send_purchase", Name: "Send a purchase", Description: "Sends that a person bought something." + needsMeasurement, Ways: []string{byMeasurement}, Effect: actions.Idempotent, Guarantee: "Google counts a transaction ID once, so a repeat changes nothing.",
			Input: append(purchase, userFields()...), Output: value.ShapeOf(sent), Sample: sent, Request: collect(bought)},
		{ID: "validate_event", Name: "Check an event", Description: "Asks Google what is wrong with an event, and records nothing." + needsMeasurement, Ways: []string{byMeasurement}, Effect: actions.Read, Guarantee: "It only asks.",
			Input: append(name, userFields()...), Output: value.ShapeOf(found), Sample: found,
			Request: &actions.Request{Method: "POST", Path: "/debug/mp/collect", Body: actions.JSONBody, Output: verdict, Prepare: func(in map[string]any) (actions.Parts, error) {
				return payload(in, one(in))
			}}},
	}
}

func verdict(resp actions.Response) (any, error) {
	list, _ := value.At(resp.Value, "/validationMessages").([]any)
	if list == nil {
		list = []any{}
	}
	return map[string]any{"valid": len(list) == 0, "messages": list}, nil
}

// bought is a purchase as an event.
func bought(in map[string]any) []any {
	params := map[string]any{}
	for _, name := range []string{"transaction_id", "value", "currency", "tax", "shipping", "coupon", "items"} {
		if in[name] != nil {
			params[name] = in[name]
		}
	}
	return []any{map[string]any{"name": "purchase", "params": params}}
}

var eventName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// checkName holds a name to Google's rules. Source: https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events#limitations
func checkName(at, name string) error {
	switch {
	case !eventName.MatchString(name):
		return fault.New(fault.InvalidInput, "The input %s: %q is no name: up to 40 letters, digits and _, a letter first.", at, fault.Clip(name, 60))
	case strings.HasPrefix(name, "ga_"), strings.HasPrefix(name, "google_"), strings.HasPrefix(name, "firebase_"):
		return fault.New(fault.InvalidInput, "The input %s: %q begins as only Google's own names may.", at, name)
	}
	return nil
}

// payload writes events of a person, and refuses what Google would drop without a word.
func payload(in map[string]any, list []any) (actions.Parts, error) {
	if len(list) == 0 || len(list) > 25 {
		return actions.Parts{}, fault.New(fault.InvalidInput, "The input events: there are %d; from 1 to 25 are taken at once.", len(list))
	}
	out := []any{}
	for i, item := range list {
		event, _ := item.(map[string]any)
		at := ""
		if in["events"] != nil {
			at = fmt.Sprintf("events/%d/", i)
		}
		params, err := paramsOf(event, in, at)
		if err != nil {
			return actions.Parts{}, err
		}
		out = append(out, map[string]any{"name": event["name"], "params": params})
	}
	body := map[string]any{"events": out}
	if when, err := time.Parse(time.RFC3339, value.Text(in["at"])); err == nil {
		body["timestamp_micros"] = when.UnixMicro()
	}
	if consent := in["consent"]; consent != nil {
		body["consent"] = map[string]any{"ad_user_data": consent, "ad_personalization": consent}
	}
	if given, _ := in["user_properties"].(map[string]any); len(given) > 0 {
		properties := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(given)) {
			if err := checkName("user_properties", name); err != nil {
				return actions.Parts{}, err
			}
			properties[name] = map[string]any{"value": given[name]}
		}
		body["user_properties"] = properties
	}
	return actions.Parts{Body: body}, nil
}

// paramsOf are an event's parameters, with those by which reports know sessions and active users.
func paramsOf(event, in map[string]any, at string) (map[string]any, error) {
	if err := checkName(at+"name", value.Text(event["name"])); err != nil {
		return nil, err
	}
	params := map[string]any{"engagement_time_msec": in["engaged_ms"]}
	if session := in["session_id"]; session != nil {
		params["session_id"] = session
	}
	given, _ := event["params"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := checkName(at+"params", name); err != nil {
			return nil, err
		}
		if text, ok := given[name].(string); ok && len([]rune(text)) > 100 {
			return nil, fault.New(fault.InvalidInput, "The input %sparams/%s: Google cuts texts at 100 characters, and it has %d.", at, name, len([]rune(text)))
		}
		params[name] = given[name]
	}
	items, _ := given["items"].([]any)
	for i, item := range items {
		if value.Text(value.At(item, "/item_id")) == "" && value.Text(value.At(item, "/item_name")) == "" {
			return nil, fault.New(fault.InvalidInput, "The input %sitems/%d: give it an ID or a name; Google drops an item that has neither.", at, i)
		}
	}
	if len(given) > 25 {
		return nil, fault.New(fault.InvalidInput, "The input %sparams: there are %d; Google takes 25.", at, len(given))
	}
	return params, nil
}
