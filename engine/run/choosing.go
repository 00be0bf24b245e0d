package run

// Choosing asks for the options of an input that lie in an account.
type Choosing struct {
	Workspace  string
	Scenario   string // slug: the connection must be granted to it
	Uses       string // the action or trigger, as "jira.create_issue"
	Field      string // id of the input; within a group "group.field"
	Connection string // slug
	Input      map[string]any
	Search     string // what people type; empty: all
}

// Choice is one option.
type Choice struct {
	Value string // what the input becomes
	Label string // what people read
}

// Chosen are options, as they came.
type Chosen struct {
	Choices   []Choice
	More      bool // there are further ones: search
	Sandboxed bool // the connection sends nothing, so none are known
}

// RecordAsk asks what a connector's record type is made of in an account.
type RecordAsk struct {
	Workspace  string
	Scenario   string // slug: the connection must be granted to it; empty: it is for none yet
	Connector  string
	Record     string // id of the record type, as "contact"
	Connection string // slug
}
