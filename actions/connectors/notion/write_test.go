package notion

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestChildren: lines become blocks of their kind, long texts are cut, and too many blocks are refused.
func TestChildren(t *testing.T) {
	for line, want := range map[string]string{
		"a":       `{"object":"block","paragraph":{"rich_text":[{"text":{"content":"a"},"type":"text"}]},"type":"paragraph"}`,
		"## b":    `{"heading_2":{"rich_text":[{"text":{"content":"b"},"type":"text"}]},"object":"block","type":"heading_2"}`,
		"#b":      `{"object":"block","paragraph":{"rich_text":[{"text":{"content":"#b"},"type":"text"}]},"type":"paragraph"}`,
		"- [x] c": `{"object":"block","to_do":{"checked":true,"rich_text":[{"text":{"content":"c"},"type":"text"}]},"type":"to_do"}`,
		"[ ] d":   `{"object":"block","to_do":{"checked":false,"rich_text":[{"text":{"content":"d"},"type":"text"}]},"type":"to_do"}`,
		"---":     `{"divider":{},"object":"block","type":"divider"}`,
	} {
		got := children(map[string]any{"content": "\n" + line + " \n\n"})
		if len(got) != 1 || value.Text(got[0]) != want {
			t.Errorf("%q: %s", line, value.Text(got))
		}
	}
	if got := richText(strings.Repeat("é", 4001)); len(got) != 3 {
		t.Errorf("4,001 characters are %d texts", len(got))
	}
	if _, err := first(map[string]any{"content": strings.Repeat("x\n", 100), "blocks": []any{map[string]any{}}}); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("101 blocks: %v", err)
	}
}

// TestTyped: plain values are written by their properties' types; a wrong one, or an unknown name, is named.
func TestTyped(t *testing.T) {
	kinds := map[string]string{"T": "title", "R": "rich_text", "N": "number", "C": "checkbox", "S": "select", "M": "multi_select", "D": "date", "E": "date", "U": "url", "P": "people", "L": "relation", "F": "files", "X": "formula", "O": "multi_select", "Q": "multi_select", "K": "relation"}
	for name, c := range map[string]struct {
		v    any
		want string // or a part of the fault
	}{
		"T": {"a", `{"T":{"title":[{"text":{"content":"a"},"type":"text"}]}}`},
		"R": {nil, `{"R":{"rich_text":[]}}`},
		"N": {"2.5", `{"N":{"number":2.5}}`},
		"C": {"true", `{"C":{"checkbox":true}}`},
		"S": {"", `{"S":{"select":null}}`},
		"M": {[]any{"a", "b"}, `{"M":{"multi_select":[{"name":"a"},{"name":"b"}]}}`},
		"O": {"a, b,", `{"O":{"multi_select":[{"name":"a"},{"name":"b"}]}}`},
		"Q": {[]any{"a, b"}, `the option "a, b" has a comma`},
		"K": {[]any{"https://www.notion.so/Ada-60bdc8bd388044b8a9cd8a145b3ffbd7", "p2"}, `{"K":{"relation":[{"id":"60bdc8bd388044b8a9cd8a145b3ffbd7"},{"id":"p2"}]}}`},
		"D": {"2026-01-31", `{"D":{"date":{"start":"2026-01-31"}}}`},
		"E": {"2026-01-31T09:30:00+01:00", `{"E":{"date":{"start":"2026-01-31T09:30:00+01:00"}}}`},
		"U": {"https://a.example", `{"U":{"url":"https://a.example"}}`},
		"P": {"u1", `{"P":{"people":[{"id":"u1"}]}}`},
		"L": {map[string]any{"relation": []any{}}, `{"L":{"relation":[]}}`},
		"F": {"https://a.example/x", `{"F":{"files":[{"external":{"url":"https://a.example/x"},"name":"https://a.example/x","type":"external"}]}}`},
		"X": {"a", "computes"}, "Z": {"a", `no property "Z"`},
	} {
		got, err := typed(map[string]any{name: c.v}, kinds, false)
		if err != nil && !strings.Contains(err.Error(), c.want) || err == nil && value.Text(got) != c.want {
			t.Errorf("%s: %s %v", name, value.Text(got), err)
		}
	}
	for _, wrong := range []map[string]any{{"N": "many"}, {"N": true}, {"C": "perhaps"}, {"D": "31.1.2026"}, {"D": "2026-01-31x"}} {
		if _, err := typed(wrong, kinds, false); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if got, err := typed(map[string]any{"Z": 1, "Y": true, "W": "a"}, nil, true); err != nil || value.Text(got) != `{"W":{"rich_text":[{"text":{"content":"a"},"type":"text"}]},"Y":{"checkbox":true},"Z":{"number":1}}` {
		t.Errorf("guessed: %s %v", value.Text(got), err)
	}
}

// TestEquals: a filter's form is that of the property's type, and the value stays a value, whatever it holds.
func TestEquals(t *testing.T) {
	for _, c := range []struct {
		kind string
		v    any
		want string
	}{
		{"title", `a"}, "or": [`, `{"property":"P","title":{"equals":"a\"}, \"or\": ["}}`},
		{"number", "7", `{"number":{"equals":7},"property":"P"}`},
		{"checkbox", "true", `{"checkbox":{"equals":true},"property":"P"}`},
		{"multi_select", "x", `{"multi_select":{"contains":"x"},"property":"P"}`},
		{"unique_id", "ENG-42", `{"property":"P","unique_id":{"equals":42}}`},
		{"created_time", "2026-01-31", `{"created_time":{"equals":"2026-01-31"},"timestamp":"created_time"}`},
	} {
		if got, err := equals("P", c.kind, c.v); err != nil || value.Text(got) != c.want {
			t.Errorf("%s: %s %v", c.kind, value.Text(got), err)
		}
	}
	for kind, v := range map[string]any{"number": "x", "formula": "x", "unique_id": "ENG-", "date": "31.1.2026"} {
		if got, err := equals("P", kind, v); err == nil && got["unique_id"] == nil {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

// TestNewDatabase: a property of the type title is there always.
func TestNewDatabase(t *testing.T) {
	for given, want := range map[string]string{
		`{}`:                          `{"Name":{"title":{},"type":"title"}}`,
		`{"Amount":"number"}`:         `{"Amount":{"number":{},"type":"number"},"Name":{"title":{},"type":"title"}}`,
		`{"Deal":{"title":{}}}`:       `{"Deal":{"title":{}}}`,
		`{"Deal":"title","A":"date"}`: `{"A":{"date":{},"type":"date"},"Deal":{"title":{},"type":"title"}}`,
	} {
		v, _ := value.Decode([]byte(given), value.Limits{})
		parts, err := newDatabase(map[string]any{"properties": v, "title": "T", "parent": "p"})
		if got := value.Text(value.At(any(parts.Body), "/initial_data_source/properties")); err != nil || got != want {
			t.Errorf("%s: %s %v", given, got, err)
		}
	}
}
