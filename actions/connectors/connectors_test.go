package connectors_test

import (
	"testing"

	"github.com/stepmill/stepmill/actions/actionstest"
	"github.com/stepmill/stepmill/actions/connectors"
)

func TestConnectors(t *testing.T) {
	actionstest.Run(t, connectors.Catalogue, map[string]string{"microsoft_teams": "msteams", "salesforce": ""})
}
