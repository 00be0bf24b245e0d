package expr

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// markdown converts a Markdown text. What reading one costs grows with the square of a paragraph's length where it is
// made to, so that is what is charged.
func (a *args) markdown(convert func([]byte) (string, error)) (any, error) {
	source := a.text(0)
	if len(source) > maxMarkdown {
		return a.fails("the text has more than 64 kB.")
	}
	steps := len(source) / 4
	for block := range strings.SplitSeq(source, "\n\n") {
		steps += len(block) * len(block) / 800
	}
	if err := a.s.charge(steps); err != nil {
		return nil, err
	}
	out, err := convert([]byte(source))
	if err != nil {
		return a.fails("the text is not Markdown that can be read.")
	}
	return a.made(out)
}

func markdownHTML(source []byte) (string, error) {
	var b bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Table)).Convert(source, &b)
	return strings.TrimSpace(b.String()), err
}

// markdownSlack writes Markdown with the marks that Slack knows (docs.slack.dev, "Formatting message text").
func markdownSlack(source []byte) (string, error) {
	w := slackWriter{source: source}
	root := goldmark.New(goldmark.WithExtensions(extension.Strikethrough)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(root, w.visit)
	return strings.TrimSpace(w.out.String()), err
}

type slackWriter struct {
	source []byte
	out    strings.Builder
	lists  []int // the next number of each list around, 0 for one without numbers
	quotes int
}

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (w *slackWriter) visit(node ast.Node, entering bool) (ast.WalkStatus, error) {
	switch n := node.(type) {
	case *ast.Emphasis:
		w.out.WriteString(map[int]string{1: "_", 2: "*"}[n.Level])
	case *extensionast.Strikethrough:
		w.out.WriteString("~")
	case *ast.CodeSpan:
		w.out.WriteString("`")
	case *ast.Heading:
		w.out.WriteString("*")
		if !entering {
			w.line(node)
		}
	case *ast.Text:
		if entering {
			w.out.WriteString(slackEscapes.Replace(string(n.Value(w.source))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				w.newline()
			}
		}
	case *ast.String:
		if entering {
			w.out.WriteString(slackEscapes.Replace(string(n.Value)))
		}
	case *ast.Link:
		w.link(string(n.Destination), entering)
	case *ast.Image:
		w.link(string(n.Destination), entering)
	case *ast.AutoLink:
		if entering {
			w.out.WriteString("<" + slackEscapes.Replace(string(n.URL(w.source))) + ">")
		}
	default:
		return w.block(node, entering), nil
	}
	return ast.WalkContinue, nil
}

// block writes what stands on lines of its own.
func (w *slackWriter) block(node ast.Node, entering bool) ast.WalkStatus {
	switch n := node.(type) {
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		if entering {
			w.code(node)
		}
		return ast.WalkSkipChildren
	case *ast.HTMLBlock, *ast.RawHTML:
		return ast.WalkSkipChildren
	case *ast.ThematicBreak:
		if entering {
			w.out.WriteString("———")
			w.line(node)
		}
	case *ast.Blockquote:
		if entering {
			w.quotes++
			if w.quotes == 1 { // Slack quotes once
				w.out.WriteString("> ")
			}
		} else {
			w.quotes--
		}
	case *ast.List:
		if entering {
			w.lists = append(w.lists, n.Start)
		} else {
			if w.lists = w.lists[:len(w.lists)-1]; len(w.lists) == 0 && node.NextSibling() != nil {
				w.newline()
			}
		}
	case *ast.ListItem:
		if entering {
			w.item()
		}
	case *ast.Paragraph, *ast.TextBlock:
		if !entering {
			w.line(node)
		}
	}
	return ast.WalkContinue
}

func (w *slackWriter) newline() {
	w.out.WriteByte('\n')
	if w.quotes > 0 {
		w.out.WriteString("> ")
	}
}

// line ends a block, with an empty line before the next outside a list.
func (w *slackWriter) line(node ast.Node) {
	if node.NextSibling() == nil && len(w.lists) == 0 && w.quotes > 0 {
		w.out.WriteString("\n\n")
		return
	}
	if strings.HasSuffix(w.out.String(), "\n") {
		return
	}
	w.newline()
	if len(w.lists) == 0 && node.NextSibling() != nil {
		w.newline()
	}
}

func (w *slackWriter) item() {
	at := len(w.lists) - 1
	if at > 0 && !strings.HasSuffix(w.out.String(), "\n") {
		w.newline()
	}
	w.out.WriteString(strings.Repeat("    ", min(at, 10)))
	if w.lists[at] > 0 {
		fmt.Fprintf(&w.out, "%d. ", w.lists[at])
		w.lists[at]++
		return
	}
	w.out.WriteString("• ")
}

func (w *slackWriter) code(node ast.Node) {
	w.out.WriteString("```\n")
	lines := node.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		w.out.WriteString(slackEscapes.Replace(string(at.Value(w.source))))
	}
	w.out.WriteString("```")
	w.line(node)
}

func (w *slackWriter) link(to string, entering bool) {
	if entering {
		w.out.WriteString("<" + strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C").Replace(to) + "|")
		return
	}
	w.out.WriteString(">")
}
