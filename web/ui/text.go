package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Ago is a moment as people say it, seen from now. src/time.ts says it in the same words.
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	switch {
	case d < -time.Minute:
		return "in " + strings.TrimSuffix(Ago(now.Add(d), now), " ago")
	case d < 10*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 30*24*time.Hour:
		days := int(d.Hours()) / 24
		if days == 1 {
			return "yesterday"
		}
		return fmt.Sprintf("%d days ago", days)
	}
	return t.UTC().Format("2 Jan 2006")
}

// In is how long it is until a time.
func In(t, now time.Time) string {
	switch d := t.Sub(now); {
	case d <= 0:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("in %d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("in %d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("in %d h", int(d.Hours()))
	case d < 48*time.Hour:
		return "tomorrow"
	case d < 30*24*time.Hour:
		return fmt.Sprintf("in %d days", int(d.Hours())/24)
	}
	return "on " + t.UTC().Format("2 Jan 2006")
}

// Took is a duration in as few letters as still say it. src/time.ts says it in the same words.
func Took(d time.Duration) string {
	switch ms := d.Milliseconds(); {
	case ms < 0:
		return "0 ms"
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case ms < 10_000:
		return trimZero(float64(ms/10)/100, 2) + " s"
	case ms < 60_000:
		return trimZero(float64(ms/100)/10, 1) + " s"
	case ms < 3_600_000:
		return fmt.Sprintf("%d min %d s", ms/60_000, ms%60_000/1000)
	case ms < 86_400_000:
		return fmt.Sprintf("%d h %d min", ms/3_600_000, ms%3_600_000/60_000)
	default:
		return fmt.Sprintf("%d d %d h", ms/86_400_000, ms%86_400_000/3_600_000)
	}
}

func trimZero(f float64, digits int) string {
	s := strconv.FormatFloat(f, 'f', digits, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Bytes is a size as people read it.
func Bytes(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return trimZero(float64(n/100_000)/10, 1) + " MB"
}

// Count is a number with its noun.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// Thousands writes a number in groups of three.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const machineTime = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(machineTime) }

// TooLarge says of a value that a page does not carry where it is, and how it begins.
func TooLarge(text []byte, where string) string {
	return fmt.Sprintf("%s of data, too large for this page; %s gives it whole. It begins: %s",
		Bytes(len(text)), where, strings.ToValidUTF8(string(text[:min(len(text), 400)]), ""))
}

// Fits says that each word of a query is a part of one of the texts, in capitals or not.
func Fits(query string, in ...string) bool {
	text := strings.ToLower(strings.Join(in, "\n"))
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
