package fields

import (
	"strings"
	"testing"
)

// TestChanged: an event that came back as it was offered is no other one, however it is written; what is wrong is placed.
func TestChanged(t *testing.T) {
	own := []byte(`{"body":{"n":12345678901234567890,"t":"<é>"}}`)
	offered := EventOf(own).Typed
	for _, c := range []struct{ typed, want, wrong string }{
		{"", "", ""},
		{"  \r\n", "", ""},
		{offered, "", ""},
		{strings.ReplaceAll(offered, "\n", "\r\n"), "", ""},
		{`{"body": {"n": 1}}`, `{"body":{"n":1}}`, ""},
		{"{\n  \"n\": }", "", "line 2, column 8:"},
		{`{"a":1,"a":2}`, "", "stands twice"},
	} {
		got, err := Changed(c.typed, own)
		if string(got) != c.want || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%q is read as %s, %v", c.typed, got, err)
		}
	}
	for _, text := range []string{"", "{", `{"token":"***"}`, `"` + strings.Repeat("x", mostEvent) + `"`} {
		if e := EventOf([]byte(text)); e.Typed != "" {
			t.Errorf("%.40q is offered as %.40q", text, e.Typed)
		}
	}
}
