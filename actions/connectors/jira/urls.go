package jira

// What people paste from the browser's address line in place of a site, a key or an id.
const (
	siteLink    = `^(?:https?://)?([A-Za-z0-9-]+)\.(?:atlassian\.net|jira\.com)(?:[/:?#]|$)`
	issueLink   = `^https?://[^?#]*/([A-Z][A-Z0-9_]*-[0-9]+)(?:[/?#]|$)|^https?://.*[?&]selectedIssue=([A-Z][A-Z0-9_]*-[0-9]+)`
	projectLink = `^https?://[^?#]*/(?:projects|browse)/([A-Z][A-Z0-9_]*)(?:-[0-9]+)?(?:[/?#]|$)`
	boardLink   = `/boards/([0-9]+)`
	personLink  = `^https?://[^?#]*/people/([0-9A-Za-z:-]+)`
)
