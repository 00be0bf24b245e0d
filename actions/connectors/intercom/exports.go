package intercom

import (
	"context"
	"net/http"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// exports are the actions for what became of the messages that were sent out: who got, opened and answered them. Intercom makes a file of it,
// which takes a while; one export can be on its way at a time.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-export
func exports() []actions.Action {
	job := map[string]any{"job_identifier": "orzzsbd7hk67xyu", "status": "pending", "download_url": "", "download_expires_at": ""}
	of := actions.Field{ID: "export", Label: "Export", Help: "The job_identifier that Start an export gives.", Type: actions.Text, Required: true, In: actions.InPath, Example: "orzzsbd7hk67xyu"}
	from, to := moment("from", "From", "When the messages were sent, at the earliest."), moment("to", "To", "When they were sent, at the latest.")
	from.Required, to.Required = true, true
	file := map[string]any{"file": actions.FileSample("orzzsbd7hk67xyu.csv.gz", "application/gzip", 20480)}
	return []actions.Action{
		{ID: "start_export", Name: "Start an export of messages", Description: "Lets Intercom write a file of the messages sent out in a time, with who got, opened and answered each. Conversations are not in it. It takes minutes; wait, then ask with Get an export.", Effect: actions.Once,
			Guarantee: "Intercom makes one export at a time, and one whose answer was lost in a crash is not started again by itself: you are asked.",
			Input:     []actions.Field{from, to}, Output: value.ShapeOf(job), Sample: job,
			Request: &actions.Request{Method: "POST", Path: "/export/content/data", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				times := map[string]any{}
				seconds(times, in, "from", "to")
				return actions.Parts{Body: map[string]any{"created_at_after": times["from"], "created_at_before": times["to"]}}, nil
			}}},
		{ID: "get_export", Name: "Get an export", Description: "Tells how far an export is: its status is pending, in_progress, completed, no_data, failed or canceled.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{of}, Output: value.ShapeOf(job), Sample: job, Request: &actions.Request{Method: "GET", Path: "/export/content/data/{export}"}},
		{ID: "download_export", Name: "Download an export", Description: "Reads the file of an export that is completed: CSV, compressed by gzip, for later steps to take.", Effect: actions.Read, Guarantee: onlyReads, Timeout: actions.FileTimeout,
			Input: []actions.Field{of}, Output: value.ShapeOf(file), Sample: file, Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				id := value.Text(in.Values["export"])
				url, err := actions.FillPath("/download/content/data/{export}", map[string]string{"export": id})
				if err != nil {
					return nil, err
				}
				resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: http.MethodGet, URL: url, Header: http.Header{"Accept": {"application/octet-stream"}}}, value.File{Name: id + ".csv.gz", Type: "application/gzip"})
				if err != nil || do.Sandboxed() {
					return file, err
				}
				return map[string]any{"file": resp.File.Value()}, nil
			}},
		{ID: "cancel_export", Name: "Cancel an export", Description: "Ends an export that is on its way, so that another can start.", Effect: actions.Idempotent, Guarantee: saysSo,
			Input: []actions.Field{of}, Output: value.ShapeOf(job), Sample: job, Request: &actions.Request{Method: "POST", Path: "/export/cancel/{export}"}},
	}
}

// objects are the actions for things of the workspace's own making, as orders. Intercom has to know their type.
// Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/custom-object-instances
func objects() []actions.Action {
	sample := map[string]any{"id": "22", "type": "Order", "external_id": "123", "custom_attributes": map[string]any{"order_number": "A-12", "total_amount": 99.5}, "external_created_at": 1764000000, "external_updated_at": 1764000000, "created_at": 1764000000, "updated_at": 1764000000}
	gone := map[string]any{"id": "22", "object": "Order", "deleted": true}
	kind := actions.Field{ID: "type", Label: "Type", Help: "The identifier of the type, as Intercom shows it under Settings, Data, Custom objects.", Type: actions.Text, Required: true, In: actions.InPath, Example: "Order"}
	own := actions.Field{ID: "external_id", Label: "Your id", Help: "Your own id of the thing.", Type: actions.Text, Required: true, Example: "123"}
	asked := own
	asked.In = actions.InQuery
	return []actions.Action{
		{ID: "upsert_object", Name: "Create or update a custom object", Description: "Changes the thing with your own id, as an order, or makes it.", Effect: actions.Idempotent, Guarantee: "Your own id tells Intercom which thing is meant, so a repeat after a crash makes no second one.",
			Input:  []actions.Field{kind, own, attributes("By their identifiers; the type has to have them."), moment("external_created_at", "Made", "When it was made in your product."), moment("external_updated_at", "Changed", "When it last changed in your product.")},
			Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "POST", Path: "/custom_object_instances/{type}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
				body := map[string]any{}
				seconds(body, in, "external_created_at", "external_updated_at")
				return actions.Parts{Body: body}, nil
			}}},
		{ID: "find_object", Name: "Find a custom object", Description: "Reads the thing with your own id; that there is none is the error not_found.", Effect: actions.Read, Guarantee: onlyReads,
			Input: []actions.Field{kind, asked}, Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "GET", Path: "/custom_object_instances/{type}"}},
		{ID: "delete_object", Name: "Delete a custom object", Description: "Deletes the thing with your own id.", Effect: actions.Idempotent, Guarantee: staysGone,
			Input: []actions.Field{kind, asked}, Output: value.ShapeOf(gone), Sample: gone, Request: &actions.Request{Method: "DELETE", Path: "/custom_object_instances/{type}"}},
		setAway(),
	}
}

// setAway says that an admin is away. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/setawayadmin
func setAway() actions.Action {
	sample := map[string]any{"type": "admin", "id": "780", "name": "Grace Hopper", "email": "grace@example.com", "away_mode_enabled": true, "away_mode_reassign": false, "has_inbox_seat": true, "team_ids": []any{814865}}
	admin := acting()
	admin.Help, admin.In, admin.Name = "Who is away, or back.", actions.InPath, ""
	return actions.Action{
		ID: "set_away", Name: "Set an admin away", Description: "Says that an admin is away or back, and whether replies to the admin's conversations go to others meanwhile.", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: []actions.Field{admin, {ID: "away", Label: "Away", Help: "Whether the admin is away.", Type: actions.Boolean, Default: true, Name: "away_mode_enabled"},
			{ID: "reassign", Label: "Reassign", Help: "Whether conversations that are answered meanwhile become unassigned.", Type: actions.Boolean, Default: false, Name: "away_mode_reassign"},
			{ID: "reason", Label: "Reason", Help: "The id of a reason for being away.", Type: actions.Integer, Name: "away_status_reason_id", Example: 12,
				Choices: &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/away_status_reasons"}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: "/id", Label: "{/emoji} {/label}"}}},
		Output: value.ShapeOf(sample), Sample: sample, Request: &actions.Request{Method: "PUT", Path: "/admins/{admin}/away", Body: actions.JSONBody},
	}
}
