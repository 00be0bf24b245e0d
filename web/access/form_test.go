package access

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

func TestReadForm(t *testing.T) {
	const form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
	const part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n"
	for name, c := range map[string]struct {
		kind, body string
		want       fault.Code
	}{
		"a form":                       {form, "a=1", ""},
		"parts":                        {parts, part, ""},
		"as much as may be":            {form, "a=1&b=" + strings.Repeat("x", 94), ""},
		"a byte more":                  {form, "a=1&b=" + strings.Repeat("x", 95), fault.TooLarge},
		"more in a part":               {parts, strings.Replace(part, "1\r\n--b--", strings.Repeat("1", 100)+"\r\n--b--", 1), fault.TooLarge},
		"a broken escape":              {form, "a=1&b=%zz", fault.InvalidInput},
		"parts that break off":         {parts, part[:50], fault.InvalidInput},
		"parts without their boundary": {"multipart/form-data", part, fault.InvalidInput},
		"a type that is none":          {"multipart/form-data; x", part, fault.InvalidInput},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		err := ReadForm(httptest.NewRecorder(), r, 100)
		if fault.CodeOf(err) != c.want || c.want == "" && r.FormValue("a") != "1" {
			t.Errorf("%s: %v, a is %q", name, err, r.FormValue("a"))
		}
	}
}
