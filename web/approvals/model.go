package approvals

import (
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/fields"
)

// page is one question.
type page struct {
	link    run.Link
	Name    string // of the scenario
	Message string
	Fields  []fields.Field
	Until   time.Time // zero: without an end
	Signed  string    // name of the signed-in reader; empty: nobody is signed in
	RunURL  string    // where a signed-in reader finds the run; empty: they may not

	Over    bool   // it is asked no more
	Verdict string // "approved" or "rejected"; empty: nobody decided
	Who     string
	When    time.Time
	Said    string // the comment of who decided

	Comment, Typed               string // what was typed: the comment, and the name
	Wrong, CommentWrong, ByWrong string
}

// newPage reads what a step asks from its journal; false: it never asked.
func newPage(l run.Link, entries []run.Entry) (page, bool) {
	p := page{link: l}
	asked := false
	for i := range entries {
		e := &entries[i]
		if e.Path != l.Path {
			continue
		}
		switch e.Kind {
		case run.StepWaiting:
			object, _ := e.Input.(map[string]any)
			asked = asked || object != nil
			p.Message, p.Fields, p.Until, p.Over = value.Text(object["message"]), fieldsOf(object["form"]), e.Until, false
		case run.StepSucceeded:
			p.Over = true
			p.decided(e.Output)
		case run.StepFailed, run.StepIgnored, run.StepHandling, run.StepSkipped, run.StepCancelled, run.StepParked:
			p.Over = true
		}
	}
	return p, asked
}

func (p *page) decided(output any) {
	object, _ := output.(map[string]any)
	p.Verdict, p.Who, p.Said = value.Text(object["decision"]), value.Text(object["by"]), value.Text(object["comment"])
	p.When, _ = time.Parse(run.TimeFormat, value.Text(object["at"]))
}

// by is who decides, where that is known; empty: the page asks.
func (p *page) by() string {
	if p.link.To != "" {
		return p.link.To
	}
	return p.Signed
}

// title is what the page is about, in a few words.
func (p page) title() string {
	switch {
	case !p.Over:
		return "Your decision is needed"
	case p.Verdict == "approved":
		return "This was approved"
	case p.Verdict == "rejected":
		return "This was rejected"
	}
	return "This is asked no more"
}
