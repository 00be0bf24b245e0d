package value

import (
	"strconv"
	"strings"
)

// At gives the value at a JSON Pointer within another; "" is all of it, nil: there is nothing.
func At(v any, pointer string) any {
	if pointer == "" {
		return v
	}
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch have := v.(type) {
		case map[string]any:
			v = have[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(have) {
				return nil
			}
			v = have[i]
		default:
			return nil
		}
	}
	return v
}
