package value

import (
	"strconv"
	"time"
)

// Moment reads a time as systems write it: RFC 3339 and what is nearly that, which is taken to be UTC where it names no
// zone, or a number of seconds or milliseconds since 1970, also as a text, as Slack's ts.
func Moment(v any) (time.Time, bool) {
	if text, ok := v.(string); ok {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at, at.Unix() > 0
			}
		}
	}
	if text, ok := v.(string); ok {
		if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 && n < 1e15 {
			v = int(n)
		}
	}
	n, err := Normalize(v)
	if err != nil || Kind(n) != "number" {
		return time.Time{}, false
	}
	seconds := int64(0)
	switch n := n.(type) {
	case int:
		seconds = int64(n)
	case float64:
		seconds = int64(n)
	}
	switch {
	case seconds <= 0:
		return time.Time{}, false
	case seconds >= 100_000_000_000: // as seconds the year 5138
		return time.UnixMilli(seconds), true
	}
	return time.Unix(seconds, 0), true
}
