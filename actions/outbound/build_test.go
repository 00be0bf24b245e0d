package outbound

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestPreparedParameters: what Prepare adds to the parameters stands beside those of the fields, and escaped.
func TestPreparedParameters(t *testing.T) {
	r := &actions.Request{Method: "GET", Path: "/query", Query: map[string]string{"v": "1"}, Prepare: func(in map[string]any) (actions.Parts, error) {
		return actions.Parts{Query: map[string]any{"q": "Name = 'A&B'", "ids": []any{int64(1), int64(2)}}}, nil
	}}
	got, err := build(r, []actions.Field{{ID: "all", Type: actions.Boolean, In: actions.InQuery}}, map[string]any{"all": true})
	if want := "/query?all=true&ids=1&ids=2&q=Name+%3D+%27A%26B%27&v=1"; err != nil || got.URL != want {
		t.Errorf("the request goes to %s (%v), not %s", got.URL, err, want)
	}
}

// TestParameters: what cannot stand in a URL's parameters goes out escaped, whether they stand in the URL or beside it.
func TestParameters(t *testing.T) {
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI }))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for _, k := range []struct {
		url   string
		query map[string]any
		want  string
	}{
		{"/e?q=Ada Lovelace", nil, "/e?q=Ada%20Lovelace"},
		{"/e f?q=%20ü", map[string]any{"p": "x y"}, "/e%20f?q=%20%C3%BC&p=x+y"},
	} {
		if r := invoke(t, c, call(map[string]any{"url": server.URL + k.url, "query": k.query})); r.Failure != nil || got != k.want {
			t.Errorf("%s is asked as %s: %+v", k.url, got, r.Failure)
		}
	}
}
