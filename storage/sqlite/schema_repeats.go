package sqlite

// schemaRepeats counts how often an event's delivery came again, and when last. It is a table of its own: an event's row may be large,
// and is not written anew for this.
const schemaRepeats = `
CREATE TABLE repeats (event_id TEXT PRIMARY KEY, times INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
`
