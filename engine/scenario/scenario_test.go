package scenario

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"

	"github.com/stepmill/stepmill/engine/fault"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestLint holds the problems of each testdata/lint file to those it names, with their places.
func TestLint(t *testing.T) {
	files, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(files) < 15 {
		t.Fatalf("only %d cases found (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, problems, err := Decode(bytes.TrimSuffix(archive.Files[0].Data, []byte("\n")))
			var got strings.Builder
			if err != nil {
				if doc != nil {
					t.Error("a document that cannot be read was given back")
				}
				problems = fault.ProblemsOf(err)
				got.WriteString("refused\n")
			}
			for _, p := range problems {
				fmt.Fprintf(&got, "%d:%d %s %s\n", p.Line, p.Column, p.Path, p.Message)
				if p.Line == 0 || p.Column == 0 {
					t.Errorf("no place: %+v", p)
				}
			}
			if *update {
				archive.Files[1].Data = []byte(got.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if want := string(archive.Files[1].Data); got.String() != want {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	step := func(i int) string { return fmt.Sprintf(`{"id":"s%d","uses":"core.set"}`, i) }
	many := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = step(i)
		}
		return `{"stepmill":1,"name":"x","steps":[` + strings.Join(list, ",") + `]}`
	}
	nested := func(n int) string {
		return `{"stepmill":1,"name":"x","steps":[` + strings.Repeat(`{"id":"g","group":{"steps":[`, n) + strings.Repeat(`]}}`, n) + `]}`
	}
	for name, c := range map[string]struct{ text, want string }{
		"most steps":     {many(MaxSteps), ""},
		"too many steps": {many(MaxSteps + 1), "more than 10000 steps"},
		"a million":      {`{"stepmill":1,"name":"x","steps":[` + strings.Repeat(`{},`, 1_000_000) + `{}]}`, "more than 400000 values"},
		"nested groups":  {nested(MaxNesting + 1), "more than 40 deep"},
		"nested lists":   {`{"stepmill":1,"name":"x","steps":[{"id":"a","uses":"core.set","with":{"v":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}}]}`, "deeper than"},
		"10 MB":          {`{"stepmill":1,"name":"` + strings.Repeat("x", 10<<20) + `","steps":[]}`, "larger than 8 MB"},
		"10 MB of space": {`{"stepmill":1}` + strings.Repeat(" ", 10<<20), "larger than 8 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems, err := Decode([]byte(c.text))
			said := fmt.Sprint(fault.MessageOf(err), problems)
			if c.want == "" && (err != nil || len(problems) > 0) {
				t.Fatalf("refused: %.300s", said)
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("want %q, got %.300s", c.want, said)
			}
			if len(fault.MessageOf(err)) > 600 {
				t.Errorf("the message repeats the input: %d bytes", len(fault.MessageOf(err)))
			}
		})
	}
}

// documents gives texts that the schema and the decoder must agree on: whole ones, and each with something broken.
func documents(t *testing.T) map[string][]byte {
	out := map[string][]byte{}
	files, _ := filepath.Glob("testdata/lint/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[file] = archive.Files[0].Data
	}
	templates, _ := filepath.Glob("../../cmd/stepmill/templates/*.json")
	if len(templates) == 0 {
		t.Fatal("no templates found")
	}
	for _, file := range templates {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[file] = text
	}
	return out
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", v); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema holds the generated schema to the decoder: what decodes without a problem it accepts.
func TestSchema(t *testing.T) {
	schema := compile(t, Schema())
	accepted := 0
	for file, text := range documents(t) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			continue
		}
		_, problems, err := Decode(text)
		refused := schema.Validate(v)
		if err == nil && len(problems) == 0 {
			accepted++
			if refused != nil {
				t.Errorf("%s decodes, and the schema refuses it: %v", file, refused)
			}
		}
	}
	if accepted < 5 {
		t.Errorf("only %d documents were accepted", accepted)
	}
	for _, broken := range []string{`{"stepmill":1,"name":"x","steps":[{"id":"a"}]}`, `{"stepmill":1,"name":"x","steps":[{"id":"A","uses":"core.set"}]}`,
		`{"stepmill":1,"name":"x","steps":[],"more":1}`, `{"stepmill":1,"name":"x","steps":[{"id":"a","uses":"core.set","stop":{"as":"failed"}}]}`,
		`{"stepmill":1,"name":"x","steps":[{"id":"a","uses":"core.set","on_error":{"do":"ignore","steps":[]}}]}`,
		`{"stepmill":1,"name":"x","steps":[{"id":"a","stop":{"as":"failed"},"with":{}}]}`, `{"stepmill":2,"name":"x","steps":[]}`} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("the schema accepts %s", broken)
		}
	}
}

// TestShared holds the program to the design's schema and example, where they are.
func TestShared(t *testing.T) {
	dir := os.Getenv("STEPMILL_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	example, err := os.ReadFile(filepath.Join(dir, "design", "scenario.example.json"))
	if err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("the shared folder is not here")
	}
	if _, problems, err := Decode(example); err != nil || len(problems) > 0 {
		t.Errorf("the example is refused: %v %v", err, problems)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(example))
	if err != nil {
		t.Fatal(err)
	}
	if err := compile(t, Schema()).Validate(v); err != nil {
		t.Errorf("the generated schema refuses the example: %v", err)
	}
	theirs, err := os.ReadFile(filepath.Join(dir, "design", "scenario.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	design := compile(t, theirs)
	for file, text := range documents(t) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			continue
		}
		if _, problems, err := Decode(text); err == nil && len(problems) == 0 {
			if err := design.Validate(v); err != nil {
				t.Errorf("%s decodes, and the design's schema refuses it: %v", file, err)
			}
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "15m": 15 * time.Minute, "72h": 72 * time.Hour, "30d": 720 * time.Hour,
		"250ms": 250 * time.Millisecond, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "0s": 0, "1d2h3m4s5ms": 26*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Millisecond} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "5", "-5s", "s", "1w", "1 h", "1e3s", "99999999999999999999s", "4000d", "1h-2m", strings.Repeat("1s", 1000), "١s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q gave %v", text, got)
		}
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{"Lead routing": "lead-routing", "  Ü → x!": "x", "→": "scenario", strings.Repeat("ab ", 60): strings.TrimRight(strings.Repeat("ab-", 20), "-")} {
		if got := Slug(name); got != want || ruleTable["slug"].check(got) != "" {
			t.Errorf("%q: %q", name, got)
		}
	}
}

// TestMutations changes single bytes of a good document: whatever comes of it, nothing panics and every problem has a
// place inside the text.
func TestMutations(t *testing.T) {
	text, err := os.ReadFile("../../cmd/stepmill/templates/urgent-to-jira.json")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	lines := bytes.Count(text, []byte("\n")) + 1
	for range 3000 {
		broken := bytes.Clone(text)
		broken[random.IntN(len(broken))] = `{}[]",:x0 `[random.IntN(10)]
		_, problems, err := Decode(broken)
		for _, p := range append(problems, fault.ProblemsOf(err)...) {
			if p.Line < 1 || p.Line > lines || p.Column < 1 {
				t.Fatalf("a problem stands at %d:%d of %d lines: %s\n%s", p.Line, p.Column, lines, p.Message, broken)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"stepmill":1,"name":"x","steps":[{"id":"a","uses":"core.set"}]}`))
	f.Add([]byte(`{"stepmill":1,"steps":[{"id":"r","router":{"branches":[null,{"if":""}]}},null]}`))
	f.Add([]byte(`{"stepmill":1,"triggers":[null],"trigger":null,"steps":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, problems, err := Decode(text)
		if err == nil && doc == nil {
			t.Fatal("neither a document nor an error")
		}
		if _, err := json.Marshal(problems); err != nil {
			t.Fatal(err)
		}
	})
}
