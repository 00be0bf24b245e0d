package runs

import (
	"strings"
	"time"

	"github.com/stepmill/stepmill/web/ui"
)

// Light says how every node of the drawing is lit. src/lights.ts does the same.
func Light(flow ui.Flow, v View, now time.Time) ui.Lights {
	l := lighter{view: v, now: now, rounds: map[string][]*StepView{},
		out: ui.Lights{Nodes: map[string]ui.NodeState{}, Branches: map[string]string{}}}
	for i := range v.Steps {
		s := &v.Steps[i]
		l.rounds[s.Key] = append(l.rounds[s.Key], s)
	}
	for _, t := range flow.Triggers {
		l.out.Nodes[t.Key] = ui.NodeState{State: "succeeded"}
	}
	l.list(flow.Steps, false)
	return l.out
}

type lighter struct {
	view   View
	now    time.Time
	rounds map[string][]*StepView
	out    ui.Lights
}

// list lights steps; passed says that the run did not and will not come by here.
func (l *lighter) list(nodes []ui.Node, passed bool) {
	for _, n := range nodes {
		rounds := l.rounds[n.Key]
		l.out.Nodes[n.Key] = l.node(n, rounds, passed)
		for _, list := range n.Lists {
			l.list(list.Steps, l.branch(n, list, rounds, passed) == "off")
		}
	}
}

// notReached is what is said of a step that the run ended before.
const notReached = "not reached"

func (l *lighter) node(n ui.Node, rounds []*StepView, passed bool) ui.NodeState {
	switch {
	case len(rounds) == 0 && passed:
		return ui.NodeState{State: "skipped", Meta: "skipped"}
	case len(rounds) == 0 && ended(l.view.Status) && l.view.lacks(n.Key):
		return ui.NodeState{State: unknown, Meta: notShown}
	case len(rounds) == 0 && ended(l.view.Status):
		return ui.NodeState{State: "skipped", Meta: notReached}
	case len(rounds) == 0:
		return ui.NodeState{}
	}
	strongest := rounds[0]
	for _, r := range rounds {
		if weight(r.Status) > weight(strongest.Status) {
			strongest = r
		}
	}
	state := ui.NodeState{State: drawn(strongest.Status), Meta: l.meta(strongest, rounds)}
	if fails(n, strongest) {
		state.State = "failed"
	}
	if n.Kind == "router" && (state.State == "running" || state.State == "succeeded" || state.State == unknown) && !strongest.Handled {
		// a router has done its work when it chose; the steps of the branch show theirs themselves
		return ui.NodeState{State: "succeeded"}
	}
	return state
}

// fails says of a stop that it did what it is for, which is to end the run as failed.
func fails(n ui.Node, s *StepView) bool { return n.Fails && s.Status == "succeeded" }

// drawn is the state whose look a status takes.
func drawn(status string) string {
	switch status {
	case "parked":
		return "uncertain"
	case "undoing":
		return "retrying"
	case "undone":
		return "cancelled"
	}
	return status
}

// weight orders states by how much they ask to be looked at.
func weight(status string) int {
	order := []string{"", unknown, "skipped", "succeeded", "ignored", "undone", "cancelled", "failed", "waiting", "retrying", "undoing", "running", "parked", "uncertain"}
	for i, s := range order {
		if s == status {
			return i
		}
	}
	return 0
}

func (l *lighter) meta(s *StepView, all []*StepView) string {
	var parts []string
	switch s.Status {
	case "skipped":
		parts = append(parts, "skipped")
	case "waiting", "uncertain", "parked", "cancelled", "undoing", "undone", unknown:
		parts = append(parts, s.word())
	default:
		if s.Started != "" {
			end := l.now
			if s.Ended != "" {
				end = parse(s.Ended)
			}
			parts = append(parts, ui.Took(end.Sub(parse(s.Started))))
		}
	}
	if n := countRounds(rounds(all), l.view.Gap); n > 1 {
		parts = append(parts, ui.Count(n, "round", "rounds"))
	} else if s.Attempt > 1 {
		parts = append(parts, ui.Count(s.Attempt, "try", "tries"))
	}
	return strings.Join(parts, " · ")
}

// branch says whether the run takes the list inside a node: "taken", "off", or "" while that is open.
func (l *lighter) branch(n ui.Node, list ui.NodeList, rounds []*StepView, passed bool) string {
	state := ""
	switch {
	case passed || len(rounds) == 0 && ended(l.view.Status) && !l.view.lacks(n.Key):
		state = "off"
	case list.Role == "error":
		state = errorList(rounds)
	case n.Kind == "router":
		if state = routed(rounds, list.ID); state == "off" && l.view.Gap && countRounds(rounds, true) > len(rounds) {
			state = "" // a round that is not shown may have taken it
		}
	case len(rounds) > 0 && begun(rounds):
		state = "taken"
	case len(rounds) > 0:
		state = "off"
	}
	l.out.Branches[n.Key+"/"+list.ID] = state
	return state
}

// begun says that one of the rounds did something, as against skipped or cancelled before.
func begun(rounds []*StepView) bool {
	for _, r := range rounds {
		if len(r.Tries) > 0 {
			return true
		}
	}
	return false
}

func errorList(rounds []*StepView) string {
	open := len(rounds) == 0
	for _, r := range rounds {
		if r.Handled {
			return "taken"
		}
		open = open || r.Ended == ""
	}
	if open {
		return ""
	}
	return "off"
}

func routed(rounds []*StepView, id string) string {
	open := len(rounds) == 0
	for _, r := range rounds {
		for _, taken := range r.Taken {
			if taken == id {
				return "taken"
			}
		}
		open = open || len(r.Tries) == 0 && r.Ended == ""
	}
	if open {
		return ""
	}
	return "off"
}

func ended(status string) bool {
	return status == "succeeded" || status == "failed" || status == "cancelled"
}
