package microsoftteams

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestContent: a message says what was written, and a card and mentions stand in it by their names.
func TestContent(t *testing.T) {
	ada := map[string]any{"user": "u1", "name": "Ada <L>"}
	for _, c := range []struct {
		in   map[string]any
		want string // of the body, or the error
	}{
		{map[string]any{"text": "a <b>", "format": "text"}, `{"body":{"content":"a <b>","contentType":"text"}}`},
		{map[string]any{"text": "<b>a</b>", "format": "html"}, `{"body":{"content":"<b>a</b>","contentType":"html"}}`},
		{map[string]any{"text": "Look, @Ada <L>!\nNow.", "format": "text", "mentions": []any{ada}},
			`{"body":{"content":"Look, <at id=\"0\">Ada &lt;L&gt;</at>!<br>Now.","contentType":"html"},"mentions":[{"id":0,"mentionText":"Ada <L>","mentioned":{"user":{"displayName":"Ada <L>","id":"u1","userIdentityType":"aadUser"}}}]}`},
		{map[string]any{"text": "Look", "format": "html", "mentions": []any{map[string]any{"user": "u2", "name": "Bo"}}},
			`{"body":{"content":"<at id=\"0\">Bo</at> Look","contentType":"html"},"mentions":[{"id":0,"mentionText":"Bo","mentioned":{"user":{"displayName":"Bo","id":"u2","userIdentityType":"aadUser"}}}]}`},
		{map[string]any{"format": "html", "card": map[string]any{"type": "AdaptiveCard"}},
			`{"attachments":[{"content":"{\"type\":\"AdaptiveCard\"}","contentType":"application/vnd.microsoft.card.adaptive","id":"card"}],"body":{"content":"<attachment id=\"card\"></attachment>","contentType":"html"}}`},
		{map[string]any{"format": "html"}, "The input text: give a text or a card."},
	} {
		parts, err := content(c.in)
		got := value.Text(parts.Body)
		if err != nil {
			got = fault.MessageOf(err)
		}
		if got != c.want {
			t.Errorf("%v gives\n%s, not\n%s", c.in, got, c.want)
		}
	}
}

// TestQuoted: no id and no name leaves the quotation marks that it stands in.
func TestQuoted(t *testing.T) {
	if got := member("x') or ('1", false); got["user@odata.bind"] != "https://graph.microsoft.com/v1.0/users('x'') or (''1')" || len(got["roles"].([]any)) != 0 {
		t.Errorf("the member is %v", got)
	}
	parts, err := listChannels().Request.Prepare(map[string]any{"name": "O'Brien' or 1 eq 1"})
	if got := fmt.Sprint(parts.Query, err); got != "map[$filter:displayName eq 'O''Brien'' or 1 eq 1'] <nil>" {
		t.Errorf("the filter is %s", got)
	}
	if parts, err = listChannels().Request.Prepare(map[string]any{}); err != nil || parts.Query != nil {
		t.Errorf("without a name it filters by %v (%v)", parts.Query, err)
	}
	parts, err = newChatMessage().Poll.Request.Prepare(map[string]any{"since": "2026-01-31T09:30:00Z"})
	if got := fmt.Sprint(parts.Query, err); got != "map[$filter:lastModifiedDateTime gt 2026-01-31T09:30:00Z] <nil>" {
		t.Errorf("the trigger asks for %s", got)
	}
}

// TestMembers: who is in a chat is bound by the address in the directory, each as its owner.
func TestMembers(t *testing.T) {
	parts, err := members(map[string]any{"members": []any{"u1", "u2"}})
	if got := value.Text(parts.Body); err != nil || strings.Count(got, `"roles":["owner"]`) != 2 || !strings.Contains(got, "users('u2')") {
		t.Errorf("the members are %s (%v)", got, err)
	}
}

// TestLinks: what Teams copies as a link gives the ids, without the escapes.
func TestLinks(t *testing.T) {
	const (
		channel = "https://teams.microsoft.com/l/channel/19%3a4a95f7d8%40thread.tacv2/General?groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b&tenantId=b33cbe9f-8ebe-4f2a-912b-7e2a427f477f"
		answer  = "https://teams.microsoft.com/l/message/19%3A4a95f7d8%40thread.tacv2/1616990171266?tenantId=b33cbe9f&groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b&parentMessageId=1616990032035&teamName=Eng"
		chat    = "https://teams.microsoft.com/l/message/19%3A2da4c29f%40thread.v2/1616990032035?context=%7B%22contextType%22%3A%22chat%22%7D"
	)
	for _, c := range []struct {
		field    actions.Field
		in, want string
	}{
		{teamField(), channel, "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b"}, {teamField(), " fbe2bf47 ", "fbe2bf47"},
		{channelField(), channel, "19:4a95f7d8@thread.tacv2"}, {channelField(), answer, "19:4a95f7d8@thread.tacv2"}, {channelField(), "19:a@thread.tacv2", "19:a@thread.tacv2"},
		{messageField(), answer, "1616990171266"}, {threadField(), answer, "1616990032035"}, {threadField(), chat, "1616990032035"},
		{chatField(), chat, "19:2da4c29f@thread.v2"}, {chatField(), "https://teams.microsoft.com/l/chat/19%3A2da4c29f%40thread.v2/0?tenantId=b", "19:2da4c29f@thread.v2"},
		{chatField(), "https://teams.cloud.microsoft/l/chat/19:2da4c29f@unq.gbl.spaces/conversations?context=x", "19:2da4c29f@unq.gbl.spaces"},
	} {
		if got := c.field.Tidy(c.in); got != c.want {
			t.Errorf("%s %q gives %q", c.field.ID, c.in, got)
		}
	}
}
