package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Without scripts everything can be done all the same: links, forms, folds, and the way to the vendor.
func TestConnectionsWithoutScripts(t *testing.T) {
	b := start(t, false)
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, off)
	}); err != nil {
		t.Fatal(err)
	}
	click := func(selector string) {
		t.Helper()
		if err := chromedp.Do(b.ctx, chromedp.Click(selector)); err != nil {
			t.Fatalf("%s: %v", selector, err)
		}
	}
	at := func(path, has string) {
		t.Helper()
		where := func() string {
			got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname + location.search`))
			if err != nil { // between two pages
				return ""
			}
			return got
		}
		for until := time.Now().Add(10 * time.Second); where() != path && time.Now().Before(until); { // the page before may show the same
			time.Sleep(20 * time.Millisecond)
		}
		if err := chromedp.Do(b.ctx, chromedp.WaitVisible(has)); err != nil {
			t.Fatalf("%s: %v", has, err)
		}
		if got := where(); got != path {
			t.Errorf("the page is %s, not %s", got, path)
		}
	}
	b.open("/connections")
	if b.eval(`document.querySelector("[data-theme-word]").textContent`) != "Theme" {
		t.Fatal("scripts run")
	}
	click(`a[href="/connections/jira"]`)
	at("/connections/jira", ".conn-page")
	click(`.danger summary`)
	at("/connections/jira", `form[action="/connections/jira/delete"] button`)
	click(`form[action="/connections/jira/sign-in"] button`)
	at("/vendor?of=jira", ".empty") // the page between has gone on by itself
	b.forgive("/vendor")
	b.open("/connections/new")
	if err := chromedp.Do(b.ctx, chromedp.SendKeys(`input[name=q]`, "crm sales"+kb.Enter)); err != nil {
		t.Fatal(err)
	}
	at("/connections/new?q=crm+sales", ".pickapp")
	click(`.pickapp a`)
	at("/connections/new?connector=salesforce", "form.card")
	click(`.formacts button`)
	at("/connections", ".wrong")
	b.forgive("/connections")
	b.open("/connections/slack")
	click(`form[action="/connections/slack/test"] button`)
	at("/connections/slack/test", ".conn-page .alert")
	if got := b.eval(`document.querySelector(".conn-page .alert").textContent`); !strings.Contains(got, "token_revoked") {
		t.Errorf("the test's answer is %s", got)
	}
	b.clean("without scripts")
}

// By keyboard the list is gone through card by card, and what has the focus keeps it while the page refreshes itself.
func TestConnectionsByKeyboard(t *testing.T) {
	b := start(t, false)
	b.open("/connections")
	b.until(`document.querySelectorAll("#connections article").length > 5`)
	b.eval(`document.querySelector(".topbar .right a").focus()`)
	for _, want := range []string{"/connections/jira", "/connections/jira/sign-in", "/scenarios/intercom-escalations", "/connections/salesforce", "/connections/salesforce/values"} {
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
		if got := b.eval(`new URL(document.activeElement.href ?? document.activeElement.form.action).pathname`); got != want {
			t.Errorf("the next stop is %s, not %s", got, want)
		}
	}
	b.open("/connections/jira")
	b.until(`document.querySelector(".standing time")`)
	b.eval(`document.querySelector("form[action$='/pause'] button").focus()`)
	b.eval(`(document.getElementById("connection").addEventListener("listed", () => { window.listed = true; }), document.dispatchEvent(new Event("visibilitychange")), "")`)
	b.until(`window.listed`)
	if got := b.eval(`document.activeElement.textContent.trim()`); got != "Pause" {
		t.Errorf("after the page refreshed itself the focus is at %q", got)
	}
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	b.until(`location.pathname === "/connections/jira" && document.querySelector("[data-toast]")?.innerText.includes("paused")`)
	b.clean("by keyboard")
}
