package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/stepmill/stepmill/"

// mayImport is the table of engine/adr/0001: which package of ours may import which. A pattern ending in /* is every
// package below. A package that does not stand here may not exist.
func mayImport() map[string][]string {
	vocabulary := []string{"engine/scenario", "engine/run", "engine/fault", "engine/value"}
	plus := func(list []string, more ...string) []string { return append(slices.Clone(list), more...) }
	screen := plus(vocabulary, "actions", "web/ui", "web/tree", "web/access", "web/fields", "web/jobs")
	return map[string][]string{
		"engine/fault":            nil,
		"engine/failpoint":        nil,
		"engine/value":            {"engine/fault"},
		"engine/scenario":         {"engine/fault", "engine/value"},
		"engine/message":          {"engine/fault", "engine/value", "engine/run"},
		"engine/run":              {"engine/fault", "engine/value"},
		"engine/expr":             {"engine/fault", "engine/value"},
		"engine/check":            plus(vocabulary, "engine/expr", "actions"),
		"engine/machine":          plus(vocabulary, "engine/expr"),
		"engine":                  plus(vocabulary, "engine/machine", "engine/failpoint"),
		"engine/mend":             vocabulary,
		"engine/enginetest":       plus(vocabulary, "engine/machine"),
		"engine/enginetest/draw":  nil,
		"engine/enginetest/sim":   plus(vocabulary, "engine", "engine/machine", "engine/enginetest/draw"),
		"actions":                 {"engine/fault", "engine/value"},
		"actions/outbound":        plus(vocabulary, "actions", "engine/failpoint"),
		"actions/connectors":      {"actions", "actions/connectors/*", "engine/fault", "engine/value"},
		"actions/connectors/*":    {"actions", "engine/fault", "engine/value"},
		"actions/connectors/core": {"actions", "engine/fault", "engine/value", "engine/message"},
		"actions/actionstest":     plus(vocabulary, "actions", "actions/outbound"),
		"triggers":                plus(vocabulary, "engine/expr", "actions"),
		"triggers/*":              plus(vocabulary, "engine/expr", "actions", "triggers"),
		"triggers/mail":           plus(vocabulary, "engine/message", "triggers"),
		"storage":                 plus(vocabulary, "engine/failpoint"),
		"storage/sqlite":          plus(vocabulary, "storage", "storage/blobs", "engine/failpoint"),
		"storage/blobs":           {"engine/fault"},
		"storage/vault":           {"engine/fault"},
		"storage/sweep":           vocabulary,
		"storage/storagetest":     plus(vocabulary, "storage"),
		"web":                     plus(vocabulary, "web/access", "web/api", "web/live"),
		"web/access":              plus(vocabulary),
		"web/drafts":              plus(vocabulary),
		"web/api":                 plus(vocabulary, "actions", "web/access", "web/drafts"),
		"web/live":                plus(vocabulary, "web/access"),
		"web/dist":                nil,
		"web/ui":                  {"actions", "web/dist"},
		"web/ui/uitest":           nil,
		"web/fields":              {"engine/value", "engine/fault", "web/ui"},
		"web/jobs":                plus(vocabulary, "web/ui"),
		"web/tree":                plus(vocabulary, "actions", "web/ui"),
		"web/*":                   screen,
		"cmd/stepmill/rigs":       nil,
	}
}

// TestImports holds every file to the table. It reads the files in this process, so no cache of a tool can hide a
// broken tree.
func TestImports(t *testing.T) {
	table := mayImport()
	seen := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && path != "../.." {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != "../.." {
				return fs.SkipDir // a module of its own: a tool, not the product
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		seen++
		checkFile(t, table, path)
		return nil
	})
	if err != nil || seen < 50 {
		t.Fatalf("%d files read: %v", seen, err)
	}
}

func checkFile(t *testing.T, table map[string][]string, path string) {
	rel, err := filepath.Rel("../..", filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	pkg := filepath.ToSlash(rel)
	if pkg == "cmd/stepmill" {
		return
	}
	allowed, ok := table[pkg]
	if !ok {
		parent := filepath.ToSlash(filepath.Dir(rel)) + "/*"
		if allowed, ok = table[parent]; !ok {
			t.Errorf("%s: the package %s is not in the table", path, pkg)
			return
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		ours, isOurs := strings.CutPrefix(name, modulePath)
		test := strings.HasSuffix(path, "_test.go")
		switch {
		case name == "os/exec" && !test:
			t.Errorf("%s imports os/exec: nothing but cmd starts a process", path)
		case !isOurs || ours == pkg || test && (pkg != "engine/machine" || ours == "engine/enginetest/draw"):
			// a test may open real neighbours; the pure core's only what draws scenarios, which knows none of them
		case !slices.ContainsFunc(allowed, func(a string) bool {
			return a == ours || strings.HasSuffix(a, "/*") && strings.HasPrefix(ours, strings.TrimSuffix(a, "*"))
		}):
			t.Errorf("%s: %s may not import %s", path, pkg, ours)
		}
	}
	checkPurity(t, path, pkg)
}

// checkPurity keeps clocks, goroutines and I/O out of the machine, and dialling out of everything but outbound.
func checkPurity(t *testing.T, path, pkg string) {
	if strings.HasSuffix(path, "_test.go") {
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	forbid := func(words ...string) {
		for _, word := range words {
			if strings.Contains(string(text), word) {
				t.Errorf("%s: %s may not use %s", path, pkg, word)
			}
		}
	}
	switch pkg {
	case "engine/machine":
		forbid("time.Now(", "go func", "\"os\"", "\"net\"", "\"net/http\"", "rand.", "context.")
	case "actions/outbound":
	default:
		forbid("http.DefaultClient", "http.Get(", "http.Post(", "net.Dial(", "smtp.Dial")
	}
	if pkg == "storage" {
		forbid("CURRENT_TIMESTAMP", "datetime(", "fmt.Sprintf(`")
	}
}
