package dist

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
)

// budgets are gzipped bytes of what a page loads at first; the editor of code comes later and has its own, and so has what only
// hosted pages load.
func TestBudgets(t *testing.T) {
	size := map[string]int{}
	entries, err := fs.ReadDir(Files(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := fs.ReadFile(Files(), e.Name())
		if err != nil {
			t.Fatal(err)
		}
		switch base := e.Name(); {
		case path.Ext(base) == ".woff2":
			size["fonts"] += len(content)
		case strings.HasPrefix(base, "code-"):
			size["code editor"] += len(compress(bytes.NewReader(content)))
		case strings.HasPrefix(base, "extra-"):
			size["styles of rarer pages"] += len(compress(bytes.NewReader(content)))
		case strings.HasPrefix(base, "hosted-"):
			size["hosted pages"] += len(compress(bytes.NewReader(content)))
		default:
			size[path.Ext(base)] += len(compress(bytes.NewReader(content)))
		}
	}
	for what, most := range map[string]int{".js": 60 << 10, ".css": 10_752, "styles of rarer pages": 6 << 10, "fonts": 100 << 10, "code editor": 160 << 10, "hosted pages": 2 << 10, ".svg": 12 << 10} {
		if size[what] == 0 {
			t.Errorf("nothing built counts as %s", what)
		}
		if size[what] > most {
			t.Errorf("%s is %d bytes gzipped, more than its budget of %d", what, size[what], most)
		}
		t.Logf("%s: %d of %d bytes", what, size[what], most)
	}
}

func TestManifestNamesFilesThatExist(t *testing.T) {
	for plain, hashed := range manifest() {
		if _, err := fs.Stat(Files(), hashed); err != nil {
			t.Errorf("%s is said to be %s: %v", plain, hashed, err)
		}
	}
}

func TestHandler(t *testing.T) {
	h := Handler()
	for _, c := range []struct {
		name, path, encoding string
		status               int
		gzip                 bool
	}{
		{name: "a script", path: URL("app.js"), encoding: "gzip, br", status: 200, gzip: true},
		{name: "a script to a browser that cannot unpack", path: URL("app.js"), status: 200},
		{name: "a font is not packed twice", path: URL("inter-latin-wght-normal.woff2"), encoding: "gzip", status: 200},
		{name: "an unknown name", path: Prefix + "nothing.js", status: 404},
		{name: "a way out of the folder", path: Prefix + "../manifest.json", status: 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL.Path = c.path
			r.Header.Set("Accept-Encoding", c.encoding)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d", w.Code, c.status)
			}
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.gzip {
				t.Errorf("gzip %v, want %v", got, c.gzip)
			}
			if c.status == http.StatusOK && !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Error("it is not kept by browsers")
			}
		})
	}
}
