package slack

import (
	"fmt"
	"testing"

	"github.com/stepmill/stepmill/actions"
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
