package run

// Start is an event with the wish that it starts a run: what triggers hand to the engine. The engine gives the run its
// id; what became of the event stands in Accept afterwards.
type Start struct {
	Accept  Accept
	Version int           // of the scenario that the run executes
	Value   any           // what `trigger` is, as Event.Value decoded, or Event.Large; what Event.Veiled has is put back by the engine
	Replay  any           // of a part of a run, as ReplayOf gives it; nil: it begins at the beginning
	Failure *Failure      // not nil: the run fails at once with it, as when the trigger's if cannot be evaluated
	Depth   int           // how many runs led to the event, one by the requests of another
	Answer  chan<- Answer // with room for two; nil: nobody waits. Gets what answers the request, and the run's end
}

// Answer is what a waiting request is told.
type Answer struct {
	Output any    // of the step that answers, or of the run that ended
	Status Status // of the run; Running: a step answered
}
