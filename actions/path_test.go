package actions_test

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestEscapeQuery: what cannot stand in parameters is escaped, once.
func TestEscapeQuery(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.test/b c":                    "https://a.test/b c", // a path is the URL's own to escape
		"https://a.test/?q=Ada Lovelace":        "https://a.test/?q=Ada%20Lovelace",
		"/?q=Ada%20Lovelace&p=a+b":              "/?q=Ada%20Lovelace&p=a+b",
		`/?q="ü"'<é>`:                           "/?q=%22%C3%BC%22%27%3C%C3%A9%3E",
		"/?q=100% of it%":                       "/?q=100%25%20of%20it%25",
		"/?q=line\r\nline":                      "/?q=line%0D%0Aline",
		"/?filter[a]=b|c&x={y}&z=a/b:c@d?e\\f^": "/?filter[a]=b|c&x={y}&z=a/b:c@d?e\\f^",
		"/?a=b c#d e":                           "/?a=b%20c#d e",
		"/a#b?c d":                              "/a#b?c d",
		"":                                      "",
	} {
		if got := actions.EscapeQuery(text); got != want {
			t.Errorf("%q gives %q, not %q", text, got, want)
		}
	}
}
