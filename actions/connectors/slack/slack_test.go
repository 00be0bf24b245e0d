package slack

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestPrepared: what the inputs become in Slack's requests.
func TestPrepared(t *testing.T) {
	for _, c := range []struct {
		prepare func(map[string]any) (actions.Parts, error)
		in      map[string]any
		want    string // of the parts, or the error
	}{
		{between, map[string]any{"from": "2026-01-31T10:30:00+01:00"}, "map[oldest:1769851800] map[]"},
		{between, map[string]any{"from": "2026-01-31T09:30:00Z", "to": "2026-01-31T09:30:00.9Z"}, "map[latest:1769851800 oldest:1769851800] map[]"},
		{between, map[string]any{}, "map[] map[]"},
		{between, map[string]any{"to": "soon"}, "soon is no time; write it as 2026-01-31T09:30:00Z."},
		{joined, map[string]any{"users": []any{"U1", " U2 ", ""}}, "map[] map[users:U1,U2]"},
		{joined, map[string]any{"users": []any{" "}}, "The input users: it names nobody."},
		{emoji, map[string]any{"emoji": " :white_check_mark: "}, "map[] map[name:white_check_mark]"},
		{emoji, map[string]any{"emoji": "wave::skin-tone-2"}, "map[] map[name:wave::skin-tone-2]"},
	} {
		parts, err := c.prepare(c.in)
		got := fmt.Sprint(parts.Query, " ", parts.Body)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v gives %s, not %s", c.in, got, c.want)
		}
	}
	for in, want := range map[string]string{"#Support ": "support", "support": "support", " #a#b": "a#b"} {
		if got := plainName(in); got != want {
			t.Errorf("%q is the name %q, not %q", in, got, want)
		}
	}
}

// TestChanged: what was so before is told apart from a change, and both from what did not come from Slack.
func TestChanged(t *testing.T) {
	for _, c := range []struct {
		answer any
		want   string
	}{
		{map[string]any{"ok": true}, "map[changed:true] <nil>"},
		{map[string]any{"ok": false, "error": "already_reacted"}, "map[changed:false] <nil>"},
		{map[string]any{"error": "proxy"}, "<nil> The answer did not come from Slack: it lacks \"ok\". Look at what stands between here and there."},
		{"<h1>Proxy</h1>", "<nil> The answer did not come from Slack: it lacks \"ok\". Look at what stands between here and there."},
	} {
		out, err := changed(actions.Response{Status: 200, Value: c.answer})
		if got := fmt.Sprint(out, " ", err); got != c.want {
			t.Errorf("%v gives %s, not %s", c.answer, got, c.want)
		}
	}
}

// TestLinks: what people paste gives the ids.
func TestLinks(t *testing.T) {
	const (
		message = "https://acme.slack.com/archives/C0123456789/p1764000000000100"
		answer  = "https://acme.slack.com/archives/C0123456789/p1764000005000200?thread_ts=1764000000.000100&cid=C0123456789"
	)
	for _, c := range []struct {
		field    actions.Field
		in, want string
	}{
		{channelField(""), "https://acme.slack.com/archives/C0123456789", "C0123456789"}, {channelField(""), message, "C0123456789"}, {channelField(""), " #support ", "#support"},
		{channelIDField(""), "https://app.slack.com/client/T0123456789/C0123456789", "C0123456789"}, {channelIDField(""), "<#C0123456789|support>", "C0123456789"},
		{tsField(""), message, "1764000000.000100"}, {tsField(""), answer, "1764000005.000200"}, {tsField(""), "1764000000.000100", "1764000000.000100"}, {tsField(""), "p1764000000000100", "1764000000.000100"},
		{threadField(), message, "1764000000.000100"}, {threadField(), answer, "1764000000.000100"}, {threadField(), "https://acme.slack.com/archives/C1/p1764000000000100?cid=C1", "1764000000.000100"},
		{userField(""), "https://acme.slack.com/team/U0123456789", "U0123456789"}, {userField(""), "<@U0123456789>", "U0123456789"}, {userField(""), "U0123456789", "U0123456789"},
		{fileField(), "https://acme.slack.com/files/U0123456789/F123ABC456/report.pdf", "F123ABC456"}, {fileField(), "https://files.slack.com/files-pri/T1-F123ABC456/report.pdf", "F123ABC456"},
	} {
		if got := c.field.Tidy(c.in); got != c.want {
			t.Errorf("%s %q gives %q", c.field.ID, c.in, got)
		}
	}
}

// TestWants: an event passes where the inputs ask for it, and what Slack tells of itself does not pass for somebody's message.
func TestWants(t *testing.T) {
	wants := map[string]func(map[string]any, any) string{}
	for _, trigger := range Connector().Triggers {
		wants[trigger.ID] = trigger.Wants
	}
	message := func(with ...any) map[string]any {
		event := map[string]any{"type": "message", "channel": "C1", "user": "U1", "text": "a", "ts": "1.1"}
		for i := 0; i < len(with); i += 2 {
			event[with[i].(string)] = with[i+1]
		}
		return map[string]any{"event": event}
	}
	pressed := map[string]any{"type": "block_actions", "actions": []any{map[string]any{"action_id": "a"}, map[string]any{"action_id": "approve"}}}
	for _, c := range []struct {
		trigger string
		with    map[string]any
		event   any
		want    bool
	}{
		{"message_posted", nil, message(), true},
		{"message_posted", map[string]any{"channel": "C1"}, message(), true},
		{"message_posted", map[string]any{"channel": "C2"}, message(), false},
		{"message_posted", nil, message("subtype", "message_changed"), false},
		{"message_posted", nil, message("subtype", "channel_join"), false},
		{"message_posted", nil, message("subtype", "file_share"), true},
		{"message_posted", nil, message("bot_id", "B1"), false},
		{"message_posted", map[string]any{"bots": true}, message("bot_id", "B1", "subtype", "bot_message"), true},
		{"message_posted", map[string]any{"threads": true}, message("thread_ts", "1.0"), true},
		{"message_posted", map[string]any{"threads": false}, message("thread_ts", "1.0"), false},
		{"message_posted", map[string]any{"threads": false}, message("thread_ts", "1.1"), true},
		{"message_posted", map[string]any{"threads": false}, message("thread_ts", "1.0", "subtype", "thread_broadcast"), true},
		{"reaction", map[string]any{"emoji": "eyes"}, map[string]any{"event": map[string]any{"reaction": "eyes", "item": map[string]any{"channel": "C1"}}}, true},
		{"reaction", map[string]any{"emoji": "eyes", "channel": "C2"}, map[string]any{"event": map[string]any{"reaction": "eyes", "item": map[string]any{"channel": "C1"}}}, false},
		{"reaction", map[string]any{"emoji": "eyes"}, map[string]any{"event": map[string]any{"reaction": "wave"}}, false},
		{"emoji_added", nil, map[string]any{"event": map[string]any{"subtype": "remove"}}, false},
		{"emoji_added", nil, map[string]any{"event": map[string]any{"subtype": "add"}}, true},
		{"interaction", nil, pressed, true},
		{"interaction", map[string]any{"name": "approve"}, pressed, true},
		{"interaction", map[string]any{"name": "refuse"}, pressed, false},
		{"interaction", map[string]any{"name": "form"}, map[string]any{"view": map[string]any{"callback_id": "form"}}, true},
		{"interaction", map[string]any{"name": "form"}, map[string]any{"callback_id": "form"}, true},
		{"slash_command", nil, map[string]any{"ssl_check": "1"}, false},
		{"slash_command", map[string]any{"command": "order"}, map[string]any{"command": "/order"}, true},
		{"slash_command", map[string]any{"command": "/order"}, map[string]any{"command": "/weather"}, false},
	} {
		if why := wants[c.trigger](c.with, c.event); (why == "") != c.want {
			t.Errorf("%s with %v and %v: %q", c.trigger, c.with, c.event, why)
		}
	}
}

// TestComposed: buttons stand below what is said, each with an id of its own.
func TestComposed(t *testing.T) {
	one := func(text string) any { return map[string]any{"text": text} }
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{"text": "a"}, "null"},
		{map[string]any{"blocks": []any{map[string]any{"type": "divider"}}, "text": "a", "buttons": []any{one("Go On"), one("Go On")}},
			`{"blocks":[{"type":"divider"},{"elements":[{"action_id":"go_on","text":{"emoji":true,"text":"Go On","type":"plain_text"},"type":"button"},{"action_id":"go_on_2","text":{"emoji":true,"text":"Go On","type":"plain_text"},"type":"button"}],"type":"actions"}]}`},
		{map[string]any{"text": strings.Repeat("x", 3001), "buttons": []any{one("a")}}, "The input text: beside buttons Slack takes at most 3,000 characters; shorten it, or give blocks."},
	} {
		parts, err := composed(c.in)
		got := "null"
		if parts.Body != nil {
			got = value.Text(parts.Body)
		}
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v gives\n%s", c.in, got)
		}
	}
	many := make([]any, 26)
	for i := range many {
		many[i] = one(fmt.Sprint(i))
	}
	if parts, _ := composed(map[string]any{"buttons": many}); len(parts.Body["blocks"].([]any)) != 2 {
		t.Errorf("26 buttons stand in %v", parts.Body["blocks"])
	}
}
