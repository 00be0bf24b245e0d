package runs

// Word is what a class of failure means for a person: what happened, and what to look at.
type Word struct {
	Title string `json:"title"`
	Fix   string `json:"fix"`
}

// answered is the word for an app that was reached and could not do it: its HTTP status goes behind the title.
const answered = "answered"

// Words are by fault.Code, with one more.
func Words() map[string]Word {
	return map[string]Word{
		"rate_limited":  {"The app asked to slow down", "Give the connection a lower rate, or wait until its limit is reset."},
		"unavailable":   {"The app could not be reached", "Check whether the app is up and its address is right, then replay the run."},
		answered:        {"The app answered", "It has trouble of its own: look at what it said, then replay the run."},
		"timeout":       {"The app did not answer in time", "Replay the run, or give the step a longer timeout."},
		"invalid_input": {"The app refused what it was sent", "Compare the input with what the app expects and correct the step."},
		"stopped":       {"The scenario stopped the run", "A stop step ended it on purpose."},
		"unauthorized":  {"The app did not accept the sign-in", "Renew the connection's credentials, or grant them what this step needs."},
		"not_found":     {"The app does not know what was asked for", "Check the ids and names in the step's input."},
		"conflict":      {"Something else changed it first", "Look at the record in the app, then replay the run."},
		"too_large":     {"There was more than is allowed", "Send less at once, or raise the limit."},
		"cancelled":     {"It was cancelled", ""},
		"internal":      {"Something went wrong inside Stepmill", "The server's log has the details."},
		"uncertain":     {"It is not known whether it happened", "Look in the app whether the call arrived, then say so here."},
	}
}
