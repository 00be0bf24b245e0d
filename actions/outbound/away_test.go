package outbound

import (
	"net/http"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestApart: calls that are sent away come back one after another, over all probes, and of a vendor's wait none much later than
// it says.
func TestApart(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	asked := &valve{}
	asked.heed(plea{code: fault.RateLimited, wait: time.Minute}, now)
	for i := range 100_000 {
		if d := asked.later(time.Minute); d > 6*time.Second+5*time.Second-turnPatience {
			t.Fatalf("the %d. comes back %s after it may", i, d)
		}
	}
	for _, k := range []struct{ calls, laps int }{{1, 1}, {100, 1}, {10_000, 1}, {100_000, 4}} {
		broken := &valve{fails: failsInRow - 1}
		broken.failed(now)
		comes := map[time.Time]int{}
		from := now
		for i := range k.calls {
			if i == k.calls/2 { // a probe in between makes no second row of them
				from = broken.opens
				broken.take(from)
				broken.probes = 0
			}
			at := broken.back(from)
			if at.Before(broken.opens) || at.Sub(from) > longestAway {
				t.Fatalf("the %d. comes back after %s", i, at.Sub(from))
			}
			comes[at.Truncate(time.Second)]++
		}
		for at, n := range comes {
			if n > k.laps*int(time.Second/apart)+k.laps {
				t.Errorf("of %d, %d come back in the second after %s", k.calls, n, at.Sub(now))
			}
		}
	}
}

// TestKnownWait: a call that acts once does not wait in memory for a moment that is known, where a process that died would leave
// it in doubt; one that is repeated under its key does, and one whose moment is close.
func TestKnownWait(t *testing.T) {
	for _, c := range []struct {
		effect run.Effect
		wait   string // seconds, that the vendor asks for
		held   bool
	}{{run.Once, "5", true}, {run.Once, "1", false}, {run.Idempotent, "5", false}, {run.Idempotent, "20", true}} {
		requests := 0
		answer := func(w http.ResponseWriter, _ *http.Request) {
			if requests++; requests == 1 {
				w.Header().Set("Retry-After", c.wait)
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			w.Write([]byte(`{}`))
		}
		virtual(t, Config{Connections: credentials("acme", map[string]string{"a": "s3cret-1"})}, answer, func(t *testing.T, client *Client, _ *pipes) {
			in := act("acme", "a")
			in.Effect = c.effect
			if r := invoke(t, client, in); class(r) != "rate_limited" || r.Failure.Held {
				t.Fatalf("the vendor's own refusal is %+v", r)
			}
			begun := time.Now()
			r := invoke(t, client, in)
			if held := class(r) == "rate_limited" && r.Failure.Held && requests == 1 && time.Since(begun) == 0; held != c.held || !held && class(r) != "" {
				t.Errorf("%s, to wait %s s: %+v after %s and %d requests", c.effect, c.wait, r, time.Since(begun), requests)
			}
			if c.held && r.Failure.RetryAfter < 1000 {
				t.Errorf("%s comes back after %d ms", c.effect, r.Failure.RetryAfter)
			}
		})
	}
}
