// Package e2e looks at every screen with a real browser. It is a module of its own, so that the product needs no browser
// to build.
package e2e

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/stepmill/stepmill/web/e2e/gallery"
)

const running = "/runs/01957284-7c1e-7d2a-9b3c-5f1e2a3b4c5d"

// browser is a page with what went wrong in it.
type browser struct {
	t     *testing.T
	ctx   context.Context
	base  string
	mu    sync.Mutex
	bad   []string
	heard *browser // to which the complaints come; in a part of a test that of the whole
}

func start(t *testing.T, play bool) *browser {
	t.Helper()
	return startWith(t, gallery.Options{Now: time.Now, Play: play, Pace: 30 * time.Millisecond})
}

func startWith(t *testing.T, shown gallery.Options) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed; STEPMILL_REQUIRE_ALL=1 makes this a failure")
	}
	server := httptest.NewServer(gallery.New(shown))
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1440, 900))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancelAlloc)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{t: t, base: server.URL}
	b.heard = b
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	limited, stop := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stop)
	b.ctx = limited
	err = chromedp.Listen(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			b.bad = append(b.bad, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError {
				b.bad = append(b.bad, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	note := page.AddScriptToEvaluateOnNewDocumentParams{Source: noteStates}
	if _, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (page.AddScriptToEvaluateOnNewDocumentResult, error) {
		return cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, note)
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// noteStates keeps every state that a step has been shown in, by its key: some last for a moment only.
const noteStates = `window.seen = {}; new MutationObserver((list) => { for (const m of list) { const d = m.target.dataset; if (d && d.key) (window.seen[d.key] ??= []).push(m.oldValue, d.state); } })
	.observe(document, {subtree: true, attributes: true, attributeOldValue: true, attributeFilter: ["data-state"]});`

func (b *browser) open(path string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(b.base+path)); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for an expression to be true.
func (b *browser) until(expression string) {
	b.t.Helper()
	script := fmt.Sprintf(`new Promise((done) => { let n = 0; const ask = () => { let ok = false; try { ok = Boolean(%s); } catch {} if (ok) done(true); else if (++n > 600) done(false); else setTimeout(ask, 25); }; ask(); })`, expression)
	ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	for range 10 { // a page that is just being left takes its promises along
		if err == nil || !strings.Contains(err.Error(), "navigated or closed") {
			break
		}
		ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	if !ok {
		b.t.Fatalf("this did not come true: %s", expression)
	}
}

func (b *browser) eval(expression string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// clean fails the test when the page complained, as of something that the content policy forbids.
func (b *browser) clean(where string) {
	b.t.Helper()
	heard := b.heard
	heard.mu.Lock()
	defer heard.mu.Unlock()
	for _, text := range heard.bad {
		b.t.Errorf("%s: %s", where, text)
	}
	heard.bad = nil
}

func TestEveryScreenLoadsWithoutAComplaint(t *testing.T) {
	b := start(t, false)
	for _, path := range []string{"/scenarios", "/scenarios/new", "/scenarios/lead-routing", "/scenarios/nightly-export", "/scenarios/lead-routing/runs", "/runs", running,
		"/runs/01957500-loop", "/connections", "/unlinked", "/connections/new", "/connections/new?q=none", "/connections/new?connector=intercom", "/connections/new?connector=jira", "/connections/jira", "/connections/slack/values", "/looking", "/oauth/callback", "/outbox", "/inbox", "/inbox/1", "/triggers", "/triggers?q=none", "/secrets", "/unproven", "/secrets/new", "/secrets/intercom", "/docs/webhooks", "/docs/webhooks/stripe", "/login", "/setup", "/empty", "/forms/bug", "/chat/help"} {
		b.open(path)
		b.until(`document.readyState === "complete" && document.fonts.status === "loaded"`)
		if wide := b.eval(`document.documentElement.scrollWidth > innerWidth`); wide != "false" {
			t.Errorf("%s is wider than the window", path)
		}
		b.clean(path)
	}
}

func TestPhone(t *testing.T) {
	b := start(t, false)
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(360, 780, chromedp.EmulateMobile)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/scenarios", "/scenarios/lead-routing", "/runs", running, "/connections", "/connections/new", "/connections/new?connector=jira", "/connections/jira", "/connections/hubspot", "/connections/slack/values", "/oauth/callback", "/outbox", "/inbox", "/triggers", "/secrets", "/secrets/new", "/secrets/intercom", "/login", "/forms/bug", "/chat/help"} {
		b.open(path)
		b.until(`document.readyState === "complete"`)
		if wide := b.eval(`document.documentElement.scrollWidth`); wide != "360" {
			t.Errorf("%s is %s wide on a phone of 360", path, wide)
		}
		b.clean(path)
	}
}

// The notices and the problems of a draft are both seen, and a phone says at the top how many there are.
func TestProblemsAreSeen(t *testing.T) {
	b := start(t, false)
	for _, width := range []int{1440, 900, 390} {
		if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(int64(width), 844)); err != nil {
			t.Fatal(err)
		}
		b.open("/scenarios/nightly-export?done=saved")
		b.until(`document.querySelector(".code-host").shadowRoot && document.querySelector("[data-toast]")`)
		apart := b.eval(`(() => { const t = document.querySelector("[data-toast]").getBoundingClientRect(), p = document.querySelector(".problems").getBoundingClientRect();
			return p.height > 0 && (t.bottom <= p.top || t.top >= p.bottom || t.right <= p.left); })()`)
		if apart != "true" {
			t.Errorf("at %d the notice stands over the problems", width)
		}
		if got := b.eval(`document.querySelector("[data-issues]").innerText.trim()`); !strings.HasPrefix(got, b.eval(`document.querySelectorAll("[data-problems] li").length`)) {
			t.Errorf("at %d the top says %q", width, got)
		}
		if wide := b.eval(`document.documentElement.scrollWidth`); wide != fmt.Sprint(width) {
			t.Errorf("the editor is %s wide, not %d", wide, width)
		}
	}
	b.clean("the editor")
}

// The server breaks the socket after every second entry, and the run is shown whole all the same.
func TestRunLightsUpThoughTheSocketDrops(t *testing.T) {
	b := start(t, true)
	b.open(running)
	b.until(`window.seen["size.post"].includes("running")`)
	b.until(`document.querySelector("[data-status]").dataset.status === "succeeded"`)
	for key, want := range map[string]string{"contact": "succeeded", "size": "succeeded", "size.opportunity": "succeeded", "size.post": "succeeded", "track": "succeeded", "size.row": "skipped", "size.pause": "skipped"} {
		if got := b.eval(`document.querySelector('[data-key="` + key + `"]').dataset.state`); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	if lines := b.eval(`document.querySelectorAll(".log li").length`); lines != fmt.Sprint(gallery.Entries()) {
		t.Errorf("the log has %s lines, want %d", lines, gallery.Entries())
	}
	if got := b.eval(`document.querySelector("[data-live]").dataset.state`); got != "done" {
		t.Errorf("the feed is %s", got)
	}
	b.clean("run")
}

func TestCanvasByKeyboardAndPanel(t *testing.T) {
	b := start(t, false)
	b.open("/runs/01957281-7c1e-7d2a-9b3c-5f1e2a3b4c5d")
	b.until(`document.querySelector("#panel h2").textContent === "Post to #enterprise"`)
	if text := b.eval(`document.querySelector("#panel .alert").textContent`); !strings.Contains(text, "channel_not_found") {
		t.Errorf("the failed step does not say what the vendor said: %s", text)
	}
	b.eval(`document.querySelector('[data-key="contact"]').focus()`)
	press := func(key string) {
		b.eval(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "` + key + `", bubbles: true}))`)
	}
	for _, step := range []struct{ key, want string }{{"ArrowDown", "size"}, {"ArrowDown", "size.row"}, {"ArrowLeft", "size.opportunity"}, {"ArrowDown", "size.post"}, {"ArrowUp", "size.opportunity"}} {
		press(step.key)
		if got := b.eval(`document.activeElement.dataset.key`); got != step.want {
			t.Errorf("%s leads to %s, want %s", step.key, got, step.want)
		}
	}
	b.eval(`document.activeElement.click()`)
	b.until(`document.querySelector("#panel h2").textContent === "Create opportunity"`)
	b.eval(`document.querySelector('[data-tab="tries"]').click()`)
	b.until(`document.querySelectorAll("#panel .tries li").length === 2`)
	b.eval(`document.querySelector('[data-tab="http"]').click()`)
	b.until(`document.querySelector("#panel .body").textContent.includes("503")`)
	b.clean("run")
}

func TestEditorChecksSavesAndMindsOthers(t *testing.T) {
	b := start(t, false)
	b.open("/scenarios/lead-routing")
	b.until(`document.querySelector(".code-host").shadowRoot.querySelector(".cm-content")`)
	if n := b.eval(`document.querySelectorAll("[data-problems] li").length`); n != "0" {
		t.Errorf("a good scenario has %s problems", n)
	}
	// typed into the editor as a person does
	b.eval(`(() => { const root = document.querySelector(".code-host").shadowRoot; root.querySelector(".cm-content").focus(); })()`)
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent("x")); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelectorAll("[data-problems] li").length > 0`)
	b.until(`document.querySelector(".code-host").shadowRoot.querySelector(".cm-lint-marker-error")`)
	off := b.eval(`(() => { const root = document.querySelector(".code-host").shadowRoot, middle = (e) => { const b = e.getBoundingClientRect(); return (b.top + b.bottom) / 2; };
		return Math.abs(middle(root.querySelector(".cm-lint-marker")) - middle(root.querySelector(".cm-lineNumbers .cm-activeLineGutter"))) < 1; })()`)
	if off != "true" {
		t.Error("the mark does not stand beside its line")
	}
	if got := b.eval(`document.querySelector("[data-saved]").textContent`); got != "not saved" {
		t.Errorf("the page says %q", got)
	}
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent("\b")); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelectorAll("[data-problems] li").length === 0`)
	b.eval(`document.querySelector("[data-save]").click()`)
	b.until(`document.querySelector("[data-revision]").textContent === "13"`)
	b.eval(`document.querySelector('[data-key="size.post"]').click()`)
	b.until(`document.querySelector(".code-host").shadowRoot.querySelector(".cm-activeLine").textContent.includes('"post"')`)
	b.clean("editor")
}

// The page shows the beginning of a body, with line breaks of its own; what is copied is the body.
func TestBodyIsCopiedAsItCame(t *testing.T) {
	b := start(t, false)
	b.open("/inbox/1")
	b.until(`document.querySelector("[data-copy-file]")`)
	b.eval(`Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => { window.copied = text; }}}) && ""`)
	b.eval(`document.querySelector("[data-copy-file]").click()`)
	b.until(`window.copied !== undefined`)
	if ok := b.eval(`window.copied === "\ufeff{\r\n\"topic\": \"contact.lead.signed_up\"}\r" + " ".repeat(70000)`); ok != "true" {
		t.Errorf("copied was %s", b.eval(`JSON.stringify(window.copied.slice(0, 80)) + window.copied.length`))
	}
	b.clean("the event")
}

func TestThemeStays(t *testing.T) {
	b := start(t, false)
	b.open("/runs")
	b.until(`document.readyState === "complete"`)
	for _, want := range []string{"light", "dark"} {
		b.eval(`document.querySelector("[data-theme-next]").click()`)
		if got := b.eval(`document.documentElement.dataset.theme`); got != want {
			t.Errorf("the theme is %s, want %s", got, want)
		}
	}
	b.open("/connections")
	if got := b.eval(`document.documentElement.dataset.theme`); got != "dark" {
		t.Errorf("on the next page the theme is %s", got)
	}
	b.clean("theme")
}

func TestListFiltersAtOnce(t *testing.T) {
	b := start(t, false)
	b.open("/runs")
	b.until(`document.querySelectorAll("[data-rows] tr").length > 5`)
	b.eval(`(() => { const s = document.querySelector("select[name=status]"); s.value = "failed"; s.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	b.until(`document.querySelectorAll("[data-rows] tr").length === 1`)
	if got := b.eval(`location.search`); got != "?status=failed" {
		t.Errorf("the address is %s", got)
	}
	b.eval(`(() => { const s = document.querySelector("input[name=q]"); s.value = "nobody"; s.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	b.until(`document.querySelector(".empty h2").textContent === "No run fits"`)
	b.eval(`(() => { const s = document.querySelector("input[name=q]"); s.value = ""; s.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	b.until(`document.querySelectorAll("[data-rows] tr").length === 1`)
	b.clean("list")
}

// Names that are as long as they may be, and that nothing breaks, push nothing out of its card or out of the window.
func TestLongNames(t *testing.T) {
	b := startWith(t, gallery.Options{Now: time.Now, Long: true})
	for _, width := range []int64{1280, 760, 390} {
		if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 844)); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/connections", "/connections/slack", "/connections/jira", "/connections/hubspot", "/connections/slack/values", "/scenarios", "/scenarios/lead-routing", "/scenarios/lead-routing/runs", "/runs", running, "/inbox", "/inbox/1", "/triggers", "/secrets", "/secrets/intercom", "/outbox"} {
			b.open(path)
			b.until(`document.readyState === "complete" && document.fonts.status === "loaded"`)
			if wide := b.eval(`document.documentElement.scrollWidth`); wide != fmt.Sprint(width) {
				t.Errorf("%s is %s wide, not %d", path, wide, width)
			}
			if out := b.eval(outside); out != "" {
				t.Errorf("at %d %s has things that nobody sees whole: %s", width, path, out)
			}
		}
	}
}

// outside names the states, buttons and names that stand out of their card, or are cut off to nothing.
const outside = `(() => { const out = [];
	for (const e of document.querySelectorAll("main :is(.pill, .btn, h2, .main, .what)")) {
		const r = e.getBoundingClientRect(), card = e.closest(".card, tr, main").getBoundingClientRect();
		if (!e.checkVisibility() || e.closest("details:not([open]), .canvas, .unseen, [data-canvas]")) continue;
		if (r.width < 8 || r.right > Math.min(card.right, innerWidth) + 1 || r.left < Math.max(card.left, 0) - 1 || e.matches(".pill, .btn") && e.scrollWidth > e.clientWidth + 1) out.push(e.tagName + "." + e.className + " " + Math.round(r.left) + "–" + Math.round(r.right) + " of " + Math.round(card.right) + " " + e.scrollWidth + "/" + e.clientWidth + " " + e.innerText.slice(0, 20));
	}
	for (const e of document.querySelectorAll("main, main .card")) if (e.checkVisibility() && e.scrollWidth > e.clientWidth + 1) out.push(e.tagName + "." + e.className + " holds " + e.scrollWidth + " in " + e.clientWidth);
	return out.join("; ");
})()`
