package expr

import (
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`any(trigger.tags, .name == "urgent")`, `{{`, `[[[[`, `a..b`, `let x = 1; x`, `"\u0000"`, `trigger?.a[1:2]`, `reduce(1..3, #acc + #)`, `a matches "b"`, `{"a": 1}.a`,
		`a ?: b ?: 1`, `1 < a < b <= 3`, `trigger?.a?.[0]?.b ?? "x"`, `sortBy(trigger.tags, .name, "desc")`, `groupBy(trigger.tags, #)`, `sum(1..3, # * 2) | string()`,
		`trigger.a[-1:]`, `not a and b or nothing`, `"\u{1F600}"[0:1]`, `9223372036854775807 + 1`, `let f = 1; let g = f; f + g`, `if a == "x" { 1 } else { 2 }`, "`a``b` + 'c' // d", `::first(trigger.a)`,
		`format_date(now(), "YYYY-MM-DD")`, `replace_regex(a, "(.)", "$1$1")`, `map(trigger.a, {let x = #; [x, #index]})`, `a; b`, `b ** -b`, `{("k"): b, 1: 2}`} {
		f.Add(seed)
	}
	vars := Vars{"trigger": map[string]any{"a": []any{1, "x", nil}, "tags": []any{map[string]any{"name": "urgent"}}}, "a": "text", "b": 3}
	f.Fuzz(func(t *testing.T, src string) {
		issues := CheckCondition(src, Scope{Roots: map[string]value.Shape{"trigger": value.ShapeOf(vars["trigger"]), "a": {Kind: "text"}, "b": {Kind: "number"}}})
		for _, i := range issues {
			if i.Column < 1 || i.Column > len(src)+1 || i.Message == "" || len(i.Message) > maxMessage+len("…") {
				t.Errorf("%q: %+v", src, i)
			}
		}
		c, err := CompileCondition(src)
		if err != nil {
			if fault.CodeOf(err) != fault.InvalidInput {
				t.Errorf("%q: %v", src, err)
			}
			return
		}
		first, err := c.Eval(vars, moment)
		if err != nil && fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%q: %v", src, err)
		}
		if again, other := c.Eval(vars, moment); again != first || (other == nil) != (err == nil) {
			t.Errorf("%q gives %v and %v (%v, %v)", src, first, again, err, other)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{`{{ a }}`, `\{{`, `{{ "}}" }}`, `{{ {"a": {}} }}`, `{{ ' }}`, `}}{{`, `{{ a // b }}`, "{{ a // b\n}}", `{{ (a }}`, `{{ a }}{{ [1,{"b":2}] }}`, `\\{{ a }}`, "{{ `}}` }}", `{{ a /* }} */ }}`, "\xda{{[]}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tmpl, err := CompileTemplate(src)
		if err != nil {
			return
		}
		v, err := tmpl.Eval(Vars{"a": 1}, moment)
		if err != nil {
			return
		}
		again, err := value.Normalize(v)
		if x, y := value.Text(v), value.Text(again); err != nil || x != y {
			t.Errorf("%q gives %q, which is not normal (%v)", src, x, err)
		}
	})
}

func BenchmarkCondition(b *testing.B) {
	c, err := CompileCondition(`any(trigger.data.item.tags.tags, .name == "urgent")`)
	if err != nil {
		b.Fatal(err)
	}
	vars := Vars{"trigger": map[string]any{"data": map[string]any{"item": map[string]any{"tags": map[string]any{"tags": []any{map[string]any{"name": "a"}, map[string]any{"name": "urgent"}}}}}}}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := c.Eval(vars, moment); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkTemplate(b *testing.B) {
	tmpl, err := CompileTemplate(map[string]any{"id": "{{ trigger.id }}", "who": "{{ trigger.author.email }}", "text": "{{ truncate(strip_html(trigger.body), 80) }}"})
	if err != nil {
		b.Fatal(err)
	}
	vars := Vars{"trigger": map[string]any{"id": "1", "author": map[string]any{"email": "a@b"}, "body": "<p>Hello <b>you</b></p>"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tmpl.Eval(vars, moment); err != nil {
			b.Fatal(err)
		}
	}
}
