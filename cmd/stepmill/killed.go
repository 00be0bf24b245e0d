package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// servedFile stands in the data directory while a process serves it, and stays when that is killed.
const servedFile = "served.json"

// memoryKills says how often the kernel has killed a process for want of memory since the machine began to run. It has no other
// way to tell: what it kills cannot say a word more.
type memoryKills struct {
	Boot  string `json:"boot"`  // of which run of the machine
	Count uint64 `json:"count"` // of oom_kill in /proc/vmstat, which counts those of containers too
}

// killsNow reads it; the zero value: the system does not tell.
func killsNow() memoryKills {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return memoryKills{}
	}
	stat, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return memoryKills{}
	}
	for line := range bytes.Lines(stat) {
		if text, ok := bytes.CutPrefix(line, []byte("oom_kill ")); ok {
			n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
			if err != nil {
				return memoryKills{}
			}
			return memoryKills{string(bytes.TrimSpace(boot)), n}
		}
	}
	return memoryKills{}
}

// killed says that the process that served the directory before did not end by itself, and that the kernel has killed for want of
// memory since it began.
func (c *serveCmd) killed(now memoryKills) (bool, error) {
	text, err := os.ReadFile(filepath.Join(c.Data, servedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var then memoryKills
	if json.Unmarshal(text, &then) != nil { // it died while it wrote it
		return false, nil
	}
	return now.Boot != "" && then.Boot == now.Boot && now.Count > then.Count, nil
}

// serves notes that this process serves the directory from now on; done, that it does so no more. On a full disk it cannot be
// noted, and is served all the same.
func (c *serveCmd) serves(now memoryKills) (done func(), err error) {
	text, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(c.Data, servedFile)
	if err := os.WriteFile(path, text, 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
		return nil, err
	}
	return func() { os.Remove(path) }, nil
}
