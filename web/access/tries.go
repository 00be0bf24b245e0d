package access

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// tries slows guessing down. An account is guessed at from one address a handful of times, and an address guesses at any
// accounts some times more; who signs in from elsewhere is not held up by either.
type tries struct {
	now     func() time.Time
	mu      sync.Mutex
	buckets map[tryKey]*tryBucket
}

// tryKey is one account from one address, or every account from it where the account is empty.
type tryKey struct{ account, address string }

type tryBucket struct {
	level float64
	at    time.Time
}

const (
	triesAtOnce = 10
	tryEvery    = 6 * time.Second // of one account from one address
	addressMore = 6               // times that for all accounts from it: a team may share an address
	maxBuckets  = 10_000
)

func newTries(now func() time.Time) *tries {
	return &tries{now: now, buckets: map[tryKey]*tryBucket{}}
}

// take counts an attempt; where there were too many it is an error that says how long to wait.
func (t *tries) take(account, remote string) error {
	address := network(remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.prune()
	wait := t.draw(tryKey{"", address}, addressMore)
	if wait == 0 && account != "" {
		wait = t.draw(tryKey{account, address}, 1)
	}
	if wait > 0 {
		return &fault.Error{Code: fault.RateLimited, Message: "Too many attempts. Wait a minute and try again.", RetryAfter: wait}
	}
	return nil
}

func (t *tries) draw(key tryKey, more float64) (wait time.Duration) {
	now, full := t.now(), triesAtOnce*more
	b := t.buckets[key]
	if b == nil {
		b = &tryBucket{level: full, at: now}
		t.buckets[key] = b
	}
	b.level = min(full, b.level+more*now.Sub(b.at).Seconds()/tryEvery.Seconds())
	b.at = now
	if b.level < 1 {
		return time.Duration((1 - b.level) / more * float64(tryEvery))
	}
	b.level--
	return 0
}

// giveBack takes back an attempt that was none: it had the right password.
func (t *tries) giveBack(account, remote string) {
	address := network(remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range []tryKey{{"", address}, {account, address}} {
		if b := t.buckets[key]; b != nil {
			b.level++ // draw bounds it
		}
	}
}

// prune forgets the buckets that have filled up; where that is not enough, half of the rest: memory comes first.
func (t *tries) prune() {
	if len(t.buckets) < maxBuckets {
		return
	}
	for key, b := range t.buckets {
		if t.now().Sub(b.at) > triesAtOnce*tryEvery {
			delete(t.buckets, key)
		}
	}
	for key := range t.buckets {
		if len(t.buckets) < maxBuckets/2 {
			return
		}
		delete(t.buckets, key)
	}
}

// network is what one sender has of addresses: an IPv4 address, or the /64 of an IPv6 one.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
}
