package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestMerge(t *testing.T) {
	left, right := `[{"id":1,"n":"a"},{"id":"2","n":"b"},{"id":null}]`, `[{"id":2,"p":"x"},{"id":2,"p":"y"},{"id":3,"p":"z"}]`
	both := `"left":` + left + `,"right":` + right
	cases{
		{"append", "merge", `{"left":[1],"right":[{"a":2}]}`, `[1,{"a":2}]`},
		{"first", "merge", `{"mode":"first","left":[],"right":[2]}`, `[2]`},
		{"first left", "merge", `{"mode":"first","left":[1],"right":[2]}`, `[1]`},
		{"by position", "merge", `{"mode":"by_position","left":[{"a":1,"b":1},{"a":2}],"right":[{"b":2}]}`, `[{"a":1,"b":2}]`},
		{"by position left", "merge", `{"mode":"by_position","join":"left","left":[{"a":1},{"a":2}],"right":[{"b":2}]}`, `[{"a":1,"b":2},{"a":2}]`},
		{"by position outer", "merge", `{"mode":"by_position","join":"outer","left":[{"a":1}],"right":[{"b":2},{"b":3}]}`, `[{"a":1,"b":2},{"b":3}]`},
		{"by position of numbers", "merge", `{"mode":"by_position","left":[1],"right":[{"b":2}]}`, `!The input left: item 0 is a number;`},
		{"inner", "merge", `{"mode":"by_field","left_key":"id",` + both + `}`, `[{"id":2,"n":"b","p":"x"},{"id":2,"n":"b","p":"y"}]`},
		{"left", "merge", `{"mode":"by_field","join":"left","left_key":"id",` + both + `}`, `[{"id":1,"n":"a"},{"id":2,"n":"b","p":"x"},{"id":2,"n":"b","p":"y"},{"id":null}]`},
		{"outer", "merge", `{"mode":"by_field","join":"outer","left_key":"id",` + both + `}`, `[{"id":1,"n":"a"},{"id":2,"n":"b","p":"x"},{"id":2,"n":"b","p":"y"},{"id":null},{"id":3,"p":"z"}]`},
		{"outer, first partner", "merge", `{"mode":"by_field","join":"outer","matches":"first","left_key":"id",` + both + `}`, `[{"id":1,"n":"a"},{"id":2,"n":"b","p":"x"},{"id":null},{"id":3,"p":"z"}]`},
		{"nested and two keys", "merge", `{"mode":"by_field","left_key":["a.b","c"],"right_key":["x","y"],"left":[{"a":{"b":1},"c":2}],"right":[{"x":1,"y":2,"z":3}]}`, `[{"a":{"b":1},"c":2,"x":1,"y":2,"z":3}]`},
		{"keys do not run together", "merge", `{"mode":"by_field","left_key":["a","b"],"left":[{"a":"1","b":"23"}],"right":[{"a":"12","b":"3"}]}`, `[]`},
		{"capitals", "merge", `{"mode":"by_field","ignore_case":true,"left_key":"e","left":[{"e":"A@x"}],"right":[{"e":"a@X","n":1}]}`, `[{"e":"a@X","n":1}]`},
		{"big numbers", "merge", `{"mode":"by_field","left_key":"id","left":[{"id":90071992547409931234567890}],"right":[{"id":90071992547409931234567891}]}`, `[]`},
		{"cross", "merge", `{"mode":"cross","left":[{"a":1},{"a":2}],"right":[{"b":1},{"b":2}]}`, `[{"a":1,"b":1},{"a":1,"b":2},{"a":2,"b":1},{"a":2,"b":2}]`},
		{"no key", "merge", `{"mode":"by_field","left":[],"right":[]}`, `!The input left_key: the mode by_field needs`},
		{"keys of two lengths", "merge", `{"mode":"by_field","left_key":["a","b"],"right_key":"c","left":[],"right":[]}`, `!The input right_key: it has 1 fields`},
	}.run(t)
	pairs := many(2000, func(i int) any { return map[string]any{"k": 1} })
	for _, mode := range []string{"cross", "by_field"} {
		in := map[string]any{"mode": mode, "left": pairs, "right": pairs}
		if mode == "by_field" {
			in["left_key"] = "k"
		}
		if _, err := callWith(t, "merge", in); fault.CodeOf(err) != fault.TooLarge {
			t.Errorf("4,000,000 pairs give %v", err)
		}
	}
}

func TestFilterList(t *testing.T) {
	ask := func(condition, list string) string {
		return `{"conditions":[` + condition + `],"list":` + list + `}`
	}
	people := `[{"n":"Ada","age":36,"tags":["x"],"at":"2026-01-31"},{"n":"bob","age":"9","tags":[],"at":"2025-12-01T10:00:00Z"},{"age":null}]`
	names := func(want string) string { return want }
	cases{
		{"nothing asked", "filter_list", `{"conditions":[],"list":[1,null]}`, `[1,null]`},
		{"equals a number in a text", "filter_list", ask(`{"field":"age","value":9}`, `[{"age":"9"},{"age":9.0},{"age":"09"},{"age":"x"}]`), `[{"age":"9"},{"age":9}]`},
		{"greater", "filter_list", ask(`{"field":"age","operator":"greater","value":"10"}`, people), names(`[{"age":36,"at":"2026-01-31","n":"Ada","tags":["x"]}]`)},
		{"less leaves out what is missing", "filter_list", ask(`{"field":"age","operator":"less","value":100}`, `[{"age":1},{},{"age":""}]`), `[{"age":1}]`},
		{"not equals", "filter_list", ask(`{"operator":"not_equals","value":1}`, `[1,2,"1",null]`), `[2,null]`},
		{"contains an item", "filter_list", ask(`{"field":"tags","operator":"contains","value":"x"}`, `[{"tags":["x"]},{"tags":["xy"]},{"tags":"axb"}]`), `[{"tags":["x"]},{"tags":"axb"}]`},
		{"after, of seconds, milliseconds and their texts", "filter_list", ask(`{"field":"at","operator":"after","value":"2024-02-01"}`, `[{"at":1764000000},{"at":1700000000},{"at":1764000000000},{"at":"1764000000"},{"at":true}]`), `[{"at":1764000000},{"at":1764000000000},{"at":"1764000000"}]`},
		{"before, by seconds", "filter_list", ask(`{"field":"at","operator":"before","value":1764000000}`, `[{"at":"2025-11-24T15:59:59Z"},{"at":"2025-11-24T16:00:01Z"},{"at":1700000000}]`), `[{"at":"2025-11-24T15:59:59Z"},{"at":1700000000}]`},
		{"after", "filter_list", ask(`{"field":"at","operator":"after","value":"2025-12-31"}`, `[{"at":"2026-01-31"},{"at":"2025-12-01T10:00:00Z"},{"at":"x"}]`), `[{"at":"2026-01-31"}]`},
		{"in", "filter_list", ask(`{"operator":"in","value":["a",1]}`, `["a","b",1,"1"]`), `["a",1,"1"]`},
		{"empty", "filter_list", ask(`{"field":"a","operator":"empty"}`, `[{"a":[]},{},{"a":0},{"a":false},{"a":""}]`), `[{"a":[]},{},{"a":""}]`},
		{"exists", "filter_list", ask(`{"field":"a","operator":"exists"}`, `[{"a":null},{}]`), `[{"a":null}]`},
		{"matches", "filter_list", ask(`{"operator":"matches","value":"^[a-c]+$"}`, `["abc","abd"]`), `["abc"]`},
		{"all of any", "filter_list", ask(`{"any":[{"field":"a","value":1},{"all":[{"field":"a","value":2},{"field":"b","value":2}]}]}`, `[{"a":1},{"a":2},{"a":2,"b":2}]`), `[{"a":1},{"a":2,"b":2}]`},
		{"any and others", "filter_list", `{"match":"any","keep":"others","conditions":[{"value":1},{"value":2}],"list":[1,2,3]}`, `[3]`},
		{"capitals", "filter_list", `{"ignore_case":true,"conditions":[{"value":"ADA"}],"list":["ada","bob"]}`, `["ada"]`},
		{"a column with any name", "filter_list", ask(`{"field":"First name (old.x)","value":"A"}`, `[{"First name (old.x)":"A"}]`), `[{"First name (old.x)":"A"}]`},
		{"no such operator", "filter_list", ask(`{"operator":"is"}`, `[]`), `!The input conditions/0/operator: "is" is not one of`},
		{"no such inner operator", "filter_list", ask(`{"any":[{"operator":"is"}]}`, `[]`), `!The input conditions/0/0: "is" is not one of`},
		{"in without a list", "filter_list", ask(`{"operator":"in","value":"a"}`, `[]`), `!The input conditions/0/value: in needs a list`},
		{"empty with a value", "filter_list", ask(`{"operator":"empty","value":1}`, `[]`), `!The input conditions/0/value: empty takes no value`},
		{"no date", "filter_list", ask(`{"operator":"before","value":"yesterday"}`, `[]`), `!The input conditions/0/value: "yesterday" is no date`},
		{"no expression", "filter_list", ask(`{"operator":"matches","value":"("}`, `["a"]`), `!The input conditions/0/value: "(" is no regular expression`},
		{"repeats too much", "filter_list", ask(`{"operator":"matches","value":"((a?){300}){300}"}`, `["a"]`), `!The input conditions/0/value:`},
	}.run(t)
	heavy := map[string]any{"conditions": []any{map[string]any{"operator": "matches", "value": "(a?){300}b{300}c"}}, "list": many(100, func(int) any { return strings.Repeat("a", 60<<10) })}
	if _, err := callWith(t, "filter_list", heavy); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("a heavy expression gives %v", err)
	}
	if got := issues(t, "filter_list", `{"list":"{{ x }}","conditions":[{"field":"a","operator":"matches","value":"("}]}`); !strings.HasPrefix(got, "/conditions/0/value ") {
		t.Errorf("publishing says %q", got)
	}
	if got := issues(t, "filter_list", `{"list":"{{ x }}","conditions":[{"field":"a","operator":"in","value":"{{ list }}"}]}`); got != "" {
		t.Errorf("publishing says %q of what is not known yet", got)
	}
}

func TestSort(t *testing.T) {
	cases{
		{"what they are", "sort", `{"list":["b",10,"a",9,null,true,"",90071992547409931234567890,90071992547409931234567889]}`, `[true,9,10,90071992547409931234567889,90071992547409931234567890,"a","b",null,""]`},
		{"natural", "sort", `{"list":["file10","file2","File1","file02"],"by":[{"as":"text"}]}`, `["File1","file02","file2","file10"]`},
		{"accents", "sort", `{"list":["Zebra","Ärger","arm","äther"],"by":[{"as":"text"}]}`, `["Ärger","arm","äther","Zebra"]`},
		{"two keys, empty last both ways", "sort", `{"list":[{"a":1,"b":1},{"b":9},{"a":2,"b":1},{"a":1,"b":2}],"by":[{"field":"a","order":"desc"},{"field":"b","order":"desc"}]}`, `[{"a":2,"b":1},{"a":1,"b":2},{"a":1,"b":1},{"b":9}]`},
		{"numbers in texts", "sort", `{"list":[{"p":"10"},{"p":"9"},{"p":8}],"by":[{"field":"p","as":"number"}]}`, `[{"p":8},{"p":"9"},{"p":"10"}]`},
		{"dates", "sort", `{"list":["2026-01-02T00:00:00+02:00","2026-01-01T23:00:00Z","2026-01-01"],"by":[{"as":"date","order":"desc"}]}`, `["2026-01-01T23:00:00Z","2026-01-02T00:00:00+02:00","2026-01-01"]`},
		{"reverse only", "sort", `{"list":[1,3,2],"reverse":true}`, `[2,3,1]`},
		{"no number", "sort", `{"list":[{"p":"1"},{"p":"much"}],"by":[{"field":"p","as":"number"}]}`, `!The input list: item 1 has "much" as p, which is no number`},
		{"no date", "sort", `{"list":["31.01.2026"],"by":[{"as":"date"}]}`, `!The input list: item 0 has "31.01.2026" as its value, which is no date`},
		{"stays in order", "sort", `{"list":[{"k":1,"i":1},{"k":0,"i":2},{"k":1,"i":3}],"by":[{"field":"k","order":"desc"}]}`, `[{"i":1,"k":1},{"i":3,"k":1},{"i":2,"k":0}]`},
	}.run(t)
}

func TestLimitAndUnique(t *testing.T) {
	cases{
		{"first", "limit", `{"list":[1,2,3,4],"count":2,"skip":1}`, `[2,3]`},
		{"last", "limit", `{"list":[1,2,3,4],"count":2,"skip":1,"from":"end"}`, `[2,3]`},
		{"more than there are", "limit", `{"list":[1],"count":5,"skip":7}`, `[]`},
		{"none", "limit", `{"list":[1],"count":0}`, `[]`},
		{"negative", "limit", `{"list":[1],"count":-1}`, `!The input count: it is from 0 to`},
		{"whole items", "unique", `{"list":[{"a":1},{"a":1},"1",1,null,null]}`, `[{"a":1},"1",1,null]`},
		{"nothing to be known by", "unique", `{"list":[{"n":1,"e":null},{"n":2},{"n":3,"e":""},{"n":4,"e":"a"},{"n":5,"e":"a"},6,6],"fields":["e"]}`, `[{"e":null,"n":1},{"n":2},{"e":"","n":3},{"e":"a","n":4},6,6]`},
		{"a part to be known by", "unique", `{"list":[{"a":1},{"a":1,"b":null},{"b":1},{"a":1,"b":1},{},{}],"fields":["a","b"],"keep":"last"}`, `[{"a":1,"b":null},{"b":1},{"a":1,"b":1},{},{}]`},
		{"last of a field", "unique", `{"list":[{"e":"A","n":1},{"e":"b","n":2},{"e":"a","n":3}],"fields":["e"],"keep":"last","ignore_case":true}`, `[{"e":"b","n":2},{"e":"a","n":3}]`},
	}.run(t)
}

func TestAggregate(t *testing.T) {
	list := `"list":[{"id":1,"e":"a","t":["x","y"]},{"id":2,"e":"","t":[]},{"id":3}]`
	cases{
		{"columns", "aggregate", `{"fields":["e","t"],` + list + `}`, `{"e":["a","",null],"t":[["x","y"],[],null]}`},
		{"columns flat", "aggregate", `{"fields":"t","flatten":true,"skip_empty":true,` + list + `}`, `{"t":["x","y"]}`},
		{"rows", "aggregate", `{"as":"rows","fields":["id","e"],` + list + `}`, `[{"e":"a","id":1},{"e":"","id":2},{"e":null,"id":3}]`},
		{"values", "aggregate", `{"as":"values","fields":"e","skip_empty":true,` + list + `}`, `["a"]`},
		{"object", "aggregate", `{"as":"object","key":"id","fields":"e",` + list + `}`, `{"1":"a","2":"","3":null}`},
		{"text", "aggregate", `{"as":"text","fields":"id","separator":"-",` + list + `}`, `1-2-3`},
		{"object without a name", "aggregate", `{"as":"object","key":"x",` + list + `}`, `!The input list: item 0 has no "x" to be named by`},
		{"no fields", "aggregate", `{"list":[]}`, `!The input fields: name the fields`},
		{"same names", "aggregate", `{"list":[],"fields":["a.id","b.id"]}`, `!The input fields/1: "a.id" and "b.id" would both be called "id"`},
		{"an idle key", "aggregate", `{"list":[],"fields":["a"],"key":"b"}`, `!The input key: it is for as object`},
	}.run(t)
}

func TestSummarize(t *testing.T) {
	list := `"list":[{"c":"CH","a":"0.1","d":"x"},{"c":"DE","a":5},{"c":"CH","a":0.2,"d":"y"},{"c":"CH","d":"x"}]`
	cases{
		{"figures", "summarize", `{"group_by":"c","values":[{"function":"count"},{"function":"sum","field":"a"},{"function":"average","field":"a","as":"mean"},{"function":"min","field":"a"},{"function":"max","field":"a"},{"function":"count_distinct","field":"d"},{"function":"distinct","field":"d"},{"function":"concatenate","field":"d","separator":"/"},{"function":"first","field":"d"},{"function":"last","field":"d"},{"function":"list","field":"a"},{"function":"median","field":"a"}],` + list + `}`,
			`[{"c":"CH","concatenate_d":"x/y/x","count":3,"count_distinct_d":2,"distinct_d":["x","y"],"first_d":"x","last_d":"x","list_a":["0.1",0.2],"max_a":0.2,"mean":0.15,"median_a":0.15,"min_a":0.1,"sum_a":0.3},{"c":"DE","concatenate_d":"","count":1,"count_distinct_d":0,"distinct_d":[],"first_d":null,"last_d":null,"list_a":[5],"max_a":5,"mean":5,"median_a":5,"min_a":5,"sum_a":5}]`},
		{"of nothing", "summarize", `{"list":[],"values":[{"function":"count"},{"function":"sum","field":"a"},{"function":"average","field":"a"}]}`, `[{"average_a":null,"count":0,"sum_a":0}]`},
		{"groups of nothing", "summarize", `{"list":[],"group_by":"a","values":[{"function":"count"}]}`, `[]`},
		{"beyond 64 bits", "summarize", `{"list":[{"a":9223372036854775807},{"a":1},{"a":-3}],"values":[{"function":"sum","field":"a"}]}`, `[{"sum_a":9223372036854775805}]`},
		{"far beyond", "summarize", `{"list":[{"a":9223372036854775807},{"a":9223372036854775807}],"values":[{"function":"sum","field":"a"}]}`, `[{"sum_a":18446744073709551614}]`},
		{"no number", "summarize", `{"list":[{"a":"much"}],"values":[{"function":"sum","field":"a"}]}`, `!The input values/0: item 0 of the list has "much" as "a", which is no number`},
		{"same names", "summarize", `{"list":[],"values":[{"function":"count"},{"function":"count"}]}`, `!The input values/1: two results would be called "count"`},
		{"median", "summarize", `{"list":[3,1,2,10],"values":[{"function":"median"}]}`, `[{"median":2.5}]`},
	}.run(t)
}

func TestCompareLists(t *testing.T) {
	cases{
		{"by key", "compare_lists", `{"left_key":"id","left":[{"id":1,"n":"a"},{"id":2,"n":"b"},{"id":3}],"right":[{"id":"2","n":"c"},{"id":1,"n":"a"},{"id":4}]}`,
			`{"both":[{"id":1,"n":"a"}],"different":[{"changes":[{"field":"n","left":"b","right":"c"}],"key":2,"left":{"id":2,"n":"b"},"right":{"id":"2","n":"c"}}],"only_left":[{"id":3}],"only_right":[{"id":4}]}`},
		{"whole", "compare_lists", `{"left":[1,2,2],"right":[2,3]}`, `{"both":[2],"different":[],"only_left":[1,2],"only_right":[3]}`},
		{"types", "compare_lists", `{"exact":true,"left_key":"id","left":[{"id":1,"n":1}],"right":[{"id":1,"n":"1"}]}`, `{"both":[],"different":[{"changes":[{"field":"n","left":1,"right":"1"}],"key":1,"left":{"id":1,"n":1},"right":{"id":1,"n":"1"}}],"only_left":[],"only_right":[]}`},
		{"ignored", "compare_lists", `{"left_key":"id","ignore":"at","left":[{"id":1,"at":1}],"right":[{"id":1,"at":2}]}`, `{"both":[{"at":1,"id":1}],"different":[],"only_left":[],"only_right":[]}`},
		{"no key", "compare_lists", `{"left_key":"id","left":[{"n":1}],"right":[{"n":1}]}`, `{"both":[],"different":[],"only_left":[{"n":1}],"only_right":[{"n":1}]}`},
		{"both said", "compare_lists", `{"fields":"a","ignore":"b","left":[],"right":[]}`, `!The input ignore: it stands beside fields`},
	}.run(t)
}

func TestSplitText(t *testing.T) {
	cases{
		{"separator", "split_text", `{"text":"a, b,, c "}`, `["a","b","c"]`},
		{"nothing", "split_text", `{"text":""}`, `[]`},
		{"not given", "split_text", `{}`, `!The input text: Text is required.`},
		{"no match in nothing", "match_text", `{"text":"","pattern":"x"}`, `{"count":0,"first":null,"found":false,"matches":[]}`},
		{"letters behind a group", "match_text", `{"text":"a1","pattern":"(\\d)","replace":"$1EUR"}`, `!The input replace: the pattern has no group "1EUR"; write ${1}EUR where the letters stand behind the group.`},
		{"no such group", "match_text", `{"text":"a1","pattern":"(?P<n>\\d)","replace":"${2}"}`, `!The input replace: the pattern has no group "2"; $$ is a dollar.`},
		{"dollars and groups", "match_text", `{"text":"a1","pattern":"(?P<n>\\d)","replace":"$$5 $n ${n}x $1 $0"}`, `{"count":1,"first":{"at":1,"groups":["1"],"names":{"n":"1"},"text":"1"},"found":true,"matches":[{"at":1,"groups":["1"],"names":{"n":"1"},"text":"1"}],"text":"a$5 1 1x 1 1"}`},
		{"looking around", "match_text", `{"text":"a1","pattern":"(?<=a)1"}`, `!The input pattern: "(?<=a)1" looks around by (?<=, which this kind of regular expression (RE2) does not have.`},
		{"no HTML", "html_extract", `{"html":"","values":[{"name":"t","selector":"h1"}]}`, `{"t":null}`},
		{"no Markdown", "markdown", `{"text":""}`, ``},
		{"as it is", "split_text", `{"text":"a, b,","trim":false,"skip_empty":false}`, `["a"," b",""]`},
		{"lines", "split_text", `{"text":"a\r\nb\rc\n","by":"lines"}`, `["a","b","c"]`},
		{"words", "split_text", `{"text":" a  b\tc ","by":"words","limit":2}`, `["a","b\tc"]`},
		{"length", "split_text", `{"text":"äöüß€","by":"length","length":2}`, `["äö","üß","€"]`},
		{"regex", "split_text", `{"text":"a1b22c","by":"regex","separator":"[0-9]+"}`, `["a","b","c"]`},
		{"last part", "split_text", `{"text":"a.b.c","separator":".","part":-1}`, `c`},
		{"no such part", "split_text", `{"text":"a","part":2}`, ``},
		{"part 0", "split_text", `{"text":"a","part":0}`, `!The input part: the first part is 1`},
		{"no length", "split_text", `{"text":"a","by":"length"}`, `!The input length: say how many`},
		{"idle separator", "split_text", `{"text":"a","by":"lines","separator":";"}`, `!The input separator: it is for by separator`},
	}.run(t)
	if _, err := callWith(t, "split_text", map[string]any{"text": strings.Repeat(",", 300_000), "skip_empty": false}); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("300,000 parts give %v", err)
	}
}

// TestBounds: what is too large is refused, whatever the action does with it.
func TestBounds(t *testing.T) {
	pairs := many(200_001, func(int) any { return 1 })
	if _, err := callWith(t, "limit", map[string]any{"list": pairs, "count": 1}); fault.CodeOf(err) != fault.TooLarge || !strings.HasPrefix(fault.MessageOf(err), "The input list holds more than 200000 values") {
		t.Errorf("200,001 items give %v", err)
	}
	long := []any{strings.Repeat("x", 11<<20)}
	if _, err := callWith(t, "unique", map[string]any{"list": long}); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("11 MB give %v", err)
	}
	same := many(1000, func(int) any { return map[string]any{"text": strings.Repeat("x", 6000)} })
	if _, err := callWith(t, "aggregate", map[string]any{"list": same, "as": "text", "fields": "text", "separator": strings.Repeat("-", 6000)}); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("12 MB of text give %v", err)
	}
	out, err := callWith(t, "sort", map[string]any{"list": many(190_000, func(i int) any { return (i * 7919) % 190_000 })})
	if list, _ := out.([]any); err != nil || len(list) != 190_000 || list[1] != 1 {
		t.Errorf("190,000 items are sorted as %.40s, %v", value.Text(out), err)
	}
}
