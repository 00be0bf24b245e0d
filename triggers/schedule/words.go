package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/stepmill/stepmill/engine/scenario"
)

// Describe says in words when a plan fires, as "At 09:00 on Monday to Friday, Europe/Zurich".
func (p *Plan) Describe() string {
	if p.every > 0 {
		return "Every " + scenario.Spell(p.every)
	}
	spec, ok := p.cron.(*cron.SpecSchedule)
	if !ok {
		return ""
	}
	when, days := clock(spec), daysOf(spec)
	if strings.HasPrefix(when, "At ") && days == "" && !strings.Contains(when, "past") {
		days = " every day"
	}
	return when + days + ", " + p.zone.String()
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// values lists what stands in a field of a cron text.
func values(field uint64, low, high int) (out []int) {
	for n := low; n <= high; n++ {
		if field&(1<<n) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// step gives n where the values are every n-th of a whole that it divides, from zero on; zero: they are not.
func step(list []int, whole int) int {
	if len(list) < 2 || whole%len(list) != 0 {
		return 0
	}
	n := whole / len(list)
	for i, v := range list {
		if v != i*n {
			return 0
		}
	}
	return n
}

// inARow says that values follow one another without a gap.
func inARow(list []int) bool { return list[len(list)-1]-list[0] == len(list)-1 }

// mostTimes bounds how many times of a day are written out.
const mostTimes = 6

// clock is the part of the words about hours and minutes.
func clock(spec *cron.SpecSchedule) string {
	minutes, hours := values(spec.Minute, 0, 59), values(spec.Hour, 0, 23)
	if len(hours) < 24 && len(hours)*len(minutes) <= mostTimes {
		var times []string
		for _, h := range hours {
			for _, m := range minutes {
				times = append(times, fmt.Sprintf("%02d:%02d", h, m))
			}
		}
		return "At " + listed(times)
	}
	if spec.Hour&star != 0 { // 0-23 is not the same: those are fixed hours, of which clocks may leave out or repeat one
		return within(minutes, "hour", "every hour")
	}
	if n := step(hours, 24); n > 1 {
		return within(minutes, counted(n, "hour"), "every hour that "+fmt.Sprint(n)+" divides")
	}
	if inARow(hours) {
		return fmt.Sprintf("%s from %02d:00 to %02d:59", within(minutes, "hour", "every hour"), hours[0], hours[len(hours)-1])
	}
	names := make([]string, len(hours))
	for i, h := range hours {
		names[i] = fmt.Sprintf("%02d", h)
	}
	return within(minutes, "hour", "the hour") + " in the hours " + listed(names)
}

// within says which minutes of the hours are meant: hour is what comes after "Every" where it is only their first.
func within(minutes []int, hour, each string) string {
	switch n := step(minutes, 60); {
	case len(minutes) == 1 && minutes[0] == 0:
		return "Every " + hour
	case len(minutes) == 60 && each == "every hour":
		return "Every minute"
	case len(minutes) == 60:
		return "Every minute of " + each
	case n > 1 && each == "every hour":
		return "Every " + counted(n, "minute")
	case n > 1:
		return "Every " + counted(n, "minute") + " of " + each
	}
	if len(minutes) > 2 && inARow(minutes) {
		return fmt.Sprintf("Every minute from %d to %d minutes past %s", minutes[0], minutes[len(minutes)-1], each)
	}
	unit := "minutes"
	if len(minutes) == 1 && minutes[0] == 1 {
		unit = "minute"
	}
	return fmt.Sprintf("At %s %s past %s", listed(numerals(minutes)), unit, each)
}

func numerals(list []int) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprint(n)
	}
	return out
}

// listed writes a list with "and" before its last.
func listed(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

const star = 1 << 63 // how the library marks a field that is *

// daysOf is the part of the words about days, with a space before it; empty: every day of the year.
func daysOf(spec *cron.SpecSchedule) string {
	month, week := values(spec.Dom, 1, 31), values(spec.Dow, 0, 6)
	either := spec.Dom&star == 0 && spec.Dow&star == 0 // then one of the two is enough, as cron has it
	if either && (len(month) == 31 || len(week) == 7) {
		month, week = values(1<<32-2, 1, 31), values(1<<7-1, 0, 6)
	}
	var parts []string
	months := monthsOf(spec)
	if len(month) < 31 {
		parts = append(parts, daysOfMonth(month, months))
	}
	if len(week) < 7 {
		parts = append(parts, weekdays(week))
		if months != "" && (either || len(month) == 31) {
			parts[len(parts)-1] += " in " + months
		}
	}
	switch {
	case len(parts) == 0 && months != "":
		return " on every day of " + months
	case len(parts) == 0:
		return ""
	case either:
		return " on " + strings.Join(parts, " and also on ")
	}
	return " on " + strings.Join(parts, " where it is ")
}

func monthsOf(spec *cron.SpecSchedule) string {
	list := values(spec.Month, 1, 12)
	if len(list) == 12 {
		return ""
	}
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = time.Month(m).String()
	}
	if len(list) > 2 && inARow(list) {
		return names[0] + " to " + names[len(names)-1]
	}
	return listed(names)
}

func daysOfMonth(list []int, months string) string {
	of := " of each month"
	if months != "" {
		of = " of " + months
	}
	if len(list) == 1 && list[0] == 1 {
		return "the first day" + of
	}
	if len(list) > 2 && inARow(list) {
		return fmt.Sprintf("the %s to the %s%s", ordinal(list[0]), ordinal(list[len(list)-1]), of)
	}
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = ordinal(d)
	}
	words := "the " + listed(names) + of
	if list[len(list)-1] > 28 && months == "" {
		words += " that has it"
	}
	return words
}

func ordinal(n int) string {
	if n%100/10 != 1 {
		switch n % 10 {
		case 1:
			return fmt.Sprintf("%dst", n)
		case 2:
			return fmt.Sprintf("%dnd", n)
		case 3:
			return fmt.Sprintf("%drd", n)
		}
	}
	return fmt.Sprintf("%dth", n)
}

// weekdays names days of the week, from Monday on.
func weekdays(list []int) string {
	sorted := slices.Clone(list)
	for i, d := range sorted {
		sorted[i] = (d + 6) % 7
	}
	slices.Sort(sorted)
	names := make([]string, len(sorted))
	for i, d := range sorted {
		names[i] = time.Weekday((d + 1) % 7).String()
	}
	if len(sorted) > 2 && inARow(sorted) {
		return names[0] + " to " + names[len(names)-1]
	}
	return listed(names)
}
