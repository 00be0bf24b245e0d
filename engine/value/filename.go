package value

import (
	"mime"
	"path"
	"strings"
	"unicode"

	"github.com/stepmill/stepmill/engine/fault"
)

// FileName is what a file is called, for people, where somebody else has named it: no path, nothing that cannot be seen. One that is
// not named is called "file".
func FileName(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, name)
	if name = strings.TrimSpace(fault.Clip(strings.TrimSpace(name), 200)); strings.Trim(name, ".") == "" {
		return "file"
	}
	return name
}

// anyBytes is the type of bytes that nothing is known of.
const anyBytes = "application/octet-stream"

// MediaType is a file's type as somebody else says it, without its parameters.
func MediaType(text string) string {
	if kind, _, err := mime.ParseMediaType(text); err == nil && strings.Contains(kind, "/") && len(kind) <= 100 {
		return kind
	}
	return anyBytes
}

// saved are the types that files are given out as: those that ends knows, but what a browser would take for a page, a part of one or a
// picture with scripts.
func saved(kind string) string {
	switch {
	case kind == "text/html", kind == "text/css", kind == "image/svg+xml", kind == "application/xml", EndOf(kind) == "":
		return anyBytes
	}
	return kind
}

// Saved says how the file is given to whoever saves it: its type, and a Content-Disposition (RFC 6266) with its name, or with another
// where it has none. Of a name that is not ASCII there are two forms, since not every program reads the second.
func (f File) Saved(otherwise string) (kind, disposition string) {
	name := otherwise
	if f.Name != "" {
		name = FileName(f.Name)
	}
	disposition = mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if plain := plainName(name); plain != name {
		long := mime.FormatMediaType("attachment", map[string]string{"filename": name + "\u00e9"}) // as names are written that are not ASCII
		disposition = strings.TrimSuffix(strings.Replace(long, "filename*", `filename="`+plain+`"; filename*`, 1), "%C3%A9")
	}
	return saved(f.MediaType()), disposition
}

// plainName is a name in ASCII without what would have to be escaped.
func plainName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || strings.ContainsRune("\"\\%", c) {
			return '_'
		}
		return c
	}, name)
}

// ends are how the names of files of a type end; of several the first is the usual one. It is a list of its own since a system's differs
// from the next one's.
var ends = []struct{ end, kind string }{
	{".txt", "text/plain"}, {".log", "text/plain"}, {".md", "text/markdown"}, {".csv", "text/csv"}, {".tsv", "text/tab-separated-values"},
	{".html", "text/html"}, {".htm", "text/html"}, {".css", "text/css"}, {".json", "application/json"}, {".xml", "application/xml"},
	{".yaml", "application/yaml"}, {".yml", "application/yaml"}, {".pdf", "application/pdf"}, {".png", "image/png"}, {".jpg", "image/jpeg"},
	{".jpeg", "image/jpeg"}, {".gif", "image/gif"}, {".webp", "image/webp"}, {".svg", "image/svg+xml"}, {".mp3", "audio/mpeg"}, {".mp4", "video/mp4"},
	{".zip", "application/zip"}, {".gz", "application/gzip"}, {".tgz", "application/gzip"}, {".tar", "application/x-tar"}, {".eml", "message/rfc822"},
	{".ics", "text/calendar"}, {".vcf", "text/vcard"}, {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
}

// TypeByName is the media type of a file that is called so.
func TypeByName(name string) string {
	end := strings.ToLower(path.Ext(name))
	for _, e := range ends {
		if e.end == end {
			return e.kind
		}
	}
	return anyBytes
}

// EndOf is how the name of a file of a media type ends; empty: nothing is known of it.
func EndOf(kind string) string {
	for _, e := range ends {
		if e.kind == kind {
			return e.end
		}
	}
	return ""
}
