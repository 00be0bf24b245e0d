package sqlite

// schemaCalled finds the runs that a run waits for, which may stand in a line behind it.
const schemaCalled = `
CREATE INDEX runs_called ON runs (parent_id) WHERE parent_id <> '' AND waited = 1 AND ended_at IS NULL;
`
