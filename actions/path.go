package actions

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// FillPath puts values into a path. Each stays one part of it, whatever it holds: a value that is empty or would climb is
// refused, since it would name another thing.
func FillPath(path string, values map[string]string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, _ := strings.Cut(rest, "}")
		switch text := values[name]; text {
		case "", ".", "..":
			return "", fault.New(fault.InvalidInput, "The input %s: %q cannot stand in the address of a request.", name, text)
		default:
			b.WriteString(url.PathEscape(text))
		}
		path = after
	}
}

// EscapeQuery writes what cannot stand in a URL's parameters, as spaces, quotes and letters beyond ASCII, in its escaped form. What is
// escaped already stays. Source: https://url.spec.whatwg.org/#query-percent-encode-set
func EscapeQuery(text string) string {
	at := strings.IndexByte(text, '?')
	if at < 0 || strings.Contains(text[:at], "#") {
		return text
	}
	var b strings.Builder
	b.WriteString(text[:at+1])
	for i := at + 1; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '#':
			return b.String() + text[i:]
		case c <= ' ' || c >= 0x7f || strings.IndexByte(`"'<>`, c) >= 0 || c == '%' && !escaped(text[i:]):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escaped says that a text begins with % and two digits.
func escaped(text string) bool {
	return len(text) > 2 && strings.Trim(text[1:3], "0123456789abcdefABCDEF") == ""
}
