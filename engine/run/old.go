package run

import "time"

// Old is a run as what may be let go of.
type Old struct {
	ID        string
	Event     string // id of its event
	Number    int64  // counts the runs of its scenario
	Bytes     int64  // of its event and its journal
	CreatedAt time.Time
	EndedAt   time.Time // zero: it has not ended, and is kept
}

// NotKept is what an event's Detail says whose run's data was not kept: it cannot be started again.
const NotKept = "its data was not kept"

// Strip takes the data out of an entry: what happened stays, what it was about goes.
func (e *Entry) Strip() {
	e.Input, e.Output, e.Vars, e.Veiled, e.Sealed = nil, nil, nil, nil, ""
	if e.Kind == StepSucceeded { // what its action said
		e.Message = ""
	}
	if f := e.Failure; f != nil {
		bare := *f
		bare.Body = nil
		e.Failure = &bare
	}
}
