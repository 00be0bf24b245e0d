package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage/sqlite"
)

// scaleFlags ask for measures at a size; each given one is measured, and nothing else.
type scaleFlags struct {
	Sleepers  int `placeholder:"N" help:"Measure with this many sleeping runs, as 1000000."`
	History   int `placeholder:"N" help:"Measure the list of runs over this many, as 10000000."`
	Items     int `placeholder:"N" help:"Measure a for_each over this many items, as 100000, and over a tenth of them."`
	Steps     int `placeholder:"N" help:"Measure a run of this many steps, as 1000, and of a tenth of them."`
	Schedules int `placeholder:"N" help:"Measure with this many scenarios with a schedule, as 10000."`
	Bodies    int `placeholder:"N" help:"Measure this many bodies of nearly 10 MB at once, as 64."`
	Rounds    int `placeholder:"N" help:"Measure a repeat of this many rounds, as 100000, and of a tenth of them."`
	Watchers  int `placeholder:"N" help:"Measure with this many websockets, as 5000, of which one in a hundred follows runs."`

	Keep string `placeholder:"DIR" help:"Keep here what --sleepers, --history and --schedules fill, and measure it again another time."`
}

func (f scaleFlags) any() bool {
	return f.Sleepers+f.History+f.Items+f.Steps+f.Schedules+f.Bodies+f.Rounds+f.Watchers > 0
}

// still is a server that has nothing to do.
type still struct {
	Start   float64 `json:"start_s"`
	CPU     float64 `json:"idle_cpu_percent"`
	RSS     float64 `json:"rss_mb"`
	Disk    float64 `json:"disk_mb"`
	Seconds float64 `json:"over_s"`
}

// growth is the cost of one thing at two sizes.
type growth struct {
	Small    int     `json:"small"`
	SmallCPU float64 `json:"small_cpu_s"`
	Large    int     `json:"large"`
	LargeCPU float64 `json:"large_cpu_s"`
	// Factor is how much dearer each part of the large one is: 1 is linear, and 0 that the small one took too little to say.
	Factor float64 `json:"factor_per_part,omitempty"`
	Took   float64 `json:"large_took_s"`
	RSS    float64 `json:"rss_mb"`
}

type scaleReport struct {
	Sleepers  *still             `json:"sleepers,omitempty"`
	W1Beside  *job               `json:"w1_beside_sleepers,omitempty"`
	Schedules *still             `json:"schedules,omitempty"`
	History   *still             `json:"history,omitempty"`
	Lists     map[string]latency `json:"lists,omitempty"`
	Items     *growth            `json:"items,omitempty"`
	Steps     *growth            `json:"steps,omitempty"`
	Bodies    *bodies            `json:"bodies,omitempty"`
	Rounds    *growth            `json:"rounds,omitempty"`
	Watchers  *watchers          `json:"watchers,omitempty"`
}

type latency struct {
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
}

// scale measures what was asked for, each on a fresh directory.
func (c *benchCmd) scale(ctx context.Context, std streams, say func(string, ...any)) error {
	var r scaleReport
	for _, m := range []struct {
		asked int
		do    func(context.Context, *scaleReport, func(string, ...any)) error
	}{{c.Sleepers, c.sleepers}, {c.Schedules, c.schedules}, {c.History, c.history}, {c.Items, c.items}, {c.Steps, c.steps}, {c.Bodies, c.bodies}, {c.Rounds, c.rounds}, {c.Watchers, c.watchers}} {
		if m.asked == 0 {
			continue
		}
		if err := m.do(ctx, &r, say); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(std.out).Encode(r)
	}
	return nil
}

const stillFor = 10 * time.Second

// rest measures a server that is left alone.
func (s *child) still() (*still, error) {
	time.Sleep(2 * time.Second)
	before, err := s.cpu()
	if err != nil {
		return nil, err
	}
	time.Sleep(stillFor)
	after, err := s.cpu()
	if err != nil {
		return nil, err
	}
	out := &still{Start: s.start.Seconds(), CPU: (after - before) / stillFor.Seconds() * 100, Disk: s.disk() / (1 << 20), Seconds: stillFor.Seconds()}
	out.RSS, err = s.rss()
	return out, err
}

func (s *still) String() string {
	return fmt.Sprintf("start %.3f s, idle CPU %.2f %%, %.0f MB of memory, %.0f MB of disk", s.Start, s.CPU, s.RSS, s.Disk)
}

// filledFor is the file that says of a kept directory that it holds all it was filled with.
const filledFor = "bench-filled"

// filled is a server, started anew, on a directory that was filled: now or, where that is kept, some time before.
func (c *benchCmd) filled(ctx context.Context, name string, say func(string, ...any), fill func(*child) error) (*child, error) {
	dir := ""
	if c.Keep != "" {
		dir = filepath.Join(c.Keep, name)
		if _, err := os.Stat(filepath.Join(dir, filledFor)); err == nil {
			server, err := startOn(ctx, dir)
			if err == nil {
				server.keep = true
			}
			return server, err
		}
		if err := os.RemoveAll(dir); err != nil { // it was not filled to the end
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	start := startServer
	if dir != "" {
		start = func(ctx context.Context) (*child, error) { return startOn(ctx, dir) }
	}
	server, err := start(ctx)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := fill(server); err != nil {
		server.stop()
		return nil, err
	}
	if dir != "" {
		if err := os.WriteFile(filepath.Join(dir, filledFor), nil, 0o600); err != nil {
			server.stop()
			return nil, err
		}
		server.keep = true
	}
	say("filled in       %8.1f s\n", time.Since(begun).Seconds())
	return server, nil
}

// generated fills a server's directory with runs of one scenario.
func generated(ctx context.Context, plan sqlite.Plan) func(*child) error {
	return func(server *child) error {
		if _, err := server.scenario("filled", `{"stepmill": 1, "name": "Filled", "trigger": {"uses": "webhook"}, "steps": [{"id": "w", "wait": {"for": "24h"}}]}`); err != nil {
			return err
		}
		var made struct {
			ID string `json:"id"`
		}
		if err := server.call("GET", "/api/v1/scenarios/filled", nil, &made); err != nil {
			return err
		}
		return server.again(ctx, func() error {
			plan.Workspace, plan.Scenario, plan.Trigger = run.DefaultWorkspace, made.ID, "trigger"
			return sqlite.Generate(ctx, server.dir, plan)
		})
	}
}

func (c *benchCmd) sleepers(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := c.filled(ctx, fmt.Sprint("sleepers-", c.Sleepers), say, generated(ctx, sqlite.Plan{Sleepers: c.Sleepers, Journals: c.Sleepers, Wake: time.Now().AddDate(1, 0, 0), Seed: 1}))
	if err != nil {
		return err
	}
	defer server.stop()
	if r.Sleepers, err = server.still(); err != nil {
		return err
	}
	say("%d sleep: %s\n", c.Sleepers, r.Sleepers)
	sink := newSink()
	defer sink.Close()
	w1, err := c.w1(server, sink)
	if err != nil {
		return err
	}
	r.W1Beside = &w1
	say("W1 beside them  %8.0f runs/s  %.3f CPU-s per 1,000 runs  accept p50 %.2f ms, p99 %.2f ms at %d/s\n", w1.RunsPerSecond, w1.CPUPer1000, w1.AcceptP50, w1.AcceptP99, c.Pace)
	return nil
}

func (c *benchCmd) schedules(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := c.filled(ctx, fmt.Sprint("schedules-", c.Schedules), say, func(server *child) error {
		for i := range c.Schedules {
			definition := fmt.Sprintf(`{"stepmill": 1, "name": "Scheduled %d", "trigger": {"uses": "schedule", "with": {"cron": "%d %d 1 1 *"}}, "steps": []}`, i, i%60, i/60%24)
			if _, err := server.scenario(fmt.Sprint("scheduled-", i), definition); err != nil {
				return err
			}
		}
		return server.again(ctx, func() error { return nil })
	})
	if err != nil {
		return err
	}
	defer server.stop()
	if r.Schedules, err = server.still(); err != nil {
		return err
	}
	say("%d scenarios with a schedule: %s\n", c.Schedules, r.Schedules)
	return nil
}

func (c *benchCmd) history(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := c.filled(ctx, fmt.Sprint("history-", c.History), say, generated(ctx, sqlite.Plan{History: c.History, Journals: min(c.History, 100_000), Seed: 1}))
	if err != nil {
		return err
	}
	defer server.stop()
	if r.History, err = server.still(); err != nil {
		return err
	}
	say("%d runs of history: %s\n", c.History, r.History)
	r.Lists = map[string]latency{}
	for _, query := range []string{"", "scenario=filled", "status=failed", "status=failed&scenario=filled", "status=running", "status=succeeded", "since=" + url.QueryEscape(time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)),
		"until=" + url.QueryEscape(time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)), "q=customer42@example.com", "q=nobody@example.org"} {
		l, err := server.list(query)
		if err != nil {
			return err
		}
		r.Lists[query] = l
		say("  list %-44s p50 %8.2f ms  p95 %8.2f ms\n", "?"+query, l.P50, l.P95)
	}
	return nil
}

// list asks for a page of the list of runs some times.
func (s *child) list(query string) (latency, error) {
	var took []float64
	for range 20 {
		begun := time.Now()
		if err := s.call("GET", "/api/v1/runs?limit=50&"+query, nil, &struct{}{}); err != nil {
			return latency{}, err
		}
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
	}
	slices.Sort(took)
	return latency{took[len(took)/2], took[len(took)*95/100]}, nil
}

func (c *benchCmd) items(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	url, err := server.scenario("items", `{"stepmill": 1, "name": "Items", "trigger": {"uses": "webhook", "with": {"respond": "ended"}}, "steps": [
		{"id": "all", "for_each": {"items": "{{ trigger.body.list }}", "concurrency": 4, "collect": "{{ steps.one.n }}", "steps": [{"id": "one", "uses": "core.set", "with": {"values": {"n": "{{ item * 2 }}"}}}]}},
		{"id": "out", "uses": "core.set", "with": {"values": {"count": "{{ len(steps.all) }}"}}}]}`)
	if err != nil {
		return err
	}
	r.Items, err = grows(server, c.Items, func(n int) error {
		return server.whole(ctx, "items", url, `{"list": [1`+strings.Repeat(", 7", n-1)+`]}`)
	})
	if err == nil {
		say("for_each items  %s\n", r.Items)
	}
	return err
}

func (c *benchCmd) rounds(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	url, err := server.scenario("rounds", `{"stepmill": 1, "name": "Rounds", "trigger": {"uses": "webhook", "with": {"respond": "ended"}}, "steps": [
		{"id": "loop", "repeat": {"until": "steps.one.n >= trigger.body.n", "max": 100000000, "steps": [{"id": "one", "uses": "core.set", "with": {"values": {"n": "{{ (steps.one?.n ?? 0) + 1 }}"}}}]}},
		{"id": "out", "uses": "core.set", "with": {"values": {"count": "{{ steps.one.n }}"}}}]}`)
	if err != nil {
		return err
	}
	r.Rounds, err = grows(server, c.Rounds, func(n int) error { return server.whole(ctx, "rounds", url, fmt.Sprintf(`{"n": %d}`, n)) })
	if err == nil {
		say("repeat rounds   %s, %.0f MB of disk\n", r.Rounds, server.disk()/(1<<20))
	}
	return err
}

func (c *benchCmd) steps(ctx context.Context, r *scaleReport, say func(string, ...any)) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	urls := map[int]string{}
	for _, n := range []int{max(c.Steps/10, 1), c.Steps} {
		steps := make([]string, n)
		for i := range steps {
			steps[i] = fmt.Sprintf(`{"id": "s%d", "uses": "core.set", "with": {"values": {"n": "{{ trigger.body.n + %d }}"}}}`, i, i)
		}
		if urls[n], err = server.scenario(fmt.Sprint("steps-", n), `{"stepmill": 1, "name": "Steps", "trigger": {"uses": "webhook", "with": {"respond": "ended"}}, "steps": [`+strings.Join(steps, ",")+`]}`); err != nil {
			return err
		}
	}
	r.Steps, err = grows(server, c.Steps, func(n int) error {
		for range 100 {
			if err := benchPost(ctx, urls[n], `{"n": 1}`); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		say("steps, 100 runs %s\n", r.Steps)
	}
	return err
}

// grows measures one thing at a tenth of a size and at the size.
func grows(server *child, size int, do func(n int) error) (*growth, error) {
	g := &growth{Small: max(size/10, 1), Large: size}
	if err := do(g.Small); err != nil { // warm
		return nil, err
	}
	for _, m := range []struct {
		n   int
		cpu *float64
	}{{g.Small, &g.SmallCPU}, {g.Large, &g.LargeCPU}} {
		before, err := server.cpu()
		if err != nil {
			return nil, err
		}
		begun := time.Now()
		if err := do(m.n); err != nil {
			return nil, err
		}
		g.Took = time.Since(begun).Seconds()
		after, err := server.cpu()
		if err != nil {
			return nil, err
		}
		*m.cpu = after - before
	}
	if g.SmallCPU > 0 {
		g.Factor = g.LargeCPU / float64(g.Large) / (g.SmallCPU / float64(g.Small))
	}
	var err error
	g.RSS, err = server.rss()
	return g, err
}

func (g *growth) String() string {
	factor := "too little to compare"
	if g.Factor > 0 {
		factor = fmt.Sprintf("%.2f times for each part", g.Factor)
	}
	return fmt.Sprintf("%.3f CPU-s at %d and %.3f at %d (%s), %.1f s, %.0f MB of memory", g.SmallCPU, g.Small, g.LargeCPU, g.Large, factor, g.Took, g.RSS)
}

// whole starts a run and waits for its end.
func (s *child) whole(ctx context.Context, slug, url, body string) error {
	if err := benchPost(ctx, url, body); err != nil {
		return err
	}
	for {
		var page struct {
			Items []struct {
				Status string `json:"status"`
			} `json:"items"`
		}
		if err := s.call("GET", "/api/v1/runs?limit=1&scenario="+slug, nil, &page); err != nil {
			return err
		}
		if len(page.Items) == 1 && run.Status(page.Items[0].Status).Ended() {
			if page.Items[0].Status != string(run.Succeeded) {
				return fault.New(fault.Internal, "The measured run of %s %s.", slug, page.Items[0].Status)
			}
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func benchPost(ctx context.Context, url, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fault.New(fault.Internal, "An event was answered %d: %s", resp.StatusCode, fault.Clip(string(text), 300))
	}
	return err
}
