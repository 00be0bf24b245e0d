package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestHTMLExtract(t *testing.T) {
	page := `<html><head><title>T</title><style>x{}</style></head><body><h1>Tea &amp;  <b>cups</b></h1><script>evil()</script><div class=p><a href='/a?x=1'>A</a> <i>1</i></div><div class=p><a href=b>B</a></div><p>one<br>two</p><ul><li>x</li><li>y</li></ul>` +
		`<table><thead><tr><th>Name</th><th>Age</th></tr></thead><tr><td rowspan=2>Ada</td><td>36</td></tr><tr><td>37</td></tr><tr><td colspan=2>Bob</td></tr></table></body></html>`
	ask := func(more, values string) string {
		return value.Text(map[string]any{"html": page})[:len(value.Text(map[string]any{"html": page}))-1] + more + `,"values":[` + values + `]}`
	}
	cases{
		{"texts", "html_extract", ask("", `{"name":"t","selector":"h1"},{"name":"title","selector":"title"},{"name":"p","selector":"p"},{"name":"none","selector":"h9"},{"name":"all","selector":"li","all":true},{"name":"no","selector":"h9","all":true}`), `{"all":["x","y"],"no":[],"none":null,"p":"one\ntwo","t":"Tea & cups","title":"T"}`},
		{"attributes", "html_extract", ask(`,"base_url":"https://example.com/s/"`, `{"name":"l","selector":".p a","take":"attribute","attribute":"HREF","all":true},{"name":"c","selector":"div","take":"attribute","attribute":"class"}`), `{"c":"p","l":["https://example.com/a?x=1","https://example.com/s/b"]}`},
		{"html", "html_extract", ask("", `{"name":"in","selector":"h1","take":"html"},{"name":"out","selector":"p","take":"outer_html"}`), `{"in":"Tea &amp;  <b>cups</b>","out":"<p>one<br/>two</p>"}`},
		{"each", "html_extract", ask(`,"each":".p"`, `{"name":"a","selector":"a"},{"name":"i","selector":"i"},{"name":"all"}`), `[{"a":"A","all":"A 1","i":"1"},{"a":"B","all":"B","i":null}]`},
		{"table", "html_extract", ask("", `{"name":"t","selector":"table","take":"table"},{"name":"l","selector":"table","take":"table","header":false}`), `{"l":[["Name","Age"],["Ada","36"],["Ada","37"],["Bob","Bob"]],"t":[{"Age":"36","Name":"Ada"},{"Age":"37","Name":"Ada"},{"Age":"Bob","Name":"Bob"}]}`},
		{"whole text", "html_extract", ask("", `{"name":"t","selector":"body"}`), `{"t":"Tea & cups\nA 1\nB\none\ntwo\nx\ny\nName Age\nAda 36\n37\nBob"}`},
		{"required", "html_extract", ask("", `{"name":"t","selector":"h9","required":true}`), `!The input values/0: the page has nothing that "h9" finds.`},
		{"no table", "html_extract", ask("", `{"name":"t","selector":"h1","take":"table"}`), `!The input values/0: "h1" finds <h1>, which is no table.`},
		{"no selector", "html_extract", ask("", `{"name":"t","selector":"h1["}`), `!The input values/0/selector: "h1[" is no CSS selector`},
		{"no element", "html_extract", ask("", `{"name":"t"}`), `!The input values/0/selector: say which element`},
		{"a heavy selector", "html_extract", ask("", `{"name":"t","selector":"p:matches(a*)"}`), `!The input values/0/selector: regular expressions`},
		{"twice", "html_extract", ask("", `{"name":"t","selector":"a"},{"name":"t","selector":"b"}`), `!The input values/1/name: two values are called "t"`},
		{"no attribute", "html_extract", ask("", `{"name":"t","selector":"a","take":"attribute"}`), `!The input values/0/attribute: name the attribute`},
	}.run(t)
	deep := map[string]any{"html": strings.Repeat("<div>", 2000), "values": []any{map[string]any{"name": "a", "selector": "div"}}}
	if _, err := callWith(t, "html_extract", deep); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("2,000 elements within one another give %v", err)
	}
	nested := map[string]any{"html": strings.Repeat("<div>", 400) + strings.Repeat("x", 100_000), "values": []any{map[string]any{"name": "a", "selector": "div", "all": true}}}
	if _, err := callWith(t, "html_extract", nested); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("40 MB of texts give %v", err)
	}
}

func FuzzHTMLExtract(f *testing.F) {
	f.Add("<table><tr><td colspan=99 rowspan=99>a<td>b<tr><td>c", "td, :has(td)")
	f.Add("<p>a<br>b<pre> c </pre>", "p > b")
	f.Fuzz(func(t *testing.T, page, selector string) {
		_, err := callWith(t, "html_extract", map[string]any{"html": page, "values": []any{map[string]any{"name": "a", "selector": selector, "all": true}, map[string]any{"name": "b", "selector": selector, "take": "outer_html"},
			map[string]any{"name": "c", "selector": "table", "take": "table"}}})
		if code := fault.CodeOf(err); err != nil && code != fault.InvalidInput && code != fault.TooLarge {
			t.Errorf("%v", err)
		}
	})
}
