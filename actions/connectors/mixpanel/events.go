package mixpanel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// eventFields are what an event is made of.
func eventFields() []actions.Field {
	return []actions.Field{
		{ID: "event", Label: "Event", Help: "What happened.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Deal Won"},
		{ID: "distinct_id", Label: "User", Help: "The distinct ID of who did it; an empty one is nobody's event.", Type: actions.Text, Required: true, In: actions.InNone, Example: "u-42"},
		{ID: "at", Label: "When", Help: "When it happened. Take the time of the happening itself, so that a repeat is the same event.", Type: actions.DateTime, Required: true, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		{ID: "properties", Label: "Properties", Help: "Values by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"plan": "pro", "amount": 120}},
		{ID: "insert_id", Label: "Insert ID", Help: "What tells the event from all others, up to 36 letters, digits and -; made of the step where not given.", Type: actions.Text, In: actions.InNone, MaxLen: 36, Example: "deal-1042-won"},
	}
}

// events are the actions of events. They are imported, since only that takes old events and says what is wrong with one.
// Source: https://developer.mixpanel.com/reference/import-events
func events() []actions.Action {
	sample := map[string]any{"code": 200, "num_records_imported": 1, "status": "OK"}
	guarantee := "Mixpanel counts events of one name, user, time and insert ID once, so a repeat changes nothing."
	return []actions.Action{
		{ID: "track_event", Name: "Track an event", Description: "Records that a user did something, now or years ago.", Effect: actions.Idempotent, Guarantee: guarantee, Input: eventFields(), Output: value.ShapeOf(sample), Sample: sample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return imported(ctx, in.Key, []any{in.Values}, "", do, sample)
			}},
		{ID: "import_events", Name: "Track several events", Description: "Records up to 2,000 events at once. Where Mixpanel refuses one it says which, and takes the others.", Effect: actions.Idempotent, Guarantee: guarantee,
			Input:  []actions.Field{{ID: "events", Label: "Events", Help: "One for each happening.", Type: actions.List, Required: true, In: actions.InNone, Fields: inBody(eventFields())}},
			Output: value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				list, _ := in.Values["events"].([]any)
				if len(list) == 0 || len(list) > 2000 {
					return nil, fault.New(fault.InvalidInput, "The input events: there are %d; from 1 to 2,000 are taken at once.", len(list))
				}
				return imported(ctx, in.Key, list, "events", do, sample)
			}},
	}
}

// inBody are fields within a list, which have no place of their own.
func inBody(fields []actions.Field) []actions.Field {
	for i := range fields {
		fields[i].In = actions.InBody
	}
	return fields
}

func imported(ctx context.Context, key string, list []any, input string, do actions.Doer, sample any) (any, error) {
	out := []any{}
	for i, item := range list {
		event, _ := item.(map[string]any)
		one, err := eventOf(event, insertID(key, i))
		if err != nil {
			if input != "" {
				err = fault.New(fault.InvalidInput, "In %s/%d: %s", input, i, fault.MessageOf(err))
			}
			return nil, err
		}
		out = append(out, one)
	}
	resp, err := send(ctx, do, "/import?strict=1", out)
	if err != nil || do.Sandboxed() {
		return sample, err
	}
	if err := actions.Sure("Mixpanel", resp.Value, "/status"); err != nil { // it answers old calls with 1 or 0
		return nil, err
	}
	return resp.Value, nil
}

// insertID makes an ID of the step's key, which is the same over all its attempts. Mixpanel takes 36 characters.
func insertID(key string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", key, i))
	return hex.EncodeToString(sum[:16])
}

// eventOf writes an event. What its own inputs say comes before a property of the same name.
func eventOf(event map[string]any, insert string) (map[string]any, error) {
	at, err := millis(event["at"])
	if err != nil {
		return nil, err
	}
	properties := map[string]any{}
	if given, ok := event["properties"].(map[string]any); ok {
		maps.Copy(properties, given)
	}
	if own := value.Text(event["insert_id"]); own != "" {
		insert = own
	}
	properties["time"], properties["distinct_id"], properties["$insert_id"] = at, event["distinct_id"], insert
	return map[string]any{"event": event["event"], "properties": properties}, nil
}
