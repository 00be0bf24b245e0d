// Package dist holds the built scripts, styles, icons and fonts that web/build writes, and serves them. It knows no
// screen; nothing in it is written by hand but this file.
package dist

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed files manifest.json
var content embed.FS

// Prefix is the path below which Handler is mounted.
const Prefix = "/static/"

// manifest maps a plain name to the hashed one that stands in files.
var manifest = sync.OnceValue(func() map[string]string {
	text, err := content.ReadFile("manifest.json")
	if err != nil {
		panic(fmt.Sprintf("dist: the embedded manifest cannot be read: %v", err))
	}
	names := map[string]string{}
	if err := json.Unmarshal(text, &names); err != nil {
		panic(fmt.Sprintf("dist: the embedded manifest is damaged, build it again: %v", err))
	}
	return names
})

// URL is the address of a built file by its plain name, as "app.js". A name that was never built is a slip in a view,
// so it panics and the test that renders the view tells.
func URL(name string) string {
	hashed, ok := manifest()[name]
	if !ok {
		panic("dist: there is no built file " + name)
	}
	return Prefix + hashed
}

// Files are the built files, by hashed name.
func Files() fs.FS {
	sub, err := fs.Sub(content, "files")
	if err != nil {
		panic(err)
	}
	return sub
}

// file is one built file as it is sent.
type file struct {
	name string
	kind string
	size int64
	gzip func() []byte // nil: compressing does not pay
}

// Handler serves the files below Prefix. A hashed name never changes its content, so browsers keep it for a year.
func Handler() http.Handler {
	files := map[string]*file{}
	entries, err := fs.ReadDir(Files(), ".")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			panic(err)
		}
		f := &file{name: entry.Name(), kind: kindOf(entry.Name()), size: info.Size()}
		if !strings.HasPrefix(f.kind, "font/") {
			f.gzip = sync.OnceValue(func() []byte { return compress(f.open()) })
		}
		files[entry.Name()] = f
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	body, size := f.open(), f.size
	if f.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		packed := f.gzip()
		body, size = bytes.NewReader(packed), int64(len(packed))
	}
	h.Set("Content-Length", fmt.Sprint(size))
	if r.Method == http.MethodHead {
		return
	}
	io.Copy(w, body)
}

// open gives the content, of which no copy is kept: it lies in the program.
func (f *file) open() io.Reader {
	r, err := Files().Open(f.name)
	if err != nil {
		panic(err) // it was listed
	}
	return r
}

// kindOf is the content type by extension; the machine's own table of types is not asked for what is known here.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func compress(plain io.Reader) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	io.Copy(z, plain)
	z.Close()
	return b.Bytes()
}
