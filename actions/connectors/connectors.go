// Package connectors is the catalogue: every system that Stepmill works with, as data. How a request is sent is not known
// here.
package connectors

import (
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

// Catalogue is every connector, the built-in actions first.
var Catalogue = actions.NewCatalogue(
	actions.Entry{ID: "core", Make: core.Connector},
	actions.Entry{ID: "intercom", Make: intercom.Connector},
	actions.Entry{ID: "slack", Make: slack.Connector},
	actions.Entry{ID: "jira", Make: jira.Connector},
	actions.Entry{ID: "mailchimp", Make: mailchimp.Connector},
	actions.Entry{ID: "google_sheets", Make: googlesheets.Connector},
	actions.Entry{ID: "salesforce", Make: salesforce.Connector},
	actions.Entry{ID: "hubspot", Make: hubspot.Connector},
	actions.Entry{ID: "pipedrive", Make: pipedrive.Connector},
	actions.Entry{ID: "microsoft_teams", Make: microsoftteams.Connector},
	actions.Entry{ID: "zoom", Make: zoom.Connector},
	actions.Entry{ID: "google_analytics", Make: googleanalytics.Connector},
	actions.Entry{ID: "mixpanel", Make: mixpanel.Connector},
	actions.Entry{ID: "amplitude", Make: amplitude.Connector},
	actions.Entry{ID: "linear", Make: linear.Connector},
	actions.Entry{ID: "github", Make: github.Connector},
	actions.Entry{ID: "notion", Make: notion.Connector},
	actions.Entry{ID: "google_drive", Make: googledrive.Connector},
	actions.Entry{ID: "dropbox", Make: dropbox.Connector},
	actions.Entry{ID: "zapier", Make: zapier.Connector},
	actions.Entry{ID: "make", Make: make.Connector},
	actions.Entry{ID: "n8n", Make: n8n.Connector},
)
