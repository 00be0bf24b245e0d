package expr

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestOperators is what each operator gives, and says where it gives nothing. A want without = is part of the error.
func TestOperators(t *testing.T) {
	vars := Vars{"i": 7, "f": 2.5, "s": "héllo", "yes": true, "none": nil, "list": []any{1, "a", nil}, "o": map[string]any{"b": map[string]any{"c": 1}, "n": nil},
		"huge": json.Number("18446744073709551616"), "huger": json.Number("18446744073709551617"), "most": math.MaxInt, "id": 9007199254740993, "first": 41, "empty": []any{}}
	for _, c := range []struct{ src, want string }{
		{`i + 1`, "= 8"}, {`i + f`, "= 9.5"}, {`"a" + s`, `= "ahéllo"`}, {`s + i`, "+ cannot add a text and a number"}, {`i + none`, "+ cannot calculate with a number and null"},
		{`list + list`, "+ cannot calculate with a list and a list"}, {`i - 8`, "= -1"}, {`i * f`, "= 17.5"}, {`i / 2`, "= 3.5"}, {`6 / 2`, "= 3"}, {`list[6 / 3 - 1]`, `= "a"`},
		{`i % 4`, "= 3"}, {`f % 2`, "% takes whole numbers"}, {`i % f`, "% takes whole numbers"}, {`s % 2`, "% cannot calculate"}, {`2 ** 10`, "= 1024"}, {`2 ** -1`, "= 0.5"}, {`2 ^ 0.5 > 1.4`, "= true"},
		{`2 ** 62`, "= 4611686018427387904"}, {`2 ** 64`, "= 1.8446744073709552e+19"}, {`-i`, "= -7"}, {`-f`, "= -2.5"}, {`-s`, "- cannot turn a text around"}, {`+i`, "= 7"}, {`+s`, "makes no sense"},
		{`-huge`, "= -18446744073709551616"}, {`huge + 1`, "beyond 64 bits"}, {`huge * f`, "beyond 64 bits"}, {`float(huge) > 1`, "= true"}, {`huge > i`, "= true"}, {`huge < huger`, "= true"}, {`huge == huger`, "= false"},
		{`huge == huge`, "= true"}, {`huge > f`, "= true"}, {`string(huge)`, `= "18446744073709551616"`}, {`abs(i - 10)`, "= 3"}, {`abs(id)`, "= 9007199254740993"}, {`round(id)`, "= 9007199254740993"},
		{`most + 1`, "too large"}, {`most - -1`, "too large"}, {`most * 2`, "too large"}, {`-most - 2`, "too large"}, {`most + 0`, "= 9223372036854775807"}, {`id == 9007199254740992.0`, "= false"}, {`id > 9007199254740992.0`, "= true"},
		{`sum([most, 1])`, "too large"}, {`sum([1, none])`, "item 1 is null"}, {`sum([])`, "= 0"}, {`sum([1, 0.5])`, "= 1.5"}, {`sum([1, 2], # * 2)`, "= 6"},
		{`i < 8`, "= true"}, {`i >= 7.0`, "= true"}, {`"a" < "b"`, "= true"}, {`s < i`, "< compares two numbers or two texts"}, {`none > 1`, "Write ??"}, {`yes > list`, "> compares"}, {`1 < 2 < 3`, "= true"}, {`1 < i + 0 < 3`, "= false"},
		{`i == 7.0`, "= true"}, {`i == s`, "= false"}, {`none == nil`, "= true"}, {`none == o.n`, "= true"}, {`list == [1, "a", nil]`, "= true"}, {`list == [1, "a"]`, "= false"}, {`o == {"b": {"c": 1.0}, "n": nil}`, "= true"},
		{`o == {"b": {"c": 2}, "n": nil}`, "= false"}, {`o == {"b": {"c": 1}, "m": nil}`, "= false"}, {`o != list`, "= true"}, {`yes == 1`, "= false"}, {`true == 1`, "mismatched types boolean and number"}, {`list[0] == yes`, "= false"}, {`empty == {}`, "= false"},
		{`not yes`, "= false"}, {`not none`, "= true"}, {`!s`, "must be true or false, not a text"}, {`none and s`, "= false"}, {`none or yes`, "= true"}, {`yes and s`, "must be true or false"}, {`s ? 1 : 2`, "must be true or false"},
		{`none ? 1 : 2`, "= 2"}, {`if none { 1 } else { 2 }`, "= 2"}, {`yes ?: false`, "= true"}, {`hasPrefix(s, "h") ?: false`, "= true"}, {`(len(s) > 3) ?: false`, "= true"},
		{`1 in list`, "= true"}, {`1.0 in list`, "= true"}, {`"b" in o`, "= true"}, {`"x" in o`, "= false"}, {`1 in o`, "= false"}, {`i in o`, "= false"}, {`1 in none`, "= false"}, {`s in s`, "text contains part"},
		{`i in i`, "in looks into a list or an object"}, {`"x" not in list`, "= true"}, {`i in [1, 7]`, "= true"}, {`i in 1..9`, "= true"},
		{`s contains "él"`, "= true"}, {`none contains "a"`, "= false"}, {`s contains none`, "= false"}, {`list contains "a"`, "item in list"}, {`s startsWith "h"`, "= true"}, {`s endsWith "o"`, "= true"}, {`i startsWith "a"`, "startsWith looks at two texts"},
		{`s matches "^h.l+o$"`, "= true"}, {`none matches "a"`, "= false"}, {`i matches "a"`, "matches looks at a text"}, {`s not matches "x"`, "= true"},
		{`o.b.c`, "= 1"}, {`o["b"]["c"]`, "= 1"}, {`o.x`, "= null"}, {`o.x.y`, "there is no y in null; where it may be missing write ?. before it"}, {`o.x?.y`, "= null"}, {`o.x?.y.z`, "= null"}, {`(o.x?.y)["z"]`, "there is no z in null"},
		{`o?.b?.c`, "= 1"}, {`s.x`, "there is no x in a text"}, {`s?.x`, "there is no x in a text"}, {`i?.x`, "there is no x in a number"}, {`o[1]`, "named by a text"}, {`o?.[i]`, "named by a text"}, {`list.x`, "named by a whole number"}, {`list?.x`, "named by a whole number"},
		{`list[0]`, "= 1"}, {`list[-2]`, `= "a"`}, {`list[3]`, "there is no item 3 in a list of 3"}, {`list[-4]`, "there is no item -4"}, {`list?.[9]`, "there is no item 9"}, {`get(list, "[9]")`, "= null"}, {`get(list, "[-2]")`, `= "a"`}, {`none?.[0]`, "= null"},
		{`list[1:]`, `= ["a",null]`}, {`list[:1]`, "= [1]"}, {`list[-1:]`, "= [null]"}, {`list[2:1]`, "= []"}, {`list[5:9]`, "= []"}, {`s[0:2]`, `= "hé"`}, {`s[-3:]`, `= "llo"`}, {`s[1:2]`, `= "é"`}, {`s[9:]`, `= ""`}, {`none[1:]`, "a part is taken of a list or a text"}, {`list["a":]`, "a part is named by whole numbers"},
		{`1..3`, "= [1,2,3]"}, {`3..1`, "= []"}, {`1..f`, "needs whole numbers"}, {`len(1..10000)`, "= 10000"}, {`len(0..10000)`, "more than 10,000"},
		{`none ?? 1`, "= 1"}, {`o.x ?? "d"`, `= "d"`}, {`(none ?? none)?.x ?? 2`, "= 2"}, {`false ?? 1`, "= false"},
		{`filter(list, # == 1)`, "= [1]"}, {`filter(none, # == 1)`, "?? []"}, {`filter(o, true)`, "values() and entries()"}, {`filter([{"a": true}, {}], .a)`, `= [{"a":true}]`}, {`all([], false)`, "= true"}, {`one([1, 2], # > 1)`, "= true"}, {`count([true, none])`, "= 1"},
		{`count(list)`, "must be true or false"}, {`map(list, #index)`, "= [0,1,2]"}, {`reduce([], #acc + #)`, "reduce of empty array"}, {`reduce([1, 2], #acc + #)`, "= 3"}, {`map(1..2, {let x = #; map(1..2, x * #)})`, "= [[1,2],[2,4]]"},
		{`sortBy([{"k": 2, "v": "a"}, {"k": 1, "v": "b"}, {"k": 2, "v": "c"}], .k)[1:]`, `= [{"k":2,"v":"a"},{"k":2,"v":"c"}]`}, {`map(sortBy([{"k": 2, "v": "a"}, {"k": 1, "v": "b"}, {"k": 2, "v": "c"}], .k, "desc"), .v)`, `= ["a","c","b"]`},
		{`sortBy([1, "a", none, true, 2.5, huge], #)`, `= [null,true,1,2.5,18446744073709551616,"a"]`}, {`sortBy([1], #, "up")`, `"asc" or "desc"`}, {`groupBy([1, none, "1"], #)`, `= {"":[null],"1":[1,"1"]}`},
		{`{("a" + "b"): 1}`, `= {"ab":1}`}, {`{(i): 1}`, "named by a text"}, {`let x = i; x + 1`, "= 8"}, {`let x = 1; let x = 2; x`, "cannot redeclare"}, {`1; 2`, "= 2"}, {`first + 1`, "= 42"}, {`first([first])`, "= 41"}, {`list | first()`, "= 1"}, {`list | filter(# == 1) | len()`, "= 1"},
		{`let upper = "x"; upper + upper(upper)`, `= "xX"`}, {`::upper("a")`, `= "A"`}, {"\"a\" /* c */ + \"b\" // d\n", `= "ab"`}, {"`a\nb`", `= "a\nb"`}, {`"\u{1F600}"`, `= "😀"`}, {`unknown`, "= null"},
		{`1 +`, "ends too early"}, {`1 2`, `unexpected token "2"`}, {`"abc`, "no }} that ends it"}, {`#`, "unexpected token"}, {`map(1..2, {"a": #})`, "unexpected token"}, {`1e400`, "the number \"1e400\" is too large"}, {`99999999999999999999`, "the number \"99999999999999999999\" is too large; a whole one has 64 bits"}, {`1e`, "the number \"1e\" cannot be read"}, {`0xffffffffffffffff`, "is too large"}, {`a.b()`, "no functions of its own"},
	} {
		got, err := eval(t, c.src, vars)
		if err != nil {
			got = strings.ToLower(err.Error())
		} else {
			got = "= " + got
		}
		want := c.want
		if !strings.HasPrefix(want, "= ") {
			want = strings.ToLower(want)
		}
		if err == nil && got != want || err != nil && (strings.HasPrefix(want, "= ") || !strings.Contains(got, want)) {
			t.Errorf("%s: got %s, want %s", c.src, got, want)
		}
	}
}

// TestDivision holds all the ways to be wrong with the least whole number.
func TestDivision(t *testing.T) {
	vars := Vars{"least": math.MinInt, "zero": 0}
	for src, want := range map[string]string{`least / -1`: "too large", `least % -1`: "= 0", `-least`: "too large", `abs(least)`: "too large", `least * -1`: "too large", `least - 1`: "too large", `1 % zero`: "divided by zero",
		`1 / zero`: "divided by zero", `0.5 / zero`: "divided by zero", `least + 0`: "= -9223372036854775808", `least // x`: "= -9223372036854775808"} {
		got, err := eval(t, src+"\n", vars)
		if err != nil {
			got = err.Error()
		} else {
			got = "= " + got
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}
