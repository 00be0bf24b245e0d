package scenario

import (
	"fmt"
	"strings"
	"time"
)

// Spell writes a duration as it stands after "every": "15 minutes", "hour", "1 hour 30 minutes".
func Spell(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}, {"millisecond", time.Millisecond}} {
		n := d / unit.of
		d -= n * unit.of
		if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit.name))
		} else if n == 1 {
			parts = append(parts, "1 "+unit.name)
		}
	}
	if len(parts) == 1 {
		return strings.TrimPrefix(parts[0], "1 ")
	}
	return strings.Join(parts, " ")
}
