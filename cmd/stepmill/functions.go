package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/docs"
)

type functionsCmd struct {
	Query []string `arg:"" optional:"" placeholder:"WORD" help:"Only those that have every word in their name, group or summary. A name alone shows its examples."`
	JSON  bool     `help:"Print a JSON list."`
}

// functionText is a function as the program prints it.
type functionText struct {
	Name      string        `json:"name"`
	Group     string        `json:"group"`
	Signature string        `json:"signature"`
	Summary   string        `json:"summary"`
	Examples  []exampleText `json:"examples"`
}

type exampleText struct {
	Expr   string `json:"expr"`
	Result string `json:"result"`
}

// Run prints what expressions may call.
func (c *functionsCmd) Run(std streams) error {
	query := strings.Join(c.Query, " ")
	list := expr.Find(query)
	for _, f := range list {
		if f.Name == query {
			list = []expr.Function{f}
			break
		}
	}
	switch {
	case c.JSON:
		out := []functionText{}
		for _, f := range list {
			text := functionText{f.Name, f.Group, f.Signature, f.Summary, nil}
			for _, e := range f.Examples {
				text.Examples = append(text.Examples, exampleText(e))
			}
			out = append(out, text)
		}
		return json.NewEncoder(std.out).Encode(out)
	case len(list) == 0:
		return fault.New(fault.NotFound, "No function has %q in its name, group or summary; stepmill functions lists all.", fault.Clip(query, 60))
	case len(list) == 1:
		f := list[0]
		fmt.Fprintf(std.out, "%s\n\n  %s\n\n", f.Signature, f.Summary)
		for _, e := range f.Examples {
			fmt.Fprintf(std.out, "  {{ %s }}\n  gives %s\n", e.Expr, e.Result)
		}
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	group := ""
	for _, f := range list {
		if f.Group != group {
			if group != "" {
				fmt.Fprintln(w)
			}
			group = f.Group
			fmt.Fprintln(w, strings.ToUpper(group))
		}
		fmt.Fprintf(w, "%s\t%s\n", f.Signature, briefly(f.Summary))
	}
	return w.Flush()
}

// briefly is a summary's beginning, where all of it is longer than a line.
func briefly(summary string) string {
	if end := strings.IndexAny(summary, ".:;,"); len(summary) > 90 && end > 0 {
		return summary[:end] + "…"
	}
	return summary
}

// functions are those of a query as a page shows them.
func functions(query string) []docs.Function {
	var out []docs.Function
	for _, f := range expr.Find(query) {
		shown := docs.Function{Name: f.Name, Group: f.Group, Signature: f.Signature, Summary: f.Summary}
		for _, e := range f.Examples {
			shown.Examples = append(shown.Examples, docs.Example(e))
		}
		out = append(out, shown)
	}
	return out
}
