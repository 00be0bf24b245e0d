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
	hash, size, err := d.Put(strings.NewReader(text))
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
			if _, _, err := d.Put(bytes.NewReader(make([]byte, 100_000))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	broken := errors.New("cut off")
	if _, _, err := d.Put(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); err != broken {
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
	used, unused, young := put(t, d, "used"), put(t, d, "unused"), put(t, d, "young")
	old := time.Now().Add(-2 * time.Hour)
	if err := os.WriteFile(filepath.Join(dir, begun+"x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{place(used), place(unused), begun + "x"} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func() (int, int64) {
		t.Helper()
		n, bytes, err := d.Sweep(time.Now().Add(-time.Hour), func(list []string) ([]string, error) {
			return slices.DeleteFunc(list, func(h string) bool { return h == used }), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, bytes
	}
	put(t, d, "unused") // it is wanted again
	if n, _ := sweep(); n != 0 {
		t.Error("a blob went that was put again just now")
	}
	if err := os.Chtimes(filepath.Join(dir, place(unused)), old, old); err != nil {
		t.Fatal(err)
	}
	if n, bytes := sweep(); n != 1 || bytes != int64(len("unused")) {
		t.Errorf("%d blobs of %d bytes went", n, bytes)
	}
	for hash, want := range map[string]bool{used: true, unused: false, young: true} {
		if _, err := read(d, hash); (err == nil) != want {
			t.Errorf("%s: %v", hash[:8], err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, begun+"x")); err == nil {
		t.Error("a half written file is left")
	}
	wrong := errors.New("no")
	if err := os.Chtimes(filepath.Join(dir, place(used)), old, old); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Sweep(time.Now(), func([]string) ([]string, error) { return nil, wrong }); err != wrong {
		t.Error(err)
	}
}

func TestFull(t *testing.T) {
	d, dir := open(t)
	if err := os.RemoveAll(dir); err != nil { // the nearest to a disk that fails
		t.Fatal(err)
	}
	if _, _, err := d.Put(strings.NewReader("x")); fault.CodeOf(err) != fault.Unavailable {
		t.Error(err)
	}
}
