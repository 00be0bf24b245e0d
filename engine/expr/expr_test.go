package expr

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

var moment = Moment{Now: time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC), Seed: "seed"}

// eval evaluates one expression over vars and gives its value as JSON, or its error.
func eval(t testing.TB, src string, vars Vars) (string, error) {
	t.Helper()
	tmpl, err := CompileTemplate("{{" + src + "}}")
	if err != nil {
		return "", err
	}
	v, err := tmpl.Eval(vars, moment)
	if err != nil {
		return "", err
	}
	b, err := value.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), nil
}

// TestExamples runs every example of every function.
func TestExamples(t *testing.T) {
	for _, f := range Functions() {
		if f.Summary == "" || f.Signature == "" || len(f.Examples) == 0 || !strings.HasPrefix(f.Signature, f.Name+"(") || !strings.HasSuffix(f.Summary, ".") {
			t.Errorf("%s is not documented: %+v", f.Name, f)
		}
		for _, e := range f.Examples {
			if got, err := eval(t, e.Expr, nil); err != nil || got != e.Result {
				t.Errorf("%s gives %s (%v), not %s", e.Expr, got, err, e.Result)
			}
		}
	}
}

// TestDocumented holds the functions that can be called to those that are documented.
func TestDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range Functions() {
		if documented[f.Name] {
			t.Errorf("%s is documented twice", f.Name)
		}
		documented[f.Name] = true
	}
	for name := range functionTable {
		if !strings.HasPrefix(name, "__") && !documented[name] {
			t.Errorf("%s can be called and is not documented", name)
		}
	}
	for _, name := range loops() {
		if !documented[name] {
			t.Errorf("%s can be called and is not documented", name)
		}
	}
	for name := range documented {
		if functionTable[name] == nil && !strings.Contains(strings.Join(loops(), " "), name) {
			t.Errorf("%s is documented and cannot be called", name)
		}
	}
}

func many(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestConditionKinds is §2.A 16: what an expression gives may differ from what was expected when it was saved.
func TestConditionKinds(t *testing.T) {
	c, err := CompileCondition("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		v    any
		want string
	}{{true, "true"}, {false, "false"}, {nil, "false"}, {"true", "a text"}, {1, "a number"}, {[]any{}, "a list"}, {map[string]any{}, "an object"}} {
		got, err := c.Eval(Vars{"x": k.v}, moment)
		said := fmt.Sprint(got)
		if err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, k.want) {
			t.Errorf("%v: %s", k.v, said)
		}
	}
}

// TestOtherShape is §2.A 16: what was checked by a sample meets an event of another shape, and says so or gives its answer.
func TestOtherShape(t *testing.T) {
	scope := Scope{Roots: map[string]value.Shape{"trigger": value.ShapeOf(map[string]any{"n": 1, "name": "x", "tags": []any{map[string]any{"on": true}}})}}
	for src, wants := range map[string]map[string]string{ // by what the event is in the end
		`trigger.n + 1 > 1`:           {`{"n": 5}`: "true", `{"n": "5"}`: "+ cannot", `{"n": null}`: "+ cannot", `{}`: "+ cannot", `{"n": [1]}`: "+ cannot", `{"n": {"n": 1}}`: "+ cannot", `"text"`: "no n in a text", `null`: "no n in null", `[]`: "whole number"},
		`trigger.name startsWith "x"`: {`{"name": "xy"}`: "true", `{"name": 1}`: "two texts", `{}`: "false", `{"name": ["x"]}`: "two texts"},
		`any(trigger.tags, .on)`:      {`{"tags": [{"on": true}]}`: "true", `{"tags": [{"on": "yes"}]}`: "true or false", `{"tags": {"on": true}}`: "values() and entries()", `{"tags": "on"}`: "list", `{"tags": [7]}`: "no on in a number", `{}`: "?? []"},
	} {
		if issues := CheckCondition(src, scope); len(issues) > 0 {
			t.Errorf("%s: %+v", src, issues)
		}
		c, err := CompileCondition(src)
		if err != nil {
			t.Fatal(err)
		}
		for event, want := range wants {
			v, err := value.Decode([]byte(event), value.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Eval(Vars{"trigger": v}, moment)
			said := fmt.Sprint(got)
			if err != nil {
				said = err.Error()
			}
			if !strings.Contains(said, want) || err != nil && fault.CodeOf(err) != fault.InvalidInput {
				t.Errorf("%s of %s: %s", src, event, said)
			}
		}
	}
}

// TestNoLeak is §2.A 17: the same expression many times over a large body, where there is little memory.
func TestNoLeak(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(256 << 20))
	c, err := CompileCondition(`body contains "nothing" or len(body) > 5`)
	if err != nil {
		t.Fatal(err)
	}
	vars := Vars{"body": strings.Repeat("x", 64<<10)}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 100_000 {
		if ok, err := c.Eval(vars, moment); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc > before.HeapAlloc+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
}

func TestTemplates(t *testing.T) {
	vars := Vars{"n": 3, "s": "x", "none": nil, "f": 2.5, "list": []any{1, "a"}, "o": map[string]any{"b": 1, "a": nil}}
	for in, want := range map[string]string{
		`plain`:                            `"plain"`,
		``:                                 `""`,
		`{{ n }}`:                          `3`,
		`{{n}}`:                            `3`,
		` {{ n }}`:                         `" 3"`,
		`{{ n }}{{ n }}`:                   `"33"`,
		`{{ none }}`:                       `null`,
		`a{{ none }}b`:                     `"ab"`,
		`{{ list }}`:                       `[1,"a"]`,
		`{{ list }}!`:                      `"[1,\"a\"]!"`,
		`{{ o }}`:                          `{"a":null,"b":1}`,
		`{{ f }} and {{ f * 2 }}`:          `"2.5 and 5"`,
		`\{{ n }}`:                         `"{{ n }}"`,
		`\{{ {{ n }}`:                      `"{{ 3"`,
		`{{ "}}" }}`:                       `"}}"`,
		`{{ '}}' + "a" }}`:                 `"}}a"`,
		"{{ `}}` }}":                       `"}}"`,
		`{{ {"a": {"b": 1}} }}`:            `{"a":{"b":1}}`,
		`{{ {"a": {"b": n}}.a.b }}`:        `3`,
		`{{ map(list, ({"v": #}))[0].v }}`: `1`,
		`{{ filter([1,2], { # > 1 }) }}x`:  `"[2]x"`,
		`{{ n /* }} */ }}`:                 `3`,
		`{{ "a\"}}" }}`:                    `"a\"}}"`,
		`}} {{ n }} }}`:                    `"}} 3 }}"`,
		`{ {n} }`:                          `"{ {n} }"`,
	} {
		tmpl, err := CompileTemplate(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		v, err := tmpl.Eval(vars, moment)
		b, _ := value.Encode(v)
		if err != nil || string(b) != want {
			t.Errorf("%s gives %s (%v), not %s", in, b, err, want)
		}
	}
	for in, want := range map[string]string{
		`{{ n`:         "no }} that ends it",
		`a {{ "n }}`:   "no }} that ends it",
		`{{ }}`:        "empty",
		`{{ n + }}`:    "column",
		`{{ nope() }}`: "no function nope",
	} {
		if _, err := CompileTemplate(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestTemplateTrees(t *testing.T) {
	in := map[string]any{"a": []any{"{{ n }}", map[string]any{"{{ n }}": "x{{ n }}"}}, "b": 1.0, "c": nil}
	tmpl, err := CompileTemplate(in)
	if err != nil || tmpl.Static() {
		t.Fatal(err)
	}
	v, err := tmpl.Eval(Vars{"n": 3}, moment)
	b, _ := value.Encode(v)
	if err != nil || string(b) != `{"a":[3,{"{{ n }}":"x3"}],"b":1,"c":null}` {
		t.Errorf("%s %v", b, err)
	}
	fixed, err := CompileTemplate(map[string]any{"a": []any{1, "x"}})
	if err != nil || !fixed.Static() {
		t.Errorf("a value without expressions is not static (%v)", err)
	}
	_, err = CompileTemplate(map[string]any{"a": []any{"{{ ( }}", "{{ 1 }}"}, "b/c": "{{ nope() }}"})
	problems := fault.ProblemsOf(err)
	if len(problems) != 2 || problems[0].Path != "/a/0" || problems[1].Path != "/b~1c" {
		t.Errorf("%+v", problems)
	}
	broken, _ := CompileTemplate(map[string]any{"a": []any{"{{ n.x.y }}"}})
	if _, err := broken.Eval(Vars{"n": nil}, moment); err == nil || !strings.HasPrefix(fault.MessageOf(err), "/a/0: ") {
		t.Errorf("the error does not say where: %v", err)
	}
}

// TestDeterministic evaluates what walks maps or draws random values again and again.
func TestDeterministic(t *testing.T) {
	o := map[string]any{}
	for i := range 50 {
		o[fmt.Sprint("k", i)] = i % 7
	}
	for _, src := range []string{"keys(o)", "values(o)", "entries(o)", "groupBy(values(o), #)", "group_by(entries(o), \"value\")", "uuid() + uuid()", "random()", "json(o)", "string(o)",
		"sortBy(entries(o), .value)", "unique(values(o))", "toPairs(o)", "index_by(entries(o), \"value\")", "string(groupBy(keys(o), len(#)))", "find(entries(o), .value == 3)", "first(sort_by(entries(o), \"value\", \"desc\"))", "random_int(1, 1000000)", "csv([o])", "merge(o, o)", "map(keys(o), o[#])", "now()", "reduce(values(o), (#acc * 3 + #) % 1000, 1)"} {
		first, err := eval(t, src, Vars{"o": o})
		if err != nil {
			t.Errorf("%s: %v", src, err)
		}
		for range 60 {
			if again, _ := eval(t, src, Vars{"o": o}); again != first {
				t.Errorf("%s gives %s and %s", src, first, again)
				break
			}
		}
	}
	a, _ := eval(t, "uuid()", nil)
	other, _ := CompileTemplate("{{ uuid() }}")
	b, _ := other.Eval(nil, Moment{Seed: "another"})
	if a == fmt.Sprintf("%q", b) {
		t.Error("two seeds give the same identifier")
	}
	if two, _ := eval(t, "[uuid(), uuid()]", nil); strings.Count(two, two[2:38]) != 1 {
		t.Errorf("two calls give the same identifier: %s", two)
	}
}

func TestConcurrent(t *testing.T) {
	tmpl, err := CompileTemplate(map[string]any{"a": `{{ join(map(list, # * 2), ",") }}`, "b": "{{ uuid() }}"})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			vars := Vars{"list": many(50)}
			for range 200 {
				if _, err := tmpl.Eval(vars, moment); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
