package outbound

import (
	"context"
	"io"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// stallAfter is how long a file may stand still on its way: its call has hours, and a connection that is dead says nothing.
const stallAfter = 5 * time.Minute

// pulse ends an exchange of which nothing moves any more.
type pulse struct {
	timer  *time.Timer
	within time.Duration
}

// watched gives a context that ends, with a Timeout as its cause, where the pulse does not beat in time.
func (c *Client) watched(ctx context.Context, host string) (context.Context, *pulse, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	p := &pulse{within: c.stall}
	p.timer = time.AfterFunc(p.within, func() {
		cancel(fault.New(fault.Timeout, "Nothing came from or went to %s for %s.", fault.Clip(host, 100), p.within))
	})
	return ctx, p, func() { p.timer.Stop(); cancel(nil) }
}

// beating is a body whose every read is a beat.
type beating struct {
	io.ReadCloser
	pulse *pulse
}

func (b beating) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.pulse.timer.Reset(b.pulse.within)
	}
	return n, err
}
