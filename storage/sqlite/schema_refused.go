package sqlite

// schemaRefused keeps the last requests to each trigger's URL that were not taken in, as a JSON list.
const schemaRefused = `
ALTER TABLE trigger_seen ADD COLUMN refused TEXT NOT NULL DEFAULT '';
`
