package actions

import "testing"

// TestPlaces: where credentials may go is refused where it is written, if it can be no place.
func TestPlaces(t *testing.T) {
	check := func(what string, wrong func(string) string, good, bad []string) {
		t.Helper()
		for _, text := range good {
			if why := wrong(text); why != "" {
				t.Errorf("%s %q: %s", what, text, why)
			}
		}
		for _, text := range bad {
			if wrong(text) == "" {
				t.Errorf("%s %q is taken", what, text)
			}
		}
	}
	check("hosts", wrongHosts, []string{"api.example.com", "*.example.com", "a.example, b.example:8443", "http://10.0.0.5:8080", "[::1]:80", "intranet", "bücher.example", "api.example.com.", "*.buckets.example.com", "*.s3.amazonaws.com", "*.internal", "com"},
		[]string{"a@b", "x/y", "http://", ".", "*", "*.", ",", "a..b", "https://a.example/", "https://a.example?x", "a.example:0", "a.example:99999", "a.example:", "ftp://a.example", "a<b", "a.*.b", "*.com", "a.example, *.co.uk", "https://*.COM", "*.com.", "*.org:8443"})
	check("address", WrongAddress, []string{"https://api.example.com", "http://127.0.0.1:8080/v2", "http://[::1]:80"},
		[]string{"", "api.example.com", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example?x=1", "https://a.example#x", "http://x:99999", "http://x:0", "http://x:", "https://a b", "https://.", "javascript:alert(1)"})
	check("URL", wrongURL, []string{"https://api.example.com/me?a=1"}, []string{"me", "/me", "file:///etc/passwd", "https://u:p@a.example/me", "http://x:99999/"})
	auth := Auth{Hosts: "hosts", TestAt: "at", Site: "site"}
	for id, text := range map[string]string{"hosts": "a@b", "at": "me", "site": "evil.com/#"} {
		if why := auth.WrongValue(Field{ID: id, Label: "It"}, text); why == "" {
			t.Errorf("%s takes %q", id, text)
		}
		if why := auth.WrongValue(Field{ID: "other", Label: "It"}, text); why != "" {
			t.Errorf("another field does not take %q: %s", text, why)
		}
	}
}
