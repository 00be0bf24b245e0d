package actions

import (
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
