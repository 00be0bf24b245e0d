package gallery

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
)

// The names of the sample workspace, and what stands for a name or a slug that is as long as it may be and cannot be broken.
var (
	namesHere = []string{"Slack – Acme", "HubSpot EU", "Notion of the marketing team", "Lead routing", "Nightly export", "Intercom escalations", "New users join the mailing list", "lead-routing", "nightly-export"}
	wholeHere = []string{"Jira", "GitHub"} // apps are called so too
	slugsHere = []string{"slack", "hubspot", "notion", "pipedrive", "jira", "github"}
	longName  = strings.Repeat("Nm", 75)
	longSlug  = strings.Repeat("s", 63)
	texts     = regexp.MustCompile(`>[^<>]+<`)
)

// long shows the pages with names that are as long as they may be.
func long(next http.Handler) http.Handler {
	pairs := make([]string, 0, 2*len(namesHere))
	for _, name := range namesHere {
		pairs = append(pairs, name, longName)
	}
	names := strings.NewReplacer(pairs...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			next.ServeHTTP(w, r)
			return
		}
		got := httptest.NewRecorder()
		next.ServeHTTP(got, r)
		for name, list := range got.Header() {
			w.Header()[name] = list
		}
		body := got.Body.Bytes()
		if strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
			body = texts.ReplaceAllFunc(body, func(text []byte) []byte {
				inner := string(text[1 : len(text)-1])
				switch word := strings.TrimSpace(inner); {
				case slices.Contains(slugsHere, word):
					inner = longSlug
				case slices.Contains(wholeHere, word):
					inner = longName
				}
				return []byte(">" + names.Replace(inner) + "<")
			})
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(got.Code)
		bytes.NewReader(body).WriteTo(w)
	})
}
