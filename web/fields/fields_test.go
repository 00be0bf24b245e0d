package fields

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

func TestTake(t *testing.T) {
	options := []Option{{"a", "A"}, {7, "Seven"}, {"b", "B"}}
	for _, c := range []struct {
		kind   string
		given  []string // nil: it was not sent
		needed bool
		value  string // as JSON
		wrong  string
	}{
		{"text", []string{" x "}, true, `" x "`, ""},
		{"text", []string{"  "}, true, `null`, "needed"},
		{"text", []string{""}, false, `null`, ""},
		{"text", nil, true, `null`, "needed"},
		{"text", []string{"a\r\nb\x00\xff"}, true, `"a\nb��"`, ""},
		{"text", []string{strings.Repeat("ä", Most+1)}, true, `null`, "At most"},
		{"long_text", []string{strings.Repeat("ä", Most)}, true, `"` + strings.Repeat("ä", Most) + `"`, ""},
		{"number", []string{" 12.50 "}, true, `12.5`, ""},
		{"number", []string{"1e400"}, true, `"1e400"`, "Write a number"},
		{"number", []string{"[1]"}, true, `"[1]"`, "Write a number"},
		{"number", []string{"0x10"}, true, `"0x10"`, "Write a number"},
		{"email", []string{"ada@example.com"}, true, `"ada@example.com"`, ""},
		{"email", []string{"Ada <ada@example.com>"}, true, `"Ada \u003cada@example.com\u003e"`, "Write a mail"},
		{"email", []string{"ada@example.com, eve@example.com"}, true, `"ada@example.com, eve@example.com"`, "Write a mail"},
		{"date", []string{"2026-02-28"}, true, `"2026-02-28"`, ""},
		{"date", []string{"2026-02-30"}, true, `"2026-02-30"`, "Write a date"},
		{"boolean", []string{"on"}, true, `true`, ""},
		{"boolean", nil, false, `false`, ""},
		{"boolean", nil, true, `false`, "ticked"},
		{"select", []string{"7"}, true, `7`, ""},
		{"select", []string{"8"}, true, `null`, "Choose one"},
		{"select", []string{""}, false, `null`, ""},
		{"multi_select", []string{"b", "7", "b"}, true, `[7,"b"]`, ""},
		{"multi_select", nil, false, `[]`, ""},
		{"multi_select", nil, true, `[]`, "at least one"},
		{"multi_select", []string{"a", "x"}, true, `["a"]`, "from the list"},
	} {
		f := Field{Key: "k", Type: c.kind, Required: true, Options: options}
		form := url.Values{}
		if c.given != nil {
			form["k"] = c.given
		}
		f.Take(form, c.needed)
		got, err := json.Marshal(f.Value)
		if err != nil || string(got) != c.value || (f.Wrong == "") != (c.wrong == "") || !strings.Contains(f.Wrong, c.wrong) {
			t.Errorf("%s %.40q is %.60s, %q", c.kind, c.given, got, f.Wrong)
		}
	}
}

func TestFill(t *testing.T) {
	for _, c := range []struct {
		kind  string
		with  any
		typed string
		many  string
	}{{"text", "x", "x", ""}, {"text", nil, "", ""}, {"number", 12, "12", ""}, {"boolean", true, "true", ""}, {"boolean", "yes", "true", ""}, {"boolean", "no", "", ""}, {"file", "/etc/passwd", "", ""},
		{"multi_select", []any{"a", 7}, "", "a,7"}, {"multi_select", "a", "", "a"}, {"multi_select", nil, "", ""}} {
		f := Field{Type: c.kind}
		if f.Fill(c.with); f.Typed != c.typed || strings.Join(f.Chosen, ",") != c.many {
			t.Errorf("%s with %v begins with %q %v", c.kind, c.with, f.Typed, f.Chosen)
		}
	}
}
