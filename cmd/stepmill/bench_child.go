package main

import (
	"bufio"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// child is a process that bench measures.
type child struct {
	cmd   *exec.Cmd
	proc  *process.Process
	dir   string
	url   string
	key   string
	start time.Duration // from its start until it said that it listens
	keep  bool          // its directory outlasts it
}

// startServer starts this program on a fresh data directory.
func startServer(ctx context.Context) (*child, error) {
	dir, err := os.MkdirTemp("", "stepmill-bench-")
	if err != nil {
		return nil, err
	}
	return startOn(ctx, dir)
}

// startOn starts this program on a data directory.
func startOn(ctx context.Context, dir string) (*child, error) {
	data := dataDir{Data: dir}
	store, err := data.open(ctx)
	if err != nil {
		return nil, err
	}
	plain, key, err := access.MakeKey(access.NewKey{Name: "bench", Role: run.Admin, Expires: time.Now().Add(time.Hour)})
	if err == nil {
		_, err = store.CreateKey(ctx, operator(), key)
	}
	store.Close()
	if err != nil {
		return nil, err
	}
	c, err := spawn(ctx, dir, serveArgs(dir)...)
	if err != nil {
		return nil, err
	}
	c.key = plain
	return c, nil
}

func serveArgs(dir string) []string {
	return []string{"serve", "--data", dir, "--addr", "127.0.0.1:0", "--egress-allow", "127.0.0.0/8", "--log-level", "error"}
}

// again stops the server, does something to its directory, and starts it anew on it.
func (c *child) again(ctx context.Context, do func() error) error {
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	c.cmd.Wait()
	if err := do(); err != nil {
		return err
	}
	next, err := spawn(ctx, c.dir, serveArgs(c.dir)...)
	if err != nil {
		return err
	}
	next.key, next.keep = c.key, c.keep
	*c = *next
	return nil
}

func startFloor(ctx context.Context, sink string) (*child, error) {
	dir, err := os.MkdirTemp("", "stepmill-floor-")
	if err != nil {
		return nil, err
	}
	os.Setenv("STEPMILL_FLOOR_DIR", dir)
	os.Setenv("STEPMILL_FLOOR_SINK", sink)
	return spawn(ctx, dir, "bench", "--floor")
}

// spawn starts this program and waits for its line "listening on".
func spawn(ctx context.Context, dir string, args ...string) (*child, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, dir: dir}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			c.url, c.start = strings.TrimSpace(url), time.Since(begun)
			break
		}
	}
	if c.url == "" {
		c.stop()
		return nil, fault.New(fault.Internal, "stepmill %s did not start.", args[0])
	}
	go func() {
		for lines.Scan() {
		}
	}()
	c.proc, err = process.NewProcess(int32(cmd.Process.Pid))
	return c, err
}

// stop ends the process and takes its directory away.
func (c *child) stop() {
	if c.cmd.Process != nil && c.cmd.ProcessState == nil {
		c.cmd.Process.Kill()
		c.cmd.Wait()
	}
	if !c.keep {
		os.RemoveAll(c.dir)
	}
}

// cpu gives the seconds of processor time the process has used.
func (c *child) cpu() (float64, error) {
	t, err := c.proc.Times()
	if err != nil {
		return 0, err
	}
	return t.User + t.System, nil
}

// rss gives its resident memory in MB.
func (c *child) rss() (float64, error) {
	m, err := c.proc.MemoryInfo()
	if err != nil {
		return 0, err
	}
	return float64(m.RSS) / (1 << 20), nil
}

// disk gives the bytes of its directory.
func (c *child) disk() float64 {
	var sum int64
	filepath.WalkDir(c.dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return float64(sum)
}
