package actions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestCoerceSays: what cannot be an input is named as what it is, and where it helps with what to do.
func TestCoerceSays(t *testing.T) {
	fields := []Field{{ID: "text", Type: LongText}, {ID: "count", Type: Integer}, {ID: "names", Type: Texts}, {ID: "list", Type: List}, {ID: "date", Type: JSON, NotNull: true, Help: "A date."}}
	file := value.File{Hash: strings.Repeat("0", 64), Name: "a.csv", Size: 1}.Value()
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{"text": file}, "The input text: A text is needed, and this is a file; core.text_file reads the text of one."},
		{map[string]any{"text": map[string]any{"a": 1}}, "The input text: A text is needed, not an object."},
		{map[string]any{"text": []any{}}, "The input text: A text is needed, not a list."},
		{map[string]any{"count": map[string]any{}}, "The input count: A number is needed, not an object."},
		{map[string]any{"names": map[string]any{}}, "The input names: A list of texts is needed, not an object."},
		{map[string]any{"list": map[string]any{}}, "The input list: A list is needed, not an object."},
		{map[string]any{"date": nil}, "The input date: It is null, as where an expression reads what is not there. Leave the input out where it is not meant to be given. A date."},
		{map[string]any{"date": false, "text": nil}, ""},
		{map[string]any{}, ""},
	} {
		_, err := Coerce(fields, c.in)
		if got := fault.MessageOf(err); err == nil && c.want != "" || err != nil && got != c.want {
			t.Errorf("%v gives %v, not %s", c.in, err, c.want)
		}
	}
	if found := CheckInput(fields, map[string]any{"date": nil}, func(any) bool { return false }); len(found) != 1 || found[0].Path != "/date" {
		t.Errorf("publishing finds %v", found)
	}
}

// TestTexts: a text in place of a list is its parts between commas and lines, where what the items are called holds none.
func TestTexts(t *testing.T) {
	fields := []Field{{ID: "ids", Type: Texts, Link: `/d/(\w+)`}, {ID: "titles", Type: Texts, Whole: true}, {ID: "to", Type: Texts, Required: true, Label: "To", Help: "Addresses."}}
	for _, c := range []struct {
		field string
		in    any
		want  []any
	}{
		{"ids", "a, b,,c\n d\r\n", []any{"a", "b", "c", "d"}}, {"ids", "https://x.test/d/1?y, 2", []any{"1", "2"}}, {"ids", []any{"a, b", nil, "c"}, []any{"a, b", "c"}},
		{"ids", 42, []any{"42"}}, {"ids", " , \n", nil}, {"ids", "", nil}, {"ids", []any{}, []any{}},
		{"titles", "Dear Ada, hello", []any{"Dear Ada, hello"}}, {"titles", "", nil}, {"titles", false, []any{"false"}},
	} {
		got, err := Coerce(fields, map[string]any{c.field: c.in, "to": []any{"a@b.c"}})
		list, ok := got[c.field].([]any)
		if err != nil || ok != (c.want != nil) || !slices.Equal(list, c.want) {
			t.Errorf("%s: %q gives %q, %v", c.field, c.in, got[c.field], err)
		}
	}
	for _, in := range []map[string]any{{}, {"to": ""}, {"to": ", "}} {
		if _, err := Coerce(fields, in); fault.MessageOf(err) != "The input to: To is required. Addresses." {
			t.Errorf("%v says %v", in, err)
		}
	}
}

// TestEmptyLists: a list that is required is not empty, unless its field is Blank; what an item of it will be need not be known.
func TestEmptyLists(t *testing.T) {
	group := []Field{{ID: "name", Type: Text}}
	fields := []Field{{ID: "to", Type: Texts, Label: "To", Help: "Addresses."}, {ID: "rows", Type: List, Label: "Rows", Help: "Some."}, {ID: "lines", Type: List, Fields: group, Label: "Lines", Help: "Some."}, {ID: "found", Type: List, Blank: true}}
	for i := range fields {
		fields[i].Required = true
	}
	dynamic := func(v any) bool { return v == "{{ x }}" }
	for _, c := range []struct {
		want string
		with map[string]any
	}{
		{"/to To is required and is empty. Addresses.", map[string]any{"to": []any{}, "rows": []any{1}, "lines": []any{map[string]any{}}, "found": []any{}}},
		{"/to To is required and is empty. Addresses.", map[string]any{"to": []any{nil, ""}, "rows": []any{1}, "lines": []any{map[string]any{}}, "found": []any{1}}},
		{"/lines Lines is required and is empty. Some./rows Rows is required and is empty. Some.", map[string]any{"to": []any{"{{ x }}"}, "rows": []any{}, "lines": []any{}, "found": []any{}}},
		{"", map[string]any{"to": []any{"", "a"}, "rows": "{{ x }}", "lines": []any{"{{ x }}"}, "found": []any{}}},
	} {
		var got string
		for _, issue := range CheckInput(fields, c.with, dynamic) {
			if !strings.HasPrefix(issue.Path, "/lines/") {
				got += issue.Path + " " + issue.Message
			}
		}
		if got != c.want {
			t.Errorf("%v: it says %s", c.with, got)
		}
		if _, err := Coerce(fields, c.with); (err != nil) != (c.want != "" || c.with["rows"] == "{{ x }}") {
			t.Errorf("%v: at the run it says %v", c.with, err)
		}
	}
}

// TestTidy: the id is found in the URL that people paste in its place, and space around it does not count; so it is in a list, and in
// what a connection is moved by.
func TestTidy(t *testing.T) {
	doc := Field{ID: "doc", Type: Text, Required: true, Link: `^https?://docs\.acme\.test/(?:d/([\w-]+)|.*[?&]id=([\w-]+))`}
	for text, want := range map[string]string{
		"1aB": "1aB", " 1aB\n": "1aB", "https://docs.acme.test/d/1a-B_/edit#gid=0": "1a-B_", "https://docs.acme.test/open?x=1&id=7": "7",
		"https://other.test/d/1": "https://other.test/d/1", "https://docs.acme.test/": "https://docs.acme.test/",
	} {
		if got, err := Coerce([]Field{doc}, map[string]any{"doc": text}); err != nil || got["doc"] != want {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
	if _, err := Coerce([]Field{doc}, map[string]any{"doc": "  "}); err == nil {
		t.Error("white space is taken for an id")
	}
	deal := Field{ID: "deal", Type: Integer, Link: `^https://acme\.test/deal/(\d+)`}
	for text, want := range map[string]string{"https://acme.test/deal/42?tab=1": "42", " 42 ": "42", "https://acme.test/person/7": ""} {
		if got, err := Coerce([]Field{deal}, map[string]any{"deal": text}); value.Text(got["deal"]) != want || (err == nil) != (want != "") {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
	doc.Type, doc.Required = Texts, false
	if got, err := Coerce([]Field{doc, {ID: "plain", Type: Text}}, map[string]any{"doc": []any{"https://docs.acme.test/d/9"}, "plain": " x "}); err != nil || value.Text(got["doc"]) != `["9"]` || got["plain"] != " x " {
		t.Errorf("%v, %v", got, err)
	}
	for _, c := range []struct {
		field    Field
		in, want any // want nil: it is refused
	}{
		{Field{Type: Text, Link: `/c/([^/]+)`}, "https://acme.test/c/19%3aab%40x/General", "19:ab@x"},
		{Field{Type: Text, Link: `/c/([^/]+)`}, "https://acme.test/c/50%/x", "50%"},
		{Field{Type: Text, Link: `(.+)`}, "19%3a", "19%3a"},
		{Field{Type: Text, Link: `/p(\d{4})(\d{2})`, Join: "."}, "https://acme.test/p123456", "1234.56"},
		{Field{Type: Integer, Link: `^https?://[^/]+/j/(\d+)`}, "https://acme.test/j/85746065?pwd=1", 85746065},
		{Field{Type: Integer, Link: `^https?://[^/]+/j/(\d+)`}, "857 4606 5432", 85746065432},
		{Field{Type: Integer, Link: `^https?://[^/]+/j/(\d+)`}, "https://acme.test/j/mine", nil},
		{Field{Type: Integer}, "857 4606", nil},
		{Field{Type: Text, NoURL: "It needs an id."}, "https://acme.test/j?id=1", nil},
		{Field{Type: Text, NoURL: "It needs an id."}, "a1", "a1"},
		{Field{Type: DateTime, Local: true}, "2026-01-31T09:30", "2026-01-31T09:30"},
		{Field{Type: DateTime, Local: true}, "2026-01-31T09:30:00", "2026-01-31T09:30:00"},
		{Field{Type: DateTime, Local: true}, "2026-01-31T09:30:00+01:00", "2026-01-31T09:30:00+01:00"},
		{Field{Type: DateTime, Local: true}, "2026-01-31", nil},
		{Field{Type: DateTime}, "2026-01-31T09:30:00", nil},
	} {
		c.field.ID = "x"
		if got, err := Coerce([]Field{c.field}, map[string]any{"x": c.in}); (err == nil) != (c.want != nil) || err == nil && value.Text(got["x"]) != value.Text(c.want) {
			t.Errorf("%v gives %v, %v", c.in, got["x"], err)
		}
	}
}

// TestDays: where a field says so a day is its beginning in UTC.
func TestDays(t *testing.T) {
	for _, c := range []struct {
		days       bool
		text, want string
	}{{true, "2026-03-31", "2026-03-31T00:00:00Z"}, {true, " 2026-03-31 ", "2026-03-31T00:00:00Z"}, {true, "2026-03-31T10:00:00+02:00", "2026-03-31T10:00:00+02:00"}, {true, "2026-13-31", ""}, {false, "2026-03-31", ""}} {
		got, err := Coerce([]Field{{ID: "at", Type: DateTime, Days: c.days}}, map[string]any{"at": c.text})
		if (err == nil) != (c.want != "") || err == nil && got["at"] != c.want {
			t.Errorf("%q gives %v, %v", c.text, got, err)
		}
	}
}

// TestUnsuited: an action whose connector leads to several servers asks for a way to sign in that leads to its own.
func TestUnsuited(t *testing.T) {
	c := Connector{ID: "x", Auth: []Auth{{Method: "none", Name: "Nothing"}, {Method: "hook", Name: "Webhook"}, {Method: "key", Name: "API key"}}}
	hook, api, any := &Action{ID: "start", Ways: []string{"none", "hook"}}, &Action{ID: "list", Ways: []string{"key"}}, &Action{ID: "any"}
	for _, one := range []struct {
		a      *Action
		method string
		named  bool
		want   string
	}{
		{hook, "", false, ""}, {hook, "hook", true, ""}, {hook, "key", true, "x.start needs a connection that signs in by Nothing or Webhook, which this one (API key) does not; name another, or make one for that."},
		{api, "key", true, ""}, {api, "", false, "x.list needs a connection that signs in by API key, and none is named."}, {any, "", false, ""}, {any, "key", true, ""},
	} {
		if got := c.Unsuited(one.a, one.method, one.named); got != one.want {
			t.Errorf("%s by %q: %q, not %q", one.a.ID, one.method, got, one.want)
		}
	}
}

// TestMoments: times are taken as other systems give them, where they mean the same everywhere.
func TestMoments(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string // empty: it is refused
	}{
		{"2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"},
		{"2026-01-31T09:30:00.123+02:00", "2026-01-31T09:30:00.123+02:00"},
		{"2026-01-31T09:30:00.000+0000", "2026-01-31T09:30:00Z"}, // of Salesforce and Jira
		{"2026-01-31T09:30:00.250+0200", "2026-01-31T09:30:00.25+02:00"},
		{" 2026-01-31T09:30:00Z ", "2026-01-31T09:30:00Z"},
		{"2026-01-31 09:30:00Z", "2026-01-31T09:30:00Z"},
		{"Sat, 31 Jan 2026 09:30:00 +0000", "2026-01-31T09:30:00Z"},
		{"Sat, 31 Jan 2026 09:30:00 GMT", "2026-01-31T09:30:00Z"},
		{1769851800, "2026-01-31T09:30:00Z"},
		{1769851800123.0, "2026-01-31T09:30:00.123Z"},
		{"1769851800", "2026-01-31T09:30:00Z"},
		{"1769851800.000200", "2026-01-31T09:30:00Z"}, // of Slack
		{"2026-01-31 09:30:00", ""}, {"2026-01-31T09:30", ""}, {"2026-01-31", ""}, {2026, ""}, {"2026", ""}, {"20260131", ""}, {-1769851800, ""}, {true, ""}, {"", ""}, {"soon", ""}, {[]any{}, ""},
	} {
		got, err := Coerce([]Field{{ID: "at", Type: DateTime}}, map[string]any{"at": c.in})
		if (err == nil) != (c.want != "") {
			t.Errorf("%v gives %v, %v", c.in, got, err)
		}
		if err == nil {
			at, bad := time.Parse(time.RFC3339, got["at"].(string))
			if want, _ := time.Parse(time.RFC3339, c.want); bad != nil || !at.Equal(want) {
				t.Errorf("%v gives %v, not %s", c.in, got, c.want)
			}
		}
	}
	if _, err := Coerce([]Field{{ID: "at", Type: DateTime}}, map[string]any{"at": "2026-01-31 09:30"}); fault.MessageOf(err) != `The input at: "2026-01-31 09:30" names no time of day or no zone; write it as 2026-01-31T09:30:00Z.` {
		t.Error(err)
	}
}
