package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

func web(t *testing.T) string {
	t.Helper()
	root, err := webFolder()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "build", "node_modules")); err != nil {
		t.Fatal("web/build/node_modules is missing: run npm ci --ignore-scripts in web/build first")
	}
	return root
}

// The committed bundle is what the sources give.
func TestDistIsUpToDate(t *testing.T) {
	root := web(t)
	fresh := t.TempDir()
	if err := build(root, fresh); err != nil {
		t.Fatal(err)
	}
	got, want := readAll(t, filepath.Join(root, "dist")), readAll(t, fresh)
	for name, content := range want {
		switch {
		case got[name] == "":
			t.Errorf("%s is missing in web/dist: run go run . in web/build and commit what it writes", name)
		case got[name] != content:
			t.Errorf("%s in web/dist is stale: run go run . in web/build and commit what it writes", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s in web/dist comes from nowhere: run go run . in web/build and commit what it writes", name)
		}
	}
}

func readAll(t *testing.T, dist string) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(dist, "files", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, filepath.Join(dist, "manifest.json")) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = string(content)
	}
	return out
}

// The tests of the scripts run in Node, each bundled as the scripts are.
func TestScripts(t *testing.T) {
	root := web(t)
	tests, err := filepath.Glob(filepath.Join(root, "src", "*.test.ts"))
	if err != nil || len(tests) == 0 {
		t.Fatal("there are no script tests", err)
	}
	out := t.TempDir()
	result := api.Build(api.BuildOptions{EntryPoints: tests, Outdir: out, Bundle: true, Write: true, Format: api.FormatESModule, Platform: api.PlatformNode,
		Target: api.ES2022, OutExtension: map[string]string{".js": ".mjs"}, NodePaths: []string{filepath.Join(root, "build", "node_modules")}})
	if len(result.Errors) > 0 {
		t.Fatal(result.Errors)
	}
	built, err := filepath.Glob(filepath.Join(out, "*.mjs"))
	if err != nil || len(built) != len(tests) {
		t.Fatalf("%d of %d tests were bundled: %v", len(built), len(tests), err)
	}
	cmd := exec.Command("node", append([]string{"--test", "--test-reporter=tap"}, built...)...)
	cmd.Env = append(os.Environ(), "WEB="+root)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !strings.Contains(string(text), "# fail 0") || strings.Contains(string(text), "# pass 0\n") {
		t.Fatalf("no test passed:\n%s", text)
	}
}

// The types hold.
func TestTypes(t *testing.T) {
	root := web(t)
	text, err := exec.Command(filepath.Join(root, "build", "node_modules", ".bin", "tsc"), "--noEmit", "-p", filepath.Join(root, "src")).CombinedOutput()
	if err != nil {
		t.Fatalf("tsc: %v\n%s", err, text)
	}
}

func TestSpriteHoldsEveryIconThatViewsUse(t *testing.T) {
	root := web(t)
	names, err := iconNames(root)
	if err != nil {
		t.Fatal(err)
	}
	sprite, err := drawSprite(root, names)
	if err != nil {
		t.Fatal(err)
	}
	views, err := filepath.Glob(filepath.Join(root, "*", "*.templ"))
	if err != nil || len(views) == 0 {
		t.Fatal("there are no views", err)
	}
	for _, view := range views {
		text, err := os.ReadFile(view)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), `Icon("`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			if !strings.Contains(string(sprite), `id="`+name+`"`) {
				t.Errorf("%s uses the icon %q, which web/ui/icons.txt does not name", view, name)
			}
		}
	}
}
