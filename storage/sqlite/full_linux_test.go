package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/storage/sqlite"
)

// TestOpensOnFullDisk: what is kept for it lets a database be opened on a full disk; without it, what to do is said.
func TestOpensOnFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatalf("a small disk cannot be mounted: %v", err)
		}
		t.Skipf("a small disk cannot be mounted, which needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	cfg := sqlite.Config{Dir: filepath.Join(disk, "data"), Sealer: sealer(t)}
	again := func() error {
		store, err := sqlite.Open(t.Context(), cfg)
		if err == nil {
			err = store.Close()
		}
		return err
	}
	fill := func() {
		f, err := os.Create(filepath.Join(disk, "fill"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for page := make([]byte, 4096); err == nil; {
			_, err = f.Write(page)
		}
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
	fill()
	if err := again(); err != nil {
		t.Errorf("with room kept: %v", err)
	}
	os.Remove(filepath.Join(cfg.Dir, "spare"))
	fill()
	if err := again(); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(fault.MessageOf(err), "is full") {
		t.Errorf("without: %v", err)
	}
	if err := os.Remove(filepath.Join(disk, "fill")); err != nil {
		t.Fatal(err)
	}
	if err := again(); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}
