package actions

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestRecordFields: whatever a system writes in its own way is the same everywhere once it was read, and goes back in the way of the
// one that it is written to.
func TestRecordFields(t *testing.T) {
	for name, c := range map[string]struct {
		field    RecordField
		record   string
		read     string
		into     RecordField
		written  string
		fromNull string
	}{
		"text":             {RecordField{Type: Text, At: "/a"}, `{"a": "x"}`, `"x"`, RecordField{Type: Text, Input: "a"}, `{"a":"x"}`, `{"a":null}`},
		"number as text":   {RecordField{Type: Number, At: "/p/n"}, `{"p": {"n": "12.5"}}`, `12.5`, RecordField{Type: Number, Input: "properties.n", Empty: ""}, `{"properties":{"n":12.5}}`, `{"properties":{"n":""}}`},
		"no number":        {RecordField{Type: Number, At: "/n"}, `{"n": "many"}`, `"many"`, RecordField{Input: "n"}, `{"n":"many"}`, `{"n":null}`},
		"true as text":     {RecordField{Type: Boolean, At: "/b"}, `{"b": "true"}`, `true`, RecordField{Type: Boolean, Input: "b"}, `{"b":true}`, `{"b":null}`},
		"false":            {RecordField{Type: Boolean, At: "/b"}, `{"b": false}`, `false`, RecordField{Type: Boolean, Input: "b"}, `{"b":false}`, `{"b":null}`},
		"empty":            {RecordField{Type: Text, At: "/a"}, `{"a": ""}`, `null`, RecordField{Input: "a"}, `{"a":null}`, `{"a":null}`},
		"not there":        {RecordField{Type: Text, At: "/a/0/b"}, `{}`, `null`, RecordField{Input: "a"}, `{"a":null}`, `{"a":null}`},
		"unix into iso":    {RecordField{Type: DateTime, At: "/t"}, `{"t": 1764000000}`, `"2025-11-24T16:00:00Z"`, RecordField{Type: DateTime, Input: "t"}, `{"t":"2025-11-24T16:00:00Z"}`, `{"t":null}`},
		"iso into unix":    {RecordField{Type: DateTime, At: "/t"}, `{"t": "2025-11-24T17:00:00.000+0100"}`, `"2025-11-24T16:00:00Z"`, RecordField{Type: DateTime, Input: "t", Clock: Unix}, `{"t":1764000000}`, `{"t":null}`},
		"iso into ms":      {RecordField{Type: DateTime, At: "/t"}, `{"t": "2025-11-24T16:00:00Z"}`, `"2025-11-24T16:00:00Z"`, RecordField{Type: DateTime, Input: "t", Clock: UnixMilli}, `{"t":1764000000000}`, `{"t":null}`},
		"day":              {RecordField{Type: Date, At: "/d"}, `{"d": "2026-01-31"}`, `"2026-01-31"`, RecordField{Type: Date, Input: "d"}, `{"d":"2026-01-31"}`, `{"d":null}`},
		"day in ms":        {RecordField{Type: Date, At: "/d"}, `{"d": 1769817600000}`, `"2026-01-31"`, RecordField{Type: Date, Input: "d"}, `{"d":"2026-01-31"}`, `{"d":null}`},
		"time into a day":  {RecordField{Type: DateTime, At: "/t"}, `{"t": "2026-01-31T09:30:00Z"}`, `"2026-01-31T09:30:00Z"`, RecordField{Type: Date, Input: "d"}, `{"d":"2026-01-31"}`, `{"d":null}`},
		"joined into list": {RecordField{Type: Select, Many: true, Joined: ";", At: "/m"}, `{"m": "a;b"}`, `["a","b"]`, RecordField{Type: Select, Many: true, Input: "m"}, `{"m":["a","b"]}`, `{"m":null}`},
		"list into joined": {RecordField{Type: Select, Many: true, At: "/m"}, `{"m": ["a", "", null, 7]}`, `["a","7"]`, RecordField{Type: Select, Many: true, Joined: ";", Input: "m"}, `{"m":"a;7"}`, `{"m":null}`},
		"list into one":    {RecordField{Type: Text, Many: true, At: "/m"}, `{"m": ["a", "b"]}`, `["a","b"]`, RecordField{Type: Text, Input: "m"}, `{"m":"a"}`, `{"m":null}`},
		"one into list":    {RecordField{Type: Text, At: "/m"}, `{"m": "a"}`, `"a"`, RecordField{Type: Text, Many: true, Input: "m"}, `{"m":["a"]}`, `{"m":null}`},
		"empty list":       {RecordField{Type: Text, Many: true, Joined: ";", At: "/m"}, `{"m": ""}`, `null`, RecordField{Type: Text, Many: true, Input: "m"}, `{"m":null}`, `{"m":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			var record any
			if err := json.Unmarshal([]byte(c.record), &record); err != nil {
				t.Fatal(err)
			}
			v := c.field.Read(record)
			if got := jsonOf(t, v); got != c.read {
				t.Errorf("read as %s, want %s", got, c.read)
			}
			in := map[string]any{}
			if c.into.Write(in, v); jsonOf(t, in) != c.written {
				t.Errorf("written as %s, want %s", jsonOf(t, in), c.written)
			}
			in = map[string]any{}
			if c.into.Write(in, nil); jsonOf(t, in) != c.fromNull {
				t.Errorf("cleared as %s, want %s", jsonOf(t, in), c.fromNull)
			}
		})
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestLintRecords: whatever a record type names that is not there, or leaves out, is said.
func TestLintRecords(t *testing.T) {
	sample := map[string]any{"id": "1", "at": "2026-01-31T09:30:00Z"}
	list := map[string]any{"items": []any{sample}}
	app := func() Connector {
		field := func(ids ...string) (out []Field) {
			for _, id := range ids {
				out = append(out, Field{ID: id, Label: id, Help: "A thing.", Type: Text})
			}
			return out
		}
		needed := field("id")
		needed[0].Required = true
		return Connector{ID: "acme", Actions: []Action{{ID: "get", Input: needed, Sample: sample}, {ID: "list", Input: field("since"), Sample: list}, {ID: "write", Input: field("id", "name"), Sample: sample}, {ID: "fields", Input: field(), Sample: list}},
			Triggers: []Trigger{{ID: "changed", Input: field("give")}},
			Records: []Record{{ID: "thing", Name: "Thing", Many: "Things", Kind: DealRecord, Key: "/id", Changed: "/at", Get: Operation{Action: "get", ID: "id"}, Find: []Operation{{Action: "get", Value: "id", Of: []string{"name"}}},
				Changes: Operation{Action: "list", Since: "since", At: "/items"}, Create: Operation{Action: "write"}, Update: Operation{Action: "write", ID: "id"}, Delete: Operation{Action: "get", ID: "id"},
				Fields:  RecordFields{Known: []RecordField{{Name: "name", Label: "Name", Type: Text, At: "/name", Input: "name"}}},
				Watches: []Watch{{Trigger: "changed", Give: "give", Ref: "/id"}}}}}
	}
	for says, spoil := range map[string]func(*Record){
		"":                         func(*Record) {},
		"no kind of record":        func(r *Record) { r.Kind = "x" },
		"plural is missing":        func(r *Record) { r.Many = "" },
		"cannot be read by its id": func(r *Record) { r.Get.ID = "" },
		"no action none":           func(r *Record) { r.Delete.Action = "none" },
		"has no input other":       func(r *Record) { r.Update.ID = "other" },
		"needs the input id":       func(r *Record) { r.Find[0].Value = "" },
		"does not say by which":    func(r *Record) { r.Find[0].Of = nil },
		"goes by the field none":   func(r *Record) { r.Find[0].Of = []string{"none"} },
		"is not in the sample":     func(r *Record) { r.Changed = "/none" },
		"gives no list":            func(r *Record) { r.Changes.At = "" },
		"is not asked from a time": func(r *Record) { r.Changes.Since = "" },
		"lacks a name, a label":    func(r *Record) { r.Fields.Known[0].At = "name" },
		"is no type":               func(r *Record) { r.Fields.Known[0].Type = "x" },
		"which write has not":      func(r *Record) { r.Fields.Known[0].Input = "other.x" },
		"which fields it has":      func(r *Record) { r.Fields = RecordFields{}; r.Find = nil },
		"nothing reads the fields": func(r *Record) { r.Fields.List = Operation{Action: "fields", At: "/items"} },
		"no field is found": func(r *Record) {
			r.Fields.List, r.Fields.Read = Operation{Action: "fields", At: "/items"}, func(any) []RecordField { return nil }
		},
		"there is no trigger none":    func(r *Record) { r.Watches[0].Trigger = "none" },
		"changed has no input none":   func(r *Record) { r.Watches[0].Give = "none" },
		"which record an event":       func(r *Record) { r.Watches[0].Ref = "" },
		"says by half":                func(r *Record) { r.Watches[0].Verb = "/verb" },
		"no trigger tells":            func(r *Record) { r.Watches = nil },
		"does not say what to delete": func(r *Record) { r.Delete = Operation{Action: "write"} },
		"does not say what to update": func(r *Record) { r.Update = Operation{Action: "write"} },
	} {
		c := app()
		spoil(&c.Records[0])
		l := linter{at: c.ID}
		l.records(c)
		if got := jsonOf(t, l.problems); (says == "") != (len(l.problems) == 0) || says != "" && !strings.Contains(got, says) {
			t.Errorf("%q: %s", says, got)
		}
	}
}
