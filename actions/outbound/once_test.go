package outbound

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// TestSentOnce is §2.D 35: a call of effect once whose kept connection breaks before the answer is not sent again by the transport,
// whatever its method, and carries its key by the name that everybody writes.
func TestSentOnce(t *testing.T) {
	for _, method := range []string{"GET", "POST", "PUT"} {
		var requests atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if r.Header.Get("Idempotency-Key") == "" {
				t.Errorf("%s without a key: %v", method, r.Header)
			}
			if requests.Add(1) > 1 {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				conn.Close()
			}
		}))
		b := &book{}
		c := newClient(t, Config{Connections: b, Allow: loopback})
		call := run.Call{Action: "core.http_request", Input: map[string]any{"method": method, "url": server.URL}, Effect: run.Once, Key: "k", Timeout: 5 * time.Second}
		if r := invoke(t, c, call); r.Failure != nil {
			t.Fatal(r.Failure)
		}
		r := invoke(t, c, call)
		if r.Failure == nil || r.Failure.Class != "uncertain" || requests.Load() != 2 {
			t.Errorf("%s: %+v after %d requests", method, r.Failure, requests.Load())
		}
		server.Close()
		c.Close()
	}
}
