package runs

import (
	"cmp"
	"regexp"

	"github.com/stepmill/stepmill/engine/fault"
)

// Word is what a class of failure means for a person: what happened, and what to look at.
type Word struct {
	Title string `json:"title"`
	Fix   string `json:"fix"`
	// Parked is Fix where the step stands and can be tried again; empty: it is the same.
	Parked string `json:"parked,omitempty"`
}

// Words that belong to no class alone.
const (
	answered   = "answered"   // an app that was reached and could not do it: its HTTP status goes behind the title
	expression = "expression" // an expression of a step gave nothing
	unsent     = "unsent"     // what a step was given is not right, and no app was asked
)

// Words are by fault.Code, with those above. src/words.ts chooses among them as word does.
func Words() map[string]Word {
	return map[string]Word{
		"rate_limited":  {Title: "The app asked to slow down", Fix: "Give the connection a lower rate, or wait until its limit is reset."},
		"unavailable":   {"The app could not be reached", "Check whether the app is up and its address is right, then replay the run.", "Check whether the app is up and its address is right, then try again."},
		answered:        {"The app answered", "It has trouble of its own: look at what it said, then replay the run.", "It has trouble of its own: look at what it said, then try again."},
		"timeout":       {"The app did not answer in time", "Replay the run, or give the step a longer timeout.", "Try again, or give the step a longer timeout and replay the run."},
		"invalid_input": {"The app refused what it was sent", "Compare the input with what the app expects and correct the step.", "Compare the input with what the app expects, and try again with another input."},
		expression:      {Title: "An expression of the step failed", Fix: "Nothing was sent. Correct the expression in the editor and replay the run: what is tried again on this version fails again."},
		unsent:          {Title: "What the step was given is not right", Fix: "No app was asked. Correct the step as the message says."},
		"stopped":       {Title: "The scenario stopped the run", Fix: "A stop step ended it on purpose."},
		"unauthorized":  {Title: "The app did not accept the sign-in", Fix: "Renew the connection's credentials, or grant them what this step needs."},
		"not_found":     {Title: "The app does not know what was asked for", Fix: "Check the ids and names in the step's input."},
		"conflict":      {"Something else changed it first", "Look at the record in the app, then replay the run.", "Look at the record in the app, then try again."},
		"too_large":     {Title: "There was more than is allowed", Fix: "Send less at once, or raise the limit."},
		"cancelled":     {Title: "It was cancelled"},
		"internal":      {Title: "Something went wrong inside Stepmill", Fix: "The server's log has the details."},
		"uncertain":     {Title: "It is not known whether it happened", Fix: "Look in the app whether the call arrived, then say so here."},
	}
}

// expressionFailed tells by the engine's words that it was an expression: there is no class of its own for that.
var expressionFailed = regexp.MustCompile(`^(In [a-z_ ]+: )?(/[^ ]*: )?The (expression|condition) .*( failed|, not true or false)`)

// word is what a failure means; asked says that an app was: there was an exchange.
func word(failure map[string]any, asked bool) Word {
	class, _ := failure["class"].(string)
	status := text(failure, "status")
	switch asked = asked || status != ""; {
	case class == string(fault.Unavailable) && status != "":
		w := Words()[answered]
		w.Title += " " + status
		return w
	case class == string(fault.InvalidInput) && !asked && expressionFailed.MatchString(text(failure, "message")):
		return Words()[expression]
	case class == string(fault.InvalidInput) && !asked:
		return Words()[unsent]
	}
	if w, ok := Words()[class]; ok {
		return w
	}
	return Word{Title: "The step failed"}
}

// fix is what to do about it.
func (w Word) fix(parked bool) string {
	if parked {
		return cmp.Or(w.Parked, w.Fix)
	}
	return w.Fix
}
