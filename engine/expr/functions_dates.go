package expr

import (
	"math"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/value"
)

func dateFunctions() []entry {
	f := func(name, signature, summary string, least, most int, call func(*args) (any, error), examples ...Example) entry {
		return entry{Function: Function{name, "dates", signature, summary, examples}, min: least, max: most, call: call}
	}
	return []entry{
		f("now", "now() → text", "The time of this attempt, the same wherever it stands in a step.", 0, 0, func(a *args) (any, error) {
			return a.shown(a.s.moment.Now.UTC(), nil)
		}, Example{`now()`, `"2026-01-31T09:30:00.000Z"`}),
		f("date", "date(value, [zone]) → text", "A date from RFC 3339, from 2026-01-31, from 2026-01-31 09:30 in the zone or else the scenario's, or from seconds or milliseconds since 1970. It is in UTC, so that two compare as texts, or in the zone that is given.", 1, 2, func(a *args) (any, error) {
			t, err := a.date(0, 1)
			if len(a.list) == 1 {
				t = t.UTC()
			}
			return a.shown(t, err)
		}, Example{`date(1764000000)`, `"2025-11-24T16:00:00.000Z"`}, Example{`date("2026-01-31 10:00", "Europe/Zurich")`, `"2026-01-31T10:00:00.000+01:00"`}),
		f("parse_date", "parse_date(text, form, [zone]) → text", "A date from a text of a form as that of format_date.", 2, 3, func(a *args) (any, error) {
			zone := a.s.zone()
			if len(a.list) == 3 {
				var err error
				if zone, err = a.zone(2); err != nil {
					return nil, err
				}
			}
			text, written := a.text(0), a.dateForm(1)
			form, ok := value.GoForm(written)
			if a.err != nil || !ok {
				return a.fails("dates cannot be read by the form %s.", quote(written))
			}
			t, err := time.ParseInLocation(form, strings.TrimSpace(text), zone)
			if err != nil {
				return a.fails("%s is not a date of the form %s.", quote(text), quote(written))
			}
			return a.shown(t, nil)
		}, Example{`parse_date("31.01.2026 9:05", "DD.MM.YYYY H:mm", "Europe/Zurich")`, `"2026-01-31T09:05:00.000+01:00"`}),
		f("format_date", "format_date(date, form, [zone]) → text", "A date in words, in its own zone, or in the scenario's where it is in UTC: YYYY YY (or yyyy yy), MMMM MMM MM M, DD D (or dd d), Do, dddd ddd (or EEEE EEE), E (weekday, 1 is Monday), HH H hh h, mm m, ss s, SSS, A a, Z ZZ (offset), Q (quarter), WW W (ISO week), X x (seconds, milliseconds since 1970); text in [brackets] stays.", 2, 3, func(a *args) (any, error) {
			t, _, err := a.local(0, 2)
			if err != nil {
				return nil, err
			}
			return a.made(value.FormatDate(t, a.dateForm(1)))
		}, Example{`format_date("2026-01-31T09:05:00Z", "DD.MM.YYYY HH:mm")`, `"31.01.2026 09:05"`}, Example{`format_date("2026-01-31T09:05:00Z", "Do [of] MMMM yyyy, [week] W, Q")`, `"31st of January 2026, week 5, 1"`}, Example{`format_date("2026-01-31T09:05:00Z", "dddd, D MMMM [at] h:mm A", "America/New_York")`, `"Saturday, 31 January at 4:05 AM"`}),
		f("in_zone", "in_zone(date, zone) → text", "The same moment as clocks in the zone show it.", 2, 2, func(a *args) (any, error) {
			t, err := a.date(0, 9)
			if err != nil {
				return nil, err
			}
			zone, err := a.zone(1)
			return a.shown(t.In(zone), err)
		}, Example{`in_zone("2026-01-31T09:00:00Z", "Asia/Tokyo")`, `"2026-01-31T18:00:00.000+09:00"`}),
		f("add", "add(date, amount, unit) → text", "Later by an amount, or earlier by a negative one; a day has what hours the scenario's zone gives it: seconds, minutes, hours, days, weeks, months, quarters or years. A month that is too short ends on its last day.", 3, 3, func(a *args) (any, error) {
			t, own, err := a.local(0, 9)
			if err != nil {
				return nil, err
			}
			out, err := addTo(a, t, a.number(1), a.text(2))
			return a.shown(out.In(own), err)
		}, Example{`add("2026-01-31T09:00:00Z", 1, "month")`, `"2026-02-28T09:00:00.000Z"`}, Example{`add("2026-01-31T09:00:00Z", -90, "minutes")`, `"2026-01-31T07:30:00.000Z"`}),
		f("diff", "diff(later, earlier, [unit]) → number", "How much later, in seconds, minutes, hours, days or weeks, or in full months or years; seconds where no unit is given.", 2, 3, func(a *args) (any, error) {
			x, err := a.date(0, 9)
			if err != nil {
				return nil, err
			}
			y, err := a.date(1, 9)
			if err != nil {
				return nil, err
			}
			switch value.DateUnit(a.textOr(2, "seconds")) {
			case "month":
				return a.gives(value.Months(x, y))
			case "year":
				return a.gives(value.Months(x, y) / 12)
			}
			unit, ok := value.DateUnits()[value.DateUnit(a.textOr(2, "seconds"))]
			if !ok {
				return a.fails("%s is no unit of it; take seconds, minutes, hours, days, weeks, months or years.", quote(a.text(2)))
			}
			return a.gives(float64(x.Sub(y).Milliseconds()) / float64(unit.Milliseconds()))
		}, Example{`diff("2026-01-31T10:30:00Z", "2026-01-31T09:00:00Z", "hours")`, `1.5`}, Example{`diff("2026-03-30", "2026-01-31", "months")`, `1`}),
		f("start_of", "start_of(date, unit, [zone]) → text", "The beginning of its hour, day, week (Monday), month, quarter or year.", 2, 3, func(a *args) (any, error) {
			t, own, err := a.local(0, 2)
			if err != nil {
				return nil, err
			}
			out, err := startOf(a, t, a.text(1))
			return a.shown(out.In(own), err)
		}, Example{`start_of("2026-01-31T09:30:00Z", "month")`, `"2026-01-01T00:00:00.000Z"`}),
		f("end_of", "end_of(date, unit, [zone]) → text", "The last millisecond of its hour, day, week, month, quarter or year.", 2, 3, func(a *args) (any, error) {
			t, own, err := a.local(0, 2)
			if err != nil {
				return nil, err
			}
			begin, err := startOf(a, t, a.text(1))
			if err != nil {
				return nil, err
			}
			next, err := addTo(a, begin, 1, a.text(1))
			return a.shown(next.Add(-time.Millisecond).In(own), err)
		}, Example{`end_of("2026-01-31T09:30:00Z", "day")`, `"2026-01-31T23:59:59.999Z"`}),
		f("unix", "unix(date) → number", "Seconds since 1970.", 1, 1, func(a *args) (any, error) {
			t, err := a.date(0, 9)
			return int(t.Unix()), err
		}, Example{`unix("2026-01-31T09:30:00Z")`, `1769851800`}),
	}
}

// shown gives a date as a text. It has a year of four digits, or it would be no RFC 3339.
func (a *args) shown(t time.Time, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if y := t.Year(); y < 1 || y > 9999 {
		return a.fails("the year %d is out of range.", y)
	}
	return a.gives(t.Format(value.DateForm))
}

// date reads a date argument; zoneAt is the argument that names the zone it is read and shown in, where it is given.
func (a *args) date(i, zoneAt int) (time.Time, error) {
	zone := a.s.zone()
	if zoneAt < len(a.list) {
		var err error
		if zone, err = a.zone(zoneAt); err != nil {
			return time.Time{}, err
		}
	}
	var t time.Time
	switch v := a.list[i].(type) {
	case string:
		ok := false
		text := a.text(i)
		if a.err != nil {
			return t, a.err
		}
		if t, ok = value.ReadDate(strings.TrimSpace(text), zone); !ok {
			_, err := a.fails("%s is not a date; RFC 3339 is, as 2026-01-31T09:30:00Z.", quote(v))
			return t, err
		}
	default:
		n, ok := about(v)
		if !ok || math.Abs(n) > 1e14 {
			_, err := a.fails("value %d must be a date, not %s.", i+1, kindOf(v))
			return t, err
		}
		if math.Abs(n) >= 1e11 { // milliseconds: as seconds it would be the year 5138
			t = time.UnixMilli(int64(n))
		} else {
			t = time.UnixMilli(int64(math.Round(n * 1000)))
		}
		t = t.UTC()
	}
	if zoneAt < len(a.list) {
		t = t.In(zone)
	}
	if y := t.Year(); y < 1 || y > 9999 {
		_, err := a.fails("the year %d is out of range.", y)
		return t, err
	}
	return t, nil
}

// local reads a date as clocks show it: in the zone that is given, in its own, or in the scenario's where it is in UTC, as
// most that come from outside are. What is made of it goes back to its own.
func (a *args) local(i, zoneAt int) (t time.Time, own *time.Location, err error) {
	if t, err = a.date(i, zoneAt); err != nil {
		return t, time.UTC, err
	}
	own = t.Location()
	if zoneAt >= len(a.list) && own == time.UTC {
		t = t.In(a.s.zone())
	}
	return t, own, nil
}

func (a *args) zone(i int) (*time.Location, error) {
	name := a.text(i)
	if a.err != nil {
		return time.UTC, a.err
	}
	zone, err := a.s.loadZone(name)
	if err != nil {
		return time.UTC, err
	}
	return zone, nil
}

func addTo(a *args, t time.Time, n float64, unit string) (time.Time, error) {
	if a.err != nil {
		return t, a.err
	}
	if math.Abs(n) > 1e9 || math.IsNaN(n) {
		_, err := a.fails("the amount is out of range.")
		return t, err
	}
	whole, name := int(n), value.DateUnit(unit)
	if out, ok := value.AddUnits(t, whole, unit); ok {
		if float64(whole) != n {
			_, err := a.fails("%ss are added whole.", name)
			return t, err
		}
		return out, nil
	}
	size, ok := value.DateUnits()[name]
	if !ok {
		_, err := a.fails("%s is no unit; take seconds, minutes, hours, days, weeks, months, quarters or years.", quote(unit))
		return t, err
	}
	return t.Add(time.Duration(n * float64(size))), nil
}

func startOf(a *args, t time.Time, unit string) (time.Time, error) {
	out, ok := value.StartOf(t, unit)
	if !ok {
		_, err := a.fails("%s is no unit of it; take minute, hour, day, week, month, quarter or year.", quote(unit))
		return t, err
	}
	return out, nil
}
