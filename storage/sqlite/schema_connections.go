package sqlite

// schemaConnections keeps what tokens need, sign-ins under way, and which steps stand for want of a connection.
const schemaConnections = `
-- Tokens lie sealed, beside the values that people gave. token_count fences out who refreshed older ones; since counts up
-- with each mending of the credentials. A lease says who refreshes; refreshing stays where what came of it was not saved.
ALTER TABLE connections ADD COLUMN tokens BLOB;
ALTER TABLE connections ADD COLUMN token_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN expires_at INTEGER;
ALTER TABLE connections ADD COLUMN refresh_at INTEGER;
ALTER TABLE connections ADD COLUMN refresh_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN refresh_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN refreshing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN limited_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN grants TEXT NOT NULL DEFAULT '{}';
ALTER TABLE connections ADD COLUMN refs TEXT NOT NULL DEFAULT '{}';
UPDATE connections SET since = updated_at;
UPDATE connections SET paused = 1, state = 'connected' WHERE state = 'paused';
CREATE INDEX connections_refresh ON connections (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE TABLE sign_ins (
	state TEXT PRIMARY KEY, workspace TEXT NOT NULL, connection_id TEXT NOT NULL, actor TEXT NOT NULL, browser TEXT NOT NULL,
	sealed BLOB NOT NULL, until INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE INDEX sign_ins_until ON sign_ins (until);
CREATE TABLE parked (
	run_id TEXT NOT NULL, path TEXT NOT NULL, workspace TEXT NOT NULL, connection TEXT NOT NULL, since INTEGER NOT NULL,
	PRIMARY KEY (run_id, path)) WITHOUT ROWID;
CREATE INDEX parked_connection ON parked (workspace, connection);
`
