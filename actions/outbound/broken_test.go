package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// stepped is a call of a step of a scenario without a connection.
func stepped(scenario, path, url string) run.Call {
	in := call(map[string]any{"method": "POST", "url": url})
	in.Scenario, in.Path, in.Effect, in.Timeout = scenario, path, run.Idempotent, 30*time.Second
	return in
}

// TestNarrowest is what each kind of failure shuts: for the step that met it, and for others of the same host.
func TestNarrowest(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	hangs := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	timedOut := &net.OpError{Op: "dial", Err: context.DeadlineExceeded}
	for _, k := range []struct {
		name      string
		bad       http.HandlerFunc
		dial      func(ctx context.Context) error // nil: it is reached
		own, host bool                            // shut
		says      string
	}{
		{"503", status(503), nil, true, false, "did not answer this step well"},
		{"500", status(500), nil, true, false, "did not answer this step well"},
		{"501 is a word about the request", status(501), nil, false, false, ""},
		{"404", status(404), nil, false, false, ""},
		{"503 that asks to wait", status(503, "Retry-After", "600"), nil, true, false, "asked to be left alone until"},
		{"429", status(429, "Retry-After", "600"), nil, true, true, "takes no more requests"},
		{"503 where it redirects to", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/worse", http.StatusSeeOther) }, nil, true, false, "did not answer this step well"},
		{"hangs", hangs, nil, true, false, "did not answer this step well"},
		{"cuts", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, true, false, "did not answer this step well"},
		{"refuses", nil, func(context.Context) error { return errors.New("connection refused") }, true, true, "could not be reached"},
		{"unknown", nil, func(context.Context) error { return &net.DNSError{Err: "no such host", IsNotFound: true} }, true, true, "could not be reached"},
		{"takes no connection", nil, func(context.Context) error { time.Sleep(10 * time.Second); return timedOut }, true, true, "could not be reached"},
		{"takes none within the step's own time", nil, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, true, false, "did not answer this step well"},
	} {
		t.Run(k.name, func(t *testing.T) {
			var dead atomic.Bool
			answer := func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/bad":
					k.bad(w, r)
				case "/worse":
					w.WriteHeader(503)
				}
			}
			virtual(t, Config{}, answer, func(t *testing.T, c *Client, p *pipes) {
				c.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					if dead.Load() {
						return nil, k.dial(ctx)
					}
					return p.dial(ctx, network, address)
				}
				dead.Store(k.dial != nil)
				var all sync.WaitGroup
				for range 2 * failsInRow {
					all.Go(func() { invoke(t, c, stepped("bad", "a", "http://acme.example/bad")) })
				}
				all.Wait()
				dead.Store(false)
				tried := func(what string, in run.Call, shut bool) {
					t.Helper()
					r := invoke(t, c, in)
					if got := r.Exchange == nil; got != shut || shut && (!r.Failure.Held || !strings.Contains(r.Failure.Message, k.says)) {
						t.Errorf("%s: shut %v, %+v", what, got, r.Failure)
					}
				}
				tried("another step", stepped("bad", "b", "http://acme.example/good"), k.host)
				tried("another scenario", stepped("good", "a", "http://acme.example/good"), k.host)
				tried("another host", stepped("bad", "a", "http://else.example/good"), false)
				tried("the step", stepped("bad", "a", "http://acme.example/good"), k.own)
			})
		})
	}
}

// TestBrokenSays: people read what failed, how often, since when, until when nothing is sent, and what to do.
func TestBrokenSays(t *testing.T) {
	virtual(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, func(t *testing.T, c *Client, p *pipes) {
		since := time.Now().UTC()
		for range failsInRow {
			invoke(t, c, stepped("s", "loop[3].a", "http://acme.example/"))
		}
		time.Sleep(time.Second)
		day := since.Format("2 Jan ")
		want := "acme.example did not answer this step well 10 times in a row since " + day + "00:00:00 UTC. Nothing of this step is sent to it until " + day +
			"00:00:05 UTC, and this call was not. A run that fails by that can be replayed once it is well."
		if r := invoke(t, c, stepped("s", "loop[4].a", "http://acme.example/")); r.Failure.Message != want { // of all items one
			t.Errorf("it says %s", r.Failure.Message)
		}
		p.dead.Store(true)
		c.transport.CloseIdleConnections()
		for range failsInRow {
			invoke(t, c, stepped("s", "b", "http://acme.example/"))
		}
		want = "acme.example could not be reached 10 times in a row since " + day + "00:00:01 UTC, by this step or others. Nothing is sent to it until " + day +
			"00:00:06 UTC, and this call was not. A run that fails by that can be replayed once it is well."
		if r := invoke(t, c, stepped("s", "c", "http://acme.example/")); r.Failure.Message != want {
			t.Errorf("it says %s", r.Failure.Message)
		}
	})
}

// played calls as the machine does with three attempts. It gives the failure that ends it.
func played(t *testing.T, c *Client, in run.Call) *run.Failure {
	var held time.Time
	for tries := 0; ; {
		f := invoke(t, c, in).Failure
		if f == nil {
			return nil
		}
		if f.Held && f.HeldFor > 0 && held.IsZero() {
			held = time.Now()
		}
		if !f.Held || f.HeldFor > 0 && time.Since(held) >= time.Duration(f.HeldFor)*time.Millisecond {
			if tries++; tries == 3 {
				return f
			}
		}
		time.Sleep(max(time.Duration(f.RetryAfter)*time.Millisecond, time.Second))
	}
}

// TestMended: many calls of a step whose destination fails for a while, by any of the ways in which it can, are hardly sent
// and do not fail; others are not held back; once it is mended one goes through soon, and the rest without a failure.
func TestMended(t *testing.T) {
	const calls, down = 3000, 3 * time.Minute
	for _, way := range []string{"answers 503", "hangs", "refuses"} {
		t.Run(way, func(t *testing.T) {
			var bad, all atomic.Int32
			var broken atomic.Bool
			var first, last atomic.Int64
			var restarted chan struct{}
			answer := func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/bad" {
					return
				}
				now := time.Now().UnixNano()
				if !broken.Load() {
					first.CompareAndSwap(0, now)
					last.Store(now)
					time.Sleep(100 * time.Millisecond)
					return
				}
				all.Add(1)
				if way == "hangs" {
					<-restarted
				}
				w.WriteHeader(503)
			}
			virtual(t, Config{}, answer, func(t *testing.T, c *Client, p *pipes) {
				restarted = make(chan struct{})
				broken.Store(true)
				p.dead.Store(way == "refuses")
				for range failsInRow + 5 {
					go invoke(t, c, stepped("bad", "a", "http://acme.example/bad"))
				}
				time.Sleep(31 * time.Second)
				all.Store(0)
				dials := p.dials.Load()
				var done sync.WaitGroup
				for i := range calls {
					done.Go(func() {
						time.Sleep(time.Duration(i) * 10 * time.Millisecond)
						in := stepped("bad", "a", "http://acme.example/bad")
						in.Timeout = time.Hour // a probe that nobody answers
						if f := played(t, c, in); f != nil {
							bad.Add(1)
							t.Log(f.Message)
						}
					})
				}
				for range int(down / time.Second) {
					time.Sleep(time.Second)
					if r := invoke(t, c, stepped("good", "a", "http://acme.example/good")); r.Failure != nil && way != "refuses" {
						t.Errorf("another scenario's: %s", r.Failure.Message)
					}
				}
				sent := int(all.Load())
				if way == "refuses" {
					sent = int(p.dials.Load() - dials)
				}
				if most := int(down/longestShut) + 3; sent > most || sent < 3 {
					t.Errorf("it was asked %d times", sent)
				}
				broken.Store(false)
				p.dead.Store(false)
				mended := time.Now()
				for deadline := mended.Add(3 * time.Minute); time.Now().Before(deadline) && bad.Load() == 0; {
					time.Sleep(time.Second)
				}
				if after := time.Unix(0, first.Load()).Sub(mended); after < 0 || after > 30*time.Second {
					t.Errorf("the first goes through %s after", after)
				}
				if after := time.Unix(0, last.Load()).Sub(mended); after > longestShut+shortestShut+calls*apart {
					t.Errorf("the last goes through %s after", after)
				}
				close(restarted) // the probes of before are answered now
				done.Wait()
				if bad.Load() > 0 {
					t.Errorf("%d failed", bad.Load())
				}
			})
		})
	}
}

// TestReplayed: of 3,000 calls that come at once right after a destination was mended, while its valve is still shut, none
// fails.
func TestReplayed(t *testing.T) {
	var broken atomic.Bool
	answer := func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(200 * time.Millisecond)
		if broken.Load() {
			w.WriteHeader(503)
		}
	}
	virtual(t, Config{}, answer, func(t *testing.T, c *Client, p *pipes) {
		broken.Store(true)
		for range 100 { // an hour and more of probes
			for range failsInRow {
				invoke(t, c, stepped("s", "a", "http://acme.example/"))
			}
			time.Sleep(longestShut)
		}
		broken.Store(false)
		begin := time.Now()
		var all sync.WaitGroup
		var failed, done atomic.Int32
		for range 3000 {
			all.Go(func() {
				if f := played(t, c, stepped("s", "a", "http://acme.example/")); f != nil {
					failed.Add(1)
				}
				done.Add(1)
			})
		}
		time.Sleep(30 * time.Second)
		soon := done.Load()
		all.Wait()
		if took := time.Since(begin); failed.Load() > 0 || soon == 0 || took > 90*time.Second {
			t.Errorf("%d failed, %d are done after 30s, all after %s", failed.Load(), soon, took)
		}
	})
}

// TestBrokenForGood: calls to a destination that stays dead fail in the end, though nothing was sent of most.
func TestBrokenForGood(t *testing.T) {
	virtual(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, func(t *testing.T, c *Client, p *pipes) {
		begin := time.Now()
		var all sync.WaitGroup
		for range 500 {
			all.Go(func() {
				if f := played(t, c, stepped("s", "a", "http://acme.example/")); f == nil || f.Class != "unavailable" {
					t.Errorf("%+v", f)
				}
			})
		}
		all.Wait()
		if took := time.Since(begin); took < heldFor || took > heldFor+5*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// TestRedirectedProbe: where what finds out is redirected, where it leads to decides.
func TestRedirectedProbe(t *testing.T) {
	var sent atomic.Int32
	var mended atomic.Bool
	answer := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			http.Redirect(w, r, "/there", http.StatusSeeOther)
		case !mended.Load():
			sent.Add(1)
			w.WriteHeader(503)
		}
	}
	virtual(t, Config{}, answer, func(t *testing.T, c *Client, p *pipes) {
		in := stepped("s", "a", "http://acme.example/")
		for range 120 {
			invoke(t, c, in)
			time.Sleep(time.Second)
		}
		if n := sent.Load(); n < failsInRow+5 || n > failsInRow+8 {
			t.Errorf("it was asked %d times", n)
		}
		mended.Store(true)
		time.Sleep(longestShut)
		for range 3 {
			if r := invoke(t, c, in); r.Failure != nil {
				t.Error(r.Failure.Message)
			}
		}
	})
}

// TestPartlySent: a call of which something was sent is a try where a broken valve stops the rest.
func TestPartlySent(t *testing.T) {
	for _, sent := range []bool{false, true} {
		c := newClient(t, Config{})
		d := &doing{client: c, sent: sent}
		v := &valve{fails: failsInRow - 1}
		v.failed(time.Now())
		if r := d.refusal(v, ofStep, "acme.example", time.Now()); r.held == sent {
			t.Errorf("sent %v, held %v", sent, r.held)
		}
	}
}

// TestValvesAreBounded: steps and hosts that fail once each are not remembered for ever, and those that are needed are.
func TestValvesAreBounded(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	all := valves{by: map[string]*valve{}}
	busy := &valve{under: 1, fails: 1, used: now}
	all.keep("busy", busy, now)
	for i := range 5 * maxValves {
		now = now.Add(time.Second)
		all.keep(strconv.Itoa(i), &valve{fails: 1, used: now}, now)
		if len(all.by) > maxValves {
			t.Fatalf("%d are kept", len(all.by))
		}
	}
	if all.by["busy"] != busy || all.by[strconv.Itoa(5*maxValves-1)] == nil || all.by["0"] != nil {
		t.Error("the wrong ones are kept")
	}
}
