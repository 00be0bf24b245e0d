package outbound

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestStorm is R12: many calls of two connections with one credential meet a vendor that asks to wait, again and again. None is
// sent before that time is over, and none later than a tenth of it and five seconds.
func TestStorm(t *testing.T) {
	type asking struct {
		at    time.Time
		wait  time.Duration
		until time.Time
	}
	var mu sync.Mutex
	var asked []asking
	waits := []time.Duration{60 * time.Second, 7 * time.Second, 0, 90 * time.Second, 1500 * time.Millisecond, 20 * time.Minute}
	served, early, late := 0, 0, 0
	answer := func(w http.ResponseWriter, _ *http.Request) {
		arrived := time.Now()
		time.Sleep(100 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if n := len(asked); n > 0 {
			last := asked[n-1]
			if arrived.After(last.at) && arrived.Before(last.until) {
				early++
			}
			if arrived.Sub(last.until) > last.wait/10+5*time.Second {
				late++
			}
			if now.Before(last.until) { // one of those that were under way when it asked
				w.Header().Set("Retry-After", strconv.FormatFloat(last.until.Sub(now).Seconds(), 'f', 3, 64))
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
		}
		if len(asked) < len(waits) {
			wait := waits[len(asked)]
			switch len(asked) {
			case 2: // it does not say: the first wait of that kind is a second
				wait = time.Second
			case 3:
				w.Header().Set("Retry-After", now.Add(wait).UTC().Format(http.TimeFormat))
				wait = now.Add(wait).Truncate(time.Second).Sub(now)
			default:
				w.Header().Add("Retry-After", strconv.FormatFloat(wait.Seconds(), 'f', 3, 64))
				w.Header().Add("Retry-After", "0")
			}
			asked = append(asked, asking{at: now, wait: wait, until: now.Add(wait)})
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		served++
		w.Write([]byte(`{}`))
	}
	virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1", "b": "s3cret-1"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		const workers = 200
		var refused atomic.Int32
		var all sync.WaitGroup
		for i := range workers {
			all.Go(func() {
				in := act("acme", []string{"a", "b"}[i%2])
				in.Key = strconv.Itoa(i)
				time.Sleep(time.Duration(i) * 20 * time.Millisecond)
				refused.Add(int32(until(t, c, in)))
			})
		}
		all.Wait()
		if served != workers || early > 0 || late > 0 || len(asked) != len(waits) {
			t.Errorf("%d of %d are served, %d came too early, %d too late, it asked %d times", served, workers, early, late, len(asked))
		}
		if n := int(refused.Load()); n > 20 { // the few under way at the first refusal, and one probe for each other
			t.Errorf("%d requests were sent to be refused", n)
		}
	})
}

// TestWindow: where a vendor takes so many requests in each stretch of time, a queue gets through without much more being sent
// than it takes.
func TestWindow(t *testing.T) {
	const window, most, queue = 6 * time.Second, 30, 400
	var mu sync.Mutex
	var begun time.Time
	taken, served, first := 0, 0, 0
	answer := func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		now := time.Now()
		if now.Sub(begun) >= window {
			begun, taken = now, 0
		}
		taken++
		ok, left := taken <= most, begun.Add(window).Sub(now)
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		if !ok {
			if served <= most {
				first++
			}
			w.Header().Set("Retry-After", strconv.FormatFloat(left.Seconds(), 'f', 3, 64))
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		served++
		w.Write([]byte(`{}`))
	}
	virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		began := time.Now()
		var refused atomic.Int32
		var all sync.WaitGroup
		for i := range queue {
			all.Go(func() {
				in := act("acme", "a")
				in.Key = strconv.Itoa(i)
				refused.Add(int32(until(t, c, in)))
			})
		}
		all.Wait()
		in, after := int(refused.Load()), int(refused.Load())-first
		t.Logf("%d were refused, %d of them before anything was known; it took %s", in, first, time.Since(began))
		if served != queue || after > queue/most*easedFast*2 {
			t.Errorf("%d of %d are served, %d were sent in vain after the first", served, queue, after)
		}
		if took := time.Since(began); took > 2*queue/most*window {
			t.Errorf("it took %s", took)
		}
	})
}

// TestCredentials: what a vendor asks of one credential is not asked of another, nor of another host.
func TestCredentials(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), "shut") {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		w.Write([]byte(`{}`))
	}
	virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-shut", "same": "s3cret-shut", "other": "s3cret-open"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		if r := invoke(t, c, act("acme", "a")); class(r) != "rate_limited" || r.Failure.RetryAfter != 3600_000 || r.Failure.Held {
			t.Fatalf("%+v", r.Failure)
		}
		for slug, want := range map[string]string{"same": "rate_limited", "other": ""} {
			if r := invoke(t, c, act("acme", slug)); class(r) != want || want != "" && (!r.Failure.Held || r.Exchange != nil) {
				t.Errorf("%s: %+v", slug, r.Failure)
			}
		}
		if r := invoke(t, c, call(map[string]any{"url": "http://acme.example/act"})); r.Failure != nil {
			t.Errorf("without a credential: %+v", r.Failure)
		}
	})
}

// TestBudget: when nothing is left no request is sent before the limit opens, and then no more than it has.
func TestBudget(t *testing.T) {
	const most = 5
	var mu sync.Mutex
	var window time.Time
	left, over, served := most, 0, 0
	answer := func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(50 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.After(window) {
			window, left = now.Add(10*time.Second).Truncate(time.Second), most
		}
		left--
		h := w.Header()
		h.Set("X-RateLimit-Limit", strconv.Itoa(most))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
		h.Set("X-RateLimit-Reset", strconv.FormatInt(window.Unix(), 10))
		h.Set("X-RateLimit-Resource", "core")
		if left < 0 {
			over++
			w.WriteHeader(http.StatusForbidden)
			return
		}
		served++
		w.Write([]byte(`{}`))
	}
	virtual(t, Config{Connections: credentials("github", map[string]string{"a": "s3cret-1"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		until(t, c, act("github", "a")) // of which the headers are learnt
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				in := act("github", "a")
				in.Key = strconv.Itoa(i)
				until(t, c, in)
			})
		}
		all.Wait()
		if served != 31 || over > 0 {
			t.Errorf("%d are served, %d were sent when nothing was left", served, over)
		}
	})
}

// TestBroken: a host that fails again and again is left alone, asked once in a while, and open again once it answers. A call
// of effect once that is not sent is in no doubt.
func TestBroken(t *testing.T) {
	var requests atomic.Int32
	answer := func(w http.ResponseWriter, _ *http.Request) { requests.Add(1); w.Write([]byte(`{}`)) }
	virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		p.dead.Store(true)
		for range failsInRow {
			if r := invoke(t, c, act("acme", "a")); class(r) != "unavailable" || r.Failure.RetryAfter != 0 || r.Failure.Held {
				t.Fatalf("%+v", r.Failure)
			}
		}
		refused := func(wait time.Duration) {
			t.Helper()
			before := p.dials.Load()
			r := invoke(t, c, act("acme", "a"))
			if class(r) != "unavailable" || r.Failure.RetryAfter != wait.Milliseconds() || !r.Failure.Held || r.Failure.HeldFor != heldFor.Milliseconds() || p.dials.Load() != before || !strings.Contains(r.Failure.Message, "in a row") {
				t.Errorf("%+v, %d dials", r.Failure, p.dials.Load()-before)
			}
		}
		refused(shortestShut)
		for _, shut := range []time.Duration{shortestShut, 2 * shortestShut, longestShut, longestShut, longestShut} {
			time.Sleep(shut)
			before := p.dials.Load()
			if r := invoke(t, c, act("acme", "a")); class(r) != "unavailable" || p.dials.Load() != before+1 {
				t.Errorf("the probe after %s: %+v", shut, r.Failure)
			}
			refused(min(2*shut, longestShut))
		}
		time.Sleep(longestShut)
		p.dead.Store(false)
		for range 3 {
			if r := invoke(t, c, act("acme", "a")); r.Failure != nil {
				t.Errorf("%+v", r.Failure)
			}
		}
		if requests.Load() != 3 {
			t.Errorf("it was asked %d times", requests.Load())
		}
	})
}

// TestProbe: while one request finds out whether a host is back the others are sent away; statuses of 500 and above count as
// failures, and a refusal between them does not.
func TestProbe(t *testing.T) {
	var status, under, most atomic.Int32
	status.Store(502)
	answer := func(w http.ResponseWriter, _ *http.Request) {
		if n := under.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Second)
		under.Add(-1)
		w.WriteHeader(int(status.Load()))
		w.Write([]byte(`{}`))
	}
	virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		for i := range 2 * failsInRow {
			status.Store(502)
			if i%5 == 4 {
				status.Store(404)
			}
			if r := invoke(t, c, act("acme", "a")); r.Exchange == nil {
				t.Fatalf("call %d: %+v", i, r.Failure)
			}
		}
		status.Store(503)
		for range failsInRow {
			invoke(t, c, act("acme", "a"))
		}
		time.Sleep(shortestShut)
		most.Store(0)
		var sent, away atomic.Int32
		var all sync.WaitGroup
		status.Store(200)
		for range 20 {
			all.Go(func() {
				switch r := invoke(t, c, act("acme", "a")); {
				case r.Failure == nil:
					sent.Add(1)
				case class(r) == "unavailable" && r.Exchange == nil:
					away.Add(1)
				}
			})
		}
		all.Wait()
		if most.Load() != 1 || sent.Load() != 1 || away.Load() != 19 {
			t.Errorf("%d at once, %d sent, %d sent away", most.Load(), sent.Load(), away.Load())
		}
		if r := invoke(t, c, act("acme", "a")); r.Failure != nil {
			t.Errorf("after the probe: %+v", r.Failure)
		}
	})
}

// TestNarrow: what a vendor refuses of one thing holds back nothing else.
func TestNarrow(t *testing.T) {
	var n atomic.Int32
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if n.Add(1) == 1 {
			w.WriteHeader(429)
			w.Write([]byte(`{"code":429,"throttled_users":{"ada":11}}`))
			return
		}
		w.Write([]byte(`{}`))
	}
	virtual(t, Config{Connections: credentials("amplitude", map[string]string{"a": "s3cret-1"})}, answer, func(t *testing.T, c *Client, p *pipes) {
		if r := invoke(t, c, act("amplitude", "a")); class(r) != "rate_limited" || r.Failure.RetryAfter != 30_000 {
			t.Errorf("%+v", r.Failure)
		}
		if r := invoke(t, c, act("amplitude", "a")); r.Failure != nil {
			t.Errorf("%+v", r.Failure)
		}
	})
}

// TestTurns: of many calls that a connection's rate holds back each is sent away once at most, and none goes out of turn.
func TestTurns(t *testing.T) {
	var mu sync.Mutex
	var begins []time.Time
	answer := func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		begins = append(begins, time.Now())
		w.Write([]byte(`{}`))
	}
	b := credentials("acme", map[string]string{"a": "s3cret-1"})
	a := b.connections["a"]
	a.Rate = "10/1s"
	b.connections["a"] = a
	virtual(t, Config{Connections: b}, answer, func(t *testing.T, c *Client, p *pipes) {
		var all sync.WaitGroup
		var held atomic.Int32
		for i := range 600 {
			all.Go(func() {
				in := act("acme", "a")
				in.Key = strconv.Itoa(i)
				for n := range 3 {
					r := invoke(t, c, in)
					if r.Failure == nil {
						return
					}
					if !r.Failure.Held || n > 0 {
						t.Errorf("sent away the %d. time: %+v", n+1, r.Failure)
					}
					held.Add(1)
					time.Sleep(time.Duration(r.Failure.RetryAfter) * time.Millisecond)
				}
			})
		}
		all.Wait()
		if len(begins) != 600 || held.Load() == 0 {
			t.Fatalf("%d sent, %d held", len(begins), held.Load())
		}
		for i := 10; i < len(begins); i++ {
			if begins[i].Sub(begins[i-10]) < time.Second {
				t.Fatalf("eleven within %s", begins[i].Sub(begins[i-10]))
			}
		}
		if took := begins[599].Sub(begins[0]); took > 61*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
