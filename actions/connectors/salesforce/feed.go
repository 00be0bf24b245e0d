package salesforce

import (
	"context"
	"encoding/base64"
	"html"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// feedActions write what people read at a record: posts, comments, notes.
func feedActions() []actions.Action {
	return []actions.Action{postToFeed(), commentOnCase(), createNote()}
}

// postToFeed writes to Chatter. Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_feeditem.htm
func postToFeed() actions.Action {
	at := look("record", "Where", "The id of the record, the user or the group whose feed it goes to.", "ParentId", nil)
	at.Required, at.Example = true, "001D000000INjVeIAL"
	return actions.Action{
		ID: "post_to_chatter", Name: "Post to Chatter", Description: "Writes a post, or a link, into the feed of a record, a user or a group.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{at, {ID: "text", Label: "Text", Help: "At most 10,000 characters.", Type: actions.LongText, Required: true, Name: "Body", Example: "The invoice is paid."},
			{ID: "html", Label: "The text is HTML", Help: "Then a few of its tags count, as p, b, i, a and ul.", Type: actions.Boolean, Name: "IsRichText"},
			text("link", "Link", "An address that the post shows.", "LinkUrl", "https://example.com/invoices/1042"), text("title", "Title of the link", "How the link reads.", "Title", "Invoice 1042"),
			{ID: "visibility", Label: "Shown to", Help: "Whom it is shown to; not given: your own users.", Type: actions.Select, Name: "Visibility", Options: []actions.Option{{Value: "InternalUsers", Label: "Your own users"}, {Value: "AllUsers", Label: "All who see the record, those of portals and sites too"}}}},
		Output: value.ShapeOf(created()), Sample: created(),
		Errors: actions.ErrorTable{{Pointer: "/*/errorCode", Equals: "INVALID_TYPE", Code: "unauthorized", Message: "Salesforce has no feeds here: {/0/message}", Remedy: "Switch Chatter on under Setup, Chatter Settings."}},
		Request: &actions.Request{Method: "POST", Path: "/sobjects/FeedItem", Body: actions.JSONBody, Output: made, Prepare: func(in map[string]any) (actions.Parts, error) {
			if in["link"] == nil {
				return actions.Parts{}, nil
			}
			return actions.Parts{Body: map[string]any{"Type": "LinkPost"}}, nil
		}},
	}
}

// commentOnCase adds to a case's comments. Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_casecomment.htm
func commentOnCase() actions.Action {
	of := look("case", "Case", "The id of the case.", "ParentId", chosen("SELECT Id, CaseNumber, Subject FROM Case ORDER BY LastModifiedDate DESC LIMIT 500", "{/CaseNumber}: {/Subject}"))
	of.Required, of.Example = true, "500D000000IRwEoIAL"
	return actions.Action{
		ID: "add_case_comment", Name: "Comment on a case", Description: "Adds a comment to a case.", Effect: actions.Once, Guarantee: noKey,
		Input: []actions.Field{of, {ID: "text", Label: "Text", Help: "At most 4,000 bytes.", Type: actions.LongText, Required: true, Name: "CommentBody", MaxLen: 4000, Example: "We are on it."},
			{ID: "public", Label: "Public", Help: "Whether the customer sees it where there is a portal or a site.", Type: actions.Boolean, Default: false, Name: "IsPublished"}},
		Output: value.ShapeOf(created()), Sample: created(),
		Request: &actions.Request{Method: "POST", Path: "/sobjects/CaseComment", Body: actions.JSONBody, Output: made},
	}
}

// createNote writes a note, whose text is HTML in base64, and shows it at a record as a file is shown.
// Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentnote.htm
func createNote() actions.Action {
	sample := created()
	sample["id"], sample["Id"] = "069D00000000so2IAA", "069D00000000so2IAA"
	at := atRecord("record", "The id of the record that shows it.")
	at.Required = true
	note := actions.Action{ID: "note", Effect: actions.Once, Sample: sample, Input: []actions.Field{{ID: "title", Type: actions.Text, Name: "Title"}, {ID: "text", Type: actions.LongText, In: actions.InNone}},
		Request: &actions.Request{Method: "POST", Path: "/sobjects/ContentNote", Body: actions.JSONBody, Prepare: noteText, Output: made}}
	show := attachFile()
	return actions.Action{
		ID: "create_note", Name: "Create a note", Description: "Writes a note and shows it at a record.", Effect: actions.Once, Guarantee: noKey + " A note that could not be shown at the record stays with the user's own notes.",
		Input: []actions.Field{at, {ID: "title", Label: "Title", Help: "What it is called.", Type: actions.Text, Required: true, In: actions.InNone, Example: "Call of Monday"},
			{ID: "text", Label: "Text", Help: "Text, or HTML that begins with a tag.", Type: actions.LongText, Required: true, In: actions.InNone, Example: "Wants ten engines."}},
		Output: value.ShapeOf(sample), Sample: sample, Errors: show.Errors,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			out, err := do.Ask(ctx, &note, map[string]any{"title": in.Values["title"], "text": in.Values["text"]})
			if err != nil {
				return nil, err
			}
			if _, err := do.Ask(ctx, &show, map[string]any{"document": value.At(out, "/Id"), "record": in.Values["record"], "share": "V"}); err != nil {
				return nil, fault.New(fault.InvalidInput, "The note %s is written, and Salesforce did not show it at the record: %s", value.Text(value.At(out, "/Id")), fault.MessageOf(err))
			}
			return out, nil
		},
	}
}

func noteText(in map[string]any) (actions.Parts, error) {
	text := strings.TrimSpace(value.Text(in["text"]))
	if !strings.HasPrefix(text, "<") {
		text = "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>") + "</p>"
	}
	return actions.Parts{Body: map[string]any{"Content": base64.StdEncoding.EncodeToString([]byte(text))}}, nil
}
