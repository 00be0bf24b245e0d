package main

import (
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/check"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers/mail"
	"github.com/stepmill/stepmill/triggers/poll"
	"github.com/stepmill/stepmill/triggers/schedule"
	"github.com/stepmill/stepmill/triggers/webhook"
)

// examine finds everything that would keep a document from being published, and the facts that publishing freezes.
// said is what decoding found, which is given back among the rest. A nil workspace is not looked at.
func examine(doc *scenario.Document, said []fault.Problem, place *check.Workspace) ([]fault.Problem, run.Facts) {
	checker := check.New(connectors.Catalogue, triggerChecks())
	problems, facts := checker.Check(doc, place)
	problems = append(problems, said...)
	if _, more := machine.Compile(doc.Scenario, facts); len(fault.Faults(problems)) == 0 {
		problems = append(problems, more...)
	} else {
		problems = append(problems, unsupported(more, problems)...)
	}
	doc.Place(problems)
	return fault.InOrder(problems), facts
}

// unsupported gives what the machine refuses and the checker has not already said at the same place.
func unsupported(more, said []fault.Problem) []fault.Problem {
	var out []fault.Problem
	places := map[string]bool{}
	for _, p := range said {
		places[p.Path] = true
	}
	for _, p := range more {
		if !places[p.Path] {
			out = append(out, p)
		}
	}
	return out
}

// triggerChecks say what is wrong with the options of the built-in triggers that take some, and of those that poll.
func triggerChecks() map[string]check.TriggerOptions {
	return map[string]check.TriggerOptions{
		"schedule": func(t *scenario.Trigger, s *scenario.Scenario) error {
			zone, err := scenario.Zone(s.Timezone)
			if err != nil {
				zone = time.UTC // the linter says what is wrong with it
			}
			return schedule.Check(t, zone)
		},
		"scenario": func(t *scenario.Trigger, _ *scenario.Scenario) error {
			_, err := scenario.Inputs(t.With)
			return err
		},
		actions.PollKind: func(t *scenario.Trigger, _ *scenario.Scenario) error {
			_, err := poll.Parse(connectors.Catalogue.Trigger(t.Uses), t)
			return err
		},
		"form": func(t *scenario.Trigger, _ *scenario.Scenario) error {
			_, err := scenario.ReadForm(t.With)
			return err
		},
		"email": func(t *scenario.Trigger, _ *scenario.Scenario) error {
			_, err := mail.Options(t.With)
			return err
		},
		"webhook": func(t *scenario.Trigger, _ *scenario.Scenario) error { return webhook.CheckOptions(t.With) },
	}
}
