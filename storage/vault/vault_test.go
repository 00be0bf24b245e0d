package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestSeal(t *testing.T) {
	v, err := New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"", "x", "CANARY", string(make([]byte, 1<<20))} {
		sealed, err := v.Seal([]byte(plain), "here")
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) > 3 && bytes.Contains(sealed, []byte(plain[:4])) && plain[0] != 0 {
			t.Error("the sealed text shows the plain one")
		}
		if got, err := v.Open(sealed, "here"); err != nil || string(got) != plain {
			t.Errorf("it opens as %q (%v)", got, err)
		}
		if _, err := v.Open(sealed, "there"); err == nil {
			t.Error("what was moved elsewhere opens")
		}
		other, _ := New(bytes.Repeat([]byte{8}, 32))
		if _, err := other.Open(sealed, "here"); err == nil {
			t.Error("another key opens it")
		}
		for _, cut := range []int{0, 1, 20, len(sealed) - 1} {
			if _, err := v.Open(sealed[:cut], "here"); err == nil {
				t.Errorf("cut to %d bytes it opens", cut)
			}
		}
		for _, i := range []int{0, 1, 15, 40, len(sealed) - 1} {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1
			if _, err := v.Open(bad, "here"); err == nil {
				t.Errorf("with byte %d changed it opens", i)
			}
		}
	}
	a, _ := v.Seal([]byte("same"), "here")
	b, _ := v.Seal([]byte("same"), "here")
	if bytes.Equal(a, b) {
		t.Error("the same text is sealed alike twice")
	}
}

func TestLoadOrCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "master.key")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := LoadOrCreate(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	first, _ := LoadOrCreate(path)
	sealed, _ := first.Seal([]byte("x"), "p")
	again, _ := LoadOrCreate(path)
	if _, err := again.Open(sealed, "p"); err != nil {
		t.Errorf("the key of a second start is another one: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != 32 {
		t.Errorf("%v %v", info, err)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("%d files lie there", len(entries))
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreate(path); err == nil {
		t.Error("a key that others may read is taken")
	}
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreate(short); err == nil {
		t.Error("half a key is taken")
	}
	if _, err := LoadOrCreate(dir); err == nil {
		t.Error("a directory is taken for a key")
	}
}

// TestFormerKeys: what a key sealed opens while that key stands among those before the newest, which alone seals.
func TestFormerKeys(t *testing.T) {
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	old, _ := New(one)
	sealed, err := old.Seal([]byte("x"), "here")
	if err != nil {
		t.Fatal(err)
	}
	ring, err := New(append(bytes.Clone(two), one...))
	if err != nil || !ring.Former() || old.Former() {
		t.Fatal(err)
	}
	if got, err := ring.Open(sealed, "here"); err != nil || string(got) != "x" || ring.Current(sealed, "here") {
		t.Errorf("%q %v", got, err)
	}
	if _, err := ring.Open(sealed, "there"); err == nil {
		t.Error("what was moved elsewhere opens")
	}
	again, _ := ring.Seal([]byte("y"), "here")
	if _, err := old.Open(again, "here"); err == nil || !ring.Current(again, "here") {
		t.Error("the old key seals still")
	}
	if _, err := New(make([]byte, 33)); err == nil {
		t.Error("half a key is taken")
	}
}

func TestRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := Rotate(path); err == nil {
		t.Error("a key that is not there has a successor")
	}
	old, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := old.Seal([]byte("x"), "here")
	for range 3 {
		v, err := Rotate(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Open(sealed, "here"); err != nil || string(got) != "x" {
			t.Errorf("%q %v", got, err)
		}
	}
	if list, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); err != nil || len(list) != 1 {
		t.Errorf("beside it lie %v", list)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".master-*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}
