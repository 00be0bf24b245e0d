package triggers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/scenario"
)

// many makes a shelf of one scenario with so many triggers.
func many(n int) *shelf {
	s := &shelf{}
	var list []string
	for i := range n {
		id := fmt.Sprintf("t%d", i)
		list = append(list, fmt.Sprintf(`{"id": %q, "uses": "webhook", "if": "trigger.n > %d"}`, id, i))
		s.rows = append(s.rows, scenario.StoredTrigger{Workspace: "w", ScenarioID: "1", Scenario: "s", ID: id, Uses: "webhook", Key: "k" + id, Status: scenario.Live, Version: 1})
	}
	s.definition = `{"stepmill": 1, "name": "S", "triggers": [` + strings.Join(list, ", ") + `], "steps": [{"id": "a", "uses": "core.set", "with": {"values": {}}}]}`
	return s
}

// TestBookReadsOnce: a version is read once, however many triggers it has, and once more when it is another.
func TestBookReadsOnce(t *testing.T) {
	s := many(50)
	b := NewBook(s, catalogue(), nil)
	for version := 1; version <= 2; version++ {
		if err := b.Load(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if list := b.All(t.Context(), anyUse); len(list) != 50 || list[0].cond == nil {
				t.Fatalf("there are %d triggers", len(list))
			}
		}
		if n := s.reads.Load(); n != int64(version) {
			t.Errorf("the version %d was read %d times", version, n-int64(version)+1)
		}
		for key, e := range b.byKey {
			if e.of != nil {
				t.Errorf("the trigger %s holds the whole version", key)
			}
		}
		s.set(func() {
			for i := range s.rows {
				s.rows[i].Version = 2
			}
		})
	}
}

// BenchmarkBook opens all triggers of one scenario: ten times as many take ten times as long.
func BenchmarkBook(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := many(n)
			for b.Loop() {
				book := NewBook(s, catalogue(), nil)
				if err := book.Load(b.Context(), ""); err != nil {
					b.Fatal(err)
				}
				if list := book.All(b.Context(), anyUse); len(list) != n {
					b.Fatal(len(list))
				}
			}
		})
	}
}

func anyUse(string) bool { return true }
