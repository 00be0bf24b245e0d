package sqlite

// schemaUnrenewed takes one more word for what ails a connection: that its vendor gives no new token.
const schemaUnrenewed = `
DROP INDEX connections_ailing;
ALTER TABLE connections ADD COLUMN ailing TEXT NOT NULL DEFAULT '' CHECK (ailing IN ('', 'unread', 'doubted', 'unrenewed'));
UPDATE connections SET ailing = ails;
ALTER TABLE connections DROP COLUMN ails;
ALTER TABLE connections RENAME COLUMN ailing TO ails;
CREATE INDEX connections_ailing ON connections (id) WHERE ails <> '';
`
