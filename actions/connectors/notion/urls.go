package notion

// What people paste in place of an id: the address of a page, which ends in it, or has it as p where the page is open beside a
// table; of a block behind #; of a data source as Notion's own tools write it.
const (
	id32         = `[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}`
	databaseLink = `^https?://[^?#]*?(` + id32 + `)/?(?:[?#]|$)`
	pageLink     = `^https?://[^#]*[?&]p=(` + id32 + `)|` + databaseLink
	blockLink    = `^https?://[^#]*#(` + id32 + `)$|` + pageLink
	sourceLink   = `^collection://(` + id32 + `)|` + databaseLink
)
