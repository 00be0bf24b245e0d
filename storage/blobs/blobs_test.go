package blobs

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

func open(t *testing.T) (*Dir, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	d, err := Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, dir
}

func put(t *testing.T, d *Dir, text string) string {
	t.Helper()
	hash, size, err := d.Put("me", strings.NewReader(text))
	if err != nil || size != int64(len(text)) {
		t.Fatal(size, err)
	}
	return hash
}

func read(d *Dir, hash string) (string, error) {
	f, err := d.Open(hash)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}

func TestPut(t *testing.T) {
	d, dir := open(t)
	hash := put(t, d, "hello")
	if hash != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" || put(t, d, "hello") != hash {
		t.Error("a blob is not named by its content", hash)
	}
	if got, err := read(d, hash); got != "hello" || err != nil {
		t.Error(got, err)
	}
	if got, err := read(d, put(t, d, "")); got != "" || err != nil {
		t.Error(got, err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, _, err := d.Put("me", bytes.NewReader(make([]byte, 100_000))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	broken := errors.New("cut off")
	if _, _, err := d.Put("me", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); err != broken {
		t.Error("an error of the sender is", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, begun+"*")); len(left) > 0 {
		t.Error("half written files are left", left)
	}
}

func TestDamage(t *testing.T) {
	d, dir := open(t)
	hash := put(t, d, strings.Repeat("x", 100_000))
	file := filepath.Join(dir, place(hash))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{"a flipped bit": append([]byte("y"), data[1:]...), "a cut": data[:5000], "more": append(data, 'x'), "nothing": nil} {
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(d, hash); fault.CodeOf(err) != fault.Internal {
			t.Errorf("%s is read: %v", name, err)
		}
	}
	if err := os.WriteFile(file, append([]byte("y"), data[1:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, d, string(data)) // what is damaged is written anew
	if got, err := read(d, hash); got != string(data) || err != nil {
		t.Error("a damaged blob is taken for the same", err)
	}
	for _, name := range []string{"", "..", "../../etc/passwd", hash[:63], strings.ToUpper(hash), strings.Repeat("0", 64)} {
		if _, err := read(d, name); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestSweep(t *testing.T) {
	d, dir := open(t)
	used, unused := put(t, d, "used"), put(t, d, "unused")
	for name, age := range map[string]time.Duration{"old": 2 * forsaken, "young": 0} {
		file := filepath.Join(dir, begun+name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	other := func(list []string) ([]string, error) {
		return slices.DeleteFunc(list, func(h string) bool { return h == used }), nil
	}
	sweep := func(sweep func(func([]string) ([]string, error)) (int, int64, error), want ...string) {
		t.Helper()
		n, bytes, err := sweep(other)
		if size := len(strings.Join(want, "")); err != nil || n != len(want) || bytes != int64(size) {
			t.Errorf("%d blobs of %d bytes went, not %q: %v", n, bytes, want, err)
		}
	}
	sweep(d.Sweep) // both are held by whoever put them
	sweep(d.SweepLoose)
	if err := d.Hold("another", unused); err != nil {
		t.Fatal(err)
	}
	d.Release("me")
	sweep(d.Sweep)
	sweep(d.SweepLoose)
	d.Release("another")
	wrong := errors.New("no")
	if _, _, err := d.SweepLoose(func([]string) ([]string, error) { return nil, wrong }); err != wrong {
		t.Error(err)
	}
	sweep(d.SweepLoose, "unused")
	sweep(d.SweepLoose)
	for hash, want := range map[string]bool{used: true, unused: false} {
		if _, err := read(d, hash); (err == nil) != want {
			t.Errorf("%s: %v", hash[:8], err)
		}
	}
	if err := d.Hold("me", unused); fault.CodeOf(err) != fault.NotFound {
		t.Error("what is gone is held", err)
	}
	for name, want := range map[string]bool{"old": false, "young": true} {
		if _, err := os.Stat(filepath.Join(dir, begun+name)); (err == nil) != want {
			t.Errorf("a half written file that is %s: %v", name, err)
		}
	}
	put(t, d, "what a crash left")
	d.holds = holds{}
	sweep(d.SweepLoose)
	sweep(d.Sweep, "what a crash left")
	d.Loosen(used)
	if _, _, err := d.Sweep(func([]string) ([]string, error) { return nil, wrong }); err != wrong {
		t.Error(err)
	}
}

// TestAgain puts one content from many sides, each of which refers to it afterwards, while it is swept all the time: what
// is referred to is always there.
func TestAgain(t *testing.T) {
	d, _ := open(t)
	var mu sync.Mutex
	refers := map[string]int{}
	unused := func(list []string) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		return slices.DeleteFunc(list, func(h string) bool { return refers[h] > 0 }), nil
	}
	done := make(chan struct{})
	var sweeps, all sync.WaitGroup
	for _, sweep := range []func(func([]string) ([]string, error)) (int, int64, error){d.Sweep, d.SweepLoose} {
		sweeps.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, _, err := sweep(unused); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 4 {
		holder := string(rune('a' + i))
		all.Go(func() {
			for range 100 {
				hash, _, err := d.Put(holder, strings.NewReader("the same"))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				refers[hash]++
				mu.Unlock()
				d.Release(holder)
				if _, err := read(d, hash); err != nil {
					t.Error("what is referred to is gone", err)
				}
				mu.Lock()
				refers[hash]--
				mu.Unlock()
				d.Loosen(hash)
			}
		})
	}
	all.Wait()
	close(done)
	sweeps.Wait()
}

// TestSlow: who sends a file slowly holds up neither the sweep nor others.
func TestSlow(t *testing.T) {
	d, _ := open(t)
	loose, _, err := d.Put("a", strings.NewReader("loose"))
	if err != nil {
		t.Fatal(err)
	}
	d.Release("a")
	d.Loosen(loose)
	in, sends := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, _, err := d.Put("b", in)
		done <- err
	}()
	io.WriteString(sends, "slow") // it has begun
	if n, _, err := d.SweepLoose(func(list []string) ([]string, error) { return list, nil }); n != 1 || err != nil {
		t.Errorf("%d blobs were swept: %v", n, err)
	}
	if _, _, err := d.Put("c", strings.NewReader("fast")); err != nil {
		t.Error(err)
	}
	sends.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFull(t *testing.T) {
	d, dir := open(t)
	if err := os.RemoveAll(dir); err != nil { // the nearest to a disk that fails
		t.Fatal(err)
	}
	if _, _, err := d.Put("me", strings.NewReader("x")); fault.CodeOf(err) != fault.Unavailable {
		t.Error(err)
	}
}
