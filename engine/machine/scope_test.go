package machine

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestScope is §2.A 10: what stands in scope has no place for secrets or connections; what is added here must have none either.
func TestScope(t *testing.T) {
	m := New(nil, Input{Run: "run1", ResumeURL: "http://x/resume/t"})
	vars := m.scope(time.Time{}, nil)
	if got := strings.Join(slices.Sorted(maps.Keys(vars)), " "); got != "run steps trigger vars" {
		t.Errorf("in scope are %s", got)
	}
	if got := strings.Join(slices.Sorted(maps.Keys(vars["run"].(map[string]any))), " "); got != "id number resume_url scenario started_at trigger url version" {
		t.Errorf("of the run %s are in scope", got)
	}
}
