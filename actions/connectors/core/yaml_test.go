package core

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestYAML(t *testing.T) {
	cases{
		{"kinds", "yaml", `{"text":"a: 1\nb: 1.50\nc: true\nd: ~\ne: 2026-01-31\nf: '1'\ng: 0x1f\nh: [1, {x: y}]\ni: |\n  two\n  lines\nj: 12345678901234567890\nk: yes\n1: one\n"}`,
			`{"1":"one","a":1,"b":1.5,"c":true,"d":null,"e":"2026-01-31","f":"1","g":31,"h":[1,{"x":"y"}],"i":"two\nlines\n","j":12345678901234567890,"k":"yes"}`},
		{"aliases and merges", "yaml", `{"text":"a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\n"}`, `{"a":{"x":1,"y":2},"b":{"x":1,"y":2},"c":{"x":1,"y":3}}`},
		{"beyond 64 bits", "yaml", `{"text":"a: 123456789012345678901234567890\nb: -123_456789012345678901234567890\nc: [+99999999999999999999999999]\nd: 1.5e3\ne: 00123456701234567012345670123\nf: !!float 7\n"}`, `{"a":123456789012345678901234567890,"b":-123456789012345678901234567890,"c":[99999999999999999999999999],"d":1500,"e":"00123456701234567012345670123","f":7}`},
		{"zeros in front", "yaml", `{"text":"zip: 01234\nzip2: 08001\nphone: 0041446681800\nn: 0\nf: 0.5\no: 0o17\nx: 0x1f\nt: !!int 017\nm: -007\n"}`, `{"f":0.5,"m":"-007","n":0,"o":15,"phone":"0041446681800","t":15,"x":31,"zip":"01234","zip2":"08001"}`},
		{"documents", "yaml", `{"documents":"all","text":"a: 1\n---\n- 2\n"}`, `[{"a":1},[2]]`},
		{"a second document", "yaml", `{"text":"a: 1\n---\nb: 2\n"}`, `!The YAML holds a second document on line 2`},
		{"nothing", "yaml", `{"text":""}`, ``},
		{"twice", "yaml", `{"text":"a: 1\na: 2\n"}`, `!The YAML cannot be taken on line 2: the name "a" stands twice.`},
		{"a list as a name", "yaml", `{"text":"[1]: 2\n"}`, `!The YAML cannot be taken on line 1: a list or an object stands as a name`},
		{"no number", "yaml", `{"text":"a: .inf\n"}`, `!The YAML cannot be taken on line 1: .inf is no number`},
		{"itself", "yaml", `{"text":"a: &a [*a]\n"}`, `!The YAML cannot be taken on line 1: the alias *a stands within itself.`},
		{"broken", "yaml", `{"text":"a: 1\n b: [\n"}`, `!The YAML is not valid: `},
		{"a tab", "yaml", `{"text":"a:\n\t- 1\n"}`, `!The YAML is not valid: `},
		{"write", "yaml", `{"mode":"write","value":{"b":[1,{"c":null,"a":"yes"},[],{}],"a":"x: y","n":"12","big":12345678901234567890,"t":"two\nlines","f":1.5,"d":"2026-01-31","e":""}}`,
			"a: 'x: y'\nb:\n  - 1\n  - a: \"yes\"\n    c: null\n  - []\n  - {}\nbig: 12345678901234567890\nd: \"2026-01-31\"\ne: \"\"\nf: 1.5\n\"n\": \"12\"\nt: |-\n  two\n  lines\n"},
		{"write documents", "yaml", `{"mode":"write","documents":"all","value":[1,{"a":2}]}`, "1\n---\na: 2\n"},
		{"write documents of none", "yaml", `{"mode":"write","documents":"all","value":1}`, `!The input value: a list of documents is needed`},
	}.run(t)
}

// TestYAMLBombs: aliases of aliases are refused before they are filled in, and depth is bounded.
func TestYAMLBombs(t *testing.T) {
	laughs := "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
	for i := range 9 {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	texts := "a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.TrimSuffix(strings.Repeat("*a, ", 1000), ", ") + "]\n"
	for name, text := range map[string]string{"laughs": laughs, "texts": texts, "depth": strings.Repeat("[", 5000), "values": "[" + strings.Repeat("1,", 250_000) + "]"} {
		began := time.Now()
		_, err := callWith(t, "yaml", map[string]any{"text": text})
		if code := fault.CodeOf(err); code != fault.TooLarge && code != fault.InvalidInput || time.Since(began) > 30*time.Second {
			t.Errorf("%s: %v after %s", name, err, time.Since(began))
		}
	}
}

// FuzzYAML: what is read is written so that it is read again as the same.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"a: &a [1, 'x']\nb: *a\n", "- |\n  x\n- >\n y\n- \"\\u0085\"", "---\n...\n--- 1", "? a\n: b", "{<<: {a: 1}}", "a: 0o17\nb: 1_000\nc: -.5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := callWith(t, "yaml", map[string]any{"text": text})
		if err != nil {
			return
		}
		written, err := callWith(t, "yaml", map[string]any{"mode": "write", "value": v})
		if err != nil {
			t.Fatalf("%s cannot be written: %v", value.Text(v), err)
		}
		again, err := callWith(t, "yaml", map[string]any{"text": written})
		if err != nil || value.Text(again) != value.Text(v) {
			t.Errorf("%q is read as %s, written as %q and read as %s, %v", text, value.Text(v), written, value.Text(again), err)
		}
	})
}
