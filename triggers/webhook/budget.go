package webhook

import (
	"context"

	"github.com/stepmill/stepmill/engine/fault"
)

// budget is what one request holds of the memory that all of them share. A large one waits for room first.
type budget struct {
	h    *Handler
	most int64 // that the request may come to hold
	held int64
	free func() // gives its room back; nil: it is small
}

// room takes the room of a large request.
func (b *budget) room(ctx context.Context, n int64) (err error) {
	b.free, err = b.h.arriving.take(ctx, n, arriving)
	return err
}

// hold holds so many bytes more; of fewer than none it lets go.
func (b *budget) hold(ctx context.Context, n int64) (waited bool, err error) {
	b.held += n
	full := b.h.bytes.Add(n) > inFlight && n > 0
	if b.held > smallBody && b.free == nil { // it did not say how large it is
		waited = true
		if err := b.room(ctx, b.most); err != nil {
			return waited, err
		}
	}
	if full {
		return waited, fault.New(fault.Unavailable, "Too many large requests are being taken in; send this one again in a moment.")
	}
	return waited, nil
}

func (b *budget) release() {
	b.h.bytes.Add(-b.held)
	b.held = 0
	if b.free != nil {
		b.free()
	}
}
