package value

import (
	"strconv"
	"strings"
	"time"
)

// Moment reads a time as systems write it: RFC 3339 and what is nearly that, which is taken to be UTC where it names no
// zone, or a number of seconds or milliseconds since 1970, also as a text, as Slack's ts.
func Moment(v any) (time.Time, bool) {
	if text, ok := v.(string); ok {
		for _, layout := range []string{time.RFC3339Nano, noColon, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05"} {
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

// early is a number of seconds before which none is taken for a time: it would rather be a year, or a count.
const early = 100_000_000 // in 1973

// Instant reads a time that means the same everywhere: a text that names its zone, as systems write it, or a number of seconds or
// milliseconds since 1970, also as a text.
func Instant(v any) (time.Time, bool) {
	if text, ok := v.(string); ok {
		text = strings.TrimSpace(text)
		here, ok := ReadDate(text, time.UTC)
		if ok {
			there, _ := ReadDate(text, time.FixedZone("", 3600))
			return here, here.Equal(there)
		}
		if strings.Trim(text, "0123456789.") != "" {
			return time.Time{}, false
		}
		v = text
	}
	at, ok := Moment(v)
	return at.UTC(), ok && at.Unix() >= early
}
