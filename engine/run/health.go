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
}

// Health is how a live trigger does.
type Health struct {
	Seen
	Scenario string // slug
	Uses     string
	Paused   bool
	Next     time.Time     // of a schedule: when it fires next; zero: it is none, or never
	Expect   time.Duration // an event is expected this often; zero: no such thing is said
	// SilentSince is since when no event came although one was expected; zero: it is not silent.
	SilentSince time.Time
}
