package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

type benchCmd struct {
	JSON bool `help:"Print one JSON object and nothing else."`
	Runs int  `default:"20000" help:"Runs of each job."`
	Pace int  `default:"500" help:"Events a second while latency is measured."`
	scaleFlags
	Floor bool `hidden:"" help:"Serve as the floor that the program is compared with."`
}

// report is what bench prints. CPU is the server's own, user and system, from the operating system.
type benchReport struct {
	W1           job     `json:"w1"`
	W2           job     `json:"w2"`
	Floor        job     `json:"floor"`
	RatioToFloor float64 `json:"ratio_to_floor"` // of W1's CPU
	IdleRSS      float64 `json:"idle_rss_mb"`
	LoadedRSS    float64 `json:"loaded_rss_mb"`
	Start        float64 `json:"start_s"`
	DiskPerRun   float64 `json:"disk_bytes_per_run"`
	Runs         int     `json:"runs"`
}

type job struct {
	RunsPerSecond float64 `json:"runs_per_s,omitempty"`
	Accepted      float64 `json:"accepted_per_s,omitempty"`
	CPUPer1000    float64 `json:"cpu_s_per_1000"`
	AcceptP50     float64 `json:"accept_p50_ms,omitempty"`
	AcceptP99     float64 `json:"accept_p99_ms,omitempty"`
}

// Run measures this very program: a child of its own on a fresh directory, with the sender and the receiver here.
func (c *benchCmd) Run(ctx context.Context, std streams) error {
	if c.Floor {
		return serveFloor(ctx, std)
	}
	say := func(format string, args ...any) {
		if !c.JSON {
			fmt.Fprintf(std.out, format, args...)
		}
	}
	if c.Runs < 1 || c.Pace < 1 {
		return usageError{"--runs and --pace are at least 1."}
	}
	if c.any() {
		return c.scale(ctx, std, say)
	}
	sink := newSink()
	defer sink.Close()
	before, err := c.floor(ctx, sink)
	if err != nil {
		return err
	}
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	r := benchReport{Start: server.start.Seconds(), Runs: c.Runs}
	say("start           %8.3f s\n", r.Start)
	time.Sleep(time.Second)
	if r.IdleRSS, err = server.rss(); err != nil {
		return err
	}
	say("idle            %8.1f MB\n", r.IdleRSS)
	if r.W1, err = c.w1(server, sink); err != nil {
		return err
	}
	say("W1              %8.0f runs/s  %.0f accepted/s  %.3f CPU-s per 1,000 runs  accept p50 %.2f ms, p99 %.2f ms at %d/s\n", r.W1.RunsPerSecond, r.W1.Accepted, r.W1.CPUPer1000, r.W1.AcceptP50, r.W1.AcceptP99, c.Pace)
	if r.LoadedRSS, err = server.rss(); err != nil {
		return err
	}
	r.DiskPerRun = server.disk() / float64(c.Runs+c.Pace*paceFor)
	say("loaded          %8.1f MB, %.0f bytes of disk a run\n", r.LoadedRSS, r.DiskPerRun)
	if r.W2, err = c.w2(server); err != nil {
		return err
	}
	say("W2              %8.0f runs/s  %.3f CPU-s per 1,000 runs\n", r.W2.RunsPerSecond, r.W2.CPUPer1000)
	server.stop()
	after, err := c.floor(ctx, sink)
	if err != nil {
		return err
	}
	r.Floor = job{RunsPerSecond: (before.RunsPerSecond + after.RunsPerSecond) / 2, CPUPer1000: (before.CPUPer1000 + after.CPUPer1000) / 2}
	r.RatioToFloor = r.W1.CPUPer1000 / r.Floor.CPUPer1000
	say("floor           %8.0f runs/s  %.3f CPU-s per 1,000: bare HTTP in, the same rows into SQLite, bare HTTP out\n", r.Floor.RunsPerSecond, r.Floor.CPUPer1000)
	say("W1 to the floor %8.2f times its CPU\n", r.RatioToFloor)
	if c.JSON {
		return json.NewEncoder(std.out).Encode(r)
	}
	return nil
}

const (
	benchSenders = 64
	paceFor      = 5 // seconds
)

// w1 is the main job: an event of 1 KB, a condition that holds, three fields mapped, one POST.
func (c *benchCmd) w1(server *child, sink *sink) (job, error) {
	url, err := server.scenario(fmt.Sprint("w1-", time.Now().UnixMilli()), `{"stepmill": 1, "name": "W1", "trigger": {"uses": "webhook", "if": "trigger.body.topic == \"conversation.user.replied\""},
		"steps": [{"id": "post", "uses": "core.http_request", "with": {"method": "POST", "url": "`+sink.url+`/w1", "json": {
			"conversation": "{{ trigger.body.data.item.id }}", "author": "{{ trigger.body.data.item.source.author.email }}", "text": "{{ truncate(strip_html(trigger.body.data.item.source.body), 80) }}"}}}]}`)
	if err != nil {
		return job{}, err
	}
	if err := fire(url, benchEvent, 2000, benchSenders); err != nil { // warm
		return job{}, err
	}
	sink.wait(2000)
	accepted := 0.0
	out, err := measure(server.cpu, c.Runs, func() error {
		sink.reset()
		begun := time.Now()
		if err := fire(url, benchEvent, c.Runs, benchSenders); err != nil {
			return err
		}
		accepted = float64(c.Runs) / time.Since(begun).Seconds()
		return sink.wait(c.Runs)
	})
	out.Accepted = accepted
	if err != nil {
		return out, err
	}
	out.AcceptP50, out.AcceptP99, err = pace(url, benchEvent, c.Pace, paceFor*time.Second)
	return out, err
}

// w2 is ten data steps, answered when the run has ended.
func (c *benchCmd) w2(server *child) (job, error) {
	var steps []string
	for i, kind := range strings.Fields("set if set if set if set if set set") {
		if kind == "set" {
			steps = append(steps, fmt.Sprintf(`{"id": "s%d", "uses": "core.set", "with": {"values": {"n": "{{ (trigger.body.n ?? 0) + %d }}", "name": "{{ trigger.body.data.item.source.author.name }}"}}}`, i, i))
			continue
		}
		steps = append(steps, fmt.Sprintf(`{"id": "s%d", "router": {"mode": "first", "branches": [{"id": "yes%d", "if": "steps.s%d.n >= 0", "steps": []}, {"id": "no%d", "steps": []}]}}`, i, i, i-1, i))
	}
	url, err := server.scenario("w2", `{"stepmill": 1, "name": "W2", "trigger": {"uses": "webhook", "with": {"respond": "ended"}}, "steps": [`+strings.Join(steps, ",")+`]}`)
	if err != nil {
		return job{}, err
	}
	if err := fire(url, benchEvent, 1000, benchSenders); err != nil {
		return job{}, err
	}
	return measure(server.cpu, c.Runs, func() error { return fire(url, benchEvent, c.Runs, benchSenders) })
}

// floor is what the least that could be done costs. It is measured before and after what is held to it, since a machine that others
// use is not as fast all the time.
func (c *benchCmd) floor(ctx context.Context, sink *sink) (job, error) {
	floor, err := startFloor(ctx, sink.url)
	if err != nil {
		return job{}, err
	}
	defer floor.stop()
	sink.reset()
	if err := fire(floor.url, benchEvent, 2000, benchSenders); err != nil {
		return job{}, err
	}
	if err := sink.wait(2000); err != nil {
		return job{}, err
	}
	return measure(floor.cpu, c.Runs, func() error {
		sink.reset()
		if err := fire(floor.url, benchEvent, c.Runs, benchSenders); err != nil {
			return err
		}
		return sink.wait(c.Runs)
	})
}

func measure(cpu func() (float64, error), runs int, do func() error) (job, error) {
	before, err := cpu()
	if err != nil {
		return job{}, err
	}
	begun := time.Now()
	if err := do(); err != nil {
		return job{}, err
	}
	took := time.Since(begun).Seconds()
	after, err := cpu()
	return job{RunsPerSecond: float64(runs) / took, CPUPer1000: (after - before) / float64(runs) * 1000}, err
}

// scenario makes a live scenario and gives its trigger URL.
func (s *child) scenario(slug, definition string) (string, error) {
	var made struct {
		Triggers []struct {
			URL string `json:"url"`
		} `json:"triggers"`
	}
	if err := s.call("POST", "/api/v1/scenarios", map[string]any{"slug": slug, "definition": json.RawMessage(definition)}, &made); err != nil {
		return "", err
	}
	if err := s.call("POST", "/api/v1/scenarios/"+slug+"/publish", map[string]any{"note": ""}, nil); err != nil {
		return "", err
	}
	return made.Triggers[0].URL, nil
}

func (s *child) call(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fault.New(fault.Internal, "%s %s answered %d: %s", method, path, resp.StatusCode, fault.Clip(string(text), 500))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// executable is this program's own file.
func executable() (string, error) { return os.Executable() }
