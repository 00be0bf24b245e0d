package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/stepmill/stepmill/engine/fault"
)

// Choice is a schedule as people choose it, without writing cron.
type Choice struct {
	Kind string   // "minutes", "hours", "daily", "weekly" or "monthly"
	N    int      // of minutes and hours: every so many; it divides 60 or 24
	At   []string // of the others: times of the day, as "09:00", in one minute of the hour or in one hour
	Days []string // of weekly: "monday" and so on
	Day  int      // of monthly: from 1 to 31; months that lack it are passed over
}

// Cron is the choice as a cron text.
func (c Choice) Cron() (string, error) {
	switch c.Kind {
	case "minutes":
		if c.N < 1 || c.N >= 60 || 60%c.N != 0 {
			return "", fault.New(fault.InvalidInput, "n: every %d minutes does not come out even in an hour; choose a number that divides 60.", c.N)
		}
		return strings.Replace(fmt.Sprintf("*/%d * * * *", c.N), "*/1 ", "* ", 1), nil
	case "hours":
		if c.N < 1 || c.N >= 24 || 24%c.N != 0 {
			return "", fault.New(fault.InvalidInput, "n: every %d hours does not come out even in a day; choose a number that divides 24.", c.N)
		}
		return strings.Replace(fmt.Sprintf("0 */%d * * *", c.N), "*/1 ", "* ", 1), nil
	}
	times, err := c.times()
	if err != nil {
		return "", err
	}
	switch c.Kind {
	case "daily":
		return times + " * * *", nil
	case "weekly":
		days, err := c.days()
		return times + " * * " + days, err
	case "monthly":
		if c.Day < 1 || c.Day > 31 {
			return "", fault.New(fault.InvalidInput, "day: no month has a day %d.", c.Day)
		}
		return fmt.Sprintf("%s %d * *", times, c.Day), nil
	}
	return "", fault.New(fault.InvalidInput, "kind: %q is not one of minutes, hours, daily, weekly, monthly.", fault.Clip(c.Kind, 40))
}

// times gives the minute and the hour of the cron text.
func (c Choice) times() (string, error) {
	var minutes, hours []int
	for _, text := range c.At {
		at, err := time.Parse("15:04", text)
		if err != nil {
			return "", fault.New(fault.InvalidInput, "at: %q is no time of the day; write it as 09:00.", fault.Clip(text, 20))
		}
		minutes, hours = append(minutes, at.Minute()), append(hours, at.Hour())
	}
	minutes, hours = distinct(minutes), distinct(hours)
	switch {
	case len(c.At) == 0:
		return "", fault.New(fault.InvalidInput, "at: at least one time of the day is needed, as 09:00.")
	case len(minutes)*len(hours) != len(distinct(slices.Clone(c.At))):
		return "", fault.New(fault.InvalidInput, "at: these times do not go into one schedule: they need the same minutes in every hour. Make a trigger of each.")
	}
	return strings.Join(numerals(minutes), ",") + " " + strings.Join(numerals(hours), ","), nil
}

func distinct[T int | string](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

func (c Choice) days() (string, error) {
	var list []int
	for _, name := range c.Days {
		day := slices.IndexFunc(weekdayNames(), func(known string) bool { return known == name })
		if day < 0 {
			return "", fault.New(fault.InvalidInput, "days: %q is no day of the week; write it as monday.", fault.Clip(name, 20))
		}
		list = append(list, day)
	}
	if len(list) == 0 {
		return "", fault.New(fault.InvalidInput, "days: at least one day of the week is needed, as monday.")
	}
	return strings.Join(numerals(distinct(list)), ","), nil
}

func weekdayNames() (out []string) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		out = append(out, strings.ToLower(d.String()))
	}
	return out
}

// Choice gives a plan back as it would be chosen; false: it is none of the choices.
func (p *Plan) Choice() (Choice, bool) {
	spec, ok := p.cron.(*cron.SpecSchedule)
	if !ok || len(values(spec.Month, 1, 12)) < 12 {
		return Choice{}, false
	}
	minutes, hours := values(spec.Minute, 0, 59), values(spec.Hour, 0, 23)
	month, week := values(spec.Dom, 1, 31), values(spec.Dow, 0, 6)
	whole := len(month) == 31 && len(week) == 7
	if whole && spec.Hour&star != 0 && (len(minutes) == 60 || step(minutes, 60) > 0) {
		return Choice{Kind: "minutes", N: 60 / len(minutes)}, true
	}
	if whole && len(minutes) == 1 && minutes[0] == 0 && (spec.Hour&star != 0 || len(hours) < 24 && step(hours, 24) > 0) {
		return Choice{Kind: "hours", N: 24 / len(hours)}, true
	}
	if spec.Hour&star != 0 || len(minutes)*len(hours) > mostTimes {
		return Choice{}, false
	}
	c := Choice{Kind: "daily"}
	for _, h := range hours {
		for _, m := range minutes {
			c.At = append(c.At, fmt.Sprintf("%02d:%02d", h, m))
		}
	}
	switch {
	case whole:
	case len(month) == 31 && spec.Dom&star != 0:
		c.Kind = "weekly"
		for _, d := range week {
			c.Days = append(c.Days, weekdayNames()[d])
		}
	case len(week) == 7 && spec.Dow&star != 0 && len(month) == 1:
		c.Kind, c.Day = "monthly", month[0]
	default:
		return Choice{}, false
	}
	return c, true
}

// Fires gives the first planned times after a moment.
func (p *Plan) Fires(after time.Time, n int) []time.Time {
	var out []time.Time
	for next := p.Next(after); len(out) < n && !next.IsZero(); next = p.Next(next) {
		out = append(out, next)
	}
	return out
}

// Zone is the zone that the plan's times are shown in.
func (p *Plan) Zone() *time.Location { return p.zone }
