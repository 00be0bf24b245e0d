package n8n

import (
	"io"
	"testing"
)

// TestRequest: data is the body, or of a GET parameters beside those of the URL; what is no webhook's URL is refused.
func TestRequest(t *testing.T) {
	got, err := request(map[string]any{"url": "https://n.example/webhook/a?x=1", "method": "GET", "data": map[string]any{"b": "c&d", "n": 7}})
	if err != nil || got.URL != "https://n.example/webhook/a?b=c%26d&n=7&x=1" || got.Body != nil {
		t.Errorf("%+v %v", got, err)
	}
	if got, err = request(map[string]any{"url": "https://n.example/webhook/a", "method": "POST", "data": []any{1}}); err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(got.Body); string(body) != "[1]" {
		t.Errorf("%s", body)
	}
	for _, in := range []map[string]any{{"url": "n.example/webhook/a", "method": "POST"}, {"url": "https://n.example/", "method": "POST"}, {"url": "ftp://n.example/a", "method": "POST"},
		{"url": "https://n.example/webhook/a", "method": "GET", "data": []any{1}}} {
		if got, err := request(in); err == nil {
			t.Errorf("%v: %+v", in, got)
		}
	}
}
