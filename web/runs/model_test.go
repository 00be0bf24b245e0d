package runs

import (
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/ui"
)

// Who started a run: an app's trigger, a sample, or another run.
func TestStartedBy(t *testing.T) {
	flow := ui.Flow{Triggers: []ui.Node{{Key: "trigger:t", App: "Webhook"}}}
	for _, c := range []struct {
		run             run.Run
		source          string
		by, other, what string
	}{
		{run.Run{Trigger: "t"}, "webhook", "Webhook", "", ""},
		{run.Run{Trigger: "t"}, run.SourceTest, "A sample", "", ""},
		{run.Run{Trigger: "t"}, run.SourceReplay("r1"), "Webhook", "r1", "A replay"},
		{run.Run{Trigger: "gone", Parent: "r2"}, "run r2", "Webhook", "r2", "A call"},
		{run.Run{Trigger: "t"}, "", "Webhook", "", ""},
	} {
		p := page{Run: c.run, Source: c.source, Flow: flow}
		if id, what := p.other(); p.startedBy() != c.by || id != c.other || what != c.what {
			t.Errorf("%+v: %q, %q %q", c, p.startedBy(), id, what)
		}
	}
}
