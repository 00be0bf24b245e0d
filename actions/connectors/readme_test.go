package connectors_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadme follows the page on adding a connector to the letter, in a place of its own: the folder, the line, the recorded exchanges,
// and the commands on them.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	part := func(what, pattern string) []byte {
		found := regexp.MustCompile(pattern).FindSubmatch(page)
		if found == nil {
			t.Fatalf("the page has no %s", what)
		}
		return found[1]
	}
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		file := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("connectors.go")
	if err != nil {
		t.Fatal(err)
	}
	line := part("line of the list", "(?s)```go\n(\tactions\\.Entry\\{.*?)```")
	list = bytes.Replace(list, []byte("import (\n"), []byte("import (\n\t\"github.com/stepmill/stepmill/actions/connectors/todoist\"\n"), 1)
	list = append(bytes.TrimSuffix(list, []byte(")\n")), append(line, ")\n"...)...)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(here, "todoist", "todoist.go"): write("code/todoist.go", part("connector", "(?s)`actions/connectors/todoist/todoist.go`:\n\n```go\n(.*?)```")),
		filepath.Join(here, "connectors.go"):         write("code/connectors.go", list)}})
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "connectors.test")
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-o", program, "-overlay", write("overlay.json", overlay), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// run is go test there; go.mod, above which the vendors' descriptions are looked for, stands at the real place.
	run := func(args ...string) (string, bool) {
		cmd := exec.Command(program, args...)
		cmd.Dir = filepath.Join(dir, "work")
		cmd.Env = append(os.Environ(), "STEPMILL_SHARED="+shared(here))
		out, err := cmd.CombinedOutput()
		return string(out), err == nil
	}
	write("work/todoist/todoist.go", nil)
	if out, ok := run("-test.run", "TestConnectors/data"); !ok {
		t.Errorf("the connector's data is not right:\n%s", out)
	}
	if out, ok := run("-test.run", "TestConnectors/todoist"); ok || !strings.Contains(out, "todoist.create_task has no recorded exchange for: success") || !strings.Contains(out, "a list that comes in parts") {
		t.Errorf("what is missing is not told:\n%s", out)
	}
	cases := regexp.MustCompile("(?s)`([a-z_-]+\\.txtar)`:\n\n```\n(.*?)```").FindAllSubmatch(page, -1)
	for _, c := range cases {
		write("work/todoist/testdata/"+string(c[1]), c[2])
	}
	if out, ok := run("-test.run", "TestConnectors/todoist", "-update"); !ok {
		t.Errorf("the exchanges are not recorded:\n%s", out)
	}
	if out, ok := run("-test.run", "TestConnectors/todoist"); !ok || len(cases) == 0 {
		t.Errorf("after the last step of the page it still says:\n%s", out)
	}
}

// shared is where the vendors' descriptions lie.
func shared(here string) string {
	if dir := os.Getenv("STEPMILL_SHARED"); dir != "" {
		return dir
	}
	return filepath.Join(here, "..", "..", "..", "shared")
}
