package outbound

import (
	"net/http"
	"strings"

	"golang.org/x/net/html"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// foreign refuses a page, and nothing, where an app's API gives data: what a network's sign-in page or a proxy puts in its place with
// status 200 would pass for success. A step of effect once is in doubt by it.
func (d *doing) foreign(in actions.HTTPRequest, resp actions.Response) error {
	kind := resp.Header.Get("Content-Type")
	switch {
	case d.connector.BaseURL == "" || in.Pages || in.Bare:
		return nil
	case in.Keep != nil && in.Keep.Type != "" && in.Keep.Type != "text/html" && isHTML(kind):
		return d.notTheirs("it is a page")
	case in.Keep != nil:
		return nil
	case len(resp.Body) == 0 && resp.Status == http.StatusOK && !in.Empty:
		return d.notTheirs("it is empty")
	}
	text, ok := resp.Value.(string)
	if !ok || !isPage(kind, text) {
		return nil
	}
	what := "a page"
	if title := titleOf(text); title != "" {
		what = "the page \"" + d.signIn.mask(fault.Clip(title, 80)) + "\""
	}
	return d.notTheirs("it is " + what)
}

// lacking refuses an answer without any data where the action gives some.
func (d *doing) lacking(answer any) error {
	if kind := d.action.Output.Kind; d.connector.BaseURL == "" || kind != "object" && kind != "list" {
		return nil
	}
	switch answer.(type) {
	case map[string]any, []any:
		return nil
	case nil:
		return d.notTheirs("it is empty")
	}
	return d.notTheirs("it is no JSON")
}

func (d *doing) notTheirs(what string) error {
	return fault.New(fault.Unavailable, "The answer did not come from %s: %s. Look at what stands between here and there, as a proxy or a network's sign-in page.", d.connector.Name, what)
}

// isPage goes by what stands there too: there are vendors that say "success" and call it HTML.
func isPage(contentType, text string) bool {
	begins := strings.ToLower(strings.TrimSpace(text[:min(len(text), 1000)]))
	return strings.HasPrefix(begins, "<!doctype html") || strings.HasPrefix(begins, "<html") ||
		strings.HasPrefix(begins, "<") && isHTML(contentType)
}

func isHTML(contentType string) bool { return strings.Contains(strings.ToLower(contentType), "html") }

// titleOf is what a page calls itself; empty: nothing near its beginning.
func titleOf(page string) string {
	tokens := html.NewTokenizer(strings.NewReader(page[:min(len(page), 64<<10)]))
	for within := false; ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken:
			name, _ := tokens.TagName()
			within = string(name) == "title"
		case html.TextToken:
			if within {
				return strings.Join(strings.Fields(tokens.Token().Data), " ")
			}
		case html.EndTagToken:
			within = false
		}
	}
}
