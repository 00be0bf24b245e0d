package expr

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestHostile is §2.A 1 to 16: it runs what kills, hangs or fools the language when it is used as it comes. Every one must end soon with the
// answer or the error given.
func TestHostile(t *testing.T) {
	body100k := strings.Repeat("x", 100_000)
	deep := strings.Repeat("[", 9999) + strings.Repeat("]", 9999)
	vars := Vars{"body": body100k, "small": strings.Repeat("y", 1000), "mb": strings.Repeat("a", 1<<20), "mb10": strings.Repeat("a", 10<<20), "deep": deep, "ten": strings.Repeat("z", 10_000),
		"wide": many(100_000), "nothing": nil, "object": map[string]any{"a": 1}, "id": json.Number("18446744073709551616"),
		"k64": strings.Repeat("a", 64<<10), "k64and1": strings.Repeat("a", 64<<10+1)}
	hostile(t, vars, []hostileCase{
		{"1 a million brackets", strings.Repeat("(", 1_000_000) + "1" + strings.Repeat(")", 1_000_000), "at most 4096"},
		{"1 a million lists", strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000), "at most 4096"},
		{"1 a million nots", strings.Repeat("!", 1_000_000) + "true", "at most 4096"},
		{"1 a hundred thousand brackets", strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), "at most 4096"},
		{"1 eight thousand brackets", strings.Repeat("(", 8000) + "1" + strings.Repeat(")", 8000), "at most 4096"},
		{"1 as deep as it may be", strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200), "= 1"},
		{"1 as deep as fits", strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000), "deeper than 200"},
		{"1 signs as many as fit", strings.Repeat("!", 4000) + "true", "deeper than 200"},
		{"1 words as many as fit", strings.Repeat("not ", 1000) + "true", "deeper than 200"},
		{"1 lists in maps", strings.Repeat(`[{"a":`, 150) + "1" + strings.Repeat("}]", 150), "deeper than 200"},
		{"1 a choice in a choice", strings.Repeat("(", 60) + "true" + strings.Repeat("?:true)", 60), "too large"},
		{"1 a chain in a chain", strings.Repeat("(1<", 60) + "2" + strings.Repeat("<3)", 60), "too large"},
		{"1 too many nodes", "1" + strings.Repeat("-1", 1000), "too large"},
		{"1 as many nodes as there may be", "1" + strings.Repeat("-1", 249), "= -248"},
		{"1 two nodes more", "1" + strings.Repeat("-1", 250), "too large"},
		{"1 as long as it may be", "1" + strings.Repeat(" ", 4095), "= 1"},
		{"1 a byte more", "1" + strings.Repeat(" ", 4096), "has 4097 bytes; at most 4096"},
		{"2 repeat", `repeat(ten, 1000000)`, "larger than 1 MB"},
		{"2 repeat of less", `repeat(small, 1000000)`, "larger than 1 MB"},
		{"2 repeat as much as there may be", `len(repeat("a", 1048576))`, "= 1048576"},
		{"2 repeat a byte more", `len(repeat("a", 1048577))`, "larger than 1 MB"},
		{"2 truncate negative", `truncate("a", -1)`, "must not be negative"},
		{"2 repeat negative", `repeat("a", -1)`, "larger than 1 MB"},
		{"3 replace", `replace(body, "x", body)`, "larger than 1 MB"},
		{"3 replace of nothing", `replace(body, "", body)`, "larger than 1 MB"},
		{"3 replace as much as there may be", `len(replace(k64, "a", "0123456789abcdef"))`, "= 1048576"},
		{"3 replace a byte more", `len(replace(k64 + "b", "a", "0123456789abcdef"))`, "larger than 1 MB"},
		{"4 doubling", `reduce(1..40, #acc + #acc, "ab")`, "larger than 1 MB"},
		{"5 join", `join(map(1..9999, body), "")`, "larger than 1 MB"},
		{"5 join of more", `join(map(1..99999, body), "")`, "more than 10,000"},
		{"5 json of much", `json(map(1..99, body))`, "larger than 1 MB"},
		{"5 json of very much", `json(map(1..9999, body))`, "larger than 1 MB"},
		{"5 json of wide lists", `toJSON(map(1..9999, wide))`, "larger than 1 MB"},
		{"5 concat", `concat(wide, wide, wide, wide, wide, wide, wide, wide, wide, wide, wide)`, "too much work"},
		{"5 split in letters", `split(mb, "")`, "more than 100,000 parts"},
		{"5 split of ten megabytes in letters", `split(mb10, "")`, "more than 100,000 parts"},
		{"5 lists in lists in a row", `concat(concat(wide, wide, wide, wide), concat(wide, wide, wide, wide), concat(wide, wide, wide, wide))`, "too much work"},
		{"5 lists doubled", `reduce(1..40, concat(#acc, #acc), wide)`, "too much work"},
		{"5 texts in a row", strings.TrimSuffix(strings.Repeat("body + ", 20), "+ "), "larger than 1 MB"},
		{"6 deep json", `json(parse_json(deep))`, "deeper than 64"},
		{"6 deep json by the language's names", `toJSON(fromJSON(deep))`, "deeper than 64"},
		{"6 json does not indent", `toJSON(fromJSON("[[1, [2]], {\"b\": 1}]"))`, `= "[[1,[2]],{\"b\":1}]"`},
		{"7 nested counts", `let a = 1..999; count(a, count(a, let x = #; count(a, # == x) > 5) > 0)`, "too much work"},
		{"7 a hundred thousand can be filtered", `len(filter(wide, # > 99990))`, "= 9"},
		{"7 sums in a loop", `count(1..9999, sum(wide) > 1)`, "too much work"},
		{"7 in within a loop", `count(wide, # in wide)`, "too much work"},
		{"7 equal lists in a loop", `count(1..9999, wide == wide)`, "too much work"},
		{"7 contains in a loop", `count(wide, mb contains "b")`, "too much work"},
		{"7 len in a loop", `count(wide, len(mb) > 1)`, "too much work"},
		{"8 a costly pattern", `small matches "(a?){300}b{300}c"`, "repeats too much"},
		{"8 a costly pattern over a megabyte", `mb matches "(a?){300}b{300}c"`, "repeats too much"},
		{"8 a costly pattern over ten", `mb10 matches "(a?){300}b{300}c"`, "repeats too much"},
		{"8 a costly pattern that is taken, over much", `mb10 matches "(a|b|ab)*c(a?){50}d"`, "at most 64 kB"},
		{"8 a large subject", `body matches "a"`, "at most 64 kB"},
		{"8 as large a subject as there may be", `k64 matches "a$"`, "= true"},
		{"8 a byte more", `k64and1 matches "a$"`, "at most 64 kB"},
		{"8 a long pattern", `small matches "` + strings.Repeat("a", 201) + `"`, "longer than 200"},
		{"8 as long a pattern as there may be", `k64 matches "` + strings.Repeat("a", 200) + `"`, "= true"},
		{"8 a pattern from data", `small matches body`, "must be a fixed text"},
		{"8 a pattern from data in a function", `match_regex(small, body)`, "must be a fixed text"},
		{"8 a broken pattern", `small matches "("`, "not a regular expression"},
		{"9 a huge range", `1..1000000000`, "more than 10,000"},
		{"9 a large range", `len(1..999998)`, "more than 10,000"},
		{"9 as large a range as there may be", `len(1..10000)`, "= 10000"},
		{"9 a number more", `len(1..10001)`, "more than 10,000"},
		{"9 a range that overflows", `0..9223372036854775807`, "more than 10,000"},
		{"9 a range that overflows twice", `-9223372036854775807..9223372036854775807`, "more than 10,000"},
		{"10 the environment", `$env`, "$env cannot be read"},
		{"10 its keys", `keys($env)`, "$env cannot be read"},
		{"10 by index", `$env["secret"]`, "$env cannot be read"},
		{"10 by its member", `$env?.secret`, "$env cannot be read"},
		{"10 by a function", `get($env, "secret")`, "$env cannot be read"},
		{"10 by another name", `let e = $env; e.secret`, "$env cannot be read"},
		{"10 within a loop", `map([1], $env)`, "$env cannot be read"},
		{"10 the hidden state", `__state`, "Stepmill's own"},
		{"10 a hidden function", `__add(1, 2)`, "Stepmill's own"},
		{"10 a hidden name", `let __state = 1; __state`, "Stepmill's own"},
		{"11 no methods of dates", `now().Format("2006")`, "no functions of its own"},
		{"11 no methods of dates without values", `now().UTC()`, "no functions of its own"},
		{"11 no methods of objects", `object.a.b()`, "no functions of its own"},
		{"12 a number too large", `int("99999999999999999999")`, "not a whole number of 64 bits"},
		{"12 division by zero", `1 / 0`, "cannot be divided by zero"},
		{"12 remainder of zero", `object.a % 0`, "zero"},
		{"12 overflow of a sum", `object.a + 9223372036854775807 + object.a`, "too large for a whole number"},
		{"12 overflow of literals", `9223372036854775807 + 1`, "too large for a whole number"},
		{"12 overflow of a product", `object.a * 4611686018427387904 * 2`, "too large for a whole number"},
		{"12 overflow of a difference", `-9223372036854775807 - object.a - object.a`, "too large for a whole number"},
		{"12 the least number by minus one", `(-9223372036854775807 - 1) / -1`, "too large for a whole number"},
		{"12 the least number as it is written, by minus one", `-9223372036854775808 / -1`, "is too large; a whole one has 64 bits"},
		{"12 a power without end", `10.5 ** 1000`, "not a finite number"},
		{"12 not a number", `0 / 0 == 0 / 0`, "cannot be divided by zero"},
		{"12 tenths", `0.1 + 0.2 == 0.3`, "= false"},
		{"12 a text is no number", `"1" == object.a`, "= false"},
		{"12 a text is no number, seen when it is read", `"1" == 1`, "mismatched types text and number"},
		{"12 a remainder of zero, seen when it is read", `1 % 0`, "zero"},
		{"12 infinity", `1e308 * 10`, "not a finite number"},
		{"12 not a number compared", `(1e308 * 10 - 1e308 * 10) == 0`, "not a finite number"},
		{"13 exact ids", `parse_json("{\"id\":9007199254740993}").id`, "= 9007199254740993"},
		{"13 exact ids compared", `parse_json("{\"id\":9007199254740993}").id == 9007199254740993`, "= true"},
		{"13 ids that floats take for one", `parse_json("{\"id\":9007199254740993}").id == 9007199254740992`, "= false"},
		{"13 exact ids in text", `"n" + string(parse_json("9007199254740993"))`, `= "n9007199254740993"`},
		{"13 ids beyond 64 bits", `id`, "= 18446744073709551616"},
		{"14 a zone that is a path", `in_zone(now(), "../../../../etc/passwd")`, "not a time zone"},
		{"14 the machine's zone", `in_zone(now(), "Local")`, "not a time zone"},
		{"14 a zone by the language's name", `timezone("../../../../etc/passwd")`, "no function timezone"},
		{"14 a date with a zone that is a path", `date("x", "y", "../..")`, "takes 1 to 2 values"},
		{"14 a date in a zone that is a path", `date("2026-01-31", "../../../../etc/passwd")`, "not a time zone"},
		{"14 now is the run's", `now()`, `= "2026-01-31T09:30:00.000Z"`},
		{"15 a field of null", `nothing.a.b`, "null"},
		{"15 a field of a field of null", `nothing.a.b.c`, "no a in null; where it may be missing write ?. before it"},
		{"15 a field misspelt", `object.aa`, "= null"}, // which is a warning when it is checked
		{"15 a field of a field misspelt", `object.aa.b`, "no b in null"},
		{"15 a chain that may be missing", `nothing?.a?.b`, "= null"},
		{"15 a list that is null", `any(nothing, # > 1)`, "?? []"},
		{"15 a NUL", "1 + \x00", "NUL"},
		{"15 no UTF-8", "\"\xff\"", "not UTF-8"},
		{"15 a lone surrogate in the source", `"\ud800"`, `= "` + "\uFFFD" + `"`},
		{"15 a name given twice", `let x = 1; let x = 2; x`, "cannot redeclare"},
		{"15 a lone surrogate", `parse_json("\"\\ud800\"")`, `= "` + "\uFFFD" + `"`},
		{"15 an identifier that only looks like one", `trіgger`, "= null"}, // a Cyrillic і: unknown names are null here and a fault when checked
		{"15 a byte order mark", "\uFEFF1", "U+FEFF (column 3)"},
		{"15 an unknown function", `trunctate("a", 1)`, "Did you mean \"truncate\"?"},
		{"15 too few values", `truncate("a")`, "takes 2 to 3 values"},
		{"15 too many values", `now(1)`, "takes 0 values"},
		{"15 a wrong value", `truncate({}, 1)`, "must be a text, not an object"},
		{"16 a sum of kinds", `"a" + object`, "+ cannot add a text and an object"},
		{"bytes", `b"abc"`, "no value"},
		{"padding", `pad_left("a", 1000000000)`, "at most 10,000"},
		{"a date out of range", `date(99999999999999999)`, "must be a date"},
		{"a month out of range", `add(now(), 1e300, "months")`, "out of range"},
	})
}

// guarded is what no event holds: Go's own values, with what hangs on them.
type guarded struct{ Secret string }

func (guarded) Reveal() string { return "s3cret" }

// TestNoMethods is §2.A 11: were Go's own values in scope, by somebody's mistake, nothing of theirs could be had but that they are
// no value.
func TestNoMethods(t *testing.T) {
	at := time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC)
	vars := Vars{"t": at, "s": guarded{"s3cret"}, "p": &guarded{"s3cret"}, "f": func() string { return "s3cret" }, "o": map[string]any{"t": at, "p": &guarded{"s3cret"}}}
	for _, src := range []string{`t.Format("2006")`, `t.UTC()`, `t.Format`, `t?.UTC`, `t`, `string(t)`, `"" + t`, `t[0]`, `format_date(t, "YYYY")`, `t - t`, `o.t.Format`, `o.t`, `s.Secret`, `s["Secret"]`, `s?.Secret`, `s.Reveal()`, `s.Reveal`,
		`s`, `p.Secret`, `p?.Secret`, `p.Reveal()`, `p`, `[p]`, `{"a": p}`, `json(p)`, `string(s)`, `keys(s)`, `values(p)`, `entries(p)`, `pick(p, "Secret")`, `"Secret" in s`, `len(s)`, `map([s], .Secret)`, `sortBy([p], .Secret)`, `groupBy([p], .Secret)`,
		`sort_by([s], "Secret")`, `o.p.Secret`, `o.p`, `o`, `f()`, `f`, `f.x`, `o.p.Reveal()`, `merge(p)`, `csv([[s]])`, `csv([s])`, `unique([p, p])`, `max([t, t])`} {
		got, err := eval(t, src, vars)
		if err == nil || fault.CodeOf(err) != fault.InvalidInput || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "2026") {
			t.Errorf("%s gives %s, %v", src, got, err)
		}
	}
	for _, src := range []string{`get(s, "Secret")`, `get(p, "Secret")`, `pluck([p, s], "Secret")`, `t == t`, `p in [p]`} { // which give nothing where nothing is
		if got, err := eval(t, src, vars); err == nil && got != "null" && got != "false" && got != "[null,null]" {
			t.Errorf("%s gives %s", src, got)
		}
	}
}

type hostileCase struct{ name, src, want string }

// hostile checks each case, as publishing does, and evaluates it, both within bounds of time and memory. A want that begins
// with "= " is the whole result, another is part of the error.
func hostile(t *testing.T, vars Vars, cases []hostileCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			for _, i := range CheckTemplate("{{"+c.src+"}}", Scope{}) {
				if i.Message == "" || len(i.Message) > maxMessage+len("…") {
					t.Errorf("it is checked and %.400q is said", i.Message)
				}
			}
			got, err := eval(t, c.src, vars)
			took := time.Since(begun)
			runtime.ReadMemStats(&after)
			if err != nil {
				if fault.CodeOf(err) != fault.InvalidInput || len(err.Error()) > maxMessage+60 {
					t.Errorf("the error is %v", err)
				}
				for _, word := range []string{"interface {}", "map[", "reflect", "strconv", "goroutine", "runtime error", "float64", "json.Number", "nil pointer"} {
					if strings.Contains(fault.MessageOf(err), word) {
						t.Errorf("the message has words of Go: %v", err)
					}
				}
				got = fault.MessageOf(err)
			} else {
				got = "= " + got
			}
			if !strings.Contains(got, c.want) || strings.HasPrefix(c.want, "= ") && got != c.want {
				t.Errorf("got %.300s, want %s", got, c.want)
			}
			if took > time.Minute { // what is not bounded takes hours; a busy machine makes of two seconds twenty
				t.Errorf("it took %s", took)
			}
			if made := after.TotalAlloc - before.TotalAlloc; made > mostMade {
				t.Errorf("it made %d MB", made>>20)
			}
		})
	}
}

// TestHostileValues holds values against the functions that are harmless as texts: one value that stands at many places
// of another takes no memory and has no end, and what comes in with an event may be made to cost.
func TestHostileValues(t *testing.T) {
	members := map[string]any{}
	for i := range 2000 {
		members[fmt.Sprint("k", i)] = map[string]any{"a": i, "b": strings.Repeat("x", 50), "c": []any{1, 2, 3}}
	}
	vars := Vars{"big": members, "wide": many(100_000), "k64": strings.Repeat("a", 64<<10), "groups": strings.Repeat("$1", 30_000), "commas": strings.Repeat(",", 10<<20),
		"quotes": strings.Repeat(">", 60<<10), "stars": strings.Repeat("*a_", 20<<10), "links": strings.Repeat("[a](", 16<<10), "long": strings.Repeat("a\n\n", 100_000),
		"bars": strings.Repeat("|a", 32<<10), "html": strings.Repeat("<a ", 4<<20), "objects": objects(100_000), "a100k": strings.Repeat("a", 100_000)}
	twins := "reduce(1..60, [#acc, #acc], 1)"
	tower := "reduce(wide, [#acc], 0)"
	hostile(t, vars, []hostileCase{
		{"twins as a result", twins, "too large"},
		{"twins of members", `reduce(1..60, ({"a": #acc, "b": #acc}), 1)`, "too large"},
		{"twins in a text", `"x" + string(` + twins + `)`, "larger than 1 MB"},
		{"twins as json", `json(` + twins + `)`, "larger than 1 MB"},
		{"twins compared", twins + ` == ` + twins, "too much work"},
		{"twins looked for", `[` + twins + `] == [1] or ` + twins + ` in [` + twins + `]`, "too much work"},
		{"twins sorted", `sort([` + twins + `, 1])`, "larger than 1 MB"},
		{"twins once", `unique([` + twins + `])`, "larger than 1 MB"},
		{"twins flattened", `len(flatten(` + twins + `))`, "too much work"},
		{"twins as rows", `csv([[` + twins + `]])`, "larger than 1 MB"},
		{"twins joined", `join([` + twins + `])`, "larger than 1 MB"},
		{"twins as a group", `groupBy([1], ` + twins + `)`, "larger than 1 MB"},
		{"twins in a wrong place", `int(` + twins + `)`, "must be a number, not a list"},
		{"twins as a name", `from_entries([{"key": ` + twins + `}])`, "larger than 1 MB"},
		{"twins as a pair", `fromPairs([[` + twins + `, 1]])`, "larger than 1 MB"},
		{"twins taken away", `difference([1], [` + twins + `])`, "larger than 1 MB"},
		{"an event many times", `map(1..9999, big)`, "too large"},
		{"a text many times", `map(1..9999, a100k)`, "more than 32 MB"},
		{"a tower as a result", tower, "levels"},
		{"a tower compared", tower + ` == ` + tower, "deeper than 256"},
		{"a tower as json", `json(` + tower + `)`, "deeper than 256"},
		{"a tower flattened", `flatten(` + tower + `)`, "levels"},
		{"groups many times", `replace_regex(k64, "(a+)", groups)`, "larger than 1 MB"},
		{"a costly pattern many times", `count(1..99, k64 matches "(a|b|ab)*c(a?){50}d")`, "too much work"},
		{"cells without end", `len(parse_csv(commas))`, "more than 100,000 cells"},
		{"markdown in quotes", `len(markdown_to_html(quotes))`, "too much work"},
		{"markdown in stars", `len(markdown_to_html(stars))`, "too much work"},
		{"markdown in links", `len(markdown_to_slack(links))`, "too much work"},
		{"markdown in bars", `len(markdown_to_html(bars))`, "too much work"},
		{"markdown too long", `len(markdown_to_html(long))`, "more than 64 kB"},
		{"html of marks", `strip_html(html)`, "larger than 1 MB"},
		{"zones in a loop", `count(1..900, count(1..900, in_zone(now(), "Europe/Zurich") != "") > 0)`, "too much work"},
		{"texts in a loop", `count(1..9999, upper(repeat("x", 1000000)) != "")`, "too much work"},
		{"texts kept", `len(map(1..9999, repeat("ab", 500000)))`, "too much work"},
		{"objects kept", `len(map(1..999, map(1..999, ({"a": #}))))`, "too much work"},
		{"lists kept", `len(map(1..999, map(1..999, [{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}])))`, "too much work"},
		{"a hundred thousand objects filtered", `len(filter(objects, .name startsWith "n1" and .id % 2 == 0))`, "= 5500"},
		{"a hundred thousand objects matched", `count(objects, .name matches "^n[0-9]+5$")`, "= 9900"},
		{"a hundred thousand objects sorted", `len(sortBy(objects, .name))`, "= 100000"},
		{"a hundred thousand objects by a field", `len(sort_by(objects, "name"))`, "= 100000"},
		{"a hundred thousand objects made", `len(map(objects, ({"id": .id})))`, "= 100000"},
	})
}

func objects(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = map[string]any{"id": i, "name": fmt.Sprint("n", i%1000)}
	}
	return out
}
