package github

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLinks: an owner, a repository, a number or an id is found in the address that people paste, and what is none of these stays as it is.
func TestLinks(t *testing.T) {
	for _, c := range []struct{ link, text, want string }{
		{ownerLink, `https://github.com/acme/shop.git`, `acme`},
		{ownerLink, `https://github.com/orgs/acme/repositories`, `acme`},
		{ownerLink, `git@github.com:acme/shop.git`, `acme`},
		{ownerLink, `github.com/acme`, `acme`},
		{ownerLink, `acme/shop`, `acme`},
		{ownerLink, `acme`, `acme`},
		{ownerLink, `https://ghe.acme.test/tools/shop`, `tools`},
		{repoLink, `https://github.com/acme/shop.git`, `shop`},
		{repoLink, `https://github.com/acme/shop/issues/7`, `shop`},
		{repoLink, `https://github.com/acme/next.js`, `next.js`},
		{repoLink, `git@github.com:acme/shop.git`, `shop`},
		{repoLink, `ssh://git@github.com/acme/shop.git`, `shop`},
		{repoLink, `acme/shop`, `shop`},
		{repoLink, ` shop `, `shop`},
		{repoLink, `https://github.com/acme/shop?tab=readme`, `shop`},
		{numberLink, `https://github.com/acme/shop/issues/7#issuecomment-9`, `7`},
		{numberLink, `https://github.com/acme/shop/pull/7/files`, `7`},
		{numberLink, `#7`, `7`},
		{numberLink, `7`, `7`},
		{commentLink, `https://github.com/acme/shop/issues/7#issuecomment-9`, `9`},
		{gistLink, `https://gist.github.com/octocat/aa5a315d61ae9438b18d#file-x`, `aa5a315d61ae9438b18d`},
		{gistLink, `https://gist.github.com/aa5a315d61ae9438b18d`, `aa5a315d61ae9438b18d`},
	} {
		if got := (actions.Field{Link: c.link}).Tidy(c.text); got != c.want {
			t.Errorf("%q gives %q, not %q", c.text, got, c.want)
		}
	}
}
