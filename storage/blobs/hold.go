package blobs

import (
	"errors"
	"io/fs"
	"slices"
	"sync"

	"github.com/stepmill/stepmill/engine/fault"
)

// holds know which blobs somebody in this process is about to refer to, and which may have lost what referred to them.
type holds struct {
	mu    sync.Mutex
	of    map[string]map[string]bool // hashes, by who holds them
	count map[string]int             // of holders, by hash
	loose map[string]bool            // to be looked at by the next sweep
}

func (h *holds) add(holder, hash string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		h.of, h.count = map[string]map[string]bool{}, map[string]int{}
	}
	if h.of[holder][hash] {
		return
	}
	if h.of[holder] == nil {
		h.of[holder] = map[string]bool{}
	}
	h.of[holder][hash] = true
	h.count[hash]++
}

func (h *holds) release(holder string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for hash := range h.of[holder] {
		if h.count[hash]--; h.count[hash] == 0 {
			delete(h.count, hash)
		}
		h.loosen(hash) // it may have come to nothing
	}
	delete(h.of, holder)
}

func (h *holds) loosen(hash string) {
	if h.loose == nil {
		h.loose = map[string]bool{}
	}
	h.loose[hash] = true
}

// free gives those of the hashes that nobody holds.
func (h *holds) free(hashes []string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(hashes), func(hash string) bool { return h.count[hash] > 0 })
}

// take gives what is loose, at most so many.
func (h *holds) take(most int) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for hash := range h.loose {
		if len(out) == most {
			break
		}
		out = append(out, hash)
		delete(h.loose, hash)
	}
	return out
}

// Hold keeps a blob that is there from being taken away until its holder releases what it holds. One that is not there any
// more is NotFound.
func (d *Dir) Hold(holder, hash string) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	f, err := d.Open(hash)
	if err != nil {
		return err
	}
	d.holds.add(holder, hash)
	return f.Close()
}

// Held says whether a holder put or holds a blob.
func (d *Dir) Held(holder, hash string) bool {
	d.holds.mu.Lock()
	defer d.holds.mu.Unlock()
	return d.holds.of[holder][hash]
}

// Release lets go of everything that a holder put or held.
func (d *Dir) Release(holder string) { d.holds.release(holder) }

// Loosen says that what referred to blobs is gone: the next sweep looks whether anything else does.
func (d *Dir) Loosen(hashes ...string) {
	d.holds.mu.Lock()
	defer d.holds.mu.Unlock()
	for _, hash := range hashes {
		d.holds.loosen(hash)
	}
}

// together is how many blobs are looked at while nobody else can put one.
const together = 100

// SweepLoose takes away what has come loose and is neither held nor used, as Sweep does.
func (d *Dir) SweepLoose(unused func(hashes []string) ([]string, error)) (n int, bytes int64, err error) {
	for {
		list := d.holds.take(together)
		if len(list) == 0 {
			return n, bytes, nil
		}
		many, freed, err := d.remove(list, unused)
		n, bytes = n+many, bytes+freed
		if err != nil {
			d.Loosen(list...)
			return n, bytes, err
		}
	}
}

// remove takes away those of the blobs that nobody holds and nothing refers to. Who holds is asked first: whoever lets go
// has made its reference durable before.
func (d *Dir) remove(hashes []string, unused func([]string) ([]string, error)) (n int, bytes int64, err error) {
	d.mu.Lock() // nobody finds a blob there that is about to go
	defer d.mu.Unlock()
	if hashes = d.holds.free(hashes); len(hashes) == 0 {
		return 0, 0, nil
	}
	if hashes, err = unused(hashes); err != nil {
		return 0, 0, err
	}
	for _, hash := range hashes {
		info, err := d.root.Stat(place(hash))
		if err == nil {
			err = d.root.Remove(place(hash))
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return n, bytes, fault.Wrap(err, fault.Unavailable, "The blob %s cannot be taken away.", hash[:12])
		default:
			n, bytes = n+1, bytes+info.Size()
		}
	}
	return n, bytes, nil
}
