package core

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func markdown() actions.Action {
	text := field("text", "Text", actions.LongText, "The Markdown, or the HTML.", "# Tea\n\nA **good** cup.")
	text.Required, text.Blank = true, true
	return dataStep(actions.Action{
		ID: "markdown", Name: "Markdown", Description: "Makes HTML of Markdown, or Markdown of HTML, with tables, task lists and struck out text as on GitHub.",
		Input: []actions.Field{text,
			choice("to", "To", "What is made.", "html", "html", "HTML of Markdown", "markdown", "Markdown of HTML"),
			flag("breaks", "Line breaks", "To HTML: every line end is a line break.", false),
			field("base_url", "Base address", actions.Text, "To Markdown: where the page lies, by which relative links are made whole.", "https://example.com/")},
		Output: value.Shape{Kind: "text"},
		Sample: "<h1>Tea</h1>\n<p>A <strong>good</strong> cup.</p>",
	}, func(ctx context.Context, in actions.Input) (any, error) {
		domain, err := planMarkdown(in.Values)
		if err != nil {
			return nil, err
		}
		if textOf(in.Values, "to") == "markdown" {
			return toMarkdown(ctx, textOf(in.Values, "text"), domain)
		}
		return toHTML(textOf(in.Values, "text"), isTrue(in.Values, "breaks"))
	}, func(v map[string]any) error { _, err := planMarkdown(v); return err }, "base_url", "to")
}

func planMarkdown(v map[string]any) (domain string, err error) {
	domain = textOf(v, "base_url")
	u, err := url.Parse(domain)
	switch {
	case domain == "":
		return "", nil
	case textOf(v, "to") != "markdown":
		return "", wrong("base_url", "it is for to markdown; leave it out.")
	case err != nil || !u.IsAbs():
		return "", wrong("base_url", "%s is no address; write it as https://example.com/.", shown(domain))
	}
	return domain, nil
}

// Bounds of texts whose reading may cost the square of their length.
const (
	maxMarkdown = 1 << 20
	maxHTML     = 2 << 20
	maxSquare   = 4_000_000_000

	maxContainers = 100       // quotes and lists within one another
	maxPrefixes   = 20 << 20  // bytes that they may put before lines
	maxCells      = 1_000_000 // of a table whose rows are all as wide as the widest
)

func tooInvolved() error {
	return fault.New(fault.TooLarge, "The input text: so many links, quotes or brackets in one go cannot be read in time; give it in parts.")
}

// toHTML writes no HTML that stands in the Markdown, and no link that could run a script.
func toHTML(text string, breaks bool) (any, error) {
	if len(text) > maxMarkdown {
		return nil, fault.New(fault.TooLarge, "The input text has more than %d MB of Markdown; give it in parts.", maxMarkdown>>20)
	}
	if markdownCost(text) > maxSquare || deepLine(text) {
		return nil, tooInvolved()
	}
	options := []goldmark.Option{goldmark.WithExtensions(extension.GFM)}
	if breaks {
		options = append(options, goldmark.WithRendererOptions(html.WithHardWraps()))
	}
	w := &boundedWriter{most: maxBytes}
	if err := goldmark.New(options...).Convert([]byte(text), w); err != nil {
		if fault.CodeOf(err) == fault.TooLarge {
			return nil, err
		}
		return nil, wrong("text", "it is no Markdown that can be read.")
	}
	return strings.TrimSpace(strings.ReplaceAll(w.String(), "<!-- raw HTML omitted -->", "")), nil
}

// markdownCost is about how much work a text makes: what begins and may not end is looked for to the end of its block.
func markdownCost(text string) int {
	cost := 0
	for block := range strings.SplitSeq(text, "\n\n") {
		marks := strings.Count(block, "](") + strings.Count(block, "]:")/4
		cost += marks * len(block)
	}
	return cost
}

// deepLine says that some line begins with more quotes and lists within one another than anybody writes.
func deepLine(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		begin := line[:len(line)-len(strings.TrimLeft(line, "> \t0123456789.)*+-"))]
		if strings.Count(begin, ">")+strings.Count(begin, ". ")+strings.Count(begin, ") ")+strings.Count(begin, "- ")+strings.Count(begin, "* ")+strings.Count(begin, "+ ") > maxContainers {
			return true
		}
	}
	return false
}

func toMarkdown(ctx context.Context, text, domain string) (any, error) {
	if len(text) > maxHTML {
		return nil, fault.New(fault.TooLarge, "The input text has more than %d MB of HTML; take the part that is needed with core.html_extract.", maxHTML>>20)
	}
	if strings.Count(text, "[")*len(text) > maxSquare {
		return nil, tooInvolved()
	}
	doc, err := parseHTML(ctx, "text", text)
	if err != nil {
		return nil, err
	}
	dropScripts(doc)
	if involved(doc, len(text)) {
		return nil, tooInvolved()
	}
	conv := converter.NewConverter(converter.WithPlugins(base.NewBasePlugin(), commonmark.NewCommonmarkPlugin(), table.NewTablePlugin(), strikethrough.NewStrikethroughPlugin()))
	options := []converter.ConvertOptionFunc{converter.WithContext(ctx)}
	if domain != "" {
		options = append(options, converter.WithDomain(domain))
	}
	out, err := conv.ConvertNode(doc, options...)
	if err != nil {
		return nil, fault.Wrap(err, fault.InvalidInput, "The input text: it is no HTML that can be made into Markdown.")
	}
	return string(out), nil
}

// involved says that the Markdown would be far longer than the page: lines deep within quotes and lists, or wide tables.
func involved(doc *nethtml.Node, length int) bool {
	deepest, depth, rows, widest, columns := 0, 0, 0, 0, 0
	var walk func(n *nethtml.Node)
	walk = func(n *nethtml.Node) {
		container := n.DataAtom == atom.Blockquote || n.DataAtom == atom.Ul || n.DataAtom == atom.Ol
		switch {
		case container:
			depth++
			deepest = max(deepest, depth)
		case n.DataAtom == atom.Tr:
			rows, columns = rows+1, 0
		case n.DataAtom == atom.Td || n.DataAtom == atom.Th:
			columns += span(n, "colspan")
			widest = max(widest, columns)
			rows += span(n, "rowspan") - 1
			tooFar := func(a nethtml.Attribute) bool {
				return a.Key == "colspan" && len(a.Val) > 2 || a.Key == "rowspan" && len(a.Val) > 2
			}
			n.Attr = slices.DeleteFunc(n.Attr, tooFar)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
		if container {
			depth--
		}
	}
	walk(doc)
	return deepest > maxContainers || deepest*length > maxPrefixes || rows*widest > maxCells
}

// dropScripts takes away the targets of links that would run something.
func dropScripts(doc *nethtml.Node) {
	for n := range doc.Descendants() {
		for i := range n.Attr {
			if key := n.Attr[i].Key; (key == "href" || key == "src") && runsSomething(n.Attr[i].Val) {
				n.Attr[i].Val = ""
				if key == "href" {
					n.Data, n.DataAtom = "span", atom.Span // no link any more; its text stays
				}
			}
		}
	}
}

func runsSomething(target string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, target)), ":")
	return found && (scheme == "javascript" || scheme == "vbscript" || scheme == "data")
}

// heldReader gives a text in pieces for as long as the work is wanted: what reads it then ends too.
type heldReader struct {
	ctx context.Context
	io.Reader
}

func (r heldReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
