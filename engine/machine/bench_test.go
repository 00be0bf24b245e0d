package machine

import (
	"fmt"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// BenchmarkItems is a for_each over many items: what an item costs must not grow with how many there are.
func BenchmarkItems(b *testing.B) {
	doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "steps": [{"id": "all", "for_each": {"items": "{{ trigger }}", "concurrency": 4, "collect": "{{ steps.one.n }}",
		"steps": [{"id": "one", "uses": "pure.set", "with": {"n": "{{ item * 2 }}"}}]}}]}`))
	if err != nil {
		b.Fatal(err)
	}
	program, problems := Compile(doc.Scenario, facts(doc.Scenario))
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			list := make([]any, n)
			for i := range list {
				list[i] = 7
			}
			for b.Loop() {
				m := New(program, Input{Run: "r", Value: list})
				now := time.Unix(0, 0)
				m.Queue(now, "e")
				calls := m.Start(now, nil).Commands
				for len(calls) > 0 {
					call := calls[0].Invoke
					calls = append(calls[1:], m.Answer(now, call.Path, call.Attempt, run.Result{Output: call.Input}).Commands...)
				}
				if m.Status() != run.Succeeded {
					b.Fatal(m.Status(), m.Failure())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/item")
		})
	}
}
