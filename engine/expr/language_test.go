package expr

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestSignatures holds what a signature says to what the function does: how many values it takes, and what kind it gives.
func TestSignatures(t *testing.T) {
	free := " value values later earlier date condition expression start other names "
	for _, e := range library() {
		names, again, gives := parameters(e.Signature)
		for _, name := range names {
			if !strings.Contains(textNames+numberNames+listNames+objectNames+free, " "+name+" ") {
				t.Errorf("%s: the name %q says nothing of the value's kind", e.Signature, name)
			}
		}
		if e.call == nil {
			continue
		}
		required := len(names) - strings.Count(e.Signature, "[")
		if most := len(names); required != e.min || again != (e.max < 0) || !again && most != e.max {
			t.Errorf("%s takes %d to %d values", e.Signature, e.min, e.max)
		}
		for _, example := range e.Examples {
			v, err := value.Decode([]byte(example.Result), value.Limits{})
			if kind := value.Kind(v); err != nil || gives != "value" && kind != gives && kind != "null" && strings.HasPrefix(example.Expr, e.Name+"(") && strings.HasSuffix(example.Expr, ")") && !strings.HasPrefix(example.Expr, "len(") {
				t.Errorf("%s gives %s in %s", e.Signature, kind, example.Expr)
			}
		}
	}
}

// TestAnyArguments calls every function with every kind of value in every place: it gives a value or InvalidInput, twice
// the same.
func TestAnyArguments(t *testing.T) {
	samples := []string{"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9"}
	vars := Vars{"v0": nil, "v1": true, "v2": -3, "v3": 2.5, "v4": json.Number("99999999999999999999"), "v5": "", "v6": "2026-01-31", "v7": []any{1, "a", nil, []any{}, map[string]any{}}, "v8": map[string]any{"a": 1}, "v9": 1 << 62}
	for _, e := range library() {
		if e.call == nil {
			continue
		}
		for i := range samples {
			args := make([]string, max(e.min, e.max, 2))
			for j := range args {
				args[j] = samples[(i+j*j)%len(samples)]
			}
			if e.max >= 0 {
				args = args[:e.max]
			}
			if e.pattern > 0 {
				args[e.pattern] = `"(a)?"`
			}
			src := e.Name + "(" + strings.Join(args, ", ") + ")"
			first, err := eval(t, src, vars)
			if err != nil && (fault.CodeOf(err) != fault.InvalidInput || len(fault.MessageOf(err)) > maxMessage+20 || strings.Contains(fault.MessageOf(err), "cannot be evaluated")) {
				t.Errorf("%s: %v", src, err)
			}
			if again, other := eval(t, src, vars); again != first || (err == nil) != (other == nil) {
				t.Errorf("%s gives %s and %s", src, first, again)
			}
		}
	}
}

// TestDates is what people expect of clocks, with a scenario's zone and across the change to summer time.
func TestDates(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	m := Moment{Now: time.Date(2026, 3, 28, 23, 30, 0, 123e6, time.UTC), Zone: zurich}
	for src, want := range map[string]string{
		`now()`:                                  "2026-03-28T23:30:00.123Z",
		`format_date(now(), "YYYY-MM-DD HH:mm")`: "2026-03-29 00:30",
		`format_date(now(), "yyyy-MM-dd HH:mm", "UTC")`:                                   "2026-03-28 23:30",
		`format_date("2026-03-28T23:30:00-05:00", "HH:mm Z ZZ")`:                          "23:30 -05:00 -0500",
		`format_date(in_zone(now(), "Asia/Tokyo"), "HH:mm")`:                              "08:30",
		`format_date(now(), "Do, E, X, x, WW, SSS, h a, hh A")`:                           "29th, 7, 1774740600, 1774740600123, 13, 123, 12 am, 12 AM",
		`format_date(now(), "[YYYY] EEEE EEE MMM")`:                                       "YYYY Sunday Sun Mar",
		`start_of(now(), "day")`:                                                          "2026-03-28T23:00:00.000Z",
		`end_of(now(), "day")`:                                                            "2026-03-29T21:59:59.999Z",
		`start_of(now(), "week")`:                                                         "2026-03-22T23:00:00.000Z",
		`start_of(now(), "quarter", "UTC")`:                                               "2026-01-01T00:00:00.000Z",
		`start_of("2026-05-05", "month")`:                                                 "2026-05-01T00:00:00.000+02:00",
		`add(now(), 1, "day")`:                                                            "2026-03-29T22:30:00.123Z",
		`add(now(), 24, "hours")`:                                                         "2026-03-29T23:30:00.123Z",
		`add("2024-02-29", 1, "year")`:                                                    "2025-02-28T00:00:00.000+01:00",
		`add("2026-01-31T00:00:00Z", -2, "months")`:                                       "2025-11-30T00:00:00.000Z",
		`date("2026-03-29 12:00")`:                                                        "2026-03-29T10:00:00.000Z",
		`date("2026-03-29 12:00", "America/New_York")`:                                    "2026-03-29T12:00:00.000-04:00",
		`date("2026-03-29T12:00:00+05:30")`:                                               "2026-03-29T06:30:00.000Z",
		`date(1774740600123)`:                                                             "2026-03-28T23:30:00.123Z",
		`date("Sat, 28 Mar 2026 23:30:00 GMT")`:                                           "2026-03-28T23:30:00.000Z",
		`parse_date("3/9/26 4:05 pm", "M/D/YY h:mm a", "UTC")`:                            "2026-03-09T16:05:00.000Z",
		`parse_date("on 2026-03-09T10:00:00.5Z", "[on] YYYY-MM-DDTHH:mm:ss.SSSZ", "UTC")`: "form",
		`parse_date("x", "Do")`:                                                           "cannot be read by the form",
		`diff("2026-03-31", "2026-02-28", "months")`:                                      "1",
		`diff("2026-02-28", "2026-03-31", "months")`:                                      "-1",
		`diff("2026-03-27", "2026-02-28", "months")`:                                      "0",
		`diff("2027-03-28", "2026-03-29", "years")`:                                       "0",
		`diff("2026-03-29 12:00", "2026-03-28 12:00", "hours")`:                           "23",
		`diff(now(), "2026-03-28T23:29:00Z")`:                                             "60.123",
		`date("never")`:                                                                   "is not a date",
		`date(nil)`:                                                                       "must be a date",
		`add(now(), 1.5, "months")`:                                                       "added whole",
		`add(now(), 1, "fortnight")`:                                                      "is no unit",
		`start_of(now(), "fortnight")`:                                                    "is no unit",
		`diff(now(), now(), "fortnight")`:                                                 "is no unit",
		`in_zone(now(), "Nowhere/Land")`:                                                  "is not a time zone",
		`in_zone(now(), "")`:                                                              "2026-03-28T23:30:00.123Z",
		`date("9999-12-31T23:59:59-12:00") > now()`:                                       "out of range",
		`add("9999-12-31T00:00:00Z", 1, "day") < "9999"`:                                  "out of range",
		`date("2026-03-01") < date("2026-03-01T00:00:00Z") and date("2026-03-01") > "2026-02-28T2"`: "true",
	} {
		tmpl, err := CompileTemplate("{{" + src + "}}")
		got := ""
		if err == nil {
			var v any
			v, err = tmpl.Eval(nil, m)
			got = value.Text(v)
		}
		if err != nil {
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	in := "# Hi *there*\n\nA **b** _c_ ~~d~~ `x<y`\nsecond\n\n- one\n- two\n  1. in\n  2. more\n- three\n\n1. a\n2. b\n\n> quoted\n> & more\n\nafter <b>x</b> <https://a.b>\n\n```go\na < *c*\n```\n\n---\n\nend ![alt](https://i.x/y.png)"
	want := "*Hi _there_*\n\nA *b* _c_ ~d~ `x&lt;y`\nsecond\n\n• one\n• two\n    1. in\n    2. more\n• three\n\n1. a\n2. b\n\n> quoted\n> &amp; more\n\nafter x <https://a.b>\n\n```\na &lt; *c*\n```\n\n———\n\nend <https://i.x/y.png|alt>"
	got, err := markdownSlack([]byte(in))
	if err != nil || got != want {
		t.Errorf("got\n%s\n(%v), want\n%s", got, err, want)
	}
	for in, want := range map[string]string{"[a|b](<https://x.org/a|b>)": "<https://x.org/a%7Cb|a|b>", "a & <!channel>": "a &amp; &lt;!channel&gt;", "": ""} {
		if got, err := markdownSlack([]byte(in)); err != nil || got != want {
			t.Errorf("%s gives %s (%v), not %s", in, got, err, want)
		}
	}
	for in, want := range map[string]string{"a <script>x</script> [j](javascript:x)": "<p>a <!-- raw HTML omitted -->x<!-- raw HTML omitted --> <a href=\"\">j</a></p>", "~~a~~": "<p><del>a</del></p>"} {
		if got, err := markdownHTML([]byte(in)); err != nil || got != want {
			t.Errorf("%s gives %s (%v), not %s", in, got, err, want)
		}
	}
	for in, want := range map[string]string{"a<br>b &amp; c<script>x</script><p>d": "a b & c d", "1 < 2": "1 < 2", "<b>a</b>c": "ac", "<style>a{}</style>": ""} {
		if got, ok := stripHTML(in); !ok || got != want {
			t.Errorf("%s gives %s, not %s", in, got, want)
		}
	}
}

// TestNothingShared gives values that their receivers may change without changing what others see.
func TestNothingShared(t *testing.T) {
	inner := map[string]any{"b": []any{1}}
	vars := Vars{"o": inner}
	for _, in := range []any{"{{ o }}", map[string]any{"x": "{{ o.b }}", "fixed": map[string]any{"y": []any{1}}}, map[string]any{"fixed": []any{map[string]any{}}}, `{{ [1, 2] }}`} {
		tmpl, err := CompileTemplate(in)
		if err != nil {
			t.Fatal(err)
		}
		first, err := tmpl.Eval(vars, moment)
		if err != nil {
			t.Fatal(err)
		}
		before := value.Text(first)
		spoil(first)
		again, err := tmpl.Eval(vars, moment)
		if err != nil || value.Text(again) != before || value.Text(inner) != `{"b":[1]}` {
			t.Errorf("%v gives %s after its result was changed, not %s; the event is %s (%v)", in, value.Text(again), before, value.Text(inner), err)
		}
	}
}

func spoil(v any) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			spoil(v[i])
			v[i] = "spoiled"
		}
	case map[string]any:
		for name := range v {
			spoil(v[name])
			v[name] = "spoiled"
		}
	}
}

// TestNoNames says that what an evaluation read is gone when its state serves another.
func TestNoNames(t *testing.T) {
	tmpl, err := CompileTemplate("{{ secret }}{{ len(string(list)) }}")
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if _, err := tmpl.Eval(Vars{"secret": "x", "list": many(300)}, moment); err != nil {
			t.Fatal(err)
		}
		if got, err := eval(t, `[secret, list]`, nil); err != nil || got != "[null,null]" {
			t.Fatalf("another evaluation sees %s (%v)", got, err)
		}
	}
	s := newState()
	before := len(s.env)
	for range 3 {
		s, _ = begin(Vars{"a": 1, "b": 2}, reads{roots: []string{"a", "b"}}, moment)
		s.end()
	}
	if s, _ = begin(nil, reads{}, Moment{}); len(s.env) != before || s.steps != 0 || !reflect.DeepEqual(s.moment, Moment{}) {
		t.Errorf("a state that was given back holds %d names, %d steps", len(s.env)-before, s.steps)
	}
	s.end()
}

// TestSource: an expression stands in a message as it was written.
func TestSource(t *testing.T) {
	for src, want := range map[string]string{
		` a.b `:                 `"a.b"`,
		`parse_json("{")`:       "`parse_json(\"{\")`",
		"a +\n\t\"x\"":          "`a + \"x\"`",
		"`a` + \"b\"":           "\"`a` + \\\"b\\\"\"",
		strings.Repeat("é", 99): `"` + fault.Clip(strings.Repeat("é", 99), 80) + `"`,
	} {
		if got := source(src); got != want {
			t.Errorf("%q is written %s, not %s", src, got, want)
		}
	}
}

// TestErrorsSayWhere holds every error to its expression, its place in the value and its column.
func TestErrorsSayWhere(t *testing.T) {
	tmpl, err := CompileTemplate(map[string]any{"a/b": []any{"ok", "x {{ n.é.y }}"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tmpl.Eval(Vars{"n": map[string]any{}}, moment)
	problems := fault.ProblemsOf(err)
	if len(problems) != 1 || problems[0].Path != "/a~1b/1" || !strings.Contains(fault.MessageOf(err), `/a~1b/1: The expression "n.é.y" failed at column 5: there is no y in null`) {
		t.Errorf("%v %+v", err, problems)
	}
	_, err = CompileTemplate([]any{"é {{ 1 + }}", "{{ nope() + nada() }}", "{{ x"})
	problems = fault.ProblemsOf(err)
	if len(problems) != 4 || problems[0].Path != "/0" || problems[0].Column < 8 || problems[1].Column != 4 || problems[2].Column != 13 || problems[3].Path != "/2" || problems[3].Column != 1 {
		t.Errorf("%+v", problems)
	}
	for src, column := range map[string]int{"nope()": 1, `"é" + nope()`: 7, "": 1, `"a" + 1`: 5, `upper("a")`: 1} {
		_, err := CompileCondition(src)
		if problems := fault.ProblemsOf(err); fault.CodeOf(err) != fault.InvalidInput || len(problems) != 1 || problems[0].Column != column || !strings.Contains(err.Error(), "column") {
			t.Errorf("%s: %v %+v", src, err, problems)
		}
	}
}

// TestWrongForms: a form with what looks like a part of a date and is none is refused, and not written as something else.
func TestWrongForms(t *testing.T) {
	for src, want := range map[string]string{
		`format_date("2026-02-01", "DDDD")`:            `the form "DDDD" holds "DDDD", which is no part of a date`,
		`format_date("2026-02-01", "YYYYY-MM")`:        `holds "YYYYY"`,
		`parse_date("01/02/2026", "DD/MMMMM/YYYY")`:    `holds "MMMMM"`,
		`format_date("2026-02-01", "[DDDD] D.M.YYYY")`: "",
	} {
		tmpl, err := CompileTemplate("{{ " + src + " }}")
		if err != nil {
			t.Fatal(err)
		}
		_, err = tmpl.Eval(Vars{}, moment)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v", src, err)
		}
	}
}
