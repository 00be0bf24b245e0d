package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// reference is all that is known of a connector, as `connectors show --json` prints it.
type reference struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Category    string           `json:"category"`
	Description string           `json:"description"`
	Docs        string           `json:"docs,omitempty"`
	Auth        []signInText     `json:"auth"`
	Actions     []operationText  `json:"actions"`
	Triggers    []operationText  `json:"triggers"`
	Records     []recordTypeText `json:"records"`
}

type signInText struct {
	Method string      `json:"method"`
	Name   string      `json:"name"`
	Help   string      `json:"help,omitempty"`
	SetUp  []string    `json:"set_up,omitempty"` // what is done in the vendor's screens, step by step
	Scopes []string    `json:"scopes,omitempty"` // that are asked for where the connection names none
	Fields []fieldText `json:"fields"`
}

// operationText is an action, or a trigger, which has a kind and neither effect nor guarantee.
type operationText struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Kind        string       `json:"kind,omitempty"`
	Effect      string       `json:"effect,omitempty"`
	Guarantee   string       `json:"guarantee,omitempty"`
	Scopes      []string     `json:"scopes,omitempty"` // that it needs beside those of the sign-in
	Input       []fieldText  `json:"input"`
	Output      *value.Shape `json:"output,omitempty"`
	Sample      any          `json:"sample,omitempty"`
}

type fieldText struct {
	ID       string       `json:"id"`
	Label    string       `json:"label"`
	Help     string       `json:"help,omitempty"`
	Type     string       `json:"type"`
	Required bool         `json:"required,omitempty"`
	Secret   bool         `json:"secret,omitempty"`
	Default  any          `json:"default,omitempty"`
	Options  []optionText `json:"options,omitempty"`
	Choices  bool         `json:"choices,omitempty"` // its options lie in the account
	Members  []fieldText  `json:"members,omitempty"` // of a group, or of each item of a list
	Example  any          `json:"example,omitempty"`
}

type optionText struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

type recordTypeText struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Does []string `json:"does"` // what can be done with them
}

func referenceOf(c *actions.Connector) reference {
	out := reference{ID: c.ID, Name: c.Name, Category: c.Category, Description: c.Description, Docs: c.DocsURL,
		Auth: []signInText{}, Actions: []operationText{}, Triggers: []operationText{}, Records: []recordTypeText{}}
	for _, a := range c.Auth {
		one := signInText{Method: a.Method, Name: a.Name, Help: a.Help, SetUp: c.SetUp[a.Method], Fields: fieldTexts(a.Fields)}
		if a.OAuth != nil {
			one.Scopes = a.OAuth.Scopes
		}
		out.Auth = append(out.Auth, one)
	}
	for _, a := range c.Actions {
		out.Actions = append(out.Actions, operationText{ID: a.ID, Name: a.Name, Description: a.Description, Effect: string(a.Effect), Guarantee: a.Guarantee, Scopes: a.Scopes,
			Input: fieldTexts(a.Input), Output: &a.Output, Sample: a.Sample})
	}
	for i := range c.Triggers {
		t := &c.Triggers[i]
		out.Triggers = append(out.Triggers, operationText{ID: t.ID, Name: t.Name, Description: t.Description, Kind: t.Kind, Scopes: t.Scopes, Input: fieldTexts(t.Inputs()), Sample: t.Sample})
	}
	for i := range c.Records {
		r := &c.Records[i]
		out.Records = append(out.Records, recordTypeText{r.ID, r.Many, r.Does()})
	}
	return out
}

func fieldTexts(fields []actions.Field) []fieldText {
	out := []fieldText{}
	for _, f := range fields {
		one := fieldText{ID: f.ID, Label: f.Label, Help: f.Help, Type: string(f.Type), Required: f.Required, Secret: f.Secret, Default: f.Default, Choices: f.Choices != nil, Example: f.Example}
		for _, o := range f.Options {
			one.Options = append(one.Options, optionText{o.Value, o.Label})
		}
		if len(f.Fields) > 0 {
			one.Members = fieldTexts(f.Fields)
		}
		out = append(out, one)
	}
	return out
}

// showConnector prints the same for people.
func showConnector(std streams, app *actions.Connector) error {
	fmt.Fprintf(std.out, "%s (%s)\n%s\n", app.Name, app.ID, app.Description)
	for _, a := range app.Auth {
		fmt.Fprintf(std.out, "\nSign in: %s (method %q)\n", a.Name, a.Method)
		if a.Help != "" {
			fmt.Fprintf(std.out, "  %s\n", a.Help)
		}
		for i, step := range app.SetUp[a.Method] {
			fmt.Fprintf(std.out, "  %d. %s\n", i+1, step)
		}
		if a.OAuth != nil && len(a.OAuth.Scopes) > 0 {
			fmt.Fprintf(std.out, "  Scopes: %s\n", strings.Join(a.OAuth.Scopes, " "))
		}
		printFields(std.out, a.Fields)
	}
	for i := range app.Triggers {
		t := &app.Triggers[i]
		fmt.Fprintf(std.out, "\nTrigger %s.%s: %s\n  %s\n", app.ID, t.ID, t.Name, t.Description)
		printFields(std.out, t.Inputs())
		printSample(std.out, "Its event, as", t.Sample)
	}
	for i := range app.Records {
		r := &app.Records[i]
		fmt.Fprintf(std.out, "\nRecord %s: %s\n  They are %s.\n", r.ID, r.Many, strings.Join(r.Does(), ", "))
	}
	for _, a := range app.Actions {
		fmt.Fprintf(std.out, "\nAction %s.%s: %s (%s)\n  %s\n", app.ID, a.ID, a.Name, a.Effect, a.Description)
		if a.Guarantee != "" {
			fmt.Fprintf(std.out, "  %s\n", a.Guarantee)
		}
		printFields(std.out, a.Input)
		if text := shapeText(a.Output); text != "" {
			fmt.Fprintf(std.out, "  Output: %s\n", text)
		}
		printSample(std.out, "As", a.Sample)
	}
	return nil
}

// printFields prints a line for each field, those of a group below it.
func printFields(out io.Writer, fields []actions.Field) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var each func(fields []actions.Field, margin string)
	each = func(fields []actions.Field, margin string) {
		for _, f := range fields {
			required := ""
			if f.Required {
				required = "required"
			}
			fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\n", margin, f.ID, f.Type, required, strings.TrimSpace(f.Help+" "+f.Facts()))
			each(f.Fields, margin+"  ")
		}
	}
	each(fields, "  ")
	w.Flush()
}

// printSample prints a value as it may be, indented.
func printSample(out io.Writer, what string, sample any) {
	if sample == nil {
		return
	}
	if b, err := json.MarshalIndent(sample, "  ", "  "); err == nil {
		fmt.Fprintf(out, "  %s: %s\n", what, b)
	}
}

// shapeText writes what is known of an output in one line, as {id: text, tags: [text]}; "": nothing is.
func shapeText(s value.Shape) string {
	switch {
	case s.Kind == "object" && len(s.Fields) > 0:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
			if text := shapeText(s.Fields[name]); text != "" {
				name += ": " + text
			}
			members = append(members, name)
		}
		return "{" + strings.Join(members, ", ") + "}"
	case s.Kind == "list" && s.Item != nil:
		return "[" + shapeText(*s.Item) + "]"
	}
	return s.Kind
}
