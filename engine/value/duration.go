package value

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// DurationPattern is the form that ParseDuration reads, as a regular expression.
const DurationPattern = `^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$`

// MaxDuration bounds every duration: longer ones are slips, and would overflow a clock.
const MaxDuration = 10 * 366 * 24 * time.Hour

var durationForm = regexp.MustCompile(DurationPattern)

// ParseDuration reads 90s, 15m, 72h, 30d, 250ms and runs of them as 1h30m. A day is 24 hours.
func ParseDuration(s string) (time.Duration, error) {
	if len(s) > 60 || !durationForm.MatchString(s) {
		return 0, fault.New(fault.InvalidInput, "%s is not a duration; write a number with ms, s, m, h or d, as 90s or 1h30m.", strconv.Quote(fault.Clip(s, 60)))
	}
	var total float64 // nanoseconds
	for rest := s; rest != ""; {
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		n, _ := strconv.ParseFloat(rest[:end], 64)
		rest = rest[end:]
		for _, unit := range []struct {
			name string
			size time.Duration
		}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}} {
			if tail, ok := strings.CutPrefix(rest, unit.name); ok {
				total += n * float64(unit.size)
				rest = tail
				break
			}
		}
	}
	if total > float64(MaxDuration) {
		return 0, fault.New(fault.InvalidInput, "%s is longer than ten years; at most 3660d is taken.", strconv.Quote(fault.Clip(s, 60)))
	}
	return time.Duration(total), nil
}
