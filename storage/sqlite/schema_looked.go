package sqlite

// schemaLooked keeps whether the last look at a trigger's list failed, so that a restart does not take it for well.
const schemaLooked = `
ALTER TABLE trigger_seen ADD COLUMN look_failed INTEGER NOT NULL DEFAULT 0;
`
