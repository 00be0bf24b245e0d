package jira

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLinks: a site, a key or an id is found in the address that people paste, and what is none of these stays as it is.
func TestLinks(t *testing.T) {
	for _, c := range []struct{ link, text, want string }{
		{siteLink, `acme.atlassian.net`, `acme`},
		{siteLink, ` https://acme.atlassian.net/jira/software/projects/ENG/boards/1`, `acme`},
		{siteLink, `acme`, `acme`},
		{siteLink, `https://jira.acme.com`, `https://jira.acme.com`},
		{issueLink, `https://acme.atlassian.net/browse/ENG-42`, `ENG-42`},
		{issueLink, `https://acme.atlassian.net/browse/ENG-42?focusedCommentId=1`, `ENG-42`},
		{issueLink, `https://acme.atlassian.net/jira/software/projects/ENG/boards/1?selectedIssue=ENG-42`, `ENG-42`},
		{issueLink, `https://acme.atlassian.net/jira/servicedesk/projects/SUP/queues/custom/3/SUP-7`, `SUP-7`},
		{issueLink, `https://acme.atlassian.net/servicedesk/customer/portal/2/SUP-7`, `SUP-7`},
		{issueLink, `ENG-42 `, `ENG-42`},
		{issueLink, `10042`, `10042`},
		{projectLink, `https://acme.atlassian.net/jira/software/c/projects/ENG/boards/1`, `ENG`},
		{projectLink, `https://acme.atlassian.net/browse/ENG-42`, `ENG`},
		{projectLink, `https://acme.atlassian.net/projects/ENG?selectedItem=x`, `ENG`},
		{projectLink, `ENG`, `ENG`},
		{personLink, `https://acme.atlassian.net/jira/people/712020:5b10a284-4c20`, `712020:5b10a284-4c20`},
		{personLink, `-1`, `-1`},
	} {
		if got := (actions.Field{Link: c.link}).Tidy(c.text); got != c.want {
			t.Errorf("%q gives %q, not %q", c.text, got, c.want)
		}
	}
}
