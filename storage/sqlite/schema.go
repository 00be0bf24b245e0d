package sqlite

// migrations make the schema, oldest first. A released one is never changed; what comes next is appended.
var migrations = []string{`
CREATE TABLE meta (workspace TEXT NOT NULL, name TEXT PRIMARY KEY, value BLOB NOT NULL);

CREATE TABLE workspaces (workspace TEXT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO workspaces (workspace, name) VALUES ('default', 'Default');

CREATE TABLE users (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL,
	role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'admin', 'owner')), created_at INTEGER NOT NULL);
CREATE TABLE sessions (
	hash TEXT PRIMARY KEY, workspace TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE TABLE api_keys (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
	role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'admin', 'owner')),
	created_at INTEGER NOT NULL, expires_at INTEGER, used_at INTEGER, revoked_at INTEGER);

CREATE TABLE scenarios (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('draft', 'live', 'paused')), version INTEGER NOT NULL, revision INTEGER NOT NULL, dirty INTEGER NOT NULL,
	draft TEXT NOT NULL, problems TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, resumed_at INTEGER, deleted_at INTEGER);
CREATE UNIQUE INDEX scenarios_slug ON scenarios (workspace, slug) WHERE deleted_at IS NULL;
CREATE TABLE versions (
	workspace TEXT NOT NULL, scenario_id TEXT NOT NULL REFERENCES scenarios (id), number INTEGER NOT NULL, definition TEXT NOT NULL, facts TEXT NOT NULL,
	note TEXT NOT NULL, published_by TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (workspace, scenario_id, number));
CREATE TABLE triggers (
	workspace TEXT NOT NULL, scenario_id TEXT NOT NULL REFERENCES scenarios (id), id TEXT NOT NULL, uses TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
	PRIMARY KEY (workspace, scenario_id, id));
CREATE TABLE cursors (
	workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, trigger_id TEXT NOT NULL, value TEXT NOT NULL, updated_at INTEGER NOT NULL,
	PRIMARY KEY (workspace, scenario_id, trigger_id));

CREATE TABLE events (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, trigger_id TEXT NOT NULL,
	outcome TEXT NOT NULL, detail TEXT NOT NULL, run_id TEXT NOT NULL,
	value TEXT NOT NULL, raw BLOB, header TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX events_held ON events (workspace, scenario_id, id) WHERE outcome = 'queued';
CREATE TABLE dedupe (
	workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, trigger_id TEXT NOT NULL, key TEXT NOT NULL,
	event_id TEXT NOT NULL, run_id TEXT NOT NULL, body TEXT NOT NULL, until INTEGER NOT NULL,
	PRIMARY KEY (workspace, scenario_id, trigger_id, key)) WITHOUT ROWID;

CREATE INDEX dedupe_until ON dedupe (until);

CREATE TABLE runs (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, scenario_id TEXT NOT NULL, version INTEGER NOT NULL, number INTEGER NOT NULL,
	trigger_id TEXT NOT NULL, event_id TEXT NOT NULL,
	status TEXT NOT NULL,
	label TEXT, error TEXT, output TEXT, epoch INTEGER NOT NULL, owner TEXT NOT NULL, seq INTEGER NOT NULL,
	created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, wake_at INTEGER, attention INTEGER,
	parent_id TEXT NOT NULL, depth INTEGER NOT NULL, waited INTEGER NOT NULL,
	line TEXT NOT NULL, cap INTEGER NOT NULL, held INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE UNIQUE INDEX runs_number ON runs (workspace, scenario_id, number);
-- Few runs are in these: a row enters the first when it is accepted and leaves it when it ends or sleeps, and only runs
-- that did not go well enter the second. (An IN list here would cost more than the row.)
CREATE INDEX runs_open ON runs (scenario_id, id) WHERE ended_at IS NULL AND wake_at IS NULL AND held = 0;
-- A line is the runs of a trigger with one order_by key; those beyond their trigger's limit are in the second.
CREATE INDEX runs_line ON runs (scenario_id, trigger_id, line, number) WHERE line <> '' AND ended_at IS NULL;
CREATE INDEX runs_held ON runs (id) WHERE held <> 0;
CREATE INDEX runs_beyond ON runs (scenario_id, trigger_id, number) WHERE held = 2;
CREATE INDEX runs_attention ON runs (status, id) WHERE attention IS NOT NULL;
CREATE INDEX runs_wake ON runs (wake_at) WHERE wake_at IS NOT NULL AND held = 0;
CREATE TABLE journal (
	pos INTEGER PRIMARY KEY, workspace TEXT NOT NULL, run_id TEXT NOT NULL, seq INTEGER NOT NULL, entries INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX journal_run ON journal (run_id, pos);
-- What a run is told from outside: taken ones stay, so that one that is sent again counts once.
CREATE TABLE signals (
	id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, run_id TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL,
	taken INTEGER NOT NULL, at INTEGER NOT NULL, UNIQUE (run_id, kind, key));
CREATE INDEX signals_new ON signals (run_id, id) WHERE taken = 0;
CREATE TABLE leases (owner TEXT PRIMARY KEY, workspace TEXT NOT NULL, until INTEGER NOT NULL);

CREATE TABLE connections (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL, connector TEXT NOT NULL, method TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('connected', 'expiring', 'needs_auth', 'rate_limited', 'paused')), detail TEXT NOT NULL,
	sandbox INTEGER NOT NULL, base_url TEXT NOT NULL, rate TEXT NOT NULL, sealed BLOB NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
	UNIQUE (workspace, slug));
CREATE TABLE secrets (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, slug TEXT NOT NULL, sealed BLOB NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
	UNIQUE (workspace, slug));
CREATE TABLE answers (
	workspace TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, sealed BLOB, at INTEGER NOT NULL,
	PRIMARY KEY (workspace, actor, key)) WITHOUT ROWID;
CREATE INDEX answers_at ON answers (at);
CREATE TABLE jobs (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, by_name TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL, filter TEXT NOT NULL,
	version INTEGER NOT NULL, total INTEGER NOT NULL, more INTEGER NOT NULL, done INTEGER NOT NULL, skipped INTEGER NOT NULL, failed INTEGER NOT NULL,
	message TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('running', 'done', 'stopped')), created_at INTEGER NOT NULL, ended_at INTEGER);
CREATE INDEX jobs_open ON jobs (id) WHERE status = 'running';
CREATE TABLE outbox (
	id TEXT PRIMARY KEY, workspace TEXT NOT NULL, run_id TEXT NOT NULL, scenario TEXT NOT NULL, path TEXT NOT NULL, connection TEXT NOT NULL,
	connector TEXT NOT NULL, action TEXT NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, header TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX outbox_newest ON outbox (workspace, id);
`, `
-- What is masked in an event's value, sealed, and the body as it came where it is kept apart, or where it stands in the value.
ALTER TABLE events ADD COLUMN sealed BLOB;
ALTER TABLE events ADD COLUMN raw_large TEXT;
ALTER TABLE events ADD COLUMN raw_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN raw_bytes INTEGER NOT NULL DEFAULT 0;
-- Which runs and events have values that are kept apart, in files.
CREATE TABLE blobs (workspace TEXT NOT NULL, hash TEXT NOT NULL, owner TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (hash, owner)) WITHOUT ROWID;
CREATE INDEX blobs_owner ON blobs (owner);
ALTER TABLE runs ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN concurrency INTEGER NOT NULL DEFAULT 0;
`, schemaFlow, schemaConnections, schemaSeen, schemaCalled, schemaSubscriptions, schemaHolding, schemaTriggers, schemaAiling, schemaRefused, schemaAgain, schemaData, schemaAsking, schemaShortened, schemaCaptures, schemaUnrenewed, schemaLooked, schemaRepeats, schemaLive}
