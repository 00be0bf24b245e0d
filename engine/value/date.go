package value

import (
	"strings"
	"time"
)

// DateForm is how dates are given: RFC 3339 with milliseconds, in the date's own zone.
const DateForm = "2006-01-02T15:04:05.000Z07:00"

// noColon is RFC 3339 as Jira and Salesforce write it: 2026-01-31T09:30:00.000+0000.
const noColon = "2006-01-02T15:04:05.999999999Z0700"

// ReadDate reads a date as machines write them; one that names no zone is read in the given one.
func ReadDate(text string, zone *time.Location) (time.Time, bool) {
	if len(text) > 40 {
		return time.Time{}, false
	}
	for _, form := range []string{time.RFC3339Nano, noColon, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", time.RFC1123Z, time.RFC1123} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// DateUnits are the units that always last as long.
func DateUnits() map[string]time.Duration {
	return map[string]time.Duration{"millisecond": time.Millisecond, "second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}
}

// DateUnit is a unit's name in the singular, as days is of day.
func DateUnit(unit string) string { return strings.TrimSuffix(strings.ToLower(unit), "s") }

// AddMonths keeps the day where the month has it, else takes the month's last.
func AddMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// Months are the full months from y to x.
func Months(x, y time.Time) int {
	y = y.In(x.Location())
	n := (x.Year()-y.Year())*12 + int(x.Month()) - int(y.Month())
	switch {
	case n > 0 && AddMonths(y, n).After(x):
		n--
	case n < 0 && AddMonths(y, n).Before(x):
		n++
	}
	return n
}

// AddUnits gives the date that is later by whole days, weeks, months, quarters or years; false: it is no such unit.
func AddUnits(t time.Time, n int, unit string) (time.Time, bool) {
	switch DateUnit(unit) {
	case "day":
		return t.AddDate(0, 0, n), true
	case "week":
		return t.AddDate(0, 0, 7*n), true
	case "month":
		return AddMonths(t, n), true
	case "quarter":
		return AddMonths(t, 3*n), true
	case "year":
		return AddMonths(t, 12*n), true
	}
	return t, false
}

// StartOf is the beginning of a date's minute, hour, day, week (Monday), month, quarter or year; false: it is no such unit.
func StartOf(t time.Time, unit string) (time.Time, bool) {
	y, m, d := t.Date()
	switch DateUnit(unit) {
	case "minute":
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, t.Location()), true
	case "hour":
		return time.Date(y, m, d, t.Hour(), 0, 0, 0, t.Location()), true
	case "day":
		return time.Date(y, m, d, 0, 0, 0, 0, t.Location()), true
	case "week":
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location()), true
	case "month":
		return time.Date(y, m, 1, 0, 0, 0, 0, t.Location()), true
	case "quarter":
		return time.Date(y, m-(m-1)%3, 1, 0, 0, 0, 0, t.Location()), true
	case "year":
		return time.Date(y, 1, 1, 0, 0, 0, 0, t.Location()), true
	}
	return t, false
}
