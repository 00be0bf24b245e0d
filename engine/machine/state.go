package machine

import (
	"container/heap"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/expr"
	"github.com/stepmill/stepmill/engine/run"
)

// node is a step of this run that has begun or is about to, and is not done.
type node struct {
	step    *step
	path    string
	frame   *frame // the list it stands in
	state   state
	asked   bool           // its `if` was answered
	attempt int            // from 1; zero: none yet
	spent   int            // attempts that count no more: those before a person's word, and those held
	held    int            // attempts that were none: their turn had not come
	since   time.Time      // of the first of them that is none for a bounded time; zero: none was
	input   map[string]any // of the attempt in flight
	large   any            // the input where it is kept apart: a value.Large
	given   any            // what a person gave as the input of the next attempt; nil: nothing
	failure *run.Failure   // the last one, of it or of a step inside

	until    time.Time // of a sleeping one: when it goes on
	deadline time.Time // of a container or a wait with a timeout
	taken    []string  // of a router: the branches it takes
	entered  int       // of a router: how many of them have begun
	live     int       // of a loop and of branches beside one another: how many have not ended
	body     *frame    // of what goes through one list at a time: that list
	loop     *loopState
	called   string // id of the run that it calls
	heard    bool   // there is an entry of it
	began    int64  // of a repeat: seq of the entry that it began with
	halt     *halt  // not nil: no further step begins inside
}

// halt is why nothing more begins inside a container, and what follows when the calls in flight there have ended.
type halt struct {
	failure *run.Failure // nil: the loop was left, which is no failure
	do      string       // of a branch: "rollback" or "commit" ends the run
}

// loopState is how far a loop has come.
type loopState struct {
	items []any // of for_each and each
	begun int   // items or rounds
	ended int
	outs  []any    // what the items gave, by index
	left  int      // the item that left the loop, and one; zero: none did
	bytes int      // of the JSON of outs, roughly
	done  []*frame // items whose collect is to be evaluated
	slept bool     // a repeat has waited for its next round
	since time.Time
	marks []int64 // of a repeat: the newest ones' seq
}

// state says what a node waits for. Those from starting on wait for a decision.
type state int

const (
	calling   state = iota // an answer
	away                   // a called run's end
	sleeping               // a time
	listening              // an event
	asking                 // a person's decision
	inside                 // the steps inside it
	handling               // the steps of its on_error
	doubtful               // a person's word on whether its call happened
	parked                 // a person who mends it
	starting               // to begin, or to be tried again
	failing                // a step inside it failed
	halting                // it is to be emptied
	gathering              // items ended, their collect is due
	rounding               // a repeat's next round
	closing                // every step inside it is done
	handled                // every step of its on_error is done
	broken                 // a step of its on_error failed
	states
)

func (s state) due() bool { return s >= starting }

// Where a list of steps stands.
type frameKind int

const (
	rootFrame    frameKind = iota // the run itself
	bodyFrame                     // of a group, or a branch that shares its router's scope
	branchFrame                   // a branch beside others
	itemFrame                     // an item of a loop
	roundFrame                    // a round of a repeat
	handlerFrame                  // the steps of an on_error
	undoFrame                     // the step that takes another back
)

// frame is a list of steps being worked through, in a scope.
type frame struct {
	kind  frameKind
	owner *node // the step it is inside of; nil: the run itself
	path  string
	steps []*step
	next  int       // of the step that has not begun
	vars  expr.Vars // the scope; lists that run one after another share its steps
	last  any       // output of the last step that ran

	index   int     // of an item or a round
	branch  *branch // of a branch
	mending bool    // of a branch: its on_error's steps are being worked through
	failure *run.Failure
	leave   bool // of an item: a `continue` ended it
}

// loopAround gives the frame of the innermost loop.
func (f *frame) loopAround() *frame {
	for ; f != nil; f = f.around() {
		if f.kind == itemFrame || f.kind == roundFrame {
			return f
		}
	}
	return nil
}

func (f *frame) around() *frame {
	if f.owner == nil {
		return nil
	}
	return f.owner.frame
}

// leaving says that the item or round around is being left.
func (f *frame) leaving() bool {
	l := f.loopAround()
	return l != nil && l.leave
}

// halted gives the outermost container around that is being emptied; nil: there is none.
func (f *frame) halted() *node {
	var out *node
	for ; f != nil && f.owner != nil; f = f.around() {
		if f.kind != handlerFrame && f.owner.halt != nil {
			out = f.owner
		}
	}
	return out
}

func (f *frame) pathOf(s *step) string {
	switch {
	case s.flat: // the one step of `each` has the item's own path
		return f.path
	case f.path == "":
		return s.id
	}
	return f.path + "." + s.id
}

func itemPath(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }

// holds says that a path lies inside the node.
func (n *node) holds(path string) bool {
	rest, ok := strings.CutPrefix(path, n.path)
	return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// set puts a node in a state.
func (m *Machine) set(n *node, s state) {
	if m.nodes[n.path] == n {
		m.counts[n.state]--
		m.counts[s]++
	}
	n.state = s
	if s.due() {
		m.ready = append(m.ready, n)
	}
}

func (m *Machine) add(n *node) {
	m.nodes[n.path] = n
	m.counts[n.state]++
	if n.state.due() {
		m.ready = append(m.ready, n)
	}
}

func (m *Machine) remove(n *node) {
	if m.nodes[n.path] == n {
		m.counts[n.state]--
		delete(m.nodes, n.path)
		if n.step.onError != nil && n.step.onError.do == "park" {
			m.forget(n.path)
		}
	}
}

// sleep sets a node's timer, and alarm its deadline.
func (m *Machine) sleep(n *node, until time.Time) {
	n.until = until
	m.clock(n, until)
}

func (m *Machine) alarm(n *node, at time.Time) {
	if n.step.timeout > 0 && n.step.kind != "uses" && n.deadline.IsZero() { // of all attempts together
		n.deadline = at.Add(n.step.timeout)
		m.clock(n, n.deadline)
	}
}

func (m *Machine) clock(n *node, at time.Time) {
	if !at.IsZero() {
		heap.Push(&m.timers, timer{at, n})
	}
}

// timer is one that may have been set anew or whose node may be gone: then it is passed over.
type timer struct {
	at   time.Time
	node *node
}

type timers []timer

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	if !t[i].at.Equal(t[j].at) {
		return t[i].at.Before(t[j].at)
	}
	return t[i].node.path < t[j].node.path
}
func (t timers) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timers) Push(x any)   { *t = append(*t, x.(timer)) }
func (t *timers) Pop() any {
	old := *t
	last := old[len(old)-1]
	*t = old[:len(old)-1]
	return last
}

func (m *Machine) counted(t timer) bool {
	n := t.node
	return m.nodes[n.path] == n && (t.at.Equal(n.until) || t.at.Equal(n.deadline))
}

// nextTimer drops timers that count no more and gives the next.
func (m *Machine) nextTimer() (timer, bool) {
	for len(m.timers) > 0 {
		if m.counted(m.timers[0]) {
			return m.timers[0], true
		}
		heap.Pop(&m.timers)
	}
	return timer{}, false
}
