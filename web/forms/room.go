package forms

import (
	"context"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

const (
	// smallBody is a body that waits for nothing; larger ones come in a few at a time.
	smallBody   = 256 << 10
	largeBodies = 16
	// inMemory is how much of a form with files is held in memory; the rest lies in files meanwhile.
	inMemory    = 256 << 10
	roomWithin  = 20 * time.Second
	filesWithin = 2 * time.Minute // that a form with files may take to come
)

// room lets large bodies in a few at a time. Its zero value is ready.
type room struct {
	once   sync.Once
	places chan struct{}
}

// take waits for room for a body of a size; -1: not known. What it gives gives the room back.
func (r *room) take(ctx context.Context, size int64) (leave func(), err error) {
	if size >= 0 && size <= smallBody {
		return func() {}, nil
	}
	r.once.Do(func() { r.places = make(chan struct{}, largeBodies) })
	timer := time.NewTimer(roomWithin)
	defer timer.Stop()
	select {
	case r.places <- struct{}{}:
		return sync.OnceFunc(func() { <-r.places }), nil
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil, fault.New(fault.Unavailable, "Too much is being taken in right now.")
}
