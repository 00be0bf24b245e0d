package zapier

import "testing"

// TestHookOf: a hook's URL gives its two parts, and nothing else is one.
func TestHookOf(t *testing.T) {
	for _, url := range []string{"https://hooks.zapier.com/hooks/catch/123/abC9/", " https://hooks.zapier.com/hooks/catch/123/abC9 "} {
		if got, err := hookOf(map[string]string{"url": url}); err != nil || got["account"] != "123" || got["hook"] != "abC9" {
			t.Errorf("%q: %v %v", url, got, err)
		}
	}
	for _, url := range []string{"", "http://hooks.zapier.com/hooks/catch/123/abc/", "https://hooks.zapier.com.evil.example/hooks/catch/1/a/", "https://hooks.zapier.com/hooks/catch/1/../x/", "https://hooks.zapier.com/hooks/catch/1/a/?x"} {
		if got, err := hookOf(map[string]string{"url": url}); err == nil {
			t.Errorf("%q is a hook: %v", url, got)
		}
	}
}
