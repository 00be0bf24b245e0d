package jira

import "strings"

// document is text in the Atlassian Document Format: paragraphs, and line breaks within them.
func document(text string) map[string]any {
	content := []any{}
	for _, paragraph := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		inline := []any{}
		for i, line := range strings.Split(paragraph, "\n") {
			if i > 0 {
				inline = append(inline, map[string]any{"type": "hardBreak"})
			}
			if line != "" {
				inline = append(inline, map[string]any{"type": "text", "text": line})
			}
		}
		content = append(content, map[string]any{"type": "paragraph", "content": inline})
	}
	return map[string]any{"type": "doc", "version": 1, "content": content}
}
