package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
)

type connectorsCmd struct {
	List connectorsListCmd `cmd:"" help:"List the connectors."`
	Show connectorsShowCmd `cmd:"" help:"What a connector can do, and what it needs."`
	Docs connectorsDocsCmd `cmd:"" help:"Write a reference page of every connector, as Markdown."`
	Lint connectorsLintCmd `cmd:"" help:"Check the data of connectors."`
}

type connectorsListCmd struct {
	JSON bool `help:"Print a JSON list."`
}

// connectorText is a connector as the program prints it.
type connectorText struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Category string        `json:"category"`
	Auth     []string      `json:"auth"`
	Actions  []actionText  `json:"actions"`
	Triggers []triggerText `json:"triggers"`
	Records  []string      `json:"records"`
}

type actionText struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Effect string `json:"effect"`
}

type triggerText struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func textOf(c *actions.Connector) connectorText {
	out := connectorText{ID: c.ID, Name: c.Name, Category: c.Category, Auth: []string{}, Actions: []actionText{}, Triggers: []triggerText{}, Records: []string{}}
	for _, a := range c.Auth {
		out.Auth = append(out.Auth, a.Method)
	}
	for _, a := range c.Actions {
		out.Actions = append(out.Actions, actionText{a.ID, a.Name, string(a.Effect)})
	}
	for _, t := range c.Triggers {
		out.Triggers = append(out.Triggers, triggerText{t.ID, t.Name, t.Kind})
	}
	for _, r := range c.Records {
		out.Records = append(out.Records, r.ID)
	}
	return out
}

func (c *connectorsListCmd) Run(std streams) error {
	if c.JSON {
		list := []connectorText{}
		for c := range connectors.Catalogue.All() {
			list = append(list, textOf(c))
		}
		return json.NewEncoder(std.out).Encode(list)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tCATEGORY\tACTIONS\tTRIGGERS")
	for c := range connectors.Catalogue.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", c.ID, c.Name, c.Category, len(c.Actions), len(c.Triggers))
	}
	return w.Flush()
}

type connectorsShowCmd struct {
	App  string `arg:"" help:"The connector's id, as slack."`
	JSON bool   `help:"Print one JSON object."`
}

func (c *connectorsShowCmd) Run(std streams) error {
	app := connectors.Catalogue.Get(c.App)
	switch {
	case app == nil:
		return noConnector(c.App)
	case c.JSON:
		return json.NewEncoder(std.out).Encode(referenceOf(app))
	}
	return showConnector(std, app)
}

func noConnector(id string) error {
	ids := connectors.Catalogue.IDs()
	return fault.New(fault.NotFound, "There is no connector %q; it is named by its id, one of %s.%s", fault.Clip(id, 60), strings.Join(ids, ", "), fault.DidYouMean(id, ids))
}

type connectorsLintCmd struct {
	App []string `arg:"" optional:"" help:"Connectors by id; all where none is given."`
}

// Run tells everything that is wrong with the connectors' data.
func (c *connectorsLintCmd) Run(std streams) error {
	wrong := false
	for _, id := range c.App {
		if connectors.Catalogue.Get(id) == nil {
			return noConnector(id)
		}
	}
	for app := range connectors.Catalogue.All() {
		if len(c.App) > 0 && !slices.Contains(c.App, app.ID) {
			continue
		}
		for _, problem := range actions.Lint(*app) {
			wrong = true
			fmt.Fprintln(std.out, problem)
		}
	}
	if wrong {
		return quiet{}
	}
	return nil
}
