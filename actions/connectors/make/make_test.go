package make

import "testing"

// TestHookOf: a webhook's URL gives its two parts, and nothing else is one.
func TestHookOf(t *testing.T) {
	for url, host := range map[string]string{"https://hook.eu1.make.com/abc123": "hook.eu1.make.com", " https://hook.us2.make.com/abc123/ ": "hook.us2.make.com"} {
		if got, err := hookOf(map[string]string{"url": url}); err != nil || got["host"] != host || got["hook"] != "abc123" {
			t.Errorf("%q: %v %v", url, got, err)
		}
	}
	for _, url := range []string{"", "http://hook.eu1.make.com/a", "https://hook.eu1.make.com.evil.example/a", "https://evil.example/hook.eu1.make.com/a", "https://hook.eu1.make.com/a/b", "https://hook.eu1.make.com@evil.example/a"} {
		if got, err := hookOf(map[string]string{"url": url}); err == nil {
			t.Errorf("%q is a webhook: %v", url, got)
		}
	}
	if got, err := hookOf(map[string]string{"token": "t", "zone": "eu1.make.com"}); err != nil {
		t.Errorf("a token has a hook: %v %v", got, err)
	}
}
