package value

// Large stands for a value that is kept apart because of its size: it is named by its content. It stands only where the
// engine puts it, in the place of a whole event or a step's whole output; Decode never gives it and Encode refuses it.
type Large struct {
	Hash  string // SHA-256 of the value's JSON, lower-case hexadecimal
	Bytes int    // of that JSON
}

// Size says roughly how many bytes the JSON of a value has, without making it: names and texts as they are, everything
// else by a guess. It stops counting once it is over most.
func Size(v any, most int) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case map[string]any:
		n := 2
		for name, member := range v {
			if n > most {
				return n
			}
			n += len(name) + 4 + Size(member, most-n)
		}
		return n
	case []any:
		n := 2
		for _, item := range v {
			if n > most {
				return n
			}
			n += 1 + Size(item, most-n)
		}
		return n
	}
	return 8
}
