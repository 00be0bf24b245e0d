package value

import "testing"

// TestWrongToken: what is written as a part of a date and is none is named, and words that look like no part are not.
func TestWrongToken(t *testing.T) {
	for form, want := range map[string]string{
		"YYYY-MM-DDTHH:mm:ss.SSSZ": "", "dddd, Do MMMM YY [DDDD]": "", "DDDo": "", "[open DD": "", "hh:mm a": "", "": "",
		"DDDD": "DDDD", "D.M.YYYYY": "YYYYY", "ss.SS": "SS", "ZZZ": "ZZZ", "DDDDo": "DDD", "[x] y": "y", "MMMMM": "MMMMM",
	} {
		if got := WrongToken(form); got != want {
			t.Errorf("%q: %q, not %q", form, got, want)
		}
	}
	for _, token := range tokens() {
		if got := WrongToken(token[0]); got != "" {
			t.Errorf("%q is none", got)
		}
	}
}

func TestAKind(t *testing.T) {
	for want, v := range map[string]any{"null": nil, "a boolean": true, "a number": 1.5, "a text": "", "a list": []any{}, "an object": map[string]any{}} {
		if got := AKind(v); got != want {
			t.Errorf("%v is %s, not %s", v, got, want)
		}
	}
}
