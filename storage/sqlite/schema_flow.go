package sqlite

// schemaFlow is what flow control of triggers needs: the order in which runs begin, when each may, and events that wait for
// others.
const schemaFlow = `
ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN slot_at INTEGER;
CREATE INDEX runs_slot ON runs (scenario_id, trigger_id, slot_at) WHERE slot_at IS NOT NULL;
DROP INDEX runs_open;
CREATE INDEX runs_open ON runs (scenario_id, priority DESC, id) WHERE ended_at IS NULL AND wake_at IS NULL AND held = 0;
ALTER TABLE events ADD COLUMN gather TEXT;
ALTER TABLE events ADD COLUMN due_at INTEGER;
CREATE INDEX events_due ON events (scenario_id, trigger_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX events_gather ON events (scenario_id, trigger_id, gather, id) WHERE due_at IS NOT NULL;
`
