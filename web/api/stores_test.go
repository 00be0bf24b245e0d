package api

import (
	"strings"
	"testing"
)

// TestStores: values are put into a data store, listed by parts, read and deleted; what is wrong is named.
func TestStores(t *testing.T) {
	h := newHouse(t)
	for _, key := range []string{"a", "b", "c%2Fd", "%20"} {
		h.want(200, "PUT", "/stores/things/items/"+key, `{"value": {"n": 1.50, "big": 9007199254740993}, "for": "30d"}`)
	}
	if a := h.want(200, "GET", "/stores/things/items/c%2Fd", ""); !strings.Contains(a.text, `"key":"c/d"`) || !strings.Contains(a.text, `9007199254740993`) || strings.Contains(a.text, `"expires_at":null`) {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "PUT", "/stores/things/items/a", `{"value": null}`); !strings.Contains(a.text, `"value":null`) || !strings.Contains(a.text, `"expires_at":null`) {
		t.Errorf("%s", a.text)
	}
	a := h.want(200, "GET", "/stores/things/items?limit=3", "")
	if len(a.body["items"].([]any)) != 3 || a.body["next_cursor"] == nil {
		t.Errorf("%s", a.text)
	}
	if b := h.want(200, "GET", "/stores/things/items?limit=3&cursor="+a.body["next_cursor"].(string), ""); len(b.body["items"].([]any)) != 1 || b.body["next_cursor"] != nil || !strings.Contains(b.text, "c/d") {
		t.Errorf("%s", b.text)
	}
	if a := h.want(200, "GET", "/stores/things/items?prefix=c", ""); len(a.body["items"].([]any)) != 1 {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/stores", ""); !strings.Contains(a.text, `{"slug":"things","items":4}`) {
		t.Errorf("%s", a.text)
	}
	h.want(204, "DELETE", "/stores/things/items/a", "")
	h.want(404, "DELETE", "/stores/things/items/a", "")
	h.want(404, "GET", "/stores/things/items/a", "")
	h.want(404, "GET", "/stores/none/items/b", "")
	h.want(200, "GET", "/stores/none/items", "")
	h.want(422, "GET", "/stores/things/items?cursor=xx", "")
	for body, says := range map[string]string{`{"value": 1, "for": "soon"}`: "/for", `{}`: "value", `{"value": 1, "more": 2}`: "more", `{"value": "` + strings.Repeat("x", 300<<10) + `"}`: "262144"} {
		if a := h.ask("PUT", "/stores/things/items/x", body); a.status < 400 || a.status >= 500 || !strings.Contains(a.text, says) {
			t.Errorf("%.60s: %d %.300s", body, a.status, a.text)
		}
	}
	h.want(422, "PUT", "/stores/My%20Things/items/x", `{"value": 1}`)
	h.want(422, "PUT", "/stores/things/items/"+strings.Repeat("k", 600), `{"value": 1}`)
}
