package notion

import (
	"context"
	"fmt"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// Bounds of reading a page as a text: each block that holds others is a request.
const (
	deepest    = 6
	mostListed = 2000 // blocks
)

// asText are the actions that read what Notion keeps as people write it.
func asText() []actions.Action {
	sample := map[string]any{"markdown": "# Call\n\nAda wants the export.\n", "blocks": 2, "more": false}
	return []actions.Action{
		{ID: "read_page", Name: "Read a page as Markdown", Description: "Gives all that stands on a page, also what is folded in, as Markdown: for a mail, a message or a language model. more says that it was longer than 2,000 blocks.", Effect: actions.Read, Guarantee: "It only reads.",
			Input: []actions.Field{in(blockOrPage("Its id or address, or that of a block.", actions.InPath), actions.InNone)}, Output: value.ShapeOf(sample), Sample: sample,
			Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
				r := reading{do: do}
				if err := r.children(ctx, value.Text(in.Values["page"]), 0); err != nil || do.Sandboxed() {
					return sample, err
				}
				return map[string]any{"markdown": r.text.String(), "blocks": r.blocks, "more": r.blocks >= mostListed}, nil
			}},
	}
}

// in is a field that goes elsewhere.
func in(f actions.Field, place actions.In) actions.Field {
	f.In = place
	return f
}

// reading writes blocks down as they come.
type reading struct {
	do     actions.Doer
	text   strings.Builder
	blocks int
	last   string // the kind of the block before
}

func askChildren() *actions.Action {
	return &actions.Action{ID: "list_children", Effect: actions.Read, Sample: map[string]any{"results": []any{}, "has_more": false, "next_cursor": nil},
		Input:   []actions.Field{{ID: "block", Type: actions.Text, In: actions.InPath}, {ID: "start_cursor", Type: actions.Text, In: actions.InQuery}, {ID: "page_size", Type: actions.Integer, In: actions.InQuery, Default: 100}},
		Request: &actions.Request{Method: "GET", Path: "/v1/blocks/{block}/children"}}
}

func (r *reading) children(ctx context.Context, id string, depth int) error {
	number, with := 0, map[string]any{"block": id}
	for {
		answer, err := r.do.Ask(ctx, askChildren(), with)
		if err != nil {
			return err
		}
		list, _ := value.At(answer, "/results").([]any)
		for _, b := range list {
			if r.blocks >= mostListed {
				return nil
			}
			r.blocks++
			kind := value.Text(value.At(b, "/type"))
			if number++; kind != "numbered_list_item" {
				number = 0
			}
			r.block(b, kind, depth, max(number, 1))
			if value.At(b, "/has_children") == true && depth < deepest && kind != "child_page" && kind != "child_database" {
				if err := r.children(ctx, value.Text(value.At(b, "/id")), depth+indent(kind)); err != nil {
					return err
				}
			}
		}
		if with["start_cursor"] = value.At(answer, "/next_cursor"); value.At(answer, "/has_more") != true || with["start_cursor"] == nil {
			return nil
		}
	}
}

// indent says that what a block holds stands further in: of columns and tables it does not.
func indent(kind string) int {
	if kind == "column_list" || kind == "column" || kind == "table" || kind == "synced_block" {
		return 0
	}
	return 1
}

// marks are what stands before the text of a block.
var marks = map[string]string{"heading_1": "# ", "heading_2": "## ", "heading_3": "### ", "bulleted_list_item": "- ", "toggle": "- ", "quote": "> ", "callout": "> "}

// block writes one. What has no text of its own, as a column, writes nothing.
func (r *reading) block(b any, kind string, depth, number int) {
	inner := value.At(b, "/"+kind)
	text := markdown(value.At(inner, "/rich_text"))
	switch kind {
	case "numbered_list_item":
		text = fmt.Sprintf("%d. %s", number, text)
	case "to_do":
		box := "- [ ] "
		if value.At(inner, "/checked") == true {
			box = "- [x] "
		}
		text = box + text
	case "divider":
		text = "---"
	case "code":
		text = "```" + strings.ReplaceAll(value.Text(value.At(inner, "/language")), "plain text", "") + "\n" + plainText(value.At(inner, "/rich_text")) + "\n```"
	case "equation":
		text = "$$" + value.Text(value.At(inner, "/expression")) + "$$"
	case "child_page", "child_database":
		text = value.Text(value.At(inner, "/title"))
	case "image", "video", "audio", "file", "pdf":
		text = fmt.Sprintf("[%s](%s)", firstOf(markdown(value.At(inner, "/caption")), value.Text(value.At(inner, "/name")), kind), firstOf(value.Text(value.At(inner, "/file/url")), value.Text(value.At(inner, "/external/url"))))
		if kind == "image" {
			text = "!" + text
		}
	case "bookmark", "embed", "link_preview":
		text = value.Text(value.At(inner, "/url"))
	case "table_row":
		text = row(inner)
		if r.last != "table_row" {
			cells, _ := value.At(inner, "/cells").([]any)
			text += "\n|" + strings.Repeat(" --- |", len(cells))
		}
	default:
		text = marks[kind] + text
	}
	before := r.last
	if r.last = kind; text == "" {
		return
	}
	item := strings.HasSuffix(kind, "_list_item") || kind == "to_do" || kind == "toggle" || kind == "table_row"
	if r.text.Len() > 0 && !(item && (before == kind || depth > 0)) {
		r.text.WriteString("\n")
	}
	in := strings.Repeat("  ", depth)
	r.text.WriteString(in + strings.ReplaceAll(text, "\n", "\n"+in) + "\n")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func row(inner any) string {
	cells, _ := value.At(inner, "/cells").([]any)
	var b strings.Builder
	for _, c := range cells {
		b.WriteString("| " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(markdown(c)) + " ")
	}
	return b.String() + "|"
}

// plainText is a list of texts without what they look like.
func plainText(v any) string {
	list, _ := v.([]any)
	var b strings.Builder
	for _, part := range list {
		b.WriteString(value.Text(value.At(part, "/plain_text")))
	}
	return b.String()
}

// markdown is a list of texts with what they look like.
func markdown(v any) string {
	list, _ := v.([]any)
	var b strings.Builder
	for _, part := range list {
		text := value.Text(value.At(part, "/plain_text"))
		core := strings.TrimSpace(text)
		if core == "" {
			b.WriteString(text)
			continue
		}
		before, after, _ := strings.Cut(text, core) // marks stand at the words
		for _, m := range []struct{ name, mark string }{{"code", "`"}, {"bold", "**"}, {"italic", "*"}, {"strikethrough", "~~"}} {
			if value.At(part, "/annotations/"+m.name) == true {
				core = m.mark + core + m.mark
			}
		}
		if href := value.Text(value.At(part, "/href")); href != "" {
			core = "[" + core + "](" + href + ")"
		}
		b.WriteString(before + core + after)
	}
	return b.String()
}

// simple are a page's properties as plain values, by their names: a text, a number, a list.
func simple(page any) map[string]any {
	out := map[string]any{}
	properties, _ := value.At(page, "/properties").(map[string]any)
	for name, p := range properties {
		kind := value.Text(value.At(p, "/type"))
		out[name] = plainValue(kind, value.At(p, "/"+kind))
	}
	return out
}

// plainValue is what a property of a type says. Source: https://developers.notion.com/reference/page-property-values
func plainValue(kind string, v any) any {
	switch kind {
	case "title", "rich_text":
		return plainText(v)
	case "select", "status":
		return value.At(v, "/name")
	case "multi_select":
		return eachOf(v, "/name")
	case "people":
		return eachOf(v, "/name", "/id")
	case "relation":
		return eachOf(v, "/id")
	case "files":
		return eachOf(v, "/file/url", "/external/url")
	case "date":
		if end := value.At(v, "/end"); end != nil {
			return map[string]any{"start": value.At(v, "/start"), "end": end}
		}
		return value.At(v, "/start")
	case "created_by", "last_edited_by":
		return firstOf(value.Text(value.At(v, "/name")), value.Text(value.At(v, "/id")))
	case "unique_id":
		if prefix := value.Text(value.At(v, "/prefix")); prefix != "" {
			return prefix + "-" + value.Text(value.At(v, "/number"))
		}
		return value.At(v, "/number")
	case "formula", "rollup":
		inner := value.Text(value.At(v, "/type"))
		if list, ok := value.At(v, "/array").([]any); ok && inner == "array" {
			out := []any{}
			for _, item := range list {
				of := value.Text(value.At(item, "/type"))
				out = append(out, plainValue(of, value.At(item, "/"+of)))
			}
			return out
		}
		return plainValue(inner, value.At(v, "/"+inner))
	}
	return v
}

// eachOf is of each item of a list the first text at some places.
func eachOf(v any, pointers ...string) []any {
	list, _ := v.([]any)
	out := []any{}
	for _, item := range list {
		for _, pointer := range pointers {
			if text := value.Text(value.At(item, pointer)); text != "" {
				out = append(out, text)
				break
			}
		}
	}
	return out
}

// withValues puts the plain values of a page beside it.
func withValues(page any) any {
	object, ok := page.(map[string]any)
	if !ok {
		return page
	}
	out := map[string]any{"values": simple(page)}
	for name, v := range object {
		out[name] = v
	}
	return out
}
