package expr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestCheck(t *testing.T) {
	shape := value.ShapeOf(map[string]any{"id": "a", "n": 1, "ok": true, "item": map[string]any{"name": "x", "tags": []any{map[string]any{"name": "t"}}, "free": map[string]any{}}})
	scope := Scope{Roots: map[string]value.Shape{"trigger": shape, "run": {Kind: "object"}, "vars": {Kind: "object"}},
		Steps: map[string]value.Shape{"find": value.ShapeOf(map[string]any{"email": "x"}), "any_step": {}}, Hidden: map[string]bool{"later": true}}
	for _, c := range []struct{ src, want string }{
		{`trigger.ok`, ""},
		{`trigger.item.name == "x"`, ""},
		{`trigger.item.tags[0].name == "x"`, ""},
		{`any(trigger.item.tags, .name == "x")`, ""},
		{`trigger.item.free.anything == 1`, ""},
		{`trigger.n > 1`, ""},
		{`(trigger.item.name ?? "") != ""`, ""},
		{`steps.find?.email == "a"`, ""},
		{`steps.any_step.x.y == "a"`, ""},
		{`vars.x == 1 and run.id != ""`, ""},
		{`let x = trigger.n; x > 1`, ""},
		{`steps.nope == 1`, `1:7 There is no step "nope".`},
		{`steps.fnd == 1`, `Did you mean "find"?`},
		{`steps.later == 1`, "cannot be seen from here: it does not run before"},
		{`triger.ok`, `Did you mean "trigger"?`},
		{`item.ok`, `There is no "item" here`},
		{`trigger.ok == null`, `There is no "null" here; nothing is written nil.`},
		{`trigger.ok ?? undefined`, `There is no "undefined" here; nothing is written nil.`},
		{`trіgger.ok`, `There is no "trіgger" here`}, // §2.A 15: a Cyrillic і
		{`trigger.itm.name == "x"`, `warning 1:9 "itm" is not among the known fields here. Did you mean "item"?`},
		{`trigger.item.tags[0].nam == "x"`, `warning`},
		{`steps.find.emial == "a"`, `Did you mean "email"?`},
		{`trigger.id`, "must be true or false"},
		{`trigger.item`, "must be true or false"},
		{`trigger.ok == "x"`, "1:12 The expression does not work: invalid operation: == (mismatched types boolean and text)."},
		{`trigger.n + trigger.id > 1`, "mismatched types number and text"},
		{`trigger.n % 2 == 0 and trigger.n / 2 > 1.5`, ""},
		{`len(1..trigger.n) > 1`, ""},
		{`upper(trigger.item.tags) == "A"`, "upper: value 1 must be a text, not a list"},
		{`len(trigger.id) > "3"`, "mismatched types number and text"},
		{`round_to(trigger.id, 2) > 3`, "round_to: value 1 must be a number, not a text"},
		{`len(trigger.id)`, "this gives a number"},
		{`sort_by(trigger.item.tags, "name")`, "this gives a list"},
		{`filter(trigger.item, .x)`, "takes only array"},
		{`trigger.id.name == 1`, "type text has no field name"},
		{`any(trigger.item.tags, .nmae == "x")`, `warning 1:25 "nmae" is not among the known fields here. Did you mean "name"?`},
		{`find(trigger.item.tags, .name == "x").nmae == 1`, "warning"},
		{`map(trigger.item.tags, {let t = #; t.nmae})[0] == 1`, "warning"},
		{`let i = trigger.item; i.nmae == "x"`, "warning"},
		{`trigger.item?.nmae == "x"`, "warning"},
		{`steps.find == nil or steps.find?.email == nil`, ""},
		{`steps["find"].email == "x"`, ""},
		{`steps["nope"].email == "x"`, `There is no step "nope"`},
		{`steps[trigger.id] == nil`, ""},
		{`trigger.id contains first`, "first is a function; write first(…)"},
		{`trigger.ok ? nope : other`, `There is no "nope" here`},
		{`1 < trigger.itm.n < 3`, "warning"},
		{`a.b and trigger.id matches trigger.id`, "must be a fixed text"},
		{`trigger.id matches "("`, "not a regular expression"},
		{`nope() and trunc("a") and $env`, "no function nope; There is no function trunc; $env"},
		{`len(trigger.id) > `, "does not work"},
		{`trunc("a")`, "There is no function trunc"},
	} {
		var got []string
		for _, i := range CheckCondition(c.src, scope) {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s 1:%d %s", i.Severity, i.Column, i.Message)))
		}
		said := strings.Join(got, "; ")
		if c.want == "" && said != "" {
			t.Errorf("%s: %s", c.src, said)
		}
		for _, want := range strings.Split(c.want, "; ") {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %s, want %q", c.src, said, want)
			}
		}
	}
	// Only a fault keeps a scenario from being published.
	if issues := CheckCondition(`trigger.itm.name == "x"`, scope); len(issues) != 1 || issues[0].Severity != fault.Warning {
		t.Errorf("%+v", issues)
	}
	// Columns are in characters of the whole text.
	if issues := CheckTemplate("é {{ nope }} {{ 1 + }}", scope); len(issues) != 2 || issues[0].Column != 6 || issues[1].Column < 16 {
		t.Errorf("%+v", issues)
	}
	if issues := CheckCondition(" {{ true }} == x", scope); len(issues) != 1 || issues[0].Message != "A condition is an expression by itself; leave out the braces {{ }}." {
		t.Errorf("a condition in braces gives %+v", issues)
	}
	if issues := CheckCondition("\"é\" == nope", scope); len(issues) != 1 || issues[0].Column != 8 {
		t.Errorf("%+v", issues)
	}
	issues := CheckTemplate(map[string]any{"a": []any{"x {{ steps.nope }}"}}, scope)
	if len(issues) != 1 || issues[0].Path != "/a/0" || issues[0].Column != 12 {
		t.Errorf("%+v", issues)
	}
}
