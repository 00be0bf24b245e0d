package value

import (
	"maps"
	"slices"
	"strings"
)

// Large stands for a value that is kept apart because of its size: it is named by its content. It stands only where the
// engine puts it, in the place of a whole event or a step's whole output; Decode never gives it and Encode refuses it.
type Large struct {
	Hash  string // SHA-256 of the value's JSON, lower-case hexadecimal
	Bytes int    // of that JSON
	Entry int64  // the entry of the journal in which it stands, of one that only a reader is not given; zero: it is kept apart
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

// HasFile says whether a value refers to a file somewhere: an object whose "file" is a blob's hash, as FileOf reads it.
func HasFile(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, is := FileOf(v); is {
			return true
		}
		for _, member := range v {
			if HasFile(member) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if HasFile(item) {
				return true
			}
		}
	}
	return false
}

// Files lists the files that a value refers to.
func Files(v any) []Large {
	var out []Large
	switch v := v.(type) {
	case map[string]any:
		if f, is := FileOf(v); is {
			return []Large{{Hash: f.Hash, Bytes: f.Size}}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, Files(v[name])...)
		}
	case []any:
		for _, item := range v {
			out = append(out, Files(item)...)
		}
	}
	return out
}

// FileIn finds a file in a value that refers to it.
func FileIn(v any, hash string) (File, bool) {
	switch v := v.(type) {
	case map[string]any:
		if f, is := FileOf(v); is {
			return f, f.Hash == hash
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if f, found := FileIn(v[name], hash); found {
				return f, true
			}
		}
	case []any:
		for _, item := range v {
			if f, found := FileIn(item, hash); found {
				return f, true
			}
		}
	}
	return File{}, false
}

// File is a file as values carry it: what it is called and where it is kept, never its bytes.
type File struct {
	Hash string // SHA-256 of its bytes, lower-case hexadecimal: its place in the blob store
	Name string
	Type string // media type
	Size int    // bytes
}

// FileOf reads a value that refers to a file: {"file": hash, "name", "type", "size"}.
func FileOf(v any) (File, bool) {
	object, _ := v.(map[string]any)
	hash, _ := object["file"].(string)
	if len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return File{}, false
	}
	f := File{Hash: hash}
	f.Name, _ = object["name"].(string)
	f.Type, _ = object["type"].(string)
	f.Size, _ = object["size"].(int)
	return f, true
}

// Value is the file as values carry it.
func (f File) Value() map[string]any {
	return map[string]any{"file": f.Hash, "name": f.Name, "type": f.Type, "size": f.Size}
}

// MediaType is the file's type, that of bytes nothing is known of where it has none.
func (f File) MediaType() string {
	if f.Type == "" {
		return "application/octet-stream"
	}
	return f.Type
}
