package rigs

import (
	"bufio"
	"bytes"
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

	"github.com/stepmill/stepmill/engine/failpoint"
)

// work is where the built programs and the prepared data directory are.
var work = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "stepmill-rigs-") })

func TestMain(m *testing.M) {
	status := m.Run()
	if dir, err := work(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(status)
}

// long says that the long form is asked for.
func long() bool { return os.Getenv("STEPMILL_RIGS") == "long" }

// times is how often a rig does what it does. A variable of the environment goes before both forms.
func times(variable string, short, inLong int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	if long() {
		return inLong
	}
	return short
}

func buildProgram(name string, flags ...string) (string, error) {
	dir, err := work()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	args := append(append([]string{"build", "-o", path}, flags...), "..")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}

// The program as it is released; with failpoints; and what stands between it and the C library.
var (
	released = sync.OnceValues(func() (string, error) { return buildProgram("stepmill") })
	pointed  = sync.OnceValues(func() (string, error) { return buildProgram("stepmill-failpoints", "-tags", "failpoints") })
	shim     = sync.OnceValues(func() (string, error) {
		dir, err := work()
		if err != nil {
			return "", err
		}
		path := filepath.Join(dir, "shim.so")
		out, err := exec.Command("gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", path, "testdata/shim.c", "-ldl").CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		return path, nil
	})
)

func must[T any](t *testing.T, get func() (T, error)) T {
	t.Helper()
	v, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sink receives what the scenario sends, and keeps each event's idempotency keys. It answers a key that it has seen as
// it did the first time, so an event's effects are its keys.
type sink struct {
	*httptest.Server
	mu       sync.Mutex
	keys     map[string]map[string]bool
	requests int
}

var receiver = sync.OnceValue(func() *sink {
	s := &sink{keys: map[string]map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ N string }
		json.NewDecoder(r.Body).Decode(&body)
		s.mu.Lock()
		if s.keys[body.N] == nil {
			s.keys[body.N] = map[string]bool{}
		}
		s.keys[body.N][r.Header.Get("Idempotency-Key")] = true
		s.requests++
		s.mu.Unlock()
		io.WriteString(w, `{"ok":true}`)
	}))
	return s
})

// effects gives the keys that an event came with.
func (s *sink) effects(event string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for key := range s.keys[event] {
		out = append(out, key)
	}
	return out
}

// prepared is a data directory with a live scenario "rig": an event, one POST to the receiver. It is copied, not used.
type prepared struct {
	dir, key string
	hook     string // the path of its trigger's URL
}

var template = sync.OnceValues(func() (p prepared, err error) {
	dir, err := work()
	if err != nil {
		return p, err
	}
	program, err := released()
	if err != nil {
		return p, err
	}
	p.dir = filepath.Join(dir, "template")
	out, err := exec.Command(program, "keys", "create", "--data", p.dir, "--name", "rigs", "--role", "admin").Output()
	if err != nil {
		return p, err
	}
	p.key = strings.TrimSpace(string(out))
	s, err := start(options{program: program, data: p.dir})
	if err != nil {
		return p, err
	}
	defer s.kill()
	s.key = p.key
	var made struct{ Triggers []struct{ URL string } }
	definition := `{"stepmill": 1, "name": "Rig", "trigger": {"uses": "webhook"}, "steps": [{"id": "post", "uses": "core.http_request",
		"with": {"method": "POST", "url": "` + receiver().URL + `/x", "json": {"n": "{{ trigger.body.n }}"}}}]}`
	if err := s.call("POST", "/api/v1/scenarios", `{"slug": "rig", "definition": `+definition+`}`, &made); err != nil {
		return p, err
	}
	if err := s.call("POST", "/api/v1/scenarios/rig/publish", `{"note": ""}`, nil); err != nil {
		return p, err
	}
	p.hook = strings.TrimPrefix(made.Triggers[0].URL, s.url)
	s.cmd.Process.Signal(os.Interrupt)
	<-s.ended
	return p, nil
})

// copyOf copies the prepared directory to where a rig works.
func copyOf(t *testing.T, p prepared, dir string) string {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Join(dir, "master.key"), 0o600)
	return dir
}

// options say how a server is started.
type options struct {
	program, data string
	addr          string   // empty: any
	env           []string // beside the own
}

// server is a running program.
type server struct {
	cmd       *exec.Cmd
	url, addr string
	key       string
	errors    *tail
	ended     chan struct{} // closed when the process is gone
}

// start starts the program and waits until it listens.
func start(o options) (*server, error) {
	if o.addr == "" {
		o.addr = "127.0.0.1:0"
	}
	cmd := exec.Command(o.program, "serve", "--data", o.data, "--addr", o.addr, "--egress-allow", "127.0.0.0/8", "--log-level", "error")
	cmd.Env = append(os.Environ(), o.env...)
	s := &server{cmd: cmd, errors: &tail{}, ended: make(chan struct{})}
	cmd.Stderr = s.errors
	out, write, err := os.Pipe() // not StdoutPipe, which Wait closes
	if err != nil {
		return nil, err
	}
	cmd.Stdout = write
	err = cmd.Start()
	write.Close()
	if err != nil {
		return nil, err
	}
	go func() {
		cmd.Wait()
		close(s.ended)
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			s.url, s.addr = url, strings.TrimPrefix(url, "http://")
			break
		}
	}
	go func() {
		io.Copy(io.Discard, out)
		out.Close()
	}()
	if s.url == "" {
		s.kill()
		return nil, fmt.Errorf("the program ended before it listened: %v: %s", s.cmd.ProcessState, s.errors)
	}
	return s, nil
}

// kill ends the process as a crash does, and waits until it is gone.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// gone says that the process has ended by itself.
func (s *server) gone() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// call asks the API and decodes the answer.
func (s *server) call(method, path, body string, into any) error {
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s answered %d: %s %w", method, path, resp.StatusCode, text, err)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

var client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (w *tail) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	if over := len(w.text) - 4000; over > 0 {
		w.text = bytes.Clone(w.text[over:])
	}
	return len(b), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}

// at is a value of the failpoints' variable.
func at(settings ...string) string { return failpoint.Variable + "=" + strings.Join(settings, ",") }

// eventually asks until it holds.
func eventually(within time.Duration, holds func() bool) bool {
	for deadline := time.Now().Add(within); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
