package run

import "time"

// Seen is what a trigger last had to do with, kept so that a restart does not forget it.
type Seen struct {
	Workspace  string
	ScenarioID string
	Trigger    string // its id
	At         time.Time
	Outcome    Outcome
	ErrorAt    time.Time // zero: there was none
	Error      string    // why an event could not be taken in
	LookFailed bool      // the last look at its list failed, as Error says
	Refused    []Refusal // the last requests that were not taken in, newest first
}

// Refuses says that the last request was refused, at or after a time and since the last event.
func (s Seen) Refuses(since time.Time) bool {
	return len(s.Refused) > 0 && s.Refused[0].At.After(s.At) && !s.Refused[0].At.Before(since)
}

// Health is how a live trigger does.
type Health struct {
	Seen
	Scenario string // slug
	Uses     string
	Paused   bool
	Next     time.Time     // when a schedule fires next, or a list is looked at; zero: it is none, or never
	Looked   time.Time     // when a list was looked at last by this process; zero: it is none, or was not yet
	Expect   time.Duration // an event is expected this often; zero: no such thing is said
	// SilentSince is since when no event came although one was expected; zero: it is not silent.
	SilentSince time.Time
	Failing     bool      // what its Error says still holds
	Refusing    bool      // the last request was refused, and no event came in since
	URL, Mail   string    // where its events come in; empty: nowhere, or not for who asks
	Expires     time.Time // when its subscription at the vendor ends, where it is not renewed; zero: it has none
}

// Refusal is a request to a trigger's URL that was not taken in.
type Refusal struct {
	At      time.Time
	Status  int // what it was answered
	Message string
	From    string // address
}

// Capture is what the editor waits for at a trigger's URL: a request to have as a sample.
type Capture struct {
	Until time.Time // zero: nothing is waited for
	Event string    // id of the event that came; empty: none did yet
}

// Captured is a capture with whose it is.
type Captured struct {
	Capture
	Workspace  string
	ScenarioID string
	Trigger    string    // its id
	Since      time.Time // when somebody began to wait
}

// Wrong says that something is wrong with the trigger that a person can mend.
func (h Health) Wrong() bool { return h.Failing || h.Refusing || !h.SilentSince.IsZero() }
