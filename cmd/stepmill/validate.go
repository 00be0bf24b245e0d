package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
)

type validateCmd struct {
	Files []string `arg:"" name:"file" help:"Scenario files; - is standard input."`
	JSON  bool     `help:"Print one JSON object a problem."`
}

// Run checks every file and tells every problem. Warnings do not fail.
func (c *validateCmd) Run(std streams) error {
	failed := false
	for _, file := range c.Files {
		problems, err := validateFile(file, std.in)
		if err != nil {
			fmt.Fprintln(std.err, "stepmill:", fault.MessageOf(err))
			failed = true
			continue
		}
		for _, p := range problems {
			failed = failed || p.Severity == fault.Fault
			c.print(std, file, p)
		}
	}
	if failed {
		return quiet{}
	}
	return nil
}

func (c *validateCmd) print(std streams, file string, p fault.Problem) {
	if c.JSON {
		json.NewEncoder(std.out).Encode(struct {
			File string `json:"file"`
			fault.Problem
		}{file, p})
		return
	}
	severity := ""
	if p.Severity == fault.Warning {
		severity = "warning: "
	}
	fmt.Fprintf(std.out, "%s:%d:%d: %s%s\n", file, p.Line, p.Column, severity, p.Message)
}

// validateFile gives the problems of a file; the error is one of reading it.
func validateFile(file string, in io.Reader) ([]fault.Problem, error) {
	text, err := readFile(file, scenario.MaxBytes, in)
	if err != nil {
		return nil, unreadable(err, "file", file)
	}
	doc, problems, err := scenario.Decode(text)
	if err != nil {
		return fault.ProblemsOf(err), nil
	}
	problems, _ = examine(doc, problems, nil)
	return problems, nil
}
