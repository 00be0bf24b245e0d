package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/run"
)

// TestOnce: a write that is sent again with its key is carried out once and answered the same, a secret that is shown
// once included.
func TestOnce(t *testing.T) {
	h := newHouse(t)
	body := `{"name": "ci", "role": "viewer"}`
	first := h.want(201, "POST", "/keys", body, "Idempotency-Key", "k1")
	again := h.want(201, "POST", "/keys", body, "Idempotency-Key", "k1")
	if first.text != again.text || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Content-Type") != first.header.Get("Content-Type") {
		t.Errorf("first %s, then %s %v", first.text, again.text, again.header)
	}
	if a := h.want(409, "POST", "/keys", `{"name": "other", "role": "viewer"}`, "Idempotency-Key", "k1"); !strings.Contains(a.text, "another request") {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/keys", ""); len(a.body["items"].([]any)) != 5 { // the four of the house, and this one
		t.Errorf("%s", a.text)
	}
	h.want(201, "POST", "/scenarios", created(definition), "Idempotency-Key", "k1", "Authorization", "Bearer "+h.keys[run.Editor]) // another actor's key
	if a := h.want(409, "POST", "/scenarios", created(definition), "Idempotency-Key", "k2"); !strings.Contains(a.text, "slug") {
		t.Errorf("%s", a.text)
	}
	if a := h.want(409, "POST", "/scenarios", created(definition), "Idempotency-Key", "k2"); a.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("a refusal is not kept: %v", a.header)
	}
	h.want(422, "POST", "/keys", body, "Idempotency-Key", strings.Repeat("x", 256))
	h.want(413, "POST", "/scenarios", created(`"`+strings.Repeat("x", maxBody)+`"`), "Idempotency-Key", "k3")
	if a := h.want(200, "GET", "/keys", "", "Idempotency-Key", "k1"); a.header.Get("Idempotency-Replayed") != "" {
		t.Error("a reading request is kept")
	}
}

// TestOnceTogether: of many at once one is carried out; the others get its answer, or are told to ask again.
func TestOnceTogether(t *testing.T) {
	h := newHouse(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for range 20 {
		all.Go(func() {
			r := httptest.NewRequest("POST", "/api/v1/secrets", strings.NewReader(`{"slug": "s", "value": "v"}`))
			r.Header.Set("Authorization", "Bearer "+h.keys[run.Admin])
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "together")
			w := httptest.NewRecorder()
			h.router.ServeHTTP(w, r)
			if w.Code == 409 && !strings.Contains(w.Body.String(), "still being carried out") {
				t.Errorf("%s", w.Body)
			}
			mu.Lock()
			codes[w.Code]++
			mu.Unlock()
		})
	}
	all.Wait()
	if codes[201] == 0 || codes[201]+codes[409] != 20 {
		t.Errorf("%v", codes)
	}
	h.want(201, "POST", "/secrets", `{"slug": "s", "value": "v"}`, "Idempotency-Key", "together")
}

// TestOnceFails: what failed inside is carried out when it is sent again.
func TestOnceFails(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/scenarios", created(definition))
	h.want(200, "POST", "/scenarios/w1/publish", "")
	h.fails = fmt.Errorf("the disk is gone")
	h.want(http.StatusInternalServerError, "POST", "/scenarios/w1/test", "", "Idempotency-Key", "k")
	h.fails = nil
	h.want(202, "POST", "/scenarios/w1/test", "", "Idempotency-Key", "k")
	asked := len(h.asked)
	h.want(202, "POST", "/scenarios/w1/test", "", "Idempotency-Key", "k")
	if len(h.asked) != asked {
		t.Errorf("it was carried out again: %v", h.asked)
	}
}

// TestPages: every list is cut into pages, and a cursor that leads nowhere is refused.
func TestPages(t *testing.T) {
	h := newHouse(t)
	for i := range 5 {
		h.want(201, "POST", "/scenarios", strings.Replace(created(definition), `"w1"`, fmt.Sprintf(`"s%d"`, i), 1))
		h.want(201, "POST", "/secrets", fmt.Sprintf(`{"slug": "s%d", "value": "v"}`, i))
		h.want(200, "PUT", "/scenarios/s0/draft", `{"definition": `+strings.Replace(definition, `"a": 1`, fmt.Sprintf(`"a": %d`, i+2), 1)+`}`)
		h.want(200, "POST", "/scenarios/s0/publish", "")
	}
	for path, total := range map[string]int{"/scenarios": 5, "/secrets": 5, "/keys": 4, "/scenarios/s0/versions": 5, "/connectors": len(connectors.Catalogue.IDs()), "/connections": 0} {
		seen := map[string]bool{}
		for next, pages := "", 0; ; pages++ {
			a := h.want(200, "GET", path+"?limit=2&cursor="+next, "")
			items := a.body["items"].([]any)
			for _, item := range items {
				seen[fmt.Sprint(item)] = true
			}
			if a.body["next_cursor"] == nil {
				break
			}
			if next = a.body["next_cursor"].(string); len(items) != 2 || pages > total {
				t.Fatalf("%s: page %d has %d items", path, pages, len(items))
			}
		}
		if len(seen) != total {
			t.Errorf("%s: %d items on all pages, not %d", path, len(seen), total)
		}
		for _, query := range []string{"?cursor=x", "?cursor=aXRlbSBub3doZXJl", "?limit=0", "?limit=501", "?limit=ten"} {
			h.want(422, "GET", path+query, "")
		}
	}
}
