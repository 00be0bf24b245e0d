package main

import (
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"
)

// freePort is an address of this machine that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestMailSurvivesKills: a client sends 200 mails, each until it is answered 250, while the server is killed and started again.
// Each is one run, and no other is there.
func TestMailSurvivesKills(t *testing.T) {
	const mails, kills = 200, 6
	data, at := t.TempDir(), freePort(t)
	flags := []string{"--mail-addr", at, "--mail-domain", "in.example.com"}
	s := serve(t, data, "127.0.0.1:0", flags...)
	s.key = newKey(t, data)
	to := s.hosted("letters", `{"uses": "email"}`, `[{"id": "set", "uses": "core.set", "with": {"values": {"subject": "{{ trigger.subject }}"}}}]`)
	if !strings.HasSuffix(to, "@in.example.com") {
		t.Fatalf("the address is %q", to)
	}
	var sent sync.WaitGroup
	var taken sync.Map
	next := make(chan int)
	for range 4 {
		sent.Go(func() {
			for n := range next {
				text := fmt.Sprintf("From: ada@example.com\r\nTo: %s\r\nMessage-ID: <%d@example.com>\r\nSubject: mail %d\r\n\r\nHello %d\r\n", to, n, n, n)
				for {
					if err := smtp.SendMail(at, nil, "ada@example.com", []string{to}, []byte(text)); err == nil {
						taken.Store(n, true)
						break
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
	}
	for n := range mails {
		if n%(mails/(kills+1)) == mails/(kills+1)-1 && n < mails-2 {
			s.cmd.Process.Kill()
			s.cmd.Wait()
			key := s.key
			s = serve(t, data, s.addr, flags...)
			s.key = key
		}
		next <- n
	}
	close(next)
	sent.Wait()
	eventually(t, "the end of every run", func() bool { return s.count("letters", "succeeded") >= mails })
	seen := map[string]int{}
	cursor := ""
	for {
		var page struct {
			Items      []struct{ ID string }
			NextCursor string `json:"next_cursor"`
		}
		s.call("GET", "/api/v1/events?limit=100&scenario=letters"+cursor, "", 200, &page)
		for _, e := range page.Items {
			var one struct{ Value map[string]any }
			s.call("GET", "/api/v1/events/"+e.ID, "", 200, &one)
			seen[fmt.Sprint(one.Value["subject"])]++
		}
		if page.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + page.NextCursor
	}
	for n := range mails {
		if _, ok := taken.Load(n); !ok || seen[fmt.Sprintf("mail %d", n)] != 1 {
			t.Errorf("mail %d: answered %v, events %d", n, ok, seen[fmt.Sprintf("mail %d", n)])
		}
	}
	if total := s.count("letters", "succeeded"); total != mails || len(seen) != mails {
		t.Errorf("%d runs of %d mails", total, len(seen))
	}
}

// TestMailFlags: nothing listens unless both are given, and what is wrong is said.
func TestMailFlags(t *testing.T) {
	at := freePort(t)
	for _, c := range []struct {
		args []string
		out  string
	}{
		{[]string{"--mail-addr", at}, "needed together"},
		{[]string{"--mail-domain", "in.example.com"}, "needed together"},
		{[]string{"--mail-addr", "nowhere", "--mail-domain", "in.example.com"}, "is no address"},
		{[]string{"--mail-addr", at, "--mail-domain", "not a domain"}, "is no domain"},
		{[]string{"--mail-addr", at, "--mail-domain", "in.example.com", "--mail-cert", "x.pem"}, "needed together"},
		{[]string{"--mail-addr", at, "--mail-domain", "in.example.com", "--mail-cert", "x.pem", "--mail-key", "y.pem"}, "cannot be used"},
	} {
		_, errs, status := stepmill(t, append([]string{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0"}, c.args...)...)
		if status == 0 || !strings.Contains(errs, c.out) {
			t.Errorf("%v: %d %s", c.args, status, errs)
		}
	}
	data := t.TempDir()
	s := serve(t, data, "127.0.0.1:0")
	s.key = newKey(t, data)
	if to := s.hosted("none", `{"uses": "email"}`, settle); to != "" {
		t.Errorf("without a listener the address is %q", to)
	}
	if c, err := net.Dial("tcp", at); err == nil {
		c.Close()
		t.Error("something listens")
	}
}
