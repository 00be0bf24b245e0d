package expr

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestHostileCosts multiplies what is cheap once: a loop of a hundred thousand items does something to a text or a name of
// megabytes for each. Everything that reads one counts it, so that each of these ends soon.
func TestHostileCosts(t *testing.T) {
	long := strings.Repeat("a", 4<<20)
	small, named := map[string]any{"x": 1}, map[string]any{}
	for i := range 30 {
		named[strings.Repeat("k", 1<<18)+fmt.Sprint(i)] = i
		small[fmt.Sprint(i)] = i
	}
	vars := Vars{"a": long, "b": strings.Clone(long), "pair": []any{long, strings.Clone(long)}, "wide": many(100_000), "o": small, "named": named, "mb": long[:1<<20-10],
		"padded": strings.Repeat(" ", 4<<20) + "1", "tiny": "0." + strings.Repeat("0", 4<<20) + "1", "late": strings.Repeat(" ", 4<<20) + "2026-01-31", "form": strings.Repeat("Q", 1<<20),
		"dots": strings.Repeat("a.", 1<<20), "rows": strings.Repeat(",", 49_990) + "\n" + strings.Repeat("a\n", 49_990), "accents": strings.Repeat("é ", 1<<19), "edges": strings.Repeat("é", 1<<18), "chars": strings.Repeat("ü", 1<<18) + "é"}
	hostile(t, vars, []hostileCase{
		{"texts compared", `count(wide, a < b)`, "too much work"},
		{"the beginning of a text", `count(wide, a startsWith b)`, "too much work"},
		{"the end of a text", `count(wide, a endsWith b)`, "too much work"},
		{"the greatest text", `max(map(wide, pair[# % 2]))`, "too much work"},
		{"the lesser of two", `count(wide, min(a, b) == "")`, "too much work"},
		{"a member by a long name", `count(wide, o[a] == 1)`, "too much work"},
		{"a member that may be missing", `count(wide, o?.[a] == 1)`, "too much work"},
		{"a long name in an object", `count(wide, a in o)`, "too much work"},
		{"a member under a long name", `count(wide, ({(a): 1}) == nil)`, "too much work"},
		{"objects with long names merged", `len(map(1..9999, merge(named, named)))`, "too much work"},
		{"objects with long names picked from", `len(map(1..9999, omit(named, "x")))`, "too much work"},
		{"long names sorted", `len(map(1..9999, keys(named)))`, "too much work"},
		{"objects with long names compared", `count(1..9999, named == merge(named))`, "too much work"},
		{"objects with long names as a result", `map(1..9999, named)`, "too large"},
		{"many names", `len(map(1..9999, omit(o, wide)))`, "too much work"},
		{"spaces around a whole number", `count(1..9999, int(padded) > 0)`, "too much work"},
		{"a number of many digits", `count(1..9999, float(tiny) > 1)`, "too much work"},
		{"spaces around a date", `count(1..9999, date(late) == "")`, "too much work"},
		{"spaces around a date of a form", `count(1..9999, parse_date(late, "YYYY-MM-DD") == "")`, "too much work"},
		{"a long form", `len(format_date(now(), form))`, "at most 200 bytes"},
		{"a long form to read by", `parse_date("2026", form)`, "at most 200 bytes"},
		{"a long path", `get(o, dots)`, "at most 1000 bytes"},
		{"long marks between thousands", `len(format_number(1e300, 0, a))`, "at most 20 bytes"},
		{"many characters to trim", `len(trim(edges, chars))`, "at most 100 bytes"},
		{"values written out", `count(1..9999, string([mb]) == "")`, "too much work"},
		{"lists in a row", `concat(` + strings.Repeat("wide, ", 450) + `wide)`, "too much work"},
		{"short rows under many names", `len(parse_csv(rows))`, "= 49990"},
		{"accents taken apart", `len(map(1..9999, slugify(accents)))`, "too much work"},
		{"loops without items", `count(1..9999, count(1..99, any([], #)) > 0)`, "too much work"},
	})
}

// TestLittleKept says that the scopes of a great many loops do not outlive their evaluation.
func TestLittleKept(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if got, err := eval(t, `count(1..9999, count(1..9, any([], #)) > 0)`, nil); err != nil || got != "0" {
		t.Fatal(got, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc > before.HeapAlloc+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
}

// TestSameRefusal gives a value with several faults again and again: chance, which orders the members of an object, must not
// decide which of them is named, since what a step failed with is recorded.
func TestSameRefusal(t *testing.T) {
	tower := any(1)
	for range maxDepth + 10 {
		tower = []any{tower}
	}
	o := map[string]any{"deep": tower, "long": strings.Repeat("x", 2<<20), "many": many(90_000)}
	for _, src := range []string{"json(o)", "string([o, o])", "unique([o])", "o", "[o, o]", "map(1..99, o)"} {
		_, first := eval(t, src, Vars{"o": o})
		if fault.CodeOf(first) != fault.InvalidInput {
			t.Fatalf("%s: %v", src, first)
		}
		for range 60 {
			if _, again := eval(t, src, Vars{"o": o}); again == nil || again.Error() != first.Error() {
				t.Fatalf("%s: %v and %v", src, first, again)
			}
		}
	}
}
