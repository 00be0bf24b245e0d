package webhook

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefusals: the log says at once why events are not taken, and then how many, never for each of them.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		log := slog.New(slog.NewTextHandler(&said, nil))
		var r refusals
		text := func() string { // what is said is said under the lock
			r.mu.Lock()
			defer r.mu.Unlock()
			return said.String()
		}
		lines := func() int { return strings.Count(text(), "\n") }
		for range 10_000 {
			r.say(log, 503, "full", fmt.Errorf("the disk is full"))
		}
		r.say(log, 500, "other", fmt.Errorf("another"))
		if lines() != 2 {
			t.Errorf("at once it says %d lines", lines())
		}
		time.Sleep(saidEvery + time.Second)
		synctest.Wait()
		if lines() != 3 || !strings.Contains(text(), "events=9999") {
			t.Errorf("then it says %s", text())
		}
		r.say(log, 503, "full", fmt.Errorf("the disk is full"))
		time.Sleep(4 * saidEvery)
		synctest.Wait()
		if lines() != 4 || !strings.Contains(text(), "events=1 ") {
			t.Errorf("the last are counted: %s", text())
		}
		r.say(log, 503, "full", fmt.Errorf("the disk is full"))
		if lines() != 5 {
			t.Errorf("later it is said at once: %d lines", lines())
		}
		time.Sleep(4 * saidEvery)
		synctest.Wait()
	})
}

// TestDrain: a sender that sends everything before it reads gets its answer, and no reset, where its body is a little too large.
func TestDrain(t *testing.T) {
	w := newWorld(t, map[string]any{})
	for _, framing := range []string{fmt.Sprintf("Content-Length: %d", MaxBody+4<<20), "Transfer-Encoding: chunked"} {
		conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), "/hooks/good"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		body := bytes.Repeat([]byte("x"), MaxBody+4<<20)
		if strings.HasPrefix(framing, "T") {
			body = append(append(fmt.Appendf(nil, "%x\r\n", len(body)), body...), "\r\n0\r\n\r\n"...)
		}
		if _, err := conn.Write(append([]byte("POST /hooks/good HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"+framing+"\r\n\r\n"), body...)); err != nil {
			t.Fatalf("%s: sending it: %v", framing, err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 413 ") {
			t.Errorf("%s: the answer is %.80q, %v", framing, answer, err)
		}
	}
	if len(w.taken) > 0 {
		t.Error("it was taken")
	}
}

// TestDrainFiles: who sends a file before it reads learns why it is refused, by a signature as by its size.
func TestDrainFiles(t *testing.T) {
	for name, c := range map[string]struct {
		options map[string]any
		size    int
		status  string
	}{
		"not signed":  {map[string]any{"verify": map[string]any{"preset": "hmac", "secret": "s"}}, 40 << 20, "401"},
		"too large":   {nil, 60 << 20, "413"},
		"another way": {map[string]any{"methods": []any{"PUT"}}, 40 << 20, "405"},
	} {
		w := newWorld(t, c.options)
		w.h.MaxFiles = 40 << 20
		conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), "/hooks/good"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /hooks/good HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", c.size)
		if _, err := io.CopyN(conn, zeros{}, int64(c.size)); err != nil {
			t.Fatalf("%s: sending it: %v", name, err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 "+c.status+" ") || len(w.taken) > 0 {
			t.Errorf("%s: the answer is %.80q, %v", name, answer, err)
		}
	}
}
