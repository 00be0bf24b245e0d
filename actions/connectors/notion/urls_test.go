package notion

import (
	"testing"

	"github.com/stepmill/stepmill/actions"
)

// TestLinks: an id is found in the address that people paste, and what is none of these stays as it is.
func TestLinks(t *testing.T) {
	for _, c := range []struct{ link, text, want string }{
		{pageLink, `https://www.notion.so/acme/Plan-of-the-year-1a2b3c4d5e6f70819293a4b5c6d7e8f9?pvs=4`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{pageLink, `https://www.notion.so/1a2b3c4d5e6f70819293a4b5c6d7e8f9#0a2b3c4d5e6f70819293a4b5c6d7e8f0`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{pageLink, `https://www.notion.so/acme/0a2b3c4d5e6f70819293a4b5c6d7e8f0?v=0a2b3c4d5e6f70819293a4b5c6d7e8f0&p=1a2b3c4d5e6f70819293a4b5c6d7e8f9&pm=s`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{pageLink, `https://acme.notion.site/Plan-1a2b3c4d5e6f70819293a4b5c6d7e8f9`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{pageLink, ` 60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7
`, `60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7`},
		{databaseLink, `https://www.notion.so/acme/1a2b3c4d5e6f70819293a4b5c6d7e8f9?v=0a2b3c4d5e6f70819293a4b5c6d7e8f0`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{databaseLink, `https://www.notion.so/acme/1a2b3c4d5e6f70819293a4b5c6d7e8f9?v=0a2b3c4d5e6f70819293a4b5c6d7e8f0&p=0a2b3c4d5e6f70819293a4b5c6d7e8f0`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{blockLink, `https://www.notion.so/acme/Plan-1a2b3c4d5e6f70819293a4b5c6d7e8f9?pvs=4#0a2b3c4d5e6f70819293a4b5c6d7e8f0`, `0a2b3c4d5e6f70819293a4b5c6d7e8f0`},
		{blockLink, `https://www.notion.so/acme/Plan-1a2b3c4d5e6f70819293a4b5c6d7e8f9`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{sourceLink, `collection://60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7`, `60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7`},
		{sourceLink, `https://www.notion.so/acme/1a2b3c4d5e6f70819293a4b5c6d7e8f9?v=0a2b3c4d5e6f70819293a4b5c6d7e8f0`, `1a2b3c4d5e6f70819293a4b5c6d7e8f9`},
		{sourceLink, `60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7`, `60bdc8bd-3880-44b8-a9cd-8a145b3ffbd7`},
	} {
		if got := (actions.Field{Link: c.link}).Tidy(c.text); got != c.want {
			t.Errorf("%q gives %q, not %q", c.text, got, c.want)
		}
	}
}
