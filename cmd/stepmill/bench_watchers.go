package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// watchers is what many websockets cost.
type watchers struct {
	Count   int     `json:"count"`
	Extra   float64 `json:"extra_rss_mb"`
	CPU     float64 `json:"idle_cpu_percent"`
	Follow  int     `json:"follow_all"`
	Lines   float64 `json:"lines_per_s"`
	Lag     latency `json:"lag"`
	Longest float64 `json:"longest_lag_ms"`
}

func (w *watchers) String() string {
	return fmt.Sprintf("%d websockets: %.0f MB of memory more, idle CPU %.2f %%; with %.0f lines a second to %d of them they come %.0f ms (median), %.0f ms (95th percentile) and at most %.0f ms after they were written",
		w.Count, w.Extra, w.CPU, w.Lines, w.Follow, w.Lag.P50, w.Lag.P95, w.Longest)
}

// watchers opens websockets of which one in a hundred follows what happens and the others wait for something.
func (c *benchCmd) watchers(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	url, err := server.scenario("watched", `{"stepmill": 1, "name": "Watched", "trigger": {"uses": "webhook"}, "steps": [{"id": "a", "uses": "core.set", "with": {"values": {"n": "{{ trigger.body.n }}"}}}]}`)
	if err != nil {
		return err
	}
	if _, err := server.scenario("quiet", `{"stepmill": 1, "name": "Quiet", "trigger": {"uses": "webhook"}, "steps": []}`); err != nil {
		return err
	}
	out := &watchers{Count: c.Watchers, Follow: max(c.Watchers/100, 1)}
	empty, err := server.rss()
	if err != nil {
		return err
	}
	var lags lags
	var open []*websocket.Conn
	defer func() {
		for _, conn := range open {
			conn.Close()
		}
	}()
	for i := range c.Watchers {
		of := "quiet"
		if i < out.Follow {
			of = "watched"
		}
		conn, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(server.url, "http")+"/api/v1/stream?scenario="+of, http.Header{"Authorization": {"Bearer " + server.key}})
		if err != nil {
			return err
		}
		resp.Body.Close()
		open = append(open, conn)
		go lags.read(conn)
	}
	idle, err := server.still()
	if err != nil {
		return err
	}
	out.Extra, out.CPU = idle.RSS-empty, idle.CPU
	begun := time.Now()
	if _, _, err := pace(url, `{"n": 1}`, 40, 5*time.Second); err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	time.Sleep(time.Second)
	all := lags.sorted()
	if len(all) == 0 {
		return fmt.Errorf("none of %d websockets heard anything", out.Follow)
	}
	out.Lines = float64(len(all)) / float64(out.Follow) / took
	out.Lag, out.Longest = latency{all[len(all)/2], all[len(all)*95/100]}, all[len(all)-1]
	r.Watchers = out
	say("%s\n", out)
	return nil
}

// lags are how many milliseconds after they were written entries came.
type lags struct {
	mu   sync.Mutex
	list []float64
}

func (l *lags) read(conn *websocket.Conn) {
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		var entry struct {
			At time.Time `json:"at"`
		}
		if json.Unmarshal(text, &entry) != nil || entry.At.IsZero() {
			continue
		}
		l.mu.Lock()
		l.list = append(l.list, float64(time.Since(entry.At).Microseconds())/1000)
		l.mu.Unlock()
	}
}

func (l *lags) sorted() []float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(slices.Values(l.list))
}
