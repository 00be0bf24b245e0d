package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
)

type connectorsDocsCmd struct {
	Out string `required:"" placeholder:"DIR" help:"Where the pages go, one for each connector, and README.md with a list of them. The folder is made; pages that are there are written anew."`
}

// Run writes the pages.
func (c *connectorsDocsCmd) Run(std streams) error {
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fault.Wrap(err, fault.InvalidInput, "The folder %s cannot be made: %v", c.Out, err)
	}
	list := "# Connectors\n\n| Connector | What it is | Actions | Triggers |\n|---|---|---|---|\n"
	write := func(name, text string) error {
		if err := os.WriteFile(filepath.Join(c.Out, name), []byte(text), 0o644); err != nil {
			return fault.Wrap(err, fault.Unavailable, "The page %s cannot be written: %v", filepath.Join(c.Out, name), err)
		}
		return nil
	}
	n := 0
	for app := range connectors.Catalogue.All() {
		list += fmt.Sprintf("| [%s](%s.md) | %s | %d | %d |\n", app.Name, app.ID, inCell(app.Description), len(app.Actions), len(app.Triggers))
		if err := write(app.ID+".md", pageOf(app)); err != nil {
			return err
		}
		n++
	}
	if err := write("README.md", list); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%d pages are in %s.\n", n, c.Out)
	return nil
}

// inCell is a text as a cell of a table holds it.
func inCell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}

// pageOf is a connector's reference page.
func pageOf(app *actions.Connector) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("# %s\n\n%s It is `%s` in a scenario.", app.Name, app.Description, app.ID)
	if app.DocsURL != "" {
		say(" The vendor's documentation is at <%s>.", app.DocsURL)
	}
	say("\n")
	if len(app.Auth) > 0 {
		say("\n## How it is connected\n")
	}
	for _, a := range app.Auth {
		say("\n### %s\n\nThe method `%s`.", a.Name, a.Method)
		if a.Help != "" {
			say(" %s", a.Help)
		}
		say("\n")
		for i, step := range app.SetUp[a.Method] {
			if i == 0 {
				say("\n")
			}
			say("%d. %s\n", i+1, step)
		}
		if a.OAuth != nil && len(a.OAuth.Scopes) > 0 {
			say("\nIt asks for `%s`.\n", strings.Join(a.OAuth.Scopes, "` `"))
		}
		sayFields(&b, a.Fields)
	}
	if app.Rate.Requests > 0 {
		say("\n## Limits\n\nAt most %d requests in %s go out over a connection, for all scenarios together, unless the connection says otherwise.\n", app.Rate.Requests, actions.Short(app.Rate.Window))
	}
	if len(app.Triggers) > 0 {
		say("\n## Triggers\n")
	}
	for i := range app.Triggers {
		t := &app.Triggers[i]
		say("\n### %s\n\n`%s.%s` · %s\n", t.Name, app.ID, t.ID, t.Description)
		sayScopes(&b, t.Scopes)
		sayFields(&b, t.Inputs())
		saySample(&b, "Its event, as", t.Sample)
	}
	if len(app.Actions) > 0 {
		say("\n## Actions\n")
	}
	for _, a := range app.Actions {
		say("\n### %s\n\n`%s.%s` · %s\n", a.Name, app.ID, a.ID, a.Description)
		if a.Guarantee != "" {
			say("\n%s\n", a.Guarantee)
		}
		sayScopes(&b, a.Scopes)
		sayFields(&b, a.Input)
		saySample(&b, "Its output, as", a.Sample)
	}
	if len(app.Records) > 0 {
		say("\n## Records\n\n")
	}
	for i := range app.Records {
		say("- %s: %s\n", app.Records[i].Many, strings.Join(app.Records[i].Does(), ", "))
	}
	return b.String()
}

func sayScopes(b *strings.Builder, scopes []string) {
	if len(scopes) > 0 {
		fmt.Fprintf(b, "\nIt needs `%s` beside what a connection asks for by itself.\n", strings.Join(scopes, "` `"))
	}
}

// sayFields writes a table of fields, those of a group below it.
func sayFields(b *strings.Builder, fields []actions.Field) {
	if len(fields) == 0 {
		return
	}
	b.WriteString("\n| Input | Kind | What it is |\n|---|---|---|\n")
	var each func(fields []actions.Field, before string)
	each = func(fields []actions.Field, before string) {
		for _, f := range fields {
			kind := string(f.Type)
			if f.Required {
				kind += ", required"
			}
			text := strings.TrimSpace(f.Help + " " + f.Facts())
			if f.Label != "" {
				text = "**" + f.Label + "** " + text
			}
			if example, err := json.Marshal(f.Example); err == nil && f.Example != nil {
				text += " As `" + string(example) + "`."
			}
			fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", before, f.ID, kind, inCell(text))
			each(f.Fields, before+f.ID+".")
		}
	}
	each(fields, "")
}

func saySample(b *strings.Builder, what string, sample any) {
	text, err := json.MarshalIndent(sample, "", "  ")
	if sample == nil || err != nil {
		return
	}
	fmt.Fprintf(b, "\n%s:\n\n```json\n%s\n```\n", what, text)
}
