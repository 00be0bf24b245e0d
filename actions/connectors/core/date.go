package core

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func dateAction() actions.Action {
	units := []string{"seconds", "Seconds", "minutes", "Minutes", "hours", "Hours", "days", "Days", "weekdays", "Working days, Monday to Friday", "weeks", "Weeks", "months", "Months", "quarters", "Quarters", "years", "Years"}
	return dataStep(actions.Action{
		ID: "date", Name: "Date", Description: "Reads, writes and moves dates, and tells how far two are apart.",
		Input: []actions.Field{
			choice("do", "Do", "What is done.", "format", "format", "Read and write it in another form", "add", "Later by an amount", "subtract", "Earlier by an amount", "start_of", "To the start of its day, week, month …", "end_of", "To the end of its day, week, month …",
				"difference", "How far it is to another date", "between", "Whether it lies between two dates"),
			notNull(field("date", "Date", actions.JSON, "A date in nearly any form, or seconds or milliseconds since 1970; the time of this attempt where it is not given.", "2026-01-31T09:30:00Z")),
			field("from_form", "Form of the date", actions.Text, "How it is written, as DD.MM.YYYY HH:mm; where it is not given, that is found out.", "DD.MM.YYYY"),
			choice("order", "Day and month", "What 03/04/2026 is, where the form is found out.", "ask", "ask", "An error: it could be either", "day_first", "3 April", "month_first", "March 4"),
			field("timezone", "Time zone", actions.Text, "In which a date without one is read, and in which days begin and the result is written; UTC, or the date's own, where it is not given.", "Europe/Zurich"),
			field("amount", "Amount", actions.Number, "To add or subtract: how many. Broken numbers for seconds to hours only.", 3),
			choice("unit", "Unit", "To add or subtract, of a start or an end, and of a difference. Days have what hours the time zone gives them; a month that is too short ends on its last day.", "days", units...),
			field("other", "Other date", actions.JSON, "Of a difference: the later date. Of between: the first date of the range.", "2026-03-31"),
			field("until", "Until", actions.JSON, "Of between: the last date of the range.", "2026-12-31"),
			flag("inclusive", "With the ends", "Of between: the first and the last date belong to the range.", true),
			field("form", "Form", actions.Text, "How text is written, as DD.MM.YYYY HH:mm, dddd, [week] W.", "DD.MM.YYYY HH:mm")},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"date": {Kind: "text"}, "text": {Kind: "text"}, "unix": {Kind: "number"}, "year": {Kind: "number"}, "month": {Kind: "number"}, "day": {Kind: "number"}, "hour": {Kind: "number"}, "minute": {Kind: "number"},
			"second": {Kind: "number"}, "weekday": {Kind: "number"}, "weekday_name": {Kind: "text"}, "week": {Kind: "number"}, "quarter": {Kind: "number"}, "timezone": {Kind: "text"}, "between": {Kind: "boolean"}, "amount": {Kind: "number"}, "unit": {Kind: "text"}, "later": {Kind: "boolean"}, "parts": {Kind: "object"}}},
		Sample: map[string]any{"date": "2026-01-31T09:30:00.000Z", "text": "31.01.2026 09:30", "unix": 1769851800, "year": 2026, "month": 1, "day": 31, "hour": 9, "minute": 30, "second": 0, "weekday": 6, "weekday_name": "Saturday", "week": 5, "quarter": 1, "timezone": "UTC"},
	}, runDate, func(v map[string]any) error { _, err := planDate(v); return err }, "do", "timezone", "amount", "unit", "form", "from_form")
}

// notNull makes null an error of a field.
func notNull(f actions.Field) actions.Field {
	f.NotNull = true
	return f
}

// dating is what is asked about dates, made ready.
type dating struct {
	do, unit, form string
	from           string // empty: it is found out
	order          string
	zone           *time.Location // nil: not given
	amount         any
}

func planDate(v map[string]any) (d dating, err error) {
	d = dating{do: textOf(v, "do"), unit: textOf(v, "unit"), form: textOf(v, "form"), from: textOf(v, "from_form"), order: textOf(v, "order"), amount: v["amount"]}
	if name := textOf(v, "timezone"); name != "" {
		if d.zone, err = zoneOf("timezone", name); err != nil {
			return d, err
		}
	}
	if len(d.form) > 200 || len(d.from) > 200 {
		return d, wrong("form", "it has more than 200 bytes.")
	}
	for _, f := range [][2]string{{"form", d.form}, {"from_form", d.from}} {
		if part := value.WrongToken(f[1]); part != "" {
			return d, wrong(f[0], "%s in it is no part of a date that is known; take %s, and put a text that is no part in [brackets].", part, "YYYY YY, MMMM MMM MM M, dddd ddd, DD D Do, HH H hh h, mm m, ss s, SSS, A a, Z ZZ, E, Q, WW W, X x")
		}
	}
	if d.from != "" {
		if _, ok := value.GoForm(d.from); !ok {
			return d, wrong("from_form", "dates cannot be read by %s; take YYYY, MM, DD, HH, mm, ss and the like.", shown(d.from))
		}
	}
	adds := d.do == "add" || d.do == "subtract"
	switch {
	case adds && d.amount == nil:
		return d, wrong("amount", "say how many %s.", d.unit)
	case !adds && d.amount != nil:
		return d, wrong("amount", "it is for add and subtract; this is %s.", d.do)
	case (d.do == "start_of" || d.do == "end_of") && (d.unit == "seconds" || d.unit == "weekdays"):
		return d, wrong("unit", "%s of %s is not known; take minutes, hours, days, weeks, months, quarters or years.", d.do, d.unit)
	}
	if adds {
		n, isInt := d.amount.(int)
		f, isFloat := d.amount.(float64)
		_, broken := value.DateUnits()[value.DateUnit(d.unit)]
		switch {
		case !isInt && !isFloat || n > 1e9 || n < -1e9 || f > 1e9 || f < -1e9:
			return d, wrong("amount", "%s is out of range.", shown(d.amount))
		case isFloat && (!broken || d.unit == "days" || d.unit == "weeks"):
			return d, wrong("amount", "%s are added whole, not %s.", d.unit, shown(d.amount))
		case d.unit == "weekdays" && (n > 100_000 || n < -100_000):
			return d, wrong("amount", "at most 100,000 working days are added.")
		}
	}
	return d, nil
}

// zoneOf finds a time zone by its name.
func zoneOf(input, name string) (*time.Location, error) {
	if len(name) > 60 || strings.Contains(name, "..") || name == "Local" {
		return nil, wrong(input, "%s is no time zone; use a name as Europe/Zurich.", shown(name))
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, wrong(input, "%s is no time zone; use a name as Europe/Zurich.", shown(name))
	}
	return zone, nil
}

func runDate(_ context.Context, in actions.Input) (any, error) {
	v := in.Values
	d, err := planDate(v)
	if err != nil {
		return nil, err
	}
	t := in.Now.UTC()
	if v["date"] != nil {
		if t, err = d.read("date", v["date"]); err != nil {
			return nil, err
		}
	}
	if d.zone != nil {
		t = t.In(d.zone)
	}
	switch d.do {
	case "difference":
		return d.difference(t, v)
	case "between":
		return d.between(t, v)
	case "add", "subtract":
		t, err = d.moved(t)
	case "start_of":
		t, _ = value.StartOf(t, d.unit)
	case "end_of":
		t = endOf(t, d.unit)
	}
	if err != nil {
		return nil, err
	}
	return d.shown(t)
}

// shown is a date with its parts.
func (d dating) shown(t time.Time) (any, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return nil, wrong("date", "the year %d is out of range.", y)
	}
	_, week := t.ISOWeek()
	zone := t.Location().String()
	if zone == "" {
		zone = t.Format("-07:00")
	}
	form := d.form
	if form == "" {
		form = "YYYY-MM-DD HH:mm:ss"
	}
	return map[string]any{"date": t.Format(value.DateForm), "text": value.FormatDate(t, form), "unix": int(t.Unix()), "year": t.Year(), "month": int(t.Month()), "day": t.Day(), "hour": t.Hour(), "minute": t.Minute(), "second": t.Second(),
		"weekday": (int(t.Weekday())+6)%7 + 1, "weekday_name": t.Weekday().String(), "week": week, "quarter": (int(t.Month())-1)/3 + 1, "timezone": zone}, nil
}

// moved is later or earlier by the amount.
func (d dating) moved(t time.Time) (time.Time, error) {
	sign := 1
	if d.do == "subtract" {
		sign = -1
	}
	n, whole := d.amount.(int)
	f, _ := d.amount.(float64)
	if whole {
		f = float64(n)
	}
	if d.unit == "weekdays" {
		return addWeekdays(t, sign*n), nil
	}
	out, ok := value.AddUnits(t, sign*n, d.unit)
	if !ok {
		size := value.DateUnits()[value.DateUnit(d.unit)]
		seconds := float64(sign) * f * size.Seconds()
		if seconds > 3e11 || seconds < -3e11 {
			return t, wrong("amount", "%s %s lead out of the years 1 to 9999.", shown(d.amount), d.unit)
		}
		whole, part := math.Modf(seconds)
		out = time.Unix(t.Unix()+int64(whole), int64(t.Nanosecond())).In(t.Location()).Add(time.Duration(part * 1e9))
	}
	if y := out.Year(); y < 1 || y > 9999 {
		return t, wrong("amount", "%s %s lead out of the years 1 to 9999.", shown(d.amount), d.unit)
	}
	return out, nil
}

func endOf(t time.Time, unit string) time.Time {
	begin, _ := value.StartOf(t, unit)
	next, ok := value.AddUnits(begin, 1, unit)
	if !ok {
		next = begin.Add(value.DateUnits()[value.DateUnit(unit)])
	}
	return next.Add(-time.Millisecond)
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// addWeekdays counts Mondays to Fridays only.
func addWeekdays(t time.Time, n int) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	if !weekend(t) && n >= 5 { // whole weeks at once
		t = t.AddDate(0, 0, step*(n/5)*7)
		n %= 5
	}
	for n > 0 {
		if t = t.AddDate(0, 0, step); !weekend(t) {
			n--
		}
	}
	return t
}

// difference is how much later the other date is.
func (d dating) difference(t time.Time, v map[string]any) (any, error) {
	if v["other"] == nil {
		return nil, wrong("other", "give the date that it is compared with.")
	}
	other, err := d.read("other", v["other"])
	if err != nil {
		return nil, err
	}
	other = other.In(t.Location())
	early, late, sign := t, other, 1
	if other.Before(t) {
		early, late, sign = other, t, -1
	}
	var amount any
	switch d.unit {
	case "weekdays":
		amount = sign * weekdaysBetween(early, late)
	case "months":
		amount = sign * value.Months(late, early)
	case "quarters":
		amount = sign * value.Months(late, early) / 3
	case "years":
		amount = sign * value.Months(late, early) / 12
	case "days", "weeks":
		amount = shortNumber(new(big.Rat).Quo(daysBetween(early, late), big.NewRat(int64(sign)*map[string]int64{"days": 1, "weeks": 7}[d.unit], 1)))
	default:
		size := value.DateUnits()[value.DateUnit(d.unit)]
		ms := late.UnixMilli() - early.UnixMilli()
		amount = shortNumber(big.NewRat(int64(sign)*ms, size.Milliseconds()))
	}
	return map[string]any{"amount": amount, "unit": d.unit, "later": other.After(t), "parts": partsOf(early, late)}, nil
}

// daysBetween counts days as the calendar has them, also where a clock was changed, and of the last one its part.
func daysBetween(early, late time.Time) *big.Rat {
	whole := int(late.Sub(early).Hours()/24) - 1
	for !early.AddDate(0, 0, whole+1).After(late) {
		whole++
	}
	begin, end := early.AddDate(0, 0, whole), early.AddDate(0, 0, whole+1)
	part := big.NewRat(late.UnixMilli()-begin.UnixMilli(), max(end.UnixMilli()-begin.UnixMilli(), 1))
	return part.Add(part, new(big.Rat).SetInt64(int64(whole)))
}

// weekdaysBetween counts the Mondays to Fridays from a date up to another, the last one not counted.
func weekdaysBetween(early, late time.Time) int {
	days := int(daysBetween(midnight(early), midnight(late)).Num().Int64())
	n := days / 7 * 5
	for t := midnight(early).AddDate(0, 0, days/7*7); t.Before(midnight(late)); t = t.AddDate(0, 0, 1) {
		if !weekend(t) {
			n++
		}
	}
	return n
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// partsOf is a difference as people say it: years, months, days, hours, minutes and seconds.
func partsOf(early, late time.Time) map[string]any {
	months := value.Months(late, early)
	at := value.AddMonths(early, months)
	days := max(int(late.Sub(at).Hours()/24)-1, 0)
	for !at.AddDate(0, 0, days+1).After(late) { // a day is one of the calendar, also of 23 or 25 hours
		days++
	}
	rest := int(late.Sub(at.AddDate(0, 0, days)).Seconds())
	return map[string]any{"years": months / 12, "months": months % 12, "days": days, "hours": rest / 3600, "minutes": rest / 60 % 60, "seconds": rest % 60}
}

func (d dating) between(t time.Time, v map[string]any) (any, error) {
	var ends [2]time.Time
	for i, name := range []string{"other", "until"} {
		if v[name] == nil {
			return nil, wrong(name, "between needs the first date as other and the last one as until.")
		}
		var err error
		if ends[i], err = d.read(name, v[name]); err != nil {
			return nil, err
		}
	}
	if ends[1].Before(ends[0]) {
		return nil, wrong("until", "it lies before other; the range ends before it begins.")
	}
	inside := t.After(ends[0]) && t.Before(ends[1])
	if isTrue(v, "inclusive") {
		inside = !t.Before(ends[0]) && !t.After(ends[1])
	}
	return map[string]any{"between": inside, "date": t.Format(value.DateForm)}, nil
}

func ambiguous(input, text string) error {
	return wrong(input, "%s could be read with the day or the month first; say which by order, or give its form.", fmt.Sprintf("%q", text))
}
