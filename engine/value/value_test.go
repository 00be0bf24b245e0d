package value

import (
	"encoding/json"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestDecode is guarantees §2.B 20 and 21, and §2.A 13: what is read, exactly.
func TestDecode(t *testing.T) {
	for text, want := range map[string]any{
		`null`: nil, `true`: true, `"a"`: "a", `7`: 7, `-0`: 0, `9007199254740993`: 9007199254740993, `9223372036854775807`: math.MaxInt,
		`9223372036854775808`: json.Number("9223372036854775808"), `1.5`: 1.5, `1e3`: 1000, `1.0`: 1, `1e19`: 1e19,
		`[]`: []any{}, ` {"a": [1, {}]} `: map[string]any{"a": []any{1, map[string]any{}}}, "\"\xff\"": "\uFFFD",
		`{"a":1,"A":2}`: map[string]any{"a": 1, "A": 2}, "{} \n\t ": map[string]any{},
	} {
		if got, err := Decode([]byte(text), Limits{}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v (%v)", text, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if _, err := Decode([]byte(deep(MaxDepth)), Limits{}); err != nil {
		t.Errorf("%d levels: %v", MaxDepth, err)
	}
	for name, c := range map[string]struct {
		text string
		code fault.Code
		says string
	}{
		"nothing":           {"", fault.InvalidInput, "empty"},
		"only space":        {"  ", fault.InvalidInput, "empty"},
		"cut":               {`{"a": `, fault.InvalidInput, "not valid"},
		"two values":        {`{} {}`, fault.InvalidInput, "text after its end, at byte"},
		"a byte order mark": {"\xef\xbb\xbf{}", fault.InvalidInput, "byte order mark"},
		"a member twice":    {`{"a": 1, "b": {"c": 1, "c": 2}}`, fault.InvalidInput, "at byte 23 (/b/c): a member stands twice"},
		"a long name twice": {`{"` + strings.Repeat("n", 1<<20) + `": 1, "` + strings.Repeat("n", 1<<20) + `": 2}`, fault.InvalidInput, "a member stands twice"},
		"too deep":          {deep(MaxDepth + 1), fault.InvalidInput, "deeper than 64"},
		"far too deep":      {strings.Repeat("[", 1_000_000), fault.InvalidInput, "deeper than 64"},
		"too many values":   {"[" + strings.Repeat("1,", MaxNodes) + "1]", fault.TooLarge, "more than 200000"},
		"beyond floats":     {`{"a": 1e400}`, fault.InvalidInput, "too large"},
		"a megabyte number": {strings.Repeat("7", 1<<20), fault.TooLarge, "1,000 digits"},
		"a bare word":       {`{a: 1}`, fault.InvalidInput, "not valid at byte 1"},
		"NaN":               {`NaN`, fault.InvalidInput, "not valid"},
		"a control":         {"\"\x01\"", fault.InvalidInput, "not valid"},
	} {
		_, err := Decode([]byte(c.text), Limits{})
		if fault.CodeOf(err) != c.code || !strings.Contains(fault.MessageOf(err), c.says) || len(err.Error()) > 300 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRoundTrip: what was stored comes back as it was, in one form.
func TestRoundTrip(t *testing.T) {
	for _, v := range []any{nil, true, "", "a\"\u2028<&>", 0, -1, math.MinInt, math.MaxInt, 1.5, -1e-9, 1e300, 1e19, json.Number("123456789012345678901234567890"),
		[]any{}, map[string]any{}, map[string]any{"b": []any{1, nil}, "a": map[string]any{"": "x"}}} {
		b, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b, Limits{})
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%#v came back as %#v through %s (%v)", v, got, b, err)
		}
	}
	b, _ := Encode(map[string]any{"b": 1, "a": []any{"<", 2.0}})
	if string(b) != `{"a":["<",2],"b":1}` {
		t.Errorf("%s", b)
	}
}

func TestNormalize(t *testing.T) {
	got, err := Normalize(map[string]any{"f": 3.0, "s": []string{"a"}, "i": int64(4), "n": []int{1}, "m": map[string]string{"x": "y"}, "r": json.RawMessage(`{"z":1}`), "bad": "\xff", "f32": float32(0.5), "u": uint8(9), "i32": int32(8)})
	want := map[string]any{"f": 3, "s": []any{"a"}, "i": 4, "n": []any{1}, "m": map[string]any{"x": "y"}, "r": map[string]any{"z": 1}, "bad": "\uFFFD", "f32": 0.5, "u": 9, "i32": 8}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%#v %v", got, err)
	}
	for _, v := range []any{nil, true, 1, 1.5, "a", json.Number("9223372036854775808"), []any{1, "b"}, map[string]any{"a": []any{}}, 3.0, "\xff", []string{"a"}, int64(1), map[string]any{"a": 2.0}, []any{"\xff"}} {
		if n, err := Normalize(v); err != nil || Normal(v) != reflect.DeepEqual(n, v) {
			t.Errorf("%#v is normal: %v, and becomes %#v (%v)", v, Normal(v), n, err)
		}
	}
	deep := any(1)
	for range 4*MaxDepth + 2 {
		deep = []any{deep}
	}
	for name, v := range map[string]any{"NaN": math.NaN(), "infinity": math.Inf(1), "a function": func() {}, "a struct": struct{}{}, "a pointer": new(int), "inside": []any{math.NaN()}, "a member": map[string]any{"a": make(chan int)},
		"deep": deep, "broken JSON": json.RawMessage(`{`)} {
		if _, err := Normalize(v); fault.CodeOf(err) != fault.InvalidInput && fault.CodeOf(err) != fault.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, v := range []any{math.NaN(), []any{math.Inf(-1)}, map[string]any{"a": func() {}}} {
		if Normal(v) || Normal(deep) {
			t.Errorf("%v is normal", v)
		}
		if _, err := Encode(v); err == nil {
			t.Errorf("%v is written", v)
		}
	}
}

func TestText(t *testing.T) {
	for want, v := range map[string]any{"": nil, "a": "a", "7": 7, "0.1": 0.1, "true": true, `[1,"x"]`: []any{1, "x"}, `{"a":null}`: map[string]any{"a": nil}, "123456789012345678901": json.Number("123456789012345678901"), "NaN": math.NaN()} {
		if got := Text(v); got != want {
			t.Errorf("%v: %q, not %q", v, got, want)
		}
	}
	for want, v := range map[string]any{"null": nil, "boolean": false, "number": 1, "text": "", "list": []any{}, "object": map[string]any{}} {
		if got := Kind(v); got != want {
			t.Errorf("%v is %q, not %q", v, got, want)
		}
	}
}

func TestShapeOf(t *testing.T) {
	got := ShapeOf(map[string]any{"id": 1, "name": nil, "tags": []any{map[string]any{"a": 1}, map[string]any{"b": "x"}}, "mixed": []any{1, "x"}, "none": []any{}, "free": map[string]any{},
		"lists": []any{[]any{1}, []any{}}})
	number := Shape{Kind: "number"}
	want := Shape{Kind: "object", Fields: map[string]Shape{"id": number, "name": {}, "free": {Kind: "object"}, "none": {Kind: "list"},
		"tags":  {Kind: "list", Item: &Shape{Kind: "object", Fields: map[string]Shape{"a": number, "b": {Kind: "text"}}}},
		"mixed": {Kind: "list", Item: &Shape{}}, "lists": {Kind: "list", Item: &Shape{Kind: "list"}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5,"x",null,true]}`, `1e400`, `[[[]]]`, "\xef\xbb\xbf{}", `{"a":1,"a":2}`, `-0`, `12345678901234567890`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Decode(text, Limits{})
		if err != nil {
			if len(err.Error()) > 500 {
				t.Errorf("the error repeats the input: %d bytes", len(err.Error()))
			}
			return
		}
		b, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(b, Limits{})
		if err != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("%s came back as %#v (%v)", b, again, err)
		}
	})
}

// TestDecodeIsBounded is §2.B 20: of ten megabytes that would become very many values only so many are made.
func TestDecodeIsBounded(t *testing.T) {
	for _, item := range []string{"{}", "[]", `{"a":0}`, "0", `""`} {
		text := []byte("[" + strings.Repeat(item+",", (10<<20)/(len(item)+1)) + item + "]")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(text, Limits{})
		runtime.ReadMemStats(&after)
		if fault.CodeOf(err) != fault.TooLarge {
			t.Errorf("ten megabytes of %s: %v", item, err)
		}
		if made := after.TotalAlloc - before.TotalAlloc; made > 100<<20 {
			t.Errorf("of ten megabytes of %s it made %d MB", item, made>>20)
		}
	}
}
