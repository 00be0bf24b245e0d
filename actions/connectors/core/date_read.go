package core

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/value"
)

const maxDateText = 100

// read reads a date in the form that is given, or in nearly any that people and machines write.
func (d dating) read(input string, v any) (time.Time, error) {
	zone := d.zone
	if zone == nil {
		zone = time.UTC
	}
	switch v := v.(type) {
	case int:
		return epoch(input, float64(v))
	case float64:
		return epoch(input, v)
	case json.Number:
		return time.Time{}, wrong(input, "%s is no date: as a number it has seconds or milliseconds since 1970.", shown(v))
	case string:
		text := strings.TrimSpace(v)
		if len(text) > maxDateText || text == "" {
			return time.Time{}, wrong(input, "%s is no date.", shown(v))
		}
		if d.from != "" && input == "date" {
			form, _ := value.GoForm(d.from)
			t, err := time.ParseInLocation(form, text, zone)
			if err != nil {
				return t, wrong(input, "%s is no date of the form %s.", shown(text), shown(d.from))
			}
			return inRange(input, t)
		}
		return d.guess(input, text, zone)
	}
	return time.Time{}, wrong(input, "a date is a text or a number, not %s.", value.AKind(v))
}

func inRange(input string, t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return t, wrong(input, "the year %d is out of range.", y)
	}
	return t, nil
}

// epoch reads seconds or, from the year 5138 on, milliseconds since 1970.
func epoch(input string, n float64) (time.Time, error) {
	switch {
	case math.Abs(n) > 2.5e14:
		return time.Time{}, wrong(input, "%s is no date: as a number it has seconds or milliseconds since 1970.", shown(n))
	case math.Abs(n) >= 1e11:
		return inRange(input, time.UnixMilli(int64(n)).UTC())
	}
	return inRange(input, time.UnixMilli(int64(math.Round(n*1000))).UTC())
}

var (
	slashed   = regexp.MustCompile(`^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(.*)$`)
	ordinals  = regexp.MustCompile(`(?i)(\d)(st|nd|rd|th)\b`)
	offsets   = regexp.MustCompile(`^(.*\d)\s*(?:UTC|GMT)?\s*([+-]\d{2}):?(\d{2})$`)
	allDigits = regexp.MustCompile(`^-?\d{9,14}$`)
)

// guess reads a date whose form is not known.
func (d dating) guess(input, text string, zone *time.Location) (time.Time, error) {
	if t, ok := value.ReadDate(text, zone); ok {
		return inRange(input, t)
	}
	if allDigits.MatchString(text) && len(text) != 12 && len(text) != 14 {
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return epoch(input, n)
		}
	}
	if m := slashed.FindStringSubmatch(text); m != nil {
		return d.slashed(input, text, m, zone)
	}
	if t, ok := tryForms(text, zone, "2006-01-02", "2006/1/2", "2006.1.2", "2006-1-2", "20060102"); ok {
		return inRange(input, t)
	}
	words := ordinals.ReplaceAllString(strings.Join(strings.Fields(strings.NewReplacer(",", " ", " of ", " ", " at ", " ", ".", " ").Replace(strings.ReplaceAll(text, "a.m.", "am"))), " "), "$1")
	var forms []string
	for _, form := range []string{"2 January 2006", "2 Jan 2006", "January 2 2006", "Jan 2 2006", "2-Jan-2006", "2-Jan-06"} {
		forms = append(forms, form, "Monday "+form, "Mon "+form)
	}
	if t, ok := tryForms(words, zone, forms...); ok {
		return inRange(input, t)
	}
	for _, form := range []string{time.ANSIC, time.UnixDate, time.RubyDate, time.RFC850, time.RFC822, time.RFC822Z, "20060102T150405Z0700", "20060102T150405", "20060102150405", "200601021504", "2006-01-02T15:04Z07:00", "January 2006", "Jan 2006", "2006-01"} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return inRange(input, t)
		}
	}
	return time.Time{}, wrong(input, "%s is no date that can be found out; give its form, as DD.MM.YYYY.", shown(text))
}

// slashed reads 31.01.2026, 1/31/26 and the like. With points the day is first, as wherever points are written.
func (d dating) slashed(input, text string, m []string, zone *time.Location) (time.Time, error) {
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	dayFirst := strings.Contains(text[:len(m[1])+1], ".")
	switch {
	case a > 12:
		dayFirst = true
	case b > 12:
		dayFirst = false
	case dayFirst || a == b:
	case d.order == "day_first":
		dayFirst = true
	case d.order != "month_first":
		return time.Time{}, ambiguous(input, text)
	}
	day, month, year := m[1], m[2], m[3]
	if !dayFirst {
		day, month = month, day
	}
	if len(year) == 2 {
		century := "20"
		if year >= "69" {
			century = "19"
		}
		year = century + year
	}
	if t, ok := tryForms(year+"-"+month+"-"+day+m[4], zone, "2006-1-2"); ok {
		return inRange(input, t)
	}
	return time.Time{}, wrong(input, "%s is no date: there is no such day, or its time cannot be read.", shown(text))
}

// tryForms reads a date in one of some forms, with a time behind it or none, and with an offset or none.
func tryForms(text string, zone *time.Location, dates ...string) (time.Time, bool) {
	if bare := strings.TrimSuffix(strings.TrimSuffix(text, " UTC"), " GMT"); bare != text {
		text, zone = bare, time.UTC
	}
	if m := offsets.FindStringSubmatch(text); m != nil && strings.Contains(m[1], ":") {
		text = m[1] + " " + m[2] + m[3]
	}
	for _, date := range dates {
		for _, clock := range []string{"", " 15:04", " 15:04:05", "T15:04:05", " 3:04 PM", " 3:04PM", " 3:04:05 PM", " 3 PM", " 3PM"} {
			for _, offset := range []string{"", " -0700", "Z07:00"} {
				if clock == "" && offset != "" {
					continue
				}
				if t, err := time.ParseInLocation(date+clock+offset, upperHalf(text), zone); err == nil {
					return t, true
				}
			}
		}
	}
	return time.Time{}, false
}

// upperHalf writes am and pm as Go reads them.
func upperHalf(text string) string {
	if n := len(text); n > 2 && (strings.EqualFold(text[n-2:], "am") || strings.EqualFold(text[n-2:], "pm")) {
		return text[:n-2] + strings.ToUpper(text[n-2:])
	}
	return text
}
