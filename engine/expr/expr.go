// Package expr evaluates what people write into a scenario: conditions and templates over a run's data, on expr-lang,
// behind a guard that bounds source, time and memory. It holds no state, reaches nothing outside, and gives the same
// answer for the same data and moment.
package expr

import (
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Vars is what stands in scope: "trigger", "steps" and so on. Every one is a value as package value has them.
type Vars map[string]any

// Moment fixes what an evaluation may not decide by itself.
type Moment struct {
	Now  time.Time      // what now() gives
	Seed string         // uuid() and random() follow from it: equal seeds, equal values
	Zone *time.Location // of dates without one; nil: UTC
	// Load gives a value that is kept apart, when an expression reads it; nil: there are none.
	Load func(value.Large) (any, error)
}

// Condition is a compiled bare boolean expression. It is safe for concurrent use.
type Condition struct{ p *program }

// CompileCondition compiles a bare boolean expression. The error is InvalidInput; its problems have the columns.
func CompileCondition(src string) (*Condition, error) {
	if p := braced(src); p != nil {
		return nil, refusal(placed("", src, 0, []*problem{p}))
	}
	p, bad := compile(src, true)
	if len(bad) > 0 {
		return nil, refusal(placed("", src, 0, bad))
	}
	return &Condition{p}, nil
}

// Eval says whether the condition holds. Null counts as false; anything else but a boolean is InvalidInput.
func (c *Condition) Eval(vars Vars, m Moment) (bool, error) {
	s, err := begin(vars, c.p.reads, m)
	if err != nil {
		return false, err
	}
	defer s.end()
	v, err := c.p.run(s)
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	}
	return false, fault.New(fault.InvalidInput, "The condition %s gave %s, not true or false.", source(c.p.src), kindOf(v))
}
