package sqlite

// schemaAgain counts, at the first of runs that call one another, those whose scenario was called before.
const schemaAgain = `
ALTER TABLE runs ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
`
