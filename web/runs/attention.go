package runs

import (
	"fmt"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
)

// attention is what a run needs a person for.
type attention struct {
	Run    string // its id
	Asks   []ask
	Failed *View // a run that failed and can be started again from the step that failed; nil: it is none
	Word   Word  // what that failed with
	// Corrected says that only another version of the scenario can do better.
	Corrected bool
	Replay    bool   // it can be started again from the beginning too
	Notice    string // why what was asked for was not done; empty: nothing was
}

// ask is one step that waits for a person or for something from outside.
type ask struct {
	Kind    string // "parked", "uncertain", "approval", "event"
	ID      string // of its elements in the page; the same while it is the same question
	Path    string
	Node    ui.Node
	Error   map[string]any // of a parked or an uncertain step
	Word    Word           // what that means
	Until   time.Time      // zero: without an end
	Text    string         // of an approval: what is asked
	Open    string         // address of the approval, or of the resume URL; empty: the reader may not have it
	People  []person       // whom an approval was sent to
	Acts    bool           // the reader may act
	Discard bool           // the button that ends the run stands at it
	Takes   bool           // it can be tried again with another input
	Typed   string         // the input or output in its field
	Refused string         // why Typed was not taken
}

// person is somebody who is asked, with their own address of the approval.
type person struct{ To, URL string }

// needs finds what the run needs a person for. May says that the reader may act on runs: a link lets whoever has it decide.
func (h *Handler) needs(p *page, doc *scenario.Scenario, may bool) attention {
	a := attention{Run: p.Run.ID}
	events, standing := waitsForEvents(doc), -1 // standing is the last ask that keeps the run from going on
	for i := range p.View.Steps {
		s := &p.View.Steps[i]
		one := ask{ID: fmt.Sprintf("ask-%d-%d", i, len(s.Tries)), Path: s.Path, Node: p.Nodes[s.Key], Until: parse(s.Until)}
		one.Error, _ = s.Error.(map[string]any)
		one.Word = word(one.Error, s.HTTP != nil)
		if one.Node.Title == "" {
			one.Node.Title = s.Path
		}
		switch {
		case s.Status == "parked":
			one.Kind, one.Acts = "parked", may && h.Resume != nil
			one.Typed = ui.Pretty(s.Input)
			_, shown := s.Input.(map[string]any) // else it is too large to stand here
			one.Takes = shown && (one.Node.Kind == "uses" || one.Node.Kind == "call") && len(one.Typed) <= largest
		case s.Status == "uncertain":
			one.Kind, one.Acts = "uncertain", may && h.Settle != nil
		case s.Status == "waiting" && s.Asks:
			one.Kind, one.Acts = "approval", may
			h.asks(&one, p.Run, s.Input)
		case s.Status == "waiting" && events[one.Node.Place]:
			one.Kind, one.Acts = "event", may
			if may && h.ResumeURL != nil {
				one.Open = h.ResumeURL(&p.Run)
			}
		default:
			continue
		}
		a.Asks = append(a.Asks, one)
		if one.Kind == "parked" || one.Kind == "uncertain" {
			standing = len(a.Asks) - 1
		}
	}
	if standing >= 0 && may && h.Discard != nil {
		a.Asks[standing].Discard = true
	}
	if p.View.Status == "failed" && p.retryFrom() != "" && may && h.ReplayFrom != nil {
		a.Failed, a.Replay = &p.View, h.Replay != nil
		a.Word = word(p.View.failure(), p.View.Steps[p.View.byPath[p.retryFrom()]].HTTP != nil)
		a.Corrected = a.Word == Words()[expression]
	}
	return a
}

// asks fills in what an approval asks, and whom.
func (h *Handler) asks(one *ask, r run.Run, input any) {
	object, _ := input.(map[string]any)
	one.Text = value.Text(object["message"])
	to, ok := object["to"].([]any)
	if !ok && object["to"] != nil {
		to = []any{object["to"]}
	}
	link := func(to string) string {
		if !one.Acts || h.ApprovalURL == nil {
			return ""
		}
		return h.ApprovalURL(r, one.Path, to)
	}
	one.Open = link("")
	for _, v := range to {
		if name := value.Text(v); name != "" {
			one.People = append(one.People, person{To: name, URL: link(name)})
		}
	}
}

// waitsForEvents are the places of the steps that wait for an event.
func waitsForEvents(doc *scenario.Scenario) map[string]bool {
	out := map[string]bool{}
	doc.Walk(func(s *scenario.Step, at scenario.Place) {
		if s.Wait != nil && s.Wait.Event != nil {
			out[at.Path] = true
		}
	})
	return out
}

// retryFrom is the path of the step that made the run fail; empty: none that can be begun anew.
func (p *page) retryFrom() string {
	failed, _ := p.View.Error.(map[string]any)
	path, _ := failed["path"].(string)
	if _, ok := p.View.byPath[path]; !ok {
		return ""
	}
	return path
}

// open says that there is something to see.
func (a attention) open() bool { return len(a.Asks) > 0 || a.Failed != nil || a.Notice != "" }

func text(failure map[string]any, name string) string { return value.Text(failure[name]) }

func action(a attention, verb string) templ.SafeURL {
	return templ.SafeURL("/runs/" + url.PathEscape(a.Run) + "/" + verb)
}

// chosen is the class of the button that does what is best done.
func chosen(best bool) string {
	if best {
		return "pri"
	}
	return ""
}

// failure is what the run failed with.
func (v *View) failure() map[string]any {
	f, _ := v.Error.(map[string]any)
	return f
}

// state is what the step stands for, in a few words.
func (a ask) state() string {
	switch a.Kind {
	case "approval":
		return "needs a decision"
	case "event":
		return "waits for an event"
	}
	return a.Kind
}

// part is the id of an element of the ask.
func (a ask) part(name string, i int) string { return fmt.Sprintf("%s-%s-%d", a.ID, name, i) }
