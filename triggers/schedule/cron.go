package schedule

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// plain gives the five fields of a cron text as the library takes them: people write 7 for Sunday, too, and are told of the field
// that is wrong.
func plain(text string) (string, error) {
	parts := strings.Fields(text)
	if len(parts) == len(fields)+1 { // as other programs have them
		return "", fault.New(fault.InvalidInput, "cron: %q has 6 fields, and five are taken: minute hour day month weekday. If the first is the seconds, leave it out; for less than a minute there is every.", fault.Clip(text, 60))
	}
	if len(parts) != len(fields) {
		return "", fault.New(fault.InvalidInput, "cron: %q has %s. Five are needed: minute hour day month weekday, as 0 9 * * 1-5.", fault.Clip(text, 60), counted(len(parts), "field"))
	}
	for i, f := range fields {
		var items []string
		for item := range strings.SplitSeq(parts[i], ",") {
			item, err := f.item(item)
			if err != nil {
				return "", err
			}
			items = append(items, item)
		}
		parts[i] = strings.Join(items, ",")
	}
	return strings.Join(parts, " "), nil
}

// field is one of the five of a cron text.
type field struct {
	name      string
	low, high int
	size      int      // how many values it has
	names     []string // of its values, from low on
}

var fields = []field{
	{name: "minute", high: 59, size: 60},
	{name: "hour", high: 23, size: 24},
	{name: "day of the month", low: 1, high: 31, size: 31},
	{name: "month", low: 1, high: 12, size: 12, names: []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{name: "weekday", high: 7, size: 7, names: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// item reads one of a field's list: a star, a value or a range, each with a step or without. It gives it as it was, but for a
// range up to Sunday as 7, which the library does not know: that is written out.
func (f field) item(text string) (string, error) {
	span, by, stepped := strings.Cut(text, "/")
	low, high, ranged := strings.Cut(span, "-")
	from, to, every := f.low, f.high, 1
	var ok bool
	if stepped {
		if every, ok = number(by); !ok || every == 0 {
			return "", f.wrong(text, "the step "+strconv.Quote(fault.Clip(by, 20))+" is no number above 0")
		}
		if every > f.size {
			return "", f.wrong(text, fmt.Sprintf("a step of %d goes beyond the field, which has %d values", every, f.size))
		}
	}
	if span != "*" {
		if from, ok = f.value(low); !ok {
			return "", f.wrong(text, "")
		}
		switch {
		case ranged:
			if to, ok = f.value(high); !ok {
				return "", f.wrong(text, "")
			}
		case !stepped:
			to = from
		}
		if from > to {
			return "", f.wrong(text, "the range goes backwards; write its values with commas")
		}
	}
	if f.size != 7 || span == "*" || to < 7 {
		return text, nil
	}
	var days []string
	for day := from; day <= to; day += every {
		if stepped && !ranged && day == 7 && from < 7 { // without an end it goes up to Saturday
			break
		}
		days = append(days, strconv.Itoa(day%7))
	}
	return strings.Join(days, ","), nil
}

// value reads a number of the field's, or a name.
func (f field) value(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.low + i, true
		}
	}
	n, ok := number(text)
	return n, ok && n >= f.low && n <= f.high
}

func number(text string) (int, bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func (f field) wrong(text, why string) error {
	takes := fmt.Sprintf("the numbers from %d to %d", f.low, f.high)
	if f.names != nil {
		takes += ", the names " + f.names[0] + " to " + f.names[len(f.names)-1]
	}
	if why == "" {
		why = "it takes " + takes + ", lists as 1,3, ranges as 1-5, * and steps as */2"
	}
	return fault.New(fault.InvalidInput, "cron: %q cannot be the %s: %s.", fault.Clip(text, 40), f.name, why)
}
