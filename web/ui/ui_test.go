package ui_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

func TestAgo(t *testing.T) {
	now := time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		back time.Duration
		want string
	}{{2 * time.Second, "just now"}, {40 * time.Second, "40 s ago"}, {20 * time.Minute, "20 min ago"}, {5 * time.Hour, "5 h ago"}, {28 * time.Hour, "yesterday"},
		{12 * 24 * time.Hour, "12 days ago"}, {70 * 24 * time.Hour, "24 Dec 2025"}, {-2 * time.Hour, "in 2 h"}} {
		if got := ui.Ago(now.Add(-c.back), now); got != c.want {
			t.Errorf("%s back is %q, want %q", c.back, got, c.want)
		}
	}
	if got := ui.Ago(time.Time{}, now); got != "never" {
		t.Errorf("no time is %q", got)
	}
}

func TestTook(t *testing.T) {
	for ms, want := range map[int64]string{0: "0 ms", 999: "999 ms", 1270: "1.27 s", 4000: "4 s", 12_345: "12.3 s", 61_000: "1 min 1 s", 3_700_000: "1 h 1 min", 90_000_000: "1 d 1 h", -5: "0 ms"} {
		if got := ui.Took(time.Duration(ms) * time.Millisecond); got != want {
			t.Errorf("%d ms is %q, want %q", ms, got, want)
		}
	}
}

func TestAppsStyleSheetTakesNothingButColoursAndPictures(t *testing.T) {
	apps := ui.NewApps(func() []ui.App {
		return []ui.App{
			{ID: "slack", Name: "Slack", Color: "#611f69", Monogram: "S"},
			{ID: "evil", Name: "Evil", Color: "red;} body{display:none", Icon: `<svg xmlns="http://www.w3.org/2000/svg"/>`},
			{ID: "a{}", Name: "Bad id", Color: "#000000"},
		}
	})
	w := httptest.NewRecorder()
	apps.ServeHTTP(w, httptest.NewRequest("GET", apps.URL(), nil))
	css := w.Body.String()
	if !strings.Contains(css, ".tile.app-slack{--brand:#611f69;}") {
		t.Error("the colour of Slack is missing")
	}
	if strings.Contains(css, "display:none") || strings.Contains(css, "a{}") {
		t.Errorf("the sheet carries what a connector brought along: %s", css)
	}
	if !strings.Contains(css, `--mark:url("data:image/svg+xml;base64,`) {
		t.Error("the mark is missing")
	}
	if got := apps.Tile("slack"); got.Text != "S" || got.Class != "app-slack" {
		t.Errorf("the tile of Slack is %+v", got)
	}
	if got := apps.Tile("nobody"); got.Text != "N" {
		t.Errorf("the tile of an unknown app is %+v", got)
	}
}

func TestThemeOf(t *testing.T) {
	for cookie, want := range map[string]string{"dark": "dark", "light": "light", "system": "", "x\"": ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: ui.ThemeCookie, Value: cookie})
		if got := ui.ThemeOf(r); got != want {
			t.Errorf("cookie %q gives %q, want %q", cookie, got, want)
		}
	}
}

func TestViews(t *testing.T) {
	uitest.Golden(t, "failed", ui.Failed(ui.Chrome{User: "Ada Lovelace", Email: "ada@example.com", AppsCSS: "/static/apps.css?v=0", Theme: "dark"}, "Not here", "There is no run <b>1</b>."))
	uitest.Golden(t, "failed-signed-out", ui.Failed(ui.Chrome{}, "Not here", "There is no such page."))
	flow := ui.Flow{Triggers: []ui.Node{{Key: "trigger:trigger", Kind: "trigger", Title: "In", App: "Webhook", Tile: ui.Tile{Icon: "webhook"}}}, Steps: []ui.Node{
		{Key: "a", Kind: "router", Title: "</script><b>", App: "Router", Lists: []ui.NodeList{{ID: "x", Role: "branch", Label: "X", Hint: "a > 1", Steps: []ui.Node{{Key: "a.b", Kind: "uses", Title: "B", App: "Slack"}}}}}}}
	uitest.Golden(t, "canvas", ui.CanvasView(ui.Canvas{Label: "A drawing", Flow: flow, Selected: "a.b", Lights: ui.Lights{
		Nodes: map[string]ui.NodeState{"a": {State: "succeeded"}, "a.b": {State: "failed", Meta: "3 tries"}}, Branches: map[string]string{"a/x": "taken"}}}))
	uitest.Golden(t, "value", ui.ValueBox("v", "Output", map[string]any{"b": []any{1, "two", nil}, "a": map[string]any{}, "html": "<i>"}, true))
}
