package mixpanel

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// send posts a list, which is the whole body of what Mixpanel takes.
func send(ctx context.Context, do actions.Doer, url string, list []any) (actions.Response, error) {
	b, err := value.Encode(list)
	if err != nil {
		return actions.Response{}, err
	}
	return do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodPost, URL: url, Body: bytes.NewReader(b), Header: http.Header{"Content-Type": {"application/json"}}})
}

// update sends one change of a profile or a group. Mixpanel answers 200 to a change that it refuses, and says so in the body.
func update(ctx context.Context, do actions.Doer, url string, change map[string]any) (any, error) {
	resp, err := send(ctx, do, url+"?strict=1&verbose=1", []any{change})
	switch {
	case err != nil:
		return nil, err
	case do.Sandboxed():
		return doneSample, nil
	}
	if status := value.Text(value.At(resp.Value, "/status")); status == "1" || value.Text(resp.Value) == "1" {
		return doneSample, nil
	}
	return nil, fault.New(fault.InvalidInput, "Mixpanel refused the change and does not say why. Look whether the project token is right.")
}

var doneSample = map[string]any{"done": true}

// millis is a time as Mixpanel has it.
func millis(v any) (int64, error) {
	at, err := time.Parse(time.RFC3339, value.Text(v))
	if err != nil {
		return 0, fault.New(fault.InvalidInput, "The input at: %q is no time; write it as 2026-01-31T09:30:00Z.", fault.Clip(value.Text(v), 40))
	}
	return at.UnixMilli(), nil
}
