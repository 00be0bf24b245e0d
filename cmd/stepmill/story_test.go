package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is the built binary, made once for the stories.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "stepmill-story-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "stepmill")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// stepmill runs the program and gives what it prints and its exit status.
func stepmill(t testing.TB, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !asExit(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func asExit(err error, into **exec.ExitError) bool {
	exit, ok := err.(*exec.ExitError)
	*into = exit
	return ok
}

// served is a running server.
type served struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string
	data string
	addr string
	key  string
}

// serve starts the real program on a data directory. A second start on the same directory takes the same address.
func serve(t testing.TB, data, addr string, more ...string) *served {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return started(t, exec.Command(path, servingAt(data, addr, more...)...), data)
}

func servingAt(data, addr string, more ...string) []string {
	return append([]string{"serve", "--data", data, "--addr", addr, "--egress-allow", "127.0.0.0/8", "--log-level", "error"}, more...)
}

// started starts a command that serves, and waits until it does.
func started(t testing.TB, cmd *exec.Cmd, data string) *served {
	t.Helper()
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, cmd: cmd, data: data}
	t.Cleanup(s.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			s.url, s.addr = url, strings.TrimPrefix(url, "http://")
			break
		}
	}
	if s.url == "" {
		t.Fatal("the server did not start")
	}
	go io.Copy(io.Discard, out)
	return s
}

func (s *served) kill() {
	if s.cmd.ProcessState == nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	}
}

// call asks the API and decodes the answer.
func (s *served) call(method, path, body string, want int, into any) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != want {
		s.t.Fatalf("%s %s answered %d, not %d: %s", method, path, resp.StatusCode, want, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			s.t.Fatalf("%s: %v", text, err)
		}
	}
}

// count gives the total of the runs of a scenario with a status.
func (s *served) count(slug, status string) int {
	var page struct{ Total int }
	s.call("GET", "/api/v1/runs?scenario="+slug+"&status="+status+"&limit=1", "", 200, &page)
	return page.Total
}

// publish makes a live scenario and gives its trigger URL.
func (s *served) publish(slug, definition string) string {
	s.t.Helper()
	var made struct{ Triggers []struct{ URL string } }
	s.call("POST", "/api/v1/scenarios", `{"slug": "`+slug+`", "definition": `+definition+`}`, 201, &made)
	s.call("POST", "/api/v1/scenarios/"+slug+"/publish", `{"note": ""}`, 200, nil)
	return made.Triggers[0].URL
}

func newKey(t testing.TB, data string) string {
	t.Helper()
	out, errs, status := stepmill(t, "keys", "create", "--data", data, "--name", "story", "--role", "admin")
	if status != 0 || !strings.HasPrefix(out, "smk_") {
		t.Fatalf("keys create: %d %s %s", status, out, errs)
	}
	return strings.TrimSpace(out)
}

// ledger is a receiver that remembers every idempotency key.
type ledger struct {
	*httptest.Server
	mu   sync.Mutex
	keys map[string]map[string]bool // by what the body says, the keys it came with
	all  int
}

func newLedger(t *testing.T) *ledger {
	l := &ledger{keys: map[string]map[string]bool{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ N json.Number }
		json.NewDecoder(r.Body).Decode(&body)
		l.mu.Lock()
		if l.keys[body.N.String()] == nil {
			l.keys[body.N.String()] = map[string]bool{}
		}
		l.keys[body.N.String()][r.Header.Get("Idempotency-Key")] = true
		l.all++
		l.mu.Unlock()
		io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *ledger) seen() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.keys)
}

// eventually asks until it holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("this never came: %s", what)
		}
	}
}

const postN = `[{"id": "post", "uses": "core.http_request", "with": {"method": "POST", "url": "%s/x", "json": {"n": "{{ trigger.body.n }}"}}}]`

// TestMainJob is the story of the main job: a key, a scenario, a thousand signed events, a thousand requests.
func TestMainJob(t *testing.T) {
	data := t.TempDir()
	sink := newLedger(t)
	key := newKey(t, data)
	s := serve(t, data, "127.0.0.1:0")
	s.key = key
	s.call("POST", "/api/v1/secrets", `{"slug": "hook", "value": "s3cret"}`, 201, nil)
	url := s.publish("w1", `{"stepmill": 1, "name": "W1", "trigger": {"uses": "webhook", "if": "trigger.body.n >= 0", "with": {"verify": {"preset": "hmac", "header": "X-Signature", "secret": "hook"}}}, "steps": `+fmt.Sprintf(postN, sink.URL)+`}`)
	send := func(n int, key, delivery string) (int, string) {
		body := fmt.Sprintf(`{"n": %d}`, n)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(body))
		req, err := http.NewRequest("POST", url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
		req.Header.Set("Idempotency-Key", delivery)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer resp.Body.Close()
		var answer struct{ Status, Run string }
		json.NewDecoder(resp.Body).Decode(&answer)
		return resp.StatusCode, answer.Status
	}
	if status, _ := send(0, "wrong", "d0"); status != 401 {
		t.Errorf("a wrong signature is answered %d", status)
	}
	var live struct {
		Items []struct {
			Error   string
			Refused []struct{ Status int }
		}
	}
	if s.call("GET", "/api/v1/triggers?scenario=w1", "", 200, &live); len(live.Items) != 1 || len(live.Items[0].Refused) != 1 || live.Items[0].Refused[0].Status != 401 || live.Items[0].Error == "" {
		t.Errorf("the trigger says nothing of the request that was refused: %+v", live)
	}
	var all sync.WaitGroup
	numbers := make(chan int, 1000)
	for n := range 1000 {
		numbers <- n
	}
	close(numbers)
	for range 16 {
		all.Go(func() {
			for n := range numbers {
				if status, said := send(n, "s3cret", "d"+strconv.Itoa(n)); status != 200 || said != "accepted" {
					t.Errorf("event %d is answered %d %s", n, status, said)
				}
			}
		})
	}
	all.Wait()
	if status, said := send(7, "s3cret", "d7"); status != 200 || said != "duplicate" {
		t.Errorf("the same delivery again is answered %d %s", status, said)
	}
	if status, _ := send(8, "s3cret", "d7"); status != 409 {
		t.Errorf("the same delivery with another body is answered %d", status)
	}
	if _, said := send(-1, "s3cret", "minus"); said != "filtered" {
		t.Errorf("an event that the trigger does not want is %s", said)
	}
	eventually(t, "a thousand runs succeed", func() bool { return s.count("w1", "succeeded") == 1000 })
	if sink.seen() != 1000 || sink.all != 1000 {
		t.Errorf("the receiver got %d requests for %d events", sink.all, sink.seen())
	}
	s.pauseAndResume("w1", send)
}

// pauseAndResume switches the scenario off: what comes in is held, and starts when it is switched on.
func (s *served) pauseAndResume(slug string, send func(int, string, string) (int, string)) {
	s.call("POST", "/api/v1/scenarios/"+slug+"/pause", "", 200, nil)
	if _, said := send(5000, "s3cret", "held"); said != "queued" {
		s.t.Errorf("an event of a paused scenario is %s", said)
	}
	s.call("POST", "/api/v1/scenarios/"+slug+"/resume", "", 200, nil)
	eventually(s.t, "the held event runs", func() bool { return s.count(slug, "succeeded") == 1001 })
}

// TestCommands tries the commands that need no server.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad := write("bad.json", "{\n  \"stepmill\": 1, \"name\": \"x\", \"trigger\": {\"uses\": \"form\"},\n  \"steps\": [{\"id\": \"a\", \"uses\": \"slack.nope\"}, {\"id\": \"l\", \"mask\": [\"/x\"], \"uses\": \"core.set\"}]\n}")
	stops := write("stops.json", `{"stepmill": 1, "name": "x", "steps": [{"id": "s", "stop": {"as": "failed", "message": "because"}}]}`)
	waits := write("waits.json", `{"stepmill": 1, "name": "x", "trigger": {"uses": "manual"}, "steps": [{"id": "w", "wait": {"for": "30d"}}, {"id": "s", "uses": "core.set", "with": {"values": {"v": "{{ vars.colour }}"}}}]}`)
	asks := write("asks.json", `{"stepmill": 1, "name": "x", "steps": [{"id": "a", "wait": {"approval": {"to": ["ada"]}}}, {"id": "c", "call": {"scenario": "sub"}}]}`)
	says := write("says.json", `{"stepmill": 1, "name": "x", "steps": [{"id": "a", "uses": "core.log", "with": {"message": "hello\nyou"}}]}`)
	maybe := write("maybe.json", `[{"decision": "maybe"}]`)
	yes := write("yes.json", `[{"decision": "approved", "path": "a"}]`)
	broken := write("broken.json", `{"decision": `)
	write("sub.json", "{\"stepmill\": 1,\n\"name\": \"x\", \"steps\": [{\"id\": \"a\", \"uses\": \"core.nope\"}]}")
	for _, c := range []struct {
		args   []string
		status int
		out    string
	}{
		{[]string{"run", asks, "--signal", filepath.Join(dir, "absent.json")}, 1, ""},
		{[]string{"run", asks, "--signal", maybe}, 1, ""},
		{[]string{"run", asks, "--signal", broken}, 1, ""},
		{[]string{"run", asks}, 1, "the run waits"},
		{[]string{"run", says}, 0, "\n  hello\n  you\n"},
		{[]string{"run", asks, "--signal", yes}, 1, "sub.json cannot be run: line 2: There is no action"},
		{[]string{"version"}, 0, "SQLite 3."},
		{[]string{"--help"}, 0, "keys create"},
		{[]string{"serve", "--help"}, 0, "$STEPMILL_DATA"},
		{[]string{"help"}, 0, "keys create"},
		{[]string{"help", "serve"}, 0, "$STEPMILL_DATA"},
		{[]string{"nonsense"}, 2, ""},
		{[]string{"run"}, 2, ""},
		{[]string{"run", filepath.Join(dir, "absent.json")}, 1, ""},
		{[]string{"validate", bad}, 1, bad + ":3:33: There is no action \"slack.nope\"."},
		{[]string{"validate", bad}, 1, `"/x" is no path`},
		{[]string{"run", stops, "--json"}, 1, `"message":"because"`},
		{[]string{"run", waits, "--skip-waits", "--var", "colour=red"}, 0, `output {"v":"red"}`},
		{[]string{"functions"}, 0, "\nDATES\nadd(date, amount, unit) → text"},
		{[]string{"functions", "add"}, 0, "add(date, amount, unit) → text\n\n  Later by an amount"},
		{[]string{"functions", "base64", "alphabet"}, 0, "gives \"hi?\""},
		{[]string{"functions", "--json", "upper"}, 0, `[{"name":"upper","group":"text","signature":"upper(text) → text","summary":"In capitals.","examples":[{"expr":"upper(\"abc\")","result":"\"ABC\""}]}]`},
		{[]string{"functions", "--json", "xyzzy"}, 0, "[]"},
		{[]string{"functions", "xyzzy"}, 1, ""},
		{[]string{"connectors", "list", "--json"}, 0, `"id":"google_sheets"`},
		{[]string{"connectors", "show", "slack"}, 0, "slack.send_message"},
		{[]string{"connectors", "show", "jira"}, 0, "  every  "},
		{[]string{"connectors", "show", "jira"}, 0, "  start  "},
		{[]string{"connectors", "show", "core"}, 0, "Not given: [\"4xx\",\"5xx\"]."},
		{[]string{"connectors", "show", "core"}, 0, "\n    by  "},
		{[]string{"connectors", "show", "core"}, 0, "One of link (The header Link, rel next), url"},
		{[]string{"connectors", "show", "core"}, 0, "  Output: {body, file, headers: object, items: list, more, status: number, unread: text}\n  As: {\n"},
		{[]string{"connectors", "show", "slack"}, 0, "\n  1. At api.slack.com/apps choose"},
		{[]string{"connectors", "show", "slack"}, 0, "  Scopes: chat:write channels:read"},
		{[]string{"connectors", "show", "slack"}, 0, "  Its event, as: {\n"},
		{[]string{"connectors", "show", "core", "--json"}, 0, `"members":[{"id":"by","label":"Goes on by","help":"What leads to the next part.","type":"select","required":true,"options":[{"value":"link","label":"The header Link, rel next"}`},
		{[]string{"connectors", "show", "core", "--json"}, 0, `"type":"texts","default":["4xx","5xx"]`},
		{[]string{"connectors", "show", "core", "--json"}, 0, `"output":{"kind":"object","fields":{"body":{},"file":{},"headers":{"kind":"object"}`},
		{[]string{"connectors", "show", "slack", "--json"}, 0, `"sample":{"channel":`},
		{[]string{"connectors", "show", "slak"}, 1, ""},
		{[]string{"connectors", "lint"}, 0, ""},
		{[]string{"serve", "--demo", "--addr", "0.0.0.0:0", "--data", dir}, 2, ""},
		{[]string{"keys", "create", "--data", dir, "--name", "x", "--role", "king"}, 2, ""},
		{[]string{"keys", "list", "--data", dir, "--json"}, 1, ""},
		{[]string{"keys", "create", "--data", dir, "--name", "x", "--role", "admin"}, 0, "smk_"},
		{[]string{"keys", "list", "--data", dir, "--json"}, 0, `"name":"x"`},
		{[]string{"serve", "--addr", "nonsense", "--data", dir}, 2, ""},
		{[]string{"serve", "--base-url", "nonsense", "--data", dir}, 2, ""},
		{[]string{"validate", "absent.json", bad}, 1, bad + ":3:33: There is no action \"slack.nope\"."},
	} {
		out, errs, status := stepmill(t, c.args...)
		if status != c.status || !strings.Contains(out, c.out) {
			t.Errorf("%v exits %d and prints %s%s", c.args, status, out, errs)
		}
		if status != 0 && len(errs)+len(out) == 0 {
			t.Errorf("%v says nothing", c.args)
		}
	}
}

// TestFilesWithoutEnd: a file on the command line is read as far as it may be long, whatever it is.
func TestFilesWithoutEnd(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ flag, text, says string }{
		"event.json":       {"--event", "{\"a\": \"\xff\"}", "is not UTF-8"},
		"connections.json": {"--connections", `{"slug": "crm"}`, "is not a list of connections: at byte 1 it is a JSON object. It is written as [{"},
		"method.json":      {"--connections", `[{"slug": "crm", "method": 7}]`, "its method is a JSON number"},
		"absent/x.json":    {"--event", "", "cannot be read: no such file or directory"},
	} {
		file := filepath.Join(dir, name)
		if c.text != "" {
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, said, code := stepmill(t, "run", "templates/conversation-to-slack.json", c.flag, file)
		if code != 1 || !strings.Contains(said, c.says) || !strings.Contains(said, file) {
			t.Errorf("%s ends with %d and says %q", name, code, said)
		}
	}
	for _, args := range [][]string{{"run", "/dev/zero"}, {"validate", "/dev/zero"}, {"run", "templates/conversation-to-slack.json", "--event", "/dev/zero"},
		{"run", "templates/conversation-to-slack.json", "--connections", "/dev/zero"}} {
		_, said, code := stepmill(t, args...)
		if code != 1 || !strings.Contains(said, "larger than") || !strings.Contains(said, "/dev/zero") {
			t.Errorf("%v ends with %d and says %q", args, code, said)
		}
	}
}
