package googledrive

import "testing"

// TestQuery: what a text holds stays a text in the query.
func TestQuery(t *testing.T) {
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{}, "trashed = false"},
		{map[string]any{"name": `a' or name != '\`}, `name = 'a\' or name != \'\\' and trashed = false`},
		{map[string]any{"folder": "x' in parents or 'y", "kind": "folder", "trashed": true}, `'x\' in parents or \'y' in parents and mimeType = 'application/vnd.google-apps.folder' and trashed = true`},
		{map[string]any{"modified_since": "2026-01-31T09:30:00+01:00", "query": "starred = true or shared = true"}, "modifiedTime > '2026-01-31T08:30:00Z' and (starred = true or shared = true) and trashed = false"},
	} {
		if got := query(c.in); got != c.want {
			t.Errorf("%v: %s", c.in, got)
		}
	}
}

// TestShared: what a kind of permission needs is asked for.
func TestShared(t *testing.T) {
	for _, in := range []map[string]any{{"type": "user"}, {"type": "group", "domain": "a"}, {"type": "domain", "email": "a"}} {
		if _, err := shared(in); err == nil {
			t.Errorf("%v is taken", in)
		}
	}
	for _, in := range []map[string]any{{"type": "user", "email": "a"}, {"type": "domain", "domain": "a"}, {"type": "anyone"}} {
		if _, err := shared(in); err != nil {
			t.Error(err)
		}
	}
}
