package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestCronFields: 7 is Sunday too, and what is wrong with a field is said in words.
func TestCronFields(t *testing.T) {
	for text, same := range map[string]string{
		"0 9 * * 7": "0 9 * * 0", "0 9 * * 5-7": "0 9 * * 5,6,0", "0 9 * * 0-7": "0 9 * * 0-6", "0 9 * * 1-7/3": "0 9 * * 1,4,0", "0 9 * * 7-7": "0 9 * * sun", "0 9 * * 7/2": "0 9 * * 0",
		"0 9 * * 5/2": "0 9 * * 5", "0 9 * * mon,7": "0 9 * * 1,0", "0 9 * jan-MAR 1-5": "0 9 * 1-3 1-5", "*/60 * * * *": "0 * * * *", " 0  9 * * 1-5/2 ": "0 9 * * 1,3,5"} {
		p, err := Parse(map[string]any{"cron": text}, time.UTC)
		want, err2 := Parse(map[string]any{"cron": same}, time.UTC)
		if err != nil || err2 != nil {
			t.Errorf("%q: %v %v", text, err, err2)
			continue
		}
		for at, i := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0; i < 20; i++ {
			next := p.Next(at)
			if at = want.Next(at); !next.Equal(at) {
				t.Errorf("%q fires at %s, %q at %s", text, next, same, at)
				break
			}
		}
		if err := Check(&scenario.Trigger{With: map[string]any{"cron": text}}, time.UTC); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"*/61 * * * *": "a step of 61 goes beyond the field, which has 60 values", "0 */25 * * *": "a step of 25 goes", "*/0 * * * *": `the step "0" is no number above 0`,
		"0 9 L * *": `"L" cannot be the day of the month: it takes the numbers from 1 to 31, lists as 1,3`, "0 9 * * 8": `"8" cannot be the weekday: it takes the numbers from 0 to 7, the names sun to sat,`,
		"0 9 * 13 *": `"13" cannot be the month`, "0 9 * * 5#2": `"5#2" cannot`, "0 9 * * fri-sun": "the range goes backwards", "0 9 *": "has 3 fields", "1,,2 * * * *": `"" cannot be the minute`,
		"0-70 * * * *": `"0-70" cannot`, "1/x * * * *": `the step "x"`, "-5 * * * *": "cannot be the minute", "99999999999999999999 * * * *": "cannot be the minute", "1-2-3 * * * *": "cannot be the minute",
		"* * * * * *": "If the first is the seconds, leave it out", "* * * * * * *": "has 7 fields", "TZ=0": "zone inside", "0 0 31 2 *": "never fires", "@every 1h": "@every is not taken"} {
		_, err := Parse(map[string]any{"cron": text}, time.UTC)
		if message := fault.MessageOf(err); fault.CodeOf(err) != fault.InvalidInput || !strings.Contains(message, want) || strings.Contains(message, "strconv") {
			t.Errorf("%q: %v", text, err)
		}
		if examined := Check(&scenario.Trigger{With: map[string]any{"cron": text}}, time.UTC); fault.MessageOf(examined) != fault.MessageOf(err) {
			t.Errorf("%q: %v", text, examined)
		}
	}
}
