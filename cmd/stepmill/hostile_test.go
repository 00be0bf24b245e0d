package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// post sends an event; zero: there was no answer.
func post(client *http.Client, url, body string) int {
	resp, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestServedTwice is §2.H 53 and 58: a directory has one server, whatever an old lock says, and commands beside it.
func TestServedTwice(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "stepmill.lock"), fmt.Appendln(nil, os.Getpid()), 0o600); err != nil { // of a process that died, whose number another has now
		t.Fatal(err)
	}
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	out, errs, status := stepmill(t, servingAt(data, "127.0.0.1:0")...)
	if status != 1 || !strings.Contains(errs, fmt.Sprintf("Another Stepmill (process %d)", s.cmd.Process.Pid)) || out != "" {
		t.Errorf("a second server exits %d and prints %s%s", status, out, errs)
	}
	if _, errs, status := stepmill(t, servingAt(t.TempDir(), s.addr)...); status != 1 || !strings.Contains(errs, "Nothing can listen") {
		t.Errorf("a second server at the address exits %d and prints %s", status, errs)
	}
	s.call("GET", "/api/v1/runs", "", 200, nil)
	s.kill() // its lock is the kernel's, and goes with it
	again := serve(t, data, s.addr)
	again.key = s.key
	again.call("GET", "/api/v1/runs", "", 200, nil)
}

// TestTerminated is §2.H 58: whatever a server is at when it is told to end, it ends as it should, and what it accepted is
// carried out by the next one, once.
func TestTerminated(t *testing.T) {
	data := t.TempDir()
	sink := newLedger(t)
	s := serve(t, data, "127.0.0.1:0", "--drain", "10s")
	s.key = newKey(t, data)
	url := s.publish("ends", `{"stepmill": 1, "name": "ends", "trigger": {"uses": "webhook"}, "steps": [{"id": "w", "wait": {"for": "30ms"}}, {"id": "post", "uses": "core.http_request", "with": {"method": "POST", "url": "`+sink.URL+`/x", "json": {"n": "{{ trigger.body.n }}"}}}]}`)
	url = strings.TrimPrefix(url, s.url)
	accepted, next := 0, atomic.Int64{}
	for _, after := range []time.Duration{0, 3 * time.Millisecond, 20 * time.Millisecond, 80 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond} {
		stop := make(chan struct{})
		var all sync.WaitGroup
		var taken atomic.Int64
		client := &http.Client{Transport: &http.Transport{}}
		half, err := net.Dial("tcp", s.addr) // a request that never comes whole
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(half, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", url)
		for range 8 {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					switch post(client, s.url+url, fmt.Sprintf(`{"n": %d}`, next.Add(1))) {
					case 200:
						taken.Add(1)
					case 0:
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		time.Sleep(after)
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		half.Close()
		done := make(chan error, 1)
		go func() { done <- s.cmd.Wait() }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("told to end after %s it ends with %v", after, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("told to end after %s it does not", after)
		}
		close(stop)
		all.Wait()
		client.CloseIdleConnections()
		accepted += int(taken.Load())
		key := s.key
		s = serve(t, data, s.addr, "--drain", "10s")
		s.key = key
	}
	eventually(t, "every run ends", func() bool { return s.count("ends", "queued,running,waiting") == 0 })
	if n := s.count("ends", "succeeded"); n < accepted || n != s.count("ends", "") || accepted == 0 {
		t.Errorf("of %d accepted events %d succeeded, of %d runs", accepted, n, s.count("ends", ""))
	}
	for n, keys := range sink.keys {
		if len(keys) != 1 {
			t.Errorf("event %s came with %d keys", n, len(keys))
		}
	}
}

// TestConnsPerAddress is §2.B 24: what serve listens on bounds the connections of one address, unless it is told not to.
func TestConnsPerAddress(t *testing.T) {
	if out, _, _ := stepmill(t, "serve", "--help"); !strings.Contains(out, "--conns-per-address=1000") {
		t.Errorf("it is not bounded by itself: %s", out)
	}
	for most, want := range map[int]string{1000: "*web.capped", 1: "*web.capped", 0: "*net.TCPListener"} {
		c := &serveCmd{Addr: "127.0.0.1:0", ConnsPerAddress: most}
		l, err := c.listen()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%T", l); got != want {
			t.Errorf("with %d it listens by a %s", most, got)
		}
		l.Close()
	}
}

// TestTrustedProxies is §2.B 25: X-Forwarded-For is believed of proxies that the server is told of, and of nobody else, so a trigger's
// list of addresses holds behind one too.
func TestTrustedProxies(t *testing.T) {
	for _, wrong := range []string{"10.0.0.0/33", "proxy.example.com"} {
		if _, said, code := stepmill(t, "serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--trusted-proxies", wrong); code != 2 || !strings.Contains(said, "--trusted-proxies: "+strconv.Quote(wrong)) {
			t.Errorf("%s: %d %s", wrong, code, said)
		}
	}
	for trusted, want := range map[string][2]int{"127.0.0.1,10.0.0.0/8": {200, 401}, "10.0.0.0/8": {401, 401}} {
		data := t.TempDir()
		s := serve(t, data, "127.0.0.1:0", "--trusted-proxies", trusted)
		s.key = newKey(t, data)
		url := s.publish("w", `{"stepmill": 1, "name": "w", "trigger": {"uses": "webhook", "with": {"verify": {"allow": ["203.0.113.0/24"]}}}, "steps": [{"id": "l", "uses": "core.log", "with": {"message": "x"}}]}`)
		for i, from := range []string{"198.51.100.1, 203.0.113.7, 10.0.0.9", "203.0.113.7, 198.51.100.1"} {
			req, _ := http.NewRequest("POST", url, strings.NewReader("{}"))
			req.Header.Set("X-Forwarded-For", from)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want[i] {
				t.Errorf("with %s trusted, a request from %s is answered %d", trusted, from, resp.StatusCode)
			}
		}
		s.kill()
	}
}

// limited starts the server with a bound of the shell's ulimit.
func limited(t *testing.T, limit, data, addr string) *served {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", append([]string{"-c", "ulimit " + limit + ` && exec "$0" "$@"`, path}, servingAt(data, addr)...)...)
	cmd.Stderr = io.Discard // it says much when it dies of want
	return started(t, cmd, data)
}

// TestFewFiles is §2.H 58: where no more files can be opened events are refused or wait, and it goes on when there is room.
func TestFewFiles(t *testing.T) {
	data := t.TempDir()
	sink := newLedger(t)
	s := limited(t, "-n 64", data, "127.0.0.1:0")
	s.key = newKey(t, data)
	url := s.publish("few", `{"stepmill": 1, "name": "few", "trigger": {"uses": "webhook"}, "steps": `+fmt.Sprintf(postN, sink.URL)+`}`)
	var conns []net.Conn
	for range 200 {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			break
		}
		io.WriteString(conn, "POST /hooks/x HTTP/1.1\r\n")
		conns = append(conns, conn)
	}
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	taken := map[int]bool{}
	for n := range 3 {
		taken[n] = post(client, url, fmt.Sprintf(`{"n": %d}`, n)) == 200
	}
	if taken[0] {
		t.Error("there were files enough")
	}
	for _, conn := range conns {
		conn.Close()
	}
	eventually(t, "an event is taken when there is room", func() bool { return post(client, url, `{"n": 99}`) == 200 })
	eventually(t, "every run succeeds", func() bool {
		return s.count("few", "queued,running,waiting") == 0 && s.count("few", "succeeded") == s.count("few", "")
	})
	for n, was := range taken {
		if was && len(sink.keys[fmt.Sprint(n)]) != 1 {
			t.Errorf("event %d was accepted and has %d effects", n, len(sink.keys[fmt.Sprint(n)]))
		}
	}
}

// TestLittleMemory is §2.H 58: a server that the system gives no more memory takes large bodies or refuses them; where that
// ends it, what it accepted is carried out by the next one.
func TestLittleMemory(t *testing.T) {
	data := t.TempDir()
	sink := newLedger(t)
	s := limited(t, "-v 2000000", data, "127.0.0.1:0") // kilobytes, of address space
	s.key = newKey(t, data)
	url := s.publish("little", `{"stepmill": 1, "name": "little", "trigger": {"uses": "webhook"}, "steps": `+fmt.Sprintf(postN, sink.URL)+`}`)
	client := &http.Client{Timeout: 20 * time.Second}
	var all sync.WaitGroup
	var mu sync.Mutex
	var taken []int
	for n := range 40 {
		all.Go(func() {
			if post(client, url, fmt.Sprintf(`{"n": %d, "text": "%s"}`, n, strings.Repeat("x", 9<<20))) == 200 {
				mu.Lock()
				taken = append(taken, n)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	s.kill()
	key := s.key
	s = serve(t, data, s.addr)
	s.key = key
	eventually(t, "every run ends", func() bool { return s.count("little", "queued,running,waiting") == 0 })
	for _, n := range taken {
		if len(sink.keys[fmt.Sprint(n)]) != 1 {
			t.Errorf("event %d was accepted and has %d keys", n, len(sink.keys[fmt.Sprint(n)]))
		}
	}
	if post(client, url, `{"n": 99}`) != 200 {
		t.Error("afterwards no event is taken")
	}
}

// TestChangesBeneath is §2.H 57: while a thousand runs are in flight their scenario gets another version, is switched off
// and deleted, and the key and the connection that made it are taken away. Each run goes on as it began, or says what it misses.
func TestChangesBeneath(t *testing.T) {
	data := t.TempDir()
	var held, old, fresh atomic.Int64
	let := make(chan struct{})
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hold":
			held.Add(1)
			<-let
		case "/old":
			old.Add(1)
		case "/new":
			fresh.Add(1)
		}
		io.WriteString(w, "{}")
	}))
	defer sink.Close()
	s := serve(t, data, "127.0.0.1:0")
	first, errs, status := stepmill(t, "keys", "create", "--data", data, "--name", "first", "--role", "admin")
	if status != 0 {
		t.Fatal(errs)
	}
	s.key = strings.TrimSpace(first)
	s.call("POST", "/api/v1/connections", `{"slug": "c", "connector": "core", "method": "bearer", "values": {"token": "s3cret-token", "hosts": "`+sink.URL+`"}}`, 201, nil)
	step := func(id, path, more string) string {
		return `{"id": "` + id + `", "uses": "core.http_request", "with": {"method": "POST", "url": "` + sink.URL + path + `"}` + more + `}`
	}
	const retry = `, "retry": {"attempts": 1}, "on_error": {"do": "ignore"}`
	text := func(path string) string {
		return `{"stepmill": 1, "name": "beneath", "trigger": {"uses": "webhook"}, "steps": [` + step("a", "/hold", `, "timeout": "2m"`) + `, ` + step("b", path, "") + `, ` + step("c", path, `, "connection": "c"`+retry) + `]}`
	}
	url := s.publish("beneath", text("/old"))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	const runs = 1000
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			for i := range runs / 10 {
				if status := post(client, url, fmt.Sprint(n*runs+i)); status != 200 {
					t.Errorf("an event is answered %d", status)
				}
			}
		})
	}
	all.Wait()
	eventually(t, "all runs are in flight", func() bool { return held.Load() == runs })
	var list struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/runs?scenario=beneath&limit=1", "", 200, &list)
	s.call("PUT", "/api/v1/scenarios/beneath/draft", `{"definition": `+text("/new")+`}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/beneath/publish", `{"note": ""}`, 200, nil)
	s.call("POST", "/api/v1/scenarios/beneath/pause", "", 200, nil)
	s.call("DELETE", "/api/v1/connections/c?force=true", "", 204, nil)
	s.call("DELETE", "/api/v1/scenarios/beneath", "", 204, nil)
	if status := post(client, url, "{}"); status != 404 {
		t.Errorf("an event for a scenario that was deleted is answered %d", status)
	}
	other := newKey(t, data) // the first is taken away
	var keys struct{ Items []struct{ ID, Name string } }
	s.call("GET", "/api/v1/keys", "", 200, &keys)
	s.key = other
	for _, key := range keys.Items {
		if key.Name == "first" {
			s.call("DELETE", "/api/v1/keys/"+key.ID, "", 204, nil)
		}
	}
	close(let)
	eventually(t, "all runs go on", func() bool { return old.Load() == runs })
	eventually(t, "all runs end", func() bool {
		var page struct{ Total int }
		s.call("GET", "/api/v1/runs?status=queued,running,waiting&limit=1", "", 200, &page)
		return page.Total == 0
	})
	var page struct{ Total int }
	if s.call("GET", "/api/v1/runs?status=succeeded&limit=1", "", 200, &page); page.Total != runs || old.Load() != runs || fresh.Load() != 0 {
		t.Errorf("%d runs succeeded; %d requests of the old version, %d of the new one", page.Total, old.Load(), fresh.Load())
	}
}

// TestReplayedTogether is §2.H 57: a run that is replayed by two at once becomes two runs, each whole.
func TestReplayedTogether(t *testing.T) {
	data := t.TempDir()
	sink := newLedger(t)
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	url := s.publish("twice", `{"stepmill": 1, "name": "twice", "trigger": {"uses": "webhook"}, "steps": `+fmt.Sprintf(postN, sink.URL)+`}`)
	if post(http.DefaultClient, url, `{"n": 7}`) != 200 {
		t.Fatal("the event is not taken")
	}
	eventually(t, "the run succeeds", func() bool { return s.count("twice", "succeeded") == 1 })
	var list struct{ Items []struct{ ID string } }
	s.call("GET", "/api/v1/runs?scenario=twice", "", 200, &list)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { s.call("POST", "/api/v1/runs/"+list.Items[0].ID+"/replay", "{}", 202, nil) })
	}
	all.Wait()
	eventually(t, "three runs succeed", func() bool { return s.count("twice", "succeeded") == 3 })
	if n := len(sink.keys["7"]); n != 3 || s.count("twice", "") != 3 {
		t.Errorf("%d runs, and %d keys", s.count("twice", ""), n)
	}
}

// TestRing is §2.H 56: a scenario that sends to its own trigger URL, and two that send to one another's, stop by themselves.
func TestRing(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	text := `{"stepmill": 1, "name": "ring", "trigger": {"uses": "webhook"}, "steps": [{"id": "w", "wait": {"for": "1ms"}}, {"id": "post", "uses": "core.http_request", "with": {"method": "POST", "url": "{{ trigger.body.next }}",
		"json": {"next": "{{ trigger.body.back }}", "back": "{{ trigger.body.next }}"}}}]}`
	a, b := s.publish("a", text), s.publish("b", text)
	for _, next := range []string{a, b} {
		var before, after struct{ Total int }
		s.call("GET", "/api/v1/runs?limit=1", "", 200, &before)
		if status := post(http.DefaultClient, a, fmt.Sprintf(`{"next": %q, "back": %q}`, next, a)); status != 200 {
			t.Fatalf("the event is answered %d", status)
		}
		eventually(t, "the ring is broken", func() bool { return s.count("a", "failed")+s.count("b", "failed") == 1+before.Total/17 })
		if s.call("GET", "/api/v1/runs?limit=1", "", 200, &after); after.Total-before.Total != 17 {
			t.Errorf("the ring went round for %d runs", after.Total-before.Total)
		}
	}
}
