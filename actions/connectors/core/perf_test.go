package core

import (
	"strings"
	"testing"
	"time"
)

// TestTime: 10 MB of anything is taken or refused within the time of a step.
func TestTime(t *testing.T) {
	cell := strings.Repeat("x", 100)
	for name, c := range map[string]struct {
		action string
		in     map[string]any
	}{
		"csv":        {"csv", map[string]any{"text": strings.Repeat(cell+","+cell+"\n", 49_000)}},
		"csv quotes": {"csv", map[string]any{"text": strings.Repeat("\"\"", 5<<20-1)}},
		"xml":        {"xml", map[string]any{"text": "<a>" + strings.Repeat("<b>"+cell+"</b>", 90_000) + "</a>"}},
		"xml attrs":  {"xml", map[string]any{"text": "<a " + strings.Repeat("b='1' ", 1_000_000) + "/>"}},
		"yaml":       {"yaml", map[string]any{"text": strings.Repeat("- "+cell+"\n", 95_000)}},
		"yaml flow":  {"yaml", map[string]any{"text": strings.Repeat("{", 1_000_000)}},
		"yaml colon": {"yaml", map[string]any{"text": strings.Repeat("a: ", 1_000_000)}},
		"yaml quote": {"yaml", map[string]any{"text": strings.Repeat("- &a ", 1_000_000)}},
	} {
		began := time.Now()
		_, err := callWith(t, c.action, c.in)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s: %v", name, took, err)
		} else {
			t.Logf("%s took %s: %.150v", name, took, err)
		}
	}
}
