package connectors_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestReadme: the connector that the page on adding one makes is right as it stands there.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)`actions/connectors/(todoist/todoist.go)`:\n\n```go\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatal("the page makes no connector")
	}
	dir := t.TempDir()
	code, overlay := filepath.Join(dir, "todoist.go"), filepath.Join(dir, "overlay.json")
	here, err := filepath.Abs(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{here: code}})
	if err == nil {
		err = os.WriteFile(code, found[2], 0o600)
	}
	if err == nil {
		err = os.WriteFile(overlay, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "./todoist").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
