package sqlite

// schemaData keeps the workspace's data stores, the locks that runs hold, and what each writing step was answered.
const schemaData = `
CREATE TABLE stores (
	workspace TEXT NOT NULL, slug TEXT NOT NULL, items INTEGER NOT NULL, created_at INTEGER NOT NULL,
	PRIMARY KEY (workspace, slug)
);
CREATE TABLE store_items (
	workspace TEXT NOT NULL, store TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER,
	PRIMARY KEY (workspace, store, key)
);
CREATE INDEX store_expiring ON store_items (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE store_answers (
	once TEXT NOT NULL PRIMARY KEY, answer TEXT NOT NULL, at INTEGER NOT NULL
);
CREATE INDEX store_answered ON store_answers (at);
CREATE TABLE locks (
	workspace TEXT NOT NULL, store TEXT NOT NULL, key TEXT NOT NULL, run_id TEXT NOT NULL, until INTEGER NOT NULL,
	PRIMARY KEY (workspace, store, key)
);
`
