package dropbox

import (
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestPlace: paths are as Dropbox takes them, however people write them.
func TestPlace(t *testing.T) {
	for text, want := range map[string]string{"": "", "/": "", " /a/b/ ": "/a/b", "a": "/a", "id:abc": "id:abc", "rev:a1": "rev:a1",
		"https://www.dropbox.com/home/Customers/Acme?preview=The+offer%231.pdf": "/Customers/Acme/The offer#1.pdf", "https://www.dropbox.com/home/A%20b/": "/A b", "https://www.dropbox.com/home": ""} {
		if got, err := place("path", text); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for _, text := range []string{"https://www.dropbox.com/scl/fi/abc/Offer.pdf?rlkey=xyz", "https://www.dropbox.com/homes/a", "https://example.com/home/a"} {
		if _, err := place("path", text); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := placed(map[string]string{"path": "path"}, false)(map[string]any{"path": "/"}); fault.CodeOf(err) != fault.InvalidInput {
		t.Error(err)
	}
	if got, err := placed(map[string]string{"folder": "path"}, true)(map[string]any{}); err != nil || got.Body["path"] != "" {
		t.Error(got, err)
	}
}

// TestLinked: a link's settings are those that are given, times in UTC.
func TestLinked(t *testing.T) {
	got, err := linked(map[string]any{"path": "a", "until": "2026-12-31T09:30:00+01:00", "password": "p", "audience": "public"})
	if text := value.Text(any(got.Body)); err != nil || text != `{"path":"/a","settings":{"audience":"public","expires":"2026-12-31T08:30:00Z","link_password":"p","require_password":true}}` {
		t.Errorf("%s %v", text, err)
	}
	if got, err := linked(map[string]any{"path": "a"}); err != nil || got.Body["settings"] != nil {
		t.Error(got, err)
	}
	if got, err := searched(map[string]any{"folder": "a/", "extensions": []any{"pdf"}}); err != nil || value.Text(any(got.Body)) != `{"options":{"file_extensions":["pdf"],"filename_only":false,"max_results":100,"path":"/a"}}` {
		t.Error(got, err)
	}
	if got, err := invited(map[string]any{"emails": []any{"a@x.io"}, "access": "viewer"}); err != nil || value.Text(any(got.Body)) != `{"members":[{"access_level":"viewer","member":{".tag":"email","email":"a@x.io"}}]}` {
		t.Error(got, err)
	}
	if got, err := asked(map[string]any{"folder": "a", "until": "2026-12-31T09:30:00+01:00"}); err != nil || value.Text(any(got.Body)) != `{"deadline":{"deadline":"2026-12-31T08:30:00Z"},"destination":"/a"}` {
		t.Error(got, err)
	}
}
