package run

import "time"

// Look is one look at a list of a vendor: whose it is, and from where on it is read.
type Look struct {
	Workspace  string
	Scenario   string // slug
	Trigger    string // id
	Uses       string // "jira.issue_created"
	Connection string // slug
	Input      map[string]any
	Since      time.Time // zero: from its beginning on
	Row        int64     // of a list of rows: how many are known
	Sampled    bool      // what stands in for the list of a sandbox connection was given already
}

// Part is a part of a list, its items in the list's order.
type Part struct {
	Items     []any
	Row       int64 // of a list of rows: the number of the first
	Sandboxed bool  // the item stands in for the list of a sandbox connection
}

// Looked is what came of a look.
type Looked struct {
	Whole     bool // the list was read to its end, or until it was enough; else it went on beyond what one look may read
	Sandboxed bool // the connection sends nothing
}
