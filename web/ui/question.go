package ui

// Question is what a dialog asks before its form is sent.
type Question struct {
	ID, Title, Text string
	Action          string // where the form goes
	Verb, Back      string // the buttons: to do it, and not to
	Class           string // of the first: "pri" or "danger"
	Open            bool   // it stands open when the page comes: nothing has opened it by a script, or what was sent was refused
}
