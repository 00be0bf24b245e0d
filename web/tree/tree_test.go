package tree_test

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

func drawer() tree.Drawer {
	slack := actions.Connector{ID: "slack", Name: "Slack", Monogram: "S", Actions: []actions.Action{{ID: "send_message", Name: "Send a message", Effect: actions.Once, Guarantee: "You are asked."},
		{ID: "api_request", Name: "Make any API call", Effect: actions.Once, Guarantee: "Who knows.", Input: []actions.Field{{ID: "method", Default: "GET", Reads: []string{"GET"}}}}}}
	return tree.Drawer{Apps: tree.AppsOf(actions.CatalogueOf(slack)), Catalogue: actions.CatalogueOf(slack)}
}

func TestSchedule(t *testing.T) {
	d := drawer()
	d.Words = func(with map[string]any, zone string) string {
		if with["cron"] == "0 9 * * *" {
			return "At nine, " + zone
		}
		return ""
	}
	for cron, want := range map[string]string{"0 9 * * *": "At nine, Europe/Zurich", "0 9": "0 9"} {
		s := &scenario.Scenario{Timezone: "Europe/Zurich", Trigger: &scenario.Trigger{Uses: "schedule", With: map[string]any{"cron": cron}}}
		if got := d.Draw(s).Triggers[0].Title; got != want {
			t.Errorf("%s is drawn as %q", cron, got)
		}
	}
}

func draw(t *testing.T, steps string) ui.Flow {
	t.Helper()
	doc, _, err := scenario.Decode([]byte(`{"stepmill":1,"name":"n","trigger":{"uses":"schedule","with":{"every":"1h"}},"steps":` + steps + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return drawer().Draw(doc.Scenario)
}

// outline writes a flow as one line for each node.
func outline(f ui.Flow) string {
	var b strings.Builder
	f.Each(func(n ui.Node) {
		b.WriteString(n.Key + " | " + n.Kind + " | " + n.App + " | " + n.Title + " | " + n.Place)
		for _, l := range n.Lists {
			b.WriteString(" | " + l.Role + " " + l.ID)
			if l.Ends {
				b.WriteString(" ends")
			}
		}
		b.WriteString("\n")
	})
	return b.String()
}

func TestDraw(t *testing.T) {
	for _, c := range []struct{ name, steps, want string }{
		{"an action takes the words of its connector", `[{"id":"a","uses":"slack.send_message@2","connection":"slack","with":{}}]`,
			"a | uses | Slack | Send a message | /steps/0\n"},
		{"a name goes before them", `[{"id":"a","name":"Tell","uses":"slack.send_message","with":{}}]`, "a | uses | Slack | Tell | /steps/0\n"},
		{"an unknown app is called by its id", `[{"id":"a","uses":"acme.go","with":{}}]`, "a | uses | acme | a | /steps/0\n"},
		{"paths run from outside in, error paths last", `[{"id":"r","router":{"mode":"first","branches":[{"id":"x","steps":[{"id":"a","wait":{"for":"2h"}}]}]},"on_error":{"do":"handle","then":"stop","steps":[{"id":"h","stop":{"as":"failed"}}]}}]`,
			"r | router | Router | r | /steps/0 | branch x | error error ends\nr.a | wait | Wait | For 2h | /steps/0/router/branches/0/steps/0\nr.h | stop | Stop | End as failed | /steps/0/on_error/steps/0\n"},
		{"the same id twice is drawn twice", `[{"id":"a","uses":"core.set","with":{}},{"id":"a","uses":"core.set","with":{}}]`, "a | uses | set | a | /steps/0\na~2 | uses | set | a | /steps/1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.TrimPrefix(outline(draw(t, c.steps)), "trigger:trigger | trigger | Schedule | Every 1h | /trigger\n")
			if got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// TestWhatNodesDo: a stop ends its list, one as failed the run with it; who asks an app makes requests.
func TestWhatNodesDo(t *testing.T) {
	var got []string
	draw(t, `[{"id":"a","uses":"slack.send_message"},{"id":"b","uses":"core.set"},{"id":"c","stop":{"as":"failed"}},{"id":"d","stop":{"as":"break"}},{"id":"e","wait":{"for":"1h"}}]`).Each(func(n ui.Node) {
		for name, is := range map[string]bool{" calls": n.Calls, " ends": n.Ends && !n.Fails, " fails": n.Ends && n.Fails} {
			if is {
				got = append(got, n.Key+name)
			}
		}
	})
	if text := strings.Join(got, ", "); text != "a calls, c fails, d ends" {
		t.Error(text)
	}
}

func TestTilesNameEachAppOnce(t *testing.T) {
	doc, _, err := scenario.Decode([]byte(`{"stepmill":1,"name":"n","trigger":{"uses":"webhook"},"steps":[{"id":"a","uses":"slack.send_message","with":{}},{"id":"b","uses":"core.set","with":{}},{"id":"c","uses":"slack.send_message","with":{}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, tile := range drawer().Tiles(doc.Scenario) {
		labels = append(labels, tile.Label)
	}
	if got := strings.Join(labels, ", "); got != "Webhook, Slack, Built-in actions" {
		t.Errorf("the tiles are %s", got)
	}
}

// TestGuarantee: a step says what a crash in the middle means for it: what its action promises, or what it asks for itself.
func TestGuarantee(t *testing.T) {
	var promises []string
	draw(t, `[{"id":"a","uses":"slack.send_message"},{"id":"b","uses":"slack.send_message","delivery":"at_least_once"},{"id":"c","uses":"slack.send_message","delivery":"at_most_once"},{"id":"e","uses":"slack.api_request"},{"id":"f","uses":"slack.api_request","with":{"method":"PUT"}},{"id":"d","stop":{"as":"succeeded"}}]`).Each(func(n ui.Node) {
		if n.Kind != "trigger" {
			promises = append(promises, strings.SplitN(n.Guarantee, ",", 2)[0])
		}
	})
	if got := strings.Join(promises, " | "); got != "You are asked. | At least once | You are asked. | As it stands here it only reads | Who knows. | " {
		t.Errorf("the steps promise %q", got)
	}
}
