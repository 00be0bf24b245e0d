package value

import (
	"strings"
	"unicode"
)

// SlugPattern is the form of a slug as a regular expression. IsSlug knows it by itself: compiled, the pattern takes 25 KB.
const SlugPattern = `^[a-z0-9][a-z0-9_-]{0,62}$`

// IsName tells whether a text can be what people call a thing: it holds no control character, and none that turns the direction of what
// stands behind it.
func IsName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}

// NoName is why a text is none.
const NoName = "A name holds no control characters, and none that turn its direction."

// NewPage is the slug that no scenario, connection or secret can have: its page would be the one that makes another.
const NewPage = "new"

// IsSlug tells whether a text can name a scenario, a connection, a secret or a data store.
func IsSlug(s string) bool {
	return s != "" && len(s) <= 63 && s[0] != '_' && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}
