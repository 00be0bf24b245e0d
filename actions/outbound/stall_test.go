package outbound

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// shelf takes files and keeps none.
type shelf struct{}

func (shelf) RunFile(context.Context, string, string, string) (io.ReadCloser, error) {
	return nil, fault.New(fault.NotFound, "There is no file.")
}

func (shelf) KeepRunFile(_ context.Context, _ string, r io.Reader) (value.Large, error) {
	n, err := io.Copy(io.Discard, r)
	return value.Large{Bytes: int(n)}, err
}

// slowly gives its text a byte at a time.
type slowly struct{ io.Reader }

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(30 * time.Millisecond)
	return s.Reader.Read(b[:1])
}

// TestStall: a file that stands still on its way, in or out, ends its call long before its time; one that is slow does not.
func TestStall(t *testing.T) {
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow", "/hang":
			w.Header().Set("Content-Length", "20")
			for range 10 {
				io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
			if r.URL.Path == "/hang" {
				<-end
			}
			io.WriteString(w, strings.Repeat("x", 10))
		case "/deaf":
			<-end
		default:
			io.Copy(io.Discard, r.Body)
		}
	}))
	defer s.Close()
	defer close(end)
	stream := func(in io.Reader, size int) *actions.Stream {
		return &actions.Stream{Size: int64(size), Open: func() (io.ReadCloser, error) { return io.NopCloser(in), nil }}
	}
	for name, c := range map[string]struct {
		req  actions.HTTPRequest
		want string
	}{
		"a slow download": {actions.HTTPRequest{Method: "GET", URL: s.URL + "/slow", Keep: &value.File{}}, ""},
		"a dead download": {actions.HTTPRequest{Method: "GET", URL: s.URL + "/hang", Keep: &value.File{}}, "timeout"},
		"a slow upload":   {actions.HTTPRequest{Method: "PUT", URL: s.URL + "/up", Stream: stream(slowly{strings.NewReader(strings.Repeat("x", 20))}, 20)}, ""},
		"a dead upload":   {actions.HTTPRequest{Method: "PUT", URL: s.URL + "/deaf", Stream: stream(strings.NewReader(strings.Repeat("x", 64<<20)), 64<<20)}, "timeout"},
	} {
		client := newClient(t, Config{Allow: loopback, Files: shelf{}, Connectors: boom(func(ctx context.Context, _ actions.Input, do actions.Doer) (any, error) {
			_, err := do.HTTP(ctx, c.req)
			return nil, err
		})})
		client.stall = 400 * time.Millisecond
		r := client.Invoke(t.Context(), run.Call{Action: "boom.go", Effect: run.Idempotent, Timeout: time.Minute})
		if class(r) != c.want || c.want != "" && !strings.Contains(r.Failure.Message, "Nothing came from or went to 127.0.0.1") {
			t.Errorf("%s: %q %+v", name, class(r), r.Failure)
		}
	}
}
