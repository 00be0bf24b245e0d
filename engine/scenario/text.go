package scenario

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// MaxDuration bounds every duration.
const MaxDuration = value.MaxDuration

// ParseDuration reads 90s, 15m, 72h, 30d, 250ms and runs of them as 1h30m. A day is 24 hours.
func ParseDuration(s string) (time.Duration, error) { return value.ParseDuration(s) }

// ParseTime reads a time, RFC 3339 or without its zone, which is the given one then.
func ParseTime(text string, zone *time.Location) (time.Time, error) {
	t, ok := value.ReadDate(text, zone)
	if !ok {
		return t, fault.New(fault.InvalidInput, "%s is not a time; RFC 3339 is needed, as 2026-01-31T09:00:00Z.", quote(text))
	}
	return t, nil
}

// MaxThrottle is how many events a throttle may let through in its window.
const MaxThrottle = 10_000

// ParseRate reads a number in a time, as 100/1m, of at most so many.
func ParseRate(text string, most int) (n int, window time.Duration, err error) {
	count, long, ok := strings.Cut(text, "/")
	n, err = strconv.Atoi(count)
	if ok && err == nil && n > most {
		return 0, 0, fault.New(fault.InvalidInput, "%s is more than %d; write it with a shorter time.", quote(text), most)
	}
	window, err2 := ParseDuration(long)
	switch {
	case !ok || err != nil || err2 != nil || count[0] == '+' || count[0] == '0' && n > 0: // one form, as the schema has it
	case n > 0 && window > 0:
		return n, window, nil
	case n >= 0:
		return 0, 0, fault.New(fault.InvalidInput, "%s lets nothing through, or all at once; write a number and a time that are more than zero, as 100/1m.", quote(text))
	}
	return 0, 0, fault.New(fault.InvalidInput, "%s is no rate; write a number in a time, as 100/1m.", quote(text))
}

func quote(s string) string { return strconv.Quote(fault.Clip(s, 60)) }

// MaxName is how many bytes what people call a thing may have.
const MaxName = 200

// checkName says why a text is no name; "" it is one.
func checkName(s string) string {
	switch {
	case len(s) > MaxName:
		return "The name has " + strconv.Itoa(len(s)) + " bytes; at most " + strconv.Itoa(MaxName) + " are taken."
	case strings.ContainsFunc(s, unicode.IsControl):
		return "The name holds a line break or another control character."
	}
	return notEmpty(s)
}

// MaxRemark is how many bytes a name that may be left out, a note or a description may have: lists show them whole.
const MaxRemark = 10_000

func checkRemark(s string) string {
	if len(s) > MaxRemark {
		return "The text has " + strconv.Itoa(len(s)) + " bytes; at most " + strconv.Itoa(MaxRemark) + " are taken."
	}
	return ""
}

// Slug makes a slug of a name: its letters and digits in lower case, the rest as single hyphens.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := strings.Trim(b.String(), "-")
	if len(slug) > 60 {
		slug = strings.TrimRight(slug[:60], "-")
	}
	if slug == "" {
		return "scenario"
	}
	return slug
}

// ParseBytes reads a size as "1GB", in powers of 1,024; "" is zero.
func ParseBytes(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for i, unit := range []string{"KB", "MB", "GB", "TB"} {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.ParseInt(digits, 10, 32); err == nil && n > 0 {
				return n << (10 * (i + 1)), nil
			}
		}
	}
	return 0, fault.New(fault.InvalidInput, "%s is not a size; write a whole number with KB, MB, GB or TB, as 10GB.", quote(text))
}
