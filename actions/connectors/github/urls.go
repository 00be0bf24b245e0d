package github

// What people paste in place of an owner, a name or a number: the address of a page, of a repository for git, or owner/name.
const (
	host       = `^(?:(?:https?|ssh)://[^/]+/|git@[^:/]+:|github\.com/)?`
	ownerLink  = host + `(?:orgs/|users/)?([^/:\s]+)(?:/|$)`
	repoLink   = host + `[^/:\s]+/([^/\s?#]+?)(?:\.git)?(?:[/?#]|$)`
	numberLink = `(?:/(?:issues|pull|milestone)/|^#)([0-9]+)`
	// commentLink takes the fragment that a comment's own link ends in.
	commentLink = `#issuecomment-([0-9]+)`
	gistLink    = `^https?://gist\.[^/]+/(?:[^/]+/)?([0-9a-f]+)`
)
