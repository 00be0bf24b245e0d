package outbound

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestRetryAfter is §2.D 36: how long a vendor asks to wait, read as RFC 9110 says, from nothing to a day.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "-1": 0, "1": time.Second, " 90 ": 90 * time.Second, "1.5": 1500 * time.Millisecond, "86400": day, "86401": day,
		"1e9": day, "99999999999": day, "999999999999999999999999999999": day, "1e400": 0, "-1e400": 0, "NaN": 0, "Inf": day, "-Inf": 0, "soon": 0, "10s": 0, "0x10p1": 32 * time.Second,
		"Wed, 04 Mar 2026 05:07:07 GMT": time.Minute, "Wed, 04 Mar 2026 05:06:07 GMT": 0, "Wed, 04 Mar 2020 05:06:07 GMT": 0, "Sun, 04 Mar 2099 05:06:07 GMT": day, "Wed, 04 Mar 2026": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {"7", "9"}}, now); got != 9*time.Second {
		t.Errorf("of two the longer holds, not %s", got)
	}
}

// TestAskedToWait is §2.D 36: what the step is told of answers that ask to wait, or to come no more.
func TestAskedToWait(t *testing.T) {
	status, headers := 0, []string(nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, text := range headers {
			w.Header().Add("Retry-After", text)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for _, k := range []struct {
		status  int
		headers []string
		class   string
		waits   int64 // milliseconds
	}{
		{429, []string{"7"}, "rate_limited", 7000},
		{429, []string{"0"}, "rate_limited", 0},
		{429, []string{"-1"}, "rate_limited", 0},
		{429, []string{"1e9"}, "rate_limited", day.Milliseconds()},
		{429, []string{"99999999999"}, "rate_limited", day.Milliseconds()},
		{429, []string{"Wed, 04 Mar 2020 05:06:07 GMT"}, "rate_limited", 0},
		{429, []string{"Sun, 04 Mar 2099 05:06:07 GMT"}, "rate_limited", day.Milliseconds()},
		{429, []string{"nonsense"}, "rate_limited", 0},
		{429, []string{"7", "9"}, "rate_limited", 9000},
		{429, []string{"9", "nonsense"}, "rate_limited", 9000},
		{503, nil, "unavailable", 0},
		{503, []string{"120"}, "unavailable", 120_000},
		{410, []string{"7"}, "not_found", 7000}, // of this class nothing is tried again, whatever is asked
	} {
		status, headers = k.status, k.headers
		forget(c)
		r := invoke(t, c, call(map[string]any{"url": server.URL}))
		if class(r) != k.class || r.Failure.RetryAfter != k.waits {
			t.Errorf("%d %q: %+v", k.status, k.headers, r.Failure)
		}
	}
}
