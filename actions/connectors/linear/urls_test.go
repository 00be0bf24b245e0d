package linear

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLinks: an identifier or an id is found in the address that people paste, and what is none of these stays as it is.
func TestLinks(t *testing.T) {
	for _, c := range []struct{ link, text, want string }{
		{issueLink, `https://linear.app/acme/issue/ENG-42/the-export-stops#comment-1`, `ENG-42`},
		{issueLink, `https://linear.app/acme/issue/ENG-42`, `ENG-42`},
		{issueLink, `ENG-42`, `ENG-42`},
		{projectLink, `https://linear.app/acme/project/apollo-to-the-moon-3f1c0a9b8d7e/overview`, `3f1c0a9b8d7e`},
		{projectLink, `3f1c0a9b8d7e`, `3f1c0a9b8d7e`},
	} {
		if got := (actions.Field{Link: c.link}).Tidy(c.text); got != c.want {
			t.Errorf("%q gives %q, not %q", c.text, got, c.want)
		}
	}
}
