package sqlite

// schemaLive keeps what a trigger's live version says of its flow, by which what is held is reckoned: how many runs move at once,
// how many begin in a time, how long a debounce and a batch wait. NULL: it was never published, or not since these are kept.
const schemaLive = `
ALTER TABLE triggers ADD COLUMN cap INTEGER;
ALTER TABLE triggers ADD COLUMN pace_most INTEGER;
ALTER TABLE triggers ADD COLUMN pace_window INTEGER;
ALTER TABLE triggers ADD COLUMN quiet INTEGER;
ALTER TABLE triggers ADD COLUMN batch INTEGER;
`
