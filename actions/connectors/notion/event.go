package notion

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// verificationToken is what Notion signs its events with.
func verificationToken() actions.Field {
	return actions.Field{ID: "verification_token", Label: "Verification token", Help: "Of the webhook subscription: Notion sends it to the trigger's address in its first request, which the inbox shows. It signs the events; without it no event is taken.", Type: actions.Text, Secret: true}
}

// event is the trigger for the webhook of an integration. Notion has no call that makes one, and its events are thin.
// Source: https://developers.notion.com/reference/webhooks
func event() actions.Trigger {
	person := map[string]any{"id": "c7c11cca-1d73-471d-9b6e-bdef51470190", "type": "person"}
	sample := map[string]any{"id": "367cba44-b6f3-4c92-81e7-6a2e9659efd4", "timestamp": "2026-01-05T23:55:34.285Z", "workspace_id": "13950b26-c203-4f3b-b97d-93ec06319565", "workspace_name": "Quantify Labs",
		"subscription_id": "29d75c0d-5546-4414-8459-7b7a92f1fc4b", "integration_id": "0ef2e755-4912-8096-91c1-00376a88a5ca", "authors": []any{person}, "attempt_number": 1, "api_version": "2025-09-03",
		"type": "page.content_updated", "entity": map[string]any{"id": "153104cd-477e-809d-8dc4-ff2d96ae3090", "type": "page"},
		"data": map[string]any{"updated_blocks": []any{map[string]any{"id": "153104cd-477e-80ec-95b9-fd4c0a3bd0e0", "type": "block"}}, "parent": map[string]any{"id": "13950b26-c203-4f3b-b97d-93ec06319565", "type": "space"}}}
	return actions.Trigger{
		ID: "event", Name: "Event", Kind: actions.EventKind, Output: value.ShapeOf(sample), Sample: sample,
		Description: "Something happened to a page, a database, a comment, a view or an upload that is shared with the integration, told within a minute or so. entity says what, and get_page or read_page gives the rest. Make a subscription under the integration's Webhooks with the trigger's address.",
		Input:       []actions.Field{{ID: "topics", Label: "Events", Help: "Which events, as Notion calls them: page.created, comment.created. All that the subscription sends where none is given.", Type: actions.Texts, Example: []any{"page.properties_updated"}}},
		Topic:       "type", DeliveryID: "id", Verify: actions.Verification{Preset: "notion", Secret: "verification_token", Comes: true},
		Topics: []string{"page.created", "page.content_updated", "page.properties_updated", "page.moved", "page.deleted", "page.undeleted", "page.locked", "page.unlocked",
			"database.created", "database.content_updated", "database.moved", "database.deleted", "database.undeleted", "database.schema_updated",
			"data_source.created", "data_source.content_updated", "data_source.moved", "data_source.deleted", "data_source.undeleted", "data_source.schema_updated",
			"comment.created", "comment.updated", "comment.deleted", "view.created", "view.updated", "view.deleted",
			"file_upload.created", "file_upload.completed", "file_upload.expired", "file_upload.upload_failed"},
	}
}
