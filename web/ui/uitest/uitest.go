// Package uitest compares what views write with the HTML files in testdata. It is for tests only.
package uitest

import (
	"bytes"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// Update says that the files are to be written again.
var Update = flag.Bool("update", false, "write the golden files again")

var (
	hashed  = regexp.MustCompile(`/static/([a-z0-9.-]+?)-[A-Z0-9]{8}\.`)
	version = regexp.MustCompile(`apps\.css\?v=[0-9a-f]+`)
	seam    = regexp.MustCompile(`>\s*<(/?(?:html|head|body|nav|header|main|aside|section|article|div|ol|ul|li|form|table|thead|tbody|tr|td|th|dialog|p|h1|h2|h3|dl|dt|dd|label|button|a|script|meta|link|svg|select|option|details|summary))`)
)

// Golden holds what a view writes against testdata/name.html, one element a line, names of built files without their hash.
func Golden(t *testing.T, name string, view templ.Component) {
	t.Helper()
	var b bytes.Buffer
	if err := view.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	Compare(t, name, b.String())
}

// Compare is Golden for a text that is there already, as a handler's answer.
func Compare(t *testing.T, name, html string) {
	t.Helper()
	for _, banned := range []string{" style=", " onclick=", "<style", "javascript:"} {
		if strings.Contains(html, banned) {
			t.Errorf("%s has %q, which the content policy forbids", name, banned)
		}
	}
	got := hashed.ReplaceAllString(html, "/static/$1.")
	got = version.ReplaceAllString(got, "apps.css")
	got = seam.ReplaceAllString(got, ">\n<$1") + "\n"
	file := filepath.Join("testdata", name+".html")
	if *Update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run with -update to write it", err)
	}
	if string(want) != got {
		t.Errorf("%s is another page than %s says. First difference:\n%s", name, file, difference(string(want), got))
	}
}

func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return "want " + x + "\ngot  " + y
		}
	}
	return "none"
}

// Form makes the request of a form that was sent: names and values by turns.
func Form(path string, fields ...string) *http.Request {
	body := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		body.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest("POST", path, strings.NewReader(body.Encode()))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}
