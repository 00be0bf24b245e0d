package sqlite

// schemaSeen keeps what each trigger last had to do with, so that its silence is noticed right after a restart.
const schemaSeen = `
CREATE TABLE trigger_seen (
	workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, trigger_id TEXT NOT NULL, at INTEGER, outcome TEXT NOT NULL, error_at INTEGER, error TEXT NOT NULL,
	PRIMARY KEY (workspace, scenario_id, trigger_id)) WITHOUT ROWID;
`
