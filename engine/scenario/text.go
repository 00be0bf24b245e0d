package scenario

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/stepmill/stepmill/engine/fault"
)

// MaxDuration bounds every duration: longer ones are slips, and would overflow a clock.
const MaxDuration = 10 * 366 * 24 * time.Hour

var durationForm = regexp.MustCompile(durationPattern)

// ParseDuration reads 90s, 15m, 72h, 30d, 250ms and runs of them as 1h30m. A day is 24 hours.
func ParseDuration(s string) (time.Duration, error) {
	if len(s) > 60 || !durationForm.MatchString(s) {
		return 0, fault.New(fault.InvalidInput, "%s is not a duration; write a number with ms, s, m, h or d, as 90s or 1h30m.", quote(s))
	}
	var total float64 // nanoseconds
	for rest := s; rest != ""; {
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		n, _ := strconv.ParseFloat(rest[:end], 64)
		rest = rest[end:]
		for _, unit := range []struct {
			name string
			size time.Duration
		}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}} {
			if tail, ok := strings.CutPrefix(rest, unit.name); ok {
				total += n * float64(unit.size)
				rest = tail
				break
			}
		}
	}
	if total > float64(MaxDuration) {
		return 0, fault.New(fault.InvalidInput, "%s is longer than ten years.", quote(s))
	}
	return time.Duration(total), nil
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
