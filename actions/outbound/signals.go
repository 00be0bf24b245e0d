package outbound

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const day = 24 * time.Hour

// plea is what an answer asks for: to be left alone for a while.
type plea struct {
	code   fault.Code    // empty: it asks for nothing
	wait   time.Duration // zero: it does not say how long
	narrow bool          // it means what was asked for only
	step   bool          // it means the step that asked only
}

// pleaOf reads an answer by what is known of the vendor's limits. A 429 asks to wait whatever is known, and so does one that
// limited says is of that class.
func pleaOf(limits actions.Limits, resp actions.Response, limited bool, now time.Time) plea {
	var p plea
	var signal actions.Signal
	for _, s := range limits.Signals {
		if fits(s, resp) {
			signal, p.narrow, p.step, p.code = s, s.Narrow, s.Step, fault.Code(s.Code)
			if p.code == "" {
				p.code = fault.RateLimited
			}
			break
		}
	}
	if p.code == "" {
		if resp.Status != http.StatusTooManyRequests && !limited {
			return plea{}
		}
		p.code = fault.RateLimited
	}
	p.wait = retryAfter(resp.Header, now)
	if p.wait == 0 && signal.WaitAt != "" {
		seconds, _ := strconv.ParseFloat(value.Text(value.At(resp.Value, signal.WaitAt)), 64)
		p.wait = bounded(seconds)
	}
	if p.wait == 0 {
		p.wait = resetOf(limits.Headers, resp.Header, now)
	}
	if p.wait == 0 {
		p.wait = signal.Wait
	}
	return p
}

func fits(s actions.Signal, resp actions.Response) bool {
	if s.Status != 0 && s.Status != resp.Status {
		return false
	}
	if s.Header != "" {
		text := strings.TrimSpace(resp.Header.Get(s.Header))
		if text == "" || s.Is != "" && !strings.EqualFold(text, s.Is) {
			return false
		}
	}
	if s.Pointer == "" {
		return true
	}
	v := value.At(resp.Value, s.Pointer)
	text := value.Text(v)
	switch {
	case s.Equals != "":
		return text == s.Equals
	case s.Contains != "":
		return strings.Contains(strings.ToLower(text), s.Contains)
	}
	return v != nil && v != false && v != ""
}

// count is how much of a limit an answer says is left.
type count struct {
	left, most int // most is zero where it is not told
	opens      time.Duration
}

// countOf reads one limit's headers; false: they are not there, or not to be read.
func countOf(l actions.Limit, header http.Header, now time.Time) (count, bool) {
	if l.Of != "" && !strings.EqualFold(header.Get(l.Of), l.Is) {
		return count{}, false
	}
	var c count
	if l.Used != "" {
		_, both, _ := strings.Cut(header.Get(l.Used), "=")
		used, most, ok := strings.Cut(both, "/")
		n, err := strconv.Atoi(strings.TrimSpace(used))
		m, _, _ := strings.Cut(most, ",")
		var worse error
		if c.most, worse = strconv.Atoi(strings.TrimSpace(m)); !ok || err != nil || worse != nil {
			return count{}, false
		}
		c.left, c.opens = max(c.most-n, 0), l.Window
		return c, true
	}
	left, err := strconv.ParseFloat(strings.TrimSpace(header.Get(l.Remaining)), 64)
	if err != nil || left != left || left > 1e9 {
		return count{}, false
	}
	c.left = max(int(left), 0)
	if c.most, err = strconv.Atoi(strings.TrimSpace(header.Get(l.Limit))); err != nil || c.most < 0 {
		c.most = 0
	}
	if c.opens = untilReset(header.Get(l.Reset), l.Unit, now); c.opens == 0 {
		c.opens = l.Window
	}
	return c, true
}

// resetOf is how long the limit that is used up is closed, by the vendor's headers: the longest of those of which nothing is
// left, and where none says so the first to open.
func resetOf(limits []actions.Limit, header http.Header, now time.Time) time.Duration {
	var used, first time.Duration
	for _, l := range limits {
		opens := untilReset(header.Get(l.Reset), l.Unit, now)
		c, ok := countOf(l, header, now)
		if ok && c.left == 0 {
			used = max(used, opens)
		}
		if opens > 0 && (first == 0 || opens < first) {
			first = opens
		}
	}
	if used > 0 {
		return used
	}
	return first
}

// untilReset is how long it is until a limit opens again; zero: it is open, or the text says nothing.
func untilReset(text string, unit actions.Unit, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseFloat(text, 64)
	if unit == actions.AsDate || err != nil {
		return untilDate(text, now)
	}
	if unit == actions.AnyUnit {
		switch {
		case n > 1e11:
			unit = actions.EpochMillis
		case n > 1e8:
			unit = actions.EpochSeconds
		}
	}
	switch unit {
	case actions.EpochMillis:
		return bounded(n/1000 - float64(now.UnixMilli())/1000)
	case actions.EpochSeconds:
		return bounded(n - float64(now.UnixMilli())/1000)
	case actions.MillisToGo:
		return bounded(n / 1000)
	}
	return bounded(n)
}

// retryAfter reads the Retry-After headers: seconds or a date, up to a day, the longest of several; nonsense counts as
// nothing.
func retryAfter(header http.Header, now time.Time) time.Duration {
	var longest time.Duration
	for _, text := range header.Values("Retry-After") {
		text = strings.TrimSpace(text)
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			longest = max(longest, bounded(n))
		} else {
			longest = max(longest, untilDate(text, now))
		}
	}
	return longest
}

func untilDate(text string, now time.Time) time.Duration {
	at, err := http.ParseTime(text)
	if err != nil {
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return 0
		}
	}
	return min(max(at.Sub(now), 0), day)
}

// bounded turns seconds from outside into a time between nothing and a day.
func bounded(seconds float64) time.Duration {
	switch {
	case seconds != seconds || seconds <= 0:
		return 0
	case seconds > day.Seconds():
		return day
	}
	return time.Duration(seconds * float64(time.Second))
}
