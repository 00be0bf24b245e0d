package scenario

import (
	"regexp"
	"strings"
)

var indexes = regexp.MustCompile(`\[\d+\]`)

// Has says whether a run can have a step at a path, or a loop's item or round: ids from outside in, as orders[3].ticket.
func (s *Scenario) Has(path string) bool {
	want, found := indexes.ReplaceAllString(path, "[]"), false
	s.Walk(func(step *Step, at Place) {
		var around strings.Builder
		for i, outer := range at.Around {
			around.WriteString(outer.ID)
			if !at.Handles[i] && outer.loops() {
				around.WriteString("[]")
			}
			around.WriteString(".")
		}
		own := around.String() + step.ID
		found = found || !at.InUndo && (want == own || step.loops() && want == own+"[]")
	})
	return found
}

// loops says that a step's paths have an index.
func (s *Step) loops() bool { return s.ForEach != nil || s.Repeat != nil || s.Each != nil }
