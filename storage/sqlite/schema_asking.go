package sqlite

// schemaAsking finds the runs that wait for somebody's decision among all that wait. They have attention 2; the others are none of
// its rows.
const schemaAsking = `
CREATE INDEX runs_asking ON runs (id) WHERE attention = 2;
`
