package sqlite

// schemaSubscriptions keeps what vendors are asked to send to triggers. asked stands from before a registration is sent
// until its answer is known; told is what the vendor said and nobody acted upon yet.
const schemaSubscriptions = `
CREATE TABLE subscriptions (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, scenario TEXT NOT NULL, trigger_id TEXT NOT NULL, uses TEXT NOT NULL,
	connection TEXT NOT NULL, input TEXT NOT NULL, topics TEXT NOT NULL, url TEXT NOT NULL, purpose TEXT NOT NULL, sealed BLOB NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('wanted', 'live', 'leaving', 'left')), asked INTEGER NOT NULL, vendor_id TEXT NOT NULL, kept TEXT NOT NULL,
	expires_at INTEGER, renewed_at INTEGER, tried_at INTEGER, next_at INTEGER, attempts INTEGER NOT NULL, class TEXT NOT NULL, error TEXT NOT NULL,
	told TEXT NOT NULL, note TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX subscriptions_trigger ON subscriptions (workspace, scenario_id, trigger_id);
`
