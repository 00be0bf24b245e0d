package schedule

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

func TestWords(t *testing.T) {
	for with, want := range map[string]string{
		"0 9 * * 1-5":                "At 09:00 on Monday to Friday, Europe/Zurich",
		"0 9 * * *":                  "At 09:00 every day, Europe/Zurich",
		"0 9,17 * * 0,6":             "At 09:00 and 17:00 on Saturday and Sunday, Europe/Zurich",
		"30 6 1 * *":                 "At 06:30 on the first day of each month, Europe/Zurich",
		"30 6 1,15 * *":              "At 06:30 on the 1st and 15th of each month, Europe/Zurich",
		"0 0 31 * *":                 "At 00:00 on the 31st of each month that has it, Europe/Zurich",
		"0 0 29 2 *":                 "At 00:00 on the 29th of February, Europe/Zurich",
		"0 0 13 * 5":                 "At 00:00 on the 13th of each month and also on Friday, Europe/Zurich",
		"0 0 13 3-5 5":               "At 00:00 on the 13th of March to May and also on Friday in March to May, Europe/Zurich",
		"0 0 * 1,7 1":                "At 00:00 on Monday in January and July, Europe/Zurich",
		"0 0 * 1,7 *":                "At 00:00 on every day of January and July, Europe/Zurich",
		"0 0 1-31 * 1":               "At 00:00 every day, Europe/Zurich",
		"0 0 */2 * 1":                "At 00:00 on the 1st, 3rd, 5th, 7th, 9th, 11th, 13th, 15th, 17th, 19th, 21st, 23rd, 25th, 27th, 29th and 31st of each month that has it and also on Monday, Europe/Zurich",
		"0 0 1-7 * *":                "At 00:00 on the 1st to the 7th of each month, Europe/Zurich",
		"* * * * *":                  "Every minute, Europe/Zurich",
		"*/15 * * * *":               "Every 15 minutes, Europe/Zurich",
		"*/15 0-23 * * *":            "Every 15 minutes from 00:00 to 23:59, Europe/Zurich",
		"*/7 * * * *":                "At 0, 7, 14, 21, 28, 35, 42, 49 and 56 minutes past every hour, Europe/Zurich",
		"0 * * * *":                  "Every hour, Europe/Zurich",
		"@hourly":                    "Every hour, Europe/Zurich",
		"@weekly":                    "At 00:00 on Sunday, Europe/Zurich",
		"@yearly":                    "At 00:00 on the first day of January, Europe/Zurich",
		"1 * * * *":                  "At 1 minute past every hour, Europe/Zurich",
		"20 * * * 1":                 "At 20 minutes past every hour on Monday, Europe/Zurich",
		"0 */2 * * *":                "Every 2 hours, Europe/Zurich",
		"15 */2 * * *":               "At 15 minutes past every hour that 2 divides, Europe/Zurich",
		"*/15 9-16 * * mon-fri":      "Every 15 minutes from 09:00 to 16:59 on Monday to Friday, Europe/Zurich",
		"* 9 * * *":                  "Every minute from 09:00 to 09:59, Europe/Zurich",
		"0 8,9,10,14,15,16,20 * * *": "Every hour in the hours 08, 09, 10, 14, 15, 16 and 20, Europe/Zurich",
		"10-14 * * * *":              "Every minute from 10 to 14 minutes past every hour, Europe/Zurich",
		"every 15m":                  "Every 15 minutes",
		"every 1h":                   "Every hour",
		"every 90m":                  "Every 1 hour 30 minutes",
		"every 24h":                  "Every day",
		"every 10500ms":              "Every 10 seconds 500 milliseconds",
	} {
		options := map[string]any{"cron": with, "timezone": "Europe/Zurich"}
		if every, ok := strings.CutPrefix(with, "every "); ok {
			options = map[string]any{"every": every, "timezone": "Europe/Zurich"}
		}
		if got := plan(t, options).Describe(); got != want {
			t.Errorf("%s is %q, not %q", with, got, want)
		}
	}
}

// TestAllWords gives every field by chance: each text has a sentence, and texts of other fires have other sentences.
func TestAllWords(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 1))
	field := func(low, high int) string {
		a, b := low+chance.IntN(high-low+1), low+chance.IntN(high-low+1)
		return []string{"*", fmt.Sprint(a), fmt.Sprintf("%d,%d", a, b), fmt.Sprintf("%d-%d", min(a, b), max(a, b)), fmt.Sprintf("*/%d", 1+chance.IntN(high)), fmt.Sprintf("%d-%d/2", min(a, b), max(a, b))}[chance.IntN(6)]
	}
	known := map[string]string{}
	for range 2000 {
		text := strings.Join([]string{field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)}, " ")
		p, err := Parse(map[string]any{"cron": text}, time.UTC)
		if err != nil {
			continue // it never fires
		}
		words, fires := p.Describe(), fmt.Sprint(p.Fires(at(t, "2026-01-01 00:00"), 40))
		if !strings.HasSuffix(words, ", UTC") || strings.Contains(words, "  ") || len(words) < 10 {
			t.Errorf("%s is %q", text, words)
		}
		if other, ok := known[words]; ok && other != fires {
			t.Errorf("%s has the words of other fires: %q", text, words)
		}
		known[words] = fires
	}
}

// TestChoices makes every kind of choice by chance: its cron text is read back as the same choice, and its sentence, read by
// nothing but its words, means the same days and times.
func TestChoices(t *testing.T) {
	chance := rand.New(rand.NewPCG(2, 2))
	for i := range 100 {
		c := Choice{Kind: []string{"minutes", "hours", "daily", "weekly", "monthly"}[i%5]}
		switch c.Kind {
		case "minutes":
			c.N = []int{1, 2, 5, 10, 12, 15, 20, 30}[chance.IntN(8)]
		case "hours":
			c.N = []int{1, 2, 3, 6, 8, 12}[chance.IntN(6)]
		default:
			minute := chance.IntN(60)
			for _, h := range chance.Perm(24)[:1+chance.IntN(3)] {
				c.At = append(c.At, fmt.Sprintf("%02d:%02d", h, minute))
			}
			slices.Sort(c.At)
		}
		if c.Kind == "weekly" {
			for d, name := range weekdayNames() {
				if chance.IntN(2) == 0 && len(c.Days) < 6 || d == 6 && len(c.Days) == 0 {
					c.Days = append(c.Days, name)
				}
			}
		}
		if c.Kind == "monthly" {
			c.Day = 1 + chance.IntN(31)
		}
		text, err := c.Cron()
		if err != nil {
			t.Fatal(err)
		}
		p := plan(t, map[string]any{"cron": text})
		if got, ok := p.Choice(); !ok || fmt.Sprint(got) != fmt.Sprint(c) {
			t.Errorf("%+v is %s, which is %+v", c, text, got)
		}
		words := strings.TrimSuffix(p.Describe(), ", UTC")
		begin := at(t, "2026-01-28 00:00")
		planned := map[time.Time]bool{}
		for _, when := range p.between(begin.Add(-time.Second), begin.Add(10*day)) {
			planned[when] = true
		}
		for minute := range 10 * 24 * 60 {
			when := begin.Add(time.Duration(minute) * time.Minute)
			if fires := planned[when]; fires != means(t, words, when) {
				t.Fatalf("%s fires at %s: %t, and is called %q", text, when, fires, words)
			}
		}
	}
}

var numbers = regexp.MustCompile(`\d+`)

// means reads a sentence and says whether it is of a moment.
func means(t *testing.T, words string, when time.Time) bool {
	t.Helper()
	if rest, ok := strings.CutPrefix(words, "Every "); ok {
		n := 1
		if text := numbers.FindString(rest); text != "" {
			n, _ = strconv.Atoi(text)
		}
		if strings.Contains(rest, "minute") {
			return when.Minute()%n == 0
		}
		return when.Minute() == 0 && when.Hour()%n == 0
	}
	times, days, _ := strings.Cut(words, " on ")
	if !strings.Contains(times, when.Format("15:04")) {
		return false
	}
	switch {
	case strings.HasSuffix(times, " every day"):
		return true
	case strings.HasPrefix(days, "the first day"):
		return when.Day() == 1
	case strings.HasPrefix(days, "the "):
		n, err := strconv.Atoi(numbers.FindString(days))
		if err != nil {
			t.Fatal(words)
		}
		return when.Day() == n
	}
	first, last, span := strings.Cut(days, " to ")
	if !span {
		return strings.Contains(days, when.Weekday().String())
	}
	order := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	place := slices.Index(order, when.Weekday().String())
	return place >= slices.Index(order, first) && place <= slices.Index(order, last)
}

// TestNoChoice: what cannot be chosen is refused in words, and what is none of the choices is not taken for one.
func TestNoChoice(t *testing.T) {
	for _, c := range []Choice{{}, {Kind: "yearly", At: []string{"09:00"}}, {Kind: "minutes"}, {Kind: "minutes", N: 7}, {Kind: "minutes", N: -5}, {Kind: "hours", N: 5}, {Kind: "hours", N: 24}, {Kind: "daily"},
		{Kind: "daily", At: []string{"25:00"}}, {Kind: "daily", At: []string{"9"}}, {Kind: "daily", At: []string{"09:00", "10:30"}}, {Kind: "weekly", At: []string{"09:00"}},
		{Kind: "weekly", At: []string{"09:00"}, Days: []string{"someday"}}, {Kind: "monthly", At: []string{"09:00"}}, {Kind: "monthly", At: []string{"09:00"}, Day: 32}} {
		if text, err := c.Cron(); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%+v is %q: %v", c, text, err)
		}
	}
	for _, cron := range []string{"*/7 * * * *", "0 0 1 1 *", "0 0 1,15 * *", "0 0 13 * 5", "*/15 9-16 * * *", "5 */2 * * 1", "*/20 0-23 * * *"} {
		if c, ok := plan(t, map[string]any{"cron": cron}).Choice(); ok {
			t.Errorf("%s is taken for %+v", cron, c)
		}
	}
}
