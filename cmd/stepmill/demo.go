package main

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/apps"
	"github.com/stepmill/stepmill/web/scenarios"
)

// stored is a scenario as the store has it.
type stored = scenario.Stored

//go:embed templates/*.json
var templateFiles embed.FS

// demoWorkspace holds the demo apart from everything else on the same data.
const demoWorkspace = "demo"

// demoPause is how long the demo's calls seem to take: with none at all, nobody sees a run pass step by step.
const demoPause = 700 * time.Millisecond

// demoSecret is what every credential of the demo is.
const demoSecret = "demo"

// demoTemplates are the templates that the demo makes live.
var demoTemplates = []string{"conversation-to-slack", "urgent-to-jira", "user-to-mailchimp", "closed-to-sheets"}

// groups are what the templates are grouped by, in their order: the first tag of each.
var groups = []string{"support", "sales", "marketing", "development", "analytics", "files"}

// templates are the scenarios that people begin with, by group, and in each those of the demo first.
var templates = sync.OnceValue(func() []scenarios.Template {
	files, err := fs.Glob(templateFiles, "templates/*.json")
	if err != nil {
		panic(err) // only for a pattern that is wrong
	}
	var out []scenarios.Template
	for _, file := range files {
		text, err := templateFiles.ReadFile(file)
		if err != nil {
			panic(err) // they are in the program
		}
		doc, _, err := scenario.Decode(text)
		if err != nil {
			panic(err) // a test decodes them all
		}
		t := scenarios.Template{ID: strings.TrimSuffix(path.Base(file), ".json"), Name: doc.Name, Description: doc.Description, Definition: text}
		if len(doc.Tags) > 0 && slices.Contains(groups, doc.Tags[0]) {
			t.Group = doc.Tags[0]
		}
		t.First = slices.Contains(demoTemplates, t.ID)
		out = append(out, t)
	}
	place := func(t scenarios.Template) int {
		if t.First {
			return slices.Index(demoTemplates, t.ID)
		}
		return len(demoTemplates)
	}
	slices.SortStableFunc(out, func(a, b scenarios.Template) int {
		return cmp.Or(cmp.Compare(slices.Index(groups, a.Group), slices.Index(groups, b.Group)), cmp.Compare(place(a), place(b)))
	})
	return out
})

// examples are the templates as the catalogue shows them.
var examples = sync.OnceValue(func() []apps.Example {
	var out []apps.Example
	for _, t := range templates() {
		e := apps.Example{ID: t.ID, Name: t.Name, Description: t.Description}
		doc, _, err := scenario.Decode(t.Definition)
		if err != nil {
			panic(err) // templates decoded it
		}
		add := func(uses string) {
			if app, _, dotted := strings.Cut(uses, "."); dotted && !slices.Contains(e.Uses, app) {
				e.Uses = append(e.Uses, app)
			}
		}
		for _, trigger := range doc.AllTriggers() {
			add(trigger.Uses)
		}
		doc.Walk(func(step *scenario.Step, _ scenario.Place) { add(step.Uses) })
		out = append(out, e)
	}
	return out
})

// fillDemo makes the demo's connections, which send nothing, and its live scenarios, where they are not there yet.
func (s *server) fillDemo(ctx context.Context, actor run.Actor) error {
	for c := range connectors.Catalogue.All() {
		if len(c.Auth) == 0 || c.ID == "core" {
			continue
		}
		values := run.Values{}
		for _, f := range c.Auth[0].Fields {
			if f.Required {
				values[f.ID] = demoSecret
			}
		}
		for _, t := range c.Triggers { // so that its URL takes what is signed with it
			if t.Verify.Secret != "" {
				values[t.Verify.Secret] = demoSecret
			}
		}
		_, err := s.store.CreateConnection(ctx, actor, run.Connection{Slug: c.ID, Name: c.Name + " (sandbox)", Connector: c.ID, Method: c.Auth[0].Method, Sandbox: true}, values)
		if err != nil && fault.CodeOf(err) != fault.Conflict {
			return err
		}
	}
	for _, t := range templates() {
		if !t.First {
			continue
		}
		_, err := s.drafts.Create(ctx, actor, t.ID, t.Definition)
		if fault.CodeOf(err) == fault.Conflict {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := s.drafts.Publish(ctx, actor, t.ID, "The demo's first version.", 0); err != nil {
			return err
		}
	}
	return nil
}
