package outbound

import (
	"context"
	"errors"
	"net/url"
	"runtime"

	"golang.org/x/sync/semaphore"

	"github.com/stepmill/stepmill/engine/fault"
)

const (
	// smallAnswer is a body that waits for nothing: those above it share what follows, so that many large answers at once
	// wait for one another and take no more memory than a few.
	smallAnswer = 128 << 10
	// readingRoom bounds the bytes of large bodies that are being read or handed over.
	readingRoom = 128 << 20
	// parsingRoom bounds the bytes of large bodies that are parsed and handed over: parsed they are several times as large.
	parsingRoom = 24 << 20
)

// rooms are the memory that all calls share for large answers. Whoever waits for room to read has none; whoever has some and
// needs more waits only for being the one call that may go beyond it, which waits for nothing: so no two wait for each other.
type rooms struct {
	reading, parsing, beyond *semaphore.Weighted
}

func newRooms() *rooms {
	return &rooms{reading: semaphore.NewWeighted(readingRoom), parsing: semaphore.NewWeighted(parsingRoom), beyond: semaphore.NewWeighted(1)}
}

// held is what a call has of them.
type held struct {
	reading, parsing int64
	beyond           bool
}

// read waits for room to read so many bytes.
func (h *held) read(ctx context.Context, r *rooms, n int64) error {
	return h.take(ctx, r, r.reading, &h.reading, n)
}

// parse waits for room to parse so many bytes that were read. The garbage of those before goes first: the collector, which
// lets the heap grow, would else keep several of them.
func (h *held) parse(ctx context.Context, r *rooms, n int64) error {
	err := h.take(ctx, r, r.parsing, &h.parsing, min(n, parsingRoom))
	if err == nil && n > parsingRoom/8 {
		runtime.GC()
	}
	return err
}

func (h *held) take(ctx context.Context, r *rooms, of *semaphore.Weighted, have *int64, n int64) error {
	switch {
	case h.beyond:
		return nil
	case *have == 0:
		if err := of.Acquire(ctx, n); err != nil {
			return err
		}
		*have = n
	case of.TryAcquire(n):
		*have += n
	default:
		if err := r.beyond.Acquire(ctx, 1); err != nil {
			return err
		}
		h.beyond = true
	}
	return nil
}

// fewer gives back what was taken to read and is not needed.
func (h *held) fewer(r *rooms, n int64) {
	if n = min(n, h.reading); n > 0 && !h.beyond {
		r.reading.Release(n)
		h.reading -= n
	}
}

// none says that nothing is held.
func (h *held) none() bool { return *h == held{} }

// leave gives everything back.
func (h *held) leave(r *rooms) {
	if h.reading > 0 {
		r.reading.Release(h.reading)
	}
	if h.parsing > 0 {
		r.parsing.Release(h.parsing)
	}
	if h.beyond {
		r.beyond.Release(1)
	}
	*h = held{}
}

// crowded is that an answer came and could not be taken in, which is nothing that its host did.
type crowded struct{ error }

func (c *crowded) Unwrap() error { return c.error }

func tooCrowded(ctx context.Context, target *url.URL, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.Wrap(err, fault.Cancelled, "The call to %s was cancelled.", fault.Clip(target.Host, 100))
	}
	return &crowded{fault.Wrap(err, fault.Timeout, "%s answered, but its answer is large and could not be taken in in time: too many large answers come in at once.", fault.Clip(target.Host, 100))}
}
