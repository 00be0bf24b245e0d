package sqlite

// schemaShortened says of what is kept apart from which position of its owner's journal to which it is referred to, so that it can
// go with the part that a shortened journal loses. From 0: not by a journal, or not only. And it finds the signals that such a run took
// long ago.
const schemaShortened = `
ALTER TABLE blobs ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
ALTER TABLE blobs ADD COLUMN last INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signals ADD COLUMN body TEXT NOT NULL DEFAULT '';
CREATE INDEX signals_taken ON signals (run_id, id) WHERE taken = 1;
`
