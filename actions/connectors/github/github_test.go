package github

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// TestSearch: texts stay texts in the search, whatever its syntax makes of their words.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		in   map[string]any
		want string // or the beginning of the error
	}{
		{map[string]any{"kind": "issue", "owner": "octocat", "repo": "Hello-World", "text": "export stops", "within": "title", "state": "open"}, `is:issue repo:"octocat/Hello-World" "export" "stops" in:title state:open`},
		{map[string]any{"kind": "issue", "text": `repo:other/secret OR "x" \`}, `is:issue "repo:other/secret" "OR" "\"x\"" "\\"`},
		{map[string]any{"kind": "pr", "owner": "octocat", "labels": []any{`good first issue`, `a"b`}, "author": "x is:pr", "within": "any", "state": "all"}, `is:pr user:"octocat" label:"good first issue" label:"a\"b" author:"x is:pr"`},
		{map[string]any{"kind": "issue", "query": " milestone:v2 "}, `is:issue milestone:v2`},
		{map[string]any{"kind": "issue", "repo": "Hello-World"}, "The input owner"},
	} {
		got, err := search(c.in)
		if err != nil {
			got = fault.MessageOf(err)
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%v gives %s, not %s", c.in, got, c.want)
		}
	}
}

// TestPrepared: what the inputs become in GitHub's requests.
func TestPrepared(t *testing.T) {
	eleven := map[string]any{}
	for i := range 11 {
		eleven[fmt.Sprint(i)] = i
	}
	for _, c := range []struct {
		prepare func(map[string]any) (actions.Parts, error)
		in      map[string]any
		want    string // of the parts, or the error's beginning
	}{
		{filePath, map[string]any{"path": "/docs/a b.md/"}, "map[path:docs/a b.md] map[] map[]"},
		{filePath, map[string]any{"path": "docs/../../x"}, "The input path:"},
		{filePath, map[string]any{"path": "/"}, "The input path:"},
		{putFile().Request.Prepare, map[string]any{"path": "a", "text": "Grüße\n"}, "map[path:a] map[] map[content:R3LDvMOfZQo=]"},
		{gistFiles, map[string]any{"files": map[string]any{"a.txt": "x"}}, "map[] map[] map[files:map[a.txt:map[content:x]]]"},
		{gistFiles, map[string]any{"files": map[string]any{"a.txt": nil}}, `The input files: "a.txt" is empty`},
		{gistFiles, map[string]any{}, "map[] map[] map[]"},
		{payload, map[string]any{"payload": eleven}, "The input payload: it has 11 members"},
		{payload, map[string]any{}, "map[] map[] map[]"},
		{listPulls().Request.Prepare, map[string]any{"owner": "octocat", "head": "topic"}, "map[] map[head:octocat:topic] map[]"},
		{listPulls().Request.Prepare, map[string]any{"owner": "octocat", "head": "ada:topic"}, "map[] map[head:ada:topic] map[]"},
		{listIssues().Request.Prepare, map[string]any{"labels": []any{"a", "b"}, "since": "2026-01-31T10:30:00+01:00"}, "map[] map[labels:a,b since:2026-01-31T09:30:00Z] map[]"},
		{newIssue().Poll.Request.Prepare, map[string]any{"owner": "o", "repo": `r" is:pr`, "since": "2026-01-31T09:30:00Z"}, `map[] map[q:is:issue repo:"o/r\" is:pr" created:>=2026-01-31T09:30:00Z] map[]`},
	} {
		parts, err := c.prepare(c.in)
		got := fmt.Sprint(parts.Path, " ", parts.Query, " ", parts.Body)
		if err != nil {
			got = fault.MessageOf(err)
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%v gives %s, not %s", c.in, got, c.want)
		}
	}
}

// TestReadable: a file's text stands beside its base64 where it is one.
func TestReadable(t *testing.T) {
	for _, c := range []struct {
		answer any
		want   string
	}{
		{map[string]any{"encoding": "base64", "content": "SGVs\nbG8=\n"}, "Hello"},
		{map[string]any{"encoding": "base64", "content": "/w=="}, "<nil>"},
		{map[string]any{"encoding": "none", "content": ""}, "<nil>"},
		{[]any{}, ""},
	} {
		out, err := readable(actions.Response{Value: c.answer})
		if got, is := out.(map[string]any); is != (err == nil) || is && fmt.Sprint(got["text"]) != c.want {
			t.Errorf("%v gives %v (%v)", c.answer, out, err)
		}
	}
}
