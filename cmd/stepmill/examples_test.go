package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions/actionstest"
)

// TestExamples runs an example of every kind of step and every directive as a person would, and holds what is printed to
// goldens. The first line of a golden is the command.
func TestExamples(t *testing.T) {
	goldens, err := filepath.Glob("testdata/examples/*.txt")
	if err != nil || len(goldens) == 0 {
		t.Fatal("there are no examples", err)
	}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(500 * time.Millisecond):
		}
	}))
	t.Cleanup(slow.Close)
	place := strings.NewReplacer(slow.URL, "$SLOW", strings.TrimPrefix(slow.URL, "http://"), "$SLOW")
	ran := map[string]bool{}
	for _, golden := range goldens {
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		command, _, _ := strings.Cut(string(text), "\n")
		args := strings.Fields(strings.TrimPrefix(command, "$ stepmill "))
		ran[args[1]] = true
		t.Run(strings.TrimSuffix(filepath.Base(golden), ".txt"), func(t *testing.T) {
			t.Parallel()
			for i, arg := range args {
				args[i] = strings.Replace(arg, "$SLOW", slow.URL, 1)
				if strings.HasSuffix(arg, ".json") {
					args[i] = filepath.Join("testdata/examples", arg)
				}
			}
			out, errs, status := stepmill(t, append(args, "--json")...)
			got := command + "\n" + place.Replace(told(t, out)+errs) + fmt.Sprintf("exit %d\n", status)
			if actionstest.Updating() {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("it prints\n%s\nnot\n%s", got, want)
			}
		})
	}
	files, err := filepath.Glob("testdata/examples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.Count(name, ".") == 1 && !ran[name] && name != "greet.json" && name != "told.json" {
			t.Errorf("nothing runs %s", name)
		}
	}
}

var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// keptAt are the times that data stores and locks give.
var keptAt = regexp.MustCompile(`"(updated_at|first_at|held_until)":"[^"]*"`)

// told is what a run printed without what is another every time: ids and times. What it called stands after it: runs
// beside one another print as they go.
func told(t *testing.T, out string) string {
	t.Helper()
	var order []string
	runs := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(out))
	last := ""
	for lines.Scan() {
		var e struct {
			Run, Scenario, Kind, Path string
			Data                      map[string]any
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%q is no JSON: %v", lines.Text(), err)
		}
		for _, name := range []string{"event", "until", "vars", "http", "run", "child"} {
			delete(e.Data, name)
		}
		if object, ok := e.Data["output"].(map[string]any); ok {
			delete(object, "headers")
			if object["at"] != nil {
				object["at"] = "…"
			}
		}
		data, err := json.Marshal(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		data = keptAt.ReplaceAll(data, []byte(`"$1":"…"`))
		if _, ok := runs[e.Run]; !ok {
			order = append(order, e.Run)
		}
		runs[e.Run] += fmt.Sprintf("%-10s %s %s %s\n", e.Scenario, e.Kind, e.Path, ids.ReplaceAll(data, []byte("…")))
		last = e.Run
	}
	if len(order) > 0 && order[0] != last {
		t.Errorf("the last line is not of the run itself:\n%s", out)
	}
	called := []string{}
	for i, id := range order {
		if i > 0 {
			called = append(called, runs[id])
		}
	}
	slices.Sort(called)
	return runs[last] + strings.Join(called, "")
}
