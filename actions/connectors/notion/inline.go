package notion

import "regexp"

// inlineForm finds what Markdown marks within a line: code, links, bold, struck and slanted words. A mark stands at a word, so
// that 2 * 3 * 4 stays what it is.
var inlineForm = regexp.MustCompile("`([^`]+)`" + `|\[([^\]]+)\]\((https?://[^)\s]+)\)|\*\*(\S|\S.*?\S)\*\*|~~(\S|\S.*?\S)~~|\*([^\s*]|[^\s*][^*]*[^\s*])\*`)

// inline is a line of Markdown as Notion's list of texts.
func inline(line string) []any {
	out, at := []any{}, 0
	for _, m := range inlineForm.FindAllStringSubmatchIndex(line, -1) {
		out = append(out, richText(line[at:m[0]])...)
		at = m[1]
		part := func(n int) string { return line[m[2*n]:m[2*n+1]] }
		switch {
		case m[2] >= 0:
			out = append(out, styled(part(1), "code")...)
		case m[4] >= 0:
			for _, t := range richText(part(2)) {
				t.(map[string]any)["text"].(map[string]any)["link"] = map[string]any{"url": part(3)}
				out = append(out, t)
			}
		case m[8] >= 0:
			out = append(out, styled(part(4), "bold")...)
		case m[10] >= 0:
			out = append(out, styled(part(5), "strikethrough")...)
		default:
			out = append(out, styled(part(6), "italic")...)
		}
	}
	return append(out, richText(line[at:])...)
}

func styled(text, style string) []any {
	out := richText(text)
	for _, t := range out {
		t.(map[string]any)["annotations"] = map[string]any{style: true}
	}
	return out
}
