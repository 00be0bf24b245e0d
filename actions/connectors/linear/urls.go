package linear

// What people paste in place of an identifier or an id: the address of an issue's or a project's page.
const (
	issueLink   = `/issue/([A-Za-z0-9]+-[0-9]+)(?:[/?#]|$)`
	projectLink = `/project/(?:[^/?#]*-)?([0-9a-f]+)(?:[/?#]|$)`
)
