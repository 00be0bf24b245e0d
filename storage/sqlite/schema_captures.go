package sqlite

// schemaCaptures keeps for which triggers' requests the editor waits, so that a restart does not end it. What came is among the
// events.
const schemaCaptures = `
CREATE TABLE captures (
	workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, trigger_id TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
	PRIMARY KEY (workspace, scenario_id, trigger_id)) WITHOUT ROWID;
`
