package value

import (
	"regexp"
	"strings"
	"testing"
)

// A slug is what the pattern says, which the schema and the API show.
func TestIsSlug(t *testing.T) {
	form := regexp.MustCompile(SlugPattern)
	for _, s := range []string{"", "a", "0", "sales-team", "a_b", "_a", "-a", "A", "aB", "a b", "ab ", " ab", "a\x00", "ä", "a.b", "a/b", "a\n", "\n", "é0", "a-", "9_", strings.Repeat("a", 63), strings.Repeat("a", 64), "abcÀdef", "a\xffb"} {
		if IsSlug(s) != form.MatchString(s) {
			t.Errorf("%q: %v, by the pattern %v", s, IsSlug(s), !IsSlug(s))
		}
	}
}

func TestIsName(t *testing.T) {
	for text, want := range map[string]bool{"": true, "Slack – Acme ✓": true, "עברית": true, "a\u200fb": true, "abc\u202egnp": false, "a\u2067b": false, "a\nb": false, "a\x00": false} {
		if IsName(text) != want {
			t.Errorf("%q is a name: %v", text, !want)
		}
	}
}
