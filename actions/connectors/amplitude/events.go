package amplitude

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// whoFields say who it was.
func whoFields() []actions.Field {
	return []actions.Field{
		{ID: "user_id", Label: "User ID", Help: "What your systems call the user, 5 characters or more.", Type: actions.Text, In: actions.InNone, Example: "user-42"},
		{ID: "device_id", Label: "Device ID", Help: "Of a device, where the user is not known. One of both is needed.", Type: actions.Text, In: actions.InNone, Example: "device-7"},
	}
}

func shortField() actions.Field {
	return actions.Field{ID: "short_ids", Label: "Short IDs", Help: "Whether IDs of less than 5 characters are taken, which Amplitude drops otherwise.", Type: actions.Boolean, Default: false, In: actions.InNone}
}

// eventFields are what an event is made of. Source: https://amplitude.com/docs/apis/analytics/http-v2#keys-for-the-event-argument
func eventFields() []actions.Field {
	return append(whoFields(), []actions.Field{
		{ID: "event", Label: "Event", Help: "What happened.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Deal Won"},
		{ID: "at", Label: "When", Help: "When it happened; when Amplitude gets it where not given.", Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"},
		{ID: "properties", Label: "Event properties", Help: "Values by their names.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"amount": 120}},
		{ID: "user_properties", Label: "User properties", Help: "What is set of the user with it.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"plan": "pro"}},
		{ID: "groups", Label: "Groups", Help: "Which groups the user is in, by their types. Needs Amplitude's Accounts.", Type: actions.Object, In: actions.InNone, Example: map[string]any{"company": "acme"}},
		{ID: "revenue", Label: "Revenue", Help: "Of the whole; a negative one is a refund.", Type: actions.Number, In: actions.InNone, Example: 120},
		{ID: "product_id", Label: "Product", Help: "What was bought.", Type: actions.Text, In: actions.InNone, Example: "licence"},
		{ID: "country", Label: "Country", Help: "Where the user is.", Type: actions.Text, In: actions.InNone, Example: "Germany"},
		{ID: "language", Label: "Language", Help: "The user's.", Type: actions.Text, In: actions.InNone, Example: "German"},
		{ID: "platform", Label: "Platform", Help: "Of the device.", Type: actions.Text, In: actions.InNone, Example: "Web"},
		{ID: "app_version", Label: "App version", Help: "Of your app.", Type: actions.Text, In: actions.InNone, Example: "1.2"},
		{ID: "session_id", Label: "Session", Help: "When the session began, in milliseconds since 1970; -1 is none.", Type: actions.Integer, In: actions.InNone, Example: 1764000000000},
		{ID: "insert_id", Label: "Insert ID", Help: "What tells the event from all others; made of the step where not given.", Type: actions.Text, In: actions.InNone, Example: "deal-1042-won"},
	}...)
}

// events are the actions of events. Source: https://amplitude.com/docs/apis/analytics/http-v2
func events() []actions.Action {
	sample := map[string]any{"code": 200, "events_ingested": 1, "payload_size_bytes": 50, "server_upload_time": 1764000000000}
	guarantee := "Amplitude counts an insert ID once a device within 7 days, so a repeat changes nothing."
	fields := eventFields()
	for i := range fields {
		fields[i].In = actions.InBody
	}
	return []actions.Action{
		{ID: "track_event", Name: "Track an event", Description: "Records that a user did something.", Effect: actions.Idempotent, Guarantee: guarantee, Input: append(eventFields(), shortField()), Output: value.ShapeOf(sample), Sample: sample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				return upload(ctx, in, "/2/httpapi", []any{in.Values}, "", do, sample)
			}},
		{ID: "track_events", Name: "Track several events", Description: "Records up to 2,000 events at once.", Effect: actions.Idempotent, Guarantee: guarantee,
			Input:  []actions.Field{{ID: "events", Label: "Events", Help: "One for each happening.", Type: actions.List, Required: true, In: actions.InNone, Fields: fields}, shortField()},
			Output: value.ShapeOf(sample), Sample: sample, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				list, _ := in.Values["events"].([]any)
				if len(list) == 0 || len(list) > 2000 {
					return nil, fault.New(fault.InvalidInput, "The input events: there are %d; from 1 to 2,000 are taken at once.", len(list))
				}
				return upload(ctx, in, "/batch", list, "events", do, sample)
			}},
	}
}

func upload(ctx context.Context, in actions.Input, path string, list []any, input string, do actions.Doer, sample any) (any, error) {
	short, out := in.Values["short_ids"] == true, []any{}
	for i, item := range list {
		given, _ := item.(map[string]any)
		event, err := eventOf(given, insertID(in.Key, i), short)
		if err != nil {
			if input != "" {
				err = fault.New(fault.InvalidInput, "In %s/%d: %s", input, i, fault.MessageOf(err))
			}
			return nil, err
		}
		out = append(out, event)
	}
	with := map[string]any{"events": out}
	if short {
		with["options"] = map[string]any{"min_id_length": 1}
	}
	return do.Ask(ctx, &actions.Action{ID: "upload", Effect: actions.Idempotent, Sample: sample, Input: []actions.Field{{ID: "events", Type: actions.List}, {ID: "options", Type: actions.Object}},
		Request: &actions.Request{Method: "POST", Path: path, Body: actions.JSONBody}}, with)
}

// insertID makes an ID of the step's key, which is the same over all its attempts.
func insertID(key string, i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", key, i))
	return hex.EncodeToString(sum[:16])
}

// least is how many characters an ID has: Amplitude drops what has fewer, without a word.
// Source: https://amplitude.com/docs/apis/analytics/http-v2#device-ids-and-user-ids-minimum-length
const least = 5

// who holds the IDs of a user and a device to what Amplitude takes, and puts them into out.
func who(in, out map[string]any, short bool) error {
	for _, name := range []string{"user_id", "device_id"} {
		id := value.Text(in[name])
		if id == "" {
			continue
		}
		if len([]rune(id)) < least && !short {
			return fault.New(fault.InvalidInput, "The input %s: %q has fewer than %d characters, and Amplitude drops such IDs.", name, id, least)
		}
		out[name] = id
	}
	if out["user_id"] == nil && out["device_id"] == nil {
		return fault.New(fault.InvalidInput, "The input user_id: give a user ID or a device ID.")
	}
	return nil
}

func eventOf(in map[string]any, insert string, short bool) (map[string]any, error) {
	out := map[string]any{"event_type": in["event"], "insert_id": insert}
	if err := who(in, out, short); err != nil {
		return nil, err
	}
	for from, to := range map[string]string{"properties": "event_properties", "user_properties": "user_properties", "groups": "groups", "revenue": "revenue", "product_id": "productId", "country": "country", "language": "language",
		"platform": "platform", "app_version": "app_version", "session_id": "session_id", "insert_id": "insert_id"} {
		if v := in[from]; v != nil && v != "" {
			out[to] = v
		}
	}
	if at, err := time.Parse(time.RFC3339, value.Text(in["at"])); err == nil {
		out["time"] = at.UnixMilli()
	}
	return out, nil
}
