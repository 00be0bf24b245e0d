package scenario_test

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

func decoded(t *testing.T, text string) any {
	t.Helper()
	v, err := value.Decode([]byte(text), value.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestInputs(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                                            "",
		`{"inputs": null}`:                                              "",
		`{"inputs": {"name": "a"}}`:                                     "must be a list",
		`{"inputs": ["a"]}`:                                             "at 0 of inputs must be an object",
		`{"inputs": [{"type": "text"}]}`:                                "needs a name",
		`{"inputs": [{"name": "a b"}]}`:                                 "needs a name",
		`{"inputs": [{"name": "a"}, {"name": "a"}]}`:                    "two inputs",
		`{"inputs": [{"name": "a", "type": "date"}]}`:                   "must be text, number",
		`{"inputs": [{"name": "a", "type": 1}]}`:                        "must be text, number",
		`{"inputs": [{"name": "a", "required": "yes"}]}`:                "must be true or false",
		`{"inputs": [{"name": "a", "type": "number", "default": "1"}]}`: "must be a number, not a text",
		`{"inputs": [{"name": "a", "requird": true}]}`:                  `has no "requird"`,
		`{"inputs": [{"name": "a", "type": "string", "required": true, "default": "x", "description": "d"}]}`: "",
	} {
		_, err := scenario.Inputs(decoded(t, text).(map[string]any))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, not %q", text, err, want)
		}
	}
}

func TestTakeInputs(t *testing.T) {
	declared, err := scenario.Inputs(decoded(t, `{"inputs": [{"name": "n", "type": "integer", "required": true}, {"name": "word", "type": "string", "default": "hi"}, {"name": "x"}]}`).(map[string]any))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"n": 1}`:                        `{"n":1,"word":"hi","x":null}`,
		`{"n": 1, "word": null, "x": []}`: `{"n":1,"word":"hi","x":[]}`,
		`{}`:                              `needs the input "n"`,
		`null`:                            `needs the input "n"`,
		`{"n": 1, "wrod": 2}`:             `no input "wrod". Did you mean "word"?`,
	} {
		v, err := scenario.TakeInputs(declared, decoded(t, text))
		got := ""
		if err != nil {
			got = err.Error()
		} else if b, err := value.Encode(v); err == nil {
			got = string(b)
		}
		if err == nil && got != want || err != nil && !strings.Contains(got, want) {
			t.Errorf("%s gives %s, not %s", text, got, want)
		}
	}
	if v, err := scenario.TakeInputs(nil, 7); v != 7 || err != nil {
		t.Errorf("without inputs it is %v, %v", v, err)
	}
}
