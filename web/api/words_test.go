package api

import (
	"strings"
	"testing"
)

// TestWords: what huma says of a request is said in the API's own words, at the place that people know.
func TestWords(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		code, places, says string
	}{
		{"GET", "/runs?limit=0", "", 422, "invalid_input", "/limit", "it must be at least 1"},
		{"GET", "/runs?limit=many", "", 422, "invalid_input", "/limit", "The request is not right: it must be a whole number."},
		{"POST", "/secrets", "", 400, "invalid_input", "", "no body; send JSON"},
		{"POST", "/secrets", `{"slug": "s", "value": ""}`, 422, "invalid_input", "/value", "at least 1 characters"},
		{"POST", "/secrets", `{"slug": 7}`, 422, "invalid_input", "/slug /value", "it must be a text"},
		{"POST", "/scenarios", `{"slug": "s", "definition": {"name": "` + strings.Repeat("x", maxBody) + `"}}`, 413, "too_large", "", "larger than"},
	} {
		a := h.ask(c.method, c.path, c.body)
		if a.status != c.status || a.body["code"] != c.code || !strings.Contains(a.text, c.says) || c.places != "" && !strings.Contains(a.places(), strings.Fields(c.places)[0]) {
			t.Errorf("%s %s %.60s: %d %.400s", c.method, c.path, c.body, a.status, a.text)
		}
	}
	a := h.ask("POST", "/secrets", "slug=s", "Content-Type", "application/x-www-form-urlencoded")
	if a.status != 415 || !strings.Contains(a.text, `is called \"application/x-www-form-urlencoded\". Send JSON, with the header Content-Type: application/json.`) {
		t.Errorf("a form: %d %s", a.status, a.text)
	}
}
