package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions/connectors"
)

// TestConnectorsDocs: every connector has its page, with all that it can do and needs, and the list leads to it.
func TestConnectorsDocs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if out, said, status := stepmill(t, "connectors", "docs", "--out", dir); status != 0 || !strings.Contains(out, "pages are in "+dir) {
		t.Fatalf("it ends with %d: %s%s", status, out, said)
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	list := read("README.md")
	for app := range connectors.Catalogue.All() {
		if !strings.Contains(list, "("+app.ID+".md)") {
			t.Errorf("the list lacks %s", app.ID)
		}
		page := read(app.ID + ".md")
		want := []string{"# " + app.Name}
		for _, a := range app.Auth {
			want = append(want, "The method `"+a.Method+"`.")
			want = append(want, app.SetUp[a.Method]...)
		}
		for _, a := range app.Actions {
			want = append(want, "`"+app.ID+"."+a.ID+"`", a.Guarantee)
			for _, f := range a.Input {
				want = append(want, "| `"+f.ID+"` |")
			}
		}
		for _, trigger := range app.Triggers {
			want = append(want, "`"+app.ID+"."+trigger.ID+"`")
		}
		for _, r := range app.Records {
			want = append(want, "- "+r.Many+": ")
		}
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("the page of %s lacks %q", app.ID, text)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--out", file}, {}} {
		if _, said, status := stepmill(t, append([]string{"connectors", "docs"}, args...)...); status == 0 || said == "" {
			t.Errorf("%v ends with %d: %s", args, status, said)
		}
	}
}
