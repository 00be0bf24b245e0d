package poll

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// Options are what people write for a trigger that polls.
type Options struct {
	Every time.Duration
	All   bool           // begins with everything that is there
	Since time.Time      // begins with what is there from then on; zero: nothing of it, or all
	Input map[string]any // the trigger's own inputs
	First int64          // of a list of rows: the number of its first

	list string // tells the list that they choose from every other
}

// longest is how seldom a list may be looked at.
const longest = 7 * 24 * time.Hour

// Parse reads the options of a trigger of a kind. An error's sentence begins with the name of the option that is wrong.
func Parse(spec *actions.Trigger, def *scenario.Trigger) (*Options, error) {
	input := maps.Clone(def.With)
	if input == nil {
		input = map[string]any{}
	}
	every, start := input["every"], input["start"]
	delete(input, "every")
	delete(input, "start")
	coerced, err := actions.Coerce(spec.Input, input)
	if err != nil {
		return nil, err
	}
	o := &Options{Every: spec.Poll.Every, Input: input, list: listOf(def, coerced)}
	if row := spec.Poll.Row; row != "" {
		first, ok := coerced[row].(int)
		if !ok || first < 1 || first > 1<<31 {
			return nil, fault.New(fault.InvalidInput, "%s: rows are numbered from 1 on.", row)
		}
		o.First = int64(first)
	}
	if err := o.often(spec.Poll, every); err != nil {
		return nil, err
	}
	return o, o.start(spec.Poll, start)
}

func (o *Options) often(p *actions.Poll, every any) error {
	if every == nil {
		return nil
	}
	text, _ := every.(string)
	d, err := scenario.ParseDuration(text)
	if err != nil {
		return fault.New(fault.InvalidInput, "every: %s", fault.MessageOf(err))
	}
	if d < p.Least || d > longest {
		return fault.New(fault.InvalidInput, "every: %s is not between %s and %s.", text, p.Least, longest)
	}
	o.Every = d
	return nil
}

func (o *Options) start(p *actions.Poll, start any) error {
	switch start {
	case nil, "now":
		return nil
	case "all":
		o.All = true
		return nil
	}
	if p.Time == "" {
		return fault.New(fault.InvalidInput, "start: it is now or all; the list does not say when its items were made.")
	}
	text, _ := start.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 {
		return fault.New(fault.InvalidInput, "start: %q is neither now nor all, nor a time as 2026-01-31T09:30:00Z.", fault.Clip(value.Text(start), 60))
	}
	o.Since = at.UTC()
	return nil
}

// listOf makes what tells one list from another: the trigger's kind, its connection and its inputs, with their defaults.
func listOf(def *scenario.Trigger, input map[string]any) string {
	return short(def.Uses + "\n" + def.Connection + "\n" + value.Text(input))
}

// short stands for a text of any length: 96 bits of its hash.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
