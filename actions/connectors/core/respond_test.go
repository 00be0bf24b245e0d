package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestRespond: an answer redirects to addresses of the web alone, whether they are written out or computed, and a header that is
// null is none.
func TestRespond(t *testing.T) {
	action := respond()
	for location, want := range map[string]string{
		"https://x.test/a?b=c#d": "", "http://x.test": "", "HTTPS://x.test": "",
		"javascript:alert(1)": "no address to redirect to", "//x.test": "no address to redirect to", "/here": "no address to redirect to", "": "no address to redirect to",
		"https://": "no address to redirect to", "https://u:p@x.test": "no address to redirect to", "https://x.test\r\nSet-Cookie: a=b": "line break",
	} {
		values := map[string]any{"status": 302, "headers": map[string]any{"location": location, "X-None": nil}}
		issues := action.Check(values, func(string) bool { return true })
		out, err := action.Run(t.Context(), actions.Input{Values: values}, nil)
		if (len(issues) > 0) != (want != "") || (err != nil) != (want != "") {
			t.Errorf("to %q: %+v, %v", location, issues, err)
			continue
		}
		if want != "" {
			if issues[0].Path != "/headers/location" || !strings.Contains(issues[0].Message, want) || !strings.Contains(err.Error(), want) {
				t.Errorf("to %q it says %+v and %v", location, issues, err)
			}
			continue
		}
		if headers := out.(map[string]any)["headers"].(map[string]any); len(headers) != 1 || headers["location"] != location {
			t.Errorf("to %q it answers with %v", location, headers)
		}
	}
	template := map[string]any{"status": 302, "headers": map[string]any{"Location": "{{ trigger.body.back }}"}}
	if issues := action.Check(template, func(string) bool { return true }); len(issues) > 0 {
		t.Errorf("of a template it says %+v", issues)
	}
}
