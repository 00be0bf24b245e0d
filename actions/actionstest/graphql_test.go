package actionstest

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestGraphQL: a request is held to the schema with its variables, and its answer is made up of what it asks for.
func TestGraphQL(t *testing.T) {
	dir := t.TempDir()
	if none, err := graph(dir, filepath.Join(dir, "added.graphql")); none != nil || err != nil {
		t.Fatalf("a folder without a schema gives %v, %v", none, err)
	}
	text := `type Query { issues(first: Int!, state: State): [Issue!]! } type Issue { id: ID! done: Boolean! state: State! at: DateTime } enum State { open closed } scalar DateTime`
	if err := os.WriteFile(filepath.Join(dir, "schema.graphql"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	schema, err := graph(dir, filepath.Join(dir, "added.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	at := &url.URL{Path: "/graphql"}
	good := `{"query": "query($n: Int!) { issues(first: $n) { id done ... on Issue { state at } } }", "variables": {"n": 2}}`
	op, err := asked(schema, "POST", at, []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(graphAnswer(schema, op))
	if want := `{"data":{"issues":[{"at":"2026-01-31T09:30:00.000Z","done":false,"id":"text","state":"open"}]}}`; string(b) != want {
		t.Errorf("it answers %s", b)
	}
	for what, body := range map[string]string{
		"a field that is not there": `{"query": "{ issues(first: 1) { name } }"}`,
		"a missing argument":        `{"query": "{ issues { id } }"}`,
		"a missing variable":        `{"query": "query($n: Int!) { issues(first: $n) { id } }"}`,
		"a variable of another kind": `{"query": "query($n: Int!) { issues(first: $n) { id } }",
			"variables": {"n": "two"}}`,
		"a variable that the text does not know": `{"query": "{ issues(first: 1) { id } }", "variables": {"n": 2}}`,
		"a value that is none of the list":       `{"query": "query($s: State) { issues(first: 1, state: $s) { id } }", "variables": {"s": "done"}}`,
		"no query":                               `{"variables": {}}`,
		"a list":                                 `[1]`,
		"another member":                         `{"query": "{ issues(first: 1) { id } }", "text": 1}`,
	} {
		if _, err := asked(schema, "POST", at, []byte(body)); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "added.graphql"), []byte(`extend type Issue { name: String }`), 0o600); err != nil {
		t.Fatal(err)
	}
	wider, err := graph(dir, filepath.Join(dir, "added.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := asked(wider, "POST", at, []byte(`{"query": "{ issues(first: 1) { name } }"}`)); err != nil {
		t.Errorf("what was added is refused: %v", err)
	}
	if _, err := asked(schema, "POST", &url.URL{Path: "/graphql/x"}, []byte(good)); err == nil {
		t.Error("another address is taken")
	}
}
