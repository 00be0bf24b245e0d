// Package connectors is the catalogue: every system that Stepmill works with, as data. How a request is sent is not known
// here.
package connectors

import (
	"slices"
	"sync"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors/amplitude"
	"github.com/stepmill/stepmill/actions/connectors/core"
	"github.com/stepmill/stepmill/actions/connectors/dropbox"
	"github.com/stepmill/stepmill/actions/connectors/github"
	"github.com/stepmill/stepmill/actions/connectors/googleanalytics"
	"github.com/stepmill/stepmill/actions/connectors/googledrive"
	"github.com/stepmill/stepmill/actions/connectors/googlesheets"
	"github.com/stepmill/stepmill/actions/connectors/hubspot"
	"github.com/stepmill/stepmill/actions/connectors/intercom"
	"github.com/stepmill/stepmill/actions/connectors/jira"
	"github.com/stepmill/stepmill/actions/connectors/linear"
	"github.com/stepmill/stepmill/actions/connectors/mailchimp"
	"github.com/stepmill/stepmill/actions/connectors/make"
	"github.com/stepmill/stepmill/actions/connectors/microsoftteams"
	"github.com/stepmill/stepmill/actions/connectors/mixpanel"
	"github.com/stepmill/stepmill/actions/connectors/n8n"
	"github.com/stepmill/stepmill/actions/connectors/notion"
	"github.com/stepmill/stepmill/actions/connectors/pipedrive"
	"github.com/stepmill/stepmill/actions/connectors/salesforce"
	"github.com/stepmill/stepmill/actions/connectors/slack"
	"github.com/stepmill/stepmill/actions/connectors/zapier"
	"github.com/stepmill/stepmill/actions/connectors/zoom"
)

// All gives every connector, the built-in actions first. What they hold is made once and is nobody's to change.
func All() []actions.Connector { return slices.Clone(all()) }

var all = sync.OnceValue(func() []actions.Connector {
	return []actions.Connector{
		core.Connector(),
		intercom.Connector(),
		slack.Connector(),
		jira.Connector(),
		mailchimp.Connector(),
		googlesheets.Connector(),
		salesforce.Connector(),
		hubspot.Connector(),
		pipedrive.Connector(),
		microsoftteams.Connector(),
		zoom.Connector(),
		googleanalytics.Connector(),
		mixpanel.Connector(),
		amplitude.Connector(),
		linear.Connector(),
		github.Connector(),
		notion.Connector(),
		googledrive.Connector(),
		dropbox.Connector(),
		zapier.Connector(),
		make.Connector(),
		n8n.Connector(),
	}
})
