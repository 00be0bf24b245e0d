// Package blobs keeps bytes by their content in a directory: values that are too large for a row, and files. What Put
// returned from is on disk; what Open reads is what was put, or an error.
package blobs

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// Name is what the directory of blobs is called within a data directory.
const Name = "blobs"

// Dir is a directory of blobs, each in a file that is named by the SHA-256 of its bytes. It is safe for concurrent use
// within one process.
type Dir struct {
	root *os.Root
	mu   sync.RWMutex // held for writing while unused blobs are taken away

	durable sync.Map // directories whose names are on disk
	holds   holds

	now func() time.Time
}

// Open opens a directory of blobs, which is made when it is not there.
func Open(dir string, now func() time.Time) (*Dir, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The directory %s cannot be made.", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The directory %s cannot be opened.", dir)
	}
	return &Dir{root: root, now: now}, nil
}

// Close gives the directory back.
func (d *Dir) Close() error { return d.root.Close() }

// begun is how the name of a file begins that is being written.
const begun = "new-"

// Put keeps everything that r gives, and gives its hash (lower-case hexadecimal) and size in bytes. On an error nothing
// is kept: Unavailable where the disk is full or fails, else what r gave. It stays until its holder, who is about to refer
// to it, releases what it holds.
func (d *Dir) Put(holder string, r io.Reader) (hash string, size int64, err error) {
	temp := begun + rand.Text()
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, unkept(err)
	}
	defer d.root.Remove(temp)
	sum := sha256.New()
	in := &reading{r: r}
	size, err = io.Copy(io.MultiWriter(f, sum), in)
	if err != nil {
		f.Close()
		if in.err != nil {
			return "", 0, in.err
		}
		return "", 0, unkept(err)
	}
	hash = hex.EncodeToString(sum.Sum(nil))
	d.mu.RLock() // not before: who sends a file slowly would hold up the sweep, and behind that everybody
	defer d.mu.RUnlock()
	if there, err := d.again(holder, hash); there || err != nil {
		f.Close()
		return hash, size, err
	}
	defer func() {
		if err == nil {
			d.holds.add(holder, hash)
		}
	}()
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return "", 0, unkept(err)
	}
	if err := d.root.Mkdir(path.Dir(place(hash)), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", 0, unkept(err)
	}
	if err := d.named(path.Dir(place(hash))); err != nil {
		return "", 0, unkept(err)
	}
	if err := d.root.Rename(temp, place(hash)); err != nil {
		return "", 0, unkept(err)
	}
	return hash, size, unkept(d.sync(path.Dir(place(hash))))
}

// Has keeps a blob that is there and undamaged, as Put does; false: it is to be put.
func (d *Dir) Has(holder, hash string) (bool, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.again(holder, hash)
}

// again is Has, while nothing is taken away.
func (d *Dir) again(holder, hash string) (bool, error) {
	if !d.whole(hash) {
		return false, nil
	}
	dir := path.Dir(place(hash)) // whoever wrote it may not have come to making its name durable
	if err := unkept(errors.Join(d.sync(dir), d.named(dir))); err != nil {
		return false, err
	}
	d.holds.add(holder, hash)
	return true, nil
}

// whole says that a blob is there and undamaged.
func (d *Dir) whole(hash string) bool {
	in, err := d.Open(hash)
	if err != nil {
		return false
	}
	defer in.Close()
	_, err = io.Copy(io.Discard, in)
	return err == nil
}

// reading tells an error of what is read from one of the disk.
type reading struct {
	r   io.Reader
	err error
}

func (in *reading) Read(b []byte) (int, error) {
	n, err := in.r.Read(b)
	if err != nil && err != io.EOF {
		in.err = err
	}
	return n, err
}

func unkept(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.Unavailable, "A large value cannot be kept: the disk is full, or it fails.")
}

// named makes the name of a directory durable, once: it may be another's that was killed before it came to that.
func (d *Dir) named(dir string) error {
	if _, done := d.durable.Load(dir); done {
		return nil
	}
	err := d.sync(".")
	if err == nil {
		d.durable.Store(dir, true)
	}
	return err
}

// sync makes the names in a directory durable.
func (d *Dir) sync(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// place is a blob's path. The first two digits are a directory, so that none grows too large.
func place(hash string) string { return hash[:2] + "/" + hash }

var isHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Open gives a blob to read. Its last Read says where it is damaged: Internal. One that is not there is NotFound.
func (d *Dir) Open(hash string) (io.ReadCloser, error) {
	if !isHash.MatchString(hash) {
		return nil, fault.New(fault.NotFound, "%q names no blob.", fault.Clip(hash, 80))
	}
	f, err := d.root.Open(place(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "The blob %s is not there.", hash[:12])
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The blob %s cannot be read.", hash[:12])
	}
	return &checked{file: f, sum: sha256.New(), want: hash}, nil
}

// checked reads a file and compares what it gave.
type checked struct {
	file *os.File
	sum  hash.Hash
	want string
}

func (c *checked) Read(b []byte) (int, error) {
	n, err := c.file.Read(b)
	c.sum.Write(b[:n])
	if err == io.EOF && hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		return n, fault.New(fault.Internal, "The blob %s is damaged: its bytes are not those that were kept.", c.want[:12])
	}
	return n, err
}

func (c *checked) Close() error { return c.file.Close() }

// forsaken is the age from which on a half written file is one that a dying process left.
const forsaken = time.Hour

// Sweep takes away every blob that is neither held nor used, and files that a dying process left half written. unused
// gives those of the hashes that nothing refers to. It gives how many blobs it took away, and their bytes.
func (d *Dir) Sweep(unused func(hashes []string) ([]string, error)) (n int, bytes int64, err error) {
	dirs, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return 0, 0, unkept(err)
	}
	for _, entry := range dirs {
		if !entry.IsDir() {
			if info, err := entry.Info(); err == nil && info.ModTime().Before(d.now().Add(-forsaken)) && strings.HasPrefix(entry.Name(), begun) {
				err = d.root.Remove(entry.Name())
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return n, bytes, unkept(err)
				}
			}
			continue
		}
		files, err := fs.ReadDir(d.root.FS(), entry.Name())
		if err != nil {
			return n, bytes, unkept(err)
		}
		var hashes []string
		for _, f := range files {
			if isHash.MatchString(f.Name()) {
				hashes = append(hashes, f.Name())
			}
		}
		for list := range slices.Chunk(hashes, together) {
			many, freed, err := d.remove(list, unused)
			n, bytes = n+many, bytes+freed
			if err != nil {
				return n, bytes, err
			}
		}
	}
	return n, bytes, nil
}
