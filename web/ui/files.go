package ui

import (
	"maps"
	"net/url"
	"slices"
)

// File is a file that a value refers to.
type File struct {
	Hash, Name, Type string
	Bytes            int
}

const (
	filesDeep = 4 // of a batch of mails: the events, one of them, its attachments, one of these
	mostFiles = 500
)

// FilesOf finds the files in a value, where forms, mails and steps have them. src/json.ts finds the same.
func FilesOf(v any) []File { return filesIn(v, 0) }

func filesIn(v any, depth int) []File {
	var out []File
	switch v := v.(type) {
	case map[string]any:
		hash, named := v["file"].(string)
		size, sized := v["size"].(int)
		if named && sized && len(hash) == 64 {
			name, _ := v["name"].(string)
			kind, _ := v["type"].(string)
			return []File{{hash, name, kind, size}}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if depth < filesDeep {
				out = append(out, filesIn(v[name], depth+1)...)
			}
		}
	case []any:
		for _, item := range v {
			if depth < filesDeep && len(out) < mostFiles {
				out = append(out, filesIn(item, depth+1)...)
			}
		}
	}
	return out[:min(len(out), mostFiles)]
}

// at is where a file is downloaded, below the page of what refers to it.
func (f File) at(page string) string {
	return page + "/files/" + url.PathEscape(f.Hash) + "?" + url.Values{"name": {f.Name}, "type": {f.Type}}.Encode()
}
