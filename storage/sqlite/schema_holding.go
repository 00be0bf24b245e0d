package sqlite

// schemaHolding finds the events that are held and wait for no others, and whether a scenario has any.
const schemaHolding = `
CREATE INDEX events_holding ON events (scenario_id, id) WHERE outcome = 'queued' AND due_at IS NULL;
`
