package access

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

func TestWrongPassword(t *testing.T) {
	d := newDesk(t)
	d.owner()
	for _, c := range []struct{ email, password string }{
		{"ada@example.com", "wrong horse battery"},
		{"ada@example.com", ""},
		{"eve@example.com", password},
		{"eve@example.com", ""},
		{"ada@example.com", strings.Repeat("x", 1<<20)},
	} {
		_, err := d.signIn(c.email, c.password, "192.0.2.1:1")
		if err == nil || err.Error() != wrongSignIn().Error() {
			t.Errorf("%s with %.20q: %v", c.email, c.password, err)
		}
	}
}

// TestNobodyCostsAsMuch asks that an account that is not there is answered after the same work.
func TestNobodyCostsAsMuch(t *testing.T) {
	h := newHasher()
	hash, err := h.make(password)
	if err != nil {
		t.Fatal(err)
	}
	work := func(hash string) uint64 { // by the memory that it takes, which is what argon2 makes it cost
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		h.fits(hash, "wrong horse battery")
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if known, unknown := work(hash), work(""); unknown < argonMemory<<10 || unknown < known/2 || unknown > 2*known {
		t.Errorf("%d bytes for an account, %d for none", known, unknown)
	}
	if h.fits("", "") || h.fits(nobody[:20], password) || h.fits("x$y$z$a$***$b", password) || !h.fits(hash, password) {
		t.Error("the wrong password fits")
	}
}

func TestPasswordForms(t *testing.T) {
	h := newHasher()
	hash, err := h.make("caf\u00e9 au lait")
	if err != nil {
		t.Fatal(err)
	}
	if !h.fits(hash, "cafe\u0301 au lait") {
		t.Error("the same text from another keyboard does not fit")
	}
}

func TestGuessing(t *testing.T) {
	d := newDesk(t)
	d.owner()
	guess := func(from string) error {
		_, err := d.signIn("eve@example.com", "", from)
		return err
	}
	for n := range triesAtOnce {
		if err := guess("192.0.2.1:1"); fault.CodeOf(err) != fault.Unauthorized {
			t.Fatalf("guess %d: %v", n, err)
		}
	}
	err := guess("192.0.2.1:2")
	var limited *fault.Error
	if !errors.As(err, &limited) || limited.Code != fault.RateLimited || limited.RetryAfter <= 0 || limited.RetryAfter > tryEvery {
		t.Fatalf("a guess too many: %v", err)
	}
	if err := guess("192.0.2.9:1"); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("guesses from one address hold up another: %v", err)
	}
	if _, err := d.signIn("ada@example.com", password, "192.0.2.1:3"); err != nil {
		t.Errorf("guesses at one account hold up another: %v", err)
	}
	d.pass(limited.RetryAfter)
	if err := guess("192.0.2.1:1"); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("after the wait: %v", err)
	}
}

// TestForwarded is §2.B 25: who says that it was sent on by somebody else is counted by where it comes from.
func TestForwarded(t *testing.T) {
	d := newDesk(t)
	d.owner()
	var err error
	for n := range triesAtOnce + 1 {
		r := request("POST", "/login")
		r.RemoteAddr = "192.0.2.1:1"
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "True-Client-Ip"} {
			r.Header.Set(name, fmt.Sprint("198.51.100.", n))
		}
		r.Header.Set("Forwarded", fmt.Sprint("for=198.51.100.", n))
		err = d.SignIn(httptest.NewRecorder(), r, "eve@example.com", "")
	}
	if fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("a guess too many: %v", err)
	}
}

func TestTries(t *testing.T) {
	now := time.Unix(1e9, 0)
	many := newTries(func() time.Time { return now })
	allowed := 0
	for n := range 3 * maxBuckets {
		if many.take(fmt.Sprint("account", n), "192.0.2.1:1") == nil {
			allowed++
		}
	}
	if allowed != triesAtOnce*addressMore {
		t.Errorf("one address tried %d accounts", allowed)
	}
	for n := range 3 * maxBuckets {
		if err := many.take("account", fmt.Sprintf("10.%d.%d.%d:1", n>>16, n>>8&255, n&255)); err != nil {
			t.Fatal(err)
		}
	}
	if len(many.buckets) > maxBuckets+2 {
		t.Errorf("%d buckets are kept", len(many.buckets))
	}
	for in, want := range map[string]string{"192.0.2.1:80": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80": "fe80::/64", "": "", "@": "@", "name:80": "name"} {
		if got := network(in); got != want {
			t.Errorf("%q comes from %q, not %q", in, got, want)
		}
	}
}

// TestRightPasswordsAreNoGuesses: who signs in often is not held up.
func TestRightPasswordsAreNoGuesses(t *testing.T) {
	d := newDesk(t)
	d.owner()
	for n := range 2 * triesAtOnce {
		if _, err := d.signIn("ada@example.com", password, "192.0.2.1:1"); err != nil {
			t.Fatalf("sign-in %d: %v", n, err)
		}
	}
	many := newTries(time.Now)
	for range 3 {
		many.giveBack("nobody", "192.0.2.1:1") // which took none
	}
	if err := many.take("nobody", "192.0.2.1:1"); err != nil || len(many.buckets) != 2 {
		t.Errorf("%v, %d buckets", err, len(many.buckets))
	}
}
