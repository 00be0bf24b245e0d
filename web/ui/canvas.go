package ui

// Flow is a scenario as the canvas draws it: its triggers side by side, and the tree of steps below them.
type Flow struct {
	Triggers []Node `json:"triggers"`
	Steps    []Node `json:"steps"`
}

// Node is one thing drawn: a trigger, a step, a container.
type Node struct {
	Key       string     `json:"key"`  // the step's path without indices; a trigger's is "trigger:" and its id
	Kind      string     `json:"kind"` // "trigger", or the step's kind
	Title     string     `json:"title"`
	App       string     `json:"app"`                 // what stands small above the title: "Slack", "Router"
	Detail    string     `json:"detail,omitempty"`    // what it does, in a few words: "Send a message"
	Place     string     `json:"place,omitempty"`     // JSON Pointer into the definition
	Guarantee string     `json:"guarantee,omitempty"` // what a crash in the middle means for it
	Tile      Tile       `json:"-"`
	Lists     []NodeList `json:"lists,omitempty"`
	Ends      bool       `json:"ends,omitempty"`  // nothing follows it, as after a stop
	Fails     bool       `json:"fails,omitempty"` // a stop that ends the run as failed
	Calls     bool       `json:"calls,omitempty"` // it makes requests
}

// NodeList is a list of steps inside a node.
type NodeList struct {
	ID    string `json:"id"`              // of the branch; "body" or "error"
	Role  string `json:"role"`            // "branch", "body" or "error"
	Label string `json:"label,omitempty"` // on the edge into it
	Hint  string `json:"hint,omitempty"`  // the condition, as written
	Ends  bool   `json:"ends,omitempty"`  // the run fails after it
	Steps []Node `json:"steps"`
}

// Each visits every node, outer ones first, in the order they are written.
func (f Flow) Each(visit func(n Node)) {
	for _, t := range f.Triggers {
		visit(t)
	}
	eachNode(f.Steps, visit)
}

func eachNode(nodes []Node, visit func(n Node)) {
	for _, n := range nodes {
		visit(n)
		for _, l := range n.Lists {
			eachNode(l.Steps, visit)
		}
	}
}

// NodeState is how a node is lit.
type NodeState struct {
	State string `json:"state"` // a step's status, or empty: it may still come
	Meta  string `json:"meta"`  // what stands beside the app's name: "918 ms · 2 tries"
}

// Lights are the states by node key, and the branches that were taken by "node/branch".
type Lights struct {
	Nodes    map[string]NodeState `json:"nodes"`
	Branches map[string]string    `json:"branches"` // "taken" or "off"
}

// Canvas says how a flow is shown.
type Canvas struct {
	Label    string // what the drawing is of, for people who do not see it
	Flow     Flow
	Lights   Lights                  // zero: no run is shown
	Selected string                  // key of the open node; empty: none
	Href     func(key string) string // where a node leads; nil: nowhere
}

func (c Canvas) href(key string) string {
	if c.Href == nil {
		return "#" + key
	}
	return c.Href(key)
}

// shape is the class that gives a node its outline.
func (n Node) shape() string {
	switch n.Kind {
	case "trigger":
		return "trigger"
	case "router", "parallel":
		return "pill-node"
	case "group", "for_each", "repeat":
		return "head"
	}
	return "step"
}

// badge is the icon of a state; empty for a state that has none.
func badge(state string) string {
	switch state {
	case "succeeded":
		return "check"
	case "failed":
		return "x"
	case "ignored":
		return "minus"
	case "waiting":
		return "clock"
	case "retrying":
		return "rotate-ccw"
	case "uncertain":
		return "circle-help"
	case "cancelled":
		return "ban"
	}
	return ""
}

// StateWord is what a state is called on screens.
func StateWord(state string) string {
	switch state {
	case "":
		return "not yet"
	case "unknown":
		return "not shown here"
	}
	return state
}

// StatusClass is the look of a run's or a step's status: its colour and its shape.
func StatusClass(status string) string {
	switch status {
	case "succeeded":
		return "ok"
	case "failed":
		return "bad"
	case "running":
		return "run"
	case "waiting", "retrying", "incomplete", "uncertain", "parked", "undoing", "ignored":
		return "warn"
	case "queued":
		return "queued"
	}
	return ""
}
