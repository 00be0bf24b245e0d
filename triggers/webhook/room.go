package webhook

import (
	"context"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stepmill/stepmill/engine/fault"
)

const (
	// smallBody is a body that waits for nothing: those above it share what follows, so that many large bodies at once
	// wait for one another and take no more memory than a few.
	smallBody = 256 << 10
	// arriving bounds the bytes of large bodies that have been or are being read.
	arriving = 48 << 20
	// parsing bounds the bytes of large bodies that are parsed and made durable: parsed they are several times as large.
	parsing = 24 << 20
	// roomWithin is how long a large body waits for room.
	roomWithin = 55 * time.Second
)

// room lets large bodies in a few at a time. Its zero value is ready.
type room struct {
	once  sync.Once
	bytes *semaphore.Weighted
}

// take waits for room for so many bytes, of at most. What it gives gives the room back, once.
func (r *room) take(ctx context.Context, n, most int64) (release func(), err error) {
	r.once.Do(func() { r.bytes = semaphore.NewWeighted(most) })
	ctx, cancel := context.WithTimeout(ctx, roomWithin)
	defer cancel()
	n = min(n, most)
	if err := r.bytes.Acquire(ctx, n); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Too many large requests are being taken in; send this one again in a moment.")
	}
	return sync.OnceFunc(func() { r.bytes.Release(n) }), nil
}

// parse waits until a body may be parsed. The garbage of the one before it goes first: the collector, which lets the heap
// double, would else keep several of them.
func (h *Handler) parse(ctx context.Context, size int) (release func(), err error) {
	if size <= smallBody {
		return func() {}, nil
	}
	release, err = h.parsing.take(ctx, int64(size), parsing)
	if err == nil && size > parsing/8 {
		runtime.GC()
	}
	return release, err
}
