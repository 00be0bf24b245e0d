// Package connectors is the catalogue: every system that Stepmill works with, as data. How a request is sent is not known
// here.
package connectors

import (
	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors/core"
	"github.com/stepmill/stepmill/actions/connectors/googlesheets"
	"github.com/stepmill/stepmill/actions/connectors/intercom"
	"github.com/stepmill/stepmill/actions/connectors/jira"
	"github.com/stepmill/stepmill/actions/connectors/mailchimp"
	"github.com/stepmill/stepmill/actions/connectors/slack"
)

// All gives every connector, the built-in actions first.
func All() []actions.Connector {
	return []actions.Connector{
		core.Connector(),
		intercom.Connector(),
		slack.Connector(),
		jira.Connector(),
		mailchimp.Connector(),
		googlesheets.Connector(),
	}
}
