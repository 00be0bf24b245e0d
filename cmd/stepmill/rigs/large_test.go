package rigs

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFullOfLarge fills the small disk that the data is on with large events, of which little is to be kept: what is swept
// gives its room back with the next sweep, and large events are taken again.
func TestFullOfLarge(t *testing.T) {
	if !long() {
		t.Skip("it waits for the sweep of each minute: STEPMILL_RIGS=long")
	}
	p, disk := must(t, template), t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=150m"); err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatalf("a small disk cannot be mounted: %v", err)
		}
		t.Skipf("a small disk cannot be mounted, which needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	data := copyOf(t, p, filepath.Join(disk, "data"))
	s, err := start(options{program: must(t, released), data: data, env: []string{"STEPMILL_KEEP_BYTES=20MB", "STEPMILL_KEEP_FOR=10s"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	send := func() int {
		b := make([]byte, 5<<20)
		for i := range b {
			b[i] = 'a' + byte(rand.IntN(26))
		}
		resp, err := http.Post(s.url+p.hook, "application/json", bytes.NewReader([]byte(`{"n": "large", "pad": "`+string(b)+`"}`)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	refused := func() bool { return send() >= 500 }
	for round := range 2 {
		if !eventually(time.Minute, refused) {
			t.Fatalf("round %d: nothing was refused on a full disk", round)
		}
		if !eventually(80*time.Second, func() bool { time.Sleep(time.Second); return !refused() }) {
			t.Errorf("round %d: large events are refused after the sweep: %s", round, s.errors)
		}
	}
	if !eventually(80*time.Second, func() bool { time.Sleep(time.Second); return kept(t, data) < 20<<20 }) {
		t.Errorf("%d bytes are kept apart of 20 MB", kept(t, data))
	}
}

// kept is how many bytes lie in files of their own.
func kept(t *testing.T, data string) (bytes int64) {
	list, err := filepath.Glob(filepath.Join(data, "blobs", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range list {
		if info, err := os.Stat(file); err == nil && !strings.HasPrefix(info.Name(), "new-") {
			bytes += info.Size()
		}
	}
	return bytes
}
