package sqlite

// schemaTriggers tells triggers that a draft or a live version has from those that only keep their key, for a later one.
// It is the sum of 1 (in the draft) and 2 (in the live version); what was there before is found out at the next save.
const schemaTriggers = `
ALTER TABLE triggers ADD COLUMN stands INTEGER NOT NULL DEFAULT 3;
`
