package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSignInAtVendors is the story of three vendors in the browser: a person looks for the app, fills its form in, is led to
// the vendor, denies, allows, comes back signed in; access is revoked, a run waits, the list has one button for it, the person
// signs in again, and the run goes on by itself.
func TestSignInAtVendors(t *testing.T) {
	b := start(t, false)
	base, key := program(t, "--egress-allow", "127.0.0.0/8")
	b.base = base
	b.open("/connections")
	b.until(`location.pathname === "/login" && document.querySelector("input[name=name]")`)
	b.fill(map[string]string{"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"})
	b.until(`location.pathname === "/connections" || location.pathname === "/scenarios"`)
	for _, v := range vendors() {
		t.Run(v.connector, func(t *testing.T) {
			within := b.in(t)
			story{within, v.start(t), key}.play()
			within.clean(v.connector)
		})
	}
}

type story struct {
	*browser
	v   *vendor
	key string
}

func (s story) play() {
	s.connect()
	s.deny()
	s.elsewhere()
	s.allow()
	s.work()
	s.revokeAndMend()
}

// connect looks for the app and fills its form in.
func (s story) connect() {
	s.open("/connections/new")
	s.until(`document.querySelectorAll(".pickapp a").length > 5`)
	s.eval(fmt.Sprintf(`(() => { const q = document.querySelector("input[name=q]"); q.value = %q; q.dispatchEvent(new Event("input", {bubbles: true})); })()`, s.v.connector))
	s.until(`document.querySelectorAll(".pickapp a").length === 1`)
	s.eval(`document.querySelector(".pickapp a").click() ?? ""`)
	s.until(`document.querySelector("form[action='/connections'] input[name=method]")`)
	s.eval(`[...document.querySelectorAll(".tabbar a")].find((a) => a.textContent.trim() === "OAuth app")?.click() ?? ""`)
	s.until(`document.querySelector("input[name=method]").value === "oauth" && document.querySelector("#redirect")`)
	if got := s.eval(`document.querySelector("#redirect").textContent`); got != s.base+"/oauth/callback" {
		s.t.Errorf("the redirect URL to register is %s", got)
	}
	fields := map[string]string{"slug": s.v.connector, "value.client_id": "the id", "base_url": s.v.URL, "value.authorize_url": s.v.site() + "/authorize", "value.token_url": s.v.URL + "/token"}
	for name, text := range s.v.fields {
		fields[name] = text
	}
	for name, text := range fields {
		s.eval(fmt.Sprintf(`(document.getElementById(%q).value = %q)`, name, text))
	}
	send := `document.querySelector("form[action='/connections']").requestSubmit() ?? ""`
	s.eval(send) // without the secret
	s.until(`document.getElementById("value.client_secret-hint")?.classList.contains("wrong")`)
	for name, text := range fields {
		if got := s.eval(fmt.Sprintf(`document.getElementById(%q).value`, name)); got != text {
			s.t.Errorf("of what was typed for %s there is left %q", name, got)
		}
	}
	s.forgive("/connections")
	s.eval(`(document.getElementById("value.client_secret").value = "the s&cret")`)
	s.eval(send)
	s.consent()
}

// consent waits for the vendor's page.
func (s story) consent() {
	s.t.Helper()
	s.until(fmt.Sprintf(`location.origin === %q && document.title === "Consent"`, s.v.site()))
}

func (s story) deny() {
	s.eval(`document.getElementById("deny").click() ?? ""`)
	s.until(`location.pathname === "/oauth/callback" && document.querySelector(".empty h2").textContent === "Nobody was signed in"`)
	text := s.eval(`document.querySelector(".empty p").textContent`)
	for _, want := range []string{"Access was denied at the vendor (" + s.v.denies.Get("error"), s.v.denies.Get("error_description"), "sign in again, and allow it there"} {
		if !strings.Contains(text, want) {
			s.t.Errorf("denied, the page says %q, without %q", text, want)
		}
	}
	s.forgive("/oauth/callback")
	s.eval(`document.querySelector("form[action='/connections/` + s.v.connector + `/sign-in'] button").click() ?? ""`)
	s.consent()
}

// elsewhere opens the address of the callback in a browser that did not begin the sign-in.
func (s story) elsewhere() {
	ctx, cancel := chromedp.NewContext(s.ctx, chromedp.WithNewBrowserContext())
	defer cancel()
	other := &browser{t: s.t, ctx: ctx, base: s.base}
	var state string
	s.v.do(func() { state = s.v.asked.Get("state") })
	other.open("/oauth/callback?" + url.Values{"code": {"stolen"}, "state": {state}}.Encode())
	if text := other.eval(`document.body.innerText`); !strings.Contains(text, "This sign-in was begun in another browser") || strings.Contains(strings.ToLower(text), s.v.connector) {
		s.t.Errorf("another browser is told %s", text)
	}
}

func (s story) allow() {
	s.eval(`document.getElementById("allow").click() ?? ""`)
	s.until(`location.pathname === "/connections/` + s.v.connector + `" && document.querySelector("[data-toast]")`)
	if got := s.eval(`document.querySelector("[data-toast]").innerText.trim()`); got != "Signed in as "+s.v.account+"." {
		s.t.Errorf("back, the page says %q", got)
	}
	if got := s.eval(`document.querySelector("#connection").innerText`); !strings.Contains(got, "Connected") || !strings.Contains(got, s.v.account) || !strings.Contains(got, s.v.scopes) {
		s.t.Errorf("signed in, the page shows %s", got)
	}
	if got := s.eval(`document.documentElement.outerHTML`); strings.Contains(got, "the s&amp;cret") {
		s.t.Error("the secret is in the page")
	}
}

// run starts a run and gives its id.
func (s story) run() string {
	s.t.Helper()
	var out struct{ Run string }
	if err := json.Unmarshal(ask(s.t, s.key, "POST", s.base+"/api/v1/scenarios/over-"+s.v.connector+"/test", `{"payload": {}}`), &out); err != nil {
		s.t.Fatal(err)
	}
	return out.Run
}

// work carries a call out over it.
func (s story) work() {
	slug := "over-" + s.v.connector
	ask(s.t, s.key, "POST", s.base+"/api/v1/scenarios", fmt.Sprintf(`{"slug": %q, "definition": {"stepmill": 1, "name": "Over it", "trigger": {"uses": "webhook"},
		"steps": [{"id": "do", "uses": %q, "connection": %q, "with": %s, "on_error": {"do": "park"}}]}}`, slug, s.v.uses, s.v.connector, s.v.with))
	ask(s.t, s.key, "POST", s.base+"/api/v1/scenarios/"+slug+"/publish", `{}`)
	s.open("/runs/" + s.run())
	s.until(`document.querySelector("[data-status]").dataset.status === "succeeded"`)
}

// revokeAndMend takes the access away at the vendor.
func (s story) revokeAndMend() {
	card := `document.querySelector("#connections h2 a[href='/connections/` + s.v.connector + `']").closest("article")`
	s.open("/connections")
	s.until(card + `.querySelector(".pill.ok")`)
	s.v.do(func() { s.v.revoked = true })
	run := s.run()
	s.until(card + `.querySelector(".pill.bad") && ` + card + `.innerText.includes("1 run waits")`) // by itself, without a reload
	if got := s.eval(`document.querySelector("#connections [role=alert]").innerText`); !strings.Contains(got, "1 connection needs you") || !strings.Contains(got, "1 run waits for it") {
		s.t.Errorf("the list's notice is %q", got)
	}
	if got := s.eval(`[...` + card + `.querySelectorAll("button, a.btn")].map((b) => b.firstElementChild.nextSibling.textContent.trim()).join()`); got != "Sign in again" {
		s.t.Errorf("the buttons of the broken connection are %s", got)
	}
	ctx, cancel := chromedp.NewContext(s.ctx)
	defer cancel()
	watcher := &browser{t: s.t, ctx: ctx, base: s.base}
	watcher.open("/runs/" + run)
	watcher.until(`document.querySelector("[data-status]").dataset.status === "incomplete"`)
	watcher.eval(`(window.unloaded = "never") && ""`)

	s.eval(card + `.querySelector("form[action$='/sign-in'] button").click() ?? ""`)
	s.consent()
	s.allow()
	watcher.until(`document.querySelector("[data-status]").dataset.status === "succeeded"`)
	if got := watcher.eval(`window.unloaded`); got != "never" {
		s.t.Errorf("the run's page was loaded again: %s", got)
	}
	s.open("/connections")
	s.until(card + `.querySelector(".pill.ok") && !document.querySelector("#connections [role=alert]") && !document.querySelector(".alarm")`)
	s.v.do(func() {
		if s.v.calls != 2 {
			s.t.Errorf("%d calls were carried out, not 2", s.v.calls)
		}
	})
}

// in is the browser for a part of a test.
func (b *browser) in(t *testing.T) *browser {
	return &browser{t: t, ctx: b.ctx, base: b.base, heard: b}
}

// forgive forgets the complaint about an answer that is no success, where it was to be one.
func (b *browser) forgive(path string) {
	heard := b.heard
	heard.mu.Lock()
	defer heard.mu.Unlock()
	heard.bad = slices.DeleteFunc(heard.bad, func(text string) bool {
		return strings.Contains(text, "the server responded with a status of 4") && strings.Contains(text, b.base+path)
	})
}
