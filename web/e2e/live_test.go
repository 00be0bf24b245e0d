package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSignInAndWatch drives the real program: the first account, signing in, a sample event, and its run watched until
// it ends, without a reload.
func TestSignInAndWatch(t *testing.T) {
	b := start(t, false)
	url, key := program(t)
	b.base = url
	ask(t, key, "POST", url+"/api/v1/connections", `{"slug": "intercom", "connector": "intercom", "sandbox": true}`)
	ask(t, key, "POST", url+"/api/v1/connections", `{"slug": "slack", "connector": "slack", "sandbox": true}`)
	ask(t, key, "POST", url+"/api/v1/scenarios", `{"slug": "watched", "definition": {"stepmill": 1, "name": "Watched", "trigger": {"uses": "intercom.event", "connection": "intercom", "sample": {"id": "n1", "topic": "ping"}},
		"steps": [{"id": "pause", "name": "A moment", "wait": {"for": "2s"}}, {"id": "tell", "name": "Tell them", "uses": "slack.send_message", "connection": "slack", "with": {"channel": "#x", "text": "hello {{ trigger.id }}"}}]}}`)
	ask(t, key, "POST", url+"/api/v1/scenarios/watched/publish", `{}`)

	b.open("/scenarios")
	b.until(`location.pathname === "/login" && document.querySelector("input[name=name]")`)
	b.fill(map[string]string{"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"})
	b.until(`location.pathname === "/scenarios"`)
	b.open("/connections") // where no feed is open, whose end would be an error in the console
	b.eval(`fetch("/logout", {method: "POST"}).then(() => location.assign("/scenarios")) && ""`)
	b.until(`location.pathname === "/login" && !document.querySelector("input[name=name]")`)
	b.fill(map[string]string{"email": "ada@example.com", "password": "correct horse battery"})
	b.until(`location.pathname === "/scenarios" && document.querySelector("form[action='/scenarios/watched/sample']")`)

	b.eval(`document.querySelector("form[action='/scenarios/watched/sample']").requestSubmit() ?? ""`)
	b.until(`location.pathname.startsWith("/runs/") && document.readyState !== "loading" && document.querySelector("[data-status]")`)
	b.eval(`(window.unloaded = "never") && ""`) // gone after a reload
	// what the list beside the run says at the moment at which its header changes
	b.eval(`new MutationObserver(() => { window.beside = document.querySelector("#siblings [aria-current] [data-word]").textContent; }).observe(document.querySelector("[data-status]"), {attributes: true, attributeFilter: ["data-status"]}) ?? ""`)
	b.until(`document.querySelector("[data-key=pause]").dataset.state === "waiting"`)
	b.until(`document.querySelector("[data-key=tell]").dataset.state === "succeeded"`)
	b.until(`document.querySelector("[data-status]").dataset.status === "succeeded"`)
	if got := b.eval(`window.unloaded`); got != "never" {
		t.Errorf("the page was loaded again: %s", got)
	}
	if got := b.eval(`window.beside`); got != "Succeeded" {
		t.Errorf("the list beside the run says %s", got)
	}
	ask(t, key, "POST", url+"/api/v1/scenarios/watched/test", `{}`) // another run, of which this page hears by the list's feed
	b.until(`document.querySelectorAll("#siblings [data-id]").length === 2`)
	b.open("/outbox")
	b.until(`document.body.textContent.includes("slack.com/api/chat.postMessage") && document.body.textContent.includes("hello n1")`)
	b.clean("the real program")
}

// fill types into the fields of the page's form and sends it.
func (b *browser) fill(fields map[string]string) {
	b.t.Helper()
	for id, text := range fields {
		b.eval(fmt.Sprintf(`(document.getElementById(%q).value = %q)`, id, text))
	}
	b.eval(`document.getElementById("password").form.requestSubmit() ?? ""`)
}

// program builds and starts the real server on a fresh directory; more are further flags.
func program(t *testing.T, more ...string) (url, key string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "stepmill")
	build := exec.Command("go", "build", "-o", path, "./cmd/stepmill")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data := filepath.Join(dir, "data")
	made, err := exec.Command(path, "keys", "create", "--data", data, "--name", "e2e", "--role", "admin").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--log-level", "error"}, more...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			go io.Copy(io.Discard, out)
			return at, strings.TrimSpace(string(made))
		}
	}
	t.Fatal("the server did not start")
	return "", ""
}

func ask(t *testing.T, key, method, url, body string) []byte {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode > 299 {
		t.Fatal(fmt.Sprint(resp.StatusCode, " ", string(text), err))
	}
	return text
}
