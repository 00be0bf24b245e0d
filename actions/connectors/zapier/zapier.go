// Package zapier is the connector for Zapier's catch hooks, which start Zaps.
package zapier

import (
	"bytes"
	"context"
	_ "embed"
	"net/http"
	"regexp"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:embed icon.svg
var icon string

// Connector describes Zapier. Source: https://help.zapier.com/hc/en-us/articles/8496288690317-Trigger-Zaps-from-webhooks
func Connector() actions.Connector {
	return actions.Connector{
		ID: "zapier", Name: "Zapier", Category: "Automation", Color: "#ff4f00", Monogram: "Z", Icon: icon,
		Description: "Starts Zaps by their catch hooks.",
		DocsURL:     "https://help.zapier.com/hc/en-us/articles/8496288690317-Trigger-Zaps-from-webhooks",
		SetUp:       setUp(),
		BaseURL:     "https://hooks.zapier.com/hooks/catch/{account}/{hook}",
		Auth: []actions.Auth{{Method: "hook", Name: "Catch hook",
			Help:   "In Zapier, a Zap whose trigger is Webhooks by Zapier, Catch Hook: its URL. Who has it can start the Zap, so it is kept as a secret. Zapier has no public API for people's Zaps: what else is done with one, as switching it on or reading its history, is done there.",
			Fields: []actions.Field{{ID: "url", Label: "Webhook URL", Help: "As the Zap's trigger shows it, with https://.", Type: actions.Text, Required: true, Secret: true, Example: "https://hooks.zapier.com/hooks/catch/123/abc/"}}}},
		Derive:   hookOf,
		Untested: "A hook of Zapier gives nothing out, and a test would start the Zap: the next run shows whether the URL is good.",
		Errors: actions.ErrorTable{
			{Status: 410, Code: "not_found", Message: "Zapier has no such hook any more.", Remedy: "Look whether the Zap is on, and put its URL into the connection."},
			{Status: 404, Code: "not_found", Message: "Zapier does not know the hook.", Remedy: "Put the Zap's URL into the connection."},
			{Status: 413, Code: "too_large", Message: "Zapier takes 10 MB at once.", Remedy: "Send less."},
			{Status: 429, Code: "rate_limited", Message: "Zapier asks to slow down."},
		},
		Actions: []actions.Action{startZap()},
	}
}

var hookForm = regexp.MustCompile(`^https://hooks\.zapier\.com/hooks/catch/([0-9]+)/([A-Za-z0-9]+)/?$`)

// hookOf reads account and hook off the URL. Nothing else of it may become an address.
func hookOf(values map[string]string) (map[string]string, error) {
	m := hookForm.FindStringSubmatch(strings.TrimSpace(values["url"]))
	if m == nil {
		return nil, fault.New(fault.InvalidInput, "The URL is none of a catch hook, as https://hooks.zapier.com/hooks/catch/123/abc/; copy it whole from the Zap's trigger.")
	}
	return map[string]string{"account": m[1], "hook": m[2]}, nil
}

func startZap() actions.Action {
	sample := map[string]any{"attempt": "01890b3a-7c5e-4a0f-8d54-4a2f1c2b3d4e", "id": "01890b3a-7c5e-4a0f-8d54-4a2f1c2b3d4e", "request_id": "01890b3a-7c5e-4a0f-8d54-4a2f1c2b3d4e", "status": "success"}
	return actions.Action{
		ID: "start_zap", Name: "Start a Zap", Description: "Sends data to a Zap's catch hook. A list starts the Zap once for each item.", Effect: actions.Once,
		Guarantee: "Zapier starts the Zap for every call: one whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     []actions.Field{{ID: "data", Label: "Data", Help: "An object, or a list of them.", Type: actions.JSON, Required: true, In: actions.InNone, Example: map[string]any{"name": "Ada Lovelace", "email": "ada@example.com"}}},
		Output:    value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			switch value.Kind(in.Values["data"]) {
			case "object", "list":
			default:
				return nil, fault.New(fault.InvalidInput, "The input data: Zapier takes an object or a list of them, not %s.", value.AKind(in.Values["data"]))
			}
			b, err := value.Encode(in.Values["data"])
			if err != nil {
				return nil, err
			}
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: http.MethodPost, URL: "/", Body: bytes.NewReader(b), Header: http.Header{"Content-Type": {"application/json"}}})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			return taken(resp)
		},
	}
}

// taken takes Zapier's word for it only: a page that something in between answered with is none.
func taken(resp actions.Response) (any, error) {
	if value.At(resp.Value, "/status") == "success" {
		return resp.Value, nil
	}
	return nil, fault.New(fault.Uncertain, "The answer did not come from Zapier: it lacks the status success. Whether the Zap was started is not known; look into its history.")
}
