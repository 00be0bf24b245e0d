package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// bodies is what many large bodies at once cost.
type bodies struct {
	Count    int     `json:"count"`
	Bytes    int     `json:"bytes_each"`
	Accepted int     `json:"accepted"`
	Took     float64 `json:"accepted_within_s"`
	Done     float64 `json:"done_within_s"`
	CPU      float64 `json:"cpu_s"`
	Peak     float64 `json:"peak_rss_mb"`
	Disk     float64 `json:"disk_mb"`
}

func (b *bodies) String() string {
	return fmt.Sprintf("%d of %d bodies of %.1f MB accepted within %.1f s, their runs done within %.1f s; %.1f CPU-s, at most %.0f MB of memory, %.0f MB of disk",
		b.Accepted, b.Count, float64(b.Bytes)/(1<<20), b.Took, b.Done, b.CPU, b.Peak, b.Disk)
}

// largeBody is nearly as large as a body may be, and nearly as many values.
func largeBody(seed int) string {
	const items = 57_000
	var b strings.Builder
	b.Grow(10 << 20)
	b.WriteString(`{"list":[`)
	text := strings.Repeat("x", 150)
	for i := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"i":%d,"t":%q}`, seed*items+i, text)
	}
	b.WriteString(`]}`)
	return b.String()
}

func (c *benchCmd) bodies(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	url, err := server.scenario("bodies", `{"stepmill": 1, "name": "Bodies", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "a", "uses": "core.set", "with": {"values": {"n": "{{ len(trigger.body.list) }}"}}}, {"id": "w", "wait": {"for": "1s"}},
		{"id": "b", "uses": "core.set", "with": {"values": {"all": "{{ trigger.body.list }}"}}}]}`)
	if err != nil {
		return err
	}
	out := &bodies{Count: c.Bodies, Bytes: len(largeBody(0))}
	watch, stop := context.WithCancel(ctx)
	peak := make(chan float64)
	go func() {
		most := 0.0
		for watch.Err() == nil {
			if now, err := server.rss(); err == nil {
				most = max(most, now)
			}
			time.Sleep(20 * time.Millisecond)
		}
		peak <- most
	}()
	begun := time.Now()
	var all sync.WaitGroup
	var accepted atomic.Int64
	var first atomic.Pointer[error]
	for i := range c.Bodies {
		all.Go(func() {
			if err := benchPost(ctx, url, largeBody(i)); err != nil {
				first.CompareAndSwap(nil, &err)
				return
			}
			accepted.Add(1)
		})
	}
	all.Wait()
	out.Accepted, out.Took = int(accepted.Load()), time.Since(begun).Seconds()
	err = server.ended(ctx, "bodies", out.Accepted)
	out.Done = time.Since(begun).Seconds()
	stop()
	out.Peak = <-peak
	if err != nil {
		return err
	}
	if out.CPU, err = server.cpu(); err != nil {
		return err
	}
	out.Disk = server.disk() / (1 << 20)
	r.Bodies = out
	say("%s\n", out)
	if err := first.Load(); err != nil {
		say("one was refused: %v\n", *err)
	}
	return nil
}

// ended waits until so many runs of a scenario have succeeded.
func (s *child) ended(ctx context.Context, slug string, n int) error {
	for ctx.Err() == nil {
		var page struct {
			Total int `json:"total"`
		}
		if err := s.call(http.MethodGet, "/api/v1/runs?limit=1&status=succeeded&scenario="+slug, nil, &page); err != nil {
			return err
		}
		if page.Total >= n {
			return nil
		}
		var bad struct {
			Items []json.RawMessage `json:"items"`
		}
		if err := s.call(http.MethodGet, "/api/v1/runs?limit=1&status="+string(run.Failed)+"&scenario="+slug, nil, &bad); err != nil {
			return err
		}
		if len(bad.Items) > 0 {
			return fault.New(fault.Internal, "A measured run failed: %s", fault.Clip(string(bad.Items[0]), 300))
		}
		time.Sleep(100 * time.Millisecond)
	}
	return ctx.Err()
}
