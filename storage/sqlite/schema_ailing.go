package sqlite

// schemaAiling keeps what of a connection that needs a person may pass by itself.
const schemaAiling = `
ALTER TABLE connections ADD COLUMN ails TEXT NOT NULL DEFAULT '' CHECK (ails IN ('', 'unread', 'doubted'));
CREATE INDEX connections_ailing ON connections (id) WHERE ails <> '';
`
