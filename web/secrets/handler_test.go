package secrets

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

var start = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

// shelf keeps secrets in memory.
type shelf struct {
	list []run.SecretInfo
	did  []string // what was done, with the values that went in
}

func (s *shelf) Secrets(context.Context, run.Actor) ([]run.SecretInfo, error) { return s.list, nil }

func (s *shelf) CreateSecret(_ context.Context, _ run.Actor, slug string, v run.Secret) (run.SecretInfo, error) {
	if slices.ContainsFunc(s.list, func(i run.SecretInfo) bool { return i.Slug == slug }) {
		return run.SecretInfo{}, fault.New(fault.Conflict, "The slug is taken.")
	}
	s.did = append(s.did, "made "+slug+" "+v.Reveal())
	return run.SecretInfo{ID: "made", Slug: slug}, nil
}

func (s *shelf) ReplaceSecret(_ context.Context, _ run.Actor, slug string, v run.Secret) (run.SecretInfo, error) {
	s.did = append(s.did, "replaced "+slug+" "+v.Reveal())
	return run.SecretInfo{Slug: slug}, nil
}

func (s *shelf) DeleteSecret(_ context.Context, _ run.Actor, slug string) error {
	s.did = append(s.did, "deleted "+slug)
	return nil
}

// One names stripe in its draft and in what runs, two shop in its draft only, three shop in what runs only.
func (s *shelf) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{{ID: "1", Slug: "one", Name: "One", Version: 3, Draft: verify("stripe")}, {ID: "2", Slug: "two", Name: "Two", Draft: verify("shop")},
		{ID: "3", Slug: "three", Name: "Three", Version: 1, Dirty: true, Draft: verify("stripe")}, {ID: "4", Slug: "broken", Name: "Broken", Draft: []byte("{")}}, nil
}

func (s *shelf) Version(context.Context, run.Actor, string, int) (scenario.Version, error) {
	return scenario.Version{Definition: verify("other")}, nil
}

func verify(slug string) []byte {
	return []byte(`{"stepmill":1,"name":"S","trigger":{"uses":"webhook","with":{"verify":{"preset":"stripe","secret":"` + slug + `"}}},"steps":[]}`)
}

func handler(s *shelf) *Handler {
	return &Handler{Store: s, Uses: func(doc *scenario.Document, slug string) bool {
		return doc.AllTriggers()[0].With["verify"].(map[string]any)["secret"] == slug
	}, Actor: func(*http.Request) run.Actor { return run.Actor{Role: run.Admin} }, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }, Now: func() time.Time { return start }}
}

func stocked() *shelf {
	return &shelf{list: []run.SecretInfo{{ID: "s1", Slug: "new", CreatedAt: start.Add(-time.Hour), UpdatedAt: start.Add(-time.Hour)}, {ID: "s2", Slug: "other", CreatedAt: start, UpdatedAt: start},
		{ID: "s3", Slug: "shop", CreatedAt: start.Add(-48 * time.Hour), UpdatedAt: start.Add(-time.Minute)}, {ID: "s4", Slug: "stripe", CreatedAt: start, UpdatedAt: start}}}
}

func send(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request, slug string) *httptest.ResponseRecorder {
	t.Helper()
	r.SetPathValue("secret", slug)
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func get(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }

func TestPages(t *testing.T) {
	h := handler(stocked())
	uitest.Compare(t, "list", send(t, h.List, get("/secrets"), "").Body.String())
	uitest.Compare(t, "list-empty", send(t, handler(&shelf{}).List, get("/secrets"), "").Body.String())
	uitest.Compare(t, "form", send(t, h.New, get("/secrets/new?slug=stripe-orders"), "").Body.String())
	uitest.Compare(t, "one", send(t, h.Show, get("/secrets/stripe?done=made"), "stripe").Body.String())
	r := get("/secrets")
	r.Header.Set("X-Fragment", "list")
	if part := send(t, h.List, r, "").Body.String(); strings.Contains(part, "<html") || !strings.Contains(part, `href="/secrets/s1"`) {
		t.Errorf("the part is %s", part)
	}
	if page := send(t, h.Show, get("/secrets/shop"), "shop").Body.String(); !strings.Contains(page, "in its draft") {
		t.Error("of a draft it is not said that it is one")
	}
	if page := send(t, h.Show, get("/secrets/s1"), "s1").Body.String(); !strings.Contains(page, "<h1>new</h1>") || !strings.Contains(page, "None yet.") {
		t.Error("a secret called new has no page")
	}
	if err := h.Show(httptest.NewRecorder(), get("/secrets/none")); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("what is not there gives %v", err)
	}
}

// TestWhoOnlyLooks sees which there are and is offered nothing that they may not do.
func TestWhoOnlyLooks(t *testing.T) {
	h := handler(stocked())
	h.Actor = func(*http.Request) run.Actor { return run.Actor{Role: run.Editor} }
	for _, page := range []string{send(t, h.List, get("/secrets"), "").Body.String(), send(t, h.Show, get("/secrets/stripe"), "stripe").Body.String()} {
		_, main, _ := strings.Cut(page, "<main")
		if strings.Contains(main, `method="post" action="/secrets`) || strings.Contains(page, "/secrets/new") {
			t.Error("it has what only who administers may do")
		}
	}
}

func TestCreate(t *testing.T) {
	for _, c := range []struct{ name, slug, value, wrong, did string }{
		{"all that is needed", "shopify", "  abc\r\ndef\n", "", "made shopify abc\ndef"},
		{"no value", "shopify", " \n", "A value is needed.", ""},
		{"a slug with capitals", "Shop", "sesame", "A slug is small letters", ""},
		{"a slug that is taken", "stripe", "sesame", "There is a secret of this slug already", ""},
		{"too long", "shopify", strings.Repeat("x", 64<<10+1), "at most 64 kB", ""},
	} {
		s := stocked()
		got := send(t, handler(s).Create, uitest.Form("/secrets", "slug", c.slug, "value", c.value), "")
		if c.wrong == "" {
			if got.Header().Get("Location") != "/secrets/shopify?done=made" || !slices.Equal(s.did, []string{c.did}) {
				t.Errorf("%s: status %d, it did %q", c.name, got.Code, s.did)
			}
			continue
		}
		if body := got.Body.String(); got.Code != 422 || !strings.Contains(body, c.wrong) || !strings.Contains(body, `value="`+c.slug+`"`) || strings.Contains(body, "sesame") || len(s.did) > 0 {
			t.Errorf("%s: status %d, it did %q", c.name, got.Code, s.did)
		}
	}
}

func TestReplace(t *testing.T) {
	s := stocked()
	h := handler(s)
	if got := send(t, h.Replace, uitest.Form("/secrets/stripe", "value", " whsec_2 "), "stripe"); got.Header().Get("Location") != "/secrets/stripe?done=replaced" || !slices.Equal(s.did, []string{"replaced stripe whsec_2"}) {
		t.Errorf("status %d, it did %q", got.Code, s.did)
	}
	if got := send(t, h.Replace, uitest.Form("/secrets/stripe", "value", ""), "stripe"); got.Code != 422 || !strings.Contains(got.Body.String(), "A value is needed.") || len(s.did) != 1 {
		t.Errorf("nothing is answered %d", got.Code)
	}
}

// TestDelete: what published scenarios need goes only after that was asked about.
func TestDelete(t *testing.T) {
	for _, c := range []struct {
		slug, force string
		gone        bool
	}{{"new", "", true}, {"shop", "", true}, {"stripe", "", false}, {"stripe", "1", true}, {"other", "", false}} {
		s := stocked()
		got := send(t, handler(s).Delete, uitest.Form("/secrets/x/delete", "force", c.force), c.slug)
		if gone := len(s.did) == 1; gone != c.gone || gone && (got.Header().Get("Location") != "/secrets?done=deleted" || s.did[0] != "deleted "+c.slug) {
			t.Errorf("%s with force %q: status %d, it did %q", c.slug, c.force, got.Code, s.did)
		}
		if !c.gone {
			if body := got.Body.String(); got.Code != http.StatusConflict || !strings.Contains(body, "1 published scenario verifies") || !strings.Contains(body, `name="force" value="1"`) {
				t.Errorf("%s: status %d", c.slug, got.Code)
			}
		}
	}
}
