package check_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/check"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

var update = flag.Bool("update", false, "rewrite the expected problems")

// TestProblems holds what is wrong with scenarios, and the facts of those that are right, to goldens.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	place := &check.Workspace{Scenario: func(slug string) bool { return slug == "there" }, Secrets: map[string]bool{"signing": true}, Connections: map[string]run.Connection{
		"slack": {Slug: "slack", Connector: "slack", State: run.Connected}, "jira": {Slug: "jira", Connector: "jira", State: run.Connected},
		"intercom": {Slug: "intercom", Connector: "intercom", State: run.Connected},
		"plain":    {Slug: "plain", Connector: "core", Method: "bearer", State: run.Connected}, "mail": {Slug: "mail", Connector: "core", Method: "smtp", State: run.Connected},
	}}
	options := map[string]check.TriggerOptions{"webhook": func(*scenario.Trigger, *scenario.Scenario) error { return nil }, "schedule": func(tr *scenario.Trigger, _ *scenario.Scenario) error {
		if tr.With["cron"] == nil {
			return fault.New(fault.InvalidInput, "A schedule needs cron or every.")
		}
		return nil
	}, "form": func(tr *scenario.Trigger, _ *scenario.Scenario) error {
		_, err := scenario.ReadForm(tr.With)
		return err
	}}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, problems, err := scenario.Decode(archive.Files[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			found, facts := check.New(connectors.Catalogue, options).Check(doc, place)
			doc.Place(found)
			got := report(append(problems, found...), facts)
			if *update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "found", Data: []byte(got)}}
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(archive.Files) != 2 || string(archive.Files[1].Data) != got {
				t.Errorf("found is\n%s", got)
			}
		})
	}
}

func report(problems []fault.Problem, facts run.Facts) string {
	var b strings.Builder
	slices.SortStableFunc(problems, func(a, b fault.Problem) int { return 10_000*(a.Line-b.Line) + a.Column - b.Column })
	for _, p := range problems {
		fmt.Fprintf(&b, "%d:%d %s %s%s\n", p.Line, p.Column, p.Path, p.Severity, strings.Repeat(" ", min(len(p.Severity), 1))+p.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		text, _ := json.Marshal(facts[name])
		fmt.Fprintf(&b, "%s %s\n", name, text)
	}
	return b.String()
}

// TestWithoutConnections: where the workspace's connections are not known, as in `validate`, they are not asked about.
func TestWithoutConnections(t *testing.T) {
	doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": {"uses": "webhook"}, "steps": [{"id": "a", "uses": "slack.send_message", "connection": "nowhere", "with": {"channel": "#x", "text": "x"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if problems, _ := check.New(connectors.Catalogue, nil).Check(doc, nil); len(problems) != 0 {
		t.Errorf("%+v", problems)
	}
	if problems, _ := check.New(connectors.Catalogue, nil).Check(doc, &check.Workspace{}); len(problems) != 1 || problems[0].Path != "/steps/0/connection" {
		t.Errorf("%+v", problems)
	}
}

// TestWantedSecret: the problem that a secret is not there names it, so that people are led to where it is made.
func TestWantedSecret(t *testing.T) {
	doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": {"uses": "webhook", "with": {"verify": {"preset": "stripe", "secret": ["new", "old"]}}}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]check.TriggerOptions{"webhook": func(*scenario.Trigger, *scenario.Scenario) error { return nil }}
	problems, _ := check.New(connectors.Catalogue, options).Check(doc, &check.Workspace{Secrets: map[string]bool{"old": true}})
	if len(problems) != 1 || problems[0].Secret != "new" || problems[0].Path != "/trigger/with/verify/secret/0" {
		t.Errorf("%+v", problems)
	}
}

// TestGrants: a connection is used by the scenarios and the actions that it is granted to, and by no others.
func TestGrants(t *testing.T) {
	doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": {"uses": "intercom.event", "connection": "i"}, "steps": [{"id": "a", "uses": "slack.send_message", "connection": "s", "with": {"channel": "#x", "text": "x"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		slug, where          string
		scenarios, actions   []string
		triggersConnectionOf []string
	}{
		{slug: "a"},
		{slug: "a", scenarios: []string{"b", "a"}, actions: []string{"slack.send_message"}, triggersConnectionOf: []string{"a"}},
		{slug: "a", scenarios: []string{"b"}, where: "/steps/0/connection"},
		{slug: "", scenarios: []string{"b"}}, // whose it is is known when it has a slug
		{slug: "a", actions: []string{"slack.api_request"}, where: "/steps/0/connection"},
		{slug: "", actions: []string{"slack.api_request"}, where: "/steps/0/connection"},
		{slug: "a", triggersConnectionOf: []string{"b"}, where: "/trigger/connection"},
	} {
		place := &check.Workspace{Slug: c.slug, Connections: map[string]run.Connection{
			"s": {Slug: "s", Connector: "slack", Grants: run.Grants{Scenarios: c.scenarios, Actions: c.actions}},
			"i": {Slug: "i", Connector: "intercom", Grants: run.Grants{Scenarios: c.triggersConnectionOf}}}}
		problems, _ := check.New(connectors.Catalogue, nil).Check(doc, place)
		if len(problems) != min(len(c.where), 1) || len(problems) > 0 && (problems[0].Path != c.where || !strings.Contains(problems[0].Message, "not granted")) {
			t.Errorf("%+v: %+v", c, problems)
		}
	}
}

// TestReachable: a trigger that subscribes warns where its vendor would be given an address that it cannot send to, and its
// inputs are held to what belongs together.
func TestReachable(t *testing.T) {
	ask := func(base string, c run.Connection, with string) string {
		doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "x", "trigger": {"uses": "microsoft_teams.new_message", "connection": "c", "with": ` + with + `}, "steps": []}`))
		if err != nil {
			t.Fatal(err)
		}
		c.Connector = "microsoft_teams"
		problems, facts := check.New(connectors.Catalogue, nil).Check(doc, &check.Workspace{BaseURL: base, Connections: map[string]run.Connection{"c": c}})
		return report(problems, facts)
	}
	const chat = `{"chat": "c1"}`
	for name, got := range map[string]string{"https": ask("https://s.example.com", run.Connection{}, chat), "unknown": ask("", run.Connection{}, chat),
		"sandbox": ask("http://127.0.0.1:8080", run.Connection{Sandbox: true}, chat), "a vendor elsewhere": ask("http://127.0.0.1:8080", run.Connection{BaseURL: "http://127.0.0.1:9"}, chat)} {
		if strings.TrimSpace(got) != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := ask("http://127.0.0.1:8080", run.Connection{}, chat); !strings.Contains(got, "/trigger/uses warning Microsoft Teams sends events over the internet, and this server's address is http://127.0.0.1:8080") {
		t.Error(got)
	}
	for _, with := range []string{`{}`, `{"team": "t"}`, `{"team": "t", "channel": "c", "chat": "x"}`} {
		if got := ask("", run.Connection{}, with); !strings.Contains(got, "Give either a team and a channel, or a chat.") {
			t.Errorf("%s: %s", with, got)
		}
	}
}

// TestUnfitSecret: the problem of a secret that verifies nothing stands where it is named.
func TestUnfitSecret(t *testing.T) {
	doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": {"uses": "webhook", "with": {"verify": {"preset": "basic", "secret": "pass"}}}, "steps": [{"id": "a", "uses": "core.log", "with": {"message": "x"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]check.TriggerOptions{"webhook": func(*scenario.Trigger, *scenario.Scenario) error { return nil }}
	unfit := func(_ *scenario.Trigger, slug string) string { return slug + " has no colon." }
	problems, _ := check.New(connectors.Catalogue, options).Check(doc, &check.Workspace{Secrets: map[string]bool{"pass": true}, Unfit: unfit})
	if len(problems) != 1 || problems[0].Path != "/trigger/with/verify/secret" || !strings.Contains(problems[0].Message, "pass has no colon.") || problems[0].Secret != "" {
		t.Errorf("%+v", problems)
	}
}
