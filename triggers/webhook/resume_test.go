package webhook

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// told keeps what runs were told, as the store does.
type told struct {
	mu   sync.Mutex
	list []*run.Signal
	fail error
}

func (t *told) Signal(_ context.Context, g *run.Signal) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.list {
		if g.Key != "" && one.Key == g.Key {
			g.Known, g.OtherBody = true, one.Body != g.Body
		}
	}
	if t.fail == nil && !g.Known {
		t.list = append(t.list, g)
	}
	return t.fail
}

func TestResume(t *testing.T) {
	key := []byte("a key of thirty-two bytes, or so")
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	waits := &told{}
	h := &Handler{Waits: waits, LinkKey: key, Now: func() time.Time { return now }, MaxBody: 1 << 20, Log: slog.New(slog.DiscardHandler)}
	mux := http.NewServeMux()
	mux.HandleFunc("/resume/{token}", h.Resume)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	link := run.Link{Kind: run.ResumeLink, Workspace: "default", Run: "r1"}
	good := link.Token(key)
	approval := link
	approval.Kind = run.ApprovalLink

	send := func(method, token, body string, header ...string) (int, string, http.Header) {
		req, err := http.NewRequest(method, server.URL+"/resume/"+token+"?from=ada&from=bob", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b), resp.Header
	}

	status, body, header := send("POST", good, `{"paid": true}`, "Content-Type", "application/json", "Authorization", "Bearer x")
	if status != 200 || !strings.Contains(body, `"accepted"`) || header.Get("Cache-Control") != "no-store" {
		t.Fatalf("a POST gives %d %s %v", status, body, header)
	}
	g := waits.list[0]
	var v map[string]any
	if err := json.Unmarshal(g.Data, &v); err != nil {
		t.Fatal(err)
	}
	sent := v["headers"].(map[string]any)
	if g.Workspace != "default" || g.Run != "r1" || g.Kind != run.SignalEvent || v["method"] != "POST" || v["at"] != "2026-03-04T05:06:07.000Z" ||
		v["body"].(map[string]any)["paid"] != true || len(v["query"].(map[string]any)["from"].([]any)) != 2 || sent["authorization"] != nil {
		t.Errorf("the run is told %+v, %s", g, g.Data)
	}

	for range 2 {
		status, body, _ = send("PUT", good, "hello", "Idempotency-Key", "one", "Content-Type", "text/plain")
	}
	if status != 200 || !strings.Contains(body, `"duplicate"`) || len(waits.list) != 2 || waits.list[1].Key != "idempotency-key:one" {
		t.Errorf("sent twice with one key it is %d %s, kept %d times", status, body, len(waits.list))
	}
	if status, body, _ = send("PUT", good, "hello!", "Idempotency-Key", "one", "Content-Type", "text/plain"); status != 409 || !strings.Contains(body, "another body") || len(waits.list) != 2 {
		t.Errorf("sent again with another body it is %d %s", status, body)
	}

	for name, c := range map[string]struct {
		method, token, body string
		header              []string
		want                int
	}{
		"only looks":              {"GET", good, "", nil, 200},
		"only looks, head":        {"HEAD", good, "", nil, 200},
		"asks what is taken":      {"OPTIONS", good, "", nil, 204},
		"a method that acts not":  {"DELETE", good, "", nil, 405},
		"another key's":           {"POST", link.Token([]byte("other")), "", nil, 404},
		"an approval's":           {"POST", approval.Token(key), "", nil, 404},
		"nonsense":                {"POST", "x", "", nil, 404},
		"is not what it says":     {"POST", good, "{", []string{"Content-Type", "application/json"}, 400},
		"too large":               {"POST", good, strings.Repeat("x", 2<<20), nil, 413},
		"compressed":              {"POST", good, "x", []string{"Content-Encoding", "gzip"}, 415},
		"the key is too long":     {"POST", good, "x", []string{"Idempotency-Key", strings.Repeat("k", 300)}, 400},
		"a type that is no field": {"POST", good, "x", []string{"Content-Type", "image/png"}, 415},
	} {
		if status, body, _ := send(c.method, c.token, c.body, c.header...); status != c.want {
			t.Errorf("%s: %d %s, not %d", name, status, body, c.want)
		}
	}
	if len(waits.list) != 2 {
		t.Errorf("what was refused or only looked told the run something: %d", len(waits.list))
	}

	for want, err := range map[int]error{
		404: fault.New(fault.NotFound, "There is no run."),
		409: fault.New(fault.Conflict, "The run has ended; it waits for nothing any more."),
		429: fault.New(fault.RateLimited, "Too many."),
		503: fault.New(fault.Unavailable, "The disk is full."),
		500: fault.New(fault.Internal, "No."),
	} {
		waits.fail = err
		status, body, header := send("POST", good, "x")
		if status != want || (want == 503 || want == 429) != (header.Get("Retry-After") != "") {
			t.Errorf("%v gives %d %s %v", err, status, body, header)
		}
	}
}
